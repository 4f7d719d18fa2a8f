from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connectors", "0005_limits_records_schedules"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrichment",
            name="failing_since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="failing since"),
        ),
        migrations.AddField(
            model_name="enrichment",
            name="owners_told_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="owners told at"),
        ),
        migrations.AddField(
            model_name="enrichment",
            name="reason",
            field=models.CharField(blank=True, editable=False, max_length=15, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="record",
            name="answers",
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="answers"),
        ),
        migrations.AddField(
            model_name="record",
            name="asked",
            field=models.CharField(blank=True, default="", editable=False, max_length=64, verbose_name="asked with"),
        ),
        migrations.AddField(
            model_name="record",
            name="call_id",
            field=models.CharField(
                blank=True, default="", editable=False, max_length=36, verbose_name="answered by the call"
            ),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                condition=models.Q(("asked", ""), _negated=True),
                fields=["feed", "asked"],
                name="connectors_record_asked",
            ),
        ),
    ]

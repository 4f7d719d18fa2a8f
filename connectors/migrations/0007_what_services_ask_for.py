from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connectors", "0006_enriching")]

    operations = [
        migrations.AddField(
            model_name="throttle",
            name="wait_until",
            field=models.DateTimeField(null=True, verbose_name="wants no calls until"),
        ),
        migrations.AddField(
            model_name="throttle",
            name="failing_since",
            field=models.DateTimeField(null=True, verbose_name="failing since"),
        ),
        migrations.AddField(
            model_name="throttle",
            name="reason",
            field=models.CharField(blank=True, max_length=15, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="throttle",
            name="problem",
            field=models.JSONField(blank=True, default=dict, verbose_name="problem"),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connectors", "0010_failed_calls")]

    operations = [
        migrations.AddField(
            model_name="throttle",
            name="queue_at",
            field=models.DateTimeField(null=True, verbose_name="end of the queue"),
        ),
    ]

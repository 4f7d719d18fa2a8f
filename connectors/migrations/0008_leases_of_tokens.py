from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("connectors", "0007_what_services_ask_for")]

    operations = [
        migrations.RemoveField(model_name="signintoken", name="made_from"),
        migrations.AlterField(
            model_name="signintoken",
            name="sealed",
            field=models.TextField(blank=True, verbose_name="sealed token"),
        ),
        migrations.AddField(
            model_name="signintoken",
            name="renew_at",
            field=models.DateTimeField(default=timezone.now, verbose_name="renewed from"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signintoken",
            name="lease",
            field=models.CharField(blank=True, default="", editable=False, max_length=32, verbose_name="lease"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signintoken",
            name="leased_until",
            field=models.DateTimeField(editable=False, null=True, verbose_name="leased until"),
        ),
    ]

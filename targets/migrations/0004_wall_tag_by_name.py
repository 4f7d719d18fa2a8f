from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("targets", "0003_reader")]

    operations = [
        migrations.RemoveField(model_name="wall", name="tag"),
        migrations.AddField(
            model_name="wall",
            name="tag",
            field=models.CharField(
                blank=True, default="", help_text="Empty: with any tag.", max_length=40, verbose_name="tag"
            ),
            preserve_default=False,
        ),
    ]

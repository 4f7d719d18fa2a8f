from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connectors", "0011_turns")]

    operations = [
        migrations.AddField(
            model_name="feed",
            name="is_cut_short",
            field=models.BooleanField(default=False, editable=False, verbose_name="cut short"),
        ),
    ]

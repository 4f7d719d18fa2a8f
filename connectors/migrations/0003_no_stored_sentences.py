from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("connectors", "0002_problem_codes")]

    operations = [
        migrations.RemoveField("callrecord", "error"),
        migrations.RemoveField("collection", "message"),
        migrations.RemoveField("feed", "message"),
    ]

"""An index for the calls that failed: they are few, and looked for among many."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connectors", "0009_collection_left_out")]
    operations = [
        migrations.AddIndex(
            model_name="callrecord",
            index=models.Index(fields=["connection", "reason", "-at"], name="connectors_call_reason"),
        )
    ]

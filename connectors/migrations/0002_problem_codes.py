"""What went wrong is kept as a code with what its sentence names; sentences that were stored stay readable as they are."""

from django.db import migrations, models

SENTENCES = [("CallRecord", "error"), ("Collection", "message"), ("Feed", "message")]
BATCH = 1000


def into_codes(apps, schema_editor):  # noqa: ARG001  the contract of a migration
    """Keep each stored sentence as one that is told as it is."""
    for name, column in SENTENCES:
        model = apps.get_model("connectors", name)
        told = model.unscoped.exclude(**{column: ""}).only("pk", column)
        for row in told.iterator(BATCH):
            row.problem = {"code": "told", "data": {"text": getattr(row, column)}}
            row.save(update_fields=["problem"])


def into_sentences(apps, schema_editor):  # noqa: ARG001  the contract of a migration
    """Write what was told as it is back; codes of later days have no sentence here and are written themselves."""
    for name, column in SENTENCES:
        model = apps.get_model("connectors", name)
        for row in model.unscoped.exclude(problem={}).only("pk", "problem").iterator(BATCH):
            setattr(row, column, str(row.problem["data"].get("text") or row.problem["code"])[:300])
            row.save(update_fields=[column])


def kept_as_json():
    """Return the column that replaces a stored sentence."""
    return models.JSONField(blank=True, default=dict, editable=False, verbose_name="problem")


class Migration(migrations.Migration):
    dependencies = [("connectors", "0001_initial")]

    operations = [
        *(migrations.AddField(name.lower(), "problem", kept_as_json()) for name, _ in SENTENCES),
        migrations.RunPython(into_codes, into_sentences),
    ]

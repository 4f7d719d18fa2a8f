"""The scheduler's row that adds up the call log. It can be edited in the admin."""

from django.db import migrations

NAME, TASK, SECONDS = "Add up the call log", "targets.add_up_calls", 30 * 60


def schedule(apps, schema_editor):  # noqa: ARG001  the framework's contract
    every, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=SECONDS, period="seconds"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME, defaults={"task": TASK, "interval": every, "expire_seconds": SECONDS}
    )


def unschedule(apps, schema_editor):  # noqa: ARG001  the framework's contract
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("targets", "0006_weights_and_counters")]
    operations = [migrations.RunPython(schedule, unschedule)]

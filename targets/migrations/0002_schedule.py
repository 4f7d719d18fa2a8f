"""The scheduler's own rows: one tick every few seconds, and the nightly thinning. Both can be edited in the admin."""

from django.db import migrations

ROWS = [("Tick", "tick", 5), ("Thin old logs", "targets.thin", 6 * 60 * 60)]


def schedule(apps, schema_editor):  # noqa: ARG001  the framework's contract
    interval = apps.get_model("django_celery_beat", "IntervalSchedule")
    task = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, path, seconds in ROWS:
        every, _ = interval.objects.get_or_create(every=seconds, period="seconds")
        task.objects.get_or_create(name=name, defaults={"task": path, "interval": every, "expire_seconds": seconds})


def unschedule(apps, schema_editor):  # noqa: ARG001  the framework's contract
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=[row[0] for row in ROWS]).delete()


class Migration(migrations.Migration):
    dependencies = [("targets", "0001_initial"), ("django_celery_beat", "0019_alter_periodictasks_options")]
    operations = [migrations.RunPython(schedule, unschedule)]

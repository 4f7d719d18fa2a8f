"""The scheduler's one tick: everything that runs by the clock starts here."""

from celery import shared_task

import alerts.tasks
import targets.tasks


@shared_task(name="tick")
def tick() -> None:
    """Ring for due feeds and judgements, start due reports, take up what was left half-done."""
    targets.tasks.dispatch()
    alerts.tasks.dispatch_reports()
    alerts.tasks.sweep()

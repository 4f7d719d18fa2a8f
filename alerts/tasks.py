"""The doorbells of this app: each looks at the clock and hands it down. The database decides what is to be done."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from alerts import letters, notify, reporting, sending

logger = logging.getLogger(__name__)


@shared_task(name="alerts.dispatch")
def dispatch_reports() -> None:
    """Make the issues of reports that are due; an organisation that has no report gets its first."""
    now = timezone.now()
    for organisation in reporting.without_report():
        reporting.ensure_default(organisation, now)
    reporting.ask_ahead(now)
    for report in reporting.due(now):
        ring(*reporting.open_run(report, now))


@shared_task(name="alerts.announce")
def announce_change(change_id: int) -> None:
    """Tell of a change of status."""
    ring(*notify.announce(change_id, timezone.now()))


@shared_task(name="alerts.announce_feed")
def announce_feed(feed_id: int) -> None:
    """Tell of a source that no longer takes its key."""
    ring(*notify.announce_feed(feed_id, timezone.now()))


@shared_task(name="alerts.announce_enrichment")
def announce_enrichment(enrichment_id: int) -> None:
    """Tell of a service that enriches records and no longer takes its key."""
    ring(*notify.announce_enrichment(enrichment_id, timezone.now()))


@shared_task(name="alerts.announce_shape")
def announce_shape(shape_change_id: int) -> None:
    """Tell of answers in which something that is read is gone."""
    ring(*notify.announce_shape(shape_change_id, timezone.now()))


@shared_task(name="alerts.deliver")
def deliver(delivery_id: int) -> None:
    """Send one message, unless somebody else has it in hand."""
    now = timezone.now()
    delivery = sending.claim(delivery_id, now=now)
    if delivery is None:
        return
    letter = letters.letter_of(delivery, now)
    if letter is None:
        sending.drop(delivery)
    else:
        failure = sending.post(sending.message_of(delivery, letter))
        sending.settle(delivery, failure, now=timezone.now())
    if delivery.run_id is not None:
        reporting.finish_run(delivery.run_id, timezone.now())


@shared_task(name="alerts.sweep")
def sweep() -> None:
    """Take up again whatever was left unannounced or unsent."""
    now = timezone.now()
    for change_id in notify.unannounced(now):
        notify.announce(change_id, now)
    for feed_id in notify.untold_feeds():
        notify.announce_feed(feed_id, now)
    for enrichment_id in notify.untold_enrichments():
        notify.announce_enrichment(enrichment_id, now)
    for shape_change_id in notify.untold_shapes():
        notify.announce_shape(shape_change_id, now)
    ring(*sending.waiting(now=now))


def ring(*delivery_ids: int) -> None:
    """Have deliveries sent as soon as a worker is free; while the broker is gone they wait for the sweep."""
    try:
        for delivery_id in delivery_ids:
            deliver.delay(delivery_id)
    except OperationalError:
        logger.warning("The broker does not answer; %d deliveries wait for the sweep.", len(delivery_ids))

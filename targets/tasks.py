"""What the worker does. The broker may lose or double any of these: each finds its work in the database."""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

from celery import current_app, shared_task
from django.utils import timezone

from connectors.calls import hours
from targets import back_filling, collecting, enriching, judging, recording, retention, schedule
from targets.models import Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_ROUND = 5.0  # seconds; a round that takes longer gives its other feeds back
MOST_IN_A_ROUND, A_CROWD = 4, 64  # feeds; a crowd is as many as a few workers have threads


@shared_task(name="targets.collect")
def collect(*feed_ids: int) -> None:
    """Collect feeds one after the other, each if it is due and nobody else is at it; a history is fetched step by step.

    What is left after a while is rung for anew, for workers that have time sooner.
    """
    until, waiting = monotonic() + LONGEST_ROUND, deque(feed_ids)
    try:
        while waiting and monotonic() < until:
            _collect(waiting.popleft(), go_on=collect.delay)
    finally:
        for feed_id in waiting:
            collect.delay(feed_id)


def collect_at_once(feed_id: int, *, seconds: float) -> None:
    """Collect for as long as somebody will wait, and leave the rest of the history to the worker."""
    until = monotonic() + seconds
    while schedule.is_due(feed_id, timezone.now()):
        if monotonic() > until:
            collect.delay(feed_id)
            return
        _collect(feed_id, go_on=collecting.nobody)


def _collect(feed_id: int, *, go_on: collecting.Announce) -> None:
    collecting.run(
        feed_id,
        timezone.now(),
        announce=announce,
        announce_feed=announce_feed,
        announce_shape=announce_shape,
        go_on=go_on,
    )


@shared_task(name="targets.fill_back")
def fill_back(back_fill_id: int) -> None:
    """Fetch the next step of a past range, and ring for the one after it."""
    if back_filling.run(back_fill_id, timezone.now(), announce=announce, announce_feed=announce_feed):
        fill_back.delay(back_fill_id)


@shared_task(name="targets.enrich")
def enrich(enrichment_id: int) -> None:
    """Pass waiting records to the service that enriches them, and ring for those that are left."""
    more = enriching.run(enrichment_id, timezone.now(), announce=announce, announce_enrichment=announce_enrichment)
    if more:
        enrich.delay(enrichment_id)


@shared_task(name="targets.judge")
def judge(target_id: int) -> None:
    """Judge one target anew, because the clock moved on."""
    for change in judging.judge_target(target_id, timezone.now()):
        announce(change.pk)


@shared_task(name="targets.rebuild_rollups")
def rebuild_rollups(metric_id: int) -> None:
    """Bring one metric into its organisation's time zone and judge its targets by it."""
    metric = Metric.unscoped.select_related("organisation").filter(pk=metric_id).first()
    if metric is None or metric.rollup_zone == metric.organisation.time_zone:
        return
    recording.rebuild_rollups(metric)
    for change in judging.judge_metric(metric, timezone.now()):
        announce(change.pk)


@shared_task(name="targets.add_up_calls")
def add_up_calls() -> None:
    """Add up the calls of every hour that is over."""
    hours.add_up(timezone.now())


@shared_task(name="targets.thin")
def thin() -> None:
    """Delete what retention no longer keeps."""
    retention.thin(timezone.now())


def dispatch() -> None:
    """Ring for everything that is due; part of the scheduler's one tick."""
    now = timezone.now()
    for feed_ids in rounds(schedule.ring_for(now)):
        collect.apply_async(feed_ids, expires=schedule.RING_AGAIN.total_seconds())
    for back_fill_id in schedule.ring_for_back_fills(now):
        fill_back.apply_async((back_fill_id,), expires=schedule.RING_AGAIN.total_seconds())
    for enrichment_id in schedule.ring_for_enriching(now):
        enrich.apply_async((enrichment_id,), expires=schedule.RING_AGAIN.total_seconds())
    for target_id in schedule.ring_for_judgement(now):
        judge.apply_async((target_id,), expires=schedule.RING_AGAIN.total_seconds())
    for metric_id in schedule.in_another_zone():
        rebuild_rollups.apply_async((metric_id,), expires=schedule.RING_AGAIN.total_seconds())


def rounds(feed_ids: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield the feeds that share a message, which saves most of what messages cost where there are many.

    The last ones have a message each, so that all threads of all workers end together.
    """
    while feed_ids:
        size = max(1, min(MOST_IN_A_ROUND, len(feed_ids) // A_CROWD))
        yield tuple(feed_ids[:size])
        feed_ids = feed_ids[size:]


def announce(change_id: int) -> None:
    """Ring for the telling of a change; the app that tells stands above this one, so it is called by name."""
    current_app.send_task("alerts.announce", [change_id])


def announce_feed(feed_id: int) -> None:
    """Ring for the telling of a feed whose owners have to act."""
    current_app.send_task("alerts.announce_feed", [feed_id])


def announce_shape(shape_change_id: int) -> None:
    """Ring for the telling of answers that have changed."""
    current_app.send_task("alerts.announce_shape", [shape_change_id])


def announce_enrichment(enrichment_id: int) -> None:
    """Ring for the telling of an enrichment whose owners have to act."""
    current_app.send_task("alerts.announce_enrichment", [enrichment_id])

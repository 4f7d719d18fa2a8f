"""One judgement of a target: its verdict, its closed periods, and the change that is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction
from django.db.models import Max

from targets.catching_up import is_catching_up
from targets.domain.evaluation import Assessment, Evaluation, assess
from targets.domain.periods import Period, local_day, period_at, preceding
from targets.domain.status import MOVING, settle
from targets.domain.terms import (
    URGENCY,
    Status,
)
from targets.models import EvaluationSnapshot, Metric, StatusChange, Target
from targets.plans import plan_of, question_of
from targets.rollups import series_of

if TYPE_CHECKING:
    from collections.abc import Iterable


HISTORY = timedelta(days=1200)  # what the forecast learns from, before the period
EARLIER_PERIODS = 12  # how many closed periods a new target looks back on
JUDGE_EVERY = timedelta(hours=1)  # a verdict ages with the clock, even without a new reading


def judge_metric(metric: Metric, now: datetime, *, touched_since: date | None = None) -> list[StatusChange]:
    """Judge every target of a metric; returns the changes of status."""
    changes: list[StatusChange] = []
    for pk in metric.targets.filter(paused_at=None).order_by("pk").values_list("pk", flat=True):
        changes += judge_target(pk, now, touched_since=touched_since)
    return changes


def judge_target(target_id: int, now: datetime, *, touched_since: date | None = None) -> list[StatusChange]:
    """Judge one target, close its finished periods and store what was found; returns the changes of status.

    `touched_since` is the first day whose readings changed: closed periods that end after it are judged again, and
    restated where the verdict differs. A paused target is left alone.
    """
    with transaction.atomic():
        target = _locked(target_id)
        if target is None or target.paused_at is not None:
            return []
        return _Judgement(target, now).run(touched_since)


def pause(target: Target, now: datetime) -> None:
    """Stop judging a target; its history stays."""
    target.paused_at, target.judge_at = now, None
    _show(target, Status.PAUSED, now)
    target.save(update_fields=["paused_at", "judge_at", *SHOWN])


def resume(target: Target, now: datetime) -> list[StatusChange]:
    """Judge a paused target again, at once."""
    target.paused_at = None
    target.save(update_fields=["paused_at"])
    return judge_target(target.pk, now)


SHOWN = ["status", "pending_status", "status_since", "urgency"]
FOUND = [
    "gap_share",
    "chance",
    "value",
    "period_starts_on",
    "period_ends_on",
    "evaluation",
    "track",
    "evaluated_at",
    "judge_at",
]


class _Judgement:
    """One judgement of one locked target: the values that its steps share."""

    def __init__(self, target: Target, now: datetime) -> None:
        self.target = target
        self.now = now
        self.plan = plan_of(target)
        self.is_catching_up = is_catching_up(target, now)
        self.period = period_at(self.plan.rule, self.plan.calendar, now)
        self.series = series_of(target.metric, self.plan.calendar.zone, since=self._since())

    def run(self, touched_since: date | None) -> list[StatusChange]:
        """Close what is over, restate what was corrected, then judge the current period."""
        changes = self._close_periods()
        if touched_since is not None:
            self._restate(touched_since)
        assessment = assess(self.plan, self.series, self.now)
        if self._awaits_the_last_readings(assessment.evaluation):
            self._put_off()
            return changes
        changes += self._settle(assessment)
        self._store(assessment)
        return changes

    def _awaits_the_last_readings(self, found: Evaluation) -> bool:
        """Say whether a range is over and its last readings may still come: until then the last verdict stands."""
        is_open = not found.complete and self.period.ends_at <= self.now < self.period.ends_at + self.plan.stale_after
        return is_open and found.settled_on is None and self.target.evaluation is not None

    def _put_off(self) -> None:
        self.target.judge_at = self.now + JUDGE_EVERY
        self.target.save(update_fields=["judge_at"])

    def _since(self) -> date:
        """Return the first day that is read: what the forecast learns from, and a new target's earlier periods."""
        period = self.period
        for _ in range(EARLIER_PERIODS if self.target.evaluation is None else 1):
            period = self._before(period) or period
        return min(period.starts_on, self.period.starts_on - HISTORY)

    def _settle(self, assessment: Assessment) -> list[StatusChange]:
        """Decide what is shown; the first verdict on a target or a period is no change."""
        target, found = self.target, assessment.evaluation
        if self._is_first_verdict(found) or self.is_catching_up:
            _show(target, found.status, self.now)
            if self.is_catching_up:
                target.status_since = None
            return []
        pending = Status(target.pending_status) if target.pending_status else None
        shown, pending = settle(Status(target.status), pending, found, self.plan.thresholds)
        target.pending_status = pending.value if pending else ""
        if shown == target.status:
            return []
        change = self._change(target.status, shown, assessment, found.period_starts_on)
        _show(target, shown, self.now)
        return [change]

    def _is_first_verdict(self, found: Evaluation) -> bool:
        """Say whether there was none before: on this target, on this period, on any reading in it, or since a pause."""
        target = self.target
        return (
            target.evaluation is None
            or target.status_since is None
            or (target.evaluation["value"] is None and not self._falls_silent(found))
            or target.period_starts_on != found.period_starts_on
            or target.status == Status.PAUSED
        )

    def _falls_silent(self, found: Evaluation) -> bool:
        """Say whether a forecast was shown until now and nothing is known any more, or that was told before."""
        told = self.target.changes.filter(period_starts_on=found.period_starts_on)
        return (self.target.status in MOVING and found.status == Status.NO_DATA) or told.exists()

    def _store(self, assessment: Assessment) -> None:
        target, found = self.target, assessment.evaluation
        target.gap_share, target.value, target.chance = found.gap_share, found.value, found.chance
        target.period_starts_on, target.period_ends_on = found.period_starts_on, found.period_ends_on
        target.evaluation, target.track = found.as_plain(), assessment.track.as_plain()
        target.evaluated_at = self.now
        target.judge_at = min(self.now + JUDGE_EVERY, max(self.period.ends_at, self.now + timedelta(minutes=1)))
        target.save(update_fields=[*SHOWN, *FOUND])
        self._keep_snapshot()

    def _keep_snapshot(self) -> None:
        """Keep the verdict as the one of this day; a later one of the same day replaces it."""
        target = self.target
        snapshot = EvaluationSnapshot(
            target=target,
            on=local_day(self.now, self.plan.calendar.zone),
            at=self.now,
            status=target.status,
            evaluation=target.evaluation,
        )
        target.snapshots.bulk_create(
            [snapshot],
            update_conflicts=True,
            unique_fields=["target", "on"],
            update_fields=["at", "status", "evaluation"],
        )

    def _close_periods(self) -> list[StatusChange]:
        """Freeze the verdict on each period that is over; a new target looks back on its metric's history."""
        if self.is_catching_up:
            return []
        closed = self.target.results.aggregate(until=Max("ends_on"))["until"] or date.min
        is_new = self.target.evaluation is None
        changes: list[StatusChange] = []
        for period in self._finished(EARLIER_PERIODS):
            if period.starts_on < closed:
                break
            is_news = not is_new and period.ends_on == self.period.starts_on
            changes += self._close(period, told=is_news)
        return changes

    def _finished(self, most: int) -> Iterable[Period]:
        """Yield the periods that are over, latest first: those tracked, and earlier ones that were read whole."""
        period: Period | None = self.period if self.period.ends_at <= self.now else self._before(self.period)
        while period is not None and most > 0 and (self._was_tracked(period) or self._was_read_whole(period)):
            yield period
            period, most = self._before(period), most - 1

    def _was_tracked(self, period: Period) -> bool:
        return self.target.tracking_since < period.ends_on and self._first_day_is_before(period.ends_on)

    def _was_read_whole(self, period: Period) -> bool:
        return self._first_day_is_before(period.starts_on + timedelta(days=1))

    def _first_day_is_before(self, day: date) -> bool:
        days = self.series.days
        return bool(days.size) and bool(days[0] < np.datetime64(day))

    def _before(self, period: Period) -> Period | None:
        return preceding(period, self.plan.rule, self.plan.calendar)

    def _close(self, period: Period, *, told: bool) -> list[StatusChange]:
        """Freeze one period, unless its last readings are still awaited."""
        assessment = assess(self.plan, self.series, self.now, period=period)
        found = assessment.evaluation
        if not found.complete and self.now < period.ends_at + self.plan.stale_after:
            return []
        self.target.results.create(
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            status=found.status,
            value=found.value,
            goal=self.target.goal,
            goal_upper=self.target.goal_upper,
            asked=question_of(self.target),
            evaluation=found.as_plain(),
            track=assessment.track.as_plain(),
            closed_at=self.now,
        )
        last = self.target.snapshots.filter(on__gte=period.starts_on, on__lt=period.ends_on).first()
        if not told or period == self.period or last is None or last.status == found.status:
            return []
        return [self._change(last.status, found.status, assessment, period.starts_on)]

    def _restate(self, touched_since: date) -> None:
        """Judge corrected periods again by the goal they had; a different outcome is shown as a restatement.

        A period that was asked another question than the target asks now stays as it is.
        """
        now_asked = question_of(self.target)
        touched = [row for row in self.target.results.filter(ends_on__gt=touched_since) if row.asked in ({}, now_asked)]
        if not touched:
            return
        since = min(self._since(), *(row.starts_on for row in touched))
        series = series_of(self.target.metric, self.plan.calendar.zone, since=since)
        for result in touched:
            plan = replace(self.plan, goal=result.goal, goal_upper=result.goal_upper)
            period = replace(self.period, starts_on=result.starts_on, ends_on=result.ends_on)
            assessment = assess(plan, series, self.now, period=period)
            found = assessment.evaluation
            if (found.status, found.value) == (result.status, result.value):
                continue
            if result.restated_at is None:
                result.first_status, result.first_value = result.status, result.value
            result.status, result.value, result.restated_at = found.status, found.value, self.now
            result.evaluation, result.track = found.as_plain(), assessment.track.as_plain()
            result.save()

    def _change(self, old: str, new: Status, assessment: Assessment, starts_on: date) -> StatusChange:
        return self.target.changes.create(
            at=self.now,
            old_status=old,
            new_status=new,
            period_starts_on=starts_on,
            evaluation=assessment.evaluation.as_plain(),
        )


def _show(target: Target, status: Status, now: datetime) -> None:
    if target.status != status or target.status_since is None:
        target.status_since = now
    target.status, target.pending_status, target.urgency = status.value, "", URGENCY[status]


def _locked(target_id: int) -> Target | None:
    """Return the target, held until the transaction ends, with everything its plan needs."""
    return Target.unscoped.select_related("organisation", "metric__feed").filter(pk=target_id).held().first()

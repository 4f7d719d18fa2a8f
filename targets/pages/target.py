"""One target's page: the stored verdict and track in, everything the template shows out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from targets import wording
from targets.catching_up import is_catching_up
from targets.charts.data import settled
from targets.charts.drawn import SO_FAR, Drawing, Scene, drawing_of
from targets.domain.periods import Period, following, local_day, period_at
from targets.domain.terms import SETTLED, Aggregation, Status
from targets.domain.verdict import Evaluation, Track
from targets.notes import Lettered, notes_between
from targets.numbers import Numbers, numbers_of
from targets.pages.figures import Figure, figures_of, final_figures
from targets.pages.measured import how_it_is_measured, rule_of_status, value_of_period
from targets.pages.metric import DISTINCT
from targets.plans import plan_of, plan_then
from targets.presenting import Line, found_of, period_found
from targets.rollups import series_of
from targets.wording import Sentence

if TYPE_CHECKING:
    from targets.domain.plan import Plan
    from targets.domain.series import Series
    from targets.models import PeriodResult, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    """A note of the period as it stands in the panel, with the letter of its flag."""

    pk: int
    letter: str
    day: str
    author: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetView:
    """Everything that is said about a target in one period; `drawing` is None before the first verdict."""

    status: Status
    word: str
    word_inside: str
    sentence: Sentence
    why: str
    rule: str
    period: str
    following: str
    starts_on: date
    figures: list[Figure]
    drawing: Drawing | None
    notes: list[NoteLine]
    how: list[Line]
    value_of_period: str
    distinct: str


def present_view(target: Target, now: datetime, *, error: str = "", zone: ZoneInfo | None = None) -> TargetView:
    """Return the page of the present period; `error` is what the source answers while it is failing.

    `zone` is the reader's, in which clock times are said; days stay the target's own.
    """
    plan, found, status = plan_of(target), found_of(target), Status(target.status)
    period = period_found(plan, found) if found else period_at(plan.rule, plan.calendar, now)
    notes, after = notes_between(target, period.starts_on, period.ends_on), following(period, plan.rule, plan.calendar)
    track = _shown(target.track, is_settled=status in SETTLED)
    view = _View(target, plan, period, notes, now)
    return view.of(
        found,
        status,
        track,
        sentence=_sentence(target, plan, found, status, error, now) if found else _not_judged(),
        following=wording.period_label(after) if after else "",
        figures=figures_of(plan, found, status, view.numbers) if found else [],
        how=how_it_is_measured(target, plan, found, now=now, zone=zone or plan.calendar.zone),
    )


def past_view(target: Target, result: PeriodResult, now: datetime) -> TargetView:
    """Return the page of a closed period: what was asked then, what came of it, no forecast."""
    plan, found, status = plan_then(target, result), Evaluation.from_plain(result.evaluation), Status(result.status)
    period = period_found(plan, found)
    view = _View(target, plan, period, notes_between(target, period.starts_on, period.ends_on), now)
    return view.of(
        found,
        status,
        _shown(result.track, is_settled=True),
        sentence=wording.sentence(plan, found, status=status, unit=view.numbers.unit),
        following="",
        figures=final_figures(plan, found, view.numbers),
        how=how_it_is_measured(target, plan, None, now=now, zone=plan.calendar.zone),
    )


@dataclass(frozen=True, slots=True)
class _View:
    """What the pages of the present period and of closed ones are made from."""

    target: Target
    plan: Plan
    period: Period
    notes: Sequence[Lettered]
    now: datetime

    @property
    def numbers(self) -> Numbers:
        return numbers_of(self.target.metric)

    def of(self, found: Evaluation | None, status: Status, track: Track | None, **said: Any) -> TargetView:
        plan, metric = self.plan, self.target.metric
        return TargetView(
            status=status,
            word=wording.status_word(status),
            word_inside=wording.status_inside(status),
            why=wording.why(plan, found, status=status, unit=self.numbers.unit) if found else "",
            rule=rule_of_status(plan, status) if found else "",
            period=wording.period_label(self.period),
            starts_on=self.period.starts_on,
            drawing=drawing_of(self._scene(track)) if track else None,
            notes=self._note_lines(),
            value_of_period=value_of_period(self.target, plan),
            distinct=str(DISTINCT) if metric.counts_distinct and plan.kind == Aggregation.SUM else "",
            **said,
        )

    def _scene(self, track: Track) -> Scene:
        return Scene(
            name=self.target.name,
            plan=self.plan,
            track=track,
            numbers=self._numbers_of(track),
            today_on=self._today,
            series=self._series() if self.plan.kind in SO_FAR else None,
            notes=self.notes,
        )

    def _numbers_of(self, track: Track) -> Numbers:
        """Return how the chart's numbers are written: as finely as the value that it ends with."""
        value = None if track.today is None else track.actual[track.today]
        return self.numbers.with_decimals(wording.value_places(self.plan, value))

    @property
    def _today(self) -> date:
        return local_day(self.now, self.period.zone)

    def _series(self) -> Series:
        """Return the days of the period, of which the value of a mean or an extreme is made."""
        starts_on, ends_on = self.period.starts_on, self.period.ends_on
        return series_of(self.target.metric, self.period.zone, since=starts_on).between(starts_on, ends_on)

    def _note_lines(self) -> list[NoteLine]:
        """Return the notes for the panel, newest first."""
        return [
            NoteLine(
                pk=each.note.pk,
                letter=each.letter,
                day=wording.day(each.note.on, today=self._today),
                author=str(each.note.author or ""),
                text=each.note.text,
            )
            for each in reversed(self.notes)
        ]


def _shown(plain: dict[str, Any] | None, *, is_settled: bool) -> Track | None:
    """Return a stored track as it is drawn: what is decided has no forecast any more."""
    if plain is None:
        return None
    track = Track.from_plain(plain)
    return settled(track) if is_settled else track


def _sentence(target: Target, plan: Plan, found: Evaluation, status: Status, error: str, now: datetime) -> Sentence:
    if status not in (Status.PAUSED, Status.UPCOMING) and not error and is_catching_up(target, now):
        return _not_all_there()
    source, unit = target.metric.feed.connection.name, target.metric.unit
    return wording.sentence(plan, found, status=status, unit=unit, source=source, error=error)


def _not_all_there() -> Sentence:
    return Sentence(
        _("The past is still being fetched."), _("Until it is all there no period is closed and no change is told.")
    )


def _not_judged() -> Sentence:
    return Sentence(_("Not judged yet."), _("The first verdict follows with the next reading."))

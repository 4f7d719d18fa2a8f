"""One target's page: the stored verdict and track in, everything the template shows out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from organisations.languages import ago
from targets import wording
from targets.charts import ChartRow, chart_data, chart_table, has_gap, is_flat, mark_of, settled, table_step
from targets.domain.periods import ONE_DAY, following, local_day, period_at, start_of_day
from targets.domain.plan import Plan
from targets.domain.terms import Aggregation, Comparison, PaceProfile, PeriodKind, Status, ValueKind
from targets.domain.verdict import Evaluation, Track
from targets.figures import Figure, figures_of, final_figures
from targets.metric_page import DISTINCT
from targets.numbers import Numbers, numbers_of
from targets.plans import plan_of, plan_then
from targets.presenting import Line, found_of, period_found, period_of
from targets.wording import Sentence

if TYPE_CHECKING:
    from targets.models import PeriodResult, Target

EVERY = {
    PeriodKind.DAY: " every day",
    PeriodKind.WEEK: " every week",
    PeriodKind.MONTH: " every month",
    PeriodKind.QUARTER: " every quarter",
    PeriodKind.YEAR: " every year",
    PeriodKind.RANGE: "",
}
VALUE_OF_PERIOD = {
    Aggregation.SUM: "sum of the period",
    Aggregation.MEAN: "mean of the period",
    Aggregation.LATEST: "latest value",
    Aggregation.MAXIMUM: "highest value of the period",
    Aggregation.MINIMUM: "lowest value of the period",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The chart and what says the same without it."""

    data: dict[str, Any]
    text: str
    readout: list[Line]
    rows: list[ChartRow]
    step: str
    has_gap: bool

    @property
    def last_point(self) -> int:
        """The index of the last day drawn."""
        return len(self.data["at"]) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetView:
    """Everything that is said about a target in one period; `drawing` is None before the first verdict."""

    status: Status
    word: str
    sentence: Sentence
    why: str
    period: str
    following: str
    starts_on: date
    heading: str
    figures: list[Figure]
    drawing: Drawing | None
    how: list[Line]
    value_of_period: str
    distinct: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A closed period as a line of the history."""

    starts_on: date
    label: str
    status: Status
    word: str
    value: str
    goal: str
    difference: str
    restated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The closed periods, latest first."""

    rows: list[Ended]

    @property
    def met(self) -> int:
        """How many of them were met."""
        return sum(row.status == Status.MET for row in self.rows)


def present_view(target: Target, now: datetime, *, error: str = "") -> TargetView:
    """Return the page of the present period; `error` is what the source answers while it is failing."""
    plan, found, numbers = plan_of(target), found_of(target), numbers_of(target.metric)
    status = Status(target.status)
    period = period_found(plan, found) if found else period_at(plan.rule, plan.calendar, now)
    after = following(period, plan.rule, plan.calendar)
    source = target.metric.feed.connection.name
    track = Track.from_plain(target.track) if target.track else None
    return TargetView(
        status=status,
        word=wording.status_word(status),
        sentence=wording.sentence(plan, found, status=status, unit=numbers.unit, source=source, error=error)
        if found
        else Sentence("Not judged yet.", "The first verdict follows with the next reading."),
        why=wording.why(plan, found, status=status, unit=numbers.unit) if found else "",
        period=wording.period_label(period),
        following=wording.period_label(after) if after else "",
        starts_on=period.starts_on,
        heading=_heading(plan),
        figures=figures_of(plan, found, status, numbers) if found else [],
        drawing=_drawing(plan, track, numbers, target, today_on=local_day(now, period.zone)) if track else None,
        how=list(_how(target, plan, found, numbers, now)),
        value_of_period=_value_of_period(target, plan),
        distinct=DISTINCT if target.metric.counts_distinct and plan.kind == Aggregation.SUM else "",
    )


def past_view(target: Target, result: PeriodResult, now: datetime) -> TargetView:
    """Return the page of a closed period: what was asked then, what came of it, no forecast."""
    plan = plan_then(target, result)
    found, numbers, status = Evaluation.from_plain(result.evaluation), numbers_of(target.metric), Status(result.status)
    period = period_found(plan, found)
    track = settled(Track.from_plain(result.track)) if result.track else None
    return TargetView(
        status=status,
        word=wording.status_word(status),
        sentence=wording.sentence(plan, found, status=status, unit=numbers.unit),
        why=wording.why(plan, found, status=status, unit=numbers.unit),
        period=wording.period_label(period),
        following="",
        starts_on=period.starts_on,
        heading=_heading(plan),
        figures=final_figures(plan, found, numbers),
        drawing=_drawing(plan, track, numbers, target, today_on=local_day(now, period.zone)) if track else None,
        how=list(_how(target, plan, None, numbers, now)),
        value_of_period=_value_of_period(target, plan),
        distinct=DISTINCT if target.metric.counts_distinct and plan.kind == Aggregation.SUM else "",
    )


def history_of(target: Target, results: Sequence[PeriodResult], now: datetime) -> History:
    """Return the closed periods as lines: the goal each had, what came of it, and whether late data changed that."""
    return History(rows=[_ended(target, result, now) for result in results])


def _ended(target: Target, result: PeriodResult, now: datetime) -> Ended:
    plan, numbers, status = plan_then(target, result), numbers_of(target.metric), Status(result.status)
    period = period_of(plan, result.starts_on, result.ends_on)
    return Ended(
        starts_on=result.starts_on,
        label=wording.period_label(period),
        status=status,
        word=wording.status_word(status),
        value=numbers.value(result.value),
        goal=_goal_number(plan, numbers),
        difference=_difference(plan, result, numbers),
        restated=_restated(result, numbers, now),
    )


def _goal_number(plan: Plan, numbers: Numbers) -> str:
    if plan.goal_upper is None:
        return numbers.value(plan.goal)
    return wording.span(plan.goal, plan.goal_upper, unit=numbers.unit, decimals=numbers.decimals)


def _difference(plan: Plan, result: PeriodResult, numbers: Numbers) -> str:
    """Return how far the value ended from the goal; from the nearer one where there are two."""
    if result.value is None:
        return "–"
    if plan.comparison == Comparison.WITHIN and plan.goal_upper is not None:
        inside = plan.goal <= result.value <= plan.goal_upper
        return (
            "within"
            if inside
            else numbers.gap(result.value - (plan.goal if result.value < plan.goal else plan.goal_upper))
        )
    return numbers.gap(result.value - plan.goal)


def _restated(result: PeriodResult, numbers: Numbers, now: datetime) -> str:
    """Say what stood here before late readings changed it; nothing where none did."""
    if result.restated_at is None:
        return ""
    before = wording.status_word(Status(result.first_status)).lower() if result.first_status else "open"
    day = wording.day(result.restated_at.date(), today=now.date())
    return f"restated {day}; was {before} at {numbers.value(result.first_value)}"


def _heading(plan: Plan) -> str:
    return "Progress against pace" if plan.cumulative else "Value against the goal"


def _drawing(plan: Plan, track: Track, numbers: Numbers, target: Target, *, today_on: date) -> Drawing:
    mark = mark_of(track, today_on)
    week_starts_on = plan.calendar.week_starts_on
    return Drawing(
        data=chart_data(track, numbers, comparison=plan.comparison, mark=mark),
        text=_chart_text(plan, track, numbers, target.name),
        readout=list(_readout(track, numbers, mark, today_on)),
        rows=chart_table(track, numbers, today_on=today_on, week_starts_on=week_starts_on),
        step=table_step(track),
        has_gap=has_gap(track),
    )


def _readout(track: Track, numbers: Numbers, mark: str, today_on: date) -> Iterator[Line]:
    """Yield the line above the chart as it stands before anybody points at a day."""
    index = track.today or 0
    actual, pace = track.actual[index], track.pace[index] if has_gap(track) else None
    yield Line(label="", value=mark or wording.day(track.starts_on + timedelta(days=index), today=today_on))
    yield Line(label="Actual", value=numbers.value(actual))
    if pace is not None and not is_flat(track):
        yield Line(label="Pace", value=numbers.value(pace))
    if actual is not None and pace is not None:
        yield Line(label="Gap", value=numbers.gap(actual - pace))


def _chart_text(plan: Plan, track: Track, numbers: Numbers, name: str) -> str:
    """Say the chart for those who cannot see it."""
    last_on = track.starts_on + timedelta(days=len(track.pace) - 1)
    first, last = (wording.full_day(on, today=last_on) for on in (track.starts_on, last_on))
    parts = [f"Line chart of {name}, {first} to {last} {last_on.year}."]
    if track.today is not None:
        pace = track.pace[track.today]
        against = f" against a pace of {numbers.value(pace)}" if pace is not None else ""
        parts.append(f"The value is {numbers.value(track.actual[track.today])}{against}.")
    if track.bands:
        low, middle, high = (numbers.value(track.bands[row][-1]) for row in (0, 2, 4))
        parts.append(f"The forecast ends between {low} and {high}, most likely at {middle}.")
    parts.append(f"The target is {wording.goal(plan, numbers.unit)}.")
    return " ".join(parts)


def _how(target: Target, plan: Plan, found: Evaluation | None, numbers: Numbers, now: datetime) -> Iterator[Line]:
    """Yield how the target is measured."""
    goal = wording.goal(plan, numbers.unit)
    yield Line(label="Goal", value=f"{goal[0].upper()}{goal[1:]}{EVERY[plan.rule.kind]}")
    yield Line(label="Pace", value=_pace_words(plan, numbers))
    if found and found.read_until:
        yield Line(label="Read until", value=_until(found.read_until, now, plan.calendar.zone))
    if target.time_zone:
        yield Line(label="Time zone", value=target.time_zone)


def _until(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Say how far readings run; to midnight is to the end of the day before."""
    day = local_day(moment - timedelta(microseconds=1), zone)
    if moment == start_of_day(day + ONE_DAY, zone):
        return f"the end of {wording.day(day, today=local_day(now, zone))}"
    return ago(moment, now=now, zone=zone)


def _pace_words(plan: Plan, numbers: Numbers) -> str:
    if plan.cumulative:
        return "Working days only, from 0" if plan.profile == PaceProfile.WORKING_DAYS else "Straight line from 0"
    if plan.is_level and plan.start_value is not None:
        return f"Straight line from {numbers.value(plan.start_value)}"
    return "The goal, held throughout"


def _value_of_period(target: Target, plan: Plan) -> str:
    if plan.value_kind == ValueKind.RUNNING:
        return f"running total of the {target.period}"
    return VALUE_OF_PERIOD[plan.kind]

"""Every figure agrees with an independent computation: in six time zones, by date and by hour, over clock changes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from organisations.models import Organisation
from targets.models import Metric, Target
from targets.pages.target import present_view
from tests.acceptance import plain
from tests.acceptance.conftest import a_source, a_target, stored
from tests.acceptance.plain import DAY, Question, midnight

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
AGGREGATIONS = ["sum", "mean", "latest", "maximum", "minimum"]
COMPARISONS = ["at_least", "at_most", "within"]
PERIODS = ["day", "week", "month", "quarter", "year"]
USUAL = 100.0  # a day, and about 4 an hour
LENGTHS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}


@dataclass(frozen=True, kw_only=True)
class Place:
    """An organisation's calendar, and the moments it is looked at: clock changes, ends of months, 29 February."""

    zone: str
    other_zone: str
    first: date
    moments: tuple[str, ...]
    week_starts_on: int
    fiscal_year_starts_in: int


USUAL_MOMENTS = ("2019-12-31 23:59", "2020-01-01 00:00", "2020-02-29 23:59", "2020-03-01 00:00")
PLACES = [
    Place(
        zone="Europe/Berlin",
        other_zone="Pacific/Auckland",
        first=date(2019, 10, 1),
        moments=("2019-10-27 02:30", "2019-10-27 12:00", *USUAL_MOMENTS, "2020-03-29 03:10", "2020-04-01 00:00"),
        week_starts_on=0,
        fiscal_year_starts_in=1,
    ),
    Place(
        zone="America/New_York",
        other_zone="Europe/Berlin",
        first=date(2019, 10, 10),
        moments=("2019-11-03 01:30", "2019-11-30 23:59", *USUAL_MOMENTS, "2020-03-08 03:30", "2020-03-31 23:59"),
        week_starts_on=6,
        fiscal_year_starts_in=4,
    ),
    Place(
        zone="Pacific/Auckland",
        other_zone="America/New_York",
        first=date(2019, 9, 5),
        moments=("2019-09-29 03:30", "2019-10-01 00:00", *USUAL_MOMENTS, "2020-04-05 02:30", "2020-04-05 23:59"),
        week_starts_on=6,
        fiscal_year_starts_in=4,
    ),
    Place(
        zone="Asia/Kathmandu",
        other_zone="UTC",
        first=date(2019, 10, 1),
        moments=("2019-10-31 23:59", "2019-11-16 05:44", *USUAL_MOMENTS, "2020-03-31 23:59", "2020-04-01 00:00"),
        week_starts_on=6,
        fiscal_year_starts_in=4,
    ),
    Place(
        zone="America/Sao_Paulo",  # its midnight of 4 November does not exist, and 16 February ends twice
        other_zone="Asia/Kathmandu",
        first=date(2018, 10, 1),
        moments=("2018-11-04 01:00", "2018-11-04 12:00", "2018-11-30 23:59", "2019-01-01 00:00", "2019-02-16 23:30"),
        week_starts_on=0,
        fiscal_year_starts_in=4,
    ),
    Place(
        zone="UTC",
        other_zone="America/Sao_Paulo",
        first=date(2019, 10, 1),
        moments=("2019-10-31 23:59", "2019-11-12 13:07", *USUAL_MOMENTS, "2020-03-31 23:59"),
        week_starts_on=0,
        fiscal_year_starts_in=1,
    ),
]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One row of the source: for a whole day, or at a moment."""

    row: dict[str, Any]
    value: float
    day: date | None = None
    at: datetime | None = None

    def local_day(self, zone: ZoneInfo) -> date:
        return self.day if self.at is None else self.at.astimezone(zone).date()  # type: ignore[return-value]


def daily(place: Place, end: date, seed: int) -> list[Reading]:
    """Return a reading for most days, with weekends that are quiet."""
    rng = random.Random(seed)
    readings = []
    for number in range((end - place.first).days):
        day = place.first + number * DAY
        value = float(round(USUAL * rng.uniform(0.5, 1.5) * (0.6 if day.weekday() > 4 else 1.1), 1))
        if number == 0 or rng.random() > 0.06:
            readings.append(Reading(row={"date": day.isoformat(), "value": value}, value=value, day=day))
    return readings


def hourly(place: Place, end: date, seed: int) -> list[Reading]:
    """Return a reading for most hours, at a quarter past the hour in UTC."""
    rng = random.Random(seed)
    start = datetime(place.first.year, place.first.month, place.first.day, tzinfo=UTC)
    readings = []
    for number in range((end - place.first).days * 24):
        at = start + number * HOUR + 15 * MINUTE
        value = float(round(USUAL / 24 * rng.uniform(0.2, 1.8), 2))
        if number == 0 or rng.random() > 0.05:
            readings.append(Reading(row={"date": at.isoformat(), "value": value}, value=value, at=at))
    return readings


class Stage:
    """An organisation with two metrics over one source, a target of every sort, and what is known at a moment."""

    def __init__(self, place: Place, organisation: Organisation, shelf: tuple[Path, str], *, by_hour: bool) -> None:
        self.place, self.zone, self.by_hour = place, ZoneInfo(place.zone), by_hour
        self.moments = [datetime.fromisoformat(text).replace(tzinfo=self.zone) for text in place.moments]
        end = self.moments[-1].date() + DAY
        self.readings = (hourly if by_hour else daily)(place, end, seed=PLACES.index(place))
        self.source = a_source(organisation, shelf)
        self.amounts = self.source.metric("Orders", decimals=2)
        self.level = self.source.metric("Stock", decimals=2, value_kind="level")
        self.targets = list(self._targets())
        self.served: datetime | None = None

    def _targets(self) -> Iterator[Target]:
        sorts = [*product(AGGREGATIONS, COMPARISONS), ("sum", "at_least"), ("sum", "at_most")]
        for number, (aggregation, comparison) in enumerate(sorts):
            period = PERIODS[number % 5]
            metric = self.amounts if aggregation == "sum" or number % 2 else self.level
            a_reading = USUAL / 24 if self.by_hour else USUAL
            goal = USUAL * LENGTHS[period] if aggregation == "sum" else a_reading * (0.9 + number % 3 / 10)
            yield a_target(
                metric,
                goal,
                aggregation=aggregation,
                comparison=comparison,
                goal_upper=goal * 1.1 if comparison == "within" else None,
                period=period,
                profile="working_days" if number % 3 == 1 else "linear",
                time_zone=self.place.other_zone if number % 4 == 2 else "",
                start_value=goal / 2 if metric == self.level and aggregation == "latest" else None,
                tracking_since=self.place.first,
            )

    def known(self, now: datetime) -> list[Reading]:
        """Return what the source knows: whole days once they are over."""
        today = now.astimezone(self.zone).date()
        return [
            reading
            for reading in self.readings
            if (reading.at <= now if reading.at else reading.local_day(self.zone) < today)
        ]

    def collect(self, now: datetime) -> None:
        fresh = [one for one in self.known(now) if self.served is None or self._is_new(one, self.served)]
        self.source.serve([one.row for one in fresh])
        assert self.source.collect(now) == "ok", self.source.feed.message
        self.served = now

    def _is_new(self, reading: Reading, since: datetime) -> bool:
        return reading.local_day(self.zone) >= since.astimezone(self.zone).date() - 3 * DAY

    def question(self, target: Target) -> Question:
        return Question(
            aggregation=target.aggregation,
            comparison=target.comparison,
            period=target.period,
            goal=target.goal,
            goal_upper=target.goal_upper,
            profile=target.profile,
            start_value=target.start_value,
            zone=ZoneInfo(target.time_zone or self.place.zone),
            week_starts_on=self.place.week_starts_on,
            fiscal_year_starts_in=self.place.fiscal_year_starts_in,
        )

    def by_day(self, now: datetime, zone: ZoneInfo) -> dict[date, list[float]]:
        days: dict[date, list[float]] = {}
        for reading in self.known(now):
            days.setdefault(reading.local_day(zone), []).append(reading.value)
        return days

    def read_until(self, target: Target, now: datetime) -> datetime:
        """Amounts that were asked for are known up to now; a level, and a day, to its own end."""
        last = self.known(now)[-1]
        if last.at is None:
            return min(midnight(last.local_day(self.zone) + DAY, ZoneInfo(target.time_zone or self.place.zone)), now)
        return now if target.metric == self.amounts else last.at


STAGES = [
    pytest.param(
        (place, by_hour),
        id=f"{place.zone} {'by the hour' if by_hour else 'by the day'}",
        marks=() if place is PLACES[0] else pytest.mark.thorough,
    )
    for place, by_hour in product(PLACES, (False, True))
]


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest, db: None, shelf: tuple[Path, str]) -> Stage:
    place, by_hour = request.param
    organisation = Organisation.objects.create(
        name="Growth",
        slug="growth",
        time_zone=place.zone,
        week_starts_on=place.week_starts_on,
        fiscal_year_starts_in=place.fiscal_year_starts_in,
    )
    return Stage(place, organisation, shelf, by_hour=by_hour)


def test_every_figure_agrees_with_an_independent_computation(stage: Stage) -> None:
    for now in stage.moments:
        stage.collect(now)
        for target in map(stored, stage.targets):
            question = stage.question(target)
            wanted = plain.figures(
                question,
                stage.by_day(now, question.zone),
                now=now,
                read_until=stage.read_until(target, now),
            )
            assert said_by(target, now) == said_of(wanted, question), f"{question} at {now}"


def test_every_closed_period_ended_as_an_independent_computation_says(stage: Stage) -> None:
    for now in stage.moments:
        stage.collect(now)
    for target in map(stored, stage.targets):
        question = stage.question(target)
        days = stage.by_day(now, question.zone)
        for result in target.results.all():
            period = (result.starts_on, result.ends_on)
            assert plain.bounds(question, result.starts_on) == period
            wanted = plain.figures(question, days, now=now, read_until=now, period=period)
            verdict = "no_data" if wanted.met is None else "met" if wanted.met else "missed"
            assert (result.status, result.value) == (verdict, near(wanted.value)), f"{question} in {period}"


def test_the_rollups_are_the_days_of_the_organisation(stage: Stage) -> None:
    for now in stage.moments[:3]:
        stage.collect(now)
    wanted = stage.by_day(now, stage.zone)
    rollups = {row.on: row for row in Metric.unscoped.get(pk=stage.amounts.pk).rollups.all()}
    assert set(rollups) == set(wanted)
    for day, values in wanted.items():
        row = rollups[day]
        found = (row.count, row.total, row.minimum, row.maximum, row.last)
        assert found == (len(values), near(sum(values)), min(values), max(values), values[-1])


def said_by(target: Target, now: datetime) -> dict[str, Any]:
    """Return the figures of the stored verdict; the drawn course is that of the page's chart."""
    found, drawing = target.evaluation, present_view(target, now).drawing
    assert found is not None
    assert drawing is not None
    data = drawing.data
    starts_on = date.fromisoformat(data["start"])
    said = {
        "period": (found["period_starts_on"], found["period_ends_on"]),
        "value": found["value"],
        "columns": (target.value, target.period_starts_on, target.period_ends_on),
        "pace": found["pace"],
        "gap": found["gap"],
        "days left": found["days_left"],
        "settled on": found["settled_on"],
        "course": {
            starts_on + place * DAY: value
            for place, value in zip(data["at"], data["actual"], strict=True)
            if value is not None
        },
    }
    if target.aggregation == "sum":
        said["required"] = found["required_rate"]
    if target.aggregation in ("sum", "mean"):
        said["recent"] = found["recent_rate"]
    return said


def said_of(wanted: plain.Figures, question: Question) -> dict[str, Any]:
    """Return the same of the independent computation; the course stands still on days without a reading."""
    said = {
        "period": (wanted.starts_on.isoformat(), wanted.ends_on.isoformat()),
        "value": near(wanted.value),
        "columns": (near(wanted.value), wanted.starts_on, wanted.ends_on),
        "pace": near(wanted.pace),
        "gap": near(wanted.gap),
        "days left": wanted.days_left,
        "settled on": wanted.settled_on and wanted.settled_on.isoformat(),
        "course": Standing(wanted.course),
    }
    if question.aggregation == "sum":
        said["required"] = near(wanted.required)
    if question.aggregation in ("sum", "mean"):
        said["recent"] = near(wanted.recent)
    return said


class Standing:
    """A course that equals a drawn one when every day drawn has the value of the last day known by then."""

    def __init__(self, course: dict[date, float]) -> None:
        self.course = course

    def __eq__(self, drawn: object) -> bool:
        assert isinstance(drawn, dict)
        return set(self.course) <= set(drawn) and all(near(self._at(day)) == value for day, value in drawn.items())

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return repr(self.course)

    def _at(self, day: date) -> float | None:
        return next((self.course[known] for known in sorted(self.course, reverse=True) if known <= day), None)


def near(value: float | None) -> Any:
    """Return what equals a number computed in another order."""
    return None if value is None else pytest.approx(value, rel=1e-7, abs=1e-7)

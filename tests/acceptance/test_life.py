"""The life of a target: months that end, sources that are late, silent or wrong, questions that change."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.extract import Point
from connectors.models.feed import Asks, Health
from organisations.access import Access
from organisations.models import Organisation
from targets import judging, recording
from targets.forms.short import TargetForm
from targets.models import Metric, StatusChange, Target
from targets.pages.target import past_view
from targets.saving import save_target
from tests.acceptance.conftest import Source, a_source, a_target, judge_what_aged, stored

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
PerDay = Callable[[date], float]


def at(text: str) -> datetime:
    """Return the moment at which the wall in Berlin shows an ISO text."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def rows(first: str, end: str | date, value: float | PerDay = 100.0) -> list[dict[str, Any]]:
    """Return one row a day from `first` up to, not including, `end`."""
    day, last = date.fromisoformat(first), date.fromisoformat(str(end))
    made = []
    while day < last:
        made.append({"date": day.isoformat(), "value": value(day) if callable(value) else value})
        day += DAY
    return made


def every(step: timedelta, first: str, end: str) -> Iterator[datetime]:
    now = at(first)
    while now < at(end):
        yield now
        now += step


def moves(target: Target) -> list[tuple[str, str]]:
    """Return what was told of a target, oldest first."""
    return list(target.changes.order_by("at", "pk").values_list("old_status", "new_status"))


def outcomes(target: Target) -> list[tuple[str, str, float | None]]:
    """Return the closed periods, oldest first."""
    found = target.results.order_by("starts_on").values_list("starts_on", "status", "value")
    return [(starts_on.isoformat(), status, value) for starts_on, status, value in found]


def a_point(on: str, value: float) -> Point:
    return Point(at=datetime.fromisoformat(on).replace(tzinfo=UTC), whole_day=True, segment="", value=value)


def test_yesterday_that_is_published_in_the_morning_is_no_silence(source: Source) -> None:
    target = a_target(source.metric(), 2_800)
    for now in every(2 * HOUR, "2026-05-10 12:00", "2026-05-12 12:00"):
        local = now.astimezone(BERLIN)
        source.serve(rows("2026-01-01", local.date() - (timedelta(0) if local.hour >= 6 else DAY)))
        source.collect(now)
        judge_what_aged(now)
    assert source.feed.health == Health.FRESH
    assert moves(target) == []


def test_a_source_that_is_two_days_late_is_judged_by_what_it_says(source: Source) -> None:
    target = a_target(source.metric(), 2_800)
    for now in every(6 * HOUR, "2026-05-10 12:00", "2026-05-13 00:00"):
        source.serve(rows("2026-01-01", now.astimezone(BERLIN).date() - 2 * DAY))
        source.collect(now)
    assert stored(target).status == "on_track"


def test_a_month_is_not_called_missed_while_its_last_days_are_still_to_come(source: Source) -> None:
    target = a_target(source.metric(), 3_080)
    for now in every(6 * HOUR, "2026-05-25 12:00", "2026-06-04 12:00"):
        source.serve(rows("2026-01-01", now.astimezone(BERLIN).date() - 2 * DAY))
        source.collect(now)
        judge_what_aged(now)
    assert outcomes(target)[-1] == ("2026-05-01", "met", 3_100.0)
    assert ("on_track", "missed") not in moves(target)
    assert target.results.get(starts_on=date(2026, 5, 1)).restated_at is None


def test_a_fixed_range_is_not_called_missed_before_its_last_day_is_read(source: Source) -> None:
    target = a_target(source.metric(), 2_990, period="range", starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 30))
    for now in every(2 * HOUR, "2026-05-29 12:00", "2026-05-31 12:00"):
        local = now.astimezone(BERLIN)
        source.serve(rows("2026-01-01", local.date() - (timedelta(0) if local.hour >= 4 else DAY)))
        source.collect(now)
        judge_what_aged(now)
    assert [new for _, new in moves(target) if new in ("met", "missed")] == ["met"]


def test_an_answer_without_rows_means_that_nothing_happened(source: Source) -> None:
    target = a_target(source.metric(missing_is_zero=True), 3_100)
    source.serve(rows("2026-01-01", "2026-05-10"))
    source.collect(at("2026-05-10 12:00"))
    source.serve([])
    for now in every(HOUR, "2026-05-10 13:00", "2026-05-13 12:00"):
        source.collect(now)
        judge_what_aged(now)
    found = stored(target)
    assert found.evaluation is not None
    assert found.evaluation["read_until"] == now.isoformat()
    assert (found.status, found.value) == ("behind", 900.0)


def test_silence_over_the_turn_of_the_month_is_told_once(source: Source) -> None:
    target = a_target(source.metric(value_kind="level"), 50, aggregation="latest")
    made = [{"date": now.isoformat(), "value": 100} for now in every(HOUR, "2026-03-01 00:00", "2026-03-31 18:00")]
    source.serve(made)
    source.collect(at("2026-03-31 18:30"))
    assert stored(target).status == "on_track"
    source.fall_silent()
    for now in every(HOUR, "2026-03-31 19:00", "2026-04-04 00:00"):
        source.collect(now)
        judge_what_aged(now)
    assert stored(target).status == "no_data"
    assert [new for _, new in moves(target)].count("no_data") == 1


def test_an_outage_of_some_days_is_one_episode_and_no_number_is_lost(source: Source) -> None:
    target = a_target(source.metric(), 2_800)
    for now in every(6 * HOUR, "2026-05-10 12:00", "2026-05-20 12:00"):
        is_out = at("2026-05-11 12:00") <= now < at("2026-05-17 12:00")
        source.fall_silent() if is_out else source.serve(rows("2026-01-01", now.astimezone(BERLIN).date()))
        source.collect(now)
        judge_what_aged(now)
    assert moves(target) == [("on_track", "no_data"), ("no_data", "on_track")]
    assert stored(target).value == 1_900.0


def test_a_failing_source_touches_the_health_and_not_the_status(source: Source) -> None:
    target = a_target(source.metric(), 2_800)
    source.serve(rows("2026-01-01", "2026-05-20"))
    source.collect(at("2026-05-20 06:00"))
    source.fall_silent()
    source.collect(at("2026-05-20 07:00"))
    found = stored(target)
    assert (source.feed.health, found.status, found.value) == (Health.FAILING, "on_track", 1_900.0)
    assert moves(target) == []


def test_a_source_that_is_wrong_for_one_check_tells_nobody(source: Source) -> None:
    target = a_target(source.metric(), 2_850)
    right, wrong = rows("2026-01-01", "2026-05-20"), rows("2026-01-01", "2026-05-20", lambda day: (day.month < 5) * 100)
    found = []
    for number, answer in enumerate([right, wrong, right]):
        source.serve(answer)
        source.collect(at("2026-05-20 12:00") + number * HOUR)
        evaluation = stored(target).evaluation
        assert evaluation is not None
        found.append((evaluation["status"], stored(target).status))
    assert found == [("on_track", "on_track"), ("behind", "on_track"), ("on_track", "on_track")]
    assert moves(target) == []


def test_a_month_is_frozen_once_and_restated_in_sight(source: Source) -> None:
    metric = source.metric()
    target = a_target(metric, 3_000)
    for now in every(12 * HOUR, "2026-04-20 12:00", "2026-05-03 00:00"):
        source.serve(rows("2026-01-01", now.astimezone(BERLIN).date(), 99))
        source.collect(now)
    closed = target.results.get(starts_on=date(2026, 4, 1))
    told = moves(target)
    assert (closed.status, closed.value, closed.restated_at) == ("missed", 2_970.0, None)
    for value, status in ((129, "met"), (128, "missed")):
        since = recording.record_points(Metric.unscoped.get(pk=metric.pk), [a_point("2026-04-30", value)], now=now)
        judging.judge_metric(metric, now, touched_since=since)
        closed.refresh_from_db()
        assert (closed.status, closed.value) == (status, 2_871.0 + value)
        assert (closed.first_status, closed.first_value, closed.restated_at) == ("missed", 2_970.0, now)
    assert moves(target) == told


def test_the_order_in_which_readings_come_leaves_no_trace(organisation: Organisation, shelf: tuple[Path, str]) -> None:
    now, made = at("2026-05-20 12:00"), rows("2026-03-01", "2026-05-20", lambda day: day.day * 3.0)
    found = []
    for number in range(3):
        source = a_source(organisation, shelf)
        target = a_target(source.metric(f"Orders {number}"), 1_500, name=f"Order {number}")
        shuffled = random.Random(number).sample(made, len(made))
        for part in (shuffled[:30], shuffled[20:60], shuffled[50:]):
            source.serve(part)
            source.collect(now)
        row = stored(target)
        assert row.evaluation is not None
        kept = {name: value for name, value in row.evaluation.items() if name != "forecast"}
        found.append((row.value, row.status, kept, outcomes(target)))
    assert found[0] == found[1] == found[2]


def test_judging_the_same_moment_again_changes_no_digit(source: Source) -> None:
    target = a_target(source.metric(), 1_500)
    now = at("2026-05-20 12:00")
    source.serve(rows("2026-01-01", "2026-05-20", lambda day: 40.0 + (day.day * 37) % 23))
    source.collect(now)
    first = stored(target)
    judging.judge_target(target.pk, now)
    again = stored(target)
    assert (first.evaluation, first.track) == (again.evaluation, again.track)


def test_resuming_after_months_tells_no_old_news(source: Source) -> None:
    target = a_target(source.metric(), 3_000)
    source.serve(rows("2026-01-01", "2026-02-12", 110))
    source.collect(at("2026-02-12 12:00"))
    judging.pause(stored(target), at("2026-02-12 13:00"))
    source.serve(rows("2026-01-01", "2026-06-10", lambda day: 110 if day < date(2026, 2, 12) else 20))
    source.collect(at("2026-06-10 12:00"))
    judging.resume(stored(target), at("2026-06-10 13:00"))
    assert moves(target) == []
    assert stored(target).status == "behind"


@pytest.mark.parametrize("period", ["week", "quarter"])
def test_another_calendar_tells_nothing_of_periods_long_gone(
    source: Source, organisation: Organisation, period: str
) -> None:
    target = a_target(source.metric(), {"week": 700, "quarter": 9_000}[period], period=period)
    for now in every(2 * DAY, "2026-04-10 12:00", "2026-05-28 12:00"):
        source.serve(rows("2025-01-01", now.astimezone(BERLIN).date(), lambda day: 99.0 + day.toordinal() // 7 % 2))
        source.collect(now)
    told = len(moves(target))
    organisation.week_starts_on, organisation.fiscal_year_starts_in = 6, 2
    organisation.save()
    source.collect(at("2026-05-28 13:00"))
    assert len(moves(target)) == told
    closed = target.results.order_by("starts_on")
    assert all(before.ends_on <= after.starts_on for before, after in pairwise(closed))


def test_a_period_that_the_history_covers_in_part_is_not_judged(source: Source) -> None:
    metric = source.metric()
    source.serve(rows("2025-04-15", "2026-05-20"))
    source.collect(at("2026-05-20 12:00"))
    quarter, year = a_target(metric, 9_000, period="quarter"), a_target(metric, 36_000, period="year")
    for target in (quarter, year):
        judging.judge_target(target.pk, at("2026-05-20 12:00"))
    assert outcomes(quarter)[0] == ("2025-07-01", "met", 9_200.0)
    assert outcomes(year) == []


def test_a_period_in_which_tracking_began_is_judged_by_what_there_is(source: Source) -> None:
    target = a_target(source.metric(), 1_000, tracking_since=date(2026, 4, 18))
    for now in every(DAY, "2026-04-19 12:00", "2026-05-03 12:00"):
        source.serve(rows("2026-04-18", now.astimezone(BERLIN).date()))
        source.collect(now)
    assert outcomes(target) == [("2026-04-01", "met", 1_300.0)]


def test_a_correction_of_long_ago_restates_by_all_of_its_readings(source: Source) -> None:
    metric = source.metric()
    target = a_target(metric, 3_000)
    source.serve(rows("2020-10-01", "2021-01-03"))
    source.collect(at("2021-01-03 12:00"))
    source.serve(rows("2026-01-01", "2026-05-20"))
    source.collect(at("2026-05-20 12:00"))
    now = at("2026-05-20 13:00")
    since = recording.record_points(Metric.unscoped.get(pk=metric.pk), [a_point("2020-12-15", 101)], now=now)
    judging.judge_metric(metric, now, touched_since=since)
    assert ("2020-12-01", "met", 3_101.0) in outcomes(target)


def test_a_changed_question_leaves_closed_periods_as_they_were(source: Source, access: Access) -> None:
    metric = source.metric()
    target = a_target(metric, 3_000)
    source.serve(rows("2026-01-01", "2026-05-20"))
    source.collect(at("2026-05-20 12:00"))
    before, march = dict(target.results.values_list("starts_on", "status")), date(2026, 3, 1)
    said = past_view(stored(target), target.results.get(starts_on=march), now=at("2026-05-20 13:00")).sentence
    edit(target, access, comparison="at_most")
    assert past_view(stored(target), target.results.get(starts_on=march), now=at("2026-05-20 13:00")).sentence == said
    now = at("2026-05-20 14:00")
    since = recording.record_points(Metric.unscoped.get(pk=metric.pk), [a_point("2026-04-30", 120)], now=now)
    judging.judge_metric(metric, now, touched_since=since)
    assert dict(target.results.values_list("starts_on", "status")) == before
    assert moves(target) == []


def edit(target: Target, access: Access, **changes: Any) -> None:
    """Change a target as its form does."""
    row = stored(target)
    asked = {name: getattr(row, name) for name in TargetForm.Meta.fields if name not in ("metric", "owner")}
    data = {name: "" if value is None else value for name, value in asked.items()} | {"metric": row.metric_id} | changes
    form = TargetForm(data, instance=row, access=access)
    assert form.is_valid(), form.errors
    save_target(form, at("2026-05-20 13:00"))


def test_the_first_verdict_after_a_long_history_is_no_change(
    organisation: Organisation, shelf: tuple[Path, str]
) -> None:
    folder, _ = shelf
    source = a_source(organisation, shelf, history_days=400)
    source.feed.query = {"path": "steps-{until}.json"}
    source.feed.save()
    target = a_target(source.metric(), 9_000, period="quarter", tracking_since=date(2026, 5, 20))
    now = at("2026-05-20 12:00")
    for end in ("2025-07-15", "2025-10-15", "2026-01-15", "2026-04-17", "2026-05-20"):
        for day in rows(end, str(date.fromisoformat(end) + 2 * DAY)):
            (folder / f"steps-{day['date']}.json").write_text(source_text(end))
    assert source.collect(now) == "ok", source.feed.message
    assert source.feed.collections.count() == 5
    assert stored(target).status == "on_track"
    assert moves(target) == []


def source_text(end: str) -> str:
    """Return a stretch of the history as the source answers it."""
    return json.dumps(rows(str(date.fromisoformat(end) - 95 * DAY), end))


def test_an_older_reading_leaves_rollups_and_their_zone_in_step(source: Source, organisation: Organisation) -> None:
    metric = source.metric()
    made: list[dict[str, Any]] = [
        {"date": now.isoformat(), "value": 10 + now.hour} for now in every(HOUR, "2026-04-20 00:00", "2026-05-20 12:00")
    ]
    source.serve(made)
    now = at("2026-05-20 12:00")
    source.collect(now)
    in_berlin = a_target(metric, 3_000, time_zone="Europe/Berlin")
    organisation.time_zone = "Pacific/Auckland"
    organisation.save()
    old = Point(at=at("2026-05-02 12:00"), whole_day=False, segment="", value=10 + at("2026-05-02 12:00").hour)
    recording.record_points(Metric.unscoped.get(pk=metric.pk), [old], now=now)
    judging.judge_target(in_berlin.pk, now)
    wanted = sum(row["value"] for row in made if row["date"] >= at("2026-05-01 00:00").isoformat())
    assert stored(in_berlin).value == wanted


def test_statuses_follow_each_other_without_a_break_or_an_echo(source: Source) -> None:
    rng = random.Random(7)
    made = rows(
        "2025-10-01", "2026-05-01", lambda day: max(rng.gauss(100, 25), 0) * (0.6 if day.weekday() > 4 else 1.1)
    )
    metric = source.metric()
    targets = [
        a_target(metric, 2_900),
        a_target(metric, 690, period="week", comparison="at_most"),
        a_target(metric, 8_700, period="quarter", comparison="within", goal_upper=9_300),
        a_target(metric, 100, aggregation="mean"),
    ]
    for now in every(12 * HOUR, "2026-01-20 12:00", "2026-03-11 12:00"):
        source.serve([row for row in made if row["date"] < now.astimezone(BERLIN).date().isoformat()])
        source.collect(now)
    for target in targets:
        told = list(target.changes.order_by("at", "pk"))
        assert told
        for change in told:
            assert change.old_status != change.new_status
        for before, after in _in_the_same_period(told):
            assert after.old_status == before.new_status
            assert after.at - before.at >= DAY or after.new_status in ("met", "missed")
        assert target.snapshots.count() == 51


def _in_the_same_period(told: list[StatusChange]) -> Iterator[tuple[StatusChange, StatusChange]]:
    for before, after in pairwise(told):
        if before.period_starts_on == after.period_starts_on:
            yield before, after


class People:
    """A source that counts distinct people: one file for each stretch that may be asked for."""

    def __init__(self, folder: Path) -> None:
        rng = random.Random(3)
        self.folder = folder
        self.visits = [
            (at("2026-03-01 00:00") + number * HOUR / 2, int(rng.paretovariate(1.1) * 7) % 900)
            for number in range(3_200)
        ]

    def distinct(self, since: date, until: datetime) -> int:
        start = at(f"{since} 00:00")
        return len({person for moment, person in self.visits if start <= moment < until})

    def serve(self, now: datetime, days: int) -> None:
        """Answer for the last days as they are known now."""
        today = now.astimezone(BERLIN).date()
        for day in (today - number * DAY for number in range(days)):
            since, until = day.replace(day=1), min(at(f"{day + DAY} 00:00"), now)
            (self.folder / f"people-{since}-{day}.json").write_text(f'[{{"value": {self.distinct(since, until)}}}]')


def test_a_distinct_count_is_the_sources_own_for_every_moment_and_period(
    organisation: Organisation, shelf: tuple[Path, str]
) -> None:
    people = People(shelf[0])
    source = a_source(
        organisation, shelf, asks=Asks.PERIOD, running_period="month", at_path="", every=24 * 60, history_days=3
    )
    source.feed.query = {"path": "people-{since}-{until}.json"}
    source.feed.save()
    target = a_target(source.metric(value_kind="running", counts_distinct=True), 350, aggregation="latest")
    for now in every(DAY, "2026-03-25 10:00", "2026-05-03 10:00"):
        people.serve(now, days=6 if now > at("2026-03-25 10:00") else 25)
        assert source.collect(now) == "ok", source.feed.message
        assert stored(target).value == people.distinct(now.astimezone(BERLIN).date().replace(day=1), now)
    closed = {starts_on: value for starts_on, _, value in outcomes(target)}
    assert closed["2026-03-01"] == people.distinct(date(2026, 3, 1), at("2026-04-01 00:00"))
    assert closed["2026-04-01"] == people.distinct(date(2026, 4, 1), at("2026-05-01 00:00"))

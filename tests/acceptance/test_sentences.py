"""What is read on pages and in mails: the same figures everywhere, in sentences that a person would say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from alerts import render, reporting
from organisations.models import Organisation, User
from targets import judging, plans, wording
from targets.models import Metric, Target
from targets.pages.metric import last_words
from targets.pages.target import TargetView, present_view
from targets.presenting import found_of, row_of
from tests.acceptance.conftest import Source, a_source, a_target, stored
from tests.acceptance.test_life import BERLIN, DAY, HOUR, at, every, rows

NOW = at("2026-05-20 12:00")
NONSENSE = [
    re.compile(pattern)
    for pattern in (
        r"^;",
        r"; ;",
        r"  ",
        r"\bNone\b",
        r"\bnan\b",
        r"\binf\b",
        r"–\.",
        r" \.",
        r"\b1 days\b",
        r"\.\.",
        r"^\s*$",
    )
]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A target in a situation: what was read by when, and what is asked."""

    name: str
    goal: float
    first: str = "2026-01-01"
    end: str = "2026-05-20"
    value: float | Callable[[date], float] = 100.0
    now: str = "2026-05-20 12:00"
    metric: dict[str, Any] = field(default_factory=dict)
    target: dict[str, Any] = field(default_factory=dict)


LEVEL = {"value_kind": "level", "decimals": 1, "unit": "°C"}
MAY = {"period": "range", "starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 31)}
CASES = [
    Case(name="a sum on its way", goal=3_000),
    Case(name="the first day of a period", goal=3_000, end="2026-05-01", now="2026-05-01 09:00"),
    Case(name="the last day of a period", goal=3_200, end="2026-05-31", now="2026-05-31 23:00"),
    Case(name="one reading", goal=3_000, first="2026-05-19"),
    Case(name="no reading", goal=3_000, end="2026-01-01"),
    Case(name="silent for years", goal=3_000, first="2024-01-01", end="2024-06-01"),
    Case(name="nothing but zeros", goal=3_000, value=0),
    Case(name="a limit of zero", goal=0, value=0, target={"comparison": "at_most"}),
    Case(name="a limit of zero, passed", goal=0, value=1, target={"comparison": "at_most"}),
    Case(name="a range of a sum, above its middle", goal=1_000, target={"comparison": "within", "goal_upper": 2_000}),
    Case(name="a range of a sum, passed", goal=1_000, target={"comparison": "within", "goal_upper": 1_500}),
    Case(name="refunds", goal=900, value=lambda day: -40 if day.day % 5 == 0 else 60, metric={"can_fall": True}),
    Case(name="met early", goal=1_500),
    Case(name="a day", goal=100, target={"period": "day"}),
    Case(name="working days", goal=3_000, target={"profile": "working_days"}),
    Case(name="huge numbers", goal=4e16, value=1.5e15, metric={"unit": "€", "decimals": 2}),
    Case(name="a cold level", goal=-30, value=-40, metric=LEVEL, target={"aggregation": "latest"}),
    Case(
        name="a level on its way down",
        goal=340,
        value=lambda day: 500.0 - (day - date(2026, 1, 1)).days,
        metric=LEVEL,
        target={"aggregation": "latest", "comparison": "at_most", "start_value": 400},
    ),
    Case(
        name="a level in its range",
        goal=95,
        metric=LEVEL,
        target={"comparison": "within", "goal_upper": 105, "aggregation": "mean"},
    ),
    Case(name="a lowest value, passed", goal=120, metric=LEVEL, target={"aggregation": "minimum"}),
    Case(
        name="a range to come", goal=3_000, target=MAY | {"starts_on": date(2026, 7, 1), "ends_on": date(2026, 9, 30)}
    ),
    Case(
        name="a range gone by", goal=3_000, target=MAY | {"starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 31)}
    ),
    Case(
        name="a range before all data",
        goal=9,
        target=MAY | {"starts_on": date(2025, 3, 1), "ends_on": date(2025, 3, 31)},
    ),
]


def judged(source: Source, case: Case) -> Target:
    target = a_target(source.metric(**case.metric), case.goal, name="Orders", **case.target)
    source.serve(rows(case.first, case.end, case.value))
    assert source.collect(at(case.now)) == "ok", source.feed.message
    judging.judge_target(target.pk, at(case.now))
    return stored(target)


def everything_said(target: Target, now: datetime) -> list[str]:
    """Return every text on a target's page, in its row of the list and in its mail."""
    view, row = present_view(target, now), row_of(target, now)
    found = found_of(target)
    assert found is not None
    assert view.drawing is not None
    needed = wording.needed(plans.plan_of(target), found, target.metric.unit)
    said = [view.sentence.lead, view.sentence.rest, view.why, view.period, needed, view.drawing.text]
    said += [text for figure in view.figures for text in (figure.label, figure.value, figure.context)]
    said += [row.left, row.value, row.goal, row.gap, row.gap_word, row.finish, row.chance, row.trend]
    return [text for text in said if text]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_text_is_nonsense(source: Source, case: Case) -> None:
    target = judged(source, case)
    for text in everything_said(target, at(case.now)):
        assert not [pattern.pattern for pattern in NONSENSE if pattern.search(text)], text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_target_without_data_shows_no_forecast(source: Source, case: Case) -> None:
    target = judged(source, case)
    view = present_view(target, at(case.now))
    assert view.drawing is not None
    if target.status == "no_data":
        assert figures(view)["Likely finish"][0] == "–"
        assert view.drawing.data["bands"] == []
        assert "forecast ends" not in view.drawing.text


def figures(view: TargetView) -> dict[str, tuple[str, str]]:
    return {figure.label: (figure.value, figure.context) for figure in view.figures}


def test_page_list_chart_api_and_mail_say_the_same(
    source: Source,
    organisation: Organisation,
    owner: User,
    client_of: Callable[[User], Client],
    api: Callable[[User], APIClient],
) -> None:
    target = a_target(source.metric(unit="€", decimals=2), 3_400.5, name="Sales", owner=owner)
    source.serve(rows("2026-01-01", "2026-05-20", lambda day: 80.25 + day.day))
    source.collect(NOW)
    value = sum(80.25 + day for day in range(1, 20))
    pace = 3_400.5 * 19 / 31
    with time_machine.travel(NOW, tick=False):
        page = client_of(owner).get(f"/growth/targets/{target.pk}/").content.decode()
        overview = client_of(owner).get("/growth/").content.decode()
        chart = client_of(owner).get(f"/growth/targets/{target.pk}/chart.json").json()
        answer = api(owner).get(f"/api/v1/growth/targets/{target.pk}/").json()
    letter = reporting.letter_now(reporting.ensure_default(organisation, NOW), NOW)
    assert letter is not None
    written, gap = f"€{value:,.2f}", f"€{abs(value - pace):,.2f}"
    finish = f"€{answer['evaluation']['forecast']['median']:,.2f}"
    for text in (page, overview, letter.text, letter.html):
        assert written in text
        assert finish in text
    assert gap in page
    assert gap in letter.text
    assert chart["actual"][chart["today"]] == pytest.approx(value)
    assert chart["pace"][chart["today"]] == pytest.approx(pace)
    assert answer["evaluation"]["value"] == pytest.approx(value)
    assert answer["evaluation"]["gap"] == pytest.approx(value - pace)


def test_the_readout_of_the_chart_is_the_figure_above_it(source: Source) -> None:
    target = a_target(source.metric(), 31_000)
    source.serve(
        [{"date": moment.isoformat(), "value": 40} for moment in every(HOUR, "2026-04-01 00:00", "2026-05-20 12:00")]
    )
    source.collect(NOW)
    view = present_view(stored(target), NOW)
    assert view.drawing is not None
    said = {line.label: line.value for line in view.drawing.readout}
    assert figures(view)["Against pace"] == (said["Gap"], f"behind pace; pace for now is {said['Pace']}")


def test_on_the_last_day_the_chart_speaks_of_the_same_finish_as_the_figures(source: Source) -> None:
    target = a_target(source.metric(), 31_000)
    now = at("2026-05-31 18:00")
    source.serve(
        [{"date": moment.isoformat(), "value": 40} for moment in every(HOUR, "2026-04-01 00:00", "2026-05-31 18:00")]
    )
    source.collect(now)
    view = present_view(stored(target), now)
    assert view.drawing is not None
    finish, _ = figures(view)["Likely finish"]
    assert finish == "29,760"
    assert "forecast ends" not in view.drawing.text or f"most likely at {finish}." in view.drawing.text


def test_more_than_enough_needs_nothing_more(source: Source) -> None:
    case = Case(name="", goal=1_000, target={"comparison": "within", "goal_upper": 2_500})
    target = judged(source, case)  # 1,900 stand against a middle of 1,750
    found = found_of(target)
    assert found is not None
    assert found.required_rate == pytest.approx(-12.5)
    assert "needs" not in wording.needed(plans.plan_of(target), found, "")


def test_a_range_that_was_passed_names_the_limit_that_was_passed(source: Source) -> None:
    case = Case(name="", goal=1_000, target={"comparison": "within", "goal_upper": 1_500})
    assert "passed 1,500 on 16 May" in present_view(judged(source, case), NOW).why


@pytest.mark.parametrize(
    ("aggregation", "comparison"),
    [("latest", "at_least"), ("mean", "at_least"), ("minimum", "at_least"), ("latest", "at_most"), ("mean", "at_most")],
)
def test_a_level_that_has_always_stood_at_its_goal_is_on_track(
    source: Source, aggregation: str, comparison: str
) -> None:
    case = Case(
        name="", goal=99.9, value=99.9, metric=LEVEL, target={"aggregation": aggregation, "comparison": comparison}
    )
    target = judged(source, case)
    assert (target.status, target.chance) == ("on_track", 1.0)


def test_a_target_to_come_does_not_ask_for_readings_that_are_there(source: Source) -> None:
    case = Case(name="", goal=3_000, target=MAY | {"starts_on": date(2026, 7, 1), "ends_on": date(2026, 9, 30)})
    view = present_view(judged(source, case), NOW)
    assert view.status == "upcoming"
    assert "7 days of readings" not in figures(view)["Likely finish"][1]


def test_west_of_greenwich_a_day_keeps_its_date(shelf: tuple[Path, str], db: None) -> None:
    new_york = Organisation.objects.create(name="West", slug="west", time_zone="America/New_York")
    source = a_source(new_york, shelf)
    target = a_target(source.metric(), 3_000)
    source.serve(rows("2026-01-01", "2026-05-10"))
    source.collect(NOW)
    judging.judge_target(target.pk, NOW)
    found = stored(target)
    assert found.status == "no_data"
    assert present_view(found, NOW).sentence.lead == "No reading since 9 May."
    assert row_of(found, NOW).gap_word == "since 9 May"


def test_a_reading_at_midnight_has_a_time(shelf: tuple[Path, str], db: None) -> None:
    new_york = Organisation.objects.create(name="West", slug="west", time_zone="America/New_York")
    source = a_source(new_york, shelf)
    metric = source.metric(value_kind="level")
    midnight = datetime(2026, 5, 20, tzinfo=UTC)
    source.serve([{"date": (midnight - number * HOUR).isoformat(), "value": 40} for number in range(50)])
    source.collect(midnight + HOUR / 3)
    found = Metric.unscoped.get(pk=metric.pk)
    assert found.last_at == midnight
    assert "for 20 May" not in last_words(found, midnight + HOUR / 3, new_york.zone)


def test_a_mail_about_a_month_that_ended_names_the_month(source: Source, owner: User) -> None:
    target = a_target(source.metric(), 3_050, owner=owner)
    for now in every(DAY, "2026-05-25 12:00", "2026-06-02 12:00"):
        end = min(now.astimezone(BERLIN).date(), date(2026, 6, 1))
        source.serve(rows("2026-01-01", end, lambda day: 95 if day >= date(2026, 5, 28) else 98))
        source.collect(now)
    change = target.changes.get(new_status="missed", period_starts_on=date(2026, 5, 1))
    letter = render.change(change, now=now)
    assert "May" in letter.text.replace(letter.text.splitlines()[0], "")
    assert f"/targets/{target.pk}/2026-05-01/" in letter.text

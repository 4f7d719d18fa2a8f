"""A target as a line of a list: the words agree with the verdict, the geometry with the numbers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from connectors.models import Feed
from organisations.models import Organisation
from targets.domain.terms import Status
from targets.judging import pause
from targets.models import Target
from targets.presenting import Row, groups_of, row_of, tally_of, trend_words
from tests.targets.stage import NOW, a_metric, a_target

pytestmark = pytest.mark.django_db
STEADY = [10.0] * 120


def row(target: Target) -> Row:
    return row_of(Target.unscoped.select_related("organisation", "metric__feed").get(pk=target.pk), NOW)


def test_a_total_says_value_gap_and_likely_finish(organisation: Organisation) -> None:
    shown = row(a_target(a_metric(organisation, days=STEADY), goal=400, team="Growth"))
    assert (shown.word, shown.period, shown.left) == ("Behind", "November 2026", "10 days left")
    assert (shown.value, shown.goal) == ("190", "of at least 400")
    assert (shown.gap, shown.gap_word) == ("−63", "behind pace")
    assert (shown.finish, shown.chance) == ("300", "<1% chance")
    assert shown.bullet.pace == pytest.approx(253, abs=1)
    assert shown.bullet.likely == (300.0, 300.0, 300.0)


def test_large_amounts_of_money_are_shortened_throughout_a_row(organisation: Organisation) -> None:
    shown = row(a_target(a_metric(organisation, days=[1000.0] * 120, unit="€"), goal=25_000))
    assert (shown.value, shown.goal, shown.finish) == ("€19.0k", "of at least €25.0k", "€30.0k")


def test_a_limit_that_was_passed_is_settled_and_forecasts_nothing(organisation: Organisation) -> None:
    shown = row(a_target(a_metric(organisation, days=STEADY, higher_is_better=False), goal=100, comparison="at_most"))
    assert (shown.word, shown.gap_word, shown.finish) == ("Missed", "over the limit", "–")
    assert shown.chance == "limit passed 11 Nov"
    assert shown.bullet.likely is None
    assert shown.bullet.pace is None


@pytest.mark.parametrize("health", ["failing", "unauthorised"])
def test_a_value_that_nobody_renews_says_from_when_it_is(organisation: Organisation, health: str) -> None:
    metric = a_metric(organisation, days=STEADY)
    target = a_target(metric, goal=400)
    answered = NOW - timedelta(hours=5)
    Feed.unscoped.filter(pk=metric.feed_id).update(health=health, answered_at=answered)
    assert (row(target).value, row(target).stale) == ("190", "last answer today 09:30")
    Feed.unscoped.filter(pk=metric.feed_id).update(health="fresh")
    assert row(target).stale == ""
    Feed.unscoped.filter(pk=metric.feed_id).update(answered_at=answered - timedelta(days=9))
    assert row(target).stale == "last answer 11 Nov 09:30"  # silent for so long


def test_no_data_shows_dashes_and_since_when(organisation: Organisation) -> None:
    target = a_target(a_metric(organisation, days=[]), goal=100)
    assert (row(target).word, row(target).value, row(target).gap, row(target).finish) == ("No data", "–", "–", "–")


def test_readings_that_stopped_say_since_when(organisation: Organisation) -> None:
    metric = a_metric(organisation, days=STEADY)
    metric.observations.filter(at__gte="2026-11-10T00:00Z").delete()
    metric.rollups.filter(on__gte=date(2026, 11, 10)).delete()
    metric.last_at, metric.read_through, metric.read_until = "2026-11-09T00:00Z", date(2026, 11, 9), None
    metric.save()
    shown = row(a_target(metric, goal=400))
    assert (shown.word, shown.value, shown.gap_word) == ("No data", "–", "since 9 Nov")
    assert shown.bullet.value is None


def test_a_target_that_was_never_judged_is_shown_all_the_same(organisation: Organisation) -> None:
    target = a_target(a_metric(organisation, days=STEADY), goal=400)
    Target.unscoped.filter(pk=target.pk).update(evaluation=None)
    assert (row(target).value, row(target).period, row(target).trend) == ("–", "November 2026", "")


def test_a_total_is_a_bar_from_zero_and_a_level_a_dot(organisation: Organisation) -> None:
    total = row(a_target(a_metric(organisation, days=STEADY), goal=400)).bullet
    level_metric = a_metric(organisation, "Uptime", days=[99.9] * 60, value_kind="level", decimals=1)
    level = row(a_target(level_metric, goal=99.5, aggregation="latest")).bullet
    assert (total.is_dot, total.low, total.place(0)) == (False, 0.0, 0.0)
    assert level.is_dot
    assert 0 < level.place(99.5) < level.place(99.9) < 100


def test_a_level_keeps_the_scale_of_its_metric(organisation: Organisation) -> None:
    fields: dict[str, Any] = {"value_kind": "level", "scale_min": 0.0, "scale_max": 10.0}
    bullet = row(a_target(a_metric(organisation, days=[5.0] * 60, **fields), goal=4, aggregation="latest")).bullet
    assert (bullet.low, bullet.high, bullet.place(5)) == (0.0, 10.0, 50.0)


def test_a_level_written_like_its_goal_stands_close_to_it(organisation: Organisation) -> None:
    metric = a_metric(organisation, days=[4.38] * 60, value_kind="level", decimals=1)
    target = a_target(metric, goal=4.4, comparison="at_most", aggregation="latest")
    bullet = row(target).bullet
    assert (row(target).value, row(target).goal) == ("4.4", "of at most 4.4")
    assert 0 < bullet.place(4.4) - bullet.place(4.38) < 5


@pytest.mark.parametrize(
    ("comparison", "upper", "hatched"),
    [("at_least", None, 0), ("at_most", None, 1), ("within", 23.0, 2)],
)
def test_where_the_value_should_not_be_is_hatched(
    organisation: Organisation, comparison: str, upper: float | None, hatched: int
) -> None:
    metric = a_metric(organisation, days=[22.0] * 60, value_kind="level")
    target = a_target(metric, goal=21, goal_upper=upper, comparison=comparison, aggregation="latest")
    assert len(row(target).bullet.outside) == hatched


def test_a_goal_of_zero_has_a_scale(organisation: Organisation) -> None:
    bullet = row(a_target(a_metric(organisation, days=[0.0] * 60), goal=0, comparison="at_most")).bullet
    assert bullet.high > bullet.low
    assert bullet.place(0) == 0


def test_a_paused_target_is_not_running(organisation: Organisation) -> None:
    target = a_target(a_metric(organisation, days=STEADY), goal=400)
    pause(target, NOW)
    assert [group.title for group in groups_of([row(target)])] == ["Not running"]


def test_rows_are_parted_by_what_they_ask_for(organisation: Organisation) -> None:
    metric = a_metric(organisation, days=STEADY)
    rows = [row(a_target(metric, goal=goal, name=f"{goal}")) for goal in (400, 250, 100)]
    assert [(group.title, len(group.rows)) for group in groups_of(rows)] == [
        ("Needs attention", 1),
        ("Going to plan", 1),
        ("Done", 1),
    ]


def test_the_tally_names_only_what_occurs_most_urgent_first() -> None:
    counts = tally_of({Status.MET: 1, Status.BEHIND: 2})
    assert [(count.word, count.number) for count in counts] == [("Behind", 2), ("Met", 1)]


@pytest.mark.parametrize(
    ("gaps", "words"),
    [
        ((), ""),
        ((1.0,), ""),
        ((0.0, 1.0), "gaining on pace this week"),
        ((5.0, *[3.0] * 7, 1.0), "losing on pace this week"),
        ((9.0, *[2.0] * 8), "level with pace this week"),
    ],
)
def test_the_gap_line_is_said_for_those_who_cannot_see_it(gaps: tuple[float, ...], words: str) -> None:
    assert trend_words(gaps) == words

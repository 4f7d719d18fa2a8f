"""One rule for the verdict, and one for how long it is held."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from targets.domain.evaluation import Evaluation, Forecast
from targets.domain.periods import period_at
from targets.domain.plan import Plan, Thresholds
from targets.domain.status import by_chance, by_pace, judge, settle, settled_by, settles
from targets.domain.terms import Aggregation, Comparison, Status
from tests.targets.domain.builders import at, level, on, plan

MET, MISSED, NO_DATA = Status.MET, Status.MISSED, Status.NO_DATA
ON_TRACK, AT_RISK, BEHIND = Status.ON_TRACK, Status.AT_RISK, Status.BEHIND
UPCOMING, PAUSED = Status.UPCOMING, Status.PAUSED
AT_LEAST, AT_MOST, WITHIN = Comparison.AT_LEAST, Comparison.AT_MOST, Comparison.WITHIN
NOVEMBER = period_at(plan().rule, plan().calendar, at("2026-11-20 12:00"))
BEFORE, START, DURING, LAST_MOMENT, END = (
    at(each)
    for each in (
        "2026-10-31 23:59:59",
        "2026-11-01 00:00",
        "2026-11-20 12:00",
        "2026-11-30 23:59:59",
        "2026-12-01 00:00",
    )
)


def forecast(chance: float) -> Forecast:
    return Forecast(median=0, q025=0, q10=0, q25=0, q75=0, q90=0, q975=0, chance=chance, early=False)


def estimate(median: float = 0.0) -> Forecast:
    return replace(forecast(0.0), median=median, chance=None, early=True)


def found(status: Status, chance: float | None = None) -> Evaluation:
    return Evaluation(
        at=datetime(2026, 11, 20, tzinfo=UTC),
        status=status,
        period_starts_on=on("2026-11-01"),
        period_ends_on=on("2026-12-01"),
        days_left=10,
        elapsed=0.6,
        forecast=None if chance is None else forecast(chance),
    )


FACTS: dict[str, Any] = {"value": 200.0, "settled": None, "silent": False, "forecast": forecast(0.5), "gap_share": 0.0}


@pytest.mark.parametrize(
    ("now", "facts", "status"),
    [
        (BEFORE, {}, UPCOMING),
        (BEFORE, {"settled": MET, "silent": True}, UPCOMING),
        (START, {}, AT_RISK),
        (DURING, {"settled": MET, "silent": True}, MET),  # met stays met when its source dies
        (DURING, {"settled": MISSED, "forecast": forecast(1.0)}, MISSED),
        (LAST_MOMENT, {}, AT_RISK),
        (END, {}, MISSED),
        (END, {"value": 300.0}, MET),
        (END, {"value": 200.0, "silent": True}, MISSED),  # judged by what is known
        (END, {"value": None}, NO_DATA),
        (DURING, {"silent": True}, NO_DATA),
        (DURING, {"silent": True, "value": None, "forecast": None, "gap_share": None}, NO_DATA),
        (DURING, {"forecast": forecast(0.70)}, ON_TRACK),
        (DURING, {"forecast": forecast(0.6999)}, AT_RISK),
        (DURING, {"forecast": forecast(0.30)}, AT_RISK),
        (DURING, {"forecast": forecast(0.2999)}, BEHIND),
        (DURING, {"forecast": forecast(0.9), "gap_share": -0.5}, ON_TRACK),
        (DURING, {"forecast": estimate(300.0), "gap_share": -0.5}, BEHIND),
        (DURING, {"forecast": None, "gap_share": -0.05}, ON_TRACK),
        (DURING, {"forecast": None, "gap_share": -0.0501}, AT_RISK),
        (DURING, {"forecast": None, "gap_share": -0.15}, AT_RISK),
        (DURING, {"forecast": None, "gap_share": -0.1501}, BEHIND),
        (DURING, {"forecast": None, "gap_share": 3.0}, ON_TRACK),
        (DURING, {"forecast": estimate(285.0), "gap_share": None, "value": None}, ON_TRACK),
        (DURING, {"forecast": estimate(284.0), "gap_share": None, "value": None}, AT_RISK),
        (DURING, {"forecast": estimate(254.0), "gap_share": None, "value": None}, BEHIND),
        (DURING, {"forecast": None, "gap_share": None, "value": None}, NO_DATA),
    ],
)
def test_the_first_rule_that_applies_wins(now: datetime, facts: dict[str, Any], status: Status) -> None:
    assert judge(plan(), NOVEMBER, now, **FACTS | facts) == status


def test_the_thresholds_are_the_plans_own() -> None:
    strict = plan(thresholds=Thresholds(on_track=0.9, at_risk=0.5))
    verdicts = [
        judge(strict, NOVEMBER, DURING, **FACTS | {"forecast": forecast(share)}) for share in (0.9, 0.89, 0.5, 0.49)
    ]
    assert verdicts == [ON_TRACK, AT_RISK, AT_RISK, BEHIND]


@pytest.mark.parametrize(
    ("asked", "grows", "value", "status"),
    [
        (plan(), True, 300.0, MET),
        (plan(), True, 299.999, None),
        (plan(), False, 300.0, None),  # what can fall settles only when the period ends
        (plan(), True, None, None),
        (plan(goal=0.0), True, 0.0, MET),
        (plan(goal=-10.0), True, 0.0, MET),
        (plan(goal=1.0), True, sum([0.1] * 10), MET),  # rounding is not missing
        (plan(comparison=AT_MOST), True, 300.0, None),
        (plan(comparison=AT_MOST), True, 300.001, MISSED),
        (plan(comparison=AT_MOST), False, 400.0, None),
        (plan(comparison=AT_MOST, goal=0.0), True, 1.0, MISSED),
        (plan(comparison=WITHIN, goal_upper=400.0), True, 350.0, None),
        (plan(comparison=WITHIN, goal_upper=400.0), True, 401.0, MISSED),
        (plan(comparison=WITHIN, goal_upper=400.0), True, 200.0, None),
        (level(), False, 400.0, None),
        (level(aggregation=Aggregation.MEAN), False, 400.0, None),
        (level(aggregation=Aggregation.MAXIMUM), False, 300.0, MET),
        (level(aggregation=Aggregation.MAXIMUM), False, 299.0, None),
        (level(aggregation=Aggregation.MAXIMUM, comparison=AT_MOST), False, 301.0, MISSED),
        (level(aggregation=Aggregation.MAXIMUM, comparison=WITHIN, goal_upper=400.0), False, 401.0, MISSED),
        (level(aggregation=Aggregation.MAXIMUM, comparison=WITHIN, goal_upper=400.0), False, 299.0, None),
        (level(aggregation=Aggregation.MINIMUM), False, 300.0, None),
        (level(aggregation=Aggregation.MINIMUM), False, 299.0, MISSED),
        (level(aggregation=Aggregation.MINIMUM, comparison=AT_MOST), False, 300.0, MET),
        (level(aggregation=Aggregation.MINIMUM, comparison=AT_MOST), False, 301.0, None),
        (level(aggregation=Aggregation.MINIMUM, comparison=WITHIN, goal_upper=400.0), False, 299.0, MISSED),
        (level(aggregation=Aggregation.MINIMUM, comparison=WITHIN, goal_upper=400.0), False, 401.0, None),
    ],
)
def test_arithmetic_settles_what_cannot_come_back(
    asked: Plan, grows: bool, value: float | None, status: Status | None
) -> None:
    assert settled_by(asked, value, grows=grows) == status


def test_many_values_are_settled_at_once() -> None:
    assert settles(plan(), [100.0, 300.0, 301.0], grows=True).tolist() == [False, True, True]
    assert settles(plan(), [100.0, 300.0], grows=False).tolist() == [False, False]


@pytest.mark.parametrize(
    ("shown", "pending", "status", "chance", "shows", "then_pending"),
    [
        # what stays, stays; what was pending is forgotten
        (ON_TRACK, None, ON_TRACK, 0.80, ON_TRACK, None),
        (ON_TRACK, AT_RISK, ON_TRACK, 0.80, ON_TRACK, None),
        # three points beyond a threshold, twice in a row
        (ON_TRACK, None, AT_RISK, 0.67, ON_TRACK, None),
        (ON_TRACK, None, AT_RISK, 0.669, ON_TRACK, AT_RISK),
        (ON_TRACK, AT_RISK, AT_RISK, 0.669, AT_RISK, None),
        (ON_TRACK, AT_RISK, AT_RISK, 0.68, ON_TRACK, None),
        (AT_RISK, None, ON_TRACK, 0.729, AT_RISK, None),
        (AT_RISK, None, ON_TRACK, 0.731, AT_RISK, ON_TRACK),
        (AT_RISK, ON_TRACK, ON_TRACK, 0.731, ON_TRACK, None),
        (AT_RISK, None, BEHIND, 0.271, AT_RISK, None),
        (AT_RISK, None, BEHIND, 0.269, AT_RISK, BEHIND),
        (BEHIND, None, AT_RISK, 0.329, BEHIND, None),
        (BEHIND, AT_RISK, AT_RISK, 0.331, AT_RISK, None),
        (BEHIND, AT_RISK, ON_TRACK, 0.72, AT_RISK, None),
        (BEHIND, ON_TRACK, ON_TRACK, 0.74, ON_TRACK, None),
        # another change than the one that was pending begins anew
        (ON_TRACK, AT_RISK, BEHIND, 0.10, ON_TRACK, BEHIND),
        # by pace there is no chance to be careful about
        (ON_TRACK, None, AT_RISK, None, ON_TRACK, AT_RISK),
        (ON_TRACK, AT_RISK, AT_RISK, None, AT_RISK, None),
        # silence, too, must be found twice
        (ON_TRACK, None, NO_DATA, 0.80, ON_TRACK, NO_DATA),
        (ON_TRACK, NO_DATA, NO_DATA, 0.80, NO_DATA, None),
        # facts at once
        (BEHIND, None, MET, 1.0, MET, None),
        (ON_TRACK, None, MISSED, 0.0, MISSED, None),
        (ON_TRACK, None, UPCOMING, None, UPCOMING, None),
        (NO_DATA, None, BEHIND, 0.1, BEHIND, None),
        (NO_DATA, None, ON_TRACK, 0.70, ON_TRACK, None),
        (UPCOMING, None, ON_TRACK, 0.70, ON_TRACK, None),
        (PAUSED, None, AT_RISK, 0.69, AT_RISK, None),
        (MET, None, AT_RISK, 0.5, AT_RISK, None),
        (MISSED, None, ON_TRACK, 0.8, ON_TRACK, None),
        (MET, None, NO_DATA, None, NO_DATA, None),
    ],
)
def test_a_shown_status_is_held(
    shown: Status,
    pending: Status | None,
    status: Status,
    chance: float | None,
    shows: Status,
    then_pending: Status | None,
) -> None:
    assert settle(shown, pending, found(status, chance), Thresholds()) == (shows, then_pending)


def test_an_early_estimate_has_no_margin() -> None:
    early = replace(found(AT_RISK), forecast=estimate())
    assert settle(ON_TRACK, AT_RISK, early, Thresholds()) == (AT_RISK, None)


def test_the_margins_lie_around_the_thresholds_given() -> None:
    thresholds = Thresholds(on_track=0.9, at_risk=0.5)
    assert settle(ON_TRACK, None, found(AT_RISK, 0.88), thresholds) == (ON_TRACK, None)
    assert settle(ON_TRACK, None, found(AT_RISK, 0.86), thresholds) == (ON_TRACK, AT_RISK)


def test_a_chance_that_wavers_around_a_threshold_changes_nothing() -> None:
    shown = ON_TRACK
    pending: Status | None = None
    for chance in (0.71, 0.69, 0.68, 0.72, 0.66, 0.70, 0.66, 0.71):
        verdict = replace(found(by_chance(chance, Thresholds()), chance))
        shown, pending = settle(shown, pending, verdict, Thresholds())
        assert shown == ON_TRACK


def test_pace_and_chance_have_the_same_three_words() -> None:
    assert [by_pace(share) for share in (0.0, -0.1, -0.2)] == [
        by_chance(share, Thresholds()) for share in (0.8, 0.5, 0.2)
    ]

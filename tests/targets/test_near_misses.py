"""A goal that is missed by less than the metric's decimals show is missed still, and said to be, wherever one looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from alerts import render, reporting
from organisations.models import Organisation, User
from targets import wording
from targets.domain.evaluation import Evaluation, evaluate
from targets.domain.plan import Plan
from targets.domain.terms import Aggregation, Comparison
from targets.models import Target
from targets.presenting import row_of
from tests.targets.domain.builders import at, daily, level, plan
from tests.targets.stage import NOW, a_metric, a_target, friday  # noqa: F401  a fixture

AT_MOST, WITHIN = Comparison.AT_MOST, Comparison.WITHIN
MONDAY = at("2026-11-16 00:00")
TENTHS: dict[str, Any] = {"decimals": 1, "goal": 10.0}


def judged(asked: Plan, value: float) -> Evaluation:
    """Judge a target whose ten days bring it to a value."""
    each = value / 10 if asked.cumulative else value
    return evaluate(asked, daily("2026-11-06", [each] * 10), MONDAY)


@pytest.mark.parametrize(
    ("asked", "value", "phrase"),
    [
        (level(**TENTHS), 9.984, "0.02 under target"),
        (level(**TENTHS, aggregation=Aggregation.MEAN), 9.984, "0.02 under target"),
        (level(**TENTHS, aggregation=Aggregation.MAXIMUM), 9.9996, "0.0004 under target"),
        (level(**TENTHS, aggregation=Aggregation.MINIMUM), 9.984, "0.02 under target"),
        (level(**TENTHS, comparison=AT_MOST), 10.016, "0.02 over the limit"),
        (level(**TENTHS, comparison=WITHIN, goal_upper=12.0), 9.984, "0.02 under the range"),
        (level(**TENTHS, comparison=WITHIN, goal_upper=12.0), 12.016, "0.02 above the range"),
        (plan(**TENTHS, comparison=AT_MOST), 10.016, "0.02 over the limit"),
        (plan(**TENTHS, comparison=WITHIN, goal_upper=12.0), 12.016, "0.02 over the limit"),
    ],
)
def test_a_small_miss_is_shown_with_more_decimals(asked: Plan, value: float, phrase: str) -> None:
    found = judged(asked, value)
    assert wording.gap_phrase(asked, found) == phrase
    shown, decimals = wording.gap_shown(asked, found), wording.gap_places(asked, found)
    assert wording.signed(shown, decimals=decimals)[1:] == phrase.partition(" ")[0]
    assert wording.value_places(asked, value) > asked.decimals


@pytest.mark.parametrize(
    ("asked", "value", "phrase"),
    [
        (level(**TENTHS), 10.016, "on target"),
        (level(**TENTHS), 10.0 - 1e-11, "on target"),
        (level(**TENTHS, comparison=AT_MOST), 9.984, "at the limit"),
        (level(**TENTHS, comparison=AT_MOST), 10.0 + 1e-11, "at the limit"),
        (level(**TENTHS, comparison=WITHIN, goal_upper=12.0), 10.0 - 1e-11, "within the range"),
        (plan(**TENTHS, comparison=AT_MOST), 10.0 + 1e-11, "5.0 over pace"),
        (plan(**TENTHS), 5.016, "on pace"),  # half of the month is over
        (plan(**TENTHS), 4.984, "on pace"),
        (plan(**TENTHS, comparison=WITHIN, goal_upper=12.0), 4.984, "on pace"),
    ],
)
def test_what_is_reached_and_what_is_on_its_way_is_written_as_ever(asked: Plan, value: float, phrase: str) -> None:
    found = judged(asked, value)
    assert wording.gap_phrase(asked, found) == phrase
    assert wording.gap_places(asked, found) == asked.decimals


@pytest.fixture
def nearly(organisation: Organisation) -> Target:
    """Ten days of 9.984 where 10 is asked for, written with one decimal."""
    metric = a_metric(organisation, "Fill level", days=[9.984] * 10, decimals=1, value_kind="level")
    return a_target(metric, goal=10, aggregation="latest")


@pytest.mark.django_db
@pytest.mark.usefixtures("friday")
def test_list_page_and_mail_say_the_same(nearly: Target, owner: User, client_of: Callable[[User], Client]) -> None:
    row, visitor = row_of(nearly, NOW), client_of(owner)
    assert (row.value, row.gap, row.gap_word) == ("9.98", "−0.02", "under target")
    page = visitor.get(f"/growth/targets/{nearly.pk}/").content.decode()
    report = reporting.ensure_default(nearly.organisation, NOW - timedelta(days=1))
    letter = render.report(
        report, [nearly], changes=None, recipient=report.recipients.select_related("user").get(), now=NOW
    )
    for text in (page, letter.html, letter.text):
        assert "0.02 under target" in text
        assert "9.98" in text
    for text in (page, visitor.get("/growth/").content.decode(), letter.html, letter.text):
        assert "±0.0" not in text
        assert "on target" not in text

"""Rows that a file changes: many at once, and all that saving a form does besides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blueprints.applying import Order, apply, prepare
from blueprints.mistakes import Mistaken
from connectors.models import Feed
from organisations.access import Access
from organisations.models import User
from targets.blueprint.putting import JUDGED_AT_ONCE
from targets.judging import judge_target
from targets.models import Metric, Target

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
HEAD = """\
blueprint: 1
connections:
  Typed in:
    kind: push
feeds:
  Typed in / Daily: {}
metrics:
  Sales:
    feed: Typed in / Daily
  Stock:
    feed: Typed in / Daily
    value_kind: level
targets:
"""
ROW = """\
  Target {number:03}:
    metric: Sales
    goal: at least 100 per month
    tags: [Growth]
"""
MANY = 40
Applied = Callable[[str], None]


@pytest.fixture
def text() -> str:
    return HEAD + "".join(ROW.format(number=number) for number in range(MANY))


@pytest.fixture
def put(access: Access, text: str) -> Applied:
    """Apply a file; the first one has been applied already."""
    apply(access, Order(texts={"x": text}), now=NOW)
    for pk in access.rows(Target).values_list("pk", flat=True):
        judge_target(pk, NOW)

    def changed(other: str) -> None:
        apply(access, Order(texts={"x": other}), now=LATER)
        assert prepare(access, Order(texts={"x": other})).plan.changes == []

    return changed


def first(access: Access) -> Target:
    return access.rows(Target).order_by("name")[0]


def test_a_changed_question_is_a_new_version_judged_at_once_or_within_a_minute(
    put: Applied, text: str, access: Access
) -> None:
    put(text.replace("at least 100", "at least 200"))
    rows = list(access.rows(Target).order_by("pk"))
    assert {(row.goal, row.version) for row in rows} == {(200, 2)}
    assert [row.evaluated_at for row in rows if row.evaluation] == [LATER] * JUDGED_AT_ONCE
    assert {row.judge_at for row in rows if not row.evaluation} == {LATER}
    assert {row.status for row in rows if not row.evaluation} == {"no_data"}


def test_what_asks_nothing_else_keeps_its_verdict(put: Applied, text: str, access: Access, editor: User) -> None:
    before = first(access).evaluation
    put(text.replace("    tags:", f"    owner: {editor.email.upper()}\n    team: Sales\n    tags:"))
    rows = list(access.rows(Target).select_related("owner"))
    assert {(row.version, row.team, row.owner) for row in rows} == {(1, "Sales", editor)}
    assert all(row.evaluation for row in rows)
    assert before


def test_many_changes_take_as_many_questions_as_one(
    put: Applied, text: str, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("targets.blueprint.putting.JUDGED_AT_ONCE", 0)
    counts = []
    for changed in (text.replace("at least 100", "at least 300", 1), text.replace("at least 100", "at least 400")):
        with CaptureQueriesContext(connection) as asked:
            put(changed)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_tags_are_put_on_taken_off_and_gone(put: Applied, text: str, access: Access) -> None:
    put(text.replace("[Growth]", "[Sales, growth]"))
    assert sorted(tag.name for tag in first(access).tags.all()) == ["Growth", "Sales"], "in the case that is there"
    put(text.replace("    tags: [Growth]\n", ""))
    assert access.organisation.tags.count() == 0


def test_targets_are_paused_and_resumed(put: Applied, text: str, access: Access) -> None:
    put(text.replace("    tags:", "    paused: true\n    tags:"))
    assert set(access.rows(Target).values_list("status", "judge_at", "paused_at")) == {("paused", None, LATER)}
    put(text.replace("    tags:", "    paused: true\n    tags:").replace("100", "200"))
    assert set(access.rows(Target).values_list("status", "judge_at", "version")) == {("paused", None, 2)}
    put(text)
    assert access.rows(Target).filter(paused_at=None, version=3).count() == MANY
    assert first(access).status == "no_data"


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("metric: Sales", "metric: Sales\n    aggregation: maximum\n    start_value: 5", "Only a level has a starting"),
        ("metric: Sales", "metric: Stock\n    aggregation: sum", "Stock is a level: its readings do not add up."),
        ("at least 100", "at least 0", "Enter a value above 0."),
        ("    tags", "    time_zone: Nowhere\n    tags", "Nowhere"),
        (
            "  Stock:\n    feed: Typed in / Daily\n    value_kind: level",
            "  Stock:\n    feed: Typed in / Weekly\n    value_kind: level",
            "A metric stays with its feed.",
        ),
        ("  Sales:\n", "  Sales:\n    value_kind: level\n", "Fixed while targets or the source rest on it."),
    ],
)
def test_what_a_form_would_refuse_is_refused_and_nothing_changes(
    put: Applied, text: str, access: Access, before: str, after: str, sentence: str
) -> None:
    other = text.replace(before, after).replace(
        "  Typed in / Daily: {}", "  Typed in / Daily: {}\n  Typed in / Weekly: {}"
    )
    with pytest.raises(Mistaken) as error:
        put(other)
    assert sentence in str(error.value)
    assert error.value.mistakes[0].line > 0
    assert first(access).version == 1
    assert access.rows(Feed).count() == 1


def test_a_changed_metric_is_read_and_judged_anew(put: Applied, text: str, access: Access) -> None:
    access.rows(Target).update(judge_at=None)
    put(text.replace("  Sales:\n", "  Sales:\n    unit: €\n    decimals: 2\n"))
    assert access.rows(Metric).filter(unit="€", decimals=2).count() == 1
    assert access.rows(Target).filter(evaluated_at=LATER).count() == JUDGED_AT_ONCE
    assert access.rows(Target).exclude(evaluated_at=LATER).filter(judge_at=LATER).count() == MANY - JUDGED_AT_ONCE


def test_a_metric_without_targets_becomes_another_kind(put: Applied, text: str, access: Access) -> None:
    put(text.replace("    value_kind: level\n", ""))
    assert access.rows(Metric).get(name="Stock").value_kind == "flow"


def test_the_usual_value_of_a_period_may_be_said_or_not(put: Applied, text: str, access: Access) -> None:
    said = text.replace("    tags:", "    aggregation: sum\n    tags:")
    assert prepare(access, Order(texts={"x": said})).plan.changes == []

"""From files to rows and back: what is written, what is kept, what goes, and who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from blueprints.applying import Order, apply, prepare
from blueprints.drifting import drift, forget
from blueprints.exporting import export
from blueprints.mistakes import Mistaken
from blueprints.planning import Plan, Verb
from connectors.models import Connection, Feed
from organisations import managed
from organisations.access import Access, access_for
from organisations.models import User
from targets.models import Metric, Target
from tests.blueprints.files import ANSWERS, WHOLE

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FILE = "growth.yaml"
ROOM = "A pleasant room"
VISITORS = "10,000 visitors a month"
KEY = "ANALYTICS_KEY"
WITHOUT_ROOM = WHOLE.replace(f"  {ROOM}:\n    metric: Room temperature\n    goal: between 21 and 23 per day\n", "")
pytestmark = pytest.mark.django_db
Put = Callable[..., Plan]


@pytest.fixture
def put(access: Access) -> Put:
    """Return a function that applies a text to the organisation, with the usual answers unless others are given."""

    def applied(text: str = WHOLE, **how: object) -> Plan:
        return apply(access, order(text, **how), now=NOW)

    return applied


def order(text: str = WHOLE, **how: object) -> Order:
    return Order(**{"texts": {FILE: text}, "answers": ANSWERS, **how})  # type: ignore[arg-type]  # named by the tests


def named(plan: Plan, verb: Verb) -> list[str]:
    """Return what a plan does to which rows."""
    return [f"{change.section}: {change.name}" for change in plan.of(verb)]


def secret_of(access: Access) -> dict[str, str]:
    return access.rows(Connection).get(name="Analytics").unseal()


# --- creating and exporting -------------------------------------------------------------------------------------------


def test_everything_a_file_names_is_there_afterwards(put: Put, access: Access) -> None:
    assert len(put().of(Verb.CREATE)) == 9
    feed = access.rows(Feed).get(name="Visitors")
    assert feed.query["params"] == "startDate={since}\nendDate={until}\nmetric=uniqueVisitors"
    assert (feed.every, feed.due_at) == (60, NOW)
    target = access.rows(Target).get(name=VISITORS)
    assert (target.goal, target.period, target.team) == (10_000, "month", "Marketing")
    assert sorted(tag.name for tag in target.tags.all()) == ["Growth", "Website"]
    assert target.evaluated_at == NOW, "a few targets are judged before anybody looks"
    report = access.organisation.reports.get()
    assert [place.user for place in report.recipients.all()] == [access.user]
    assert secret_of(access) == {"key": ANSWERS[KEY]}


def test_applying_again_writes_nothing_and_needs_no_secret(put: Put) -> None:
    put()
    again = put(answers={"GOAL": "10000"})
    assert (again.changes, again.same) == ([], 9)


def test_an_export_holds_no_secret_and_changes_nothing(put: Put, access: Access) -> None:
    put()
    text = export(access)
    assert ANSWERS[KEY] not in text
    assert f"key: ${{{KEY}}}" in text
    assert prepare(access, Order(texts={FILE: text})).plan.changes == []


def test_secrets_of_connections_with_like_names_are_told_apart(access: Access) -> None:
    for name in ("Analytics", "analytics"):
        row = access.organisation.connections.create(name=name, kind="http", settings={"address": "https://a.example"})
        row.seal({"key": name})
        row.save()
    text = export(access)
    assert "${ANALYTICS_KEY}" in text
    assert "${ANALYTICS_KEY_2}" in text


def test_a_row_can_lean_on_what_is_there_already(put: Put, access: Access) -> None:
    put()
    plan = put(
        "blueprint: 1\ntargets:\n  More:\n    metric: Website visitors\n    goal: at least 5 per week\n", answers={}
    )
    assert named(plan, Verb.CREATE) == ["targets: More"]
    assert access.rows(Target).count() == 3


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_a_secret_that_is_answered_differently_replaces_the_stored_one(put: Put, access: Access) -> None:
    put()
    plan = put(answers={**ANSWERS, KEY: "a-new-one"})
    assert [(change.name, change.secrets) for change in plan.changes] == [("Analytics", ("key",))]
    assert secret_of(access) == {"key": "a-new-one"}


def test_a_secret_does_not_travel_to_another_address(put: Put, access: Access) -> None:
    put()
    moved = WHOLE.replace("analytics.example.com", "elsewhere.example.com")
    with pytest.raises(Mistaken, match="ANALYTICS_KEY"):
        put(moved, answers={"GOAL": "10000"})
    put(moved)
    assert access.rows(Connection).get(name="Analytics").address.startswith("https://elsewhere.example.com")


def test_a_file_that_does_not_speak_of_secrets_leaves_them_alone(put: Put, access: Access) -> None:
    put()
    silent = WHOLE.replace("    secrets:\n      key: ${ANALYTICS_KEY}\n", "")
    assert put(silent, answers={"GOAL": "10000"}).changes == []
    assert secret_of(access) == {"key": ANSWERS[KEY]}


# --- removing ---------------------------------------------------------------------------------------------------------


def test_what_a_file_does_not_name_stays_unless_it_is_pruned(put: Put, access: Access) -> None:
    put()
    assert put(WITHOUT_ROOM).changes == []
    assert named(put(WITHOUT_ROOM, prune=True), Verb.REMOVE) == [f"targets: {ROOM}"]
    assert not access.rows(Target).filter(name=ROOM).exists()


def test_what_hangs_on_a_pruned_row_is_told_and_goes_first(put: Put, access: Access) -> None:
    put()
    plan = put("blueprint: 1\nconnections:\n  Typed in:\n    kind: push\n", answers={}, prune=True)
    assert named(plan, Verb.REMOVE) == [
        f"targets: {VISITORS}",
        "metrics: Website visitors",
        "feeds: Analytics / Visitors",
        "connections: Analytics",
    ]
    assert [change.with_name for change in plan.changes] == [
        "Website visitors",
        "Analytics / Visitors",
        "Analytics",
        "",
    ]
    assert access.rows(Metric).get().name == "Room temperature"


def test_pruning_leaves_samples_and_what_a_file_manages(put: Put, access: Access) -> None:
    put(file=FILE)
    sample = access.organisation.connections.create(name="Sample", kind="push", is_sample=True)
    access.organisation.connections.create(name="Mine", kind="push")
    plan = put("blueprint: 1\nconnections:\n", answers={}, prune=True)
    assert named(plan, Verb.REMOVE) == ["connections: Mine"]
    assert access.rows(Connection).filter(pk=sample.pk).exists()


def test_a_file_that_manages_prunes_what_it_managed_and_nothing_else(put: Put, access: Access) -> None:
    put(file=FILE)
    metric = access.rows(Metric).get(name="Room temperature")
    access.organisation.targets.create(metric=metric, name="Clicked", goal=1, tracking_since=NOW.date())
    plan = put(WITHOUT_ROOM, file=FILE, prune=True)
    assert named(plan, Verb.REMOVE) == [f"targets: {ROOM}"]
    assert access.rows(Target).filter(name="Clicked").exists()


# --- files that manage ------------------------------------------------------------------------------------------------


def test_rows_of_a_file_are_marked_until_it_names_them_no_more(put: Put, access: Access) -> None:
    put(file=FILE)
    room = access.rows(Target).get(name=ROOM)
    assert managed.marks_of(access.organisation, "targets")[room.pk].file == FILE
    put(WITHOUT_ROOM, file=FILE)
    assert room.pk not in managed.marks_of(access.organisation, "targets")


def test_another_file_cannot_change_what_one_holds_under_lock(put: Put, access: Access) -> None:
    put(file=FILE, locked=True)
    changed = WHOLE.replace("between 21 and 23", "between 20 and 23")
    with pytest.raises(Mistaken, match=f"managed by {FILE} and locked"):
        put(changed, file="other.yaml")
    with pytest.raises(Mistaken, match=f"managed by {FILE} and locked"):
        put(changed)
    assert named(put(changed, file=FILE, locked=True), Verb.CHANGE) == [f"targets: {ROOM}"]


def test_drift_is_what_applying_again_would_do(put: Put, access: Access) -> None:
    put(file=FILE)
    kept = access.organisation.blueprints.get()
    assert drift(access, kept).changes == []
    access.rows(Target).filter(name=ROOM).update(goal=19)
    access.rows(Target).filter(name=VISITORS).delete()
    plan = drift(access, kept)
    assert named(plan, Verb.CREATE) == [f"targets: {VISITORS}"]
    assert named(plan, Verb.CHANGE) == [f"targets: {ROOM}"]
    assert plan.missing_secrets == [], "nobody is asked for a look"


def test_a_file_that_is_let_go_of_leaves_its_rows_to_everybody(put: Put, access: Access) -> None:
    put(file=FILE, locked=True)
    forget(access, access.organisation.blueprints.get())
    assert managed.marks_of(access.organisation, "targets") == {}
    assert access.rows(Target).count() == 2


def test_a_kept_file_holds_no_secret(put: Put, access: Access) -> None:
    put(file=FILE)
    kept = access.organisation.blueprints.get()
    assert kept.answers == {"GOAL": "10000"}
    assert ANSWERS[KEY] not in f"{kept.texts}{kept.answers}"


# --- who may, and whose -----------------------------------------------------------------------------------------------


def test_an_editor_may_not_change_reports_and_then_nothing_happens(editor: User, access: Access) -> None:
    with pytest.raises(Mistaken, match="Your role does not allow"):
        apply(access_for(editor, access.organisation.slug), order(), now=NOW)
    assert not access.rows(Connection).exists()


def test_a_file_reaches_its_own_organisation_alone(put: Put, outsider: User) -> None:
    put()
    theirs = access_for(outsider, "elsewhere")
    lost = "blueprint: 1\ntargets:\n  Stolen:\n    metric: Website visitors\n    goal: at least 1 per day\n"
    with pytest.raises(Mistaken, match="There is no “Website visitors”"):
        apply(theirs, Order(texts={FILE: lost}), now=NOW)
    assert export(theirs) == "blueprint: 1\n"
    with pytest.raises(Mistaken, match=r"“owner@growth\.example” is no member"):
        apply(theirs, order(), now=NOW)

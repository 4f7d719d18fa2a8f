"""What was clicked goes into a file that is there already, and the file stays its author's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from blueprints.applying import Order, apply, prepare
from blueprints.keeping import kept_in
from blueprints.standing import bodies, standing
from organisations.access import Access
from tests.blueprints.files import ANSWERS, WHOLE

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FILE = "growth.yaml"
COMMENTED = WHOLE.replace("\ntargets:", "\n# what we promised\ntargets:").replace(
    "    team: Marketing\n    tags", "    team: Marketing # since spring\n    tags"
)
pytestmark = pytest.mark.django_db
Kept = Callable[[str], str]


@pytest.fixture
def kept(access: Access) -> Kept:
    """Return a function that takes the organisation, as it is, into a text that was applied to it."""
    apply(access, Order(texts={FILE: COMMENTED}, answers=ANSWERS), now=NOW)
    return lambda text: kept_in({FILE: text}, bodies(standing(access)), ANSWERS)[FILE]


def changed(before: str, after: str) -> list[str]:
    """Return the lines that one text has and the other has not, those of the first with a minus."""
    old, new = before.splitlines(), after.splitlines()
    return [f"-{line}" for line in old if line not in new] + [f"+{line}" for line in new if line not in old]


def test_a_file_that_says_what_is_there_stays_as_it_is_to_the_letter(kept: Kept) -> None:
    assert kept(COMMENTED) == COMMENTED


def test_a_changed_goal_changes_its_line_alone(kept: Kept, access: Access) -> None:
    access.organisation.targets.filter(name="A pleasant room").update(goal=20)
    assert changed(COMMENTED, kept(COMMENTED)) == [
        "-    goal: between 21 and 23 per day",
        "+    goal: between 20 and 23 per day",
    ]


def test_an_open_value_is_written_out_only_where_something_else_is_there(kept: Kept, access: Access) -> None:
    access.organisation.targets.filter(name="10,000 visitors a month").update(goal=12_000)
    assert changed(COMMENTED, kept(COMMENTED)) == [
        "-    goal: at least ${GOAL} per month",
        "+    goal: at least 12000 per month",
    ]


def test_a_field_within_the_query_is_changed_where_it_stands(kept: Kept, access: Access) -> None:
    feed = access.organisation.connections.get(name="Analytics").feeds.get()
    feed.query = {**feed.query, "params": feed.query["params"].replace("uniqueVisitors", "visits")}
    feed.save()
    assert changed(COMMENTED, kept(COMMENTED)) == ["-        metric: uniqueVisitors", "+        metric: visits"]


def test_what_is_new_comes_last_in_its_section_before_the_next_heading(kept: Kept, access: Access) -> None:
    metric = access.organisation.metrics.get(name="Room temperature")
    access.organisation.metrics.create(name="Price in ${EUR}", feed=metric.feed)
    text = kept(COMMENTED)
    assert changed(COMMENTED, text) == ["+  Price in $${EUR}:"]
    end = "    decimals: 1\n  Price in $${EUR}:\n    feed: Typed in / Daily\n\n# what we promised\ntargets:\n"
    assert end in text


def test_what_is_gone_leaves_the_file_and_the_next_heading_stays(kept: Kept, access: Access) -> None:
    access.organisation.metrics.filter(name="Room temperature").delete()
    text = kept(COMMENTED)
    assert "Room temperature" not in text
    assert "A pleasant room" not in text
    assert "\n\n# what we promised\ntargets:\n  10,000 visitors a month:\n" in text
    assert "\n\nreports:\n" in text


def test_the_file_with_what_was_taken_in_changes_nothing(kept: Kept, access: Access) -> None:
    access.organisation.targets.filter(name="A pleasant room").delete()
    access.organisation.targets.filter(name="10,000 visitors a month").update(goal=7, team="")
    plan = prepare(access, Order(texts={FILE: kept(COMMENTED)}, answers=ANSWERS)).plan
    assert plan.mistakes == []
    assert plan.changes == []

"""The sample shows every status on whatever day somebody looks, and leaves nothing behind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation

from blueprints.applying import validate
from blueprints.sample.adding import add
from blueprints.sample.head import the_sample
from connectors.models import Connection
from organisations.access import Access
from organisations.said import LANGUAGES
from targets import sample
from targets.domain.terms import Status
from targets.made_up import points
from targets.models import Metric, Observation, Tag, Target

MOMENTS = [
    datetime(2026, 11, 20, 14, 30, tzinfo=UTC),
    datetime(2026, 12, 1, 9, tzinfo=UTC),  # first day of a month
    datetime(2027, 1, 1, 12, tzinfo=UTC),  # first day of a year
    datetime(2028, 2, 29, 8, tzinfo=UTC),
]


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_every_status_is_there_on_any_day(access: Access, now: datetime) -> None:
    add(access, now)
    shown = {target.name: target.status for target in access.rows(Target)}
    assert len(shown) == 12
    assert set(shown.values()) >= {"met", "missed", "no_data", "on_track", "at_risk", "behind"}


def test_on_an_ordinary_day_each_shows_what_it_is_meant_to(access: Access) -> None:
    add(access, MOMENTS[0])
    shown = {target.name: Status(target.status) for target in access.rows(Target)}
    what = the_sample()
    assert shown == {what.words[part.word].texts["en"]: part.shows for part in what.parts}


def test_there_is_a_past_to_look_at(access: Access) -> None:
    add(access, MOMENTS[0])
    visitors = access.rows(Target).get(name="Website visitors")
    assert visitors.results.count() >= 11
    assert visitors.track is not None


def test_adding_twice_adds_once_and_removing_leaves_nothing(access: Access) -> None:
    add(access, MOMENTS[0])
    add(access, MOMENTS[0])
    assert access.rows(Target).count() == 12
    sample.remove(access)
    assert not sample.exists(access)
    for model in (Connection, Metric, Observation, Target):
        assert not access.rows(model).exists()


def test_nothing_looks_empty_tags_and_notes_are_there_and_go_again(access: Access) -> None:
    mine = access.organisation.tags.create(name="customers")
    add(access, MOMENTS[0])
    target = access.rows(Target).get(name="New paid subscriptions")
    assert [tag.pk for tag in target.tags.all()] == [mine.pk]
    assert [note.text for note in target.notes.all()] == ["The new price list is out.", "The campaign has started."]
    sample.remove(access)
    assert not access.rows(Tag).exists()


def test_samples_are_named_in_the_language_of_whoever_asks_and_read_the_same(access: Access) -> None:
    with translation.override("de"):
        add(access, MOMENTS[0])
    german = access.rows(Target).get(name="Besucher der Website")
    assert (german.team, german.metric.name) == ("Marketing", "Besucher der Website")
    read = list(german.metric.observations.order_by("at").values_list("value", flat=True))
    part = next(part for part in the_sample().parts if part.word == "VISITORS")
    made_up = points(part.story, decimals=0, now=MOMENTS[0], zone=access.organisation.zone)
    assert read == [point.value for point in made_up]


def test_the_file_is_a_blueprint_and_says_everything_in_every_language() -> None:
    what = the_sample()
    assert validate({"targets.yaml": what.text}) == []
    texts = [*what.words.values(), *(note.text for part in what.parts for note in part.notes)]
    assert all(set(said.texts) == set(LANGUAGES) and all(said.texts.values()) for said in texts)


def test_every_open_value_of_the_file_is_filled() -> None:
    what = the_sample()
    plain, secret = what.document.names()
    filled = {*what.words, *what.days, "ME", *(part.goal for part in what.parts)}
    assert set(plain) <= filled
    assert filled - set(plain) == {"SERVERS_GOAL"}  # a range has no goal to choose
    assert secret == {}


def test_what_was_there_before_stays(access: Access) -> None:
    connection = access.organisation.connections.create(name="Sample", kind="push")
    feed = connection.feeds.create(name="Mine", due_at=None)
    access.organisation.metrics.create(feed=feed, name="Cloud spend")
    add(access, MOMENTS[0])
    sample.remove(access)
    assert [metric.name for metric in access.rows(Metric)] == ["Cloud spend"]

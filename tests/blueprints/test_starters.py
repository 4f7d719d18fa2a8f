"""Every file in the folder of starters: complete, in every language, and working against the pretend services."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import timezone, translation
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from blueprints.applying import apply, validate
from blueprints.mistakes import Mistaken
from blueprints.models import Blueprint
from blueprints.placeholders import OPEN
from blueprints.starters.asking import AnswersForm, as_typed
from blueprints.starters.filling import left_out, order_of, questions, rehearsed, usual
from blueprints.starters.head import Asks, Picture
from blueprints.starters.shelf import FOLDER, Starter, all_starters, in_order, read
from blueprints.starters.started import feeds_of, target_of
from blueprints.starters.trying import tried
from connectors.models import Connection, Enrichment, Record
from connectors.models.feed import Health
from organisations.access import Access, access_for
from organisations.documents.shapes import plain
from organisations.models import Organisation, User
from organisations.said import LANGUAGES, Said
from targets import enriching, tasks
from targets.domain.terms import Status
from targets.models import Target

SLUGS = sorted(file.stem for file in FOLDER.glob("*.yaml"))
FETCHING = [slug for slug in SLUGS if all_starters()[slug].asks_a_source]
ROOT = Path(__file__).resolve().parents[2]
TEMPLATES, DOCS = ROOT / "templates", ROOT / "docs"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SMALL = """\
blueprint: 1
starter:
  title: {en: Room, de: Raum}
  summary: {en: A room. And more., de: Ein Raum. Und mehr.}
  picture: level
  questions:
    GOAL:
      ask: {en: Goal, de: Ziel}
      kind: number
      default: 21
  words:
    PLACE: {en: Sensors, de: Sensoren}
    ROOM: {en: Room, de: Raum}
connections:
  ${PLACE}: {kind: push}
feeds:
  "${PLACE} / ${ROOM}": {every: daily}
metrics:
  ${ROOM}: {feed: "${PLACE} / ${ROOM}", value_kind: level}
targets:
  ${ROOM}: {metric: "${ROOM}", goal: "at least ${GOAL} per day"}
"""


@pytest.fixture(params=SLUGS)
def starter(request: pytest.FixtureRequest) -> Starter:
    return all_starters()[request.param]


@pytest.fixture
def sandbox(settings: Settings, live_server: LiveServer) -> str:
    """Serve the pretend services, and say that this is where the installation is."""
    settings.SITE_URL = live_server.url
    return f"{live_server.url}/sandbox"


def proposed(starter: Starter, access: Access) -> dict[str, str]:
    """Return every answer as it is proposed."""
    return {question.name: usual(question, access) for question in questions(starter, access)}


def said_in(starter: Starter) -> list[Said]:
    """Return every text for people in a starter."""
    head = starter.head
    of_questions = [
        said
        for question in head.questions.values()
        for said in (question.ask, *([question.hint] if question.hint else []), *question.choices.values())
    ]
    return [head.title, head.summary, *of_questions, *head.words.values()]


def mistakes(text: str) -> list[str]:
    """Return what is said about a starter."""
    with pytest.raises(Mistaken) as caught:
        read("small", text)
    return [str(mistake) for mistake in caught.value.mistakes]


# --- each file ----------------------------------------------------------------------------------------------------


def test_there_are_starters() -> None:
    assert set(SLUGS) >= {
        "crm-sales",
        "pushed-by-programs",
        "room-climate",
        "website-traffic",
        "website-visitors-distinct",
    }


def test_a_starter_is_right_but_for_what_it_asks(starter: Starter) -> None:
    assert validate({starter.file: starter.text}) == []


def test_a_starter_speaks_every_language(starter: Starter) -> None:
    for said in said_in(starter):
        assert set(said.texts) == set(LANGUAGES)
        assert all(said.texts.values())


def test_a_starter_says_what_it_is_in_two_sentences(starter: Starter) -> None:
    for code, text in starter.head.summary.texts.items():
        assert text.count(". ") == 1, f"{code}: {text}"
        assert text.endswith(".")


def test_a_starter_asks_for_all_that_is_open_and_nothing_else(starter: Starter) -> None:
    plain_ones, secret_ones = starter.document.names()
    assert set(starter.head.questions) | set(starter.head.words) == set(plain_ones) | set(secret_ones)
    assert set(starter.head.questions) & set(starter.head.words) == set()


def test_every_row_of_a_starter_is_named_by_words_so_that_it_can_be_used_twice(starter: Starter) -> None:
    for rows in starter.document.rows.values():
        for name in rows:
            assert set(OPEN.findall(name)) & set(starter.head.words), name


def test_every_picture_is_drawn() -> None:
    folder = TEMPLATES / "blueprints" / "pictures"
    assert {file.stem for file in folder.glob("*.html")} == set(Picture)


def test_those_that_ask_somebody_come_first() -> None:
    order = [starter.asks_a_source for starter in in_order()]
    assert order == sorted(order, reverse=True)


# --- used ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_starter_with_its_proposals_makes_a_target(starter: Starter, access: Access) -> None:
    plan = apply(access, order_of(starter, access, proposed(starter, access)), now=NOW)
    assert {change.section for change in plan.changes} == set(starter.document.rows)
    assert target_of(access, plan) is not None
    assert not Blueprint.unscoped.exists(), "no file manages what came of a starter"


@pytest.mark.django_db
def test_a_starter_can_be_used_again(starter: Starter, access: Access) -> None:
    for _time in range(3):
        apply(access, order_of(starter, access, proposed(starter, access)), now=NOW)
    names = set(access.rows(Target).values_list("name", flat=True))
    first = {name for name in names if not name.endswith((" 2", " 3"))}
    assert names == first | {f"{name} {number}" for name in first for number in (2, 3)}


@pytest.mark.django_db
def test_names_are_in_the_language_of_whoever_uses_it(starter: Starter, access: Access) -> None:
    with translation.override("de"):
        plan = apply(access, order_of(starter, access, proposed(starter, access)), now=NOW)
    german = {word.texts["de"] for word in starter.head.words.values()}
    target = target_of(access, plan)
    assert target is not None
    assert target.name in german
    assert target.owner == access.user


@pytest.mark.django_db
def test_a_rehearsal_changes_nothing(starter: Starter, access: Access) -> None:
    plan = rehearsed(access, order_of(starter, access, proposed(starter, access)), now=NOW)
    assert plan.changes
    assert not access.rows(Target).exists()


@pytest.mark.django_db
def test_an_editor_uses_what_their_role_allows(starter: Starter, editor: User, organisation: Organisation) -> None:
    access = access_for(editor, organisation.slug)
    plan = apply(access, order_of(starter, access, proposed(starter, access)), now=NOW)
    assert {change.section for change in plan.changes} == set(starter.document.rows) - set(left_out(starter, access))
    assert target_of(access, plan) is not None


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_proposals_are_answers_that_the_form_takes(starter: Starter, access: Access, language: str) -> None:
    with translation.override(language):
        asked = questions(starter, access)
        data = {each.name: as_typed(each, usual(each, access)) for each in asked}
        form = AnswersForm(data, starter=starter, access=access)
        assert form.is_valid(), form.errors
        assert {**form.answers(), **form.secrets()} == proposed(starter, access)


@pytest.mark.django_db
def test_without_the_pretend_services_nothing_of_them_is_proposed(access: Access, settings: Settings) -> None:
    settings.SANDBOX = False
    answers = proposed(all_starters()["website-traffic"], access)
    assert (answers["ADDRESS"], answers["KEY"]) == ("", "")
    assert answers["GOAL"] == "10000"


@pytest.mark.thorough
@pytest.mark.parametrize("slug", FETCHING)
def test_what_is_fetched_is_tried_collected_and_judged(slug: str, sandbox: str, access: Access) -> None:
    starter, now = all_starters()[slug], timezone.now()
    answers = proposed(starter, access)
    order = order_of(starter, access, answers)
    for each in tried(rehearsed(access, order, now=now), access, answers, now=now):
        assert each.result.ok, each.result.message
        assert each.result.answer is None, "the answer itself is not kept"
        assert all(found.count and found.latest for found in each.found)
        assert each.found
    plan = apply(access, order, now=now)
    access.rows(Connection).update(calls_limit=None)  # how calls are paced is tested elsewhere, and takes its time
    feeds = feeds_of(access, plan)
    assert feeds
    for feed in feeds:
        tasks.collect_at_once(feed.pk, seconds=60)
        feed.refresh_from_db()
        assert feed.health == Health.FRESH, feed.message
    enrich_all(access)
    target = target_of(access, plan)
    assert target is not None
    assert target.status not in (Status.NO_DATA, "")
    assert target.value is not None


def enrich_all(access: Access) -> None:
    """Pass every record that waits to the service that enriches it."""
    for row in access.rows(Enrichment):
        while enriching.run(row.pk, timezone.now(), announce=lambda _pk: None, announce_enrichment=lambda _pk: None):
            pass
        row.refresh_from_db()
        assert row.message == ""
        assert not row.feed.records.exclude(state=Record.State.DONE).exists()
        assert row.feed.records.exists()


@pytest.mark.usefixtures("sandbox")
def test_the_total_so_far_is_what_the_service_says(access: Access) -> None:
    from connectors.sandbox import traffic

    starter, now = all_starters()["website-visitors-distinct"], timezone.now()
    answers = proposed(starter, access)
    [each] = tried(rehearsed(access, order_of(starter, access, answers), now=now), access, answers, now=now)
    [found] = each.found
    assert found.latest is not None
    local = now.astimezone(access.organisation.zone).date()
    assert plain(found.latest.value) == pytest.approx(traffic.distinct(local.replace(day=1), local, now), abs=3)


# --- mistakes -----------------------------------------------------------------------------------------------------


def test_a_small_starter_is_enough() -> None:
    small = read("small", SMALL)
    assert str(small.head.title) == "Room"
    assert small.head.questions["GOAL"].kind == Asks.NUMBER


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("picture: levle", "picture: level", "small.yaml, line 5, starter → picture: “levle” is none of: total"),
        ("picture: levle", "picture: level", "Did you mean “level”?"),
        ("{en: Room}", "{en: Room, de: Raum}", "line 3, starter → title: The text in the language “de” is missing."),
        ("title: Room", "title: {en: Room, de: Raum}", "Write the text in every language: {en: …, de: …}."),
        ("{en: Room, dee: Raum}", "{en: Room, de: Raum}", "“dee” is no language of this product."),
        ("kind: numer", "kind: number", "Did you mean “number”?"),
        ("kind: secret", "kind: number", "“${GOAL}” does not stand under secrets, so it would be shown."),
        ("kind: choice", "kind: number", "A choice has choices, and nothing else has."),
        ("defualt: 21", "default: 21", "Did you mean “default”?"),
        ("default: [21]", "default: 21", "Write a text or a number."),
        ("GOALS:", "GOAL:", "“${GOALS}” stands nowhere in this file. Did you mean “GOAL”?"),
        ("GOALS:", "GOAL:", "“${GOAL}” is open: ask for it under questions, or name it under words."),
        ("Goal:", "GOAL:", "An open value is named in capital letters, such as GOAL. Did you mean “GOAL”?"),
        ("    GOAL: {en: A, de: B}\n    PLACE:", "    PLACE:", "“${GOAL}” is asked for: it cannot be a word too."),
        ("  questions: 5\n  x:", "  questions:", "Write names here, with what belongs to each below it."),
        ("start: {}\nxstarter:", "starter:", "“xstarter” is no section."),
    ],
)
def test_a_mistake_in_the_head_is_told_with_its_place(wrong: str, right: str, said: str) -> None:
    found = mistakes(SMALL.replace(right, wrong, 1))
    assert any(said in each for each in found), found


def test_a_secret_is_asked_for_as_one() -> None:
    traffic = all_starters()["website-traffic"]
    found = mistakes(traffic.text.replace("kind: secret", "kind: text"))
    assert any("“${KEY}” is a secret: write “kind: secret”." in each for each in found), found


def test_a_file_without_a_head_is_no_starter() -> None:
    assert mistakes("blueprint: 1\n") == ["A starter has a head: write “starter:” with what it is and asks."]


@pytest.mark.usefixtures("sandbox")
def test_the_example_of_the_documentation_works(access: Access) -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", (DOCS / "starters.md").read_text(), re.DOTALL)
    example, now = read("orders", text), timezone.now()
    assert validate({example.file: text}) == []
    answers = proposed(example, access)
    order = order_of(example, access, answers)
    [each] = tried(rehearsed(access, order, now=now), access, answers, now=now)
    assert each.result.ok, each.result.message
    assert [found.metric for found in each.found] == ["Orders"]
    plan = apply(access, order, now=now)
    for feed in feeds_of(access, plan):
        tasks.collect_at_once(feed.pk, seconds=60)
    target = target_of(access, plan)
    assert target is not None
    assert target.value is not None


def test_the_documentation_names_every_picture_and_kind_of_question() -> None:
    text = (DOCS / "starters.md").read_text()
    assert [word for word in (*Picture, *Asks) if f"`{word}`" not in text] == []

"""Every page in German, for somebody whose browser asks for it: no English sentence is left, marked or not.

Two nets: no message of the catalogues may appear in English where its German differs, and nothing may hold a word that
German does not have. Pages are found in the URLconf and filled by a world with a row of everything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import pytest
from pytest_httpserver import HTTPServer

from connectors.models import Connection, Record
from organisations.models import Organisation, User
from tests.bare import said_on
from tests.test_addresses import OTHERS, PAGES, admin_paths
from tests.walk import Visitor
from tests.world import World
from trackerproject.catalogue.files import forms, messages, path_of, read
from trackerproject.catalogue.gathering import APPS

WORD = "minerow"
ROW = {"id": 1, "day": "2026-11-20", "value": "12"}  # of a source that is asked
FEWEST_WORDS = 3  # shorter pieces of a message stand in other languages, and in names, by accident
ENGLISH = re.compile(
    r"\b(?:the|of|and|is|are|with|your|this|that|these|you|for|from|by|has|have|no|yes|when|where|which|what|who|how|its"
    r"|to|on|at|or|be|can|it|they|their|there|here|every|each|any|only|does|been|more|less|than|until|without|into)\b",
    re.IGNORECASE,
)
FILLED_IN = re.compile(r"\{\w+\}")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|<[^>]+>")
DATA = re.compile(r"<script[^>]*application/json[^>]*>(.*?)</script>", re.DOTALL)
LIBRARYS = ("/django_celery_beat/", "/account/")  # screens of the admin that libraries bring with their own words
PROGRAMS = {"api-docs", "api-schema", "api-organisations", "api-unknown"}


@pytest.fixture
def world(organisation: Organisation, owner: User) -> World:
    Organisation.objects.filter(pk=organisation.pk).update(language="de")  # of mails and walls
    return World(organisation, owner, WORD)


@pytest.fixture
def german(owner: User) -> Visitor:
    return asking_for_german(Visitor(owner))


def asking_for_german(visitor: Visitor) -> Visitor:
    visitor.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    return visitor


@cache
def english_pieces() -> dict[str, str]:
    """Return the pieces of the English messages between their placeholders, each with its message."""
    found: dict[str, str] = {}
    for app in APPS:
        for message in messages(read(path_of(app, "de"), "de")):
            german = " ".join(forms(message.string))
            for english in forms(message.id):
                pieces = (" ".join(piece.split()) for piece in PLACEHOLDER.split(english))
                found |= {piece: english for piece in pieces if is_telling(piece) and piece not in german}
    return found


def is_telling(piece: str) -> bool:
    return len(re.findall(r"[A-Za-z]+", piece)) >= FEWEST_WORDS


def said(page: str) -> Iterator[str]:
    """Yield everything that a page says, also what it hands to its scripts."""
    yield from (text for _, text in said_on(page))
    for data in DATA.findall(page):
        yield from strings_in(json.loads(data))


def strings_in(data: Any) -> Iterator[str]:
    """Yield every string of a JSON value; keys are for programs."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from strings_in(value)


def english_on(page: str) -> Iterator[str]:
    """Yield what a page says in English."""
    assert '<html lang="de' in page, page[:200]
    zones = {zone.replace("_", " ") for zone in available_timezones()}
    for text in said(page):
        if text in zones or WORD in text or text.startswith("{"):  # { begins a verdict as it is kept
            continue
        yield from (f"{piece!r} of {message!r}" for piece, message in english_pieces().items() if piece in text)
        if ENGLISH.search(FILLED_IN.sub("", text)):
            yield repr(text)


def english_in(visitor: Visitor, paths: dict[str, str], methods: tuple[str, ...] = ("get",)) -> dict[str, str]:
    """Return what pages say in English, and where it was said first."""
    found: dict[str, str] = {}
    for name, path in paths.items():
        for method in methods:
            page, _, _headers = visitor.call(method, path).text.rpartition(" {")
            for english in english_on(page) if "<html" in page else ():
                found.setdefault(english, f"{method} {name}")
    return found


def none_of(found: dict[str, str]) -> None:
    """Fail with everything that was found."""
    assert not found, "\n".join(["These are not in German.", *(f"{where}: {text}" for text, where in found.items())])


def test_every_page_of_an_organisation_is_german(world: World, german: Visitor) -> None:
    pages = {address.name: address.path("growth", world.keys) for address in PAGES}
    none_of(english_in(german, pages, ("get", "post")))


def test_every_page_of_a_source_that_is_asked_is_german(world: World, german: Visitor, httpserver: HTTPServer) -> None:
    httpserver.expect_request(re.compile("/.*")).respond_with_json([ROW])
    is_asked(world, httpserver.url_for("/"))
    places = [address for address in PAGES if address.name not in {"period", "made-of"}]
    pages = {each.name: each.path("growth", world.keys) for each in places if {"connection", "metric"} & {*each.rows}}
    missing = [name for name, path in pages.items() if german.call("get", path).status == 404]
    assert missing == []
    none_of(english_in(german, pages) | english_in(german, pages, ("post",)))


def is_asked(world: World, address: str) -> None:
    """Turn the world's connection into one that is asked, and its feed into one that keeps and enriches its rows."""
    connection: Any = world.row(Connection)
    connection.throttle.delete()  # what it holds is written in transactions of its own
    connection.kind, connection.settings = "http", {"address": address, "sign_in": "bearer"}
    connection.seal({"key": WORD})
    connection.save()
    connection.feeds.update(query={}, at_path="day", keeps_records=True, record_key="id", paused_at=None)
    record: Any = world.row(Record)
    record.raw = ROW
    record.save()


def test_every_page_outside_of_organisations_is_german(world: World, german: Visitor) -> None:
    pages = {each.name: each.path() for each in OTHERS if each.name not in PROGRAMS}
    stranger = asking_for_german(Visitor())
    none_of(english_in(german, pages, ("get", "post")) | english_in(stranger, pages, ("get", "post")))


def test_what_went_wrong_is_said_in_german(world: World, german: Visitor) -> None:
    none_of(english_in(german, {"missing": "/no/such/page/", "row": "/growth/targets/999999/"}))


def test_the_admin_is_german(world: World, german: Visitor, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    paths = {path: path for path in admin_paths(world) if not any(part in path for part in LIBRARYS)}
    none_of(english_in(german, paths))


def test_an_english_page_is_noticed(world: World, owner: User) -> None:
    page = '<html lang="de"><p>{}</p><script type="application/json">["{}"]</script>'
    assert list(english_on(page.format("Where is it?", "")))
    assert list(english_on(page.format("", "Up to the end")))
    assert not list(english_on(page.format("Wo ist es?", "Bis zum Ende")))

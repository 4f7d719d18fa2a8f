"""The API of notes: the page's rules, the target in the address, and nobody else's rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from organisations.models import Organisation, User
from targets import notes
from targets.models import Note, Target
from tests.targets.stage import NOW, TODAY, a_metric, a_target, friday  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]


@pytest.fixture
def target(organisation: Organisation) -> Target:
    return a_target(a_metric(organisation, days=[10.0] * 60), goal=400)


@pytest.fixture
def foreign(elsewhere: Organisation) -> Note:
    return notes.write(a_target(a_metric(elsewhere, days=[10.0] * 60), goal=400), "Canary", now=NOW)


@pytest.fixture
def program(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


def of(target: Target, path: str = "") -> str:
    return f"/api/v1/growth/targets/{target.pk}/notes/{path}"


def sent(client: Client, method: str, path: str, **body: object) -> Any:
    response = getattr(client, method)(path, body, content_type="application/json")
    return response.status_code, response.json() if response.content else None


def test_a_note_is_written_of_today_and_signed(program: Client, target: Target, editor: User) -> None:
    status, body = sent(program, "post", of(target), text="The campaign began.")
    assert status == 201
    assert (body["on"], body["text"], body["author"]) == ("2026-11-20", "The campaign began.", editor.pk)


def test_notes_are_listed_by_day_and_filtered(program: Client, target: Target) -> None:
    for days in (1, 5, 3):
        notes.write(target, f"{days} days ago", on=TODAY - timedelta(days=days), now=NOW)
    found = program.get(of(target)).json()["results"]
    assert [row["text"] for row in found] == ["5 days ago", "3 days ago", "1 days ago"]
    since = program.get(of(target, "?on__gte=2026-11-17")).json()["results"]
    assert [row["text"] for row in since] == ["3 days ago", "1 days ago"]


def test_what_is_not_sent_stays(program: Client, target: Target, owner: User) -> None:
    note = notes.write(target, "Wrong", on=date(2026, 11, 3), by=owner, now=NOW)
    status, body = sent(program, "patch", of(target, f"{note.pk}/"), text="Right")
    assert (status, body["on"], body["text"], body["author"]) == (200, "2026-11-03", "Right", owner.pk)
    assert program.delete(of(target, f"{note.pk}/")).status_code == 204
    assert not Note.unscoped.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": " "}, "text"),
        ({"text": "x" * 301}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x", "on": "2026-11-21"}, "on"),
        ({"text": "x", "on": "2026-01-01"}, "on"),
        ({"text": "x", "on": "soon"}, "on"),
        ({"text": "x", "day": "2026-11-20"}, "day"),
    ],
)
def test_what_the_page_refuses_the_api_refuses(
    program: Client, target: Target, body: dict[str, object], field: str
) -> None:
    status, answer = sent(program, "post", of(target), **body)
    assert (status, list(answer["errors"])) == (400, [field])
    assert not Note.unscoped.exists()


def test_nobody_signs_for_somebody_else(program: Client, target: Target, owner: User, editor: User) -> None:
    _, body = sent(program, "post", of(target), text="Mine", author=owner.pk)
    assert body["author"] == editor.pk


def test_another_organisations_note_is_not_there(program: Client, target: Target, foreign: Note) -> None:
    for path in (of(foreign.target), of(foreign.target, f"{foreign.pk}/"), of(target, f"{foreign.pk}/")):
        assert program.get(path).status_code == 404
    assert sent(program, "post", of(foreign.target), text="x")[0] == 404
    assert sent(program, "patch", of(target, f"{foreign.pk}/"), text="x")[0] == 404
    assert program.delete(of(target, f"{foreign.pk}/")).status_code == 404
    foreign.refresh_from_db()
    assert foreign.text == "Canary"


def test_a_note_is_answered_only_under_its_target(program: Client, target: Target) -> None:
    other = notes.write(a_target(target.metric, goal=1, name="Other"), "Another's", now=NOW)
    assert program.get(of(target, f"{other.pk}/")).status_code == 404
    assert program.get(of(target)).json()["count"] == 0


def test_a_viewer_reads_and_does_not_write(viewer: User, client_of: Callable[[User], Client], target: Target) -> None:
    note, client = notes.write(target, "For everybody", now=NOW), client_of(viewer)
    assert client.get(of(target)).json()["count"] == 1
    assert sent(client, "post", of(target), text="x")[0] == 403
    assert client.delete(of(target, f"{note.pk}/")).status_code == 403

"""Notes: which days may carry one, their letters, the pages on which they are written, and who may write."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from organisations.models import Organisation, User
from targets import notes
from targets.models import Note, Target
from tests.targets.stage import NOW, TODAY, a_metric, a_target, friday  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
Browser = Callable[[User], Client]
FIRST = TODAY - timedelta(days=120)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def target(organisation: Organisation) -> Target:
    return a_target(a_metric(organisation, days=[10.0] * 120), goal=400, name="Far")


@pytest.fixture
def foreign(elsewhere: Organisation) -> Target:
    return a_target(a_metric(elsewhere, days=[10.0] * 20), goal=400, name="Canary")


@pytest.fixture
def editing(editor: User, client_of: Browser) -> Client:
    return client_of(editor)


def of(target: Target, path: str = "") -> str:
    return f"/growth/targets/{target.pk}/{path}"


def post(client: Client, path: str, **values: object) -> str:
    return client.post(path, {name: str(value) for name, value in values.items()}, follow=True).content.decode()


@pytest.mark.parametrize(("place", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (27, "AB"), (52, "BA"), (701, "ZZ")])
def test_letters_go_on_beyond_z(place: int, letter: str) -> None:
    assert notes.letter(place) == letter


def test_a_note_is_of_today_and_signed(target: Target, editor: User) -> None:
    note = notes.write(target, "  The campaign began. ", by=editor, now=NOW)
    assert (note.on, note.text, note.author) == (TODAY, "The campaign began.", editor)


def test_today_is_the_targets_own(target: Target) -> None:
    target.time_zone = "Pacific/Auckland"
    assert notes.write(target, "Tomorrow already", now=NOW).on == TODAY + ONE_DAY


@pytest.mark.parametrize("on", [FIRST - ONE_DAY, TODAY + ONE_DAY])
def test_a_note_lies_between_the_first_reading_and_today(target: Target, on: date) -> None:
    assert notes.write(target, "First", on=FIRST, now=NOW).on == FIRST
    with pytest.raises(ValidationError) as refused:
        notes.write(target, "Elsewhere", on=on, now=NOW)
    assert list(refused.value.message_dict) == ["on"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 301])
def test_a_note_says_something_and_is_short(target: Target, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        notes.write(target, text, now=NOW)
    assert list(refused.value.message_dict) == ["text"]
    assert not Note.unscoped.exists()


def test_before_the_first_reading_there_is_only_today(organisation: Organisation) -> None:
    empty = a_target(a_metric(organisation, "Nothing"), goal=1)
    assert notes.first_day(empty, TODAY) == TODAY
    assert notes.write(empty, "It begins.", now=NOW).on == TODAY


def test_letters_run_by_day_within_the_period(target: Target) -> None:
    for days in (2, 9, 2, 40):
        notes.write(target, f"{days} days ago", on=TODAY - timedelta(days=days), now=NOW)
    period = notes.notes_between(target, date(2026, 11, 1), date(2026, 12, 1))
    assert [(each.letter, each.note.text) for each in period] == [
        ("A", "9 days ago"),
        ("B", "2 days ago"),
        ("C", "2 days ago"),
    ]


def test_a_note_is_on_the_chart_in_the_table_and_in_the_panel(editing: Client, target: Target) -> None:
    post(editing, of(target, "notes/new/"), on=TODAY - ONE_DAY, text="Checkout <b>outage</b>.")
    html = editing.get(of(target)).content.decode()
    drawn = json.loads(re.search(r'id="chart-data" type="application/json">(.+?)</script>', html)[1])  # type: ignore[index]
    assert drawn["notes"] == [{"day": 18, "index": 18, "letter": "A", "text": "Checkout <b>outage</b>."}]
    note = Note.unscoped.get()
    assert f'<a class="flag" href="#note-{note.pk}"><span class="vh">Note </span>A</a>' in html
    assert re.search(rf'id="note-{note.pk}">.*?</span>A</span>.*?Checkout &lt;b&gt;outage&lt;/b&gt;\.', html)
    assert "Note A, 19 Nov: Checkout &lt;b&gt;outage" in html  # said for those who do not see the chart


def test_a_closed_period_shows_its_own_notes(editing: Client, target: Target) -> None:
    notes.write(target, "In October", on=date(2026, 10, 5), now=NOW)
    notes.write(target, "In November", on=date(2026, 11, 5), now=NOW)
    past, now = (editing.get(of(target, path)).content.decode() for path in ("2026-10-01/", ""))
    assert "In October" in past
    assert "In November" not in past
    assert "In November" in now
    assert "In October" not in now


def test_a_new_note_proposes_today_or_the_day_asked_for(editing: Client, target: Target) -> None:
    assert 'value="2026-11-20"' in editing.get(of(target, "notes/new/")).content.decode()
    assert 'value="2026-11-03"' in editing.get(of(target, "notes/new/?on=2026-11-03")).content.decode()
    assert 'value="2026-11-20"' in editing.get(of(target, "notes/new/?on=2026-02-31")).content.decode()


@pytest.mark.parametrize(
    ("on", "text", "sentence"),
    [
        ("2026-11-21", "Later", "Choose today or an earlier day"),
        ("2026-01-01", "Early", "Choose a day from 23 July on"),
        ("2026-11-20", "", "Write what happened."),
        ("2026-11-20", "x" * 301, "A note has at most 300 characters; this one has 301."),
        ("soon", "Soon", "Enter a date, such as 2026-11-20."),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field_and_not_lost(
    editing: Client, target: Target, on: str, text: str, sentence: str
) -> None:
    html = post(editing, of(target, "notes/new/"), on=on, text=text)
    assert sentence in html
    assert f'value="{on}"' in html
    assert text in html
    assert not Note.unscoped.exists()


def test_a_note_is_changed_and_stays_its_authors(editing: Client, target: Target, owner: User) -> None:
    note = notes.write(target, "Wrong", by=owner, now=NOW)
    post(editing, of(target, f"notes/{note.pk}/edit/"), on="2026-11-10", text="Right")
    note.refresh_from_db()
    assert (note.text, note.on, note.author) == ("Right", date(2026, 11, 10), owner)


def test_a_note_whose_readings_are_gone_can_still_be_changed(editing: Client, target: Target) -> None:
    note = notes.write(target, "Old", on=FIRST, now=NOW)
    target.metric.observations.filter(at__lt=NOW - timedelta(days=30)).delete()
    post(editing, of(target, f"notes/{note.pk}/edit/"), on=FIRST, text="Older")
    note.refresh_from_db()
    assert note.text == "Older"


def test_deleting_asks_on_a_page_that_shows_the_note(editing: Client, target: Target) -> None:
    note = notes.write(target, "A slip", on=date(2026, 11, 14), now=NOW)
    html = editing.get(of(target, f"notes/{note.pk}/delete/")).content.decode()
    assert "Delete the note of 14 November?" in html
    assert "A slip" in html
    assert Note.unscoped.filter(pk=note.pk).exists()
    assert "The note is deleted." in post(editing, of(target, f"notes/{note.pk}/delete/"))
    assert not Note.unscoped.filter(pk=note.pk).exists()


def test_a_viewer_reads_notes_and_sees_no_way_to_write(viewer: User, client_of: Browser, target: Target) -> None:
    note = notes.write(target, "For everybody", by=viewer, now=NOW)
    client = client_of(viewer)
    html = client.get(of(target)).content.decode()
    assert "For everybody" in html
    assert "/notes/" not in html
    for path in ("notes/new/", f"notes/{note.pk}/edit/", f"notes/{note.pk}/delete/"):
        assert client.post(of(target, path), {"text": "x", "on": "2026-11-20"}).status_code == 403
    assert Note.unscoped.get().text == "For everybody"


def test_a_note_is_found_only_under_its_own_target(editing: Client, target: Target, foreign: Target) -> None:
    other = a_target(target.metric, goal=1, name="Other")
    for note in (notes.write(other, "Another's", now=NOW), notes.write(foreign, "Canary", now=NOW)):
        for path in ("edit/", "delete/"):
            assert editing.post(of(target, f"notes/{note.pk}/{path}"), {"text": "x"}).status_code == 404
    assert Note.unscoped.count() == 2


def test_without_notes_the_panel_says_what_they_are_for(editing: Client, target: Target) -> None:
    assert (
        "No notes. Write down why the line bends; it appears on the chart." in editing.get(of(target)).content.decode()
    )


def test_notes_go_with_their_target(target: Target) -> None:
    notes.write(target, "Gone", now=NOW)
    target.delete()
    assert not Note.unscoped.exists()


@pytest.fixture
def admin(editor: User, client_of: Browser) -> Client:
    User.objects.filter(pk=editor.pk).update(is_staff=True)
    return client_of(User.objects.get(pk=editor.pk))


def test_in_the_admin_a_note_is_signed_and_keeps_the_pages_rules(admin: Client, target: Target, editor: User) -> None:
    typed = {"target": str(target.pk), "on": "2026-11-19", "text": "From the admin"}
    refused = post(admin, "/admin/targets/note/add/", **typed | {"on": "2026-11-21"})
    assert "Choose today or an earlier day" in refused
    post(admin, "/admin/targets/note/add/", **typed)
    note = Note.unscoped.get()
    assert (note.target, note.text, note.author) == (target, "From the admin", editor)
    assert post(admin, f"/admin/targets/note/{note.pk}/change/", on="2026-11-19", text="")
    note.refresh_from_db()
    assert note.text == "From the admin"


def test_in_the_admin_nobody_writes_on_another_organisations_target(admin: Client, foreign: Target) -> None:
    post(admin, "/admin/targets/note/add/", target=foreign.pk, on="2026-11-19", text="Intruder")
    canary = notes.write(foreign, "Canary", now=NOW)
    assert "Canary" not in admin.get("/admin/targets/note/").content.decode()
    assert admin.get(f"/admin/targets/note/{canary.pk}/change/").status_code == 302
    assert Note.unscoped.count() == 1

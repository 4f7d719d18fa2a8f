"""The pages on which files become rows: what would happen is shown first, and what was shown is what is done."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts.models import Report
from blueprints.models import Blueprint
from connectors.models import Connection
from organisations import managed
from organisations.access import Access
from organisations.models import Organisation, User
from targets.models import Target
from tests.blueprints.files import ANSWERS, WHOLE

PAGE = "/growth/settings/blueprint/"
SECRET = ANSWERS["ANALYTICS_KEY"]
SMALL = """\
blueprint: 1
connections:
  Typed in:
    kind: push
feeds:
  Typed in / Daily:
metrics:
  Sales:
    feed: Typed in / Daily
targets:
  Sales a month:
    metric: Sales
    goal: at least 100 per month
"""
WAYS = ("again", "download", "lock", "forget")
REPORT = SMALL + "reports:\n  Weekly:\n    weekdays: [monday]\n    at: 7:30\n"

SignedIn = Callable[[User], Client]


@pytest.fixture
def own(client_of: SignedIn, owner: User) -> Client:
    """The owner's."""
    return client_of(owner)


def goals(count: int) -> str:
    """Return further targets for the small file."""
    return "".join(
        f"  Goal {number}:\n    metric: Sales\n    goal: at least {number + 1} per month\n" for number in range(count)
    )


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def shown(client: Client, text: str = SMALL, **more: Any) -> str:
    """Paste a text and ask for the difference; returns the page."""
    answer = client.post(PAGE, {"name": "", "text": text, **more})
    assert answer.status_code == 200
    return text_of(answer)


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def applied(client: Client, text: str = SMALL, **more: Any) -> Any:
    """Look at the difference, then apply it as a browser would; `more` is what is entered on both pages."""
    seen = shown(client, text, asked="yes", **{name: more[name] for name in more if not name.startswith("secret-")})
    stamps = {name: hidden(seen, name) for name in ("seen", "removes")}
    sent = {"name": "", "text": text, "asked": "yes", "do": "apply", **stamps, **more}
    return client.post(PAGE, sent)


def names(organisation: Organisation, model: Any = Target) -> list[str]:
    return sorted(model.unscoped.within(organisation).values_list("name", flat=True))


def test_nothing_is_stored_before_it_is_applied(own: Client, organisation: Organisation) -> None:
    page = shown(own)
    assert "4 are created." in page
    assert "Sales a month" in page
    assert names(organisation) == []


def test_what_was_shown_is_done_and_told(own: Client, organisation: Organisation) -> None:
    answer = applied(own)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/growth/")
    assert "Applied: 4 are created." in text_of(own.get("/growth/"))
    assert names(organisation) == ["Sales a month"]
    assert not organisation.blueprints.exists()


def test_without_anything_new_one_comes_back_to_the_page(own: Client) -> None:
    applied(own)
    answer = applied(own, SMALL.replace("100", "120"))
    assert answer.headers["Location"] == PAGE


def test_changed_fields_are_shown_before_and_after(own: Client) -> None:
    applied(own)
    page = shown(own, SMALL.replace("100", "120"))
    assert "<del>at least 100 per month</del>" in page
    assert "<ins>at least 120 per month</ins>" in page
    assert "is changed" in page


def test_several_files_are_uploaded_together(own: Client, organisation: Organisation) -> None:
    above, below = SMALL.split("targets:\n")
    texts = {"numbers.yaml": above, "goals.yaml": f"blueprint: 1\ntargets:\n{below}"}
    files = [SimpleUploadedFile(name, text.encode()) for name, text in texts.items()]
    page = text_of(own.post(PAGE, {"files": files, "name": "", "text": ""}))
    assert "4 are created." in page
    assert 'value="numbers.yaml"' in page
    assert 'value="goals.yaml"' in page
    stamps = {name: hidden(page, name) for name in ("seen", "removes")}
    sent = {"name": [*texts], "text": [*texts.values()], "asked": "yes", "do": "apply", **stamps}
    assert own.post(PAGE, sent).status_code == 302
    assert names(organisation) == ["Sales a month"]


def test_a_file_that_is_uploaded_instead_takes_the_place_of_what_was_there(own: Client) -> None:
    better = SimpleUploadedFile("better.yaml", SMALL.encode())
    page = text_of(own.post(PAGE, {"name": "growth.yaml", "text": "blueprint: 7", "instead": better}))
    assert "4 are created." in page
    assert "growth.yaml" not in page


def test_mistakes_say_where_and_what_was_meant_and_the_text_stays(own: Client, organisation: Organisation) -> None:
    wrong = SMALL.replace("goal:", "gaol:")
    page = text_of(own.post(PAGE, {"name": "growth.yaml", "text": wrong}))
    assert "<title>Error: What would happen" in page
    assert "There is a problem" in page
    assert "growth.yaml, line 13, targets → Sales a month → gaol: " in page
    assert "Did you mean “goal”?" in page
    assert "gaol: at least 100 per month" in page
    assert 'value="apply"' not in page
    assert names(organisation) == []


def test_mistakes_show_while_values_are_still_open(own: Client) -> None:
    page = shown(own, SMALL.replace("100", "${GOAL}").replace("kind: push", "kind: posh"))
    assert "Did you mean “push”?" in page


def test_answers_survive_a_mistake_in_the_text(own: Client) -> None:
    page = shown(own, WHOLE.replace("kind: push", "kind: posh"), **{"answer-GOAL": "10000"})
    assert '<input type="hidden" name="answer-GOAL" value="10000">' in page
    assert "Enter a value." not in shown(own, WHOLE.replace("kind: push", "kind: posh"))


def test_a_file_that_is_no_yaml_is_a_mistake_with_its_line(own: Client) -> None:
    page = shown(own, "targets: [")
    assert "This is not readable as YAML" in page
    assert "targets: [" in page


def test_open_values_are_asked_for_before_anything_happens(own: Client, organisation: Organisation) -> None:
    page = shown(own, WHOLE)
    assert 'name="answer-GOAL"' in page
    line = next(number for number, line in enumerate(WHOLE.splitlines(), 1) if "${GOAL}" in line)
    assert f"blueprint.yaml, line {line}" in page
    assert "ANALYTICS_KEY" in page
    assert 'value="apply"' not in page
    answered = shown(own, WHOLE, **{"answer-GOAL": "10000"})
    assert "at least 10000 per month" in answered
    assert 'name="secret-ANALYTICS_KEY"' in answered
    assert 'type="password"' in answered
    assert names(organisation, Connection) == []


def test_an_open_value_that_was_left_empty_is_a_problem(own: Client) -> None:
    page = shown(own, WHOLE, **{"answer-GOAL": " "})
    assert "There is a problem" in page
    assert "GOAL: Enter a value." in page


def test_a_secret_is_stored_and_comes_back_in_no_byte(own: Client, owner: User, organisation: Organisation) -> None:
    entered = {"answer-GOAL": "10000", "secret-ANALYTICS_KEY": SECRET}
    assert SECRET not in shown(own, WHOLE, asked="yes", **entered)
    sent = {"name": "", "text": WHOLE, "asked": "yes", "do": "apply", "seen": "other", **entered}
    outdated, refused = (text_of(own.post(PAGE, {**sent, **more})) for more in ({}, {"manages": "on", "file": ""}))
    assert "Nothing was applied." in outdated
    assert "There is a problem" in refused
    assert SECRET not in outdated + refused
    answer = applied(own, WHOLE.replace("owner@growth.example", owner.email), manages="on", file="g", **entered)
    assert answer.status_code == 302
    assert Connection.unscoped.get(name="Analytics").unseal() == {"key": SECRET}
    kept = organisation.blueprints.get()
    assert kept.answers == {"GOAL": "10000"}
    paths = [PAGE, f"{PAGE}{kept.pk}/again/", f"{PAGE}{kept.pk}/download/", f"{PAGE}export/", "/growth/"]
    assert not [path for path in paths if SECRET.encode() in own.get(path).content]


def test_a_secret_that_is_missing_is_asked_for_again(own: Client, organisation: Organisation) -> None:
    answer = applied(own, WHOLE, **{"answer-GOAL": "10000", "secret-ANALYTICS_KEY": ""})
    assert answer.status_code == 200
    assert "ANALYTICS_KEY: Enter the secret." in text_of(answer)
    assert names(organisation) == []


def test_what_changed_in_between_is_shown_instead_of_done(own: Client, organisation: Organisation) -> None:
    applied(own)
    seen = hidden(shown(own, SMALL.replace("100", "120")), "seen")
    Target.unscoped.update(goal=110)
    sent = {"name": "", "text": SMALL.replace("100", "120"), "do": "apply", "seen": seen, "removes": "0"}
    page = text_of(own.post(PAGE, sent))
    assert "Nothing was applied." in page
    assert "<del>at least 110 per month</del>" in page
    assert Target.unscoped.get().goal == 110
    assert own.post(PAGE, {**sent, "seen": hidden(page, "seen")}).status_code == 302
    assert Target.unscoped.get().goal == 120


def test_a_choice_that_changes_the_plan_is_shown_before_it_is_done(own: Client, organisation: Organisation) -> None:
    applied(own)
    other = SMALL.replace("Sales a month", "Sales")
    seen = hidden(shown(own, other), "seen")
    sent = {"name": "", "text": other, "asked": "yes", "do": "apply", "seen": seen, "removes": "0", "prune": "on"}
    page = text_of(own.post(PAGE, sent))
    assert "Nothing was applied." in page
    assert "is removed" in page
    assert names(organisation) == ["Sales a month"]


def test_removing_stands_first_and_asks_for_the_name(own: Client, organisation: Organisation) -> None:
    applied(own)
    without = SMALL.split("connections:")[0] + "connections:\n"
    page = shown(own, without, asked="yes", prune="on")
    assert page.index("Removed") < page.index("How it is applied")
    assert "Typed in" in page
    assert "It goes with Typed in." in page
    assert "Type “Growth” to go on." in page
    assert 'class="btn danger" name="do" value="apply"' in page
    refused = applied(own, without, prune="on", confirm="growth")
    assert refused.status_code == 200
    assert "There is a problem" in text_of(refused)
    assert names(organisation) == ["Sales a month"]
    assert applied(own, without, prune="on", confirm="Growth").status_code == 302
    assert names(organisation, Connection) == []


def test_a_file_that_manages_is_kept_and_told(own: Client, organisation: Organisation, owner: User) -> None:
    applied(own, manages="on", file="growth.yaml")
    page = text_of(own.get(PAGE))
    assert "growth.yaml" in page
    assert "1 connection, 1 feed, 1 metric and 1 target" in page
    assert f"by {owner}" in page
    assert "As the file says" in page


def test_a_file_that_manages_needs_a_name(own: Client) -> None:
    page = shown(own, asked="yes", manages="on", file="")
    assert "Enter a name for the file, such as growth.yaml." in page
    assert 'value="apply"' in page


def test_the_name_of_the_upload_is_proposed(own: Client) -> None:
    page = text_of(own.post(PAGE, {"files": SimpleUploadedFile("team.yaml", SMALL.encode())}))
    assert re.search(r'name="file" value="team.yaml"', page)


def test_drift_is_told_and_taken_back(own: Client, organisation: Organisation) -> None:
    applied(own, manages="on", file="growth.yaml")
    Target.unscoped.update(goal=7)
    page = text_of(own.get(PAGE))
    assert "Not as the file says." in page
    assert "<del>at least 7 per month</del>" in page
    again = text_of(own.get(f"{PAGE}{organisation.blueprints.get().pk}/again/"))
    assert "1 is changed; 3 stay as they are." in again
    sent = {"name": "blueprint.yaml", "text": SMALL, "asked": "yes", "manages": "on", "file": "growth.yaml"}
    stamps = {name: hidden(again, name) for name in ("seen", "removes")}
    assert own.post(PAGE, {**sent, "do": "apply", **stamps}).headers["Location"] == PAGE
    assert "As the file says" in text_of(own.get(PAGE))


def test_applying_again_has_the_answers_of_last_time(own: Client, organisation: Organisation, owner: User) -> None:
    text = WHOLE.replace("owner@growth.example", owner.email)
    entered = {"answer-GOAL": "10000", "secret-ANALYTICS_KEY": SECRET}
    applied(own, text, manages="on", file="growth.yaml", locked="on", **entered)
    page = text_of(own.get(f"{PAGE}{organisation.blueprints.get().pk}/again/"))
    assert "Nothing changes: everything is as the file says." in page
    assert 'value="10000"' in page
    assert "secret-" not in page
    assert re.search(r'name="locked"[^>]* checked', page)


def test_locking_and_letting_go(own: Client, organisation: Organisation) -> None:
    applied(own, manages="on", file="growth.yaml")
    kept = organisation.blueprints.get()
    own.post(f"{PAGE}{kept.pk}/lock/", {"locked": "yes"})
    assert managed.is_locked(Target.unscoped.get())
    assert "Unlock" in text_of(own.get(PAGE))
    own.post(f"{PAGE}{kept.pk}/lock/", {"locked": "no"})
    assert not managed.is_locked(Target.unscoped.get())
    assert "There is a problem" in text_of(own.post(f"{PAGE}{kept.pk}/forget/", {"name": "other"}))
    assert own.post(f"{PAGE}{kept.pk}/forget/", {"name": "growth.yaml"}).status_code == 302
    assert not organisation.blueprints.exists()
    assert not organisation.managed.exists()
    assert names(organisation) == ["Sales a month"]


def test_one_file_is_downloaded_as_it_was_and_several_are_packed(own: Client, organisation: Organisation) -> None:
    applied(own, manages="on", file="growth.yaml")
    kept = organisation.blueprints.get()
    answer = own.get(f"{PAGE}{kept.pk}/download/")
    assert answer.content.decode() == SMALL
    assert answer.headers["Content-Disposition"] == 'attachment; filename="blueprint.yaml"'
    kept.texts = {"a.yaml": "blueprint: 1\n", "b.yaml": "blueprint: 1\n# b\n"}
    kept.save()
    packed = ZipFile(BytesIO(own.get(f"{PAGE}{kept.pk}/download/").content))
    assert {name: packed.read(name).decode() for name in packed.namelist()} == kept.texts


def test_a_file_takes_up_what_was_clicked_and_keeps_its_comments(own: Client, organisation: Organisation) -> None:
    applied(own, f"# ours\n{SMALL}", manages="on", file="growth.yaml")
    target = organisation.targets.get()
    target.team = "Clicked"
    target.save()
    organisation.targets.create(name="Nobody's file", metric=target.metric, goal=1, tracking_since=date(2026, 11, 1))
    kept = organisation.blueprints.get()
    assert "as=now" in own.get(PAGE).content.decode()
    text = own.get(f"{PAGE}{kept.pk}/download/?as=now").content.decode()
    assert text.startswith("# ours\n")
    assert [line.strip() for line in text.splitlines() if line not in SMALL] == ["# ours", "team: Clicked"]


def test_the_organisation_is_downloaded_with_and_without_people(own: Client, owner: User) -> None:
    applied(own, SMALL + f"    owner: {owner.email}\n")
    answer = own.get(f"{PAGE}export/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="waymark-growth.yaml"'
    assert owner.email in text_of(answer)
    assert owner.email not in text_of(own.get(f"{PAGE}export/?people=no"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "growth.yaml is not text in UTF-8."),
        ("ü".encode("latin-1"), "growth.yaml is not text in UTF-8."),
        (b"a\0b", "growth.yaml is not text in UTF-8."),
        (b" \n", "growth.yaml is empty. Choose another."),
        (b"#" * 6_000_000, "growth.yaml is too large: 5 MB is the most."),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence_and_nothing_typed_is_lost(
    own: Client, content: bytes, said: str
) -> None:
    alone = text_of(own.post(PAGE, {"files": SimpleUploadedFile("growth.yaml", content), "name": "", "text": ""}))
    assert said in alone
    assert "<title>Error: Blueprint" in alone
    beside = text_of(own.post(PAGE, {"instead": SimpleUploadedFile("growth.yaml", content), "text": SMALL, "name": ""}))
    assert said in beside
    assert "Sales a month" in beside
    assert 'value="apply"' not in beside


def test_nothing_at_all_is_a_problem_too(own: Client) -> None:
    assert "Choose a file, or paste its text." in shown(own, "  ")


def test_a_file_as_large_as_a_form_carries_can_be_read_again(own: Client) -> None:
    text = SMALL + "# a comment of forty characters, no more\n" * 110_000
    page = text_of(own.post(PAGE, {"files": SimpleUploadedFile("growth.yaml", text.encode())}))
    assert "4 are created." in page
    sent = {"name": "growth.yaml", "text": text.replace("\n", "\r\n"), "do": "apply", "seen": hidden(page, "seen")}
    assert own.post(PAGE, sent).status_code == 302


def test_long_plans_are_folded_and_cut(own: Client) -> None:
    page = shown(own, SMALL + goals(500))
    assert "504 are created." in page
    assert "and 301 more" in page
    assert page.count("Goal ") < 1500
    assert re.search(r'<details class="panel part"><summary><h2>Targets</h2>', page)


def test_a_viewer_looks_and_finds_no_button_that_refuses(
    own: Client, client_of: SignedIn, viewer: User, organisation: Organisation
) -> None:
    applied(own, manages="on", file="growth.yaml")
    Target.unscoped.update(goal=7)
    kept, client = organisation.blueprints.get(), client_of(viewer)
    page = text_of(client.get(PAGE))
    assert "Not as the file says." in page
    assert "Your role does not allow" not in page
    assert not [word for word in ("Apply again", "Lock", "Let go", "Show the difference") if word in page]
    assert "Download" in page
    assert client.post(PAGE, {"text": SMALL, "name": ""}).status_code == 403
    assert client.get(f"{PAGE}{kept.pk}/again/").status_code == 403


def test_an_editor_applies_but_neither_reports_nor_locks(
    own: Client, client_of: SignedIn, editor: User, organisation: Organisation
) -> None:
    client = client_of(editor)
    assert applied(client, manages="on", file="growth.yaml").status_code == 302
    kept = organisation.blueprints.get()
    page = text_of(client.get(PAGE))
    assert "Apply again" in page
    assert not [word for word in ("Lock<", "Let go") if word in page]
    assert client.post(f"{PAGE}{kept.pk}/lock/", {"locked": "yes"}).status_code == 403
    assert client.post(f"{PAGE}{kept.pk}/forget/", {"name": kept.name}).status_code == 403
    assert "Your role does not allow changes here." in shown(client, REPORT)
    applied(client, manages="on", file="growth.yaml", locked="on")
    assert not organisation.blueprints.get().is_locked
    own.post(f"{PAGE}{kept.pk}/lock/", {"locked": "yes"})
    applied(client, SMALL.replace("100", "120"), manages="on", file="growth.yaml")
    assert organisation.blueprints.get().is_locked
    assert Target.unscoped.get().goal == 120
    assert not Report.unscoped.exists()


def test_another_organisation_has_files_of_its_own(
    own: Client, client_of: SignedIn, outsider: User, organisation: Organisation, elsewhere: Organisation
) -> None:
    applied(own, manages="on", file="growth.yaml")
    kept, client = organisation.blueprints.get(), client_of(outsider)
    assert "growth.yaml" not in text_of(client.get("/elsewhere/settings/blueprint/"))
    ways = [f"/{slug}/settings/blueprint/{kept.pk}/{way}/" for slug in ("growth", "elsewhere") for way in WAYS]
    assert {client.get(way).status_code for way in ways} | {client.post(way).status_code for way in ways} <= {404, 405}
    sent = {"name": "", "text": SMALL}
    assert "4 are created." in text_of(client.post("/elsewhere/settings/blueprint/", sent))
    assert Blueprint.unscoped.count() == 1


def test_what_another_file_holds_under_lock_is_a_mistake(own: Client, access: Access) -> None:
    applied(own, manages="on", file="growth.yaml", locked="on")
    page = shown(own, SMALL.replace("100", "120"))
    assert "This is managed by growth.yaml and locked." in page


def test_names_are_text_and_never_markup(own: Client, organisation: Organisation) -> None:
    applied(own, SMALL.replace("Sales a month", "<b>Sales</b>"), manages="on", file="<i>.yaml")
    page = text_of(own.get(PAGE)) + text_of(own.get(f"{PAGE}{organisation.blueprints.get().pk}/again/"))
    assert "<b>Sales" not in page
    assert "<i>.yaml" not in page


def test_the_list_asks_as_often_for_many_targets_as_for_one(own: Client, organisation: Organisation) -> None:
    applied(own, manages="on", file="growth.yaml")
    with CaptureQueriesContext(connection) as few:
        own.get(PAGE)
    applied(own, SMALL + goals(40), manages="on", file="growth.yaml")
    with CaptureQueriesContext(connection) as many:
        own.get(PAGE)
    assert len(many) == len(few)

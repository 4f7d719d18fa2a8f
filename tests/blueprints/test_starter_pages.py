"""From the gallery to a live target: the pages of starters, against the pretend services over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from pytest_httpserver import HTTPServer

from blueprints.starters.shelf import all_starters
from connectors.models import CallRecord, Connection, Feed
from organisations.models import User
from targets.models import Metric, Target

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Shown

GALLERY = "/growth/starters/"
TRAFFIC, CLIMATE = f"{GALLERY}website-traffic/", f"{GALLERY}room-climate/"
SECRET = "sk-live-0123456789abcdef"


@pytest.fixture(autouse=True)
def sandbox(settings: Settings, live_server: LiveServer) -> str:
    """Serve the pretend services, and say that this is where the installation is."""
    settings.SITE_URL = live_server.url
    return f"{live_server.url}/sandbox"


@pytest.fixture
def client(owner: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(owner)


@pytest.fixture
def answers(owner: User, sandbox: str) -> dict[str, str]:
    """What the page of the website's traffic proposes."""
    return {
        "ADDRESS": f"{sandbox}/analytics",
        "KEY": "sandbox-key",
        "GOAL": "10000",
        "OWNER": owner.email,
        "DAILY": "true",
    }


def page(response: Shown) -> str:
    """Return the text of a page."""
    return response.content.decode()


def kept_in_sessions() -> str:
    """Return everything that every session holds, as stored and decoded."""
    return " ".join(f"{row.session_data} {row.get_decoded()}" for row in Session.objects.all())


# --- the gallery --------------------------------------------------------------------------------------------------


def test_the_gallery_shows_every_starter(client: Client) -> None:
    shown = page(client.get(GALLERY))
    for starter in all_starters().values():
        assert str(starter.head.title) in shown
        assert str(starter.head.summary) in shown
        assert f"{GALLERY}{starter.slug}/" in shown


def test_the_gallery_offers_the_sample_until_it_is_there(client: Client) -> None:
    assert "/growth/sample/add/" in client.get("/growth/starters/").content.decode()
    client.post("/growth/sample/add/")
    assert "/growth/sample/add/" not in client.get("/growth/starters/").content.decode()


def test_the_gallery_speaks_german(client: Client) -> None:
    shown = page(client.get(GALLERY, headers={"Accept-Language": "de"}))
    assert "Besuche der Website" in shown
    assert "Website traffic" not in shown


def test_a_viewer_looks_and_uses_nothing(viewer: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(viewer)
    shown = page(client.get(GALLERY))
    assert "Website traffic" in shown
    assert TRAFFIC not in shown
    assert "Owners, admins and editors can start one." in shown
    assert client.get(TRAFFIC).status_code == 403


def test_whoever_can_start_one_is_not_told_who_can(client: Client) -> None:
    assert "can start one." not in page(client.get(GALLERY))


def test_the_welcome_leads_to_the_gallery(client: Client) -> None:
    assert f'href="{GALLERY}"' in page(client.get("/growth/"))


def test_what_is_no_starter_is_not_there(client: Client) -> None:
    assert client.get(f"{GALLERY}nothing/").status_code == 404
    assert client.get(f"{GALLERY}nothing/preview/").status_code == 404


# --- the questions ------------------------------------------------------------------------------------------------


def test_the_questions_are_answered_with_the_pretend_services(client: Client, sandbox: str) -> None:
    shown = page(client.get(TRAFFIC))
    assert f'value="{sandbox}/analytics"' in shown
    assert 'value="sandbox-key"' in shown
    assert 'value="10000"' in shown


def test_without_pretend_services_address_and_key_are_asked(client: Client, settings: Settings) -> None:
    settings.SANDBOX = False
    shown = page(client.get(TRAFFIC))
    assert "sandbox" not in shown
    refused = page(client.post(TRAFFIC, {"GOAL": "10000"}))
    assert "Address of the analytics API: Enter an address" in refused
    assert "Key: Enter the key or password." in refused


def test_what_is_wrong_is_said_at_its_question_and_the_rest_stays(client: Client, answers: dict[str, str]) -> None:
    shown = page(client.post(TRAFFIC, {**answers, "GOAL": "many", "KEY": SECRET}))
    assert '<a href="#id_GOAL">' in shown
    assert 'value="many"' in shown
    assert answers["ADDRESS"] in shown
    assert shown.count("<title>Error: ") == 1


def test_what_the_organisation_would_refuse_is_said_at_its_question(client: Client, owner: User) -> None:
    shown = page(client.post(CLIMATE, {"LOW": "23", "HIGH": "21", "OWNER": owner.email}))
    assert '<a href="#id_HIGH">Not above: Enter a value above the lower one.</a>' in shown
    assert not Connection.unscoped.exists()


def test_a_number_is_written_as_the_reader_writes_it(client: Client, owner: User) -> None:
    german = {"headers": {"Accept-Language": "de"}, "follow": True}
    shown = page(client.post(CLIMATE, {"LOW": "20,5", "HIGH": "23", "OWNER": owner.email}, **german))  # type: ignore[arg-type]
    assert "<dd>20,5</dd>" in shown
    assert 'value="20,5"' in page(client.get(CLIMATE, headers={"Accept-Language": "de"}))
    client.post(f"{CLIMATE}preview/", headers={"Accept-Language": "de"})
    target = Target.unscoped.get()
    assert (target.name, target.goal, target.goal_upper) == ("Raumtemperatur", 20.5, 23)


# --- the try ------------------------------------------------------------------------------------------------------


def test_a_wrong_key_leads_back_to_the_key_and_is_never_shown(client: Client, answers: dict[str, str]) -> None:
    shown = page(client.post(TRAFFIC, {**answers, "KEY": SECRET}))
    assert "It answered 401: the key is missing or wrong." in shown
    assert '<a class="btn" href="#id_KEY">Change sign-in</a>' in shown
    assert SECRET not in shown
    assert "••••••••cdef" in shown
    assert "Empty keeps the one you entered." in shown
    assert SECRET not in kept_in_sessions()
    assert "<title>Error: " in shown
    assert not Connection.unscoped.exists()


def test_a_key_that_was_entered_stays_where_nothing_else_is(client: Client, answers: dict[str, str]) -> None:
    client.post(TRAFFIC, {**answers, "GOAL": ""})
    response = client.post(TRAFFIC, {**answers, "KEY": ""})
    assert response.status_code == 302


def test_a_key_does_not_travel_to_another_address(
    client: Client, answers: dict[str, str], httpserver: HTTPServer
) -> None:
    client.post(TRAFFIC, {**answers, "KEY": SECRET})
    shown = page(client.post(TRAFFIC, {**answers, "KEY": "", "ADDRESS": httpserver.url_for("/api")}))
    assert "A stored key does not travel to another address." in shown
    assert httpserver.log == []


def test_a_wrong_address_leads_back_to_the_address(client: Client, answers: dict[str, str], sandbox: str) -> None:
    shown = page(client.post(TRAFFIC, {**answers, "ADDRESS": f"{sandbox}/nowhere"}))
    assert "Nothing lives at this address (404)." in shown
    assert '<a class="btn" href="#id_ADDRESS">Change address</a>' in shown


def test_an_address_inside_the_network_is_refused(client: Client, answers: dict[str, str]) -> None:
    shown = page(client.post(TRAFFIC, {**answers, "ADDRESS": "http://10.0.0.1/api"}))
    assert "OUTBOUND_ALLOWED_HOSTS" in shown
    assert '<a class="btn" href="#id_ADDRESS">Change address</a>' in shown


def test_an_answer_without_the_number_is_no_success(
    client: Client, answers: dict[str, str], httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/visitors").respond_with_json([{"date": "2026-11-01", "visits": 3}])
    shown = page(client.post(TRAFFIC, {**answers, "ADDRESS": httpserver.url_for("")}))
    assert "No row of the answer can be read as Website visitors." in shown


def test_an_answer_without_rows_may_be_a_quiet_week(
    client: Client, answers: dict[str, str], httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/visitors").respond_with_json([])
    shown = page(client.post(TRAFFIC, {**answers, "ADDRESS": httpserver.url_for("")}, follow=True))
    assert "Website visitors: no reading in this answer." in shown


# --- the preview and the start ------------------------------------------------------------------------------------


def test_the_preview_says_what_was_found_and_what_will_be(client: Client, answers: dict[str, str]) -> None:
    response = client.post(TRAFFIC, answers, follow=True)
    shown = page(response)
    assert response.request["PATH_INFO"] == f"{TRAFFIC}preview/"
    assert "200 OK" in shown
    # the service counts by UTC, so that today may not have begun there
    assert re.search("Website visitors: [67] readings in this answer; the latest is", shown)
    for name in ("Website analytics / Visitors by day", "Website traffic every day", "at least 10000 per month"):
        assert name in shown
    assert "sandbox-key" not in shown
    assert not Target.unscoped.exists()


def test_looking_at_the_preview_again_asks_nobody_again(
    client: Client, owner: User, answers: dict[str, str], httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/visitors").respond_with_json([])
    client.post(TRAFFIC, {**answers, "ADDRESS": httpserver.url_for("")})
    for _time in range(3):
        assert client.get(f"{TRAFFIC}preview/").status_code == 200
    assert len(httpserver.log) == 1


def test_the_preview_without_answers_leads_to_the_questions(client: Client) -> None:
    assert client.get(f"{TRAFFIC}preview/").headers["Location"] == TRAFFIC
    assert client.post(f"{TRAFFIC}preview/").headers["Location"] == TRAFFIC


def test_answers_to_one_starter_are_none_to_another(client: Client, answers: dict[str, str]) -> None:
    client.post(TRAFFIC, answers)
    assert client.get(f"{CLIMATE}preview/").headers["Location"] == CLIMATE


def test_starting_makes_a_target_with_its_history(client: Client, answers: dict[str, str]) -> None:
    client.post(TRAFFIC, answers)
    response = client.post(f"{TRAFFIC}preview/", follow=True)
    target = Target.unscoped.get()
    assert response.request["PATH_INFO"] == f"/growth/targets/{target.pk}/"
    assert "Started. It is judged again with every reading." in page(response)
    assert target.value is not None
    assert CallRecord.unscoped.count() > 1
    assert Feed.unscoped.get().covered_until is not None
    assert client.get(f"{TRAFFIC}preview/").status_code == 302, "what was used is forgotten"


def test_starting_again_takes_free_names(client: Client, answers: dict[str, str]) -> None:
    for _time in range(2):
        client.post(TRAFFIC, answers)
        client.post(f"{TRAFFIC}preview/")
    for model in (Metric, Target):
        names = sorted(model.unscoped.values_list("name", flat=True))
        assert names == ["Website visitors", "Website visitors 2"]


def test_what_waits_for_readings_says_so(client: Client, owner: User) -> None:
    client.post(CLIMATE, {"LOW": "21", "HIGH": "23", "OWNER": owner.email})
    shown = page(client.post(f"{CLIMATE}preview/", follow=True))
    assert "Started. It waits for its first reading." in shown


def test_an_editor_is_told_what_is_left_out(
    editor: User, client_of: Callable[[User], Client], answers: dict[str, str]
) -> None:
    client = client_of(editor)
    shown = page(client.get(TRAFFIC))
    assert "The report is left out: only owners and admins may set one up." in shown
    assert "A daily mail with the chart?" not in shown
    client.post(TRAFFIC, answers)
    client.post(f"{TRAFFIC}preview/")
    assert Target.unscoped.get().name == "Website visitors"


def test_an_owner_elsewhere_sees_nothing_of_it(
    client: Client, outsider: User, client_of: Callable[[User], Client], answers: dict[str, str]
) -> None:
    client.post(TRAFFIC, answers)
    assert client_of(outsider).get(f"{TRAFFIC}preview/").status_code == 404

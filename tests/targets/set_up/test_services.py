"""From a well-known service to a target, on the pages and over the API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_httpserver import HTTPServer
from rest_framework.test import APIClient
from werkzeug import Request, Response

from connectors.models import Connection, Feed
from connectors.services import all_services
from organisations.models import User
from targets.models import Metric

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Shown

KEY = "plausible-key-0123456789"
LIST, FORM, METRICS = "/growth/services/", "/growth/services/plausible/", "/growth/services/plausible/metrics/"
API, ONE = "/api/v1/growth/services/", "/api/v1/growth/services/plausible/"


def plausible(request: Request) -> Response:
    """Answer as Plausible does."""
    if request.headers.get("Authorization") != f"Bearer {KEY}":
        return Response('{"error": "Invalid API key."}', 401, content_type="application/json")
    if request.path == "/api/v1/stats/realtime/visitors":
        return Response("7", content_type="application/json")
    asked = json.loads(request.get_data())
    row = {"metrics": [1310, 402, 1201, 41.5, 95], "dimensions": asked["date_range"][1:]}
    return Response(json.dumps({"results": [row]}), content_type="application/json")


@pytest.fixture
def client(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


@pytest.fixture
def program(editor: User, api: Callable[[User], APIClient]) -> APIClient:
    return api(editor)


@pytest.fixture
def answers(httpserver: HTTPServer) -> dict[str, str]:
    httpserver.expect_request(re.compile("/.*")).respond_with_handler(plausible)
    return {"ADDRESS": httpserver.url_for("/").rstrip("/"), "SITE": "example.com", "KEY": KEY}


def page(response: Shown) -> str:
    """Return the text of a page."""
    return response.content.decode()


# --- the pages ----------------------------------------------------------------------------------------------------


def test_every_service_is_offered_and_both_first_pages_lead_there(client: Client) -> None:
    shown = page(client.get(LIST))
    for slug, service in all_services().items():
        assert f'href="/growth/services/{slug}/"' in shown
        assert str(service.summary) in shown
    assert 'href="/growth/services/"' in page(client.get("/growth/connections/new/"))
    assert 'href="/growth/services/"' in page(client.get("/growth/connections/"))


@pytest.mark.parametrize("slug", sorted(all_services()))
def test_the_form_asks_what_the_service_asks(client: Client, slug: str) -> None:
    shown = page(client.get(f"/growth/services/{slug}/"))
    for name, ask in all_services()[slug].asks.items():
        assert f'name="{name}"' in shown
        assert str(ask.label) in shown
    assert all_services()[slug].documented_at in shown


def test_a_service_that_is_not_known_is_not_there(client: Client) -> None:
    assert client.get("/growth/services/unheard-of/").status_code == 404
    assert client.get("/growth/services/unheard-of/metrics/").status_code == 404


def test_the_numbers_are_shown_before_they_are_chosen(client: Client, answers: dict[str, str]) -> None:
    response = client.post(FORM, answers, follow=True)
    assert response.request["PATH_INFO"] == METRICS
    shown = page(response)
    assert "Plausible answers. Which numbers do you want?" in shown
    assert "1,310 visitors" in shown
    assert "7 people" in shown
    assert re.search(r'value="visitors"[^>]*checked', shown)
    assert not re.search(r'value="visits"[^>]*checked', shown)
    assert not Connection.unscoped.exists()


def test_what_is_chosen_is_created_collected_and_leads_to_its_target(client: Client, answers: dict[str, str]) -> None:
    client.post(FORM, answers)
    response = client.post(METRICS, {"metrics": ["people_now", "month_visitors"], "then": "target"})
    first = Metric.unscoped.get(name="Website visitors this month")
    assert response.headers["Location"] == f"/growth/targets/new/?metric={first.pk}&from=connection"
    connection = Connection.unscoped.get()
    assert (connection.name, connection.calls_limit, connection.calls_per) == ("Plausible example.com", 600, 3600)
    assert connection.unseal() == {"key": KEY}
    assert {feed.name for feed in connection.feeds.all()} == {"The month so far", "Right now"}
    assert first.observations.count() > 0
    assert client.get(response.headers["Location"]).status_code == 200
    assert client.get(METRICS).headers["Location"] == FORM


def test_the_key_is_nowhere_to_be_read(client: Client, answers: dict[str, str]) -> None:
    shown = page(client.post(FORM, answers, follow=True)) + page(client.get(FORM))
    kept = " ".join(f"{row.session_data} {row.get_decoded()}" for row in Session.objects.all())
    assert KEY not in shown + kept
    assert "Empty keeps the one you entered." in shown


def test_the_key_that_was_entered_stays_with_the_same_address(client: Client, answers: dict[str, str]) -> None:
    client.post(FORM, answers)
    assert client.post(FORM, {**answers, "KEY": ""}).headers["Location"] == METRICS
    shown = page(client.post(FORM, {**answers, "KEY": "", "ADDRESS": "http://other.example"}))
    assert "A stored key does not travel to another address." in shown


def test_a_key_that_is_refused_is_said_in_words(client: Client, answers: dict[str, str]) -> None:
    response = client.post(FORM, {**answers, "KEY": "wrong"})
    assert response.status_code == 200
    assert "401" in page(response)
    assert "Test again" in page(response)
    assert "Plausible does not answer now. Which numbers do you want?" in page(client.get(METRICS))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"SITE": "two words"}, "This should look like example.com."), ({"KEY": ""}, "Enter the key or token.")],
)
def test_a_wrong_answer_is_said_at_its_field(
    client: Client, answers: dict[str, str], wrong: dict[str, str], said: str
) -> None:
    assert said in page(client.post(FORM, {**answers, **wrong}))


def test_nothing_chosen_is_nothing_created(client: Client, answers: dict[str, str]) -> None:
    client.post(FORM, answers)
    assert "Choose at least one number." in page(client.post(METRICS, {}))
    assert not Connection.unscoped.exists()


def test_without_answers_the_numbers_lead_back_to_the_questions(client: Client) -> None:
    assert client.get(METRICS).headers["Location"] == FORM


def test_a_second_time_the_names_get_a_number(client: Client, answers: dict[str, str]) -> None:
    for _ in range(2):
        client.post(FORM, answers)
        client.post(METRICS, {"metrics": ["visits"], "then": "metric"})
    assert sorted(Connection.unscoped.values_list("name", flat=True)) == [
        "Plausible example.com",
        "Plausible example.com 2",
    ]
    assert sorted(Metric.unscoped.values_list("name", flat=True)) == ["Website visits", "Website visits 2"]


# --- the API ------------------------------------------------------------------------------------------------------


def test_the_api_lists_services_in_the_language_that_is_asked_for(program: APIClient) -> None:
    rows = program.get(API, headers={"accept-language": "de"}).json()
    assert [row["slug"] for row in rows] == sorted(all_services(), key=lambda slug: all_services()[slug].name.lower())
    [one] = [row for row in rows if row["slug"] == "plausible"]
    assert one == program.get(ONE, headers={"accept-language": "de"}).json()
    assert [ask["name"] for ask in one["asks"]] == ["ADDRESS", "SITE", "KEY"]
    assert one["metrics"][0]["name"] == "Website-Besucher am Tag"


def test_the_api_creates_what_is_asked_for(program: APIClient, answers: dict[str, str]) -> None:
    response = program.post(ONE, {"answers": answers, "metrics": ["visits", "visitors", "people_now"]}, format="json")
    assert response.status_code == 201
    made = response.json()
    assert made["connection"] == Connection.unscoped.get().pk
    assert sorted(made["feeds"]) == sorted(Feed.unscoped.values_list("pk", flat=True))
    assert len(made["feeds"]) == 2
    assert {key: Metric.unscoped.get(pk=pk).value_path for key, pk in made["metrics"].items()} == {
        "visitors": "metrics[0]",
        "visits": "metrics[1]",
        "people_now": "",
    }
    assert KEY not in response.content.decode()


def test_the_api_fills_in_what_is_proposed(program: APIClient) -> None:
    body = {"answers": {"SITE": "example.com", "KEY": KEY}, "metrics": ["visits"]}
    assert program.post(ONE, body, format="json").status_code == 201
    assert Connection.unscoped.get().address == "https://plausible.io"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "answers"),
        ({"answers": [], "metrics": ["visits"]}, "answers"),
        ({"answers": {"SITE": "example.com", "KEY": KEY}}, "metrics"),
        ({"answers": {"SITE": "example.com", "KEY": KEY}, "metrics": ["none"]}, "metrics"),
        ({"answers": {"SITE": "{since}", "KEY": KEY}, "metrics": ["visits"]}, "answers"),
        ({"answers": {"SITE": "example.com", "KEY": KEY, "MORE": "x"}, "metrics": ["visits"]}, "answers"),
        ({"answers": {"SITE": "example.com", "KEY": ""}, "metrics": ["visits"]}, "answers"),
        ({"answers": {}, "metrics": ["visits"], "more": 1}, "answers"),
    ],
)
def test_the_api_says_what_is_wrong(program: APIClient, body: Any, field: str) -> None:
    response = program.post(ONE, body, format="json")
    assert response.status_code == 400
    assert field in json.dumps(response.json())
    assert not Connection.unscoped.exists()


def test_a_viewer_creates_nothing(viewer: User, api: Callable[[User], APIClient], client_of: Any) -> None:
    assert api(viewer).get(API).status_code == 200
    body = {"answers": {"SITE": "example.com", "KEY": KEY}, "metrics": ["visits"]}
    assert api(viewer).post(ONE, body, format="json").status_code == 403
    assert client_of(viewer).get(LIST).status_code == 403

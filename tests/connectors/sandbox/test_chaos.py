"""The switch spoils calls as told, and the ledger says what was served and charged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import StringIO
from time import monotonic
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from connectors.sandbox import books, chaos, mischief
from organisations.models import User
from tests.connectors.sandbox.pretending import SOCIAL, Services, signed

POSTS = {"q": "coffee", "count": 50}


def posts(services: Services, **params: Any) -> Any:
    """Return the posts of an answer."""
    return services.get("social/posts", SOCIAL, **POSTS, **params).json()["posts"]


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("500", 500), ("503", 503), ("401", 401), ("404", 404)])
def test_some_kinds_come_instead_of_an_answer_and_nothing_is_charged(
    services: Services, kind: str, status: int
) -> None:
    headers = signed(datetime.now(UTC).timestamp())
    answer = services.post(f"gateway/sentiment?chaos={kind}", headers, json={"text": "Fine."})
    assert answer.status_code == status
    assert services.ledger()["sentiment"] == {"calls": 1, "refused": 1, "served": 0, "charged": 0}


def test_retry_after_comes_in_seconds_and_as_a_date(services: Services) -> None:
    assert services.get("summary", chaos="429").headers["Retry-After"] == "2"
    until = parsedate_to_datetime(services.get("summary", chaos="429-date").headers["Retry-After"])
    assert 0 <= (until - datetime.now(UTC)).total_seconds() <= 3


def test_an_answer_that_is_lost_was_charged_and_the_same_key_brings_it_back(services: Services) -> None:
    headers = signed(datetime.now(UTC).timestamp()) | {"Idempotency-Key": "one"}
    lost = services.post("gateway/sentiment?chaos=lost", headers, json={"text": "Lovely."})
    again = services.post("gateway/sentiment", headers, json={"text": "Lovely."})
    assert (lost.status_code, again.status_code) == (500, 200)
    assert again.json()["label"] == "positive"
    assert services.ledger()["sentiment"]["charged"] == 1


@pytest.mark.parametrize("kind", ["cut", "garbage", "empty", "html", "charset"])
def test_a_spoilt_body_is_no_json(services: Services, kind: str) -> None:
    answer = services.get("social/posts", SOCIAL, **POSTS, chaos=kind)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        json.loads(answer.content.decode("utf-8"))


def test_a_connection_that_breaks_leaves_half_an_answer(services: Services) -> None:
    whole = services.get("social/posts", SOCIAL, **POSTS).content
    try:
        came = services.get("social/posts", SOCIAL, **POSTS, chaos="broken").content
    except requests.RequestException:  # where the server sends its answer in pieces that are counted
        came = b""
    assert len(came) <= len(whole) // 2


@pytest.mark.parametrize("kind", ["slow", "drip"])
def test_slow_answers_are_whole_and_end_after_seconds(services: Services, kind: str) -> None:
    begun = monotonic()
    assert len(posts(services, chaos=kind)) == 50
    assert 2 < monotonic() - begun < 6


def test_duplicate_late_revised_and_shuffled_rows(services: Services) -> None:
    true = posts(services)
    assert posts(services) == true
    twice, late, other = (posts(services, chaos=kind) for kind in ("duplicate", "late", "revised"))
    assert {post["id"] for post in twice} == {post["id"] for post in true}
    assert len(twice) > len(true) > len(late) > 0
    assert all(post in true for post in late)
    assert [post["id"] for post in other] == [post["id"] for post in true]
    assert 0 < sum(one != before for one, before in zip(other, true, strict=True)) < len(true)
    shuffled = posts(services, chaos="shuffled")
    assert shuffled != true
    assert sorted(shuffled, key=lambda post: int(post["id"])) == true


def test_rows_of_a_table_go_wrong_too(services: Services) -> None:
    true = services.get("orders.csv").text.splitlines()
    late = services.get("orders.csv", chaos="late").text.splitlines()
    assert late[0] == true[0]
    assert set(late) < set(true)


@pytest.mark.parametrize(
    ("kind", "changed"), [("types", [21.5]), ("huge", mischief.MANY), ("revised", pytest.approx(23.65))]
)
def test_numbers_go_wrong(kind: str, changed: Any) -> None:
    change = {
        "types": mischief.other_types,
        "huge": mischief.huge,
        "revised": lambda rows: [mischief._revised(rows[0])],
    }
    assert mischief.with_rows({"degrees": 21.5, "id": 7}, change[kind]) == {"degrees": changed, "id": 7}


def test_numbers_become_nan(services: Services) -> None:
    assert "NaN" in services.get("room/temperature", chaos="nan").text


def test_several_kinds_happen_one_after_the_other(services: Services) -> None:
    assert len(services.get("social/posts", SOCIAL, **POSTS, chaos="duplicate,cut").content) > 1000


def test_a_kind_that_is_not_known_is_refused(services: Services) -> None:
    answer = services.get("summary", chaos="earthquake")
    assert answer.status_code == 400
    assert "duplicate" in answer.json()["error"]


def test_the_switch_spoils_a_share_of_the_calls_of_one_service(services: Services) -> None:
    chaos.switch("analytics", ["500"], share=0.25)
    assert [services.get("summary").status_code for _ in range(8)] == [200, 200, 200, 500, 200, 200, 200, 500]
    assert services.get("prices").status_code == 200
    chaos.switch("analytics", [])
    assert {services.get("summary").status_code for _ in range(4)} == {200}


def test_the_switch_of_a_ledger_is_its_own(live_server: LiveServer) -> None:
    chaos.switch(chaos.EVERY_SERVICE, ["503"], world="one")
    assert Services(live_server.url, "one").get("online").status_code == 503
    assert Services(live_server.url, "other").get("online").status_code == 200


@pytest.mark.django_db
def test_only_a_superuser_sets_the_switch_and_not_for_another_site(
    client: Client, django_user_model: type[User]
) -> None:
    body = {"service": "prices", "kinds": ["slow"], "share": 0.5}

    def post(visitor: Client) -> Any:
        return visitor.post("/sandbox/chaos", body, content_type="application/json")

    person = User.objects.create_user(email="person@example.com", password="long enough words")
    client.force_login(person)
    assert post(client).status_code == 403
    assert chaos.switches() == {}
    person.is_superuser = True
    person.save()
    assert post(client).json()["prices"]["share"] == 0.5
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    assert post(strict).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", ["[]", "{}", '{"service": "prices", "kinds": ["none"]}', '{"service": "x", "share": 2, "kinds": ["500"]}']
)
def test_a_switch_that_means_nothing_is_refused(admin_client: Client, body: str) -> None:
    assert admin_client.post("/sandbox/chaos", body, content_type="application/json").status_code == 400
    assert chaos.switches() == {}


def told(*words: str) -> str:
    """Return what the command says."""
    out = StringIO()
    call_command("sandbox", *words, stdout=out)
    return out.getvalue()


def test_the_command_sets_the_switch_shows_a_ledger_and_forgets(services: Services) -> None:
    assert json.loads(told("chaos", "all", "500", "--ledger", "test"))["all"]["kinds"] == ["500"]
    assert services.get("online").status_code == 500
    assert json.loads(told("chaos", "all", "--ledger", "test")) == {}
    assert services.get("online").status_code == 200
    assert json.loads(told("ledger", "test"))["services"]["shop"]["calls"] == 2
    told("forget", "test")
    assert json.loads(told("ledger", "test"))["lines"] == []


@pytest.mark.parametrize("words", [["chaos", "all", "nothing"], ["ledger", "Not A Name"]])
def test_the_command_says_what_is_wrong(words: list[str]) -> None:
    with pytest.raises(CommandError, match=r"kind of chaos|ledger's name"):
        told(*words)


def test_without_the_sandbox_the_command_does_nothing(settings: Settings) -> None:
    settings.SANDBOX = False
    with pytest.raises(CommandError, match="switched off"):
        told("forget")


def test_a_ledger_lists_the_ids_that_were_served(services: Services) -> None:
    ids = [post["id"] for post in posts(services)]
    line = services.ledger()["lines"][0]
    assert line["served"] == ids
    assert (line["service"], line["method"], line["status"]) == ("social", "GET", 200)


def test_without_a_name_nothing_is_kept_in_a_ledger(live_server: LiveServer) -> None:
    requests.get(f"{live_server.url}/sandbox/summary", timeout=10)
    assert books.lines(books.COMMON, "ledger") == []


@pytest.mark.parametrize("name", ["", "../etc", "Loud", "x" * 41])
def test_a_ledger_has_a_plain_name(services: Services, name: str) -> None:
    assert services.get("ledger", name=name).status_code == 400
    assert services.get("summary", {"X-Ledger": name}).status_code == 400


def test_ledgers_take_a_bounded_place(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    services.get("online")
    monkeypatch.setattr(books, "MOST_BYTES", 10)
    assert services.get("online").status_code == 507
    monkeypatch.setattr(books, "MOST_NAMES", 1)
    assert services.get("online", {"X-Ledger": "one-more"}).status_code == 507

"""The pages about records and their enrichment, used as people use them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_httpserver import HTTPServer

from connectors.enriching import acts
from connectors.models import Connection, Enrichment, Feed, Record
from organisations import managed
from organisations.access import Access
from organisations.models import Organisation, User
from tests.connectors.asking import Api

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
State = Record.State
SignedIn = Callable[[User], Client]
QUERY = {"sends": "text=text", "body": '{"text": "{text}"}', "path": "judge", "method": "POST"}


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


@pytest.fixture
def feed(access: Access) -> Feed:
    connection = access.organisation.connections.create(
        name="Network", kind="http", settings={"address": "https://network.example.com"}
    )
    found: Feed = connection.feeds.create(name="Posts", keeps_records=True, record_key="id", at_path="at", due_at=None)
    return found


@pytest.fixture
def judge(access: Access, api: Api) -> Connection:
    return access.organisation.connections.create(
        name="Judge", kind="http", settings={"address": api.address, "sign_in": "none", "headers": ""}
    )


@pytest.fixture
def enrichment(feed: Feed, judge: Connection) -> Enrichment:
    return Enrichment.unscoped.create(feed=feed, connection=judge, query={**QUERY, "price": 0.25, "currency": "€"})


@pytest.fixture
def client(client_of: SignedIn, owner: User) -> Client:
    return client_of(owner)


def a_record(feed: Feed, key: str, text: str, **fields: Any) -> Record:
    defaults = {"at": NINE, "raw": {"id": key, "text": text}, "recorded_at": NINE, "state": State.DONE}
    found: Record = feed.records.create(key=key, **(defaults | fields))
    return found


def page(client: Client, name: str, feed: Feed, *more: Any, **asked: str) -> str:
    answer = client.get(address(name, feed, *more), asked)
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


def address(name: str, feed: Feed, *more: Any) -> str:
    return reverse(name, args=["growth", feed.connection_id, feed.pk, *more])


# --- looking --------------------------------------------------------------------------------------------------------


def test_records_are_listed_with_their_answers(client: Client, feed: Feed, enrichment: Enrichment) -> None:
    a_record(feed, "p1", "I love the <b>tea</b>", enriched={"label": "positive", "score": 0.8734})
    a_record(feed, "p2", "Wait", state=State.FAILED, problem={"code": "no_answer_for_record", "data": {}})
    html = page(client, "records", feed)
    assert "I love the &lt;b&gt;tea&lt;/b&gt;" in html
    assert "label: </span>positive</td>" in html
    assert "score: </span>0.873</td>" in html
    assert 'class="num">score</th>' in html
    assert 'class="num">label</th>' not in html
    assert "There is nothing about this record in the answer." in html
    assert "2 records." in html
    assert "1 is enriched. 1 failed." in html
    assert "Try those that failed again" in html


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ({"q": "LOVE"}, ["p1"]),
        ({"q": "schön"}, ["p2"]),
        ({"q": "positive"}, ["p1"]),
        ({"q": "p3"}, ["p3"]),
        ({"state": "failed"}, ["p3"]),
        ({"since": "2026-11-21"}, ["p4"]),
        ({"until": "2026-11-20"}, ["p3", "p2", "p1"]),
        ({"since": "soon", "state": "odd"}, ["p4", "p3", "p2", "p1"]),
        ({"q": "nothing like that"}, []),
    ],
)
def test_records_can_be_searched_and_narrowed(
    client: Client, feed: Feed, enrichment: Enrichment, asked: dict[str, str], keys: list[str]
) -> None:
    a_record(feed, "p1", "I love it", enriched={"label": "positive"})
    a_record(feed, "p2", "Schön war es")
    a_record(feed, "p3", "third", state=State.FAILED)
    a_record(feed, "p4", "tomorrow", at=datetime(2026, 11, 21, tzinfo=UTC), whole_day=True)
    html = page(client, "records", feed, **asked)
    found = [line.split("<")[0] for line in html.split('<span class="sub">')[1:] if line.startswith("p")]
    assert found == keys
    chosen = {"since", "until", "q", "state"} & set(asked) and asked != {"since": "soon", "state": "odd"}
    number = f"{len(keys)} of them match{'es' if len(keys) == 1 else ''} what you look for."
    assert (number in " ".join(html.split())) == bool(chosen)


def test_one_record_shows_row_and_answer_side_by_side(
    client: Client, feed: Feed, enrichment: Enrichment, judge: Connection
) -> None:
    collection = feed.collections.create(started_at=NINE)
    record = a_record(
        feed, "p1", "I love it", enriched={"label": "positive"}, tokens=1200, cost=0.002, answers=1, recipe=1,
        call_id="abc", enriched_at=NINE, collection=collection,
    )  # fmt: skip
    call = judge.calls.create(at=NINE, method="POST", url="https://x", took=1.0, correlation_id="abc", status=200)
    html = page(client, "record", feed, record.pk)
    assert "&quot;text&quot;: &quot;I love it&quot;" in html
    assert "&quot;label&quot;: &quot;positive&quot;" in html
    assert "1,200 tokens" in html
    assert "€0.0020" in html
    assert reverse("call", args=["growth", judge.pk, call.pk]) in html
    assert reverse("collection", args=["growth", feed.connection_id, collection.pk]) in html
    assert "asked as it was before" not in html
    Enrichment.unscoped.update(recipe=2)
    assert "asked as it was before" in page(client, "record", feed, record.pk)


def test_records_are_taken_away_as_a_table_without_formulas(client: Client, feed: Feed, enrichment: Enrichment) -> None:
    a_record(feed, "=1+1", '@SUM("x")', enriched={"label": "a, b", "tags": ["x"]})
    answer: Any = client.get(address("records-download", feed), {"as": "csv"})
    head, row = b"".join(answer.streaming_content).decode().strip("\ufeff").splitlines()
    assert head == "Key,Time,State,id,text,→ label,→ tags,Tokens,Cost,Problem"
    assert row == '\'=1+1,2026-11-20T09:00:00+00:00,done,\'=1+1,"\'@SUM(""x"")","a, b","[""x""]",0,0.0,'


def test_chosen_records_are_taken_away_as_json_lines(client: Client, feed: Feed, enrichment: Enrichment) -> None:
    a_record(feed, "p1", "I love it", enriched={"label": "positive"})
    a_record(feed, "p2", "no")
    answer: Any = client.get(address("records-download", feed), {"as": "jsonl", "q": "love"})
    [line] = b"".join(answer.streaming_content).decode().splitlines()
    assert json.loads(line) == {
        "key": "p1", "at": "2026-11-20T09:00:00+00:00", "state": "done", "raw": {"id": "p1", "text": "I love it"},
        "enriched": {"label": "positive"}, "tokens": 0, "cost": 0.0, "problem": "",
    }  # fmt: skip
    assert client.get(address("records-download", feed), {"as": "exe"}).status_code == 404


def test_records_of_another_feed_are_not_found(client: Client, feed: Feed, access: Access) -> None:
    other = feed.connection.feeds.create(name="Other", keeps_records=True, record_key="id")
    record = a_record(other, "p1", "theirs")
    assert client.get(address("record", feed, record.pk)).status_code == 404
    assert "theirs" not in page(client, "records", feed)


# --- asking again ---------------------------------------------------------------------------------------------------


def test_those_that_failed_are_asked_about_again(client: Client, feed: Feed, enrichment: Enrichment) -> None:
    failed = a_record(feed, "p1", "x", state=State.FAILED, attempts=10, problem={"code": "empty", "data": {}})
    done = a_record(feed, "p2", "y", enriched={"a": 1})
    client.post(address("records-again", feed))
    failed.refresh_from_db()
    done.refresh_from_db()
    enrichment.refresh_from_db()
    assert (failed.state, failed.attempts, failed.problem, done.state) == (State.WAITING, 0, {}, State.DONE)
    assert enrichment.due_at is not None


def test_one_record_is_asked_about_again_and_keeps_its_answer_until_then(
    client: Client, feed: Feed, enrichment: Enrichment
) -> None:
    done, other = a_record(feed, "p1", "x", enriched={"a": 1}), a_record(feed, "p2", "y", state=State.FAILED)
    answer = client.post(address("records-again", feed), {"record": done.pk})
    assert answer["Location"] == address("record", feed, done.pk)
    done.refresh_from_db()
    other.refresh_from_db()
    assert (done.state, done.enriched, other.state) == (State.WAITING, {"a": 1}, State.FAILED)


# --- setting up -----------------------------------------------------------------------------------------------------


def typed(judge: Connection, **changes: str) -> dict[str, Any]:
    """Return what is typed into the page that sets an enrichment up."""
    usual = {f"query-{name}": value for name, value in {**QUERY, "price": "0.25"}.items()}
    return {"connection": judge.pk, "batch": "1", **usual, **changes}


def test_first_one_chooses_whom_to_ask(client: Client, feed: Feed, judge: Connection, access: Access) -> None:
    access.organisation.connections.create(name="Typed in", kind="push")
    html = page(client, "enrichment", feed)
    assert "Which service is asked about each record?" in html
    assert 'value="' + str(judge.pk) + '"' in html
    assert "Typed in" not in html
    assert "/connections/kinds/prompt/" in html


def test_a_feed_that_keeps_no_rows_says_so_first(client: Client, feed: Feed, judge: Connection) -> None:
    Feed.unscoped.update(keeps_records=False)
    assert "This feed keeps no rows yet." in page(client, "enrichment", feed, connection=str(judge.pk))


def test_then_one_says_what_is_asked(client: Client, feed: Feed, judge: Connection) -> None:
    html = page(client, "enrichment", feed, connection=str(judge.pk))
    assert "What is asked about each record?" in html
    assert "text=text" in html, "something to begin with is proposed"
    answer = client.post(address("enrichment", feed), typed(judge, batch="", daily_calls="500"))
    assert answer.status_code == 302, answer.content.decode()
    row = Enrichment.unscoped.get()
    assert (row.connection, row.batch, row.daily_calls, row.recipe) == (judge, 1, 500, 1)
    assert row.query["body"] == QUERY["body"]
    assert row.due_at is not None


def test_it_can_be_tried_before_it_is_saved(client: Client, feed: Feed, judge: Connection, api: Api) -> None:
    a_record(feed, "p1", "I love it", state=State.KEPT)
    api.answers_json('{"label": "positive"}')
    answer = client.post(address("enrichment", feed), typed(judge, act="try"))
    html = answer.content.decode()
    assert "{&quot;text&quot;: &quot;I love it&quot;}" in html
    assert "&quot;label&quot;: &quot;positive&quot;" in html
    assert "€0.25" in html
    assert not Enrichment.unscoped.exists()
    assert feed.records.get().state == State.KEPT
    assert "Idempotency-Key" not in api.requests[0].headers


def test_a_try_that_goes_wrong_says_why(client: Client, feed: Feed, judge: Connection, api: Api) -> None:
    a_record(feed, "p1", "I love it", state=State.KEPT)
    api.answers_json("<html>")
    html = client.post(address("enrichment", feed), typed(judge, act="try")).content.decode()
    assert "No answer" in html
    assert "It answered with HTML, not JSON." in html
    feed.records.all().delete()
    html = client.post(address("enrichment", feed), typed(judge, act="try")).content.decode()
    assert "There is no record to try it on yet." in html


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"query-body": "{"}, "This is not valid JSON."),
        ({"batch": "5"}, "put {items} into the body for several"),
        ({"batch": "0"}, "at least 1"),
        ({"daily_cost": "much"}, "Write a number"),
    ],
)
def test_what_cannot_be_is_refused(
    client: Client, feed: Feed, judge: Connection, changes: dict[str, str], said: str
) -> None:
    answer = client.post(address("enrichment", feed), typed(judge, **changes))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Enrichment.unscoped.exists()


def test_changing_what_is_asked_asks_whether_to_redo_and_shows_the_price(
    client: Client, feed: Feed, enrichment: Enrichment
) -> None:
    for number in range(4):
        a_record(feed, f"p{number}", "x", enriched={"a": 1}, answers=1, cost=0.25, tokens=10, recipe=1)
    html = page(client, "enrichment", feed)
    assert "Redo old records?" in html
    assert "Redo all of them (4 records)" in html
    assert "About €1.00 for 4 records" in html


@pytest.mark.parametrize(("redo", "total"), [("none", 0), ("all", 3)])
def test_old_records_are_redone_only_if_one_says_so(
    client: Client, feed: Feed, enrichment: Enrichment, judge: Connection, redo: str, total: int
) -> None:
    a_record(feed, "p1", "x", enriched={"a": 1}, recipe=1)
    a_record(feed, "p2", "x", state=State.KEPT)
    a_record(feed, "p3", "x", state=State.FAILED, recipe=1, attempts=3)
    a_record(feed, "p4", "x", state=State.WAITING, asked="abc")
    client.post(address("enrichment", feed), typed(judge, **{"query-keeps": "a=a", "redo": redo}))
    enrichment.refresh_from_db()
    assert (enrichment.recipe, enrichment.redo_total) == (2, total)
    assert acts.standing(feed, enrichment).redone == 0
    assert feed.records.get(key="p4").asked == ""
    assert feed.records.get(key="p1").enriched == {"a": 1}


def test_what_changes_no_answer_keeps_the_recipe(
    client: Client, feed: Feed, enrichment: Enrichment, judge: Connection
) -> None:
    client.post(address("enrichment", feed), typed(judge))
    enrichment.refresh_from_db()
    before = enrichment.recipe
    client.post(address("enrichment", feed), typed(judge, daily_calls="7"))
    enrichment.refresh_from_db()
    assert (enrichment.recipe, enrichment.daily_calls) == (before, 7)


# --- how it is going ------------------------------------------------------------------------------------------------


def test_the_connection_shows_how_far_it_has_come(client: Client, feed: Feed, enrichment: Enrichment) -> None:
    a_record(feed, "p1", "x", enriched={"a": 1}, recipe=2)
    a_record(feed, "p2", "x", enriched={"a": 1}, recipe=1)
    a_record(feed, "p3", "x", state=State.WAITING)
    last = feed.records.latest("pk").pk
    Enrichment.unscoped.update(recipe=2, redo_until=last, redo_total=2, daily_calls=9)
    html = client.get(reverse("connection", args=["growth", feed.connection_id])).content.decode()
    assert '<progress max="2" value="1"' in html
    assert "0 calls of 9" in html
    assert "Stop redoing" in html


def test_it_is_paused_resumed_and_stopped(client: Client, feed: Feed, enrichment: Enrichment) -> None:
    Enrichment.unscoped.update(redo_until=5, redo_total=2)
    for act, check in (("pause", "paused_at"), ("resume", "due_at")):
        client.post(address("enrichment-turn", feed), {"act": act})
        enrichment.refresh_from_db()
        assert getattr(enrichment, check) is not None
    assert enrichment.paused_at is None
    client.post(address("enrichment-turn", feed), {"act": "stop"})
    enrichment.refresh_from_db()
    assert (enrichment.redo_until, enrichment.redo_total) == (None, 0)
    assert client.post(address("enrichment-turn", feed), {"act": "explode"}).status_code == 404


def test_enriching_no_more_keeps_what_came(client: Client, feed: Feed, enrichment: Enrichment) -> None:
    a_record(feed, "p1", "x", enriched={"a": 1})
    a_record(feed, "p2", "x", state=State.WAITING)
    assert "The answers that came stay" in page(client, "enrichment-delete", feed)
    client.post(address("enrichment-delete", feed))
    assert not Enrichment.unscoped.exists()
    assert list(feed.records.order_by("key").values_list("state", flat=True)) == [State.DONE, State.KEPT]


def test_what_a_file_manages_and_locks_is_not_changed_here(
    client: Client, feed: Feed, enrichment: Enrichment, organisation: Organisation
) -> None:
    managed.put(organisation, section="enrichments", row_ids=[enrichment.pk], file="a.yaml", locked=True)
    for name in ("enrichment", "enrichment-delete"):
        assert client.get(address(name, feed)).status_code == 403
    assert client.post(address("enrichment-turn", feed), {"act": "pause"}).status_code == 403


def test_a_viewer_reads_and_changes_nothing(
    client_of: SignedIn, viewer: User, feed: Feed, enrichment: Enrichment
) -> None:
    a_record(feed, "p1", "I love it", state=State.FAILED)
    client = client_of(viewer)
    html = page(client, "records", feed)
    assert "I love it" in html
    assert "Try those that failed again" not in html
    assert client.post(address("records-again", feed)).status_code == 403
    assert client.get(address("enrichment", feed)).status_code == 403


# --- the service ----------------------------------------------------------------------------------------------------


def test_a_model_is_connected_by_its_settings_and_leads_on_to_the_feed(
    client: Client, feed: Feed, access: Access
) -> None:
    new = reverse("connection-of-kind", args=["growth", "prompt"])
    assert "Price of a million tokens read" in client.get(new, {"feed": feed.pk}).content.decode()
    settings = {"settings-address": "https://ai.example.com/v1", "settings-sign_in": "bearer", "settings-price_in": "2"}
    answer = client.post(new, {"name": "Model", "feed": feed.pk, **settings, "secrets-key": "k3y"})
    assert answer.status_code == 302, answer.content.decode()
    row = access.rows(Connection).get(name="Model")
    assert (row.kind, row.unseal()["key"], row.settings["price_in"]) == ("prompt", "k3y", 2.0)
    assert answer["Location"] == f"{address('enrichment', feed)}?connection={row.pk}"
    assert client.get(answer["Location"]).status_code == 200
    assert client.get(reverse("connection-of-kind", args=["growth", "push"])).status_code == 404


def test_a_model_is_asked_whether_it_answers(client: Client, access: Access, api: Api) -> None:
    settings = {"address": api.address, "sign_in": "none", "headers": ""}
    model = access.organisation.connections.create(name="Model", kind="prompt", settings=settings)
    shown = reverse("connection", args=["growth", model.pk])
    test = reverse("connection-test", args=["growth", model.pk])
    assert test in client.get(shown).content.decode()
    api.answers_json('{"data": [{"id": "small"}]}', "{")
    assert (
        "It answers. Of this test a line in the call log is kept, and nothing else."
        in client.post(test).content.decode()
    )
    assert "It answers." not in client.post(test).content.decode()
    assert [request.path for request in api.requests] == ["/api/models", "/api/models"]


def test_a_service_stays_while_records_are_passed_to_it(
    client: Client, feed: Feed, enrichment: Enrichment, judge: Connection
) -> None:
    delete = reverse("connection-delete", args=["growth", judge.pk])
    html = client.post(delete, {"name": "Judge"}).content.decode()
    assert "Judge cannot be deleted yet" in html
    assert "The records of Posts of Network are passed to this connection." in html
    enrichment.delete()
    assert client.post(delete, {"name": "Judge"}).status_code == 302
    assert not Connection.unscoped.filter(pk=judge.pk).exists()

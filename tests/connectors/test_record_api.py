"""Records and enrichments for programs: over the API, and in files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_httpserver import HTTPServer
from rest_framework.test import APIClient

from blueprints.applying import Order, apply, prepare
from blueprints.exporting import export
from blueprints.mistakes import Mistaken
from connectors.models import Connection, Enrichment, Feed, Record
from organisations.access import Access
from organisations.models import User
from tests.connectors.asking import Api as Service

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BASE = "/api/v1/growth/"
State = Record.State
Api = Callable[[User], APIClient]
QUERY = {"sends": "text=text", "body": '{"text": "{text}"}', "path": "judge"}


@pytest.fixture
def service(httpserver: HTTPServer) -> Service:
    return Service(httpserver)


@pytest.fixture
def program(api: Api, editor: User) -> APIClient:
    return api(editor)


@pytest.fixture
def feed(access: Access) -> Feed:
    connection = access.organisation.connections.create(name="Network", kind="http", settings={})
    found: Feed = connection.feeds.create(name="Posts", keeps_records=True, record_key="id", due_at=None)
    return found


@pytest.fixture
def judge(access: Access, service: Service) -> Connection:
    settings = {"address": service.address, "sign_in": "none", "headers": ""}
    return access.organisation.connections.create(name="Judge", kind="http", settings=settings)


def a_record(feed: Feed, key: str, **fields: Any) -> Record:
    defaults = {"at": NINE, "raw": {"id": key, "text": f"Text {key}"}, "recorded_at": NINE, "state": State.DONE}
    found: Record = feed.records.create(key=key, **(defaults | fields))
    return found


def made(program: APIClient, feed: Feed, judge: Connection, **fields: Any) -> dict[str, Any]:
    sent = {"feed": feed.pk, "connection": judge.pk, "query": QUERY, **fields}
    answer = program.post(f"{BASE}enrichments/", sent, format="json")
    assert answer.status_code == 201, answer.json()
    said: dict[str, Any] = answer.json()
    return said


# --- over the API ---------------------------------------------------------------------------------------------------


def test_an_enrichment_is_made_changed_and_ended(program: APIClient, feed: Feed, judge: Connection) -> None:
    a_record(feed, "a", state=State.KEPT)
    said = made(program, feed, judge, daily_calls=100)
    assert (said["query"]["path"], said["batch"], said["recipe"], said["daily_calls"]) == ("judge", 1, 1, 100)
    assert said["records"] == {"kept": 1, "waiting": 0, "done": 0, "failed": 0, "redone": 0}
    row = f"{BASE}enrichments/{said['id']}/"
    changed = program.patch(row, {"query": {"keeps": "label=label"}, "redo": "all"}, format="json").json()
    assert (changed["recipe"], changed["redo_total"], changed["query"]["path"]) == (2, 1, "judge")
    assert program.patch(row, {"daily_cost": 2.5}, format="json").json()["recipe"] == 2
    assert program.get(row).json()["redo_total"] == 1, "what is not said stays as it is"
    assert program.post(f"{row}stop-redoing/").json()["redo_total"] == 0
    assert program.post(f"{row}pause/").json()["paused_at"] is not None
    assert program.post(f"{row}resume/").json()["paused_at"] is None
    assert program.delete(row).status_code == 204
    assert not Enrichment.unscoped.exists()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"query": {"body": "{"}}, "query.body"),
        ({"query": {"colour": "red"}}, "query.colour"),
        ({"query": []}, "query"),
        ({"batch": 3}, "batch"),
        ({"redo": "maybe"}, "redo"),
        ({"connection": 10**9}, "connection"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    program: APIClient, feed: Feed, judge: Connection, sent: dict[str, Any], field: str
) -> None:
    whole = {"feed": feed.pk, "connection": judge.pk, "query": QUERY, **sent}
    answer = program.post(f"{BASE}enrichments/", whole, format="json")
    assert answer.status_code == 400, answer.json()
    assert field in answer.json()["errors"]


def test_a_feed_without_records_and_a_connection_that_enriches_nothing_are_refused(
    program: APIClient, feed: Feed, judge: Connection, access: Access
) -> None:
    pushed = access.organisation.connections.create(name="Typed in", kind="push")
    sent = {"feed": feed.pk, "connection": pushed.pk, "query": {}}
    assert "connection" in program.post(f"{BASE}enrichments/", sent, format="json").json()["errors"]
    Feed.unscoped.update(keeps_records=False)
    sent = {"feed": feed.pk, "connection": judge.pk, "query": QUERY}
    assert "feed" in program.post(f"{BASE}enrichments/", sent, format="json").json()["errors"]


def test_a_feed_has_one_enrichment(program: APIClient, feed: Feed, judge: Connection) -> None:
    made(program, feed, judge)
    sent = {"feed": feed.pk, "connection": judge.pk, "query": QUERY}
    assert program.post(f"{BASE}enrichments/", sent, format="json").status_code == 400


def test_it_can_be_tried_on_a_record(program: APIClient, feed: Feed, judge: Connection, service: Service) -> None:
    row = f"{BASE}enrichments/{made(program, feed, judge)['id']}/"
    assert program.post(f"{row}try/", {}, format="json").status_code == 409
    record = a_record(feed, "a")
    service.answers_json('{"label": "good"}')
    said = program.post(f"{row}try/", {"record": record.pk, "query": {"keeps": "l=label"}}, format="json").json()
    assert (said["enriched"], said["message"]) == ({"l": "good"}, "")
    assert '{"text": "Text a"}' in said["letter"]
    assert program.post(f"{row}try/", {"record": 10**9}, format="json").status_code == 400


def test_records_are_read_searched_and_taken_away(program: APIClient, feed: Feed) -> None:
    record = a_record(feed, "a", enriched={"label": "good"}, cost=0.5)
    a_record(feed, "b", state=State.FAILED, problem={"code": "no_answer_for_record", "data": {}})
    [said] = program.get(f"{BASE}records/", {"q": "good", "feed": str(feed.pk)}).json()["results"]
    assert (said["id"], said["raw"]["text"], said["enriched"], said["cost"]) == (
        record.pk,
        "Text a",
        {"label": "good"},
        0.5,
    )
    [failed] = program.get(f"{BASE}records/", {"state": "failed"}).json()["results"]
    assert (failed["code"], failed["message"]) == (
        "no_answer_for_record", "There is nothing about this record in the answer.",
    )  # fmt: skip
    answer = program.get(f"{BASE}records/download/", {"file": "jsonl", "state": "done"})
    [line] = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert json.loads(line)["key"] == "a"
    assert program.post(f"{BASE}records/", {}, format="json").status_code == 405


def test_money_that_was_added_up_is_answered_without_wrong_digits(
    program: APIClient, feed: Feed, judge: Connection
) -> None:
    a_record(feed, "1", cost=0.1 + 0.2)
    row = Enrichment.unscoped.create(feed=feed, connection=judge, query=QUERY, spent_cost=0.3 - 0.1)
    assert program.get(f"{BASE}enrichments/{row.pk}/").json()["spent_cost"] == 0.2
    [record] = program.get(f"{BASE}records/").json()["results"]
    assert record["cost"] == 0.3


def test_what_failed_is_asked_about_again(program: APIClient, feed: Feed, judge: Connection) -> None:
    row = f"{BASE}enrichments/{made(program, feed, judge)['id']}/"
    a_record(feed, "a", state=State.FAILED)
    done = a_record(feed, "b", enriched={"label": "good"})
    assert program.post(f"{row}ask-again/", {}, format="json").json() == {"records": 1}
    assert program.post(f"{row}ask-again/", {"record": done.pk}, format="json").json() == {"records": 1}
    assert program.post(f"{row}ask-again/", {"record": "all"}, format="json").status_code == 400
    assert set(feed.records.values_list("state", flat=True)) == {State.WAITING}


def test_the_list_of_kinds_says_what_can_be_asked_about_records(program: APIClient) -> None:
    kinds = {each["kind"]: each for each in program.get(f"{BASE}kinds/").json()}
    assert [field["name"] for field in kinds["prompt"]["enrichment"]][:2] == ["model", "prompt"]
    assert "sends" in [field["name"] for field in kinds["http"]["enrichment"]]
    assert kinds["push"]["enrichment"] == []


def test_a_service_stays_while_records_are_passed_to_it(program: APIClient, feed: Feed, judge: Connection) -> None:
    enrichment = made(program, feed, judge)
    answer = program.delete(f"{BASE}connections/{judge.pk}/")
    assert answer.status_code == 409
    assert "The records of Posts of Network are passed to this connection." in answer.content.decode()
    assert program.delete(f"{BASE}enrichments/{enrichment['id']}/").status_code == 204
    assert program.delete(f"{BASE}connections/{judge.pk}/").status_code == 204


def test_records_go_with_their_connection_and_what_they_were_passed_through(
    program: APIClient, feed: Feed, judge: Connection
) -> None:
    made(program, feed, judge)
    a_record(feed, "a")
    assert program.delete(f"{BASE}connections/{feed.connection_id}/").status_code == 204
    assert not Enrichment.unscoped.exists()
    assert not Record.unscoped.exists()


def test_a_model_is_asked_whether_it_answers(program: APIClient, access: Access, service: Service) -> None:
    service.answers_json('{"data": [{"id": "small"}]}')
    settings = {"address": service.address, "sign_in": "none", "headers": ""}
    model = access.organisation.connections.create(name="Model", kind="prompt", settings=settings)
    assert program.post(f"{BASE}connections/{model.pk}/test/").json()["ok"] is True
    assert [request.path for request in service.requests] == ["/api/models"]


# --- in files -------------------------------------------------------------------------------------------------------

FILE = """\
blueprint: 1

connections:
  Judge:
    kind: http
    settings:
      address: https://judge.example.com
  Model:
    kind: prompt
    settings:
      address: https://ai.example.com/v1
      price_in: 0.5
    secrets:
      key: ${MODEL_KEY}
  Network:
    kind: http
    settings:
      address: https://network.example.com

feeds:
  Network / Comments:
    record_key: id
    keeps_records: true
  Network / Posts:
    at_path: at
    record_key: id
    keeps_records: true

enrichments:
  Network / Comments:
    connection: Model
    query:
      model: small
      prompt: Say how {text} sounds.
      sends:
        text: text
      schema: |-
        {"type": "object", "properties": {"label": {"type": "string"}}}
    batch: 10
    daily_cost: 2.5
  Network / Posts:
    connection: Judge
    query:
      path: judge
      sends:
        text: text
      body: '{"text": "{text}"}'
      keeps:
        label: label
    paused: true
"""


def put(access: Access, text: str) -> list[str]:
    order = Order(texts={"x.yaml": text}, answers={"MODEL_KEY": "k3y"})
    plan = apply(access, order, now=NOW)
    assert prepare(access, order).plan.changes == []
    return [f"{change.verb} {change.section} {change.name}" for change in plan.changes]


def test_a_file_sets_enrichments_up_and_is_exported_as_it_was(access: Access) -> None:
    put(access, FILE)
    rows = {row.feed.name: row for row in access.rows(Enrichment).select_related("feed", "connection")}
    assert rows["Posts"].connection.name == "Judge"
    assert rows["Posts"].query["keeps"] == "label=label"
    assert rows["Posts"].paused_at == NOW
    assert (rows["Comments"].batch, rows["Comments"].daily_cost, rows["Comments"].due_at) == (10, 2.5, NOW)
    assert yaml.safe_load(export(access))["enrichments"] == yaml.safe_load(FILE)["enrichments"]


def test_a_changed_query_counts_the_recipe_up_and_redoes_nothing(access: Access) -> None:
    put(access, FILE)
    posts = access.rows(Feed).get(name="Posts")
    a_record(posts, "a", recipe=1)
    assert put(access, FILE.replace("label: label", "mood: label")) == ["change enrichments Network / Posts"]
    row = access.rows(Enrichment).get(feed=posts)
    assert (row.recipe, row.redo_until) == (2, None)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("  Network / Posts:\n    connection", "  Network / Post:\n    connection", "There is no “Network / Post”"),
        ("connection: Judge", "connection: Juge", "Did you mean “Judge”?"),
        ("label: label", 'label: "a["', "path"),
        ("      path: judge\n", "      pfad: judge\n", "pfad"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_place(access: Access, right: str, wrong: str, said: str) -> None:
    with pytest.raises(Mistaken) as caught:
        put(access, FILE.replace(right, wrong, 1))
    assert any(said in str(mistake) for mistake in caught.value.mistakes), caught.value.mistakes


def test_a_file_takes_no_service_away_that_records_are_passed_to(access: Access, feed: Feed) -> None:
    Connection.unscoped.filter(pk=feed.connection_id).update(name="Forum")
    texts = {"x.yaml": FILE[: FILE.index("feeds:")]}
    apply(access, Order(texts=texts, answers={"MODEL_KEY": "k3y"}, file="x.yaml"), now=NOW)
    Enrichment.unscoped.create(feed=feed, connection=access.rows(Connection).get(name="Judge"), query=QUERY)
    order = Order(texts={"x.yaml": "blueprint: 1\n"}, file="x.yaml", prune=True)
    with pytest.raises(Mistaken) as caught:
        apply(access, order, now=NOW)
    assert "“Forum / Posts” under enrichments goes by it." in str(caught.value.mistakes[0])
    assert access.rows(Connection).filter(name="Model").exists(), "nothing has happened"


def test_an_enrichment_goes_with_its_feed(access: Access) -> None:
    order = Order(texts={"x.yaml": FILE}, answers={"MODEL_KEY": "k3y"}, file="x.yaml")
    apply(access, order, now=NOW)
    first = FILE.index("  Network / Comments:\n    record_key")
    without = FILE[:first] + FILE[FILE.index("  Network / Posts:\n    at_path") :]
    start = without.index("  Network / Comments:\n    connection")
    without = without[:start] + without[without.index("  Network / Posts:\n    connection") :]
    plan = apply(
        access, Order(texts={"x.yaml": without}, answers={"MODEL_KEY": "k3y"}, file="x.yaml", prune=True), now=NOW
    )
    gone = {(change.section, change.name) for change in plan.changes if change.verb == "remove"}
    assert gone == {("feeds", "Network / Comments"), ("enrichments", "Network / Comments")}
    assert access.rows(Enrichment).count() == 1


# --- in the documentation -------------------------------------------------------------------------------------------

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "connectors.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE[PAGE.index("## Records and") : PAGE.index("## Schedules")], re.DOTALL)
AROUND: dict[str, Any] = {
    "connections": {
        name: {"kind": "http", "settings": {"address": "https://x.example.com"}} for name in ("Network", "Sentiment")
    },
    "feeds": {"Network / Posts": {"record_key": "id", "keeps_records": True}},
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_the_documentation_can_be_applied_as_they_stand(access: Access, example: str) -> None:
    given = yaml.safe_load(example)
    whole = {"blueprint": 1, **AROUND, **given, "connections": AROUND["connections"] | given.get("connections", {})}
    put(access, yaml.safe_dump(whole))
    assert access.rows(Enrichment).get().query.get("sends") == "text=text"


def test_there_are_examples_of_both_ways() -> None:
    assert len(EXAMPLES) == 2

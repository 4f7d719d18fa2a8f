"""Passing records to any HTTP service, against a real server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from connectors import registry
from connectors.errors import FetchError, Malformed
from connectors.protocol import Enriched, Enriching
from tests.connectors.asking import Api
from tests.connectors.enriching import asker, calling, items

HTTP = cast("Enriching", registry.kind("http"))
ALONE = {"path": "judge", "sends": "text=text", "body": '{"text": "{text}", "lang": "en"}'}
TOGETHER = {"path": "judge", "sends": "text=text", "body": '{"texts": "{items}"}', "item": '"{text}"', "answers": "all"}
Ask = Callable[..., list[Enriched]]


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


@pytest.fixture
def ask(api: Api) -> Ask:
    return asker(HTTP, api.address, headers="X-Team: growth")


def sent(api: Api) -> Any:
    return json.loads(api.requests[-1].data)


def test_what_is_taken_of_a_record_stands_in_its_place(api: Api, ask: Ask) -> None:
    api.answers_json('{"label": "good", "score": 0.5}')
    [enriched] = ask(ALONE, 'She said "{text}" \u2028 ${X} 😀\n"}')
    assert enriched.fields == {"label": "good", "score": 0.5}
    assert sent(api) == {"text": 'She said "{text}" \u2028 ${X} 😀\n"}', "lang": "en"}
    request = api.requests[0]
    assert (request.method, request.path) == ("POST", "/api/judge")
    assert (request.headers["Idempotency-Key"], request.headers["X-Team"]) == ("k1", "growth")


def test_it_can_be_asked_by_address_and_parameters(api: Api, ask: Ask) -> None:
    api.answers_json('"positive"')
    query = {"method": "GET", "path": "of/{key}", "sends": "t=text", "params": "q={t}", "headers": "X-Id: {key}"}
    [enriched] = ask(query, "a/b & c\nd")
    assert enriched.fields == {"answer": "positive"}
    assert (api.requests[0].path, api.requests[0].args["q"]) == ("/api/of/1", "a/b & c\nd")
    assert api.requests[0].headers["X-Id"] == "1"


def test_several_records_go_in_one_list_and_answers_come_in_their_order(api: Api, ask: Ask) -> None:
    api.answers_json('{"all": [{"s": 1}, {"s": 2}]}')
    assert [each.fields for each in ask(TOGETHER, "a", "b")] == [{"s": 1}, {"s": 2}]
    assert sent(api) == {"texts": ["a", "b"]}


def test_answers_can_be_told_apart_by_the_key_of_their_record(api: Api, ask: Ask) -> None:
    api.answers_json('{"all": [{"id": 2, "s": 2}, {"id": 1, "s": 1}]}')
    query = {
        **TOGETHER, "item": '{"id": "{key}", "text": "{text}"}', "match": "key", "key_path": "id", "keeps": "s=s",
    }  # fmt: skip
    found = ask(query, "a", "b", "c")
    assert [each.fields for each in found] == [{"s": 1}, {"s": 2}, None]
    assert found[2].problem is not None
    assert found[2].problem.code == "no_answer_for_record"
    assert sent(api)["texts"][0] == {"id": "1", "text": "a"}


def test_another_number_of_answers_is_shared_out_to_nobody(api: Api, ask: Ask) -> None:
    api.answers_json('{"all": [{"s": 1}]}')
    with pytest.raises(Malformed, match=r"answers \(1\) is not that of the records sent \(2\)") as caught:
        ask({**TOGETHER, "price": "0.002"}, "a", "b")
    assert caught.value.cost == 0.002, "the answer that came is paid for"


@pytest.mark.parametrize("answer", ["<html>", "", '{"all": 5}'])
def test_an_answer_that_makes_no_sense_is_an_error(api: Api, ask: Ask, answer: str) -> None:
    api.answers(lambda _: Response(answer))
    with pytest.raises(FetchError):
        ask(TOGETHER, "a", "b")


def test_fields_are_kept_by_their_paths_and_each_answer_has_its_price(api: Api, ask: Ask) -> None:
    api.answers_json('{"all": [{"a": {"b": [7]}}, {"a": {}}]}')
    found = ask({**TOGETHER, "keeps": "first=a.b[0]", "price": "0.002"}, "x", "y")
    assert [each.fields for each in found] == [{"first": 7}, None]
    assert [each.cost for each in found] == [0.002, 0.002]


def test_a_value_that_cannot_be_sent_is_a_problem_of_its_record(api: Api, ask: Ask) -> None:
    [enriched] = ask({**ALONE, "headers": "X-Text: {text}"}, "two\nlines")
    assert enriched.problem is not None
    assert enriched.problem.code == "value_cannot_be_sent"
    assert api.requests == []


@pytest.mark.parametrize(("value", "as_sent"), [(None, ""), ([1, "a"], '[1, "a"]'), (True, "true"), (5, 5)])
def test_what_is_no_text_is_written_as_one_where_it_has_to_be(api: Api, ask: Ask, value: Any, as_sent: Any) -> None:
    api.answers_json("{}")
    ask({**ALONE, "body": '{"text": "{text}"}'}, value)
    assert sent(api) == {"text": as_sent}


def test_what_would_be_sent_can_be_looked_at(api: Api) -> None:
    with calling(HTTP, api.address, {**ALONE, "params": "n={key}"}) as call:
        letter = HTTP.letter(call, items("Hi"))
    assert letter == f'POST {api.address}/judge?n=1\n\n{{"text": "Hi", "lang": "en"}}'
    assert api.requests == []


WRONG = [
    ({**ALONE, "body": '{"text": "{txt}"}'}, "{txt} is not taken of a record"),
    ({**ALONE, "body": "{text"}, "not valid JSON"),
    ({**ALONE, "body": '{"text": "fixed"}'}, "Nothing of a record is sent"),
    ({**ALONE, "method": "GET"}, "A body goes with POST."),
    ({**ALONE, "sends": "text"}, "should look like"),
    ({**ALONE, "sends": "te xt=text"}, "is no name"),
    ({**ALONE, "sends": "text=text\ntext=other"}, "stands there twice"),
    ({**ALONE, "sends": "text=a["}, "path"),
    ({**ALONE, "item": '"{text}"'}, "The body has no {items}"),
    ({**TOGETHER, "item": ""}, "Say how one record is written"),
    ({**TOGETHER, "body": "{items}", "content_type": "text/plain"}, "Only a JSON body takes several records"),
    ({**TOGETHER, "body": '{"texts": "x {items}"}'}, "Only a JSON body takes several records"),
    ({**TOGETHER, "path": "{key}"}, "stands in the list alone"),
    ({**TOGETHER, "match": "key"}, "Say where an answer says the key"),
    ({**ALONE, "headers": "Authorization: x"}, "is a credential"),
    ({**ALONE, "price": "-1"}, "at least 0"),
]


@pytest.mark.parametrize(("query", "said"), WRONG)
def test_what_cannot_be_asked_is_refused_when_it_is_saved(query: dict[str, str], said: str) -> None:
    form = HTTP.Enrichment(data=query)
    assert not form.is_valid()
    assert said in " ".join(str(message) for messages in form.errors.values() for message in messages)


def test_it_says_whether_it_takes_several_and_what_it_costs() -> None:
    assert HTTP.takes_several(TOGETHER)
    assert not HTTP.takes_several(ALONE)
    assert HTTP.currency({}, {"price": 0.5, "currency": "CHF"}) == "CHF"
    assert HTTP.currency({}, {"price": 0.0, "currency": "CHF"}) == ""
    assert HTTP.currency({}, {}) == ""

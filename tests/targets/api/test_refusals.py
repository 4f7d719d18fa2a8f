"""Whatever programs send, they are answered in problem answers (RFC 9457): never in HTML, never with 500."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient, APIRequestFactory

from organisations.models import Organisation, User
from targets.models import Metric
from trackerproject.api_unknown import Unknown

Api = Callable[[User], APIClient]
BASE = "/api/v1/growth/"
WRITTEN_TO = ["connections/", "feeds/", "metrics/", "targets/", "metrics/{metric}/observations/"]
READ_FROM = [*WRITTEN_TO, "collections/", "calls/", "metrics/{metric}/days/", "members/"]


@pytest.fixture
def program(api: Api, owner: User) -> APIClient:
    return api(owner)


@pytest.fixture
def metric(organisation: Organisation) -> Metric:
    feed = organisation.connections.create(name="Typed in", kind="push").feeds.create(name="Daily", due_at=None)
    made: Metric = organisation.metrics.create(feed=feed, name="Visitors")
    return made


def is_problem(answer: Any, *statuses: int) -> bool:
    """Say whether the answer is a problem answer with one of the statuses."""
    body = answer.json()
    stands = body["status"] == answer.status_code and body["title"] and body["detail"]
    return bool(stands) and answer.status_code in statuses and answer["Content-Type"] == "application/problem+json"


BODIES: list[Any] = [
    b"",
    b"{",
    b"[]",
    b"[1]",
    b"[[]]",
    b"null",
    b"true",
    b'"text"',
    b"7",
    b"{}",
    b'{"name": NaN}',
    b'{"name": 1e999}',
    b'{"name": {"name": {}}}',
    b'{"": 1}',
    b'{"__class__": "x", "pk": 1}',
    b'{"name": "\\ud800"}',
    b'{"name": "\\u0000"}',
    b'{"goal": 99999999999999999999999999999999999}',
    b"\xff\xfe\x00",
    b"[" * 200_000,
    b'{"a":' * 200_000,
]


@pytest.mark.parametrize("address", WRITTEN_TO)
@pytest.mark.parametrize("body", BODIES, ids=[repr(body[:24]) for body in BODIES])
def test_bodies_that_make_no_sense_are_refused(program: APIClient, metric: Metric, address: str, body: Any) -> None:
    answer = program.generic("POST", BASE + address.format(metric=metric.pk), body, content_type="application/json")
    if body == b"[]" and "observations" in address:
        assert answer.json() == {"recorded": 0}
    else:
        assert is_problem(answer, 400)


@pytest.mark.parametrize("address", WRITTEN_TO)
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""],
)
def test_anything_but_json_is_refused(program: APIClient, metric: Metric, address: str, content_type: str) -> None:
    answer = program.generic("POST", BASE + address.format(metric=metric.pk), "name=x", content_type=content_type)
    assert is_problem(answer, 400, 415)


@pytest.mark.parametrize("address", WRITTEN_TO)
def test_a_body_that_is_too_large_is_not_even_read(
    program: APIClient, metric: Metric, address: str, settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
    body = '{"name": "' + "x" * 1_000_000 + '"}'
    answer = program.generic("POST", BASE + address.format(metric=metric.pk), body, content_type="application/json")
    assert is_problem(answer, 413)
    assert answer.json()["detail"] == "Send at most 1 MB at once."


@pytest.mark.parametrize("address", READ_FROM)
@pytest.mark.parametrize("method", ["PUT", "TRACE", "BREW"])
def test_methods_that_are_not_there_are_refused(program: APIClient, metric: Metric, address: str, method: str) -> None:
    answer = program.generic(method, BASE + address.format(metric=metric.pk))
    assert is_problem(answer, 405)


@pytest.mark.parametrize("address", READ_FROM)
@pytest.mark.parametrize("query", ["nonsense=1", "page=nonsense", "ordering=password", "format=xml", "search__=1"])
def test_questions_that_make_no_sense_are_refused(program: APIClient, metric: Metric, address: str, query: str) -> None:
    assert is_problem(program.get(f"{BASE}{address.format(metric=metric.pk)}?{query}"), 400, 404)


@pytest.mark.parametrize("address", [*READ_FROM, "kinds/", "sample/", ""])
def test_without_a_sign_in_there_is_nothing(metric: Metric, address: str) -> None:
    for client in (APIClient(), APIClient(headers={"Authorization": "Bearer wm_guessed"})):
        answer = client.get(BASE + address.format(metric=metric.pk))
        assert is_problem(answer, 401)
        assert answer["WWW-Authenticate"] == "Bearer"


def test_who_asks_too_often_is_told_when_to_come_back(
    program: APIClient, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("organisations.api_callers.CallerRate.THROTTLE_RATES", {"caller": "2/min"})
    answers = [program.get(f"{BASE}targets/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert is_problem(answers[2], 429)
    assert 0 < int(answers[2]["Retry-After"]) <= 60


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete", "options"])
def test_an_address_that_is_none_is_a_problem_too(method: str) -> None:
    answer = Unknown.as_view()(getattr(APIRequestFactory(), method)("/api/v1/growth/nothing/"))
    answer.render()
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert "no such address" in answer.data["detail"]

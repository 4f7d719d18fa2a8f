"""The posts of the pretend network, and how often a pretend service may be asked."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import pytest

from connectors.sandbox import limits, sentiment, social
from connectors.sandbox.limits import Rate
from tests.connectors.sandbox.pretending import (
    NOW,
    SOCIAL,
    Services,
    allowed_of,
    first_of,
)


def test_the_posts_about_a_word_are_the_same_every_time_and_their_ids_ascend() -> None:
    once, again = social.posts("coffee", NOW), social.posts("coffee", NOW)
    assert once == again
    assert len(once) == 100
    assert all(one["id"] < other["id"] for one, other in pairwise(once))
    assert all("coffee" in post["text"].casefold() for post in once)


def test_following_since_id_brings_every_post_once() -> None:
    found: list[int] = []
    while page := social.posts("tea", NOW, since_id=found[-1] if found else 0, count=70):
        found += [post["id"] for post in page]
    assert len(found) == len(set(found)) == social.number_of("tea", NOW - social.KEPT, NOW)
    assert len(found) > 28 * 24 * social.FEWEST


def test_a_later_look_adds_posts_and_changes_none() -> None:
    before = social.posts("tea", NOW, since_id=social.posts("tea", NOW - timedelta(hours=9))[-1]["id"])
    later = social.posts("tea", NOW + timedelta(hours=1), since_id=before[0]["id"] - 1)
    assert later[: len(before)] == before


def test_posts_sound_good_and_bad_and_neither() -> None:
    labels = {sentiment.judged(post["text"])["label"] for post in social.posts("rain", NOW)}
    assert labels == {"positive", "neutral", "negative"}


def test_posts_come_over_http_with_the_newest_id(services: Services) -> None:
    body = services.get("social/posts", SOCIAL, q="coffee", count=5).json()
    assert len(body["posts"]) == 5
    assert body["meta"] == {"newest_id": body["posts"][-1]["id"], "count": 5}
    following = services.get("social/posts", SOCIAL, q="coffee", count=5, since_id=body["meta"]["newest_id"]).json()
    assert following["posts"][0]["id"] > body["meta"]["newest_id"]


@pytest.mark.parametrize("params", [{}, {"q": "x", "count": "101"}, {"q": "x", "since_id": "soon"}])
def test_a_bad_question_about_posts_is_refused(services: Services, params: dict[str, str]) -> None:
    assert services.get("social/posts", SOCIAL, **params).status_code == 400


@pytest.mark.parametrize(
    "path", ["social/posts", "crm/deals", "stock", "stock/orders", "room/thermostat", "ai/v1/models"]
)
def test_a_wrong_key_is_refused(services: Services, path: str) -> None:
    assert services.get(path, {"X-API-Key": "wrong", "Authorization": "Bearer wrong"}).status_code == 401


def test_beyond_the_limit_one_is_told_how_long_to_wait(services: Services) -> None:
    limited = {**SOCIAL, "X-Sandbox-Limit": "2/60"}
    answers = [services.get("social/posts", limited, q="tea", count=1) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert 50 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert services.ledger()["social"] == {"calls": 3, "refused": 1, "served": 2, "charged": 0}


def test_after_the_wait_the_next_call_is_allowed() -> None:
    rate = Rate(2, 60)
    verdicts = [limits.taken("test", "any", rate, NOW + timedelta(seconds=after)) for after in (0, 10, 20, 59, 61)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, False, False, True]
    assert verdicts[2].wait == 40


def test_each_ledger_has_a_limit_of_its_own() -> None:
    rate = Rate(1, 60)
    assert limits.taken("one", "any", rate, NOW).allowed
    assert limits.taken("other", "any", rate, NOW).allowed
    assert not limits.taken("one", "any", rate, NOW).allowed


@pytest.mark.parametrize(("work", "in_all"), [(allowed_of, 25), (first_of, 1)])
def test_several_processes_count_exactly(work: Any, in_all: int) -> None:
    with get_context("spawn").Pool(3) as pool:
        assert sum(pool.map(work, [20, 20, 20])) == in_all


@pytest.mark.parametrize("written", ["", "5", "0/60", "5/0", "5/9999", "five/60"])
def test_a_limit_that_means_nothing_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="calls/seconds"):
        limits.written(written)

"""Passing records to a service, against a real HTTP server that keeps a ledger of what it charged."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors import asking
from connectors.enriching import asking as enrich_call
from connectors.errors import HeldBack, Reason
from connectors.models import Enrichment, Feed, Record
from connectors.problems import problem
from organisations.access import Access
from targets import enriching, schedule
from targets.enrichment.ends import MOST_ATTEMPTS
from targets.models import Metric, Target

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
State = Record.State
SCORES = {"good": 0.8, "bad": -0.6}


class Service:
    """The pretend service: it judges texts, heeds idempotency keys, and goes wrong as it is told."""

    def __init__(self, server: HTTPServer) -> None:
        self.asked: list[tuple[str, list[str]]] = []  # key and texts of each call
        self.charged: dict[str, list[str]] = {}  # texts by the key that paid for them
        self.fails: Callable[[list[str]], Response | None] = lambda _texts: None
        server.expect_request("/judge").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        body = json.loads(request.data)
        texts = body["texts"] if "texts" in body else [body["text"]]
        key = request.headers.get("Idempotency-Key", "")
        self.asked.append((key, texts))
        if (failure := self.fails(texts)) is not None:
            return failure
        self.charged.setdefault(key, texts)
        judged = [{"label": "good" if "good" in text else "bad", "score": _score(text)} for text in texts]
        return Response(
            json.dumps({"results": judged} if "texts" in body else judged[0]), content_type="application/json"
        )

    @property
    def texts_charged(self) -> list[str]:
        return sorted(text for texts in self.charged.values() for text in texts)


def _score(text: str) -> float:
    return SCORES["good" if "good" in text else "bad"]


ALONE = {"sends": "text=text", "body": '{"text": "{text}"}', "path": "judge"}
TOGETHER = {
    "sends": "text=text", "body": '{"texts": "{items}"}', "item": '"{text}"', "path": "judge", "answers": "results",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def service(httpserver: HTTPServer) -> Service:
    return Service(httpserver)


@pytest.fixture
def feed(access: Access) -> Feed:
    connection = access.organisation.connections.create(name="Network", kind="http", settings={})
    found: Feed = connection.feeds.create(name="Posts", keeps_records=True, record_key="id", at_path="at", due_at=None)
    return found


@pytest.fixture
def enrichment(feed: Feed, access: Access, httpserver: HTTPServer) -> Enrichment:
    return made(feed, access, httpserver.url_for(""), ALONE)


def made(feed: Feed, access: Access, address: str, query: dict[str, str], **fields: Any) -> Enrichment:
    """Return an enrichment that is due."""
    connection = access.organisation.connections.create(
        name="Judge", kind="http", settings={"address": address, "sign_in": "none", "headers": ""}
    )
    return Enrichment.unscoped.create(feed=feed, connection=connection, query=query, due_at=NOW, **fields)


def posts(feed: Feed, *texts: str, at: datetime = NINE, state: str = State.WAITING) -> list[Record]:
    """Add records to a feed, one a second."""
    count = feed.records.count()
    collection = feed.collections.create(started_at=at)
    return [
        feed.records.create(
            key=str(count + number),
            at=at,
            raw={"id": count + number, "text": text},
            state=state,
            recorded_at=at,
            collection=collection,
        )
        for number, text in enumerate(texts)
    ]


@pytest.fixture
def told() -> list[int]:
    return []


@pytest.fixture
def run(enrichment: Enrichment, told: list[int], django_capture_on_commit_callbacks: Any) -> Callable[..., bool]:
    return runner(enrichment, told, django_capture_on_commit_callbacks)


def runner(enrichment: Enrichment, told: list[int], capture: Any) -> Callable[..., bool]:
    def enrich(now: datetime = NOW) -> bool:
        with capture(execute=True):
            more = enriching.run(
                enrichment.pk, now, announce=told.append, announce_enrichment=lambda pk: told.append(-pk)
            )
        enrichment.refresh_from_db()
        return more

    return enrich


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen each time just before the service is asked."""
    real = enrich_call.ask

    def disturbed(*args: Any, **named: Any) -> Any:
        happens()
        return real(*args, **named)

    monkeypatch.setattr(enriching, "ask", disturbed)


def states(feed: Feed) -> list[str]:
    return list(feed.records.order_by("pk").values_list("state", flat=True))


def broken(_texts: list[str]) -> Response:
    return Response("broken", 500)


# --- what goes well ------------------------------------------------------------------------------------------------


def test_each_waiting_record_is_asked_about_once_and_its_answer_kept(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    posts(feed, "good", "bad")
    posts(feed, "old", state=State.KEPT)
    assert run() is False
    assert run(NOW + HOUR) is False
    assert [texts for _key, texts in service.asked] == [["good"], ["bad"]]
    first = feed.records.get(key="0")
    assert (first.enriched, first.state, first.recipe) == ({"label": "good", "score": 0.8}, State.DONE, 1)
    assert first.call_id == enrichment.connection.calls.latest("pk").correlation_id or first.call_id
    assert states(feed) == [State.DONE, State.DONE, State.KEPT]
    assert (enrichment.due_at, enrichment.lease_token, enrichment.spent_calls) == (None, None, 2)


def test_only_what_is_named_is_kept(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    Enrichment.unscoped.update(query={**ALONE, "keeps": "sound=label\nnothing=nowhere"})
    posts(feed, "good")
    run()
    assert feed.records.get().enriched == {"sound": "good", "nothing": None}


def test_an_answer_without_anything_that_is_to_be_kept_fails_with_a_sentence(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    Enrichment.unscoped.update(query={**ALONE, "keeps": "sound=nowhere"})
    posts(feed, "good")
    run()
    record = feed.records.get()
    assert (record.state, record.code) == (State.FAILED, "answer_keeps_nothing")


def test_several_records_go_out_together(
    service: Service, feed: Feed, access: Access, httpserver: HTTPServer, told: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    enrichment = made(feed, access, httpserver.url_for(""), TOGETHER, batch=3)
    posts(feed, "good 1", "bad 2", "good 3", "good 4")
    runner(enrichment, told, django_capture_on_commit_callbacks)()
    assert [texts for _key, texts in service.asked] == [["good 1", "bad 2", "good 3"], ["good 4"]]
    scores = [record.enriched["score"] for record in feed.records.order_by("pk") if record.enriched]
    assert scores == [0.8, -0.6, 0.8, 0.8]
    assert enrichment.spent_calls == 2


def test_the_share_and_the_mean_are_exact_and_twice_changes_nothing(
    service: Service, feed: Feed, enrichment: Enrichment, access: Access, run: Callable[..., bool]
) -> None:
    make = access.organisation.metrics.create
    share = make(feed=feed, name="Share", value_path="enriched.label == 'good'", value_kind="level", scale=100)
    mean = make(feed=feed, name="Mean", value_path="enriched.score", value_kind="level", decimals=2)
    posts(feed, "good", "good", "bad")
    posts(feed, "bad", at=NINE + HOUR)
    run()
    assert read(share) == {NINE: pytest.approx(200 / 3), NINE + HOUR: 0.0}
    assert read(mean) == {NINE: pytest.approx(1.0 / 3), NINE + HOUR: -0.6}
    assert [row.weight for row in share.observations.order_by("at")] == [3.0, 1.0]
    rollup = share.rollups.get()
    assert rollup.weighted / rollup.weight == pytest.approx(50.0)


def read(metric: Metric) -> dict[datetime, Any]:
    return {row.at: row.value for row in metric.observations.all()}


def test_what_answers_cost_is_a_metric(
    service: Service, feed: Feed, enrichment: Enrichment, access: Access, run: Callable[..., bool]
) -> None:
    Enrichment.unscoped.update(query={**ALONE, "price": 0.25, "currency": "€"})
    cost = access.organisation.metrics.create(feed=feed, name="AI cost", value_path="enrichment.cost")
    posts(feed, "good", "bad")
    posts(feed, "old", state=State.KEPT)
    run()
    assert read(cost) == {NINE: 0.5}
    assert (enrichment.spent_cost, feed.records.get(key="0").answers) == (0.5, 1)


def test_targets_are_judged_by_the_answers(
    service: Service, feed: Feed, enrichment: Enrichment, access: Access, run: Callable[..., bool]
) -> None:
    metric = access.organisation.metrics.create(feed=feed, name="Good", value_path="enriched.label == 'good'")
    target = access.organisation.targets.create(metric=metric, name="Good", goal=2, tracking_since=date(2026, 11, 1))
    posts(feed, "good", "good", "bad")
    run()
    target = Target.unscoped.get(pk=target.pk)
    assert (target.value, target.status) == (2.0, "met")


def test_a_volume_counts_at_once_and_an_answer_when_it_has_come(
    service: Service, feed: Feed, enrichment: Enrichment, access: Access, run: Callable[..., bool]
) -> None:
    from targets.collection.record_points import renew

    volume = access.organisation.metrics.create(feed=feed, name="Volume", value_path="`1`")
    score = access.organisation.metrics.create(feed=feed, name="Score", value_path="enriched.score", value_kind="level")
    posts(feed, "good", "bad")
    renew(feed, [NINE], now=NOW)
    assert (read(volume), read(score)) == ({NINE: 2.0}, {})
    run()
    assert read(score) == {NINE: pytest.approx(0.1)}


# --- killed, and taken over ------------------------------------------------------------------------------------------


def killed(monkeypatch: pytest.MonkeyPatch, run: Callable[..., bool]) -> None:
    """Run until an answer has come, and die before it is written down."""

    def dies(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(enriching, "_write", dies)
        with pytest.raises(KeyboardInterrupt):
            run()


def test_an_answer_that_was_not_written_down_is_asked_for_under_the_same_key(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    posts(feed, "good", "bad")
    killed(monkeypatch, run)
    assert run(NOW + MINUTE) is False, "the lease still holds"
    run(NOW + timedelta(seconds=301))
    assert [texts for _key, texts in service.asked] == [["good"], ["good"], ["bad"]]
    assert service.asked[0][0] == service.asked[1][0] != ""
    assert service.texts_charged == ["bad", "good"]
    assert states(feed) == [State.DONE, State.DONE]


def test_records_that_went_out_together_go_out_together_again_whatever_has_come_since(
    service: Service, feed: Feed, access: Access, httpserver: HTTPServer, told: list[int],
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    enrichment = made(feed, access, httpserver.url_for(""), TOGETHER, batch=3)
    run = runner(enrichment, told, django_capture_on_commit_callbacks)
    posts(feed, "good 1", "bad 2")
    killed(monkeypatch, run)
    posts(feed, "older 3", at=NINE - HOUR)
    run(NOW + timedelta(seconds=301))
    assert [texts for _key, texts in service.asked] == [["good 1", "bad 2"], ["older 3"], ["good 1", "bad 2"]]
    assert service.texts_charged == ["bad 2", "good 1", "older 3"]


def test_another_recipe_asks_under_another_key(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    posts(feed, "good")
    killed(monkeypatch, run)
    Enrichment.unscoped.update(recipe=2)
    run(NOW + timedelta(seconds=301))
    assert service.asked[0][0] != service.asked[1][0]


def test_whoever_lost_the_lease_writes_nothing(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    posts(feed, "good")
    meanwhile(monkeypatch, lambda: Enrichment.unscoped.update(lease_token=None))
    assert run() is False
    assert states(feed) == [State.WAITING]
    assert enrichment.spent_calls == 1


def test_a_record_that_changes_while_it_is_asked_about_goes_on_waiting(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    posts(feed, "good")
    Enrichment.unscoped.update(query={**ALONE, "price": 1.0})

    meanwhile(monkeypatch, lambda: feed.records.update(raw={"id": 0, "text": "bad now"}, asked=""))
    run()
    record = feed.records.get()
    assert record.enriched == {"label": "bad", "score": -0.6}
    assert [texts for _key, texts in service.asked] == [["good"], ["bad now"]]
    assert (record.answers, record.cost) == (2, 2.0), "both were paid for"


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_service_that_is_down_makes_it_wait_longer_each_time_and_loses_nothing(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    posts(feed, "good", "bad")
    service.fails = broken
    pauses, now = [], NOW
    for _time in range(3):
        assert run(now) is False
        assert enrichment.due_at is not None
        pauses.append(enrichment.due_at - now)
        now = enrichment.due_at
    assert pauses == sorted(pauses)
    assert pauses[0] > timedelta(seconds=40)
    assert (enrichment.failures, enrichment.reason, enrichment.code) == (3, "server_error", "own_problem")
    assert states(feed) == [State.WAITING, State.WAITING]
    assert [record.code for record in feed.records.order_by("pk")] == ["own_problem", "own_problem"]
    service.fails = lambda _texts: None
    run(now)
    assert states(feed) == [State.DONE, State.DONE]
    assert (enrichment.failures, enrichment.problem, enrichment.due_at) == (0, {}, None)


def test_new_records_do_not_shorten_a_pause(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    from connectors.records import wake

    posts(feed, "good")
    service.fails = broken
    run()
    before = enrichment.due_at
    wake(enrichment, NOW)
    assert enrichment.due_at == before


def test_a_lost_answer_is_asked_for_under_the_same_key(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    posts(feed, "good")
    service.fails = broken
    run()
    service.fails = lambda _texts: None
    run(NOW + HOUR)
    assert len({key for key, _texts in service.asked}) == 1


def test_a_refused_key_ends_the_asking_and_tells_the_owners_once(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool], told: list[int]
) -> None:
    from connectors.records import wake

    posts(feed, "good")
    service.fails = lambda _texts: Response("no", 401)
    run()
    assert (enrichment.due_at, enrichment.reason) == (None, Reason.UNAUTHORISED)
    assert told == [-enrichment.pk]
    wake(enrichment, NOW + HOUR)
    assert enrichment.due_at is None, "new records do not start it again"
    service.fails = lambda _texts: None
    asking.again(enrichment.connection, NOW + HOUR)
    run(NOW + HOUR)
    assert states(feed) == [State.DONE]


def test_a_record_that_is_refused_fails_and_the_others_go_on(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    posts(feed, "good", "strange", "bad")
    service.fails = lambda texts: Response("what?", 422) if "strange" in texts else None
    run()
    assert states(feed) == [State.DONE, State.FAILED, State.DONE]
    failed = feed.records.get(key="1")
    assert (failed.code, failed.recipe, failed.asked) == ("not_accepted", 1, "")
    assert enrichment.failures == 0


def test_of_several_that_are_refused_each_is_asked_about_alone(
    service: Service, feed: Feed, access: Access, httpserver: HTTPServer, told: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    enrichment = made(feed, access, httpserver.url_for(""), TOGETHER, batch=3)
    posts(feed, "good", "strange", "bad")
    service.fails = lambda texts: Response("what?", 400) if "strange" in texts else None
    runner(enrichment, told, django_capture_on_commit_callbacks)()
    assert states(feed) == [State.DONE, State.FAILED, State.DONE]
    assert [len(texts) for _key, texts in service.asked] == [3, 1, 1, 1]


def test_when_everything_is_refused_it_stops_before_all_have_failed(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    posts(feed, *(f"text {number}" for number in range(20)))
    service.fails = lambda _texts: Response("no such parameter", 400)
    assert run() is False
    assert states(feed).count(State.FAILED) == enriching.MOST_REFUSED
    assert enrichment.due_at is not None
    assert enrichment.due_at > NOW
    assert enrichment.code == "not_accepted"


def test_a_record_at_which_the_service_always_breaks_does_not_hold_up_the_others(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    posts(feed, "poison", "good", "bad")
    service.fails = lambda texts: Response("broken", 500) if "poison" in texts else None
    now = NOW
    for _time in range(MOST_ATTEMPTS):
        run(now)
        now = enrichment.due_at or now
    assert states(feed) == [State.WAITING, State.DONE, State.DONE], "it may be down for everybody"
    posts(feed, "good")
    run(now)
    assert states(feed) == [State.FAILED, State.DONE, State.DONE, State.DONE], "it is not"
    assert feed.records.get(key="0").attempts == MOST_ATTEMPTS + 1


def test_a_service_that_is_down_for_days_fails_no_record_and_after_a_week_says_that_it_will_not_be(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    posts(feed, "good")
    service.fails = broken
    now = NOW
    while now < NOW + timedelta(days=4):
        run(now)
        now = enrichment.due_at or now
    assert states(feed) == [State.WAITING]
    assert feed.records.get().attempts > MOST_ATTEMPTS
    run(NOW + timedelta(days=7, hours=1))
    assert states(feed) == [State.FAILED]


def test_what_our_own_limits_hold_back_is_no_failure(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.enriching.asking import Answered

    posts(feed, "good")
    held = HeldBack(problem("wants_fewer_calls", status=0), retry_at=NOW + HOUR)
    with monkeypatch.context() as patch:
        patch.setattr(enriching, "ask", lambda *_args, **_named: Answered(failure=held))
        run()
    assert (enrichment.due_at, enrichment.failures, enrichment.spent_calls) == (NOW + HOUR, 0, 0)
    assert feed.records.get().attempts == 0
    run(NOW + HOUR)
    assert states(feed) == [State.DONE]


def test_a_path_that_does_not_fit_a_record_fails_it_without_a_call(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    Enrichment.unscoped.update(query={**ALONE, "sends": "text=text\nlong=length(text)"})
    posts(feed, "good")
    feed.records.create(key="odd", at=NINE, raw={"id": 7, "text": 7}, state=State.WAITING, recorded_at=NINE)
    run()
    odd = feed.records.get(key="odd")
    assert (odd.state, odd.code) == (State.FAILED, "path_unfit_for_row")
    assert len(service.asked) == 1


def test_a_record_without_what_is_to_be_sent_fails_without_a_call(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    empty, blank, _good = posts(feed, "", "", "good")
    feed.records.filter(pk=empty.pk).update(raw={"id": 0, "text": None})
    run()
    assert [texts for _key, texts in service.asked] == [["good"]]
    assert states(feed) == [State.FAILED, State.FAILED, State.DONE]
    blank.refresh_from_db()
    assert "Nothing stands in what is to be sent of this record (text)" in blank.message


# --- budgets ---------------------------------------------------------------------------------------------------------


def test_after_the_calls_of_a_day_it_waits_for_midnight_and_says_so(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    Enrichment.unscoped.update(daily_calls=2)
    posts(feed, *(f"good {number}" for number in range(5)))
    assert run() is False
    assert len(service.asked) == 2
    assert enrichment.due_at == datetime(2026, 11, 20, 23, tzinfo=UTC)  # midnight in Berlin
    assert "2 calls of this day are used up" in enrichment.message
    assert run(NOW + HOUR) is False
    run(datetime(2026, 11, 20, 23, tzinfo=UTC))
    assert (len(service.asked), enrichment.spent_calls, enrichment.spent_on) == (4, 2, date(2026, 11, 21))


def test_after_the_cost_of_a_day_it_waits_too(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    Enrichment.unscoped.update(daily_cost=0.5, query={**ALONE, "price": 0.25, "currency": "€"})
    posts(feed, *(f"good {number}" for number in range(5)))
    run()
    assert (len(service.asked), enrichment.code) == (2, "cost_used_up")
    assert "0.5 €" in enrichment.message


def test_answers_that_cannot_be_used_count_against_the_cost_of_a_day(
    service: Service, feed: Feed, access: Access, httpserver: HTTPServer, told: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    query = {**TOGETHER, "price": "0.25", "currency": "€"}
    enrichment = made(feed, access, httpserver.url_for(""), query, batch=3, daily_cost=0.5)
    service.fails = lambda _texts: Response('{"results": [{"a": 1}, {"a": 2}]}', content_type="application/json")
    posts(feed, "good", "bad", "good again")
    runner(enrichment, told, django_capture_on_commit_callbacks)()
    assert (len(service.asked), enrichment.spent_cost, enrichment.code) == (1, 0.5, "cost_used_up")


# --- pausing and redoing ---------------------------------------------------------------------------------------------


def test_a_paused_enrichment_asks_nothing(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool]
) -> None:
    posts(feed, "good")
    Enrichment.unscoped.update(paused_at=NOW)
    assert run() is False
    assert service.asked == []
    assert schedule.ring_for_enriching(NOW) == []


def test_pausing_ends_a_run_after_the_call_that_is_under_way(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    posts(feed, "good", "bad")
    meanwhile(monkeypatch, lambda: Enrichment.unscoped.update(paused_at=NOW))
    assert run() is False
    assert states(feed) == [State.DONE, State.WAITING]


def test_old_answers_are_redone_behind_new_records_and_stay_until_the_new_ones_come(
    service: Service, feed: Feed, enrichment: Enrichment, run: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    posts(feed, "good", "bad")
    run()
    last = feed.records.latest("pk").pk
    Enrichment.unscoped.update(recipe=2, redo_until=last, redo_total=2, due_at=NOW, query={**ALONE, "keeps": "s=score"})
    posts(feed, "good 2")
    service.asked.clear()
    seen: list[Any] = []
    meanwhile(monkeypatch, lambda: seen.append([row.enriched for row in feed.records.order_by("pk")][:2]))
    run()
    assert [texts for _key, texts in service.asked] == [["good 2"], ["good"], ["bad"]]
    assert seen[0] == [{"label": "good", "score": 0.8}, {"label": "bad", "score": -0.6}]
    assert [row.enriched for row in feed.records.order_by("pk")] == [{"s": 0.8}, {"s": -0.6}, {"s": 0.8}]
    assert (enrichment.redo_until, enrichment.redo_total) == (None, 0)


def test_an_old_answer_stays_where_redoing_it_fails(
    service: Service, feed: Feed, enrichment: Enrichment, access: Access, run: Callable[..., bool]
) -> None:
    metric = access.organisation.metrics.create(
        feed=feed, name="Score", value_path="enriched.score", value_kind="level"
    )
    posts(feed, "good")
    run()
    Enrichment.unscoped.update(recipe=2, redo_until=feed.records.get().pk, redo_total=1, due_at=NOW)
    service.fails = lambda _texts: Response("what?", 422)
    run()
    record = feed.records.get()
    assert (record.state, record.enriched) == (State.FAILED, {"label": "good", "score": 0.8})
    assert read(metric) == {NINE: 0.8}


def test_the_bell_rings_for_what_is_due_and_not_again_at_once(
    service: Service, feed: Feed, enrichment: Enrichment
) -> None:
    assert schedule.ring_for_enriching(NOW) == [enrichment.pk]
    assert schedule.ring_for_enriching(NOW + timedelta(seconds=5)) == []
    assert schedule.ring_for_enriching(NOW + timedelta(seconds=61)) == [enrichment.pk]


def test_what_waits_is_not_taken_for_silence(
    service: Service, feed: Feed, enrichment: Enrichment, access: Access, run: Callable[..., bool]
) -> None:
    metric = access.organisation.metrics.create(feed=feed, name="Good", value_path="enriched.label == 'good'")
    Enrichment.unscoped.update(daily_calls=1)
    posts(feed, "good")
    posts(feed, "good 2", at=NINE + HOUR)
    run()
    metric.refresh_from_db()
    assert metric.read_until == NINE + HOUR

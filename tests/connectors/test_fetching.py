"""Fetching for a feed: reasons, the call log, and secrets that stay secret."""

from __future__ import annotations

import gzip
import json
import logging
import socket
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from django import forms
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors import fetching
from connectors.errors import FetchError, Malformed, Misconfigured, RateLimited, Reason
from connectors.extract import Reading, extract
from connectors.fetching import fetch, policy, try_out
from connectors.models import CallRecord, Collection, Connection, Feed
from connectors.outbound import MASK, GuardedSession, Policy
from connectors.protocol import Call, Page
from organisations.models import Organisation
from tests.connectors.asking import BERLIN, NOVEMBER, NOW, Api, error_of, trial

KEY = "k3y-of-the-analytics-service"


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


@pytest.fixture
def feed(organisation: Organisation, api: Api) -> Feed:
    connection = organisation.connections.create(
        name="Analytics", kind="http", settings={"address": api.address, "sign_in": "bearer"}
    )
    connection.seal({"key": KEY})
    connection.save()
    feed: Feed = connection.feeds.create(name="Visitors", query={"path": "visitors", "params": "from={since}"})
    return feed


@pytest.fixture(autouse=True)
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait between attempts: how often and when is the session's matter, and tested there."""
    monkeypatch.setattr("connectors.outbound.session.pause_before_next", lambda *_, **__: None)


def run_of(feed: Feed) -> Collection:
    collection: Collection = feed.collections.create(started_at=NOW)
    return collection


def refused(feed: Feed) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(feed, NOVEMBER, now=NOW, collection=run_of(feed))
    return caught.value


def test_a_feed_s_rows_come_in_and_the_call_is_logged(feed: Feed, api: Api) -> None:
    api.answers_json('[{"date": "2026-11-01", "visitors": 320}]')
    run = run_of(feed)
    assert fetch(feed, NOVEMBER, now=NOW, collection=run).rows == [{"date": "2026-11-01", "visitors": 320}]
    assert api.requests[0].headers["Authorization"] == f"Bearer {KEY}"
    (call,) = run.calls.all()
    assert (call.connection, call.method, call.status, call.attempt, call.error) == (feed.connection, "GET", 200, 1, "")
    assert call.url == f"{api.address}/visitors?from=2026-11-01"
    assert (call.size, call.sample) == (41, '[{"date": "2026-11-01", "visitors": 320}]')
    assert NOW <= call.at < NOW + timedelta(seconds=60)
    assert 0 < call.took < 60
    assert call.correlation_id == api.requests[0].headers["X-Request-Id"]


def test_dates_are_in_the_organisation_s_zone(feed: Feed, api: Api) -> None:
    feed.connection.organisation.time_zone = "America/New_York"
    fetch(feed, NOVEMBER, now=NOW, collection=run_of(feed))
    assert api.requests[0].args["from"] == "2026-10-31"


def answer(
    body: str | bytes, *, status: int = 200, kind: str = "application/json", **headers: str
) -> Callable[[Request], Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Response(body, status=status, content_type=kind, headers=named)


CUT_GZIP = gzip.compress(json.dumps([f"{number:x}" for number in range(9999)]).encode())[:9000]
ROW = '{"date": "2026-11-01", "visitors": 320}'
FAULTS: list[tuple[str, Callable[[Request], Response], Reason, bool, str]] = [
    ("429", answer("", status=429, Retry_After="120"), Reason.RATE_LIMITED, False, "It answered 429"),
    ("500", answer("", status=500), Reason.SERVER_ERROR, False, "It answered 500"),
    ("502 HTML", answer("<html>", status=502, kind="text/html"), Reason.SERVER_ERROR, False, "It answered 502"),
    ("401", answer("", status=401), Reason.UNAUTHORISED, True, "It answered 401: the key is missing or wrong."),
    ("403", answer("", status=403), Reason.UNAUTHORISED, True, "It answered 403: the key is missing or wrong."),
    ("404", answer("", status=404), Reason.NOT_FOUND, True, "Nothing lives at this address (404). Check the path."),
    ("400", answer("", status=400), Reason.CLIENT_ERROR, False, "It answered 400"),
    (
        "HTML",
        answer("<!doctype html><p>Hi", kind="text/html"),
        Reason.MALFORMED,
        False,
        "It answered with HTML, not JSON.",
    ),
    ("HTML as JSON", answer("<html><p>Hi"), Reason.MALFORMED, False, "It answered with HTML, not JSON."),
    ("nothing", answer(""), Reason.MALFORMED, False, "It answered with nothing"),
    ("204", answer("", status=204), Reason.MALFORMED, False, "It answered with nothing"),
    ("cut off", answer(f"[{ROW}, {ROW[:20]}"), Reason.MALFORMED, False, "cut off or broken"),
    ("NaN", answer('[{"date": "2026-11-01", "visitors": NaN}]'), Reason.MALFORMED, False, "cut off or broken"),
    (
        "1e999",
        answer('[{"date": "2026-11-01", "visitors": 1e999}]'),
        Reason.MALFORMED,
        False,
        "a number that is too large",
    ),
    ("charset", answer('["é"]'.encode("latin-1")), Reason.MALFORMED, False, "Its text is not UTF-8"),
    ("bad gzip", answer(b"[1]", Content_Encoding="gzip"), Reason.MALFORMED, False, "cannot be unpacked"),
    ("cut gzip", answer(CUT_GZIP, Content_Encoding="gzip"), Reason.MALFORMED, False, "cut off or broken"),
    ("too large", answer(b"[" + b"1," * 6_000_000 + b"1]"), Reason.TOO_LARGE, False, "larger than 10 MB"),
]


@pytest.mark.parametrize(
    ("fault", "reason", "permanent", "sentence"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_broken_source_gives_a_reason_and_a_sentence(
    feed: Feed, api: Api, fault: Callable[[Request], Response], reason: Reason, permanent: bool, sentence: str
) -> None:
    api.answers(fault)
    error = refused(feed)
    assert (error.reason, error.permanent) == (reason, permanent)
    assert sentence in error.message
    assert error.message
    assert CallRecord.unscoped.count() == 1


def test_no_content_says_that_there_are_no_rows_where_each_has_its_time(feed: Feed, api: Api) -> None:
    api.answers(answer("", status=204))
    feed.at_path = "date"
    assert fetch(feed, NOVEMBER, now=NOW, collection=run_of(feed)).rows == []


def test_a_number_that_nothing_in_a_table_decides_is_not_guessed_while_nobody_looks(feed: Feed, api: Api) -> None:
    api.answers(answer("Datum;Kurs\n2026-11-20;1.234\n2026-11-21;1.250\n", kind="text/csv"))
    assert refused(feed).message == (
        "“1.234” can be read in two ways, and nothing in the table shows which. Choose how numbers in text are written."
    )
    for decimal, rate in (("point", 1.234), ("comma", 1234)):
        feed.query |= {"decimal": decimal}
        assert fetch(feed, NOVEMBER, now=NOW, collection=run_of(feed)).rows[0]["Kurs"] == rate


def test_a_source_that_wants_fewer_calls_says_from_when(feed: Feed, api: Api) -> None:
    api.answers(answer("", status=429, Retry_After="120"))
    error = refused(feed)
    assert isinstance(error, RateLimited)
    assert error.retry_at is not None
    assert timedelta(seconds=119) < error.retry_at - NOW < timedelta(seconds=180)


def test_an_unreachable_source_is_noted_too(feed: Feed) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        feed.connection.settings = {"address": f"http://127.0.0.1:{deaf.getsockname()[1]}/"}
        assert refused(feed).reason == Reason.UNREACHABLE
    call = CallRecord.unscoped.get()
    assert call.status is None
    assert call.error.startswith("Nothing answers at 127.0.0.1")


@pytest.mark.parametrize(
    "rows",
    [
        [{"date": "2026-11-01", "visitors": "many"}],
        [{"date": "2026-11-01", "visitors": True}],
        [{"date": "2026-11-01", "visitors": [320]}],
        [{"date": "2026-11-01", "visitors": None}],
        [{"date": "2026-11-01", "visitors": "1e999"}],
        [{"date": "2026-11-01", "visitors": "1,234"}],
        [{"date": "2027-11-01", "visitors": 320}],
        [{"date": "2026-13-01", "visitors": 320}],
        {"error": "no such metric"},
        ["2026-11-01"],
        "nothing today",
        7,
    ],
)
def test_nothing_wrong_is_made_of_an_answer_of_another_shape(feed: Feed, api: Api, rows: Any) -> None:
    api.answers_json(json.dumps(rows))
    page = fetch(feed, NOVEMBER, now=NOW, collection=run_of(feed))
    where = Reading(at_path="date", value_path="visitors", zone=BERLIN)
    extracted = extract(page.rows, where, now=NOW)
    assert (extracted.points, extracted.refused_count) == ([], 1)


def test_every_request_has_its_own_line_in_the_log(feed: Feed, api: Api) -> None:
    feed.query = {"rows": "rows", "cursor": "next", "params": "page={cursor}"}
    api.answers_json('{"rows": [1], "next": "b"}', '{"rows": [2], "next": "c"}', "{")
    assert refused(feed).reason == Reason.MALFORMED
    urls = CallRecord.unscoped.order_by("pk").values_list("url", flat=True)
    assert list(urls) == [api.address, f"{api.address}?page=b", f"{api.address}?page=c"]


def test_what_does_not_fit_the_log_is_cut(feed: Feed, api: Api) -> None:
    feed.query = {"path": "x" * 900, "params": "\n".join(f"p{number}={'y' * 100}" for number in range(20))}
    api.answers(answer("a" * 5000))
    refused(feed)
    call = CallRecord.unscoped.get()
    assert (len(call.url), len(call.sample)) == (2000, 1000)


def test_the_kept_cursor_goes_with_the_feed(feed: Feed, api: Api) -> None:
    feed.query = {"rows": "rows", "cursor": "last", "cursor_use": "next_time", "params": "after={cursor}"}
    feed.cursor = 41
    api.answers_json('{"rows": [], "last": 42}')
    assert fetch(feed, NOVEMBER, now=NOW, collection=run_of(feed)).cursor == 42
    assert api.requests[0].args["after"] == "41"


def test_a_lost_key_asks_for_a_new_one_and_nobody_is_called(feed: Feed, api: Api, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["new:" + "B" * 43 + "="]
    error = refused(feed)
    assert (error.reason, error.permanent) == (Reason.UNAUTHORISED, True)
    assert error.message == "The stored key cannot be opened any more. Enter it again."
    assert api.requests == []


def test_stored_settings_that_no_longer_fit_stop_the_call(feed: Feed, api: Api) -> None:
    feed.connection.settings = {"address": ""}
    error = refused(feed)
    assert isinstance(error, Misconfigured)
    assert error.message == "A setting does not fit any more: Address. Open it, and save it again."


def test_a_connection_that_is_deleted_meanwhile_leaves_no_log_and_no_error(
    transactional_db: None, feed: Feed, api: Api
) -> None:
    run = run_of(feed)
    api.answers_json("[1]")
    Connection.unscoped.filter(pk=feed.connection.pk).delete()
    assert fetch(feed, NOVEMBER, now=NOW, collection=run).rows == [1]
    assert not CallRecord.unscoped.exists()


# --- secrets ---

WAYS: list[dict[str, str]] = [
    {"sign_in": "bearer"},
    {"sign_in": "header"},
    {"sign_in": "query", "query_name": "q"},
    {"sign_in": "basic"},
]


def echo(request: Request) -> Response:
    """Answer with everything that was sent, as careless services do."""
    told = {
        "url": request.url,
        "headers": dict(request.headers),
        "auth": request.authorization and request.authorization.to_header(),
    }
    return Response(json.dumps(told), status=400, content_type="application/json")


@pytest.mark.parametrize("settings_of", WAYS, ids=[way["sign_in"] for way in WAYS])
@pytest.mark.parametrize("secret", [KEY, "pa ss/wörd+=&\"'<", "p4"])
def test_a_secret_is_in_no_log_and_no_message(
    feed: Feed, api: Api, settings_of: dict[str, str], secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    if settings_of["sign_in"] in ("bearer", "header") and not secret.isascii():
        secret = secret.encode("ascii", "ignore").decode()
    feed.connection.settings = {"address": api.address, **settings_of}
    feed.connection.seal({"key": secret, "user_name": "growth", "password": secret})
    api.answers(echo)
    error = refused(feed)
    assert api.requests, "the secret was sent"
    call = CallRecord.unscoped.get()
    shown = [error.message, error.sample, str(error), repr(error), call.url, call.error, call.sample, str(call)]
    texts = [*shown, *(record.getMessage() for record in caplog.records if record.name != "werkzeug")]
    for text in texts:
        assert secret not in text.replace(call.correlation_id, "")
        assert json.dumps(secret)[1:-1] not in text.replace(call.correlation_id, "")
    assert MASK in call.sample


class Nothing(forms.Form):
    """No fields."""


class Secrets(forms.Form):
    """One secret."""

    key = forms.CharField(required=False, max_length=100)


def kind_that(fetching_: Callable[[Call], Page]) -> Any:
    return SimpleNamespace(
        LABEL="Test", SUMMARY="", COLLECTS=True, Settings=Nothing, Secrets=Secrets, Query=Nothing,
        fetch=fetching_, address=lambda _: "",
    )  # fmt: skip


def tried(fetching_: Callable[[Call], Page], **secrets: str) -> fetching.Trial:
    return try_out(
        kind=kind_that(fetching_), settings={}, secrets=secrets, query={}, window=NOVEMBER, zone=BERLIN, now=NOW
    )


def test_what_nobody_foresaw_becomes_a_reason_and_a_line_in_the_server_s_log(caplog: pytest.LogCaptureFixture) -> None:
    def breaking(call: Call) -> NoReturn:
        raise LookupError(f"nothing for {call.secrets['key']}")

    error = error_of(tried(breaking, key=KEY))
    assert isinstance(error, Malformed)
    assert error.problem == fetching.UNEXPECTED
    assert error.__cause__ is None
    (record,) = caplog.records
    assert "LookupError" in record.getMessage()
    assert "in breaking" in record.getMessage()
    assert KEY not in record.getMessage()
    assert record.exc_info is None


def test_a_kind_s_own_sentence_is_masked() -> None:
    def careless(call: Call) -> NoReturn:
        raise Malformed(f"It does not like {call.secrets['key']}.", sample=f"key={KEY}")

    error = error_of(tried(careless, key=KEY))
    assert (error.message, error.sample) == (f"It does not like {MASK}.", f"key={MASK}")


def test_a_secret_that_does_not_fit_is_not_quoted() -> None:
    error = error_of(tried(lambda _: Page(), key="x" * 101))
    assert isinstance(error, Misconfigured)
    assert error.message == "A stored credential does not fit any more: Key. Enter it again."


# --- trials, and the installation's word ---


def test_a_trial_notes_its_requests_and_leaves_nothing_in_the_database(db: None, api: Api) -> None:
    api.answers_json('{"visitors": 651}')
    found = trial(api.address, sign_in="query", secrets={"key": KEY})
    assert found.page is not None
    assert found.page.answer == {"visitors": 651}
    (note,) = found.notes
    assert (note.status, note.url) == (200, f"{api.address}?api_key={MASK}")
    assert KEY not in repr(found)
    assert not CallRecord.unscoped.exists()


def test_a_trial_that_fails_says_why_and_what_was_asked(api: Api) -> None:
    api.answers(answer("no", status=401))
    found = trial(api.address)
    assert found.page is None
    assert error_of(found).reason == Reason.UNAUTHORISED
    assert [note.status for note in found.notes] == [401]


def test_a_trial_waits_no_longer_than_a_person_does(monkeypatch: pytest.MonkeyPatch, api: Api) -> None:
    policies: list[Policy] = []

    class Noting(GuardedSession):
        def __init__(self, *, policy: Policy, **options: Any) -> None:
            policies.append(policy)
            super().__init__(policy=policy, **options)

    monkeypatch.setattr(fetching, "GuardedSession", Noting)
    assert trial(api.address).error is None
    assert [(policy.deadline, policy.attempts) for policy in policies] == [(10.0, 1)]


@pytest.fixture
def closed(settings: Settings) -> Settings:
    """An installation that opens nothing inside its network."""
    settings.OUTBOUND_ALLOWED_NETWORKS, settings.OUTBOUND_ALLOWED_HOSTS = [], []
    return settings


def test_an_address_inside_the_network_is_opened_by_the_installation_only(closed: Settings, api: Api) -> None:
    assert error_of(trial(api.address)).reason == Reason.BLOCKED
    closed.OUTBOUND_ALLOWED_HOSTS = ["LOCALHOST."]
    assert trial(api.address).error is None
    closed.OUTBOUND_ALLOWED_HOSTS = []
    closed.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8", "::1/128"]
    assert trial(api.address).error is None


def test_an_installation_s_egress_proxy_is_used(settings: Settings) -> None:
    assert policy().egress_proxy is None
    settings.OUTBOUND_PROXY = "http://proxy.example.com:3128"
    assert policy().egress_proxy == "http://proxy.example.com:3128"

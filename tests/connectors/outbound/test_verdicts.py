"""Every status and every exception has a class and a sentence."""

import http.client
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import requests
import urllib3

from connectors.errors import Broken, FetchError, Malformed, RateLimited, Reason, Refused, Unreachable
from connectors.outbound.verdicts import explain, is_success, retry_time, verdict

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 201, 204, 206, 299, 304])
def test_some_statuses_are_what_was_asked_for(status: int) -> None:
    assert is_success(status)


@pytest.mark.parametrize(
    ("status", "error", "reason", "permanent", "words"),
    [
        (300, Refused, Reason.CLIENT_ERROR, False, "without saying where to go"),
        (400, Refused, Reason.CLIENT_ERROR, False, "It answered 400"),
        (401, Refused, Reason.UNAUTHORISED, True, "It answered 401: the key is missing or wrong."),
        (402, Refused, Reason.CLIENT_ERROR, False, "It answered 402"),
        (403, Refused, Reason.UNAUTHORISED, True, "It answered 403: the key is missing or wrong."),
        (404, Refused, Reason.NOT_FOUND, True, r"Nothing lives at this address \(404\). Check the path."),
        (410, Refused, Reason.NOT_FOUND, True, r"Nothing lives at this address \(410\). Check the path."),
        (
            405,
            Refused,
            Reason.CLIENT_ERROR,
            False,
            "It answered 405: it does not take this method here. Check GET or POST",
        ),
        (422, Refused, Reason.CLIENT_ERROR, False, "It answered 422"),
        (429, RateLimited, Reason.RATE_LIMITED, False, "wants fewer calls"),
        (500, Broken, Reason.SERVER_ERROR, False, "It answered 500"),
        (502, Broken, Reason.SERVER_ERROR, False, "It answered 502"),
        (503, Broken, Reason.SERVER_ERROR, False, "It answered 503: it is not available for now"),
        (599, Broken, Reason.SERVER_ERROR, False, "It answered 599"),
    ],
)
def test_the_other_statuses_are_errors(
    status: int, error: type[FetchError], reason: Reason, permanent: bool, words: str
) -> None:
    assert not is_success(status)
    failure = verdict(status, retry_after=None, now=NOON, sample="why")
    assert type(failure) is error
    assert (failure.reason, failure.permanent, failure.status, failure.sample) == (reason, permanent, status, "why")
    with pytest.raises(error, match=words):
        raise failure


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_says_when_to_come_back(status: int) -> None:
    failure = verdict(status, retry_after="120", now=NOON, sample="")
    assert isinstance(failure, RateLimited)
    assert ("fewer calls" in failure.message) == (status == 429)
    assert failure.retry_at == NOON + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("0", NOON),
        (" 7 ", NOON + timedelta(seconds=7)),
        ("Fri, 20 Nov 2026 12:05:00 GMT", NOON + timedelta(minutes=5)),
        ("Fri, 20 Nov 2026 13:05:00 +0100", NOON + timedelta(minutes=5)),
        ("Fri, 20 Nov 2026 12:05:00 -0000", NOON + timedelta(minutes=5)),
        ("Thu, 19 Nov 2026 12:00:00 GMT", None),
        ("Fri, 20 Nov 2099 12:00:00 GMT", NOON + timedelta(days=1)),
        ("99999999999999999999", NOON + timedelta(days=1)),
        ("9" * 5000, NOON + timedelta(days=1)),
        ("-5", None),
        ("soon", None),
        ("１２", None),
        ("Fri, 99 Nov 2026 12:05:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(text: str | None, moment: datetime | None) -> None:
    assert retry_time(text, now=NOON) == moment


URL = "https://a.example/?key=hunter2"


@pytest.mark.parametrize(
    ("error", "kind", "reason", "words"),
    [
        (TimeoutError(), Unreachable, Reason.TIMEOUT, "No answer within 10 seconds"),
        (
            urllib3.exceptions.ReadTimeoutError(urllib3.HTTPConnectionPool("a.example"), URL, URL),
            Unreachable,
            Reason.TIMEOUT,
            "No answer within 10",
        ),
        (
            requests.ConnectionError(urllib3.exceptions.ProtocolError(URL, TimeoutError())),
            Unreachable,
            Reason.TIMEOUT,
            "No answer within 10",
        ),
        (
            requests.exceptions.SSLError(urllib3.exceptions.SSLError(ssl.SSLCertVerificationError(1, "self-signed"))),
            Unreachable,
            Reason.UNREACHABLE,
            "certificate of this address is not trusted",
        ),
        (urllib3.exceptions.SSLError(ssl.SSLError("wrong version")), Unreachable, Reason.UNREACHABLE, "speak https"),
        (urllib3.exceptions.DecodeError("gzip"), Malformed, Reason.MALFORMED, "cannot be unpacked"),
        (urllib3.exceptions.IncompleteRead(5, 7), Unreachable, Reason.UNREACHABLE, "broke before the answer"),
        (
            requests.ConnectionError(urllib3.exceptions.ProtocolError(URL, http.client.RemoteDisconnected(URL))),
            Unreachable,
            Reason.UNREACHABLE,
            "closed the connection without an answer",
        ),
        (http.client.BadStatusLine("SSH-2.0"), Malformed, Reason.MALFORMED, "not HTTP"),
        (
            requests.exceptions.ProxyError(urllib3.exceptions.ProxyError(URL, OSError())),
            Unreachable,
            Reason.UNREACHABLE,
            "egress proxy",
        ),
        (ConnectionResetError(URL), Unreachable, Reason.UNREACHABLE, "broke before the answer"),
    ],
)
def test_every_exception_becomes_a_sentence_without_the_url(
    error: BaseException, kind: type[FetchError], reason: Reason, words: str
) -> None:
    failure = explain(error, deadline=10.0)
    assert type(failure) is kind
    assert failure.reason is reason
    assert words in failure.message
    assert "hunter2" not in repr(failure)


def test_an_untrusted_certificate_is_not_tried_again() -> None:
    assert explain(ssl.SSLCertVerificationError(1, "expired"), deadline=10.0).permanent

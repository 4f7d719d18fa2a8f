"""From what happened to an error with a sentence: by status, and by exception."""

import http.client
import re
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import urllib3.exceptions

from connectors.errors import Broken, FetchError, Malformed, RateLimited, Reason, Refused, Unreachable
from connectors.outbound.transport import no_answer_within
from connectors.problems import problem

LONGEST_RETRY_AFTER = timedelta(days=1)
NOT_MODIFIED, TOO_MANY, UNAVAILABLE = 304, 429, 503
WAITS = {TOO_MANY: "wants_fewer_calls", UNAVAILABLE: "not_available_yet"}  # what is said of those that ask for time
# what a server says about the certificate of a client (RFC 8446, section 6.2), in the words of OpenSSL
CERTIFICATE_ALERT = re.compile(
    "ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(REVOKED|EXPIRED|UNKNOWN)|UNKNOWN_CA)"
)


def is_success(status: int) -> bool:
    """Tell whether `status` is what was asked for: 2xx, or the 304 that only a conditional request gets."""
    return 200 <= status < 300 or status == NOT_MODIFIED


def verdict(status: int, *, retry_after: str | None, now: datetime, sample: str) -> FetchError:
    """Return the error that a `status` other than success stands for."""
    if status == TOO_MANY or (status == UNAVAILABLE and retry_after):
        code, retry_at = WAITS[status], retry_time(retry_after, now=now)
        return RateLimited(problem(code, status=status), retry_at=retry_at, status=status, sample=sample)
    if status >= 500:
        code = "not_available" if status == UNAVAILABLE else "own_problem"
        return Broken(problem(code, status=status), status=status, sample=sample)
    return _refusal(status, sample=sample)


def _refusal(status: int, *, sample: str) -> FetchError:
    if status in (401, 403):
        code, reason = "key_refused", Reason.UNAUTHORISED
    elif status in (404, 410):
        code, reason = "nothing_lives_there", Reason.NOT_FOUND
    elif status >= 400:
        code, reason = "other_method" if status == 405 else "not_accepted", Reason.CLIENT_ERROR
    else:
        code, reason = "leads_nowhere", Reason.CLIENT_ERROR
    permanent = reason is not Reason.CLIENT_ERROR
    return Refused(problem(code, status=status), reason=reason, permanent=permanent, status=status, sample=sample)


def retry_time(retry_after: str | None, *, now: datetime) -> datetime | None:
    """Read `Retry-After`, seconds or an HTTP date. Unreadable or past is None, and further than a day is a day.

    A date in the past, of a clock that is slow, says as little about when to come back as none.
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=int(text[:9])), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(moment, now + LONGEST_RETRY_AFTER) if moment > now else None


def explain(error: BaseException, *, deadline: float) -> FetchError:
    """Return the error that an exception of requests, urllib3 or the socket stands for, without the URL these hold."""
    links = tuple(_links(error))
    for kinds, explanation in EXPLANATIONS:
        for link in links:
            if isinstance(link, kinds):
                return explanation(link, deadline)
    return _broken_off(error, deadline)


def _links(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and whatever it wraps, the outermost first."""
    yield error
    wrapped = (*error.args, getattr(error, "reason", None), error.__cause__)
    for inner in wrapped:
        if isinstance(inner, BaseException) and inner is not error:
            yield from _links(inner)


def _proxy_failed(_: BaseException, __: float) -> FetchError:
    return Unreachable(problem("proxy_refuses"))


def _untrusted(error: BaseException, _: float) -> FetchError:
    why = str(getattr(error, "verify_message", "")).rstrip(".")
    found = problem("untrusted_certificate", why=why) if why else problem("certificate_of_another")
    return Unreachable(found, permanent=True)


def _no_tls(error: BaseException, _: float) -> FetchError:
    if CERTIFICATE_ALERT.search(str(getattr(error, "reason", ""))):
        return Refused(problem("certificate_not_taken"), reason=Reason.UNAUTHORISED, permanent=True)
    if isinstance(error, ssl.SSLEOFError):
        return Unreachable(problem("secure_connection_ended"))
    return Unreachable(problem("no_secure_connection"))


def _undecodable(_: BaseException, __: float) -> FetchError:
    return Malformed(problem("cannot_be_unpacked"))


def _no_answer_in_time(_: BaseException, deadline: float) -> FetchError:
    return no_answer_within(deadline)


def _broken_off(_: BaseException, __: float) -> FetchError:
    return Unreachable(problem("broken_off"))


def _silent(_: BaseException, __: float) -> FetchError:
    return Unreachable(problem("silent"))


def _not_http(_: BaseException, __: float) -> FetchError:
    return Malformed(problem("not_http"))


Explanation = Callable[[BaseException, float], FetchError]
# The first kind that occurs anywhere among the wrapped exceptions explains them all.
EXPLANATIONS: tuple[tuple[tuple[type[BaseException], ...], Explanation], ...] = (
    ((urllib3.exceptions.ProxyError,), _proxy_failed),
    ((ssl.SSLCertVerificationError,), _untrusted),
    ((urllib3.exceptions.DecodeError,), _undecodable),
    ((TimeoutError, urllib3.exceptions.TimeoutError), _no_answer_in_time),
    ((ssl.SSLError,), _no_tls),
    ((http.client.IncompleteRead,), _broken_off),
    ((http.client.RemoteDisconnected,), _silent),
    ((http.client.HTTPException, urllib3.exceptions.InvalidHeader), _not_http),
)

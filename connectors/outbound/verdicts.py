"""From what happened to an error with a sentence: by status, and by exception."""

import http.client
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import urllib3.exceptions

from connectors.errors import Broken, FetchError, Malformed, RateLimited, Reason, Refused, Unreachable
from connectors.outbound.transport import no_answer_within

LONGEST_RETRY_AFTER = timedelta(days=1)
NOT_MODIFIED = 304


def is_success(status: int) -> bool:
    """Tell whether `status` is what was asked for: 2xx, or the 304 that only a conditional request gets."""
    return 200 <= status < 300 or status == NOT_MODIFIED


def verdict(status: int, *, retry_after: str | None, now: datetime, sample: str) -> FetchError:
    """Return the error that a `status` other than success stands for."""
    if status == 429 or (status == 503 and retry_after):
        retry_at = retry_time(retry_after, now=now)
        sentence = f"It answered {status}: it wants fewer calls. We wait as long as it asks."
        return RateLimited(sentence, retry_at=retry_at, status=status, sample=sample)
    if status >= 500:
        sentence = f"It answered {status}: the service has a problem of its own. We try again later."
        return Broken(sentence, status=status, sample=sample)
    return _refusal(status, sample=sample)


def _refusal(status: int, *, sample: str) -> FetchError:
    if status in (401, 403):
        sentence, reason = f"It answered {status}: the key is missing or wrong.", Reason.UNAUTHORISED
    elif status in (404, 410):
        sentence, reason = f"Nothing lives at this address ({status}). Check the path.", Reason.NOT_FOUND
    elif status >= 400:
        sentence = f"It answered {status}: it does not accept this request. Check the address and its parameters."
        reason = Reason.CLIENT_ERROR
    else:
        sentence = f"It answered {status} without saying where to go. Check the address."
        reason = Reason.CLIENT_ERROR
    permanent = reason is not Reason.CLIENT_ERROR
    return Refused(sentence, reason=reason, permanent=permanent, status=status, sample=sample)


def retry_time(retry_after: str | None, *, now: datetime) -> datetime | None:
    """Read `Retry-After`, seconds or an HTTP date. Unreadable is None, past is now, and further than a day is a day."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return now + min(timedelta(seconds=int(text[:9])), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment, now), now + LONGEST_RETRY_AFTER)


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
    return Unreachable("The egress proxy does not let this call through. An administrator must look at it.")


def _untrusted(error: BaseException, _: float) -> FetchError:
    why = getattr(error, "verify_message", "") or "it is not for this name"
    return Unreachable(f"The certificate of this address is not trusted: {why.rstrip('.')}.", permanent=True)


def _no_tls(_: BaseException, __: float) -> FetchError:
    return Unreachable("No secure connection could be made. Does this address speak https?")


def _undecodable(_: BaseException, __: float) -> FetchError:
    return Malformed("It answered with a compressed body that cannot be unpacked. The source must mend that.")


def _no_answer_in_time(_: BaseException, deadline: float) -> FetchError:
    return no_answer_within(deadline)


def _broken_off(_: BaseException, __: float) -> FetchError:
    return Unreachable("The connection broke before the answer was complete. We try again later.")


def _silent(_: BaseException, __: float) -> FetchError:
    return Unreachable("It closed the connection without an answer. We try again later.")


def _not_http(_: BaseException, __: float) -> FetchError:
    return Malformed("It answered with something that is not HTTP. Check the scheme and the port.")


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

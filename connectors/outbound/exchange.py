"""One request on the wire and what came of it, as a value."""

from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPException

from requests import PreparedRequest, Response
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from connectors.errors import FetchError, TooLarge
from connectors.outbound.adapter import GuardedAdapter
from connectors.outbound.answer import BYTES_OF_A_SAMPLE, SAMPLE, sample_of
from connectors.outbound.preparing import REDIRECTS, redirected
from connectors.outbound.redaction import Redaction
from connectors.outbound.transport import body_too_large
from connectors.outbound.verdicts import explain, is_success, verdict

TROUBLE = (RequestException, HTTPError, HTTPException, OSError)
PIECE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came: an answer, the request that a redirect asks for, or a failure."""

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    following: PreparedRequest | None = None
    failure: FetchError | None = None


def exchange(
    adapter: GuardedAdapter, request: PreparedRequest, *, seconds: float, redaction: Redaction, now: datetime
) -> Outcome:
    """Send once and read the answer. Whatever goes wrong is the outcome's failure, free of secrets and of the URL."""
    status = None
    try:
        with closing(adapter.exchange(request, seconds=seconds)) as response:
            status = response.status_code
            return _read(response, request, limit=adapter.policy.max_bytes, redaction=redaction, now=now)
    except FetchError as error:
        failure = error
    except TROUBLE as error:
        failure = explain(error, deadline=adapter.policy.deadline)
    failure.status = failure.status or status
    return Outcome(status=status, failure=failure.masked(redaction.text))


def _read(response: Response, request: PreparedRequest, *, limit: int, redaction: Redaction, now: datetime) -> Outcome:
    status, headers = response.status_code, response.headers
    if status in REDIRECTS and "Location" in headers:
        following = redirected(request, status=status, location=headers["Location"], redaction=redaction)
        return Outcome(status=status, headers=headers, following=following)
    if is_success(status):
        return Outcome(status=status, headers=headers, body=_whole_body(response, limit=limit))
    body = _start_of_body(response)
    sample = sample_of(body, headers=headers, mask=redaction.text, length=SAMPLE)
    failure = verdict(status, retry_after=headers.get("Retry-After"), now=now, sample=sample)
    return Outcome(status=status, headers=headers, body=body, failure=failure)


def _whole_body(response: Response, *, limit: int) -> bytes:
    """Read and decompress piece by piece, so that a small body that unpacks to a huge one stops at the limit."""
    if (response.raw.length_remaining or 0) > limit:
        raise TooLarge(body_too_large(limit))
    body = bytearray()
    for piece in response.raw.stream(PIECE, decode_content=True):
        body += piece
        if len(body) > limit:
            raise TooLarge(body_too_large(limit))
    return bytes(body)


def _start_of_body(response: Response) -> bytes:
    """Read the start of a refusal for people to see; the status counts, so trouble on the way is no matter."""
    body = bytearray()
    with suppress(*TROUBLE, FetchError):
        for piece in response.raw.stream(BYTES_OF_A_SAMPLE, decode_content=True):
            body += piece
            if len(body) >= BYTES_OF_A_SAMPLE:
                break
    return bytes(body)

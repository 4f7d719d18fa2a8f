"""Whether and when a failed attempt is made again."""

from collections.abc import Callable
from datetime import datetime

from connectors.errors import Broken, FetchError, RateLimited, Unreachable
from connectors.outbound.policy import Policy

FIRST_PAUSE = 0.5
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
PASSING = frozenset({500, 502, 503, 504})


def pause_before_next(
    failure: FetchError,
    *,
    attempt: int,
    idempotent: bool,
    policy: Policy,
    now: datetime,
    random: Callable[[], float],
) -> float | None:
    """Return the seconds to wait after attempt number `attempt` (from 1), or None where there is to be no other.

    Exponential back-off with full jitter: a random part of a span that doubles with each attempt, so that many callers
    that failed together do not come back together. Marc Brooker, "Exponential Backoff And Jitter", AWS, 2015.
    A source that says when to come back is obeyed, if that is soon enough to wait for inside a call; the random part
    comes on top of it.
    """
    if attempt >= policy.attempts or not _worth_repeating(failure, idempotent=idempotent):
        return None
    asked = (failure.retry_at - now).total_seconds() if failure.retry_at else 0.0
    if asked > policy.longest_wait:
        return None
    span = min(FIRST_PAUSE * 2.0 ** (attempt - 1), policy.longest_wait)
    return max(asked, 0.0) + random() * span


def _worth_repeating(failure: FetchError, *, idempotent: bool) -> bool:
    """Tell whether another attempt may help and cannot do anything twice."""
    if failure.permanent:
        return False
    if isinstance(failure, RateLimited):
        return True
    if isinstance(failure, Broken):
        return idempotent and failure.status in PASSING
    return idempotent and isinstance(failure, Unreachable)

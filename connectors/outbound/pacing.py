"""How often calls may start: a limit as a pace, whatever the pattern in which they come. Pure.

The generic cell rate algorithm, virtual scheduling (ITU-T I.371, annex A): one moment says everything, the theoretical
arrival time of the next call. A call may start at `t` if `t ≥ free_at − (B − 1)·I`, and then moves `free_at` to
`max(t, free_at) + I`, with a burst of B calls and an interval of I between them.

Why no stretch of time holds more than N starts: let k of them lie in a half-open window of length W, the first at t₁.
Each moved `free_at` on by at least I, so the last found it at t₁ + (k − 1)·I or later and started no sooner than
t₁ + (k − B)·I. It lies in the window, so (k − B)·I < W, that is k < B + W/I. With I = W/(N − B + 1) this is k < N + 1.

W is a little longer than the time that the limit is about: a call may arrive that much later than it was let out, and
the service still counts no more than N.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SHARE_AT_ONCE = 10  # a tenth of the calls may go out at once, after a quiet time
SHARE_OF_SLACK, LEAST_SLACK, MOST_SLACK = 0.05, 0.25, 1.0  # of the time that the limit is about; seconds
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """So many calls at once, one more each `interval`; a call may arrive `slack` later than it was let out."""

    burst: int
    interval: timedelta
    slack: timedelta

    @property
    def tolerance(self) -> timedelta:
        """How far ahead of the theoretical arrival time a call may start."""
        return (self.burst - 1) * self.interval


def pace_of(calls: int, seconds: int) -> Pace:
    """Return the pace at which no window of so many seconds holds more than so many calls."""
    burst = max(1, calls // SHARE_AT_ONCE)
    slack = timedelta(seconds=min(max(seconds * SHARE_OF_SLACK, LEAST_SLACK), MOST_SLACK))
    window = timedelta(seconds=seconds) + slack
    interval = -(-window // MICROSECOND // (calls - burst + 1)) * MICROSECOND  # rounded up: never faster
    return Pace(burst=burst, interval=interval, slack=slack)


def earliest(pace: Pace, free_at: datetime | None, now: datetime) -> datetime:
    """Return when the next call may start, `now` or later."""
    return now if free_at is None or _is_of_another(pace, free_at, now) else max(free_at - pace.tolerance, now)


def after_start(pace: Pace, free_at: datetime | None, at: datetime) -> datetime:
    """Return the theoretical arrival time once a call has started at `at`."""
    if free_at is not None and _is_of_another(pace, free_at, at):
        return at + pace.burst * pace.interval
    return max(free_at or at, at) + pace.interval


def _is_of_another(pace: Pace, free_at: datetime, now: datetime) -> bool:
    """Tell what this pace never reaches: it stems from a stricter limit, or from a clock that was set back since.

    Then nobody waits for it, but the whole burst is taken to be used.
    """
    return free_at > now + pace.burst * pace.interval + pace.slack

"""Again where that may help, later each time, and never sooner than asked."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import Blocked, Broken, FetchError, Malformed, RateLimited, Refused, TooLarge, Unreachable
from connectors.outbound import Policy
from connectors.outbound.retries import pause_before_next

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def pause(failure: FetchError, *, attempt: int = 1, idempotent: bool = True, random: float = 1.0) -> float | None:
    return pause_before_next(
        failure,
        attempt=attempt,
        idempotent=idempotent,
        policy=Policy(attempts=4, longest_wait=20.0),
        now=NOON,
        random=lambda: random,
    )


@pytest.mark.parametrize(
    ("failure", "harmless", "harmful"),
    [
        (Unreachable("…"), True, False),
        (Unreachable("…", permanent=True), False, False),
        (Broken("…", status=500), True, False),
        (Broken("…", status=501), False, False),
        (Broken("…", status=502), True, False),
        (Broken("…", status=503), True, False),
        (Broken("…", status=504), True, False),
        (RateLimited("…", status=429), True, True),
        (RateLimited("…", status=503, retry_at=NOON), True, True),
        (Refused("…", status=400), False, False),
        (Refused("…", status=401, permanent=True), False, False),
        (Refused("…", status=404, permanent=True), False, False),
        (Blocked("…"), False, False),
        (Malformed("…"), False, False),
        (TooLarge("…"), False, False),
    ],
)
def test_what_is_tried_again(failure: FetchError, harmless: bool, harmful: bool) -> None:
    assert (pause(failure, idempotent=True) is not None) is harmless
    assert (pause(failure, idempotent=False) is not None) is harmful


def test_the_span_doubles_and_the_last_attempt_is_the_last() -> None:
    assert [pause(Unreachable("…"), attempt=attempt) for attempt in (1, 2, 3, 4)] == [0.5, 1.0, 2.0, None]


def test_the_pause_is_a_random_part_of_the_span() -> None:
    assert [pause(Unreachable("…"), attempt=3, random=part) for part in (0.0, 0.25, 0.5)] == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-5, 0.5), (0, 0.5), (0.2, 0.7), (7, 7.5), (20, 20.5), (20.5, None), (3600, None)],
)
def test_the_source_is_obeyed_if_it_asks_for_little(seconds: float, expected: float | None) -> None:
    asked = RateLimited("…", status=429, retry_at=NOON + timedelta(seconds=seconds))
    assert pause(asked) == (expected if expected is None else pytest.approx(expected))
    assert pause(asked, random=0.0) == (expected if expected is None else pytest.approx(max(seconds, 0.0)))


def test_a_span_never_exceeds_the_longest_wait() -> None:
    policy = Policy(attempts=100, longest_wait=20.0)
    assert pause_before_next(
        Unreachable("…"), attempt=50, idempotent=True, policy=policy, now=NOON, random=lambda: 1.0
    ) == pytest.approx(20.0)

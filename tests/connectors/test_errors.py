"""Errors carry a sentence, a class and a word on trying again."""

import pickle
from datetime import UTC, datetime

import pytest

from connectors.errors import (
    Blocked,
    Broken,
    FetchError,
    Malformed,
    Misconfigured,
    RateLimited,
    Reason,
    Refused,
    TooLarge,
    Unreachable,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "reason", "permanent"),
    [
        (Unreachable("…"), Reason.UNREACHABLE, False),
        (Blocked("…"), Reason.BLOCKED, True),
        (Misconfigured("…"), Reason.MISCONFIGURED, True),
        (Refused("…"), Reason.CLIENT_ERROR, False),
        (RateLimited("…"), Reason.RATE_LIMITED, False),
        (Broken("…"), Reason.SERVER_ERROR, False),
        (Malformed("…"), Reason.MALFORMED, False),
        (TooLarge("…"), Reason.TOO_LARGE, False),
        (Unreachable("…", reason=Reason.TIMEOUT, permanent=True), Reason.TIMEOUT, True),
        (FetchError("…", reason=Reason.NOT_FOUND, permanent=True), Reason.NOT_FOUND, True),
    ],
)
def test_each_error_has_its_usual_reason(error: FetchError, reason: Reason, permanent: bool) -> None:
    assert isinstance(error, FetchError)
    assert (error.reason, error.permanent) == (reason, permanent)


def test_the_reasons_are_stored_in_lower_case() -> None:
    assert [str(reason) for reason in Reason] == [reason.name.lower() for reason in Reason]


def test_an_error_survives_the_way_between_processes() -> None:
    error = RateLimited("It wants fewer calls.", retry_at=NOON, status=429, sample="slow down")
    revived = pickle.loads(pickle.dumps(error))  # noqa: S301  (our own bytes)
    assert type(revived) is RateLimited
    assert vars(revived) == vars(error)
    assert str(revived) == "It wants fewer calls."


def test_masking_reaches_everything_that_is_shown() -> None:
    error = Broken("The key hunter2 broke it.", sample="hunter2?").masked(lambda text: text.replace("hunter2", "•••"))
    assert "hunter2" not in f"{error} {error!r} {error.message} {error.sample}"
    assert error.sample == "•••?"

"""What can go wrong on the way to a source, each with a sentence for people and a word on trying again."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

from connectors.problems import Problem, told


class Reason(StrEnum):
    """The class of a failure, as stored with a feed's health and with each call."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    BLOCKED = "blocked"
    UNAUTHORISED = "unauthorised"
    NOT_FOUND = "not_found"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    CLIENT_ERROR = "client_error"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    MISCONFIGURED = "misconfigured"
    HELD_BACK = "held_back"


class FetchError(Exception):
    """A source could not be read or called.

    `problem` says what happened and what to do, as a code with what its sentence names; a kind of one's own may give
    a sentence instead. `message` is the sentence in the language that is active, and may be shown to members.
    `reason` is its class; each subclass has a usual one.
    `permanent` means that only a person can mend it, so that trying again soon is pointless.
    `retry_at` is the moment (aware) before which the source does not want to be called.
    `status` is the HTTP status, where an answer came; `sample` is the start of that answer, secrets masked. `answer` is
    what was understood of one in which something is missing; it is compared with others and never shown.
    `cost` is what was paid for it all the same, where answers cost something.
    """

    cost: float = 0.0
    usual_reason: ClassVar[Reason] = Reason.UNREACHABLE
    usually_permanent: ClassVar[bool] = False

    def __init__(
        self,
        problem: Problem | str,
        *,
        reason: Reason | None = None,
        permanent: bool | None = None,
        retry_at: datetime | None = None,
        status: int | None = None,
        sample: str = "",
        answer: Any = None,
    ) -> None:
        self.problem = told(problem) if isinstance(problem, str) else problem
        super().__init__(self.problem)
        self.reason = self.usual_reason if reason is None else reason
        self.permanent = self.usually_permanent if permanent is None else permanent
        self.retry_at = retry_at
        self.status = status
        self.sample = sample
        self.answer = answer

    @property
    def message(self) -> str:
        """The sentence for people, in the language that is active."""
        return str(self.problem)

    @property
    def message_of_a_trial(self) -> str:
        """The sentence for a person who was only trying, and has to try again themselves."""
        return self.problem.to_whoever_tries()

    def retold(self, told: Problem) -> Self:
        """Say on top of it what it happened to, and return the error itself."""
        self.problem, self.args = told, (told,)
        return self

    def masked(self, mask: Callable[[str], str]) -> Self:
        """Put what comes from outside through `mask`, and return the error itself; our own words hold no secret."""
        self.problem = self.problem.masked(mask)
        self.sample = mask(self.sample)
        self.args = (self.problem,)
        return self


class Unreachable(FetchError):
    """No complete answer came: no such host, nothing listening, a broken connection, or the time was up."""


class Blocked(FetchError):
    """The installation's rules forbid the call; another address or an administrator is needed."""

    usual_reason = Reason.BLOCKED
    usually_permanent = True


class Misconfigured(FetchError):
    """What a person entered cannot make a call: no usable address, header, method or query."""

    usual_reason = Reason.MISCONFIGURED
    usually_permanent = True


class Refused(FetchError):
    """The source understood and said no: 4xx other than 429. Permanent for 401, 403, 404 and 410."""

    usual_reason = Reason.CLIENT_ERROR


class RateLimited(FetchError):
    """The source wants fewer calls: 429, or 503 with `Retry-After`. `retry_at` says from when, if it told."""

    usual_reason = Reason.RATE_LIMITED


class HeldBack(FetchError):
    """Our own limits or the open circuit did not let the call out; nothing was sent, and the source is not at fault.

    `retry_at` says when it may go.
    """

    usual_reason = Reason.HELD_BACK


class CircuitOpen(HeldBack):
    """The source failed so often in a row that it is left alone for a while; nothing was sent.

    `reason` is that of the last failure, and `problem` quotes it.
    """


class Broken(FetchError):
    """The source has a problem of its own: 5xx."""

    usual_reason = Reason.SERVER_ERROR


class Malformed(FetchError):
    """An answer came and makes no sense: not JSON, cut off, the wrong character set, not even HTTP."""

    usual_reason = Reason.MALFORMED


class TooLarge(FetchError):
    """The answer is larger than a call may read."""

    usual_reason = Reason.TOO_LARGE

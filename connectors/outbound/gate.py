"""The gate that every request passes before it goes out: limits and the circuit breaker stand behind it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.errors import FetchError


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A request that wants out: how many seconds it can `wait`, and how many it may be `lasting`.

    `now` is the caller's clock; it returns the aware time in UTC.
    """

    wait: float
    lasting: float
    now: Callable[[], datetime]


class Passage(Protocol):
    """One request that was let through; told how it ended."""

    def ended(self, failure: FetchError | None) -> None:
        """Note how the request ended."""
        ...


class Gate(Protocol):
    """Lets requests out one by one."""

    def passing(self, leaving: Leaving) -> AbstractContextManager[Passage]:
        """Let one request out, perhaps after a while; the block is the request.

        Raises HeldBack where it would have to wait longer than it can, and CircuitOpen.
        """
        ...


class _Noted:
    def ended(self, failure: FetchError | None) -> None:
        """Note nothing."""


class OpenGate:
    """Lets everything out at once."""

    def passing(self, leaving: Leaving) -> AbstractContextManager[Passage]:  # noqa: ARG002  the contract of a gate
        """Let it out."""
        return nullcontext(_Noted())


OPEN = OpenGate()

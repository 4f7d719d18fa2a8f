"""What every shape promises, and what is said of a value that is not of its shape."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Protocol

from django.utils.translation import gettext as _

CLOSE = 0.6  # how alike a slip and what was meant have to be


class Wrong(ValueError):
    """A value is not of its shape; the text is the sentence for people, `meant` what was probably meant."""

    def __init__(self, sentence: str, *, meant: str = "", at: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.meant = meant
        self.at = at


class Shape(Protocol):
    """What a value has to look like."""

    def read(self, given: Any) -> Any:
        """Return the value as it is written. Raises Wrong."""
        ...

    def schema(self) -> dict[str, Any]:
        """Describe what is taken."""
        ...


def nearest(given: str, names: Sequence[str]) -> str:
    """Return the name that was probably meant; empty where none is close."""
    lower = {name.lower(): name for name in names}
    found = get_close_matches(given.lower(), lower, n=1, cutoff=CLOSE)
    return lower[found[0]] if found else ""


def plain(number: float) -> float | int:
    """Return a number as people write it: whole where it is whole."""
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 1e15 else number


def unknown(name: str, names: Sequence[str]) -> Wrong:
    """Return what to say about a name that is not known here."""
    return Wrong(_("“%(name)s” is not known here.") % {"name": name[:60]}, meant=nearest(name, names), at=(name,))

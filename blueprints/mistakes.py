"""What is wrong with a file, where, and what was probably meant. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST = 100  # mistakes that are told at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One sentence about one place; `path` leads there by names, `line` counts from 1, 0 where there is none."""

    sentence: str
    file: str = ""
    line: int = 0
    path: tuple[str, ...] = ()
    meant: str = ""

    def __str__(self) -> str:
        """Return it as people read it: where, what, and what was meant."""
        where = ", ".join(part for part in (self.file, self._line(), " → ".join(self.path)) if part)
        told = f"{where}: {self.sentence}" if where else self.sentence
        return told + (" " + _("Did you mean “%(meant)s”?") % {"meant": self.meant} if self.meant else "")

    def _line(self) -> str:
        return _("line %(line)s") % {"line": self.line} if self.line else ""


class Mistaken(Exception):
    """A document that cannot be used, with all that is wrong with it."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes[:MOST]))
        self.mistakes = mistakes[:MOST]

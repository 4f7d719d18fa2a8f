"""Texts, numbers, flags, words, and lists and pairs of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _

from organisations.documents.shapes.contract import Wrong, nearest, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text; a number in its place is taken as it stands."""

    longest: int = 200
    many_lines: bool = False
    keeps_blanks: bool = False  # around it

    def read(self, given: Any) -> str:
        """Return the text, without blanks around it unless they count."""
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            raise Wrong(_("Write a text here."))
        text = str(given) if self.keeps_blanks else str(given).strip()
        if len(text) > self.longest:
            raise Wrong(
                _("At most %(most)s characters; these are %(count)s.") % {"most": self.longest, "count": len(text)}
            )
        if "\0" in text or (not self.many_lines and "\n" in text):
            raise Wrong(_("Write it on one line."))
        return text

    def schema(self) -> dict[str, Any]:
        """Describe a text."""
        return {"type": ["string", "number"], "maxLength": self.longest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number, whole where `whole` says so, within ends where there are some."""

    least: float | None = None
    most: float | None = None
    whole: bool = False

    def read(self, given: Any) -> float | int:
        """Return the number; 5.0 is 5."""
        number = self._number(given)
        if self.whole and not float(number).is_integer():
            raise Wrong(_("Write a whole number."))
        if self.least is not None and number < self.least:
            raise Wrong(_("Write at least %(least)s.") % {"least": plain(self.least)})
        if self.most is not None and number > self.most:
            raise Wrong(_("Write at most %(most)s.") % {"most": plain(self.most)})
        return plain(float(number)) if self.whole else plain(number)

    def _number(self, given: Any) -> float | int:
        if isinstance(given, str):
            given = as_number(given)
        if isinstance(given, bool) or not isinstance(given, int | float) or not isfinite(given):
            raise Wrong(_("Write a number, such as 1200 or 0.5."))
        return given

    def schema(self) -> dict[str, Any]:
        """Describe a number."""
        ends = {"minimum": self.least, "maximum": self.most}
        kind = "integer" if self.whole else "number"
        return {"type": kind, **{name: end for name, end in ends.items() if end is not None}}


def as_number(text: str) -> float | int | None:
    """Return the number that a text is: a point before decimals, commas or blanks between thousands; else None."""
    bare = text.strip().replace("−", "-")
    if re.fullmatch(r"[-+]?\d{1,3}([,  _ ]\d{3})+(\.\d+)?", bare):
        bare = re.sub(r"[,  _ ]", "", bare)
    if not re.fullmatch(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", bare):
        return None
    return int(bare) if re.fullmatch(r"[-+]?\d+", bare) else float(bare)


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, given: Any) -> bool:
        """Return it."""
        if isinstance(given, str) and given.strip().lower() in ("true", "false"):
            return given.strip().lower() == "true"
        if not isinstance(given, bool):
            raise Wrong(_("Write true or false."))
        return given

    def schema(self) -> dict[str, Any]:
        """Describe a flag."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words; blanks stand for underscores, so `at least` is `at_least`."""

    names: tuple[str, ...]

    def read(self, given: Any) -> str:
        """Return the word."""
        text = str(given).strip()
        word = text.lower().replace(" ", "_")
        found = next((name for name in self.names if name.lower() == word), None)
        if found is None or isinstance(given, bool):
            wanted = ", ".join(name for name in self.names if name)
            raise Wrong(
                _("“%(given)s” is none of: %(names)s.") % {"given": text[:60], "names": wanted},
                meant=nearest(word, self.names),
            )
        return str(found)

    def schema(self) -> dict[str, Any]:
        """Describe the words, as they are written and with blanks."""
        words = [str(name) for name in self.names]
        return {"enum": list(dict.fromkeys([*words, *(word.replace("_", " ") for word in words)]))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Texts in no order, each once; one text is a list of one."""

    longest: int = 200
    pattern: re.Pattern[str] | None = None
    sentence: str = ""

    def read(self, given: Any) -> list[str]:
        """Return the texts by the alphabet."""
        texts = [Text(longest=self.longest).read(each) for each in (given if isinstance(given, list) else [given])]
        for text in texts:
            if not text or (self.pattern is not None and not self.pattern.fullmatch(text)):
                raise Wrong((self.sentence or _("“%(given)s” cannot stand here.")) % {"given": text[:60]})
        return sorted({text.lower(): text for text in texts}.values(), key=str.lower)

    def schema(self) -> dict[str, Any]:
        """Describe the list."""
        one = {"type": "string", "maxLength": self.longest}
        return {"anyOf": [{"type": "array", "items": one}, one]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Names and their values: a mapping, or `name=value` a line; where a name stands twice, a list of lines."""

    separator: str

    def read(self, given: Any) -> dict[str, str] | list[str]:
        """Return a mapping where every name stands once, else the lines."""
        lines = self.lines(given)
        split = (line.partition(self.separator) for line in lines)
        pairs = [(name.strip(), value.strip()) for name, _separator, value in split]
        for line, (name, _value) in zip(lines, pairs, strict=True):
            if not name or self.separator not in line:
                example = f"name{self._glue}value"
                raise Wrong(_("“%(line)s” should look like %(example)s.") % {"line": line[:60], "example": example})
        once = dict(pairs)
        return once if len(once) == len(pairs) else [self._glue.join(pair) for pair in pairs]

    def lines(self, given: Any) -> list[str]:
        """Return one line a pair."""
        if isinstance(given, Mapping):
            return [self._line(name, value) for name, value in given.items()]
        if isinstance(given, str):
            return [line for line in given.splitlines() if line.strip()]
        if isinstance(given, list) and all(isinstance(line, str) for line in given):
            return given
        raise Wrong(_("Write names with their values below, each on a line of its own."))

    @property
    def _glue(self) -> str:
        return ": " if self.separator == ":" else self.separator

    def _line(self, name: str, value: Any) -> str:
        if isinstance(value, bool):
            value = str(value).lower()
        if isinstance(value, Mapping) and list(value.values()) == [None]:
            raise Wrong(_("Put quotation marks around it: “{%(name)s}”.") % {"name": next(iter(value))}, at=(name,))
        if not isinstance(value, str | int | float) or self.separator in name or "\n" in f"{name}{value}":
            raise Wrong(_("Write a text or a number."), at=(name,))
        return f"{name}{self._glue}{value}"

    def schema(self) -> dict[str, Any]:
        """Describe both ways."""
        texts = {"type": ["string", "number", "boolean"]}
        lines = {"type": "array", "items": {"type": "string"}}
        return {"anyOf": [{"type": "object", "additionalProperties": texts}, lines, {"type": "string"}]}

"""The shapes that values take in a blueprint, and the one way in which each is written.

`read` takes whatever a file may say, short or long, and returns the written form; the written form read again is
itself. So a difference is a comparison of texts, numbers and lists, and an export needs no second formatter. `schema`
describes what `read` takes, as JSON Schema (draft 2020-12). No shape knows the database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from math import isfinite
from typing import Any, Protocol

from django.utils.translation import gettext as _

CLOSE = 0.6  # how alike a slip and what was meant have to be
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORKDAYS, EVERY_DAY = "monday to friday", "every day"
MEMBERS = "members"  # people by their e-mail addresses, which are the same in whatever case
PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")  # a value that is asked for when the file is applied


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


@dataclass(frozen=True, slots=True)
class Day:
    """A day, as 2026-11-20."""

    def read(self, given: Any) -> str:
        """Return the day."""
        try:
            return date.fromisoformat(str(given).strip()).isoformat()
        except ValueError:
            raise Wrong(_("Write a day as 2026-11-20.")) from None

    def schema(self) -> dict[str, Any]:
        """Describe a day."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, as 08:00."""

    def read(self, given: Any) -> str:
        """Return the time, to the minute."""
        text = str(given).strip()
        try:
            return time.fromisoformat(text if len(text.split(":")[0]) > 1 else f"0{text}").strftime("%H:%M")
        except ValueError:
            raise Wrong(_("Write a time of day as 08:00.")) from None

    def schema(self) -> dict[str, Any]:
        """Describe a time of day."""
        return {"type": "string", "pattern": r"^\d{1,2}:\d{2}$"}


UNITS = {"minute": 1, "hour": 60, "day": 24 * 60, "week": 7 * 24 * 60}
SPOKEN = {"hourly": 60, "daily": 24 * 60, "weekly": 7 * 24 * 60}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often: `15 minutes`, `1 hour`, `daily`, or a number of minutes."""

    most: int

    def read(self, given: Any) -> str:
        """Return it in the largest unit that goes into it."""
        minutes = minutes_of(given)
        if minutes is None or not 1 <= minutes <= self.most:
            raise Wrong(_("Write how often, such as “15 minutes”, “1 hour” or “1 day”."))
        return rhythm(minutes)

    def schema(self) -> dict[str, Any]:
        """Describe it."""
        words = r"^(\d+ (minute|hour|day|week)s?|hourly|daily|weekly)$"
        return {"anyOf": [{"type": "string", "pattern": words}, {"type": "integer", "minimum": 1}]}


def minutes_of(given: Any) -> int | None:
    """Return the minutes that a rhythm means; None where it is none."""
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    text = str(given).strip().lower().removeprefix("every ")
    found = re.fullmatch(r"(\d{1,7})?\s*(minute|hour|day|week)s?", text)
    return int(found[1] or 1) * UNITS[found[2]] if found else SPOKEN.get(text)


def rhythm(minutes: int) -> str:
    """Return how often so many minutes are."""
    unit = next(name for name in reversed(UNITS) if minutes % UNITS[name] == 0)
    count = minutes // UNITS[unit]
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Days of the week: `monday to friday`, `every day`, or a list of their names."""

    def read(self, given: Any) -> str | list[str]:
        """Return the short form where there is one."""
        return weekdays(self.numbers(given))

    def numbers(self, given: Any) -> list[int]:
        """Return the days, Monday being 0."""
        if isinstance(given, str) and " to " in given:
            first, last = (_weekday(name) for name in given.split(" to ", 1))
            return [number % 7 for number in range(first, last + 1 if last >= first else last + 8)]
        if isinstance(given, str) and given.strip().lower() == EVERY_DAY:
            return list(range(7))
        days = given if isinstance(given, list) else [given]
        if not days:
            raise Wrong(_("Name at least one weekday."))
        return sorted({_weekday(day) for day in days})

    def schema(self) -> dict[str, Any]:
        """Describe them."""
        return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"enum": list(WEEKDAYS)}, "minItems": 1}]}


def weekdays(numbers: Sequence[int]) -> str | list[str]:
    """Return days of the week as they are written."""
    short = {tuple(range(5)): WORKDAYS, tuple(range(7)): EVERY_DAY}
    return short.get(tuple(sorted(numbers))) or [WEEKDAYS[number] for number in sorted(numbers)]


def _weekday(given: Any) -> int:
    name = str(given).strip().lower()
    if name not in WEEKDAYS:
        raise Wrong(_("“%(given)s” is no weekday.") % {"given": str(given)[:60]}, meant=nearest(name, WEEKDAYS))
    return WEEKDAYS.index(name)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, of which a file holds only the name, such as `${ANALYTICS_KEY}`."""

    def read(self, given: Any) -> str:
        """Return the placeholder. Raises Wrong for a secret that stands in the file."""
        text = str(given).strip()
        if not PLACEHOLDER.fullmatch(text):
            sentence = _(
                "A secret does not stand in a file. "
                "Give it a name, such as ${ANALYTICS_KEY}: it is asked for when the file is applied."
            )
            raise Wrong(sentence)
        return text

    def schema(self) -> dict[str, Any]:
        """Describe a placeholder."""
        return {"type": "string", "pattern": r"^\$\{[A-Z][A-Z0-9_]*\}$"}


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of something in another section."""

    section: str

    def read(self, given: Any) -> str:
        """Return the name; whether there is one of it is seen where everything is known."""
        name = Text(longest=220).read(given)
        return name.lower() if self.section == MEMBERS else name

    def schema(self) -> dict[str, Any]:
        """Describe a name."""
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class References:
    """Names of several things in another section, in no order."""

    section: str

    def read(self, given: Any) -> list[str]:
        """Return the names."""
        names = Names(longest=254).read(given)
        return [name.lower() for name in names] if self.section == MEMBERS else names

    def schema(self) -> dict[str, Any]:
        """Describe names."""
        return Names(longest=254).schema()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields by name, such as the settings of a connection. Without a default a field has to be there."""

    shapes: Mapping[str, Shape]
    defaults: Mapping[str, Any]
    required: tuple[str, ...] = ()

    def read(self, given: Any) -> dict[str, Any]:
        """Return the fields that differ from their defaults. Raises Wrong at the first that is wrong."""
        if not isinstance(given, Mapping):
            raise Wrong(_("Write fields with their values below."))
        written = {name: self._one(name, value) for name, value in given.items()}
        return {
            name: written[name] for name in self.shapes if name in written and written[name] != self.defaults.get(name)
        }

    def _one(self, name: str, value: Any) -> Any:
        if name not in self.shapes:
            raise unknown(name, list(self.shapes))
        try:
            return self.shapes[name].read(value)
        except Wrong as error:
            raise Wrong(str(error), meant=error.meant, at=(name, *error.at)) from None

    def schema(self) -> dict[str, Any]:
        """Describe the fields."""
        inner = {name: shape.schema() for name, shape in self.shapes.items()}
        needed = {"required": list(self.required)} if self.required else {}
        return {"type": "object", "properties": inner, "additionalProperties": False, **needed}


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever is written; it is judged later, where more is known."""

    def read(self, given: Any) -> Any:
        """Return it."""
        return given

    def schema(self) -> dict[str, Any]:
        """Describe nothing."""
        return {}


def unknown(name: str, names: Sequence[str]) -> Wrong:
    """Return what to say about a name that is not known here."""
    return Wrong(_("“%(name)s” is not known here.") % {"name": name[:60]}, meant=nearest(name, names), at=(name,))

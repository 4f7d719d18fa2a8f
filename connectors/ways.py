"""Ways to find a number again in the next answer. Pure.

A position moves when a list is re-ordered, a name does not; and a list of dated rows is a whole history. So a number
inside a list offers, best first: every row with its date, the entry with this name, the latest row, the sum of all, how
many there are, this position.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from connectors import hints
from connectors.paths import LONGEST as LONGEST_PATH
from connectors.paths import look_up
from connectors.paths.picking import decimals_of, follow, literal, name, number_in, numbers, shown, spelled
from connectors.paths.trails import Trail, steps
from connectors.written import times
from organisations.languages import grouped, percent

THE_WHOLE = "[@]"  # an answer that is a list, taken as one row
LOOKED_AT = 500  # entries of a list that are looked at
NAMING_KEYS = ("name", "title", "label", "slug", "key", "code", "id")


class How(StrEnum):
    """How a number is found again."""

    ROWS = "rows"  # every row of the list is a reading, with its date
    MATCH = "match"  # the entry with a certain name
    LATEST = "latest"  # the row with the latest date, or the last one
    SUM = "sum"  # all entries added up
    COUNT = "count"  # how many entries there are
    PLACE = "place"  # where it stands now


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to find a number again, as JMESPath.

    `rows` leads from the answer to the rows, `value`, `at` and `segment` from a row to what they name; `at` and
    `segment` may be empty. `daily`, `named` (the keys and values by which an entry is known), `total` and `place` say
    in words what it means; `length` is the list's.
    """

    how: How
    rows: str
    value: str
    at: str = ""
    at_format: str = "auto"
    segment: str = ""
    daily: bool = False
    named: tuple[tuple[str, str], ...] = ()
    total: str = ""
    place: int = 0
    length: int = 0

    @property
    def entry(self) -> str:
        """The name of the entry."""
        return ", ".join(value for _key, value in self.named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A picked number: what it is, what it is probably called and measured in, and the ways to it, best first."""

    path: str
    number: float
    ways: tuple[Way, ...]
    title: str
    cents: bool
    share: bool
    people: bool
    level: bool
    currency: str

    @property
    def shown(self) -> str:
        """The number for people."""
        return shown(self.number)

    @property
    def in_whole(self) -> str:
        """The number, if it was cents, in euros or dollars."""
        return grouped(self.number / 100, 2)

    @property
    def in_percent(self) -> str:
        """The number, if it was a share, in percent."""
        return percent(self.number, decimals_of(self.number * 100, most=4))


def picked(answer: Any, trail: Trail) -> Pick:
    """Return everything there is to say about the number at the end of a way."""
    value = follow(answer, trail)
    number = number_in(value)
    if number is None:
        raise ValueError("There is no number at the end of this way.")
    beside = follow(answer, trail[:-1])
    return Pick(
        path=spelled(trail),
        number=number,
        ways=tuple(way for way in _ways(answer, trail) if len(way.value) <= LONGEST_PATH),
        title=hints.title(trail),
        cents=hints.in_cents(trail, value, beside if isinstance(beside, dict) else {}),
        share=hints.is_share(trail, number),
        people=hints.counts_people(trail),
        level=hints.is_level(trail),
        currency=hints.currency_in(answer),
    )


def likeliest(answer: Any) -> Trail | None:
    """Return the way to the number that is most probably meant; None if there is none."""
    best: Trail | None = None
    for trail, value in numbers(answer):
        best = trail if best is None else best
        if hints.is_measured(trail) and not isinstance(value, str):
            return trail
    return best


def _ways(answer: Any, trail: Trail) -> Iterator[Way]:
    places = [place for place, step in enumerate(trail) if isinstance(step, int)]
    history = next((way for place in reversed(places) if (way := _every_row(answer, trail, place))), None)
    if history:
        yield history
    if places:
        yield from _in_list(answer, trail, places[-1], history)
    yield _in_place(answer, trail, places[-1] if places else None)


def _in_list(answer: Any, trail: Trail, place: int, history: Way | None) -> Iterator[Way]:
    entries = follow(answer, trail[:place])
    base, rest = spelled(trail[:place]), trail[place + 1 :]
    start = "" if base == "@" else base
    named = _named(entries, trail[place], rest)
    if named:
        wanted = " && ".join(f"{name(key)}=={literal(value)}" for key, value in named)
        value = _as_number(f"{start}[?{wanted}].{spelled(rest)} | [0]", follow(entries[trail[place]], rest))
        shown_as = tuple((key, str(value)) for key, value in named)
        yield Way(how=How.MATCH, rows=_one_row(answer), value=value, named=shown_as, length=len(entries))
    if len(entries) > 1:
        yield from _of_all(answer, trail, place, history)


def _of_all(answer: Any, trail: Trail, place: int, history: Way | None) -> Iterator[Way]:
    """Yield what a list says as a whole: its latest row, its sum, its length."""
    entries = follow(answer, trail[:place])
    base, rest = spelled(trail[:place]), trail[place + 1 :]
    start, values = "" if base == "@" else base, [follow(each, rest) for each in entries]
    latest = _latest(entries, base, rest, history)
    if latest and latest.at:
        yield latest
    if _add_up(values):
        total = sum(number_in(value) or 0.0 for value in values)
        value = _sum_of(start, rest, texts=any(isinstance(value, str) for value in values))
        yield Way(how=How.SUM, rows=_one_row(answer), value=value, total=shown(total), length=len(entries))
    yield Way(
        how=How.COUNT,
        rows=_one_row(answer),
        value=f"length({base})",
        total=shown(float(len(entries))),
        length=len(entries),
    )
    if latest and not latest.at:
        yield latest


def _latest(entries: list[Any], base: str, rest: Trail, history: Way | None) -> Way | None:
    """Return the row with the latest date, dated by it; of a list of rows without dates the last one."""
    if not all(isinstance(entry, dict) for entry in entries[:LOOKED_AT]):
        return None
    start = "" if base == "@" else base
    value = _as_number(spelled(rest), follow(entries[0], rest))
    if history is None:
        rows = f"{start}[-1:]"
        return (
            Way(how=How.LATEST, rows=rows, value=value, place=len(entries), length=len(entries)) if not start else None
        )
    if history.segment or history.rows != start:
        return None
    rows = _latest_rows(entries, base, history)
    return replace(history, how=How.LATEST, rows=rows, value=value) if rows else None


def _latest_rows(entries: list[Any], base: str, history: Way) -> str:
    """Return the path to a list of nothing but the latest row: by its date, or where it stands in a list in order."""
    look = look_up(history.at)
    dates = [look(entry) for entry in entries[:LOOKED_AT]]
    if history.at_format == times.AUTO and len({type(date) for date in dates}) == 1:
        return f"[max_by({base}, &{history.at})]"
    start = "" if base == "@" else base
    moments = [times.read(date, fmt=history.at_format, zone=hints.UTC).at for date in dates]
    if moments == sorted(moments):
        return f"{start}[-1:]"
    return f"{start}[:1]" if moments == sorted(moments, reverse=True) else ""


def _in_place(answer: Any, trail: Trail, place: int | None) -> Way:
    value = _as_number(spelled(trail), follow(answer, trail))
    if place is None:
        return Way(how=How.PLACE, rows=_one_row(answer), value=value)
    length = len(follow(answer, trail[:place]))
    return Way(how=How.PLACE, rows=_one_row(answer), value=value, place=int(trail[place]) + 1, length=length)


def _every_row(answer: Any, trail: Trail, place: int) -> Way | None:
    """Return the list as a history, if its entries carry different dates, or different dates within each segment."""
    entries, rest = follow(answer, trail[:place])[:LOOKED_AT], trail[place + 1 :]
    if not all(isinstance(entry, dict) for entry in entries):
        return None
    dated = _dated(entries, rest)
    if dated is None:
        return None
    at, written = dated
    segment = _segment(entries, at, rest)
    if segment is None:
        return None
    return Way(
        how=How.ROWS,
        rows="" if not trail[:place] else spelled(trail[:place]),
        value=_as_number(spelled(rest), follow(entries[0], rest)),
        at=spelled(at),
        at_format=written,
        segment=spelled(segment) if segment else "",
        daily=hints.is_day(follow(entries[0], at)),
        length=len(entries),
    )


def _dated(entries: Sequence[dict[str, Any]], rest: Trail) -> tuple[Trail, str] | None:
    """Return the way from an entry to its date, and the date's format; the same in all entries."""
    for trail, value in _leaves(entries[0]):
        written = hints.time_format(hints.last_key(trail), value)
        key = hints.last_key(trail)
        if (
            written
            and trail != rest
            and all(hints.time_format(key, follow(each, trail)) == written for each in entries)
        ):
            return trail, written
    return None


def _segment(entries: Sequence[dict[str, Any]], at: Trail, rest: Trail) -> Trail | None:
    """Return the way to the text that tells entries of one date apart; () if dates do that alone, None for nothing."""
    dates = [follow(each, at) for each in entries]
    if len(set(dates)) == len(dates):
        return ()
    for trail, value in _leaves(entries[0]):
        if trail in (at, rest) or not isinstance(value, str):
            continue
        pairs = {(date, str(follow(each, trail))) for date, each in zip(dates, entries, strict=True)}
        if len(pairs) == len(entries):
            return trail
    return None


def _leaves(entry: dict[str, Any]) -> list[tuple[Trail, Any]]:
    """Return the plain values of an entry with the ways to them, the nearest first."""
    waiting: list[tuple[Trail, Any]] = [((), entry)]
    leaves = []
    for trail, value in waiting:
        if isinstance(value, dict | list):
            waiting += [((*trail, step), child) for step, child in steps(value)][:LOOKED_AT]
        else:
            leaves.append((trail, value))
    return leaves


def _named(entries: Sequence[Any], place: Any, rest: Trail) -> tuple[tuple[str, str | int], ...]:
    """Return the keys, with their values in one entry, by which no other entry is known; () where nothing tells.

    A measurement is known by all its labels together, for others may come. Else one name is enough where each entry has
    its own, or a number that is an id, or all names together.
    """
    own: list[str] = list(entries[place]) if isinstance(entries[place], dict) else []
    rows = [entry if isinstance(entry, dict) else {} for entry in entries]
    labels = [key for key in own if (key,) != rest and all(_is_name(key, row.get(key)) for row in rows)]
    if rest == ("value",) and len(labels) == len(own) - 1 and _tells_apart(labels, rows):
        return tuple((key, rows[place][key]) for key in labels)
    for key in dict.fromkeys((*NAMING_KEYS, *own)):
        found = [row.get(key) for row in rows]
        is_name = all(_is_name(key, each) for each in found) or all(_is_id(key, each) for each in found)
        if is_name and (key,) != rest and _tells_apart([key], rows):
            return ((key, found[place]),)
    if len(entries) > 1 and _tells_apart(labels, rows):
        return tuple((key, rows[place][key]) for key in labels)
    return ()


def _tells_apart(keys: Sequence[str], rows: Sequence[dict[str, Any]]) -> bool:
    """Say whether no two rows are alike in all of these."""
    return bool(keys) and len({tuple(row[key] for key in keys) for row in rows}) == len(rows)


def _is_name(key: str, value: Any) -> bool:
    """Say whether a value names its entry for good; a date will not come again."""
    return isinstance(value, str) and bool(value) and not hints.time_format(key, value)


def _is_id(key: str, value: Any) -> bool:
    """Say whether a whole number names its entry: what it is called tells it from a measurement."""
    return isinstance(value, int) and not isinstance(value, bool) and hints.is_id(key)


def _add_up(values: Sequence[Any]) -> bool:
    kinds = {isinstance(value, str) for value in values if value is not None}
    return len(kinds) == 1 and all(value is None or number_in(value) is not None for value in values)


def _sum_of(start: str, rest: Trail, *, texts: bool) -> str:
    parts = [f"{start}[*]", spelled(rest) if rest else "", "to_number(@)" if texts else ""]
    return f"sum({'.'.join(part for part in parts if part)})"


def _as_number(expression: str, value: Any) -> str:
    return f"to_number({expression})" if isinstance(value, str) else expression


def _one_row(answer: Any) -> str:
    return "" if isinstance(answer, dict) else THE_WHOLE

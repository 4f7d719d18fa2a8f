"""Reading a long answer page by page, up to its end or to a limit.

An answer that ends at a limit, or at a failure, is refused whole, so that no half of it is taken for all; unless the
next call goes on where this one ended: then what came is kept, and it is said that more is to come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from time import monotonic
from typing import Any

import orjson

from connectors.answers import newest, paging
from connectors.answers.newest import Eye, Seen, Value
from connectors.answers.paging import Course, Place
from connectors.errors import (
    Broken,
    FetchError,
    HeldBack,
    Malformed,
    RateLimited,
    Reason,
    Refused,
    TooLarge,
    Unreachable,
)
from connectors.problems import Problem, problem

MOST_BYTES = 50_000_000  # of all answers of one call together
MOST_SECONDS = 150.0  # for all of them, so that a collection ends within its lease
NOT_THERE = 404
PASSING = (HeldBack, RateLimited, Broken, Unreachable)  # what says nothing about the pages that came before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one request brought: its rows, and in `mark` by what the answer says that the next page is asked for.

    `seen` is how new its rows are, where that is asked. `full` says that as many rows came as were asked for,
    `unchanged` that the service says that nothing has changed since the last call.
    """

    rows: list[Any] = field(default_factory=list)
    mark: Value | None = None
    seen: Seen = field(default_factory=Seen)
    document: Any = None
    written: Mapping[str, str] = field(default_factory=dict)
    validators: Mapping[str, str] = field(default_factory=dict)
    size: int = 0
    full: bool = False
    unchanged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far one call goes: pages, rows (None for any number), and until when by the clock that only goes on."""

    pages: int
    rows: int | None
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All pages of one call; `cut` says what left something to the next call, `cut_by` is it where it was a failure."""

    parts: Sequence[Part]
    cut: Problem | None = None
    cut_by: FetchError | None = None

    @property
    def rows(self) -> list[Any]:
        """The rows of all pages."""
        return [row for part in self.parts for row in part.rows]


def gathered(
    way: Course, first: Place, ask: Callable[[Place], Part], *, limits: Limits, eye: Eye | None = None
) -> Gathered:
    """Ask for page after page. Raises FetchError where something would be lost; TooLarge where by a limit."""
    parts: list[Part] = []
    place: Place | None = first
    marks: list[Any] = []
    while place is not None:
        try:
            part = _asked(way, place, parts, ask, eye)
        except FetchError as failure:
            if not (parts and way.goes_on_later and _passes(failure)):
                raise
            return Gathered(parts=parts, cut=_cut(parts, why=failure.problem), cut_by=failure)
        if part is None:
            break
        if parts and _is_too_much(way, [*parts, part], limits):
            return Gathered(parts=parts, cut=_cut(parts))
        parts.append(part)
        marks.append(place.mark)
        place = _following(way, place, part, first)
        if place is not None and _leads_back(place, part, marks):
            break
        if place is not None and _meets_a_limit(parts, limits):
            return Gathered(parts=parts, cut=_cut_or_refused(way, parts, limits))
    return Gathered(parts=parts)


def before(found: Gathered, way: Course, failure: FetchError, left: Sequence[Any]) -> Gathered:
    """Return the pages before the first that holds one of the rows `left`, with which something went wrong.

    Raises the failure where these would be lost.
    """
    missing = {id(row) for row in left}
    parts = list(takewhile(lambda part: not any(id(row) in missing for row in part.rows), found.parts))
    if not (parts and way.goes_on_later and _passes(failure)):
        raise failure
    return Gathered(parts=parts, cut=_cut(parts, why=failure.problem), cut_by=failure)


def _asked(
    way: Course, place: Place, before: Sequence[Part], ask: Callable[[Place], Part], eye: Eye | None
) -> Part | None:
    """Return a page; None where a counted page after the first is not there any more.

    Raises Malformed for a page that is the one before once more: the service does not go on as it was told.
    """
    try:
        part = ask(place)
    except Refused as error:
        if before and way.pages in paging.COUNTED and error.status == NOT_THERE:
            return None
        raise
    if before and _is_the_same_again(way, before[-1], part):
        raise Malformed(problem("same_page_again"))
    if way.pages == paging.ONWARD and part.full and eye is not None and newest.comes_first(part.rows, eye):
        raise Malformed(problem("newest_come_first", rows=len(part.rows)))
    return _without_repeats(part, before[-1]) if before and way.pages in (paging.ONWARD, paging.BACKWARD) else part


def _is_the_same_again(way: Course, before: Part, part: Part) -> bool:
    """Say whether a page is the one before; a single row may well be like the last one, where another page is named."""
    if not part.rows or part.rows != before.rows or way.pages in (paging.ONWARD, paging.BACKWARD):
        return False
    return way.pages in paging.COUNTED or len(part.rows) > 1 or part.mark == before.mark


def _leads_back(place: Place, part: Part, marks: Sequence[Any]) -> bool:
    """Say whether the page that is named was read already, so that this one is the last.

    Some services name the last page itself, or the one that an empty page came after. Raises Malformed where rows came
    and an earlier page is named: they go round in a ring.
    """
    if place.mark is None or place.mark not in marks:
        return False
    if part.rows and place.mark != marks[-1]:
        raise Malformed(problem("same_page_again"))
    return True


def _without_repeats(part: Part, before: Part) -> Part:
    """Return a page without the rows that stood on the page before: where it begins, the other may end."""
    known = {_spelled(row) for row in before.rows}
    return replace(part, rows=[row for row in part.rows if _spelled(row) not in known])


def _spelled(row: Any) -> bytes:
    try:
        return orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # deeper than can be written: like no other row
        return str(id(row)).encode()


def _following(way: Course, place: Place, part: Part, first: Place) -> Place | None:
    """Return by what the next page is asked for; None where there is none."""
    if part.unchanged or way.pages == paging.ONE:
        return None
    if way.pages == paging.ONWARD:
        return _onward(place, part)
    if way.pages == paging.BACKWARD:
        return _backward(place, part, first)
    if way.pages in paging.COUNTED:
        mark: Value | None = paging.counted_on(way, place.mark, len(part.rows))
    else:
        mark = None if way.keeps == paging.NEXT_TIME and not part.rows else part.mark
    return None if mark is None else replace(place, mark=mark)


def _onward(place: Place, part: Part) -> Place | None:
    newer = part.seen.greatest
    return Place(newest=newer) if part.rows and newer is not None and newest.is_newer(newer, place.newest) else None


def _backward(place: Place, part: Part, first: Place) -> Place | None:
    """Go back until nothing older comes, or what is known is reached."""
    least = part.seen.least
    if not part.rows or least is None or not newest.is_newer(least, first.newest):
        return None
    goes_back = place.mark is None or newest.is_newer(place.mark, least)
    return replace(place, mark=least) if goes_back else None


def _is_too_much(way: Course, parts: Sequence[Part], limits: Limits) -> bool:
    """Say whether the last page is one too many and can be asked for again by the next call."""
    return limits.rows is not None and way.goes_on_later and sum(len(part.rows) for part in parts) > limits.rows


def _meets_a_limit(parts: Sequence[Part], limits: Limits) -> bool:
    is_large = sum(part.size for part in parts) > MOST_BYTES
    return len(parts) >= limits.pages or is_large or monotonic() > limits.until


def _cut_or_refused(way: Course, parts: Sequence[Part], limits: Limits) -> Problem:
    if not way.goes_on_later:
        raise TooLarge(problem("too_many_pages", pages=limits.pages))
    return _cut(parts)


def _cut(parts: Sequence[Part], *, why: Problem | None = None) -> Problem:
    return problem("rest_held_up", pages=len(parts), why=why) if why else problem("rest_comes_next", pages=len(parts))


def _passes(failure: FetchError) -> bool:
    """Say whether the same page may come another time: a limit, a service in trouble, a key that ran out."""
    return isinstance(failure, PASSING) or failure.reason == Reason.UNAUTHORISED

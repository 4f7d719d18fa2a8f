"""How a service hands out a long answer page by page, how it tells what is new, and what is sent for both. Pure.

From page to page either the answer says how it goes on (a cursor, the next page's address, a `Link` header), or pages
are counted: by their numbers or by the rows that came before. What is counted is sent from the first page on.

From call to call a cursor is kept: one that the answer names, or the greatest value or the latest time of a field of
the rows so far. Within one call, such rows come onward from what is known, or back from the newest to it, or on pages
as above.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.answers import newest
from connectors.answers.newest import Value

NEXT_PAGE, NEXT_ADDRESS, NEXT_TIME = "next_page", "next_address", "next_time"
PAGE_NUMBER, OFFSET, LINK = "page_number", "offset", "link"
GREATEST, LATEST = "greatest", "latest"
ONWARD, BACKWARD, ONE = "onward", "backward", "one"
CHOICES = [
    (NEXT_PAGE, gettext_lazy("the next page, by {cursor}")),
    (NEXT_ADDRESS, gettext_lazy("the next page, being its address")),
    (NEXT_TIME, gettext_lazy("what is new next time, by {cursor}")),
    (PAGE_NUMBER, gettext_lazy("pages are counted: {page} is the number")),
    (OFFSET, gettext_lazy("rows are counted: {offset} have come before")),
    (LINK, gettext_lazy("the header “Link” holds the next page's address")),
    (GREATEST, gettext_lazy("what is new next time: {cursor} is the greatest value of a field")),
    (LATEST, gettext_lazy("what is new next time: {cursor} is the latest time of a field")),
]
PAGES_OF_NEW = [
    (ONWARD, gettext_lazy("onward: the next page begins after the newest row so far")),
    (BACKWARD, gettext_lazy("back: the next page ends at {before}, the oldest row so far")),
    (NEXT_PAGE, gettext_lazy("by {next}, which the answer names")),
    (NEXT_ADDRESS, gettext_lazy("by the next page's address, which the answer names")),
    (PAGE_NUMBER, gettext_lazy("pages are counted: {page} is the number")),
    (OFFSET, gettext_lazy("rows are counted: {offset} have come before")),
    (LINK, gettext_lazy("the header “Link” holds the next page's address")),
    (ONE, gettext_lazy("there is one page")),
]
COUNTED = frozenset({PAGE_NUMBER, OFFSET})
BY_ADDRESS = frozenset({NEXT_ADDRESS, LINK})
FOUND_BY_PATH = frozenset({NEXT_PAGE, NEXT_ADDRESS, NEXT_TIME})
OF_NEW = frozenset({GREATEST, LATEST})
STANDS_FOR = {NEXT_PAGE: "cursor", NEXT_TIME: "cursor", PAGE_NUMBER: "page", OFFSET: "offset", BACKWARD: "before"}
PLACEHOLDERS = frozenset({*STANDS_FOR.values(), "next"})
COUNTS = frozenset(
    {
        "count",
        "first",
        "limit",
        "max_results",
        "maxresults",
        "page_size",
        "pagesize",
        "per_page",
        "perpage",
        "rows",
        "size",
        "top",
        "$top",
    }
)  # fmt: skip  what services call the most rows of a page

Query = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a query goes on: from page to page by `pages`, from call to call by what it `keeps`; empty for nothing.

    `path` is where the answer names the next page, `field` where a row tells how new it is. `stands_for` is the
    placeholder by which the next page is asked for.
    """

    pages: str
    path: str = ""
    keeps: str = ""
    field: str = ""

    @property
    def stands_for(self) -> str:
        """The placeholder by which the next page is asked for; empty where there is none."""
        return "next" if self.pages == NEXT_PAGE and self.keeps else STANDS_FOR.get(self.pages, "")

    @property
    def placeholders(self) -> frozenset[str]:
        """What has to be sent."""
        return frozenset(filter(None, [self.stands_for, "cursor" if self.keeps else ""]))

    @property
    def goes_on_later(self) -> bool:
        """Whether a call that is ended early loses nothing, because the next one goes on from where it ended."""
        return self.keeps == NEXT_TIME or (self.keeps in OF_NEW and self.pages == ONWARD)


@dataclass(frozen=True, slots=True)
class Place:
    """By what one page is asked for: `newest` is what is known already, `mark` leads to the page."""

    newest: Any = None
    mark: Any = None


def course(query: Query) -> Course:
    """Return how a query goes on."""
    way, path = query["cursor_use"], query["cursor"]
    if way in OF_NEW:
        return Course(pages=query["pages"], path=query["next"], keeps=way, field=path)
    if way in FOUND_BY_PATH and not path:
        return Course(pages=ONE)
    return Course(pages=way, path=path, keeps=NEXT_TIME if way == NEXT_TIME else "")


def refusals(query: Query, used: set[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the way of paging: the field, and the sentence. `used` are the placeholders written."""
    way = course(query)
    yield from _wrong_paths(query, way)
    for name in sorted(way.placeholders - used):
        sentence = _("Write %(placeholder)s where it is to be sent: in the path, the parameters or the body.")
        field = "pages" if name in ("before", "next") else "cursor" if name == "cursor" else _chosen_in(way)
        yield field, sentence % {"placeholder": f"{{{name}}}"}
    for name in sorted(used & PLACEHOLDERS - way.placeholders):
        yield _strange(name, way)


def _wrong_paths(query: Query, way: Course) -> Iterator[tuple[str, str]]:
    if query["cursor"] and query["cursor_use"] not in FOUND_BY_PATH | OF_NEW:
        yield "cursor", _("Leave this empty: this way of paging needs nothing from the answer.")
    if way.keeps in OF_NEW and not way.field:
        yield "cursor", _("Say where a row tells how new it is, such as id or created_at.")
    if way.keeps in OF_NEW and way.pages in FOUND_BY_PATH and not way.path:
        yield "next", _("Say where the answer names the next page, such as meta.next.")
    if query["next"] and (way.keeps not in OF_NEW or way.pages not in FOUND_BY_PATH):
        yield "next", _("Leave this empty: pages are asked for in another way.")


def _chosen_in(way: Course) -> str:
    return "pages" if way.keeps in OF_NEW else "cursor_use"


def _strange(name: str, way: Course) -> tuple[str, str]:
    if name == "cursor":
        return "cursor", _("Say where the answer holds the cursor that {cursor} stands for.")
    if name in ("page", "offset"):
        return _chosen_in(way), _("Choose what %(placeholder)s counts.") % {"placeholder": f"{{{name}}}"}
    sentence = _("Choose the way of paging that %(placeholder)s belongs to.")
    return _chosen_in(way), sentence % {"placeholder": f"{{{name}}}"}


def first(query: Query, way: Course, kept: Any) -> Place:
    """Return by what the first page is asked for; `kept` is the cursor of the call before."""
    if way.keeps == NEXT_TIME:
        return Place(mark=kept)
    mark = {PAGE_NUMBER: int(query["first_page"]), OFFSET: 0}.get(way.pages)
    return Place(newest=kept if way.keeps else None, mark=mark)


def counted_on(way: Course, mark: int, rows: int) -> int | None:
    """Return by what the page after a counted one is asked for; None after an empty page, which is the last."""
    return mark + (1 if way.pages == PAGE_NUMBER else rows) if rows else None


def values(query: Query, way: Course, place: Place, zone: ZoneInfo) -> dict[str, Value | None]:
    """Return what the placeholders of paging are filled with. Raises ValueError for what was kept and is no time."""
    filled: dict[str, Value | None] = dict.fromkeys(PLACEHOLDERS)
    if way.stands_for:
        filled[way.stands_for] = place.mark
    if way.keeps in OF_NEW:
        filled["cursor"] = place.newest
    if way.keeps == LATEST:
        fmt, overlap = query["date_format"], timedelta(minutes=query["cursor_overlap"])
        if place.newest is not None:
            filled["cursor"] = newest.written(place.newest, fmt=fmt, zone=zone, before=overlap)
        if filled["before"] is not None:
            filled["before"] = newest.written_after(str(filled["before"]), fmt=fmt, zone=zone)
    return filled


def is_full(rows: int, params: list[tuple[str, str]]) -> bool:
    """Say whether as many rows came as were asked for, by a parameter that is called so."""
    return any(name.lower() in COUNTS and value == str(rows) for name, value in params)

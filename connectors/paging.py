"""How a service hands out a long answer page by page, and how the next page is asked for. Pure.

Either the answer says how it goes on (a cursor, the next page's address, a `Link` header), or pages are counted: by
their numbers or by the rows that came before. What is counted is sent from the first page on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NEXT_PAGE, NEXT_ADDRESS, NEXT_TIME = "next_page", "next_address", "next_time"
PAGE_NUMBER, OFFSET, LINK = "page_number", "offset", "link"
CHOICES = [
    (NEXT_PAGE, gettext_lazy("the next page, by {cursor}")),
    (NEXT_ADDRESS, gettext_lazy("the next page, being its address")),
    (NEXT_TIME, gettext_lazy("what is new next time, by {cursor}")),
    (PAGE_NUMBER, gettext_lazy("pages are counted: {page} is the number")),
    (OFFSET, gettext_lazy("rows are counted: {offset} have come before")),
    (LINK, gettext_lazy("the header “Link” holds the next page's address")),
]
STANDS_FOR = {NEXT_PAGE: "cursor", NEXT_TIME: "cursor", PAGE_NUMBER: "page", OFFSET: "offset"}
PLACEHOLDERS = frozenset(STANDS_FOR.values())
COUNTED = frozenset({PAGE_NUMBER, OFFSET})
BY_ADDRESS = frozenset({NEXT_ADDRESS, LINK})
FOUND_BY_PATH = frozenset({NEXT_PAGE, NEXT_ADDRESS, NEXT_TIME})

Query = Mapping[str, Any]


def pages(query: Query) -> bool:
    """Say whether more than one page is asked for."""
    return query["cursor_use"] not in FOUND_BY_PATH or bool(query["cursor"])


def refusals(query: Query, used: set[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the way of paging: the field, and the sentence. `used` are the placeholders written."""
    way = query["cursor_use"]
    wanted = STANDS_FOR.get(way, "") if pages(query) else ""
    if query["cursor"] and way not in FOUND_BY_PATH:
        yield "cursor", _("Leave this empty: this way of paging needs nothing from the answer.")
    if wanted and wanted not in used:
        sentence = _("Write %(placeholder)s where it is to be sent: in the path, the parameters or the body.")
        yield "cursor" if wanted == "cursor" else "cursor_use", sentence % {"placeholder": f"{{{wanted}}}"}
    for name in sorted(used & PLACEHOLDERS - {wanted}):
        yield _strange(name)


def _strange(name: str) -> tuple[str, str]:
    if name == "cursor":
        return "cursor", _("Say where the answer holds the cursor that {cursor} stands for.")
    return "cursor_use", _("Choose what %(placeholder)s counts.") % {"placeholder": f"{{{name}}}"}


def first(query: Query) -> int | None:
    """Return what the first page is asked for by; None where only the answer says how it goes on."""
    return {PAGE_NUMBER: int(query["first_page"]), OFFSET: 0}.get(query["cursor_use"])


def following(query: Query, before: Any, rows: int) -> int | None:
    """Return by what the page after a counted one is asked for; None after an empty page, which is the last."""
    return before + (1 if query["cursor_use"] == PAGE_NUMBER else rows) if rows else None


def values(query: Query, cursor: Any) -> dict[str, Any]:
    """Return what the placeholders of paging are filled with."""
    stands_for = STANDS_FOR.get(query["cursor_use"], "cursor")
    return {name: cursor if name == stands_for else None for name in PLACEHOLDERS}

"""A pretend CRM: `page`, `per_page`, `closed_since`, a key in `X-API-Key`; a `Link` header leads from page to page."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from connectors.sandbox import deals, keys
from connectors.sandbox.deals import Sheet
from connectors.sandbox.limits import Rate
from connectors.sandbox.views.door import Asked, Refusal, Served, key_in, service

RATE = Rate(120, 60)
MOST_PAGES = 100_000


@service("crm", sign_in=key_in("X-API-Key", keys.DEALS), rate=RATE)
def closed(asked: Asked) -> Served:
    """Answer with a page of the closed deals, oldest first."""
    number, per_page = _number(asked, "page", 1, MOST_PAGES), _number(asked, "per_page", 50, deals.MOST_PER_PAGE)
    sheet = deals.sheet(asked.now, number=number, per_page=per_page, closed_since=_since(asked))
    meta = {"page": number, "per_page": per_page, "total": sheet.total, "pages": sheet.pages}
    ids = [deal["id"] for deal in sheet.rows]
    return Served(document={"data": sheet.rows, "meta": meta}, ids=ids, headers={"Link": _links(asked, sheet)})


def _links(asked: Asked, sheet: Sheet) -> str:
    """Return the header that leads to the pages around this one (RFC 8288)."""
    numbers = {"first": 1, "prev": sheet.number - 1, "next": sheet.number + 1, "last": sheet.pages}
    address = asked.request.build_absolute_uri(asked.request.path)
    rest = {name: value for name, value in asked.request.GET.items() if name != "page"}
    return ", ".join(
        f'<{address}?{urlencode({**rest, "page": number})}>; rel="{name}"'
        for name, number in numbers.items()
        if 1 <= number <= sheet.pages
    )


def _since(asked: Asked) -> datetime | None:
    text = asked.request.GET.get("closed_since", "")
    if not text:
        return None
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, "closed_since must be a date such as 2026-03-31, or a moment.") from None
    return since if since.tzinfo else since.replace(tzinfo=UTC)


def _number(asked: Asked, name: str, usual: int, most: int) -> int:
    text = asked.request.GET.get(name, str(usual))
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= most:
        raise Refusal(400, f"{name} must be from 1 to {most}.")
    return int(text)

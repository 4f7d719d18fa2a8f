"""Where an answer says that it goes on: the `Link` header (RFC 8288)."""

from __future__ import annotations

from collections.abc import Mapping

from requests.utils import parse_header_links


def next_link(headers: Mapping[str, str]) -> str | None:
    """Return the address of the next page; None where the header names none."""
    links = parse_header_links(headers.get("Link", ""))
    return next((link["url"] for link in links if "next" in link.get("rel", "").lower().split()), None)

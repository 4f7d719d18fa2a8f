"""The rows on which a way of reading is tried: those of the last answer, or the records that a feed keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from targets.record_rows import latest_rows
from targets.trying.tried import rows_at

if TYPE_CHECKING:
    from connectors.models import Feed


def rows_to_try(feed: Feed, answer: Any, query: Mapping[str, Any]) -> list[Any]:
    """Return the rows as a metric sees them. Raises Unreadable where none stand where the query says.

    Kept records have beside their fields what they were enriched with; before the first of them is kept, the answer has
    to do.
    """
    return latest_rows(feed) or rows_at(answer, query.get("rows", ""))

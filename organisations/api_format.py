"""How answers of the API look: pages and JSON. Named in the settings, so free of views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.pagination import PageNumberPagination
from rest_framework.renderers import BaseRenderer


class Pages(PageNumberPagination):
    """`?page=2&page_size=100`, at most 1,000 rows a page."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 1000


class JsonRenderer(BaseRenderer):
    """Fast JSON; NaN and infinity become null, which they are in JSON."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "text"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002  the framework's contract
        renderer_context: Mapping[str, Any] | None = None,  # noqa: ARG002  the framework's contract
    ) -> bytes:
        """Return the bytes; nothing for an empty answer."""
        option = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z
        return b"" if data is None else orjson.dumps(data, default=str, option=option)

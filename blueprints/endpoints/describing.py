"""The description of files for editors, the same for everybody: it holds no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from blueprints import describing

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
def schema(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the shape of a view
    """Answer the JSON Schema; editors that run in a browser may fetch it from elsewhere."""
    body = orjson.dumps(describing.schema(), option=orjson.OPT_INDENT_2)
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=3600"}
    return HttpResponse(body, content_type="application/schema+json", headers=headers)

"""What programs send: JSON, of a size that fits into memory many times over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

from organisations.languages import size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request


class TooLarge(APIException):
    """The body is larger than may be sent at once."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE

    def __init__(self) -> None:
        super().__init__(_("Send at most %(size)s at once.") % {"size": size(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)})


class RawJson(BaseParser):
    """Hands the body over as it came, for a typed decoder."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,  # noqa: ARG002  the framework's contract
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002  the framework's contract
    ) -> Any:
        """Return the bytes."""
        return stream.read()


class Json(RawJson):
    """JSON as RFC 8259 has it: NaN, infinity and endless nesting are refused."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Return the value. Raises ParseError."""
        try:
            return orjson.loads(super().parse(stream, media_type, parser_context))
        except orjson.JSONDecodeError as error:
            raise ParseError(_("The body is not JSON: %(error)s.") % {"error": error}) from None


def refuse_too_large(request: Request) -> None:
    """Raise TooLarge by what the request says of itself, before anything is read; servers hold clients to it."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise TooLarge

"""Errors as problem answers (RFC 9457) that name the field."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.views import exception_handler

if TYPE_CHECKING:
    from rest_framework.response import Response


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an error into a problem answer (RFC 9457): `title`, `status`, `detail`, and `errors` by field."""
    if isinstance(error, DjangoValidationError):
        error = serializers.ValidationError(serializers.as_serializer_error(error))
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _problem_body(error, response)
    response.content_type = "application/problem+json"
    return response


def _problem_body(error: Exception, response: Response) -> dict[str, Any]:
    body: dict[str, Any] = {"title": HTTPStatus(response.status_code).phrase, "status": response.status_code}
    if isinstance(error, serializers.ValidationError):
        body |= {"detail": _("Some fields need another value."), "errors": response.data}
    elif isinstance(error, Http404):
        body["detail"] = _("There is no such thing here.")
    elif isinstance(error, PermissionDenied | APIException):
        body["detail"] = str(getattr(error, "detail", error)) or body["title"]
    return body

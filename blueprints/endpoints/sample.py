"""The API of the sample targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.response import Response

from blueprints.sample.adding import add
from organisations.api import OrganisationView
from targets import sample

if TYPE_CHECKING:
    from rest_framework.request import Request

EXISTS = inline_serializer("Sample", {"exists": serializers.BooleanField()})


class Sample(OrganisationView):
    """Twelve targets with made-up readings, for a first look."""

    @extend_schema(responses=EXISTS)
    def get(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Say whether the sample targets are there."""
        return Response({"exists": sample.exists(self.access)})

    @extend_schema(request=None, responses={201: EXISTS})
    def post(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Put the sample targets in; what is there already stays as it is."""
        add(self.access, timezone.now())
        return Response({"exists": True}, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Take the sample targets out again."""
        sample.remove(self.access)
        return Response(status=status.HTTP_204_NO_CONTENT)

"""Whatever under `/api/` is no address: a problem answer, as programs expect, and not the page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.views import APIView

if TYPE_CHECKING:
    from rest_framework.request import Request

NOWHERE = _("There is no such address. Addresses end with a slash; /api/docs/ lists them.")


@extend_schema(exclude=True)
class Unknown(APIView):
    """Answers 404 to everybody, whatever the method."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002  the framework's contract
        """Raise NotFound."""
        raise NotFound(NOWHERE)

"""The base of every API view: the organisation at the door, and rows that stay inside it."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _
from rest_framework import serializers, status, viewsets
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.permissions import SAFE_METHODS
from rest_framework.views import APIView

from organisations import managed
from organisations.access import Access, access_by_key, access_for
from organisations.api_bodies import Json, refuse_too_large
from organisations.api_filters import Filters, Ordering, Search, refuse_unknown
from organisations.models import ApiKey, User
from organisations.roles import Permission
from organisations.tenancy import TenantModel, TenantQuerySet

if TYPE_CHECKING:
    from rest_framework.request import Request


LISTED: list[Any] = [Filters, Search, Ordering]  # what a list may be asked for


class Conflict(APIException):
    """What is asked does not go with what is there."""

    status_code = status.HTTP_409_CONFLICT


class OrganisationView(APIView):
    """A view under `/api/v1/<organisation>/`: resolves the organisation once, at the door."""

    access: Access
    read_permission: ClassVar[Permission] = Permission.VIEW
    write_permission: ClassVar[Permission] = Permission.EDIT
    parser_classes = [Json]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Sign in, resolve the organisation (404 when foreign or missing), then permissions and throttles."""
        refuse_too_large(request)
        if not request.user.is_authenticated:
            raise NotAuthenticated
        slug = kwargs["organisation"]
        self.access = (
            access_by_key(request.auth, slug) if isinstance(request.auth, ApiKey) else access_for(request.user, slug)
        )
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Any:
        """Answer 409 where only a file may change the row, and where the database refused what the checks had let pass.

        The latter means that somebody else was quicker.
        """
        if isinstance(exc, managed.Locked):
            exc = Conflict(str(exc))
        if isinstance(exc, IntegrityError):
            exc = Conflict(_("Somebody saved something like this at the same moment. Look again, then try again."))
        return super().handle_exception(exc)


class RowInOrganisation(serializers.PrimaryKeyRelatedField[Any]):
    """A foreign key that can name only rows of the organisation in the address."""

    def get_queryset(self) -> Any:
        """Return the rows that may be named."""
        access: Access = self.context["access"]
        queryset = super().get_queryset()
        if isinstance(queryset, TenantQuerySet):
            return queryset.within(access.organisation)
        if queryset is not None and queryset.model is User:
            return queryset.filter(memberships__organisation=access.organisation)
        raise TypeError(f"{self.field_name} offers rows that have no tenant.")


class TenantSerializer(serializers.ModelSerializer[Any]):
    """A serializer whose relations stay inside one organisation, and which knows all it is sent."""

    serializer_related_field = RowInOrganisation

    def to_internal_value(self, data: Any) -> Any:
        """Refuse unknown fields, which may be slips; those that are only answered may come back, and change nothing."""
        if isinstance(data, dict):
            refuse_unknown(data, self.fields, "field")
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Run the model's own validation, so that API and pages refuse the same things in the same words."""
        attrs = super().validate(attrs)
        row = self._row(attrs)
        if row.tenant_path == "organisation":
            row.organisation = self.context["access"].organisation
        try:
            row.clean()
            row.validate_constraints()
        except DjangoValidationError as error:
            raise serializers.ValidationError(serializers.as_serializer_error(error)) from error
        return attrs

    def _row(self, attrs: dict[str, Any]) -> Any:
        """Return the row as it would be saved."""
        model: Any = self.Meta.model
        row = copy(self.instance) if self.instance else model()
        for name, value in attrs.items():
            setattr(row, name, value)
        return row


class TenantViewSet(OrganisationView, viewsets.ModelViewSet[Any]):
    """Create, read, change and delete the organisation's rows of one model. What is not sent stays as it is.

    A row that only a file may change answers 409 to everything but reading and the actions of `leaves_alone`.
    """

    model: type[TenantModel]
    leaves_alone: ClassVar[frozenset[str]] = frozenset()  # actions that change nothing of what a file says of a row
    filter_backends = LISTED
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Open the door, unless the row that is to be changed is locked."""
        super().initial(request, *args, **kwargs)
        named = str(kwargs.get("pk", ""))
        if named.isdecimal() and self.action and request.method not in SAFE_METHODS and self.changes_row(request):
            self._refuse_locked(int(named))

    def changes_row(self, request: Request) -> bool:  # noqa: ARG002  for viewsets that look at what is sent
        """Say whether a request that writes changes what a file can say of the row."""
        return self.action not in self.leaves_alone

    def _refuse_locked(self, pk: int) -> None:
        if self.model.described_in:
            refuse = managed.refuse_deletion if self.action == "destroy" else managed.refuse_locked
            refuse(self.access.organisation, self.model.described_in, pk)
        elif self.model.described_with_parent:
            for row in self.access.rows(self.model).filter(pk=pk):
                managed.refuse_locked_row(row)

    def get_queryset(self) -> Any:
        """Return the organisation's rows; the schema generator, which has no organisation, gets none."""
        if getattr(self, "swagger_fake_view", False):
            return self.model.unscoped.none()
        return self.access.rows(self.model)

    def get_serializer_context(self) -> dict[str, Any]:
        """Hand the access to the serializer."""
        return {**super().get_serializer_context(), "access": getattr(self, "access", None)}

    def perform_create(self, serializer: serializers.BaseSerializer[Any]) -> None:
        """Put the new row under the organisation in the address, and no part under a row that is locked."""
        if self.model.described_with_parent:
            managed.refuse_locked_row(serializer.validated_data[self.model.tenant_path.split("__")[0]])
        serializer.save(
            **({"organisation": self.access.organisation} if self.model.tenant_path == "organisation" else {})
        )

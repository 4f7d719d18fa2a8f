"""The base of every API view: the organisation at the door, and rows that stay inside it."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import models
from rest_framework import serializers, viewsets
from rest_framework.exceptions import NotAuthenticated
from rest_framework.views import APIView

from organisations.access import Access, access_by_key, access_for
from organisations.models import ApiKey, User
from organisations.roles import Permission
from organisations.tenancy import TenantModel, TenantQuerySet

if TYPE_CHECKING:
    from rest_framework.request import Request

    from organisations.forms import TenantForm


class OrganisationView(APIView):
    """A view under `/api/v1/<organisation>/`: resolves the organisation once, at the door."""

    access: Access
    read_permission: ClassVar[Permission] = Permission.VIEW
    write_permission: ClassVar[Permission] = Permission.EDIT

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Sign in, resolve the organisation (404 when foreign or missing), then permissions and throttles."""
        if not request.user.is_authenticated:
            raise NotAuthenticated
        slug = kwargs["organisation"]
        self.access = (
            access_by_key(request.auth, slug) if isinstance(request.auth, ApiKey) else access_for(request.user, slug)
        )
        super().initial(request, *args, **kwargs)


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
    """A serializer whose relations stay inside one organisation."""

    serializer_related_field = RowInOrganisation

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Run the model's own validation, so that API and pages refuse the same things in the same words."""
        attrs = super().validate(attrs)
        row = self.Meta.model(**{**self._kept(), **attrs})
        row.pk = self.instance.pk if self.instance else None
        if row.tenant_path == "organisation":
            row.organisation = self.context["access"].organisation
        try:
            row.clean()
            row.validate_constraints()
        except DjangoValidationError as error:
            raise serializers.ValidationError(serializers.as_serializer_error(error)) from error
        return attrs

    def _kept(self) -> dict[str, Any]:
        if self.instance is None:
            return {}
        return {field.name: getattr(self.instance, field.name) for field in self.instance._meta.concrete_fields}


class FormSerializer(TenantSerializer):
    """A serializer that asks the page's own form, so that API and pages refuse the same things in the same words.

    `Meta.form` is a TenantForm. What is not sent keeps its value, or the form's default in a new row. After validation
    the form stands ready to be saved in `form`.
    """

    form: TenantForm[Any]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Let the form judge; its errors become those of the fields."""
        self.form = self.Meta.form(  # type: ignore[attr-defined]  # promised by the docstring
            self._as_typed(attrs), instance=copy(self.instance) if self.instance else None, access=self.context["access"]
        )
        if not self.form.is_valid():
            raise serializers.ValidationError(dict(self.form.errors))
        return {name: value for name, value in self.form.cleaned_data.items() if name in self.form.fields}

    def save(self, **kwargs: Any) -> Any:  # noqa: ARG002  the form knows its organisation
        """Save the form's row."""
        self.instance = self.form.save()
        return self.instance

    def _as_typed(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return every field of the form as if somebody had typed it."""
        form = self.Meta.form(instance=self.instance, access=self.context["access"])  # type: ignore[attr-defined]
        typed = {name: form[name].value() for name in form.fields}
        for name, value in attrs.items():
            typed[name] = value.pk if isinstance(value, models.Model) else value
        return {name: "" if value is None else value for name, value in typed.items()}


class TenantViewSet(OrganisationView, viewsets.ModelViewSet[Any]):
    """Create, read, change and delete the organisation's rows of one model."""

    model: type[TenantModel]

    def get_queryset(self) -> Any:
        """Return the organisation's rows; the schema generator, which has no organisation, gets none."""
        if getattr(self, "swagger_fake_view", False):
            return self.model.unscoped.none()
        return self.access.rows(self.model)

    def get_serializer_context(self) -> dict[str, Any]:
        """Hand the access to the serializer."""
        return {**super().get_serializer_context(), "access": getattr(self, "access", None)}

    def perform_create(self, serializer: serializers.BaseSerializer[Any]) -> None:
        """Put the new row under the organisation in the address."""
        serializer.save(
            **({"organisation": self.access.organisation} if self.model.tenant_path == "organisation" else {})
        )

"""The base of every API view: who calls, which organisation, what the role allows, and how answers look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

import orjson
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import serializers, viewsets
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAuthenticated
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView, exception_handler

from organisations.access import Access, access_by_key, access_for
from organisations.models import KEY_PREFIX_LENGTH, ApiKey, User, hash_of
from organisations.roles import Permission
from organisations.tenancy import TenantModel, TenantQuerySet

if TYPE_CHECKING:
    from rest_framework.request import Request

USE_NOTED_EVERY = timedelta(minutes=1)


class KeyAuthentication(BaseAuthentication):
    """Signs a program in by `Authorization: Bearer <key>`: found by the prefix, compared by the hash."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """Return the key's maker and the key; None when no key was sent. Raises AuthenticationFailed on a bad one."""
        word, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if word.lower() != "bearer":
            return None
        now = timezone.now()
        key = ApiKey.unscoped.select_related("created_by").filter(prefix=token[:KEY_PREFIX_LENGTH]).first()
        if key is None or key.token_hash != hash_of(token) or not key.is_live(now) or not key.created_by.is_active:
            raise AuthenticationFailed("This API key is not known, or has expired.")
        if key.last_used_at is None or now - key.last_used_at > USE_NOTED_EVERY:
            ApiKey.unscoped.filter(pk=key.pk).update(last_used_at=now)
        return key.created_by, key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  the framework's contract
        """Return what a 401 asks for."""
        return "Bearer"


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library is not annotated
    """How the schema describes the API key."""

    target_class = KeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002  the library's contract
        """Return the scheme as OpenAPI writes it."""
        return {"type": "http", "scheme": "bearer", "description": "An API key of the organisation, made under Settings."}


class CallerRate(SimpleRateThrottle):
    """One limit per caller: the key, the person, or the address."""

    scope = "caller"

    def get_cache_key(self, request: Request, view: APIView) -> str:  # noqa: ARG002  the framework's contract
        """Return what the calls are counted under."""
        who = request.auth.pk if isinstance(request.auth, ApiKey) else request.user.pk or self.get_ident(request)
        return f"api-rate:{type(request.auth).__name__}:{who}"


class RoleAllows(BasePermission):
    """Asks the role table: reading needs `view`, everything else what the view names (`edit` unless it says otherwise)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Say whether the caller's role carries what this call needs; views outside an organisation need only a sign-in."""
        access: Access | None = getattr(view, "access", None)
        if access is None:
            return bool(request.user and request.user.is_authenticated)
        if request.method in SAFE_METHODS:
            return access.may(getattr(view, "read_permission", Permission.VIEW))
        return access.may(getattr(view, "write_permission", Permission.EDIT))


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
        self.access = access_by_key(request.auth, slug) if isinstance(request.auth, ApiKey) else access_for(request.user, slug)
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
        serializer.save(**({"organisation": self.access.organisation} if self.model.tenant_path == "organisation" else {}))


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

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None) -> bytes:  # noqa: ARG002
        """Return the bytes; nothing for an empty answer."""
        return b"" if data is None else orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an error into a problem answer (RFC 9457): `title`, `status`, `detail`, and `errors` by field where there are any."""
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
        body |= {"detail": "Some fields need another value.", "errors": response.data}
    elif isinstance(error, Http404):
        body["detail"] = "There is no such thing here."
    elif isinstance(error, DjangoPermissionDenied | APIException):
        body["detail"] = str(getattr(error, "detail", error)) or body["title"]
    return body

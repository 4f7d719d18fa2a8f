"""Who calls the API, how often, and what the role allows. Named in the settings, so free of views."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.throttling import SimpleRateThrottle

from organisations.models import KEY_PREFIX_LENGTH, ApiKey, User, hash_of
from organisations.roles import Permission

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

    from organisations.access import Access

USE_NOTED_EVERY = timedelta(minutes=1)


class WrongKeys(SimpleRateThrottle):
    """Slows down an address that guesses keys; right ones are not counted."""

    rate = "30/min"

    def get_cache_key(self, request: Request, view: APIView | None) -> str:  # noqa: ARG002  the framework's contract
        """Return what the attempts are counted under."""
        return f"wrong-keys:{self.get_ident(request)}"

    def refuse(self, request: Request) -> NoReturn:
        """Raise AuthenticationFailed, or Throttled after too many."""
        if not self.allow_request(request, None):  # type: ignore[arg-type]  # the stubs ask for a view; none is used
            raise Throttled(wait=self.wait())
        raise AuthenticationFailed(_("This API key is not known, or has expired."))


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
            WrongKeys().refuse(request)
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
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key of the organisation, made under Settings.",
        }


class CallerRate(SimpleRateThrottle):
    """One limit per caller: the key, the person, or the address."""

    scope = "caller"

    def get_cache_key(self, request: Request, view: APIView) -> str:  # noqa: ARG002  the framework's contract
        """Return what the calls are counted under."""
        who = request.auth.pk if isinstance(request.auth, ApiKey) else request.user.pk or self.get_ident(request)
        return f"api-rate:{type(request.auth).__name__}:{who}"


class RoleAllows(BasePermission):
    """Asks the role table: reading needs `view`, everything else `edit`, unless the view says otherwise."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Say whether the caller's role carries what this call needs; outside an organisation a sign-in is enough."""
        access: Access | None = getattr(view, "access", None)
        if access is None:
            return bool(request.user and request.user.is_authenticated)
        if request.method in SAFE_METHODS:
            return access.may(getattr(view, "read_permission", Permission.VIEW))
        return access.may(getattr(view, "write_permission", Permission.EDIT))

"""The API of organisations, their people and their keys."""

from __future__ import annotations

from smtplib import SMTPException
from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, URLResolver, include, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import generics, routers, status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.response import Response

from organisations import invitations
from organisations.api import OrganisationView, TenantViewSet
from organisations.keys import new_key
from organisations.models import ApiKey, Invitation, Membership, Organisation
from organisations.people import change_role, remove
from organisations.roles import Permission, Role
from organisations.serializers import (
    InvitationSerializer,
    KeySerializer,
    MemberSerializer,
    NewKeySerializer,
    OrganisationSerializer,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer


class MailNotSent(APIException):
    """The invitation stands, but no mail server took the mail."""

    status_code = status.HTTP_502_BAD_GATEWAY
    default_detail = gettext_lazy(
        "The invitation is written, but its mail could not be sent. Check the mail server, then send it again."
    )


class Organisations(generics.ListCreateAPIView[Organisation]):
    """The organisations the caller can open; whoever is signed in may found another and owns it."""

    serializer_class = OrganisationSerializer
    search_fields = ["name", "slug"]
    ordering_fields = ["name", "created_at"]

    def get_queryset(self) -> QuerySet[Organisation]:
        """Return one's own; with a key, the key's only."""
        mine = Organisation.objects.filter(memberships__user=self.request.user.pk)
        return mine.filter(api_keys=self.request.auth) if isinstance(self.request.auth, ApiKey) else mine

    def perform_create(self, serializer: BaseSerializer[Organisation]) -> None:
        """Found it, with the caller as its owner."""
        if isinstance(self.request.auth, ApiKey):
            raise PermissionDenied(_("A key opens one organisation and founds no other. Sign in instead."))
        serializer.save(owner=self.request.user)


class Settings(OrganisationView, generics.RetrieveUpdateDestroyAPIView[Organisation]):
    """The organisation and what it decides for all its targets."""

    serializer_class = OrganisationSerializer
    write_permission = Permission.MANAGE
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def get_object(self) -> Organisation:
        """Return the organisation in the address."""
        return self.access.organisation

    def perform_destroy(self, instance: Organisation) -> None:
        """End the organisation with everything in it; only its owners can."""
        self.access.require(Permission.OWN)
        instance.delete()


class Members(TenantViewSet):
    """The people of the organisation; they come by invitation."""

    model = Membership
    serializer_class = MemberSerializer
    write_permission = Permission.MANAGE
    filterset_fields = ["role"]
    search_fields = ["user__name", "user__email"]
    ordering_fields = ["created_at", "role"]
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def get_queryset(self) -> Any:
        """Return the members with their names at hand."""
        return super().get_queryset().select_related("user", "organisation")

    def perform_update(self, serializer: BaseSerializer[Membership]) -> None:
        """Change the role, within one's own strength and never the last owner's."""
        member = serializer.instance
        assert member is not None  # noqa: S101  an update has its row
        if "role" in serializer.validated_data:
            change_role(self.access, member, Role(serializer.validated_data["role"]))

    def perform_destroy(self, instance: Membership) -> None:
        """End the membership, within one's own strength and never the last owner's."""
        remove(self.access, instance)


class Invitations(TenantViewSet):
    """Offers of a place; making one sends a mail."""

    model = Invitation
    serializer_class = InvitationSerializer
    read_permission = write_permission = Permission.MANAGE
    filterset_fields = {"role": ["exact"], "email": ["iexact"], "accepted_at": ["isnull"]}
    search_fields = ["email"]
    ordering_fields = ["created_at", "expires_at"]
    http_method_names = ["get", "post", "delete", "head", "options"]

    def perform_create(self, serializer: BaseSerializer[Invitation]) -> None:
        """Write the invitation and send it."""
        email, role = serializer.validated_data["email"], Role(serializer.validated_data["role"])
        invitation, token = invitations.invite(self.access, email=email, role=role, now=timezone.now())
        serializer.instance = invitation
        self._send(invitation, token)

    @extend_schema(request=None, responses=InvitationSerializer)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Send the invitation again, with a new link and its full time."""
        invitation = self.get_object()
        if invitation.accepted_at is None:
            self._send(invitation, invitations.renew(self.access, invitation, now=timezone.now()))
        return Response(self.get_serializer(invitation).data)

    def _send(self, invitation: Invitation, token: str) -> None:
        try:
            invitations.send(invitation, token)
        except (OSError, SMTPException) as error:
            raise MailNotSent from error


class Keys(TenantViewSet):
    """The keys with which programs call; the answer to the making of one is the only one that holds it."""

    model = ApiKey
    serializer_class = KeySerializer
    read_permission = write_permission = Permission.MANAGE
    filterset_fields = ["role"]
    search_fields = ["name", "prefix"]
    ordering_fields = ["name", "created_at", "expires_at", "last_used_at"]
    http_method_names = ["get", "post", "delete", "head", "options"]

    def get_queryset(self) -> Any:
        """Return the keys with their makers at hand."""
        return super().get_queryset().select_related("created_by")

    @extend_schema(request=KeySerializer, responses={201: NewKeySerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Make a key and return it, once."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        key, token = new_key(
            self.access, name=asked["name"], role=Role(asked["role"]), expires_at=asked.get("expires_at")
        )
        return Response({**self.get_serializer(key).data, "key": token}, status=status.HTTP_201_CREATED)


router = routers.SimpleRouter()
router.register("members", Members, basename="member")
router.register("invitations", Invitations, basename="invitation-api")
router.register("keys", Keys, basename="key")

api_site: list[URLPattern | URLResolver] = [path("organisations/", Organisations.as_view(), name="api-organisations")]
api: list[URLPattern | URLResolver] = [
    path("", Settings.as_view(), name="api-organisation"),
    path("", include(router.urls)),
]

"""What one person, or one program, may see and do inside one organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from organisations.models import Membership, Organisation
from organisations.roles import Permission, Role, allows
from organisations.tenancy import TenantModel, TenantQuerySet, rows_within

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from organisations.models import ApiKey, User

RowT = TypeVar("RowT", bound=TenantModel)


@dataclass(frozen=True, slots=True)
class Access:
    """The key to one organisation's rows, made once at the door and handed down.

    For a program, `user` is the person who made its key and `role` the key's own.
    """

    user: User
    organisation: Organisation
    role: Role

    def rows(self, model: type[RowT]) -> TenantQuerySet[RowT]:
        """Return the organisation's rows of a model."""
        return rows_within(self.organisation, model)

    def get(self, model: type[RowT], pk: int) -> RowT:
        """Return one row; 404 whether it is missing or another organisation's."""
        row = self.rows(model).filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which clock times are shown to this person; days and periods keep their own."""
        return ZoneInfo(self.user.time_zone or self.organisation.time_zone)

    def may(self, permission: Permission) -> bool:
        """Say whether the role carries the permission."""
        return allows(self.role, permission)

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied unless the role carries the permission."""
        if not self.may(permission):
            raise PermissionDenied(_("Your role does not allow this. Ask an owner or admin of the organisation."))


def access_for(user: User | AnonymousUser, slug: str) -> Access:
    """Return the user's access to an organisation; 404 whether it is missing or foreign."""
    if not user.is_authenticated or not user.is_active:
        raise Http404
    membership = Membership.unscoped.select_related("organisation").filter(user=user, organisation__slug=slug).first()
    if membership is None:
        raise Http404
    return Access(user, membership.organisation, Role(membership.role))


def access_by_key(key: ApiKey, slug: str) -> Access:
    """Return the access a live API key gives; 404 for any organisation but its own.

    A key is never stronger than the person who made it is now.
    """
    own = access_for(key.created_by, slug)
    if key.organisation_id != own.organisation.pk:
        raise Http404
    strength = list(Role)
    return Access(own.user, own.organisation, max(Role(key.role), own.role, key=strength.index))

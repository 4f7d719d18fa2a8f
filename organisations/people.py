"""Who belongs to an organisation: roles change, people go, and one owner always stays."""

from __future__ import annotations

from collections.abc import Container, Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organisations.access import Access
from organisations.models import Membership, Organisation
from organisations.roles import Role, grantable_by

LAST_OWNER = gettext_lazy("An organisation needs an owner. Make somebody else an owner first.")


def change_role(access: Access, member: Membership, role: Role) -> None:
    """Give a member another role.

    Raises PermissionDenied beyond one's own strength, ValidationError for the last owner.
    """
    require_reach(access, Role(member.role), role)
    set_role(member, role)


def remove(access: Access, member: Membership) -> None:
    """End a membership, one's own or another's. Raises PermissionDenied and ValidationError as `change_role` does."""
    require_reach(access, Role(member.role))
    dismiss(member)


def require_reach(access: Access, *roles: Role) -> None:
    """Raise PermissionDenied where one of the roles is stronger than one's own."""
    if not set(roles) <= set(grantable_by(access.role)):
        raise PermissionDenied(_("Nobody can give or take a role stronger than their own. Ask an owner."))


def set_role(member: Membership, role: Role) -> None:
    """Write the role, unless that would leave no owner."""
    with transaction.atomic():
        if role is not Role.OWNER:
            require_another_owner(member)
        member.role = role.value
        member.save(update_fields=["role"])


def dismiss(member: Membership) -> None:
    """Delete the membership and the API keys its person made, unless that would leave no owner."""
    with transaction.atomic():
        require_another_owner(member)
        member.organisation.api_keys.filter(created_by=member.user_id).delete()
        member.delete()


def require_another_owner(member: Membership) -> None:
    """Raise ValidationError if this is the only owner who can sign in."""
    if left_without_owner([member]):
        raise ValidationError(LAST_OWNER)


def left_without_owner(leaving: Iterable[Membership]) -> list[Organisation]:
    """Return the organisations that would have no owner who can sign in if these memberships ended.

    Within a transaction the owners are locked until its end, so that two owners cannot leave each other behind.
    """
    gone = {member.pk: member.organisation for member in leaving}
    return [organisation for organisation in dict.fromkeys(gone.values()) if _only(_owners(organisation), gone)]


def _owners(organisation: Organisation) -> list[int]:
    owners = organisation.memberships.filter(role=Role.OWNER.value, user__is_active=True)
    return [owner.pk for owner in (owners.held() if connection.in_atomic_block else owners)]


def _only(owners: list[int], gone: Container[int]) -> bool:
    return bool(owners) and all(owner in gone for owner in owners)

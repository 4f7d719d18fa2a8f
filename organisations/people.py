"""Who belongs to an organisation: roles change, people go, and one owner always stays."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from organisations.access import Access
from organisations.models import Membership, Organisation
from organisations.roles import Role, grantable_by

LAST_OWNER = "An organisation needs an owner. Make somebody else an owner first."


def change_role(access: Access, member: Membership, role: Role) -> None:
    """Give a member another role. Raises PermissionDenied beyond one's own strength, ValidationError for the last owner."""
    require_reach(access, Role(member.role), role)
    set_role(member, role)


def remove(access: Access, member: Membership) -> None:
    """End a membership, one's own or another's. Raises PermissionDenied and ValidationError as `change_role` does."""
    require_reach(access, Role(member.role))
    dismiss(member)


def require_reach(access: Access, *roles: Role) -> None:
    """Raise PermissionDenied where one of the roles is stronger than one's own."""
    if not set(roles) <= set(grantable_by(access.role)):
        raise PermissionDenied("Nobody can give or take a role stronger than their own. Ask an owner.")


def set_role(member: Membership, role: Role) -> None:
    """Write the role, unless that would leave no owner."""
    with transaction.atomic():
        if role is not Role.OWNER:
            require_another_owner(member.organisation, without=member.user_id)
        member.role = role.value
        member.save(update_fields=["role"])


def dismiss(member: Membership) -> None:
    """Delete the membership and the API keys its person made, unless that would leave no owner."""
    with transaction.atomic():
        require_another_owner(member.organisation, without=member.user_id)
        member.organisation.api_keys.filter(created_by=member.user_id).delete()
        member.delete()


def require_another_owner(organisation: Organisation, *, without: int) -> None:
    """Raise ValidationError if this person is the only owner who can sign in. Locks the owners until the transaction ends."""
    owners = organisation.memberships.select_for_update(of=("self",)).filter(role=Role.OWNER.value, user__is_active=True)
    if [owner.user_id for owner in owners.order_by("pk")] == [without]:
        raise ValidationError(LAST_OWNER)

"""Who may do what: the one table of roles and permissions. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Role(StrEnum):
    """What a member is in one organisation."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What can be allowed; every page, API call and admin screen asks for exactly one of these."""

    VIEW = "view"  # see everything of the organisation but secrets
    EDIT = "edit"  # connections, feeds, metrics, readings, targets
    MANAGE = "manage"  # people, API keys, reports, the organisation's settings
    OWN = "own"  # owners, and the end of the organisation


ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMIN: frozenset({Permission.VIEW, Permission.EDIT, Permission.MANAGE}),
    Role.EDITOR: frozenset({Permission.VIEW, Permission.EDIT}),
    Role.VIEWER: frozenset({Permission.VIEW}),
}

LABELS: dict[Role, StrOrPromise] = {
    Role.OWNER: pgettext_lazy("role", "Owner"),
    Role.ADMIN: pgettext_lazy("role", "Admin"),
    Role.EDITOR: pgettext_lazy("role", "Editor"),
    Role.VIEWER: pgettext_lazy("role", "Viewer"),
}


def allows(role: Role, permission: Permission) -> bool:
    """Say whether the role carries the permission."""
    return permission in ALLOWED[role]


def roles_with(permission: Permission) -> list[Role]:
    """Return the roles that carry the permission, strongest first."""
    return [role for role in Role if allows(role, permission)]


def grantable_by(role: Role) -> list[Role]:
    """Return the roles that somebody with this role may give to others: never one stronger than their own."""
    return [other for other in Role if ALLOWED[other] <= ALLOWED[role]]

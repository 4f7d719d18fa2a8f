"""The admin inside the same walls as the pages: staff see and change what their roles allow, superusers everything.

Django's own table of permissions is not asked: the role table is the only one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.filters import AllValuesFieldListFilter, FieldListFilter, RelatedFieldListFilter
from django.contrib.admin.utils import get_model_from_relation
from django.db import models

from organisations import managed
from organisations.models import Managed, Organisation, User
from organisations.roles import Permission, Role, allows, roles_with
from organisations.tenancy import TenantModel, TenantQuerySet, organisation_id_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpRequest

    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    BaseAdmin = admin.options.BaseModelAdmin[Any]
else:
    ModelAdmin, TabularInline, BaseAdmin = admin.ModelAdmin, admin.TabularInline, object


def all_rows(model: type[models.Model]) -> Any:
    """Return every row, still to be narrowed."""
    return model._default_manager.all()  # noqa: SLF001  the one manager that every model has


def rows_with(queryset: Any, user: Any, permission: Permission) -> Any:
    """Narrow rows of any model of ours to the organisations in which the user's role carries the permission.

    People are narrowed to those one shares an organisation with. Raises TypeError for rows that have no tenant.
    """
    if user.is_superuser:
        return queryset
    mine = user.memberships.filter(role__in=[role.value for role in roles_with(permission)]).values("organisation")
    if isinstance(queryset, TenantQuerySet):
        return queryset.visible_to(user).filter(**{f"{queryset.model.tenant_path}__in": mine})
    if queryset.model is Organisation:
        return queryset.filter(pk__in=mine)
    if queryset.model is User:
        return queryset.filter(pk__in=User.objects.filter(memberships__organisation__in=mine).values("pk"))
    raise TypeError(f"Rows of {queryset.model.__name__} have no tenant, so the admin cannot offer them to anybody.")


def unlocked(queryset: Any) -> Any:
    """Leave out the rows that only a file may change."""
    locked = Managed.unscoped.filter(section=queryset.model.described_in, is_locked=True)
    return queryset.exclude(pk__in=locked.values("row_id"))


def is_locked(row: Any) -> bool:
    """Say whether only a file may change a row of any model, or none."""
    return isinstance(row, TenantModel) and managed.is_locked(row)


def reasons_to_keep(rows: Iterable[Any]) -> list[str]:
    """Return a sentence for each row that only a file may delete, or with which such a one would go."""
    return [reason for row in rows if isinstance(row, TenantModel) and (reason := _reason_to_keep(row))]


def _reason_to_keep(row: TenantModel) -> str:
    try:
        managed.refuse_deletion_of(row)
    except managed.Locked as reason:
        return str(reason)
    return ""


class InOrganisation(BaseAdmin):
    """Rows, choices and permissions of an admin screen or an inline, by the role table and the locks of files."""

    edit_permission: ClassVar[Permission] = Permission.EDIT

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return only rows of organisations one is a member of."""
        return rows_with(super().get_queryset(request), request.user, Permission.VIEW)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer as a parent what one may change, and as a reference what one may see."""
        parent = getattr(self.model, "tenant_path", "").split("__")[0]
        permission = self.edit_permission if db_field.name == parent else Permission.VIEW
        queryset = rows_with(kwargs.get("queryset", all_rows(db_field.remote_field.model)), request.user, permission)
        is_whole = db_field.name == parent and self.model.described_with_parent
        kwargs["queryset"] = unlocked(queryset) if is_whole else queryset
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask whether the role lets one see."""
        return self.role_allows(request, Permission.VIEW, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask whether the role lets one change."""
        return self.role_allows(request, self.edit_permission, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask whether the role, and the file that describes the row, let one change."""
        return self.role_allows(request, self.edit_permission, obj) and not is_locked(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask whether the role, and the file that describes the row, let one change."""
        return self.role_allows(request, self.edit_permission, obj) and not is_locked(obj)

    def role_allows(self, request: HttpRequest, permission: Permission, obj: Any = None) -> bool:
        """Say whether one's role in the row's organisation, or for no row in any, carries the permission."""
        if not request.user.is_active or not request.user.is_staff:
            return False
        if request.user.is_superuser:
            return True
        roles = roles_of(request)
        if obj is None:
            return any(allows(role, permission) for role in roles.values())
        role = roles.get(_home(obj))
        return role is not None and allows(role, permission)


class TenantAdmin(InOrganisation, ModelAdmin):
    """The base of every admin screen about tenant rows; `edit_permission` says what changing them takes."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the app to staff who are members of anything."""
        return self.role_allows(request, Permission.VIEW)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> tuple[Any, Any, Any, list[Any]]:
        """Add what only a file may change to what protects the rows; its sentence says more than a lacking right."""
        rows = list(objs)
        found, counts, lacking, protected = super().get_deleted_objects(rows, request)
        kept = reasons_to_keep(rows)
        return found, counts, set() if kept else lacking, [*protected, *kept]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask whether the role lets one change; a new row's organisation is a choice that the form narrows."""
        return self.role_allows(request, self.edit_permission, obj)


class TenantInline(InOrganisation, TabularInline):
    """Tenant rows within the screen of their parent."""

    extra = 0


class NarrowFilter(RelatedFieldListFilter):
    """A filter by a related row that offers only rows one may see; Django's own lists everybody's."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices, narrowed where the related rows have a tenant."""
        choices: list[tuple[str, Any]] = super().field_choices(field, request, model_admin)
        model = get_model_from_relation(field)
        if not issubclass(model, TenantModel | Organisation | User):
            return choices
        seen = set(rows_with(all_rows(model), request.user, Permission.VIEW).values_list("pk", flat=True))
        return [(pk, name) for pk, name in choices if pk in seen]


class NamedFilter(AllValuesFieldListFilter):
    """A filter by a text whose empty value has a name too; Django's own draws a link without words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield the choices, the empty one as a dash."""
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or "–"}


FieldListFilter.register(lambda field: bool(field.remote_field), NarrowFilter, take_priority=True)
FieldListFilter.register(
    lambda field: isinstance(field, models.CharField) and not field.choices, NamedFilter, take_priority=True
)


def roles_of(request: HttpRequest) -> dict[int | None, Role]:
    """Return the signed-in person's role in each of their organisations, asked once per request."""
    known: dict[int | None, Role] | None = getattr(request, "roles_by_organisation", None)
    if known is None:
        pairs = request.user.memberships.values_list("organisation", "role")  # type: ignore[union-attr]  # staff are signed in
        known = {organisation: Role(role) for organisation, role in pairs}
        request.roles_by_organisation = known  # type: ignore[attr-defined]  # kept for the length of the request
    return known


def _home(row: models.Model) -> int | None:
    if isinstance(row, Organisation):
        return row.pk
    return organisation_id_of(row) if isinstance(row, TenantModel) else None

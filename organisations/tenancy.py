"""The one door to tenant rows.

Every row belongs to one organisation, found along its model's `tenant_path`. There is no `objects`: ordinary code
starts from the organisation (`access.rows(Model)`, a related manager); the few files that may say `unscoped` are named
in `tests/test_architecture.py`.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.contrib.auth.models import AnonymousUser

    from organisations.models import Organisation, User

RowT = TypeVar("RowT", bound=models.Model)
OwnedT = TypeVar("OwnedT", bound="TenantModel")


class TenantQuerySet(models.QuerySet[RowT]):
    """Rows of a tenant model, narrowed to what somebody may see."""

    def within(self, organisation: Organisation) -> Self:
        """Only the rows of one organisation."""
        return self.filter(**{self._path(): organisation})

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Only the rows of organisations the user is a member of; all of them for a superuser."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(**{f"{self._path()}__in": user.memberships.values("organisation")})

    def won(self, **values: Any) -> bool:
        """Update the rows, and say whether there were any: of several who try the same at once, one wins.

        The database looks again at a row that another has changed meanwhile, but at its own columns alone. So raises
        ValueError where the rows are chosen by those of other tables: everybody would win.
        """
        if self.query.count_active_tables() > 1:
            raise ValueError("Only columns of the rows themselves may decide who wins.")
        return bool(self.update(**values))

    def held(self) -> Self:
        """Lock the rows until the transaction ends: in one order for everybody, and no rows of tables joined to them.

        Two who lock rows in different orders may each wait for the other, and one of them is broken off.
        """
        return self.select_for_update(of=("self",)).order_by("pk")

    def _path(self) -> str:
        return str(getattr(self.model, "tenant_path"))  # noqa: B009  the bound is any model; TenantModel promises the attribute


class TenantModel(models.Model):
    """A row that belongs to one organisation, reached along `tenant_path`, such as `feed__connection__organisation`.

    The first step of the path is the row's parent. Every other foreign key to a tenant row is a reference, refused by
    `clean` unless both ends stand in the same organisation.
    """

    tenant_path: ClassVar[str]
    described_in: ClassVar[str] = ""  # the section of a file that can describe such rows; empty: none can
    described_with_parent: ClassVar[bool] = False  # whether such rows are part of what a file says about their parent

    unscoped: ClassVar[models.Manager[Any]] = models.Manager.from_queryset(TenantQuerySet)()

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Refuse a reference to another organisation's row."""
        super().clean()
        strangers = list(foreign_references(self))
        if strangers:
            raise ValidationError(dict.fromkeys(strangers, _("This belongs to another organisation.")))

    def unique_error_message(self, model_class: type[models.Model], unique_check: Sequence[str]) -> ValidationError:
        """Say at its field that a name is taken under this parent, where Django would list the constraint's columns."""
        own = [name for name in unique_check if name != self.tenant_path.split("__")[0]]
        if len(own) == 1 and len(unique_check) > 1:
            error = ValidationError({own[0]: _("This is taken already. Choose another.")})
            error.code = "unique_together"  # the constraint hands it on, and an error about a field has none of its own
            return error
        return super().unique_error_message(model_class, unique_check)


def organisation_id_of(row: TenantModel) -> int | None:
    """Walk up `tenant_path` and return the organisation's id; None where a step is not set yet."""
    *parents, last = row.tenant_path.split("__")
    current: Any = row
    for name in parents:
        current = getattr(current, name, None)
        if current is None:
            return None
    organisation_id: int | None = getattr(current, f"{last}_id")
    return organisation_id


def organisation_of(row: TenantModel) -> Organisation:
    """Walk up `tenant_path` and return the organisation of a row that is stored."""
    found: Organisation = reduce(getattr, row.tenant_path.split("__"), cast("Any", row))
    return found


def rows_within(organisation: Organisation, model: type[OwnedT]) -> TenantQuerySet[OwnedT]:
    """Return the organisation's rows of a model."""
    queryset = cast("TenantQuerySet[OwnedT]", model.unscoped.all())
    return queryset.within(organisation)


def foreign_references(row: TenantModel) -> Iterator[str]:
    """Yield the names of foreign keys that point into another organisation than the row's own."""
    home = organisation_id_of(row)
    parent = row.tenant_path.split("__")[0]
    for field in row._meta.concrete_fields:
        if field.name == parent or not isinstance(field, models.ForeignKey) or getattr(row, field.attname) is None:
            continue
        other = getattr(row, field.name)
        if isinstance(other, TenantModel) and organisation_id_of(other) != home:
            yield field.name

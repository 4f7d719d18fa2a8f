"""Admin screens of what the product writes by itself, and of rows that take such logs with them when they go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from organisations.admin_scope import TenantAdmin, reasons_to_keep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest


class Log(TenantAdmin):
    """Rows that the product writes and nobody changes."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the base's contract
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the base's contract
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the base's contract
        """Refuse: logs are thinned by age."""
        return False


class KeepsLogs(TenantAdmin):
    """A row with much that hangs on it and goes with it."""

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Name the rows and count what goes with them; Django's own would load and list every single reading."""
        rows = list(objs)
        kept = reasons_to_keep(rows)
        may_not = [row for row in rows if not kept and not self.has_delete_permission(request, row)]
        lacking = {str(self.opts.verbose_name) for _row in may_not}
        counts = {str(self.opts.verbose_name_plural): len(rows), **self._hanging_on(rows)}
        return [str(row) for row in rows], counts, lacking, kept

    def _hanging_on(self, rows: list[Any]) -> dict[str, int]:
        relations = [relation for relation in self.opts.related_objects if relation.one_to_many]
        found = {
            str(relation.related_model._meta.verbose_name_plural): sum(
                getattr(row, str(relation.get_accessor_name())).count() for row in rows
            )
            for relation in relations
        }
        return {name: count for name, count in found.items() if count}

"""What may follow the question mark of a list: filters, search and order. Anything else is refused, not passed over."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter, SearchFilter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.views import APIView

OF_EVERY_LIST = {"page", "page_size"}
NO_SUCH = {
    "field": gettext_lazy("There is no such field. Known: %(known)s."),
    "filter": gettext_lazy("There is no such filter. Known: %(known)s."),
}


class Id(django_filters.NumberFilter):  # type: ignore[misc]  # the library is not annotated
    """The id of another row. One of another organisation finds nothing, exactly like one that does not exist."""

    field_class = forms.IntegerField


def _any_id(field: models.Field[Any, Any]) -> dict[str, Any]:  # noqa: ARG001  the library's contract
    return {"min_value": 1, "max_value": models.BigIntegerField.MAX_BIGINT}


def _true_or_false(field: models.Field[Any, Any]) -> dict[str, Any]:  # noqa: ARG001  the library's contract
    return {"choices": [("true", "true"), ("false", "false")], "coerce": lambda word: word == "true"}


class TenantFilters(FilterSet):  # type: ignore[misc]  # the library is not annotated
    """Filters that offer no rows to choose from: the library's own would offer those of every organisation."""

    FILTER_DEFAULTS = deepcopy(FilterSet.FILTER_DEFAULTS) | {
        models.ForeignKey: {"filter_class": Id, "extra": _any_id},
        models.OneToOneField: {"filter_class": Id, "extra": _any_id},
        models.BooleanField: {"filter_class": django_filters.TypedChoiceFilter, "extra": _true_or_false},
    }


class Filters(DjangoFilterBackend):  # type: ignore[misc]  # the library is not annotated
    """The filters of a view; a name that it does not know is refused, for a slip would show everything."""

    filterset_base = TenantFilters

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """Return the rows that pass. Raises ValidationError for an unknown name or a value that makes no sense."""
        known = self._known(view, queryset)
        refuse_unknown(request.query_params, known, "filter")
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered

    def _known(self, view: APIView, queryset: QuerySet[Any]) -> set[str]:
        filters = self.get_filterset_class(view, queryset)
        known = OF_EVERY_LIST | set(filters.base_filters if filters else ())
        searched = {"search"} if getattr(view, "search_fields", None) else set()
        ordered = {"ordering"} if getattr(view, "ordering_fields", None) else set()
        return known | searched | ordered


class Search(SearchFilter):
    """`?search=words`, each of which has to be found."""

    def get_search_terms(self, request: Request) -> Any:
        """Return the words. Raises ValidationError that names the parameter."""
        try:
            return super().get_search_terms(request)
        except ValidationError as error:
            raise ValidationError({self.search_param: error.detail}) from None

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameter where there is something to search."""
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        return parameters if getattr(view, "search_fields", None) else []


class Ordering(OrderingFilter):
    """`?ordering=name,-created_at`; the id decides between equals, so that pages do not overlap."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """Return the rows in order; in that of their making where nobody asked and their model has none."""
        ordered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return ordered if ordered.ordered else ordered.order_by("pk")

    def remove_invalid_fields(
        self, queryset: QuerySet[Any], fields: Iterable[str], view: APIView, request: Request
    ) -> list[str]:
        """Return the fields as they were asked for. Raises ValidationError for one that cannot be ordered by."""
        known = [name for name, _ in self.get_valid_fields(queryset, view, {"request": request})]
        wanted = list(fields)
        refused = [name for name in wanted if name.removeprefix("-") not in known]
        if refused:
            words = {"name": refused[0], "known": ", ".join(known)}
            raise ValidationError({"ordering": [_("Nothing is ordered by %(name)s. Known: %(known)s.") % words]})
        return [*wanted, "pk"]

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameter with what may be ordered by; a minus before it turns the order around."""
        known: list[str] = getattr(view, "ordering_fields", None) or []
        names = [f"{sign}{name}" for name in known for sign in ("", "-")]
        schema = {"type": "array", "items": {"type": "string", "enum": names}}
        name = {"name": self.ordering_param, "required": False, "in": "query", "explode": False}
        return [{**name, "schema": schema}] if known else []


def refuse_unknown(given: Iterable[str], known: Iterable[str], what: str) -> None:
    """Raise ValidationError that names every unknown word with those that are known; `what` is field or filter."""
    listed = ", ".join(sorted(known)) or _("none")
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValidationError({name: [NO_SUCH[what] % {"known": listed}] for name in unknown})

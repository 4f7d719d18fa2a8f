"""What every template needs around its own content: permissions, form controls, addresses of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from organisations import languages
from organisations.roles import Permission

if TYPE_CHECKING:
    from django.forms import BoundField
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from organisations.access import Access

register = template.Library()

CLASS_OF_CONTROL = {
    "select": "select",
    "selectmultiple": "select many",
    "nullbooleanselect": "select",
    "textarea": "input text",
}


@register.filter
def may(access: Access | None, permission: str) -> bool:
    """Say whether this person's role carries the permission; a button that a role may not use is not shown."""
    return access is not None and access.may(Permission(permission))


@register.filter
def control(field: BoundField) -> SafeString:
    """Draw the control of a form field in the product's look."""
    looks = CLASS_OF_CONTROL.get(field.widget_type, "input")
    own = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{looks} {own}".strip()})


@register.filter
def at_page(request: HttpRequest, number: int) -> str:
    """Return the query string of this page at another page number, everything else kept."""
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def grouped(number: Any) -> str:
    """Write a count with its thousands apart, in the reader's language: 4,896."""
    return languages.grouped(number)

"""The organisation's own settings, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from organisations import languages
from organisations.access import Access
from organisations.forms import DeleteForm
from organisations.pages import organisation_page
from organisations.roles import Permission
from organisations.settings_forms import SettingsForm

if TYPE_CHECKING:
    from django.forms import BoundField
    from django.http import HttpRequest, HttpResponse


@organisation_page(Permission.VIEW, post=Permission.MANAGE)
def settings(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the settings to everybody, and let those who manage change them."""
    form = SettingsForm(request.POST or None, access=access)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("settings", organisation=access.organisation.slug)
    if form.errors:
        access.organisation.refresh_from_db()  # the frame shows the name as it is, not as it was typed
    context = {"form": form, "rows": _as_text(form), "nav": "settings", "section": "settings"}
    return render(request, "organisations/settings.html", context)


def _as_text(form: SettingsForm) -> list[tuple[str, str]]:
    """Return label and value of every setting, for those who only read them."""
    return [(str(field.label), _in_words(field)) for field in form]


def _in_words(field: BoundField) -> str:
    value = field.initial
    if isinstance(field.field, forms.IntegerField):  # the two thresholds
        return languages.percent(value / 100)
    names = dict(getattr(field.field, "choices", ()))
    return ", ".join(str(names.get(one, one)) for one in (value if isinstance(value, list) else [value]))


@organisation_page(Permission.OWN)
def organisation_delete(request: HttpRequest, access: Access) -> HttpResponse:
    """End the organisation with everything in it, once its name has been typed."""
    form = DeleteForm(request.POST or None, name=access.organisation.name)
    if request.method == "POST" and form.is_valid():
        access.organisation.delete()
        messages.success(request, _("%(organisation)s is deleted.") % {"organisation": access.organisation})
        return redirect("home")
    return render(request, "organisations/delete.html", {"form": form, "nav": "settings"})

"""The organisation's own settings, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render

from organisations.access import Access
from organisations.forms import DeleteForm
from organisations.pages import organisation_page
from organisations.roles import Permission
from organisations.settings_forms import SettingsForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@organisation_page(Permission.VIEW, post=Permission.MANAGE)
def settings(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the settings to everybody, and let those who manage change them."""
    form = SettingsForm(request.POST or None, access=access, changeable=access.may(Permission.MANAGE))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("settings", organisation=access.organisation.slug)
    if form.errors:
        access.organisation.refresh_from_db()  # the frame shows the name as it is, not as it was typed
    return render(request, "organisations/settings.html", {"form": form, "nav": "settings", "section": "settings"})


@organisation_page(Permission.OWN)
def organisation_delete(request: HttpRequest, access: Access) -> HttpResponse:
    """End the organisation with everything in it, once its name has been typed."""
    form = DeleteForm(request.POST or None, name=access.organisation.name)
    if request.method == "POST" and form.is_valid():
        access.organisation.delete()
        messages.success(request, f"{access.organisation} is deleted.")
        return redirect("home")
    return render(request, "organisations/delete.html", {"form": form, "nav": "settings"})

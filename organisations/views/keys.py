"""The keys with which programs call the API."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from organisations import languages
from organisations.access import Access
from organisations.keys import new_key
from organisations.models import ApiKey
from organisations.pages import organisation_page
from organisations.roles import Permission, Role
from organisations.settings_forms import KeyForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@never_cache
@organisation_page(Permission.MANAGE)
def api_keys(request: HttpRequest, access: Access) -> HttpResponse:
    """List the keys, and make one; the answer to the making is the only page that ever shows it."""
    now = timezone.now()
    form, token = KeyForm(request.POST or None, access=access), ""
    if request.method == "POST" and form.is_valid():
        role = Role(form.cleaned_data["role"])
        _, token = new_key(access, name=form.cleaned_data["name"], role=role, expires_at=form.expires_at(now))
        form = KeyForm(access=access)
    keys = [_line(key, access, now) for key in access.rows(ApiKey).select_related("created_by")]
    context = {"form": form, "token": token, "keys": keys, "nav": "settings", "section": "keys"}
    return render(request, "organisations/keys.html", context)


def _line(key: ApiKey, access: Access, now: datetime) -> tuple[ApiKey, str, str]:
    """Return a key, when it was last used, and the day it ends; empty for never."""
    used = key.last_used_at and languages.clock(key.last_used_at, now=now, zone=access.zone)
    ends = key.expires_at and _day(key.expires_at, access, now)
    return key, used or "", (ends or "") if key.is_live(now) else _("Expired")


def _day(moment: datetime, access: Access, now: datetime) -> str:
    return languages.day(moment.astimezone(access.zone).date(), today=now.astimezone(access.zone).date())


@require_POST
@organisation_page(Permission.MANAGE)
def api_key_revoke(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Delete a key: from now on it opens nothing."""
    key = access.get(ApiKey, pk)
    key.delete()
    messages.success(request, _("The key “%(name)s” is revoked.") % {"name": key.name})
    return redirect("api-keys", organisation=access.organisation.slug)

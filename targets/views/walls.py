"""The screen on a wall, for whoever holds its link or is signed in, and the links themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from organisations.forms import DeleteForm
from organisations.languages import clock
from organisations.pages import organisation_page
from organisations.reader import speaking
from organisations.roles import Permission
from targets import walls as links
from targets.boards import THEMES, Board, board_of
from targets.filters import Filters
from targets.forms.walls import WallForm
from targets.models import Target, Wall

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access


@require_safe
@never_cache
def wall(request: HttpRequest, token: str) -> HttpResponse:
    """Show a wall to whoever holds its link, in the organisation's language; any other link leads nowhere."""
    now, found = timezone.now(), links.found_by(token)
    if found is None:
        raise Http404
    links.note_shown(found, now)
    organisation = found.organisation
    with speaking(organisation.language):
        board = board_of(organisation, links.filters_of(found), links.targets_of(found), now, organisation.zone)
        return _screen(request, board, language=organisation.language)


@never_cache
@organisation_page(Permission.VIEW)
def wall_here(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the same to somebody who is signed in, with the filters of the list."""
    now, filters = timezone.now(), Filters.of(request.GET)
    board = board_of(access.organisation, filters, filters.apply(access.rows(Target)), now, access.zone)
    return _screen(request, board)


@never_cache
@organisation_page(Permission.MANAGE)
def walls(request: HttpRequest, access: Access) -> HttpResponse:
    """List the links, and make one; the answer to the making is the only page that ever shows it."""
    now = timezone.now()
    form, link = WallForm(request.POST or None, access=access), ""
    if request.method == "POST" and form.is_valid():
        link = links.hang(access, form.save(commit=False))
        form = WallForm(access=access)
    rows = [
        (row, row.shown_at and clock(row.shown_at, now=now, zone=access.zone))
        for row in access.rows(Wall).select_related("created_by")
    ]
    context = {"nav": "settings", "section": "walls", "form": form, "link": link, "walls": rows}
    return render(request, "targets/walls.html", context)


@organisation_page(Permission.MANAGE)
def wall_revoke(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Delete a link, once its name was typed: from now on it opens nothing."""
    row = access.get(Wall, pk)
    form = DeleteForm(request.POST or None, name=row.name)
    if request.method == "POST" and form.is_valid():
        row.delete()
        messages.success(request, _("The link of “%(name)s” is revoked.") % {"name": row.name})
        return redirect("walls", access.organisation.slug)
    return render(request, "targets/wall_revoke.html", {"nav": "settings", "form": form, "wall": row})


def _screen(request: HttpRequest, board: Board, *, language: str = "") -> HttpResponse:
    asked = request.GET.get("theme", "")
    context = {"board": board, "theme": asked if asked in THEMES else THEMES[0]}
    response = render(request, "targets/wall.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    if language:
        response["Content-Language"] = language
    return response

"""The door of every page under `/<organisation>/`, and what the frame around each page shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login

from organisations import managed
from organisations.access import Access, access_for
from organisations.models import Organisation
from organisations.roles import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

Rest = ParamSpec("Rest")
Page = Callable[Concatenate["HttpRequest", Access, Rest], "HttpResponse"]
Named = tuple[str, str]  # a row: the section of files that describes it, and the word in the address that holds its id
LAST_ORGANISATION = "organisation"


def organisation_page(
    permission: Permission,
    *,
    post: Permission | None = None,
    changes: Named | None = None,
    deletes: Named | None = None,
) -> Callable[[Page[Rest]], Callable[..., HttpResponse]]:
    """Open a view `(request, access, …)` to members whose role carries the permission; `post` asks for more on POST.

    `changes` and `deletes` name the row whose configuration the page changes, or which it deletes with all beneath it.
    Anonymous people are sent to sign in; a foreign or missing organisation is 404; a role that is too weak is 403, and
    so is a row that only a file may change. The view carries what it asks for as `asks`, and the row as `changes`,
    which the tests that walk every address read.
    """
    row, refuse = (deletes, managed.refuse_deletion) if deletes else (changes, managed.refuse_locked)

    def decorate(view: Page[Rest]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def door(request: HttpRequest, organisation: str, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            access = access_for(request.user, organisation)
            request.access = access  # type: ignore[attr-defined]  # read by `shell`, for the frame around the page
            access.require(post if post and request.method == "POST" else permission)
            if row and (pk := kwargs.get(row[1])) is not None:
                refuse(access.organisation, row[0], cast("int", pk))
            if request.session.get(LAST_ORGANISATION) != organisation:
                request.session[LAST_ORGANISATION] = organisation
            return view(request, access, *args, **kwargs)

        door.asks = (permission, post or permission)  # type: ignore[attr-defined]  # read by the tests
        door.changes = row  # type: ignore[attr-defined]  # read by the tests
        return door

    return decorate


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return what the frame of a page needs: the access at hand, the organisations, the site and its languages."""
    access: Access | None = getattr(request, "access", None)
    return {
        "access": access,
        "organisation": access.organisation if access else None,
        "my_organisations": lambda: _organisations(request),
        "site_address": settings.SITE_URL,
        "languages": settings.LANGUAGES,
    }


def _organisations(request: HttpRequest) -> list[Organisation]:
    if not request.user.is_authenticated:
        return []
    return list(Organisation.objects.filter(memberships__user=request.user))

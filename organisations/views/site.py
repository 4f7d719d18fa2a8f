"""What browsers and search engines ask of any site, whoever is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

if TYPE_CHECKING:
    from django.http import HttpRequest

# pages behind the sign-in lead to it; those that a secret link opens say noindex themselves, which must be readable
ROBOTS = "User-agent: *\nDisallow: /admin/\nDisallow: /api/\nDisallow: /sandbox/\n"
ICONS = {"icons/mark-192.png": "192x192", "icons/mark-512.png": "512x512"}
SURFACE, PAGE = "#ffffff", "#f6f6f2"  # --surface and --bg of the stylesheet


@require_safe
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the framework's contract
    """Tell search engines what is for programs and administrators only."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the framework's contract
    """Lead to the icon, where it is looked for without being named."""
    return HttpResponseRedirect(static("favicon.ico"))


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the framework's contract
    """Describe the product to a phone on whose home screen somebody puts it."""
    body = {
        "name": "Waymark",
        "short_name": "Waymark",
        "description": _("What we want to reach, where we stand, and where we will probably land."),
        "start_url": reverse("home"),
        "display": "browser",
        "theme_color": SURFACE,
        "background_color": PAGE,
        "icons": [{"src": static(file), "sizes": size, "type": "image/png"} for file, size in ICONS.items()],
    }
    return JsonResponse(body, content_type="application/manifest+json")

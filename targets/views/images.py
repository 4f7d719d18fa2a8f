"""A target's chart as a picture: for chats, for the report's preview, and for pages without scripts."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import get_language

from organisations.pages import organisation_page
from organisations.reader import speaking
from organisations.roles import Permission
from targets.charts.pictures import picture_of
from targets.models import Target

if TYPE_CHECKING:
    from django.http import HttpRequest

    from organisations.access import Access

FRESH_FOR = 60  # seconds


@organisation_page(Permission.VIEW)
def target_png(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Return the chart of the present period in the reader's language, or in the one that the address names."""
    with speaking(_language_of(request)):
        return _picture(request, access, pk)


def _language_of(request: HttpRequest) -> str:
    """Return the language that the address names, as the preview of a mail does, else the reader's."""
    named = request.GET.get("language", "")
    return named if named in dict(settings.LANGUAGES) else get_language() or settings.LANGUAGE_CODE


def _picture(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Return the chart in the active language; drawn anew only when something changed since."""
    target = access.rows(Target).select_related("metric", "organisation").filter(pk=pk).first()
    if target is None or target.track is None:
        raise Http404
    etag = quote_etag(f"{target.pk}-{target.version}-{target.evaluated_at}-{get_language()}-{_notes_of(target)}")
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or HttpResponse(picture_of(target, target.track, timezone.now()), content_type="image/png")
    response["ETag"] = etag
    patch_cache_control(response, private=True, max_age=FRESH_FOR)
    return response


def _notes_of(target: Target) -> str:
    """Return what tells one set of notes from another: their days decide the letters and the flags."""
    days = target.notes.values_list("on", flat=True)
    return sha256(",".join(map(str, days)).encode()).hexdigest()[:12]

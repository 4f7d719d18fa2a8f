"""What is behind the pretend services: the switch with which they misbehave, and the ledger of what they did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.views.decorators.http import require_GET, require_http_methods

from connectors.sandbox import books, chaos, ledger

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest) -> JsonResponse:
    """Say how the switch stands, or let a superuser set it: `{"service", "kinds", "share", "ledger"}`."""
    if request.method == "GET":
        return JsonResponse(chaos.switches())
    if not request.user.is_superuser:
        return JsonResponse({"error": "Only superusers may set the switch."}, status=403)
    try:
        wanted = json.loads(request.body)
        world = books.checked(wanted.get("ledger", books.COMMON))
        kinds, share = list(wanted.get("kinds", [])), float(wanted.get("share", 1))
        chaos.switch(str(wanted["service"]), kinds, share=share, world=world)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return JsonResponse({"error": f"Send service, kinds and share: {error}"}, status=400)
    return JsonResponse(chaos.switches(world))


@require_GET
def told(request: HttpRequest) -> JsonResponse:
    """Answer with a ledger: what was served and charged to calls that named it in `X-Ledger`."""
    try:
        name = books.checked(request.GET.get("name", ""))
    except books.BadName as error:
        return JsonResponse({"error": f"Say whose it is, in name. {error}"}, status=400)
    return JsonResponse(ledger.told(name))

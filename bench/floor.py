"""The floor: what the framework costs before any work. A page that says “ok” beside the product's own addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

import trackerproject.urls
from bench.load import OK_ADDRESS
from bench.measure import Row, cpu_ms
from organisations.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.load import World


def ok(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  the framework's contract
    """Answer."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [path(OK_ADDRESS, ok), *trackerproject.urls.urlpatterns]


def rows(world: World) -> Iterator[Row]:
    """Yield what a bare answer costs, without middleware and with the product's."""
    bare = cpu_ms(lambda: world.stranger.get(f"/{OK_ADDRESS}"), times=500, warm_up=50)
    yield Row(what="A bare answer without middleware", measured=bare, unit="ms CPU")
    yield Row(what="A bare answer behind the middleware: the floor", measured=world.floor_ms, unit="ms CPU")
    organisations = Organisation.objects.filter(slug=world.large.organisation.slug)
    read = cpu_ms(lambda: organisations.all().get(), times=300, warm_up=30)
    yield Row(what="One row read through the ORM", measured=read, unit="ms CPU", floor=world.floor_ms)

"""The API of connections, what is asked of them, what they answered, and what was made of it."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework import routers

from connectors.endpoints.calls import Calls, CallSummary
from connectors.endpoints.records import Enrichments, Records
from connectors.endpoints.rows import SetAsideRows, ShapeChanges
from connectors.endpoints.sources import Collections, Connections, Feeds, Kinds

router = routers.SimpleRouter()
router.register("connections", Connections, basename="api-connection")
router.register("feeds", Feeds, basename="api-feed")
router.register("collections", Collections, basename="api-collection")
router.register("calls", Calls, basename="api-call")
router.register("records", Records, basename="api-record")
router.register("enrichments", Enrichments, basename="api-enrichment")

api: list[URLPattern | URLResolver] = [
    path("kinds/", Kinds.as_view(), name="api-kinds"),
    path("connections/<int:pk>/calls/summary/", CallSummary.as_view(), name="api-call-summary"),
    path("collections/<int:collection>/set-aside/", SetAsideRows.as_view(), name="api-set-aside"),
    path("feeds/<int:feed>/shape-changes/", ShapeChanges.as_view(), name="api-shape-changes"),
    path("", include(router.urls)),
]

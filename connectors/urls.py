"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path

from connectors import endpoints
from connectors.views import calls, connections, enrichment, feeds, limits, new_kind, records, set_aside

site: list[URLPattern | URLResolver] = []
pages: list[URLPattern | URLResolver] = [
    path("connections/", connections.connections, name="connections"),
    path("connections/calls/", calls.calls_everywhere, name="calls-everywhere"),
    path("connections/<int:pk>/", connections.connection, name="connection"),
    path("connections/<int:pk>/calls/", calls.calls, name="calls"),
    path("connections/<int:pk>/calls/<int:callrecord>/", calls.call, name="call"),
    path("connections/<int:pk>/edit/", connections.connection_edit, name="connection-edit"),
    path("connections/<int:pk>/key/", connections.connection_key, name="connection-key"),
    path("connections/<int:pk>/delete/", connections.connection_delete, name="connection-delete"),
    path("connections/<int:pk>/test/", connections.connection_test, name="connection-test"),
    path("connections/<int:pk>/try-again/", limits.try_again, name="connection-try-again"),
    path("connections/<int:pk>/feeds/<int:feed>/", feeds.feed_edit, name="feed-edit"),
    path("connections/<int:pk>/feeds/<int:feed>/pause/", feeds.feed_pause, name="feed-pause"),
    path("connections/<int:pk>/feeds/<int:feed>/collect/", feeds.feed_collect, name="feed-collect"),
    path("connections/<int:pk>/feeds/<int:feed>/set-aside/", set_aside.set_aside, name="set-aside"),
    path("connections/kinds/<slug:kind>/", new_kind.connection_of_kind, name="connection-of-kind"),
    path("connections/<int:pk>/feeds/<int:feed>/records/", records.records, name="records"),
    path("connections/<int:pk>/feeds/<int:feed>/records/download/", records.records_download, name="records-download"),
    path("connections/<int:pk>/feeds/<int:feed>/records/again/", records.records_again, name="records-again"),
    path("connections/<int:pk>/feeds/<int:feed>/records/<int:record>/", records.record, name="record"),
    path("connections/<int:pk>/feeds/<int:feed>/enrichment/", enrichment.enrichment, name="enrichment"),
    path("connections/<int:pk>/feeds/<int:feed>/enrichment/turn/", enrichment.enrichment_turn, name="enrichment-turn"),
    path(
        "connections/<int:pk>/feeds/<int:feed>/enrichment/delete/",
        enrichment.enrichment_delete,
        name="enrichment-delete",
    ),
]
api_site: list[URLPattern | URLResolver] = []
api: list[URLPattern | URLResolver] = endpoints.api

"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path

from connectors import endpoints
from connectors.views import connections, feeds

site: list[URLPattern | URLResolver] = []
pages: list[URLPattern | URLResolver] = [
    path("connections/", connections.connections, name="connections"),
    path("connections/<int:pk>/", connections.connection, name="connection"),
    path("connections/<int:pk>/edit/", connections.connection_edit, name="connection-edit"),
    path("connections/<int:pk>/key/", connections.connection_key, name="connection-key"),
    path("connections/<int:pk>/delete/", connections.connection_delete, name="connection-delete"),
    path("connections/<int:pk>/test/", connections.connection_test, name="connection-test"),
    path("connections/<int:pk>/feeds/<int:feed>/", feeds.feed_edit, name="feed-edit"),
    path("connections/<int:pk>/feeds/<int:feed>/pause/", feeds.feed_pause, name="feed-pause"),
    path("connections/<int:pk>/feeds/<int:feed>/collect/", feeds.feed_collect, name="feed-collect"),
]
api_site: list[URLPattern | URLResolver] = []
api: list[URLPattern | URLResolver] = endpoints.api

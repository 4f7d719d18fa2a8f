"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path

from connectors import endpoints, views

site: list[URLPattern | URLResolver] = []
pages: list[URLPattern | URLResolver] = [
    path("connections/", views.connections, name="connections"),
    path("connections/<int:pk>/", views.connection, name="connection"),
    path("connections/<int:pk>/edit/", views.connection_edit, name="connection-edit"),
    path("connections/<int:pk>/delete/", views.connection_delete, name="connection-delete"),
    path("connections/<int:pk>/test/", views.connection_test, name="connection-test"),
    path("connections/<int:pk>/feeds/<int:feed>/", views.feed_edit, name="feed-edit"),
    path("connections/<int:pk>/feeds/<int:feed>/pause/", views.feed_pause, name="feed-pause"),
    path("connections/<int:pk>/feeds/<int:feed>/collect/", views.feed_collect, name="feed-collect"),
]
api_site: list[URLPattern | URLResolver] = []
api: list[URLPattern | URLResolver] = endpoints.api

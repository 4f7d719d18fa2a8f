"""Addresses of this app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from blueprints.views import difference, kept

site: list[URLPattern | URLResolver] = []
pages: list[URLPattern | URLResolver] = [
    path("settings/blueprint/", difference.blueprint, name="blueprint"),
    path("settings/blueprint/export/", kept.blueprint_export, name="blueprint-export"),
    path("settings/blueprint/<int:pk>/again/", difference.blueprint_again, name="blueprint-again"),
    path("settings/blueprint/<int:pk>/download/", kept.blueprint_download, name="blueprint-download"),
    path("settings/blueprint/<int:pk>/lock/", kept.blueprint_lock, name="blueprint-lock"),
    path("settings/blueprint/<int:pk>/forget/", kept.blueprint_forget, name="blueprint-forget"),
]
api_site: list[URLPattern | URLResolver] = []
api: list[URLPattern | URLResolver] = []

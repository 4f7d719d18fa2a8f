"""Addresses of the new-connection wizard, under `/<organisation>/`."""

from django.urls import URLPattern, URLResolver, path

from targets.views import wizard

pages: list[URLPattern | URLResolver] = [
    path("connections/new/", wizard.connection_new, name="connection-new"),
    path("connections/new/sign-in/", wizard.connection_sign_in, name="connection-sign-in"),
    path("connections/new/pick/", wizard.connection_pick, name="connection-pick"),
]

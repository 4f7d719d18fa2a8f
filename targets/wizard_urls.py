"""Addresses of the pages on which a number is picked, under `/<organisation>/`."""

from django.urls import URLPattern, URLResolver, path

from targets.views import numbers, wizard

pages: list[URLPattern | URLResolver] = [
    path("connections/new/", wizard.connection_new, name="connection-new"),
    path("connections/new/sign-in/", wizard.connection_sign_in, name="connection-sign-in"),
    path("connections/new/pick/", wizard.connection_pick, name="connection-pick"),
    path("connections/<int:pk>/feeds/<int:feed>/numbers/new/", numbers.feed_number, name="feed-number"),
]

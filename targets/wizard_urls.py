"""Addresses of the pages on which a number is picked, under `/<organisation>/`."""

from django.urls import URLPattern, URLResolver, path

from targets.views import numbers, services, wizard

pages: list[URLPattern | URLResolver] = [
    path("connections/new/", wizard.connection_new, name="connection-new"),
    path("connections/new/sign-in/", wizard.connection_sign_in, name="connection-sign-in"),
    path("connections/new/pick/", wizard.connection_pick, name="connection-pick"),
    path("services/", services.services, name="services"),
    path("services/<slug:service>/", services.service, name="service"),
    path("services/<slug:service>/metrics/", services.service_metrics, name="service-metrics"),
    path("connections/<int:pk>/feeds/<int:feed>/numbers/new/", numbers.feed_number, name="feed-number"),
]

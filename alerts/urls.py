"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from alerts import endpoints, views

router = SimpleRouter()
router.register("reports", endpoints.Reports, basename="api-report")
router.register("recipients", endpoints.Recipients, basename="api-recipient")
router.register("deliveries", endpoints.Deliveries, basename="api-delivery")

site: list[URLPattern | URLResolver] = [path("stop/<uuid:token>/", views.report_stop, name="report-stop")]
pages: list[URLPattern | URLResolver] = [
    path("reports/", views.reports, name="reports"),
    path("reports/new/", views.report_edit, name="report-new"),
    path("reports/new/mail/", views.report_draft, name="report-new-mail"),
    path("reports/<int:pk>/edit/mail/", views.report_draft, name="report-edit-mail"),
    path("reports/<int:pk>/edit/", views.report_edit, name="report-edit"),
    path("reports/<int:pk>/preview/", views.report_preview, name="report-preview"),
    path("reports/<int:pk>/preview/mail/", views.report_mail, name="report-mail"),
    path("reports/<int:pk>/test/", views.report_test, name="report-test"),
    path("reports/deliveries/<int:pk>/again/", views.delivery_again, name="delivery-again"),
]
api_site: list[URLPattern | URLResolver] = []
api: list[URLPattern | URLResolver] = [path("", include(router.urls))]

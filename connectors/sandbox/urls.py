"""Addresses of the pretend services."""

from django.urls import path

from connectors.sandbox import views

urlpatterns = [
    path("analytics/visitors", views.visitors, name="sandbox-visitors"),
    path("analytics/unique-visitors", views.unique_visitors, name="sandbox-unique-visitors"),
    path("summary", views.summary, name="sandbox-summary"),
]

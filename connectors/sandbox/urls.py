"""Addresses of the pretend services."""

from django.urls import path

from connectors.sandbox import views

urlpatterns = [
    path("analytics/visitors", views.visitors, name="sandbox-visitors"),
    path("analytics/unique-visitors", views.unique_visitors, name="sandbox-unique-visitors"),
    path("summary", views.summary, name="sandbox-summary"),
    path("orders", views.orders, name="sandbox-orders"),
    path("orders.csv", views.orders_csv, name="sandbox-orders-csv"),
    path("umsatz.csv", views.revenue_csv, name="sandbox-revenue-csv"),
    path("metrics", views.prometheus, name="sandbox-metrics"),
    path("online", views.online, name="sandbox-online"),
]

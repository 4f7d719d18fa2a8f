"""Addresses of the pretend services."""

from django.urls import path

from connectors.sandbox.views import analytics, crm, desk, exchange, gateway, models, room, shop, social

urlpatterns = [
    path("analytics/visitors", analytics.visitors, name="sandbox-visitors"),
    path("analytics/unique-visitors", analytics.unique_visitors, name="sandbox-unique-visitors"),
    path("summary", analytics.summary, name="sandbox-summary"),
    path("orders", shop.orders, name="sandbox-orders"),
    path("orders.csv", shop.orders_csv, name="sandbox-orders-csv"),
    path("umsatz.csv", shop.revenue_csv, name="sandbox-revenue-csv"),
    path("metrics", shop.prometheus, name="sandbox-metrics"),
    path("online", shop.online, name="sandbox-online"),
    path("stock", shop.in_stock, name="sandbox-stock"),
    path("stock/orders", shop.stock_orders, name="sandbox-stock-orders"),
    path("social/posts", social.posts, name="sandbox-posts"),
    path("gateway/token", gateway.token, name="sandbox-token"),
    path("gateway/sentiment", gateway.judge, name="sandbox-sentiment"),
    path("ai/v1/models", models.models, name="sandbox-models"),
    path("ai/v1/chat/completions", models.completions, name="sandbox-completions"),
    path("crm/deals", crm.closed, name="sandbox-deals"),
    path("room/temperature", room.temperature, name="sandbox-temperature"),
    path("room/thermostat", room.thermostat, name="sandbox-thermostat"),
    path("prices", exchange.quoted, name="sandbox-prices"),
    path("chaos", desk.switch, name="sandbox-chaos"),
    path("ledger", desk.told, name="sandbox-ledger"),
]

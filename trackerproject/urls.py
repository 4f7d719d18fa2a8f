"""Every address: `site` at the root, `pages` under `/<organisation>/`, `api` under `/api/v1/<organisation>/`.

Each app lists its own addresses in its `urls.py` under those three names.
"""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

import alerts.urls
import blueprints.urls
import connectors.urls
import organisations.urls
import targets.urls
from trackerproject.api_unknown import Unknown
from trackerproject.schema import site as schema

APPS = [organisations.urls, connectors.urls, targets.urls, alerts.urls, blueprints.urls]

sandbox: list[URLPattern | URLResolver] = (
    [path("sandbox/", include("connectors.sandbox.urls"))] if settings.SANDBOX else []
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    *sandbox,
    *schema,
    *[pattern for app in APPS for pattern in app.site],
    path("api/v1/", include([pattern for app in APPS for pattern in app.api_site])),
    path("api/v1/<slug:organisation>/", include([pattern for app in APPS for pattern in app.api])),
    re_path("^api/", Unknown.as_view(), name="api-unknown"),
    path("<slug:organisation>/", include([pattern for app in APPS for pattern in app.pages])),
]

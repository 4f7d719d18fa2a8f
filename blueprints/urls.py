"""Addresses of this app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from blueprints.endpoints import describing, documents
from blueprints.endpoints import kept as kept_api
from blueprints.endpoints import sample as sample_api
from blueprints.endpoints import starters as starters_api
from blueprints.views import difference, kept, sample, starters

router = SimpleRouter()
router.register("blueprints", kept_api.Blueprints, basename="api-blueprint")

site: list[URLPattern | URLResolver] = []
pages: list[URLPattern | URLResolver] = [
    path("settings/blueprint/", difference.blueprint, name="blueprint"),
    path("settings/blueprint/export/", kept.blueprint_export, name="blueprint-export"),
    path("settings/blueprint/<int:pk>/again/", difference.blueprint_again, name="blueprint-again"),
    path("settings/blueprint/<int:pk>/download/", kept.blueprint_download, name="blueprint-download"),
    path("settings/blueprint/<int:pk>/lock/", kept.blueprint_lock, name="blueprint-lock"),
    path("settings/blueprint/<int:pk>/forget/", kept.blueprint_forget, name="blueprint-forget"),
    path("sample/add/", sample.sample_add, name="sample-add"),
    path("sample/remove/", sample.sample_remove, name="sample-remove"),
    path("starters/", starters.starters, name="starters"),
    path("starters/<slug:starter>/", starters.starter, name="starter"),
    path("starters/<slug:starter>/preview/", starters.starter_preview, name="starter-preview"),
]
api_site: list[URLPattern | URLResolver] = [
    path("blueprint.schema.json", describing.schema, name="api-blueprint-schema")
]
api: list[URLPattern | URLResolver] = [
    path("blueprint/", documents.Document.as_view(), name="api-document"),
    path("blueprint/validate/", documents.Validate.as_view(), name="api-document-validate"),
    path("blueprint/plan/", documents.Plan.as_view(), name="api-document-plan"),
    path("blueprint/apply/", documents.Apply.as_view(), name="api-document-apply"),
    path("sample/", sample_api.Sample.as_view(), name="api-sample"),
    path("starters/", starters_api.Starters.as_view(), name="api-starters"),
    path("starters/<slug:starter>/", starters_api.OneStarter.as_view(), name="api-starter"),
    path("starters/<slug:starter>/apply/", starters_api.UseStarter.as_view(), name="api-starter-apply"),
    path("", include(router.urls)),
]

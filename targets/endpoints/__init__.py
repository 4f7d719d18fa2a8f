"""The API of metrics, their observations, targets, the notes on them, and walls."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework import routers

from targets.endpoints.back_fills import BackFills
from targets.endpoints.metrics import Metrics
from targets.endpoints.notes import Notes
from targets.endpoints.observations import Days, Observations
from targets.endpoints.services import OneService, Services
from targets.endpoints.targets import Targets
from targets.endpoints.walls import Walls

router = routers.SimpleRouter()
router.register("metrics", Metrics, basename="api-metric")
router.register("targets", Targets, basename="api-target")
router.register("back-fills", BackFills, basename="api-back-fill")
router.register("walls", Walls, basename="api-wall")

api: list[URLPattern | URLResolver] = [
    path("services/", Services.as_view(), name="api-services"),
    path("services/<slug:service>/", OneService.as_view(), name="api-service"),
    path("metrics/<int:metric>/observations/", Observations.as_view(), name="api-observations"),
    path("metrics/<int:metric>/days/", Days.as_view(), name="api-days"),
    path("targets/<int:target>/notes/", Notes.as_view({"get": "list", "post": "create"}), name="api-note-list"),
    path(
        "targets/<int:target>/notes/<int:pk>/",
        Notes.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="api-note-detail",
    ),
    path("", include(router.urls)),
]

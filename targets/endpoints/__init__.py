"""The API of metrics, their observations, and targets."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework import routers

from targets.endpoints.metrics import Metrics
from targets.endpoints.observations import Days, Observations
from targets.endpoints.sample import Sample
from targets.endpoints.targets import Targets

router = routers.SimpleRouter()
router.register("metrics", Metrics, basename="api-metric")
router.register("targets", Targets, basename="api-target")

api: list[URLPattern | URLResolver] = [
    path("metrics/<int:metric>/observations/", Observations.as_view(), name="api-observations"),
    path("metrics/<int:metric>/days/", Days.as_view(), name="api-days"),
    path("sample/", Sample.as_view(), name="api-sample"),
    path("", include(router.urls)),
]

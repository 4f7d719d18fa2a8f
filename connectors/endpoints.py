"""The API of connections, feeds, and the log of what was collected and called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import URLPattern, URLResolver, include, path
from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import routers, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from connectors import asking, registry
from connectors.models import CallRecord, Collection, Connection, Feed
from connectors.serializers import CallSerializer, CollectionSerializer, ConnectionSerializer, FeedSerializer
from organisations.api import OrganisationView, TenantViewSet

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer

READ = ["get", "head", "options"]
SAYS = inline_serializer("Sentence", {"detail": serializers.CharField()})


class Kinds(OrganisationView):
    """The kinds of connection, with the fields that their settings, secrets and queries take."""

    @extend_schema(responses=serializers.ListField(child=serializers.DictField()))
    def get(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """List the kinds."""
        return Response([_described(slug) for slug in registry.all_kinds()])


def _described(slug: str) -> dict[str, Any]:
    kind = registry.kind(slug)
    forms = {"settings": kind.Settings, "secrets": kind.Secrets, "query": kind.Query}
    fields = {part: {name: str(field.help_text) for name, field in form().fields.items()} for part, form in forms.items()}
    return {"kind": slug, "label": kind.LABEL, "summary": kind.SUMMARY, "collects": kind.COLLECTS, **fields}


class Connections(TenantViewSet):
    """Places that have data. Changed settings or secrets wake the feeds that had stopped."""

    model = Connection
    serializer_class = ConnectionSerializer
    filterset_fields = ["kind", "is_sample", "name"]
    search_fields = ["name"]
    ordering_fields = ["name", "created_at"]

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """Save, and let feeds that were refused or failed begin anew."""
        with transaction.atomic():
            super().perform_update(serializer)
            asking.again(serializer.instance, timezone.now())


class Feeds(TenantViewSet):
    """What is asked, how often, and how it is going."""

    model = Feed
    serializer_class = FeedSerializer
    filterset_fields = ["connection", "health", "asks"]
    search_fields = ["name", "connection__name"]
    ordering_fields = ["name", "due_at", "answered_at", "created_at"]

    def get_queryset(self) -> Any:
        """Return the feeds with their connections at hand."""
        return super().get_queryset().select_related("connection__organisation")

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """Save, and ask at once with the change."""
        with transaction.atomic():
            super().perform_update(serializer)
            asking.now(serializer.instance, timezone.now())

    @extend_schema(request=None, responses=SAYS)
    @action(detail=True, methods=["post"])
    def collect(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Ask now, whatever the schedule; the answer is there within seconds."""
        return Response({"detail": asking.now(self.get_object(), timezone.now())})

    @extend_schema(request=None, responses=FeedSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Ask no more until resumed."""
        feed = self.get_object()
        asking.pause(feed, timezone.now())
        return Response(self.get_serializer(feed).data)

    @extend_schema(request=None, responses=FeedSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Ask again, at once, for what was missed too."""
        feed = self.get_object()
        asking.resume(feed, timezone.now())
        return Response(self.get_serializer(feed).data)


class Collections(TenantViewSet):
    """Every run of every feed."""

    model = Collection
    serializer_class = CollectionSerializer
    http_method_names = READ
    filterset_fields = {"feed": ["exact"], "outcome": ["exact"], "started_at": ["gte", "lt"]}
    ordering_fields = ["started_at"]


class Calls(TenantViewSet):
    """Every request that went out."""

    model = CallRecord
    serializer_class = CallSerializer
    http_method_names = READ
    filterset_fields = {"connection": ["exact"], "collection": ["exact"], "status": ["exact"], "at": ["gte", "lt"]}
    ordering_fields = ["at", "took"]


router = routers.SimpleRouter()
router.register("connections", Connections, basename="api-connection")
router.register("feeds", Feeds, basename="api-feed")
router.register("collections", Collections, basename="api-collection")
router.register("calls", Calls, basename="api-call")

api: list[URLPattern | URLResolver] = [
    path("kinds/", Kinds.as_view(), name="api-kinds"),
    path("", include(router.urls)),
]

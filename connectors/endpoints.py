"""The API of connections, feeds, and the log of what was collected and called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.db import transaction
from django.urls import URLPattern, URLResolver, include, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import routers, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from connectors import asking, registry
from connectors.models import CallRecord, Collection, Connection, Feed
from connectors.models.feed import Health, of_health
from connectors.secrets import KeyLost
from connectors.serializers import (
    CallSerializer,
    CollectionSerializer,
    ConnectionSerializer,
    FeedSerializer,
    ResultSerializer,
    TrySerializer,
    cleaned,
)
from connectors.trials import tried
from organisations.api import Conflict, OrganisationView, TenantViewSet
from organisations.api_filters import TenantFilters

if TYPE_CHECKING:
    from django import forms
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer

READ = ["get", "head", "options"]
FIELD = inline_serializer(
    "KindField",
    {
        "name": serializers.CharField(),
        "label": serializers.CharField(),
        "help": serializers.CharField(),
        "required": serializers.BooleanField(),
        "choices": serializers.ListField(child=serializers.CharField()),
    },
    many=True,
)
KINDS = inline_serializer(
    "Kind",
    {
        "kind": serializers.CharField(),
        "label": serializers.CharField(),
        "summary": serializers.CharField(),
        "collects": serializers.BooleanField(help_text="False where values arrive by themselves."),
        "settings": FIELD,
        "secrets": FIELD,
        "query": FIELD,
    },
    many=True,
)
ASKED = inline_serializer("Asked", {"detail": serializers.CharField()})


class Kinds(OrganisationView):
    """The kinds of connection, with the fields that their settings, secrets and queries take."""

    @extend_schema(responses=KINDS)
    def get(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """List the kinds of connection and what each takes."""
        return Response([_described(slug) for slug in registry.all_kinds()])


def _described(slug: str) -> dict[str, Any]:
    kind = registry.kind(slug)
    parts = {"settings": kind.Settings, "secrets": kind.Secrets, "query": kind.Query}
    fields = {part: [_field(name, field) for name, field in form.base_fields.items()] for part, form in parts.items()}
    return {"kind": slug, "label": str(kind.LABEL), "summary": str(kind.SUMMARY), "collects": kind.COLLECTS, **fields}


def _field(name: str, field: forms.Field) -> dict[str, Any]:
    return {
        "name": name,
        "label": str(field.label or name.replace("_", " ").capitalize()),
        "help": str(field.help_text),
        "required": field.required,
        "choices": [value for value, _ in getattr(field, "choices", [])],
    }


class Connections(TenantViewSet):
    """Places that have data. Changed settings or secrets wake the feeds that had stopped."""

    model = Connection
    serializer_class = ConnectionSerializer
    filterset_fields = ["kind", "is_sample", "name"]
    search_fields = ["name"]
    ordering_fields = ["name", "created_at"]
    leaves_alone = frozenset({"test"})

    def changes_row(self, request: Request) -> bool:
        """Let secrets through by themselves: a file names them and does not hold them."""
        sent = set(request.data) if isinstance(request.data, dict) else set()
        return super().changes_row(request) and (self.action != "partial_update" or sent != {"secrets"})

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """Save, and let feeds that were refused or failed begin anew."""
        with transaction.atomic():
            asking.again(serializer.save(), timezone.now())

    @extend_schema(request=TrySerializer, responses=ResultSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Ask once and show what came; nothing of it is kept."""
        connection = self.get_object()
        asked = TrySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        result = tried(
            kind=connection.kind_module,
            settings=connection.settings,
            secrets=_opened(connection),
            query=_query(connection, asked.validated_data),
            zone=self.access.organisation.zone,
            now=timezone.now(),
        )
        return Response(ResultSerializer(result).data)


def _opened(connection: Connection) -> dict[str, str]:
    try:
        return connection.unseal()
    except KeyLost as error:
        raise Conflict(str(error)) from None


def _query(connection: Connection, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what to ask. Raises ValidationError for a strange feed, and Conflict where there is nobody to ask."""
    if not connection.kind_module.COLLECTS:
        raise Conflict(asking.nobody())
    if "query" in asked:
        return cleaned(connection.kind_module.Query, asked["query"], "query")
    feeds = connection.feeds.filter(pk=asked["feed"]) if "feed" in asked else connection.feeds.all()
    feed = feeds.first()
    if feed is None and "feed" in asked:
        raise ValidationError({"feed": [_("The connection has no such feed.")]})
    return feed.query if feed else {}


class FeedFilters(TenantFilters):
    """`health` is how a feed is doing now: silence and pausing count."""

    health = django_filters.ChoiceFilter(choices=Health.choices, method="of_health")

    class Meta:
        model = Feed
        fields = ["connection", "asks"]

    def of_health(self, rows: QuerySet[Feed], name: str, health: str) -> QuerySet[Feed]:  # noqa: ARG002  the library's contract
        """Return the feeds of one health."""
        return rows.filter(of_health(health, timezone.now()))


class Feeds(TenantViewSet):
    """What is asked, how often, and how it is going."""

    model = Feed
    serializer_class = FeedSerializer
    filterset_class = FeedFilters
    search_fields = ["name", "connection__name"]
    ordering_fields = ["name", "due_at", "answered_at", "created_at"]
    leaves_alone = frozenset({"collect"})

    def get_queryset(self) -> Any:
        """Return the feeds with their connections at hand."""
        return super().get_queryset().select_related("connection__organisation")

    def get_serializer_context(self) -> dict[str, Any]:
        """Hand the clock to the serializer, which tells how a feed is doing now."""
        return {**super().get_serializer_context(), "now": timezone.now()}

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """Save, and ask at once with the change."""
        with transaction.atomic():
            asking.now(serializer.save(), timezone.now())

    @extend_schema(request=None, responses={202: ASKED})
    @action(detail=True, methods=["post"])
    def collect(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Ask now, whatever the schedule; the answer is there within seconds."""
        return ask(self.get_object())

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


def ask(feed: Feed) -> Response:
    """Make a feed due and answer 202. Raises Conflict where it is paused, or nobody is there to ask."""
    now = timezone.now()
    sentence = asking.now(feed, now)
    if feed.due_at != now:
        raise Conflict(sentence)
    return Response({"detail": sentence}, status=202)


class Collections(TenantViewSet):
    """Every run of every feed, latest first."""

    model = Collection
    serializer_class = CollectionSerializer
    http_method_names = READ
    filterset_fields = {"feed": ["exact"], "outcome": ["exact"], "started_at": ["gte", "lt"]}
    ordering_fields = ["started_at"]


class Calls(TenantViewSet):
    """Every request that went out, latest first."""

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

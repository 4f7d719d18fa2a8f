"""The API of connections, feeds, and the log of what was collected and called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from connectors import asking, registry
from connectors.endpoints.limits import RESET, LimitsOfConnection
from connectors.forms import CHOSEN
from connectors.holding import why_it_stays
from connectors.models import Collection, Connection, Feed
from connectors.models.feed import Health, of_health
from connectors.panels.curls import command_of
from connectors.protocol import enriches, is_called
from connectors.secrets import KeyLost
from connectors.serializers import (
    CollectionSerializer,
    ConnectionSerializer,
    FeedSerializer,
    ResultSerializer,
    TrySerializer,
    cleaned,
)
from connectors.trials import tried_connection
from organisations.api import Conflict, OrganisationView, TenantViewSet
from organisations.api_filters import TenantFilters
from organisations.wanted import Form

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
        "only_with": serializers.DictField(
            child=serializers.ListField(child=serializers.CharField()),
            help_text="The values of another field with which this one counts; empty: always.",
        ),
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
        "enrichment": FIELD,  # empty where records cannot be passed on
    },
    many=True,
)
ASKED = inline_serializer("Asked", {"detail": serializers.CharField()})
COMMAND = inline_serializer("Command", {"command": serializers.CharField()})


class Kinds(OrganisationView):
    """The kinds of connection, with the fields that their settings, secrets and queries take."""

    @extend_schema(responses=KINDS)
    def get(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """List the kinds of connection and what each takes."""
        return Response([_described(slug) for slug in registry.all_kinds()])


def _described(slug: str) -> dict[str, Any]:
    kind = registry.kind(slug)
    parts = {"settings": kind.Settings, "secrets": kind.Secrets, "query": kind.Query}
    parts["enrichment"] = kind.Enrichment if enriches(kind) else Form
    known = {name for form in parts.values() for name in form.base_fields}
    fields = {
        part: [_field(name, field, known) for name, field in form.base_fields.items()] for part, form in parts.items()
    }
    return {"kind": slug, "label": str(kind.LABEL), "summary": str(kind.SUMMARY), "collects": kind.COLLECTS, **fields}


def _field(name: str, field: forms.Field, known: set[str]) -> dict[str, Any]:
    chooser, values = CHOSEN.get(name, ("", []))
    return {
        "name": name,
        "label": str(field.label or name.replace("_", " ").capitalize()),
        "help": str(field.help_text),
        "required": field.required,
        "choices": [value for value, _ in getattr(field, "choices", [])],
        "only_with": {chooser: values} if chooser in known else {},
    }


class Connections(LimitsOfConnection, TenantViewSet):
    """Places that have data. Changed settings or secrets wake the feeds that had stopped."""

    model = Connection
    serializer_class = ConnectionSerializer
    filterset_fields = ["kind", "is_sample", "name"]
    search_fields = ["name"]
    ordering_fields = ["name", "created_at"]
    leaves_alone = frozenset({"test", RESET})

    def changes_row(self, request: Request) -> bool:
        """Let secrets through by themselves: a file names them and does not hold them."""
        sent = set(request.data) if isinstance(request.data, dict) else set()
        return super().changes_row(request) and (self.action != "partial_update" or sent != {"secrets"})

    def get_queryset(self) -> Any:
        """Return the connections with their gateways at hand."""
        return super().get_queryset().select_related("gateway")

    def perform_destroy(self, instance: Connection) -> None:
        """Delete, unless something stands on it. Raises Conflict."""
        kept = why_it_stays(instance)
        if kept:
            raise Conflict(kept)
        super().perform_destroy(instance)

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """Save, and let feeds that were refused or failed begin anew."""
        with transaction.atomic():
            asking.again(serializer.save(), timezone.now())

    @extend_schema(request=TrySerializer, responses=ResultSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Ask once and show what came; the call stands in the log, and nothing else of it is kept."""
        connection = self.get_object()
        asked = TrySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        _refuse_lost_seal(connection)
        result = tried_connection(connection, _query(connection, asked.validated_data), timezone.now())
        return Response(ResultSerializer(result).data)


def _refuse_lost_seal(connection: Connection) -> None:
    try:
        connection.unseal()
    except KeyLost as error:
        raise Conflict(str(error)) from None


def _query(connection: Connection, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what to ask. Raises ValidationError for a strange feed, and Conflict where there is nobody to ask."""
    if not is_called(connection.kind_module):
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
        return super().get_queryset().select_related("connection__organisation", "connection__gateway")

    def get_serializer_context(self) -> dict[str, Any]:
        """Hand the clock to the serializer, which tells how a feed is doing now."""
        return {**super().get_serializer_context(), "now": timezone.now()}

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """Save, and ask at once with the change."""
        with transaction.atomic():
            before = asking.how_read(self.get_object())
            asking.with_change(serializer.save(), before, timezone.now())

    @extend_schema(request=None, responses={202: ASKED})
    @action(detail=True, methods=["post"])
    def collect(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Ask now, whatever the schedule; the answer is there within seconds."""
        return ask(self.get_object())

    @extend_schema(responses=COMMAND)
    @action(detail=True, methods=["get"])
    def curl(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Return what it asks as a curl command.

        Variables such as $KEY stand in place of secrets. Empty where what it asks is not one request.
        """
        return Response({"command": command_of(self.get_object(), timezone.now())})

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

"""What the API says about connections, feeds, collections and calls; secrets go in and never come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from connectors import gateways, naming, registry
from connectors.feed_forms import FeedForm, FeedRules
from connectors.fields import Lines
from connectors.forms import CARE, STAYS, CareRules, masks_of, replace_credentials
from connectors.models import CallRecord, Collection, Connection, Feed
from connectors.models.feed import Health
from connectors.protocol import Kind
from organisations.api import TenantSerializer
from organisations.api_filters import refuse_unknown
from organisations.api_forms import FormSerializer, errors_of
from organisations.documents import Wrong
from organisations.documents.shapes import Pairs
from organisations.forms import TenantForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.forms import Field, Form

Values = dict[str, Any]
CODE = "What went wrong, for programs; empty where nothing did."
SENTENCE = "What went wrong and what to do, in the language that is asked for; empty where nothing did."


class ConnectionFields(CareRules, TenantForm[Connection]):
    """What stands beside the settings and credentials of a connection."""

    WANTED = {"kind": gettext_lazy("Choose a kind of connection.")}

    class Meta:
        model = Connection
        fields = ["name", "kind", *CARE]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = _("The kind of a connection stays. Make another connection.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An analytics API with a bearer key",
            {
                "name": "Analytics",
                "kind": "http",
                "settings": {"address": "https://analytics.example.com/api", "sign_in": "bearer"},
                "secrets": {"key": "the-key-of-the-analytics-api"},
            },
            request_only=True,
        )
    ]
)
class ConnectionSerializer(FormSerializer):
    """A place that has data. `settings` and `secrets` take what `kinds/` lists; of both, what is not sent stays."""

    settings = serializers.DictField(required=False)
    secrets = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        write_only=True,
        required=False,
        help_text="Encrypted when it arrives, and never answered.",
    )
    masks = serializers.SerializerMethodField(help_text="Which secrets are stored, by name.")
    address = serializers.CharField(read_only=True)
    before: frozenset[gateways.Origin]  # to whom stored secrets were sent

    class Meta:
        model = Connection
        form = ConnectionFields
        fields = ["id", "name", "kind", "address", "settings", "secrets", "masks", *CARE, "is_sample", "created_at"]
        extra_kwargs = {name: {"required": False} for name in CARE}
        read_only_fields = ["is_sample"]

    def get_masks(self, connection: Connection) -> dict[str, str]:
        """Return what may be shown of the credentials."""
        return masks_of(connection)

    def to_internal_value(self, data: Any) -> Values:
        """Let the kind's own forms judge settings and secrets."""
        fields, parts = _apart(data, "settings", "secrets")
        self.before = gateways.origins_of(self.instance) if self.instance else frozenset()
        values = super().to_internal_value(fields)
        kind = registry.kind(values["kind"])
        before = self.instance.settings if self.instance else {}
        values["settings"] = cleaned(kind.Settings, {**before, **parts["settings"]}, "settings")
        self._refuse_lost_names(kind, values["settings"])
        self._refuse_misplaced(kind, values["settings"], values["gateway"])
        secrets = cleaned(kind.Secrets, parts["secrets"], "secrets")
        values["secrets"] = {name: secret for name, secret in secrets.items() if secret}
        values["moves"] = bool(gateways.origins(kind, values["settings"], values["gateway"]) - self.before)
        if values["moves"] and self.instance and self.instance.sealed and not values["secrets"]:
            raise serializers.ValidationError({"secrets": [str(STAYS)]})
        return values

    def save(self, **kwargs: Any) -> Connection:  # noqa: ARG002  the form knows its organisation
        """Save; secrets that were sent replace those of the same name, or all of them when the address moves."""
        connection: Connection = self.form.save(commit=False)
        if self.validated_data["moves"]:
            gateways.drop_secrets(connection)
        connection.settings = self.validated_data["settings"]
        replace_credentials(connection, self.validated_data["secrets"])
        naming.follow(connection)
        connection.save()
        self.instance = connection
        return connection

    def _refuse_lost_names(self, kind: Kind, settings: Values) -> None:
        """Refuse settings that name a connection which is not there; one that a file names may come after it."""
        if self.context.get("in_a_file"):
            return
        lost = naming.lost(kind, settings, self.context["access"])
        if lost:
            raise serializers.ValidationError({f"settings.{name}": [sentence] for name, sentence in lost.items()})

    def _refuse_misplaced(self, kind: Kind, settings: Values, gateway: Connection | None) -> None:
        """Refuse what cannot stand behind a gateway, or before the connections that do."""
        refused = list(gateways.refusals(kind, settings, gateway))
        refused += gateways.refusals_behind(self.instance, settings) if self.instance else []
        if refused:
            raise serializers.ValidationError(
                {name if name == "gateway" else f"settings.{name}": [sentence] for name, sentence in refused}
            )


class FeedFields(FeedRules, TenantForm[Feed]):
    """The page's form, in any rhythm, with the connection that a new feed belongs to."""

    class Meta(FeedForm.Meta):
        fields = ["connection", *FeedForm.Meta.fields]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["connection"].disabled = True
            self.fields["connection"].help_text = _("A feed stays with its connection. Make another feed.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Daily visitors, by the dates that Waymark fills in",
            {
                "connection": 1,
                "name": "Visitors",
                "query": {
                    "path": "visitors",
                    "params": {"startDate": "{since}", "endDate": "{until}", "metric": "uniqueVisitors"},
                },
                "asks": "window",
                "at_path": "date",
                "every": 60,
            },
            request_only=True,
        )
    ]
)
class FeedSerializer(FormSerializer):
    """What is asked of a connection and how often. `query` takes what `kinds/` lists; what is not sent stays."""

    query = serializers.DictField(required=False)
    health = serializers.SerializerMethodField()
    code = serializers.CharField(read_only=True, help_text=CODE)
    message = serializers.CharField(read_only=True, help_text=SENTENCE)

    class Meta:
        model = Feed
        form = FeedFields
        fields = [
            "id",
            *FeedFields.Meta.fields,
            "query",
            "paused_at",
            "health",
            "reason",
            "code",
            "message",
            "failing_since",
            "collected_at",
            "answered_at",
            "covered_until",
            "due_at",
            "created_at",
        ]
        extra_kwargs = {name: {"required": False} for name in FeedFields.Meta.fields[2:]}
        read_only_fields = fields[len(FeedFields.Meta.fields) + 2 :]

    @extend_schema_field(serializers.ChoiceField(Health.choices))
    def get_health(self, feed: Feed) -> str:
        """Return how the feed is doing now: silence and pausing count."""
        return feed.health_at(self.context["now"]).value

    def to_internal_value(self, data: Any) -> Values:
        """Let the kind's own form judge the query."""
        fields, parts = _apart(data, "query")
        values = super().to_internal_value(fields)
        before = self.instance.query if self.instance else {}
        query = cleaned(values["connection"].kind_module.Query, {**before, **parts["query"]}, "query")
        return {**values, "query": query}

    def save(self, **kwargs: Any) -> Feed:  # noqa: ARG002  the form knows its organisation
        """Save; a feed that nobody asks is never due."""
        feed: Feed = self.form.save(commit=False)
        feed.query = self.validated_data["query"]
        if not feed.collects:
            feed.due_at = None
        feed.save()
        self.instance = feed
        return feed


class TrySerializer(serializers.Serializer[Any]):
    """What to ask when a connection is tried: a feed's query, one of its own, or else that of the first feed."""

    feed = serializers.IntegerField(required=False)
    query = serializers.DictField(required=False)


class ResultSerializer(serializers.Serializer[Any]):
    """What came of a try. After a failure, `message` says what to do and `sample` is the start of what came instead."""

    ok = serializers.BooleanField()
    status = serializers.IntegerField(allow_null=True, help_text="The HTTP status, where an answer came.")
    milliseconds = serializers.IntegerField()
    size = serializers.IntegerField(help_text="Bytes of the answer, unpacked.")
    message = serializers.CharField()
    sample = serializers.CharField()
    answer = serializers.SerializerMethodField(help_text="The answer, secrets masked; null above 1 MB.")

    def get_answer(self, result: Any) -> Any:
        """Return the answer unless it is too large to be looked at."""
        return None if result.is_big else result.answer


class CollectionSerializer(TenantSerializer):
    """One run of a feed."""

    code = serializers.CharField(read_only=True, help_text=CODE)
    message = serializers.CharField(read_only=True, help_text=SENTENCE)

    class Meta:
        model = Collection
        fields = [
            "id",
            "feed",
            "started_at",
            "finished_at",
            "since",
            "until",
            "outcome",
            "reason",
            "code",
            "message",
            "rows",
            "observations",
            "refused",
            "left_out",
        ]


class CallSerializer(TenantSerializer):
    """One request that went out, without secrets."""

    code = serializers.CharField(read_only=True, help_text=CODE)
    error = serializers.CharField(read_only=True, help_text=SENTENCE)

    class Meta:
        model = CallRecord
        fields = [
            "id",
            "connection",
            "collection",
            "at",
            "method",
            "url",
            "status",
            "took",
            "size",
            "attempt",
            "reason",
            "code",
            "error",
            "correlation_id",
            "sample",
        ]


def cleaned(form_class: type[Form], given: Mapping[str, Any], part: str) -> Values:
    """Return what a kind's form makes of values. Raises ValidationError that names the field, as `settings.address`."""
    form = form_class(data=given)
    try:
        refuse_unknown(given, form.fields, "field")
    except serializers.ValidationError as error:
        raise serializers.ValidationError(_inside(part, error.detail)) from None
    given = {name: _as_lines(value, form.fields[name], f"{part}.{name}") for name, value in given.items()}
    others = {
        name: [_("Send a text, a number, true or false.")] for name, value in given.items() if not _is_plain(value)
    }
    form = form_class(data=given)
    if others or not form.is_valid():
        raise serializers.ValidationError(_inside(part, others or errors_of(form)))
    return form.cleaned_data


def _as_lines(value: Any, field: Field, place: str) -> Any:
    """Return names with their values, which an object says as well, as the lines that a form takes."""
    if not isinstance(field, Lines) or not isinstance(value, dict | list):
        return value
    try:
        return "\n".join(Pairs(separator=field.separator).lines(value))
    except Wrong as error:
        raise serializers.ValidationError({".".join([place, *map(str, error.at)]): [str(error)]}) from None


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _inside(part: str, errors: Any) -> dict[str, Any]:
    return {part if name == "non_field_errors" else f"{part}.{name}": messages for name, messages in errors.items()}


def _apart(data: Any, *names: str) -> tuple[Any, dict[str, Values]]:
    """Take the parts that a kind judges out of what was sent. Raises ValidationError where one is not an object."""
    if not isinstance(data, dict):
        return data, {}
    parts = {name: data.get(name, {}) for name in names}
    wrong = {
        name: [_("Send an object, with the fields by name.")] for name in names if not isinstance(parts[name], dict)
    }
    if wrong:
        raise serializers.ValidationError(wrong)
    return {name: value for name, value in data.items() if name not in names}, parts

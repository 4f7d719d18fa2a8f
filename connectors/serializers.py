"""What the API says about connections, feeds, collections and calls; secrets go in and never come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from connectors import registry
from connectors.forms import STAYS, FeedForm, masks_of, origin, replace_credentials
from connectors.models import CallRecord, Collection, Connection, Feed
from organisations.api import FormSerializer, TenantSerializer

if TYPE_CHECKING:
    from django.forms import Form


class ConnectionSerializer(TenantSerializer):
    """A connection. `settings` follow the form of its kind; `secrets` are write-only, and only those sent are replaced."""

    kind = serializers.ChoiceField(choices=registry.choices())
    settings = serializers.DictField(required=False)
    secrets = serializers.DictField(child=serializers.CharField(allow_blank=True), write_only=True, required=False)
    masks = serializers.SerializerMethodField(help_text="Which secrets are stored, by name.")
    address = serializers.CharField(read_only=True)

    class Meta:
        model = Connection
        fields = ["id", "name", "kind", "address", "settings", "secrets", "masks", "is_sample", "created_at"]
        read_only_fields = ["is_sample"]

    def get_masks(self, connection: Connection) -> dict[str, str]:
        """Return what may be shown of the credentials."""
        return masks_of(connection)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Let the kind's own forms judge settings and secrets."""
        if self.instance is not None and attrs.get("kind", self.instance.kind) != self.instance.kind:
            raise serializers.ValidationError({"kind": "The kind of a connection cannot change. Make another connection."})
        kind = registry.kind(attrs.get("kind") or self.instance.kind)
        before = self.instance.settings if self.instance else {}
        attrs["settings"] = _cleaned(kind.Settings, {**before, **attrs.get("settings", {})}, "settings")
        secrets = _cleaned(kind.Secrets, attrs.pop("secrets", {}), "secrets")
        entered = {name: value for name, value in secrets.items() if value}
        if self.instance and self.instance.sealed and not entered:
            self._check_stays(kind.address(before), kind.address(attrs["settings"]))
        return {**super().validate(attrs), "secrets": entered}

    def _check_stays(self, before: str, after: str) -> None:
        if origin(before) != origin(after):
            raise serializers.ValidationError({"secrets": STAYS})

    def create(self, validated_data: dict[str, Any]) -> Connection:
        """Save a connection with its credentials under seal."""
        secrets = validated_data.pop("secrets")
        return _sealed(Connection(**validated_data), secrets)

    def update(self, instance: Connection, validated_data: dict[str, Any]) -> Connection:
        """Save the changes; credentials that were sent replace those of the same name."""
        secrets = validated_data.pop("secrets")
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return _sealed(instance, secrets)


def _sealed(connection: Connection, secrets: dict[str, str]) -> Connection:
    replace_credentials(connection, secrets)
    connection.save()
    return connection


def _cleaned(form_class: type[Form], given: dict[str, Any], field: str) -> dict[str, Any]:
    """Return what a kind's form makes of the values; unknown names are refused, not forgotten."""
    form = form_class(data=given)
    unknown = sorted(set(given) - set(form.fields))
    if unknown:
        known = ", ".join(form.fields) or "nothing"
        raise serializers.ValidationError({field: {name: [f"There is no such field. Known: {known}."] for name in unknown}})
    if not form.is_valid():
        raise serializers.ValidationError({field: dict(form.errors)})
    return form.cleaned_data


class FeedSerializer(FormSerializer):
    """What is asked of a connection and how often. `query` follows the form of the connection's kind."""

    query = serializers.DictField(required=False)

    class Meta:
        model = Feed
        form = FeedForm
        fields = [
            "id",
            "connection",
            "name",
            "query",
            "every",
            "asks",
            "running_period",
            "at_path",
            "at_format",
            "history_days",
            "overlap_days",
            "paused_at",
            "health",
            "reason",
            "message",
            "failing_since",
            "collected_at",
            "answered_at",
            "covered_until",
            "due_at",
            "created_at",
        ]
        extra_kwargs = {name: {"required": False} for name in ("every", "asks", "at_path", "at_format")}
        read_only_fields = fields[11:]
        validators: list[Any] = []  # the form checks that the name is free

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Judge the query by the kind, and the rest by the page's form."""
        connection = attrs.pop("connection", None) or self.instance.connection
        if self.instance and connection != self.instance.connection:
            raise serializers.ValidationError({"connection": "A feed stays with its connection. Make another feed."})
        before = self.instance.query if self.instance else {}
        query = _cleaned(registry.kind(connection.kind).Query, {**before, **attrs.pop("query", {})}, "query")
        if self.instance is None:
            self.instance = Feed(connection=connection)
        values = super().validate(attrs)
        self.form.instance.query = query
        return values


class CollectionSerializer(TenantSerializer):
    """One run of a feed."""

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
            "message",
            "rows",
            "observations",
            "refused",
        ]


class CallSerializer(TenantSerializer):
    """One request that went out, without secrets."""

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
            "error",
            "correlation_id",
            "sample",
        ]

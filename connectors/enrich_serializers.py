"""What the API says about records and their enrichment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from connectors.enrich_forms import FIELDS, EnrichmentRules
from connectors.enriching import acts
from connectors.enriching.acts import Redo
from connectors.models import Enrichment, Feed, Record
from connectors.protocol import Enriching
from connectors.serializers import CODE, SENTENCE, cleaned
from organisations.api import TenantSerializer
from organisations.api_forms import FormSerializer, errors_of
from organisations.forms import TenantForm

if TYPE_CHECKING:
    from collections.abc import Mapping

Values = dict[str, Any]
REDO = "What becomes of records that are there: none, go_on (those that are being redone), all."


class EnrichmentFields(EnrichmentRules, TenantForm[Enrichment]):
    """The page's form, with the feed whose records are enriched."""

    WANTED = {"feed": gettext_lazy("Choose a feed.")}

    class Meta:
        model = Enrichment
        fields = ["feed", *FIELDS]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["feed"].disabled = True
            self.fields["feed"].help_text = _("An enrichment stays with its feed. Make another one.")

    def clean_feed(self) -> Feed:
        """Refuse a feed that keeps no rows."""
        feed: Feed = self.cleaned_data["feed"]
        if not feed.keeps_records:
            raise forms.ValidationError(_("This feed keeps no rows. Let it keep them first."))
        return feed


class Money(serializers.FloatField):
    """An amount that was added up, without what computers get wrong in its last digits; tokens cost very little."""

    DECIMALS = 9

    def to_representation(self, value: float) -> Any:
        """Return the amount."""
        return round(float(value), self.DECIMALS)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Each text to a service that judges it",
            {
                "feed": 1,
                "connection": 2,
                "query": {
                    "path": "sentiment",
                    "sends": "text=text",
                    "body": '{"text": "{text}"}',
                    "keeps": "label=label\nscore=score",
                },
                "daily_calls": 1000,
            },
            request_only=True,
        )
    ]
)
class EnrichmentSerializer(FormSerializer):
    """What the records of a feed are passed through. `query` takes what `kinds/` lists; what is not sent stays."""

    query = serializers.DictField(required=False)
    redo = serializers.ChoiceField(
        [each.value for each in Redo], required=False, write_only=True, help_text=REDO, default=Redo.GO_ON.value
    )
    code = serializers.CharField(read_only=True, help_text=CODE)
    message = serializers.CharField(read_only=True, help_text=SENTENCE)
    records = serializers.SerializerMethodField(help_text="How many records have come how far.")
    spent_cost = Money(read_only=True, help_text="What answers have cost on that day.")

    class Meta:
        model = Enrichment
        form = EnrichmentFields
        fields = [
            "id", *EnrichmentFields.Meta.fields, "query", "redo", "recipe", "records", "redo_total", "paused_at",
            "reason", "code", "message", "failures", "due_at", "spent_on", "spent_calls", "spent_cost",
        ]  # fmt: skip
        extra_kwargs = {name: {"required": False} for name in ["batch", "daily_calls", "daily_cost"]}
        read_only_fields = fields[len(EnrichmentFields.Meta.fields) + 3 :]

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_records(self, row: Enrichment) -> dict[str, int]:
        """Return how many records have come how far."""
        found = acts.standing(row.feed, row)
        names = ("kept", "waiting", "done", "failed", "redone")
        return {name: getattr(found, name) for name in names}

    def to_internal_value(self, data: Any) -> Values:
        """Let the kind's own form judge what is asked."""
        whole = dict(data) if isinstance(data, dict) else data
        query = whole.pop("query", {}) if isinstance(whole, dict) else {}
        redo = whole.pop("redo", Redo.GO_ON.value) if isinstance(whole, dict) else Redo.GO_ON.value
        if not isinstance(query, dict):
            raise serializers.ValidationError({"query": [_("Send an object, with the fields by name.")]})
        if redo not in set(Redo):
            raise serializers.ValidationError({"redo": [_("Send none, go_on or all.")]})
        values = super().to_internal_value(whole)
        return {**values, "query": self._query(values, query), "redo": Redo(redo)}

    def _query(self, values: Values, sent: Mapping[str, Any]) -> Values:
        connection = values["connection"]
        stays = self.instance is not None and self.instance.connection.kind == connection.kind
        before = self.instance.query if stays and self.instance else {}
        query = cleaned(cast("Enriching", connection.kind_module).Enrichment, {**before, **sent}, "query")
        rules = cast("EnrichmentRules", self.form)
        rules.refuse_batch(query)
        if rules.errors:
            raise serializers.ValidationError(errors_of(rules))
        return query

    def save(self, **kwargs: Any) -> Enrichment:  # noqa: ARG002  the form knows its organisation
        """Save, and let it begin at once."""
        row: Enrichment = self.form.save(commit=False)
        values = self.validated_data
        self.instance = acts.save(row, values["query"], redo=values["redo"], now=self.context["now"])
        return self.instance


class RecordSerializer(TenantSerializer):
    """One row that a feed brought, and what was made of it."""

    code = serializers.CharField(read_only=True, help_text=CODE)
    message = serializers.CharField(read_only=True, help_text=SENTENCE)
    cost = Money(read_only=True, help_text="What all answers about it have cost.")

    class Meta:
        model = Record
        fields = [
            "id", "feed", "key", "at", "whole_day", "state", "raw", "enriched", "recipe", "attempts", "try_at", "code",
            "message", "tokens", "cost", "recorded_at", "enriched_at", "collection", "call_id",
        ]  # fmt: skip


class TryEnrichmentSerializer(serializers.Serializer[Any]):
    """What to try: the stored query with what is sent of it changed, on one record or on the latest."""

    record = serializers.IntegerField(required=False)
    query = serializers.DictField(required=False)


class TriedSerializer(serializers.Serializer[Any]):
    """What was sent about one record and what came of it; nothing of it is kept."""

    letter = serializers.CharField(help_text="What was sent, without credentials.")
    enriched = serializers.JSONField(allow_null=True, help_text="What would be kept.")
    message = serializers.CharField(help_text=SENTENCE)
    tokens = serializers.IntegerField()
    cost = Money()
    sample = serializers.CharField(help_text="The start of the last answer.")

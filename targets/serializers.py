"""What the API says about metrics, targets and verdicts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from connectors.models import Feed
from organisations.api import FormSerializer, RowInOrganisation, TenantSerializer
from targets.forms import MetricForm, TargetForm
from targets.models import DailyRollup, Metric, PeriodResult, StatusChange, Target
from targets.saving import save_target

ASKED = [
    "metric",
    "name",
    "team",
    "owner",
    "aggregation",
    "comparison",
    "goal",
    "goal_upper",
    "period",
    "starts_on",
    "ends_on",
    "time_zone",
    "profile",
    "start_value",
]
FOUND = ["tracking_since", "paused_at", "status", "status_since", "value", "chance", "evaluated_at", "evaluation"]


class MetricFields(MetricForm):
    """The page's form, with what only the wizard and programs decide: where the metric stands in the feed's rows."""

    class Meta(MetricForm.Meta):
        fields = ["feed", "value_path", "segment_path", "scale", *MetricForm.Meta.fields]


class MetricSerializer(FormSerializer):
    """A named number over time. Without `feed`, one that values are pushed to is made for it."""

    feed = RowInOrganisation(queryset=Feed.unscoped.all(), required=False)

    class Meta:
        model = Metric
        form = MetricFields
        fields = ["id", *MetricFields.Meta.fields, "read_until", "read_through", "last_at", "last_value", "created_at"]
        extra_kwargs = {name: {"required": False} for name in ("value_kind", "scale", "decimals", "feed")}
        read_only_fields = ["read_until", "read_through", "last_at", "last_value"]
        validators: list[Any] = []  # the form checks that the name is free


class TargetSerializer(FormSerializer):
    """What a team wants to reach, and where it stands: `evaluation` is the latest verdict, whole."""

    class Meta:
        model = Target
        form = TargetForm
        fields = ["id", *ASKED, *FOUND, "created_at"]
        read_only_fields = FOUND
        extra_kwargs = {name: {"required": False} for name in ("aggregation", "comparison", "period", "profile")}
        validators: list[Any] = []  # the form checks that the name is free

    def save(self, **kwargs: Any) -> Target:  # noqa: ARG002  the form knows its organisation
        """Save and judge at once."""
        assert isinstance(self.form, TargetForm)  # noqa: S101  the type of Meta.form
        self.instance = save_target(self.form, self.context["now"])
        return self.instance

    def to_representation(self, instance: Target) -> dict[str, Any]:
        """Return the columns as they stand; a list of a thousand targets is asked for often."""
        return {name: getattr(instance, COLUMNS.get(name, name)) for name in self.Meta.fields}


COLUMNS = {"metric": "metric_id", "owner": "owner_id"}  # the ids, without fetching the rows


class ObservationSerializer(serializers.Serializer[Any]):
    """One value at a time. A date without a time of day is a reading for the whole day."""

    at = serializers.CharField(help_text="2026-11-20 for a whole day, or 2026-11-20T14:30:00Z. Empty: now.", required=False)
    value = serializers.FloatField()
    segment = serializers.CharField(max_length=100, required=False, default="")


class DaySerializer(TenantSerializer):
    """One day of a metric in the organisation's time zone."""

    class Meta:
        model = DailyRollup
        fields = ["on", "segment", "total", "count", "minimum", "maximum", "last", "last_at"]


class PeriodSerializer(TenantSerializer):
    """The frozen verdict on a closed period. `ends_on` is the day after the last."""

    class Meta:
        model = PeriodResult
        fields = [
            "starts_on",
            "ends_on",
            "status",
            "value",
            "goal",
            "goal_upper",
            "closed_at",
            "restated_at",
            "first_status",
            "first_value",
            "evaluation",
        ]


class ChangeSerializer(TenantSerializer):
    """A change of status."""

    class Meta:
        model = StatusChange
        fields = ["id", "at", "old_status", "new_status", "period_starts_on", "evaluation"]

"""What the API says about metrics, targets and verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from connectors.written.values import NAMES
from organisations.api import TenantSerializer
from organisations.api_forms import FormSerializer
from targets.forms.full import FullMetricForm, FullTargetForm
from targets.forms.short import RHYTHMS, TargetForm
from targets.models import DailyRollup, Metric, PeriodResult, StatusChange, Target
from targets.rules import ASKED
from targets.saving import save_metric, save_target
from targets.tags import LONGEST as LONGEST_TAG
from targets.tags import SEPARATOR

if TYPE_CHECKING:
    from targets.models import Observation

FOUND = ["tracking_since", "paused_at", "status", "status_since", "value", "chance", "evaluated_at", "evaluation"]


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Where a feed's rows hold the number",
            {"feed": 1, "name": "Website visitors", "value_path": "uniqueVisitors", "counts_distinct": True},
            request_only=True,
        ),
        OpenApiExample(
            "A level that programs push",
            {"name": "Room temperature", "value_kind": "level", "unit": "°C"},
            request_only=True,
        ),
    ]
)
class MetricSerializer(FormSerializer):
    """A named number over time. Without `feed`, one that is typed in or pushed, `every` so many minutes."""

    every = serializers.ChoiceField(
        choices=RHYTHMS, write_only=True, required=False, help_text="Minutes between readings; only without `feed`."
    )

    number_format = serializers.ChoiceField(
        choices=[(name, str(name)) for name in NAMES],
        required=False,
        help_text="How texts that are numbers are written; a number of JSON is itself.",
    )

    class Meta:
        model = Metric
        form = FullMetricForm
        fields = [
            "id",
            *FullMetricForm.Meta.fields,
            "every",
            "read_until",
            "read_through",
            "last_at",
            "last_value",
            "created_at",
        ]
        extra_kwargs = {name: {"required": False} for name in ("feed", "value_kind", "scale", "decimals", "read_as")}
        read_only_fields = ["read_until", "read_through", "last_at", "last_value"]

    def save(self, **kwargs: Any) -> Metric:  # noqa: ARG002  the form knows its organisation
        """Save, and judge the metric's targets by it."""
        self.instance = save_metric(self.form, self.context["now"])
        return self.instance


class TagNames(serializers.ListField):
    """The tags of a target by their names; in a list of targets they are at hand already."""

    child = serializers.CharField(max_length=LONGEST_TAG)

    def get_attribute(self, instance: Target) -> list[str]:
        """Return the names."""
        return [tag.name for tag in instance.tags.all()]

    def to_internal_value(self, data: Any) -> list[str]:
        """Refuse blanks, and commas, by which the form's line of tags is cut."""
        names: list[str] = super().to_internal_value(data)
        if any("," in name for name in names):
            raise serializers.ValidationError(_("A tag has no comma. Send each tag by itself."))
        return names


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "At least 10,000 a month",
            {
                "metric": 1,
                "name": "10,000 visitors a month",
                "comparison": "at_least",
                "goal": 10000,
                "period": "month",
            },
            request_only=True,
        )
    ]
)
class TargetSerializer(FormSerializer):
    """What a team wants to reach, and where it stands: `evaluation` is the latest verdict, whole."""

    tags = TagNames(required=False, help_text="Words that gather targets, the same one in whatever case.")

    class Meta:
        model = Target
        form = FullTargetForm
        fields = ["id", "name", "team", "owner", "tags", *ASKED, *FOUND, "created_at"]
        read_only_fields = FOUND
        extra_kwargs = {name: {"required": False} for name in ("aggregation", "comparison", "period", "profile")}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Hand the tags to the form as the line that people would type."""
        if isinstance(data, dict) and "tags" in data:
            try:
                names = self.fields["tags"].run_validation(data["tags"])
            except serializers.ValidationError as error:
                raise serializers.ValidationError({"tags": error.detail}) from None
            data = {**data, "tags": SEPARATOR.join(names)}
        return super().to_internal_value(data)

    def save(self, **kwargs: Any) -> Target:  # noqa: ARG002  the form knows its organisation
        """Save and judge at once."""
        assert isinstance(self.form, TargetForm)  # noqa: S101  the type of Meta.form
        self.instance = save_target(self.form, self.context["now"])
        return self.instance


class ObservationSerializer(serializers.Serializer[Any]):
    """One value at a time. A date without a time of day is a reading for the whole day."""

    at = serializers.CharField(
        required=False,
        help_text="2026-11-20 for a whole day, or 2026-11-20T14:30:00Z; no zone is the organisation's. Empty: now.",
    )
    value = serializers.FloatField()
    segment = serializers.CharField(max_length=100, required=False, default="")
    weight = serializers.FloatField(
        required=False, default=1.0, help_text="How much it counts in a mean: how many things the value stands for."
    )

    def to_representation(self, instance: Observation) -> dict[str, Any]:
        """Return it as it could be sent again."""
        at = instance.at.date() if instance.whole_day else instance.at
        return {"at": at, "value": instance.value, "segment": instance.segment, "weight": instance.weight}


class DaySerializer(TenantSerializer):
    """One day of a metric in the organisation's time zone."""

    class Meta:
        model = DailyRollup
        fields = ["on", "segment", "total", "count", "weighted", "weight", "minimum", "maximum", "last", "last_at"]


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

"""What the API says about metrics, targets and verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from rest_framework import serializers

from organisations.api import TenantSerializer
from organisations.api_forms import FormSerializer
from targets.domain.terms import ValueKind
from targets.forms import ASKED, RHYTHMS, MetricForm, TargetForm
from targets.models import DailyRollup, Metric, PeriodResult, StatusChange, Target
from targets.models.metric import VALUE_KINDS
from targets.saving import save_metric, save_target
from targets.typing_in import USUAL_RHYTHM, typed_in_feed

if TYPE_CHECKING:
    from targets.models import Observation

FOUND = ["tracking_since", "paused_at", "status", "status_since", "value", "chance", "evaluated_at", "evaluation"]
ONLY_TYPED_IN = "The rhythm belongs to the feed. Send it only for a number that is typed in or pushed."


class MetricFields(MetricForm):
    """The page's form, with what only the wizard and programs decide: where the metric stands in the rows of its feed."""

    every = forms.TypedChoiceField(choices=RHYTHMS, coerce=int, required=False, empty_value=USUAL_RHYTHM)

    class Meta(MetricForm.Meta):
        fields = [*MetricForm.Meta.fields, "feed", "value_path", "segment_path", "scale"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, feed = self.fields["value_kind"], self.fields["feed"]
        kind.choices = VALUE_KINDS  # type: ignore[attr-defined]  # a choice field
        feed.required = False
        if self.instance.pk:
            feed.disabled = self.fields["every"].disabled = True
            feed.help_text = "A metric stays with its feed. Make another metric."
            self.fields["every"].help_text = ONLY_TYPED_IN

    def clean(self) -> dict[str, Any]:
        """Hold the value kind against what the feed asks for."""
        values = super().clean()
        feed, running = values.get("feed"), values.get("value_kind") == ValueKind.RUNNING
        period = feed.running_period if feed else ""
        if running and not period:
            self.add_error("value_kind", "A running total needs a feed that asks for the period so far.")
        elif period and not running and "value_kind" in values:
            self.add_error("value_kind", f"The feed asks for the {period} so far, so its number is a running total.")
        if feed and "every" in self.data and not self.fields["every"].disabled and self.data["every"]:
            self.add_error("every", ONLY_TYPED_IN)
        return values

    def save(self, commit: bool = True) -> Metric:  # noqa: FBT001, FBT002  the signature of Django's forms
        """Save; a new metric without a feed becomes one that is typed in or pushed."""
        if self.instance.pk is None and self.cleaned_data["feed"] is None:
            self.instance.feed = typed_in_feed(self.access, self.cleaned_data["every"])
        metric: Metric = super().save(commit)
        return metric


class MetricSerializer(FormSerializer):
    """A named number over time. Without `feed`, one that is typed in or pushed, `every` so many minutes."""

    every = serializers.ChoiceField(
        choices=RHYTHMS, write_only=True, required=False, help_text="Minutes between readings; only without `feed`."
    )

    class Meta:
        model = Metric
        form = MetricFields
        fields = [
            "id",
            *MetricFields.Meta.fields,
            "every",
            "read_until",
            "read_through",
            "last_at",
            "last_value",
            "created_at",
        ]
        extra_kwargs = {name: {"required": False} for name in ("feed", "value_kind", "scale", "decimals")}
        read_only_fields = ["read_until", "read_through", "last_at", "last_value"]

    def save(self, **kwargs: Any) -> Metric:  # noqa: ARG002  the form knows its organisation
        """Save, and judge the metric's targets by it."""
        self.instance = save_metric(self.form, self.context["now"])
        return self.instance


class TargetFields(TargetForm):
    """The page's form; the value of the period is the usual one for the metric unless another is sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial["aggregation"] = ""


class TargetSerializer(FormSerializer):
    """What a team wants to reach, and where it stands: `evaluation` is the latest verdict, whole."""

    class Meta:
        model = Target
        form = TargetFields
        fields = ["id", "name", "team", "owner", *ASKED, *FOUND, "created_at"]
        read_only_fields = FOUND
        extra_kwargs = {name: {"required": False} for name in ("aggregation", "comparison", "period", "profile")}

    def save(self, **kwargs: Any) -> Target:  # noqa: ARG002  the form knows its organisation
        """Save and judge at once."""
        assert isinstance(self.form, TargetForm)  # noqa: S101  the type of Meta.form
        self.instance = save_target(self.form, self.context["now"])
        return self.instance


class ObservationSerializer(serializers.Serializer[Any]):
    """One value at a time. A date without a time of day is a reading for the whole day."""

    at = serializers.CharField(
        required=False,
        help_text="2026-11-20 for a whole day, 2026-11-20T14:30:00Z, or without a zone in the organisation's. Empty: now.",
    )
    value = serializers.FloatField()
    segment = serializers.CharField(max_length=100, required=False, default="")

    def to_representation(self, instance: Observation) -> dict[str, Any]:
        """Return it as it could be sent again."""
        at = instance.at.date() if instance.whole_day else instance.at
        return {"at": at, "value": instance.value, "segment": instance.segment}


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

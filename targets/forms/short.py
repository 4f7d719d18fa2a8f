"""What people say about targets, metrics and readings, and what can be wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organisations.forms import TenantForm
from targets.domain.terms import ValueKind
from targets.forms.readings import DayInput, NumberField
from targets.models import Metric, Target
from targets.models.metric import VALUE_KINDS
from targets.notes import LONGEST as LONGEST_NOTE
from targets.rules import ASKED, fixed_refusals, metric_refusals, target_refusals
from targets.tags import line_of, names_in

if TYPE_CHECKING:
    from organisations.access import Access
    from organisations.tenancy import TenantQuerySet

WHAT_IT_IS = gettext_lazy("Choose what this number is.")
HOW_MANY_DECIMALS = gettext_lazy("Enter how many decimals are shown.")
RHYTHMS = [
    (24 * 60, gettext_lazy("Every day")),
    (7 * 24 * 60, gettext_lazy("Every week")),
    (31 * 24 * 60, gettext_lazy("Every month")),
]


class TargetForm(TenantForm[Target]):
    """What a team wants to reach, and by when."""

    WANTED = {
        "metric": gettext_lazy("Choose a metric."),
        "comparison": gettext_lazy("Choose what the goal asks for."),
        "goal": gettext_lazy("Enter the value that is to be reached."),
        "period": gettext_lazy("Choose a period."),
    }

    goal = NumberField(label=gettext_lazy("Value"), help_text=gettext_lazy("Without the unit."))
    goal_upper = NumberField(
        label=gettext_lazy("Upper value"), required=False, help_text=gettext_lazy("Without the unit.")
    )
    start_value = NumberField(
        label=gettext_lazy("Starting value"),
        required=False,
        help_text=gettext_lazy("Where the way to the goal begins. Empty: the goal has to be held throughout."),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Words that gather targets across teams, with commas between them."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "known-tags"}),
    )
    why = forms.CharField(
        label=gettext_lazy("Why?"),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=gettext_lazy("What you write here appears on the chart, at today."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = Target
        fields = [*ASKED, "name", "team", "owner"]
        labels = {
            "metric": gettext_lazy("Metric"),
            "comparison": gettext_lazy("Goal"),
            "period": gettext_lazy("Period"),
            "aggregation": gettext_lazy("Value of the period"),
            "starts_on": gettext_lazy("First day"),
            "ends_on": gettext_lazy("Last day"),
            "time_zone": gettext_lazy("Time zone"),
            "profile": gettext_lazy("Pace"),
            "name": gettext_lazy("Name"),
            "team": gettext_lazy("Team"),
            "owner": gettext_lazy("Owner"),
        }
        help_texts = {
            "starts_on": "",
            "ends_on": "",
            "aggregation": gettext_lazy("How the readings of a period become one value."),
            "profile": gettext_lazy("Working days leave weekends out of the pace of a total."),
        }
        widgets = {
            "starts_on": DayInput(),
            "ends_on": DayInput(),
            "team": forms.TextInput(attrs={"autocomplete": "off", "list": "known-teams"}),
        }

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        self.initial["tags"] = line_of(self.instance)
        self.fields["time_zone"].help_text = _("Such as Europe/Berlin. Empty: %(zone)s.") % {
            "zone": access.organisation.time_zone
        }
        self.fields["aggregation"].required = False
        self.fields["profile"].required = False
        if not self.instance.pk:
            del self.fields["why"]
        owner = self.fields["owner"]
        if isinstance(owner, forms.ModelChoiceField):
            owner.empty_label = _("Nobody")

    @property
    def asks_anew(self) -> bool:
        """Whether what is asked was changed, so that earlier verdicts answer another question."""
        return bool(set(self.changed_data) & set(ASKED))

    def clean_name(self) -> str:
        """Refuse a name that another target carries."""
        return _free_name(self, self.access.rows(Target))

    def clean_tags(self) -> list[str]:
        """Take the tags out of their line."""
        try:
            return names_in(self.cleaned_data["tags"])
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def clean_profile(self) -> str:
        """Fall back to the straight line."""
        return str(self.cleaned_data["profile"] or self.instance.profile)

    def clean(self) -> dict[str, Any]:
        """Check the fields against each other and against what the metric can answer."""
        values = super().clean() or self.cleaned_data
        for name, sentence in list(target_refusals(values, values.get("metric"), wrong=self.errors)):
            self.add_error(name, sentence)
        return values


class MetricForm(TenantForm[Metric]):
    """What a number is called and what its values are."""

    WANTED = {
        "value_kind": WHAT_IT_IS,
        "decimals": HOW_MANY_DECIMALS,
        "every": gettext_lazy("Choose how often it will be typed in."),
    }

    scale_min = NumberField(
        label=gettext_lazy("Scale from"), required=False, help_text=gettext_lazy("Lower end on lists, for levels.")
    )
    scale_max = NumberField(
        label=gettext_lazy("Scale to"), required=False, help_text=gettext_lazy("Upper end on lists, for levels.")
    )

    class Meta:
        model = Metric
        fields = [
            "name",
            "value_kind",
            "unit",
            "decimals",
            "higher_is_better",
            "missing_is_zero",
            "can_fall",
            "counts_distinct",
            "scale_min",
            "scale_max",
        ]
        labels = {
            "name": gettext_lazy("Name"),
            "value_kind": gettext_lazy("What is this number?"),
            "unit": gettext_lazy("Unit"),
            "decimals": gettext_lazy("Decimals"),
            "higher_is_better": gettext_lazy("More is better"),
        }
        help_texts = {
            "unit": gettext_lazy("Such as €, %, h or visitors."),
            "decimals": gettext_lazy("Digits after the point."),
        }
        widgets = {"value_kind": forms.RadioSelect}

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        field = self.fields["value_kind"]
        if self._is_fixed():
            field.disabled, field.help_text = True, _("Fixed while targets or the source rest on it.")
        elif isinstance(field, forms.TypedChoiceField):
            field.choices = [(value, label) for value, label in VALUE_KINDS if value != ValueKind.RUNNING]

    def _is_fixed(self) -> bool:
        """Say whether something rests on what the values are; a running total rests on its source."""
        row = self.instance
        return bool(row.pk) and (row.value_kind == ValueKind.RUNNING or row.targets.exists())

    def clean_name(self) -> str:
        """Refuse a name that another metric carries."""
        return _free_name(self, self.access.rows(Metric))

    def clean(self) -> dict[str, Any]:
        """Check that the scale has a lower and a higher end."""
        values = super().clean() or self.cleaned_data
        for name, sentence in [*metric_refusals(values), *fixed_refusals(values, self.instance)]:
            self.add_error(name if name in self.fields else None, sentence)
        return values


class TypedMetricForm(MetricForm):
    """A new number that people type in, and how often they mean to."""

    every = forms.TypedChoiceField(
        label=gettext_lazy("How often will you type it in?"),
        choices=RHYTHMS,
        coerce=int,
        help_text=gettext_lazy("After three times this long it shows “No data”."),
    )


def _free_name(form: TenantForm[Any], rows: TenantQuerySet[Any]) -> str:
    """Return the name unless another row carries it: the check of constraints leaves the organisation out."""
    name: str = form.cleaned_data["name"]
    if rows.filter(name=name).exclude(pk=form.instance.pk).exists():
        is_target = rows.model is Target
        raise ValidationError(
            _("There is another target of this name. Choose another.")
            if is_target
            else _("There is another metric of this name. Choose another.")
        )
    return name

"""The form of a report: when it is sent, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from alerts.models import Report
from organisations.forms import TenantForm
from organisations.models import WEEKDAYS, User

if TYPE_CHECKING:
    from organisations.access import Access


class People(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic for the type checker alone
    """Members to tick, by name and address."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, user: User) -> str:
        """Return what stands beside the box."""
        return f"{user.name} ({user.email})" if user.name else user.email


class ReportForm(TenantForm[Report]):
    """When a report is sent, and to whom; only members can be chosen."""

    weekdays = forms.TypedMultipleChoiceField(
        label="Days",
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one weekday."},
    )
    people = People(
        label="Who gets it",
        queryset=User.objects.filter(is_active=True),
        required=False,
        help_text="Members of the organisation, whatever their role.",
    )
    is_active = forms.BooleanField(
        label="Send it", required=False, initial=True, help_text="Off: the schedule rests, and nobody gets anything."
    )

    class Meta:
        model = Report
        fields = ["name", "at", "weekdays", "people", "is_active"]
        widgets = {"at": forms.TimeInput(format="%H:%M", attrs={"type": "time"})}
        labels = {"at": "Time of day"}

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        self.fields["at"].help_text = f"In the organisation's time zone, {access.organisation.time_zone}."
        if self.instance.pk:
            self.initial["people"] = list(self.instance.recipients.values_list("user_id", flat=True))

    def clean_name(self) -> str:
        """Refuse a second report of the same name; the model form cannot, the organisation being no field of it."""
        name: str = self.cleaned_data["name"]
        if self.access.rows(Report).exclude(pk=self.instance.pk).filter(name=name).exists():
            raise ValidationError("There is a report of this name already.")
        return name

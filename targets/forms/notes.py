"""The form of a note: its day and what happened. Pages, API and admin refuse the same things in the same words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisations.forms import ModelForm, TenantForm
from targets.forms.readings import DayInput
from targets.models import Note
from targets.notes import LONGEST, day_wrong, first_day, said_wrong, today_of
from targets.wording import full_day


class NoteRules(ModelForm[Note]):
    """The rules of the page for a note whose target is chosen in the form, as in the admin, which also sets `now`."""

    now: ClassVar[datetime]

    def clean(self) -> dict[str, Any]:
        """Refuse what the page refuses."""
        values = super().clean() or self.cleaned_data
        target = self.instance.target if self.instance.pk else values.get("target")
        if target is None:
            return values
        today = today_of(target, self.now)
        on, first = values.get("on"), first_day(target, today)
        first = min(first, self.initial.get("on") or first)  # readings may have been deleted since it was written
        if on and (wrong := day_wrong(on, first=first, today=today)):
            self.add_error("on", wrong)
        if "text" in values and (wrong := said_wrong(values["text"])):
            self.add_error("text", wrong)
        return values


class NoteForm(TenantForm[Note]):
    """A note of a target, which the instance already names; a new one is of today unless another day is chosen."""

    class Meta:
        model = Note
        fields = ["on", "text"]
        labels = {"on": _("Day"), "text": _("What happened?")}
        help_texts = {"text": _("It appears on the chart. At most 300 characters.")}
        widgets = {"on": DayInput(), "text": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today_of(self.instance.target, now)
        self.first = first_day(self.instance.target, self.today)
        self.initial["on"] = self.initial.get("on") or self.today
        if self.instance.pk:
            self.first = min(self.first, self.instance.on)  # readings may have been deleted since it was written
        self.fields["text"] = self._text()
        self.fields["on"].help_text = gettext("From %(first)s to today, in the target’s own days.") % {
            "first": full_day(self.first, today=self.today)
        }
        self.fields["on"].widget.attrs |= {"min": self.first.isoformat(), "max": self.today.isoformat()}

    def clean_on(self) -> date:
        """Refuse a day before the first reading, or to come."""
        on: date = self.cleaned_data["on"]
        if wrong := day_wrong(on, first=self.first, today=self.today):
            raise forms.ValidationError(wrong)
        return on

    def clean_text(self) -> str:
        """Refuse what is empty or too long."""
        text = str(self.cleaned_data["text"]).strip()
        if wrong := said_wrong(text):
            raise forms.ValidationError(wrong)
        return text

    def _text(self) -> forms.CharField:
        """Return a field that leaves the length to `said_wrong`, and so loses nothing of a text that is too long."""
        meta = self.Meta
        return forms.CharField(
            required=False,
            label=meta.labels["text"],
            help_text=meta.help_texts["text"],
            widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST, "required": True}),
        )

"""Where a metric stands in the rows of its feed, as forms ask for it: pages, programs and the admin alike."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from connectors.fields import Choice, Path
from connectors.written.values import FORMATS
from organisations.forms import ModelForm
from targets.forms.readings import NumberField
from targets.models import Metric
from targets.models.metric import READ_AS
from targets.rules import HOW_FOUND

PATHS = ["value_path", "weight_path", "segment_path", "row_filter"]


def number_formats() -> forms.ChoiceField:
    """Return the question how numbers are written; nothing chosen means that they show it themselves."""
    return Choice(
        label=gettext_lazy("Numbers are written"),
        choices=FORMATS,
        help_text=gettext_lazy("A number of JSON is itself whatever is chosen; this is about texts."),
    )


class HowFound(ModelForm[Metric]):
    """The part of a metric's form that says where it stands and how it is read."""

    read_as = Choice(
        label=gettext_lazy("Read as"),
        choices=READ_AS,
        help_text=gettext_lazy(
            "A counter only grows: what came since the last time counts, and a restart from zero is noticed. "
            "A ratio of several rows is the ratio of their sums."
        ),
    )
    number_format = number_formats()
    scale = NumberField(
        label=gettext_lazy("Times"),
        initial=1.0,
        help_text=gettext_lazy("Every value is multiplied by this: 0.01 turns cents into euros."),
    )

    class Meta:
        model = Metric
        fields = HOW_FOUND
        labels = {
            "value_path": gettext_lazy("Value"),
            "weight_path": gettext_lazy("Divided by"),
            "segment_path": gettext_lazy("Segment"),
            "row_filter": gettext_lazy("Only rows where"),
        }

    def clean(self) -> dict[str, Any]:
        """Refuse what is no path."""
        values = super().clean() or self.cleaned_data
        for name in PATHS:
            try:
                values[name] = Path().clean(values[name]) if name in values else ""
            except forms.ValidationError as error:
                self.add_error(name, error)
        return values

"""Trying how a metric is read: where it stands in the rows of its feed, and where the feed's rows and times stand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.fields import Path, Text
from connectors.written import times
from organisations.forms import TenantForm
from targets.collection.finding import reading_of
from targets.forms.finding import HowFound
from targets.models import Metric
from targets.rules import HOW_FOUND, feed_refusals, fixed_refusals, metric_refusals

if TYPE_CHECKING:
    from connectors.extract import Reading

OF_THE_FEED = ["rows", "at_path", "at_format"]
SHARED = gettext_lazy("All numbers of this feed share it.")


class TryForm(HowFound, TenantForm[Metric]):
    """How a metric is read, with what it shares with the other metrics of its feed.

    `is_locked`: what belongs to the feed is described in a file that alone may change it.
    """

    rows = Path(label=gettext_lazy("Rows"), help_text=SHARED)
    at_path = Path(label=gettext_lazy("Time"), max_length=200, help_text=SHARED)
    at_format = Text(
        label=gettext_lazy("Time is written"),
        max_length=40,
        initial=times.AUTO,
        help_text=gettext_lazy("auto, date, unix, unix_ms or a pattern such as %d.%m.%Y."),
    )

    class Meta(HowFound.Meta):
        fields = HOW_FOUND

    def __init__(self, *args: Any, is_locked: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.feed = self.instance.feed
        self.initial.update(
            rows=self.feed.query.get("rows", ""), at_path=self.feed.at_path, at_format=self.feed.at_format
        )
        if "rows" not in self.feed.connection.kind_module.Query.base_fields:
            del self.fields["rows"]
        for name in self.of_the_feed():
            self.fields[name].disabled = is_locked

    def of_the_feed(self) -> list[str]:
        """Return the fields that belong to the feed."""
        return [name for name in OF_THE_FEED if name in self.fields]

    @property
    def changes_feed(self) -> bool:
        """Whether something is to be otherwise for all metrics of the feed."""
        return bool({*self.of_the_feed()} & {*self.changed_data})

    def clean_at_format(self) -> str:
        """Refuse what is no time format."""
        try:
            times.check_format(self.cleaned_data["at_format"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        return str(self.cleaned_data["at_format"])

    def clean(self) -> dict[str, Any]:
        """Hold what is said against what the metric is and what its feed asks for."""
        values = super().clean()
        row = self.instance
        whole = {**values, "value_kind": row.value_kind, "missing_is_zero": row.missing_is_zero}
        said = [*metric_refusals(whole), *feed_refusals({**values, "value_kind": row.value_kind}, self.feed)]
        for name, sentence in [*said, *fixed_refusals(values, row)]:
            self.add_error(name if name in self.fields else None, sentence)
        return values

    def query(self) -> dict[str, Any]:
        """Return what the feed asks, with the rows where they are said to stand."""
        rows = {"rows": self.cleaned_data["rows"]} if "rows" in self.fields else {}
        return {**self.feed.query, **rows}

    def reading(self) -> Reading:
        """Return how the rows are read; for a valid form."""
        values = self.cleaned_data
        return replace(reading_of(self.instance), at_path=values["at_path"], at_format=values["at_format"])

    def wrong(self) -> list[str]:
        """Return what is wrong, each with the name of its field."""
        return [
            _("%(field)s: %(sentence)s") % {"field": self[name].label, "sentence": sentence}
            if name in self.fields
            else str(sentence)
            for name, sentences in self.errors.items()
            for sentence in sentences
        ]

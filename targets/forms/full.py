"""The pages' forms with what only the wizard, programs and the admin decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.models import Feed
from targets.forms.finding import HowFound
from targets.forms.short import RHYTHMS, MetricForm, TargetForm
from targets.models import Metric
from targets.models.metric import VALUE_KINDS
from targets.rules import HOW_FOUND, feed_refusals
from targets.typing_in import USUAL_RHYTHM, typed_in_feed

ONLY_TYPED_IN = gettext_lazy("The rhythm belongs to the feed. Send it only for a number that is typed in or pushed.")


class FullMetricForm(HowFound, MetricForm):
    """Also says where the metric stands in the rows of its feed; without a feed it is typed in or pushed."""

    WANTED = {"feed": gettext_lazy("Choose a feed.")}

    every = forms.TypedChoiceField(choices=RHYTHMS, coerce=int, required=False)

    class Meta(MetricForm.Meta):
        fields = [*MetricForm.Meta.fields, "feed", *HOW_FOUND]
        labels = {**MetricForm.Meta.labels, **HowFound.Meta.labels}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, feed, every = (self.fields[name] for name in ("value_kind", "feed", "every"))
        kind.choices = VALUE_KINDS  # type: ignore[attr-defined]  # a choice field
        feed.required = False
        if self.instance.pk:
            feed.disabled = every.disabled = True
            feed.help_text = _("A metric stays with its feed. Make another metric.")
            every.help_text = ONLY_TYPED_IN

    def clean(self) -> dict[str, Any]:
        """Hold the value kind and the rhythm against what the feed asks for."""
        values = super().clean()
        feed: Feed | None = values.get("feed")
        for name, sentence in list(feed_refusals(values, feed)):
            self.add_error(name, sentence)
        if feed and not self.fields["every"].disabled and self.data.get("every"):
            self.add_error("every", ONLY_TYPED_IN)
        return values

    def save(self, commit: bool = True) -> Metric:
        """Save; a new metric without a feed becomes one that is typed in or pushed."""
        if not self.cleaned_data["feed"]:
            self.instance.feed = typed_in_feed(self.access, self.cleaned_data["every"] or USUAL_RHYTHM)
        metric: Metric = super().save(commit)
        return metric


class FullTargetForm(TargetForm):
    """Judges by the usual value of the period for the metric, unless another is said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial["aggregation"] = ""
        self.fields.pop("why", None)  # programs write notes as such

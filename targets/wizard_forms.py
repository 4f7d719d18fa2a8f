"""The question that is asked about a picked number: what is it? For a new connection, and for a feed that is there."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.models.feed import EVERY_CHOICES, HOUR, RunningPeriod
from connectors.ways import How, Pick, Way
from targets.models import Metric

if TYPE_CHECKING:
    from connectors.models import Feed
    from organisations.access import Access

CENTS, PERCENT = 0.01, 100.0


class Nature(StrEnum):
    """What a number is, in the words of the page."""

    RUNNING = "running"
    COUNT = "count"
    LEVEL = "level"


NATURES = [
    (Nature.RUNNING.value, gettext_lazy("A running total")),
    (Nature.COUNT.value, gettext_lazy("A count we add up")),
    (Nature.LEVEL.value, gettext_lazy("A level right now")),
]


class NumberForm(forms.Form):
    """What the picked number is, with valid answers filled in from what its name and place suggest."""

    path = forms.CharField(widget=forms.HiddenInput)
    how = forms.ChoiceField(widget=forms.RadioSelect, required=False)
    cents = forms.BooleanField(required=False)
    percent = forms.BooleanField(required=False)
    nature = forms.ChoiceField(label=gettext_lazy("What is this number?"), choices=NATURES, widget=forms.RadioSelect)
    counts_distinct = forms.BooleanField(label=gettext_lazy("It counts different people"), required=False)
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    unit = forms.CharField(
        label=gettext_lazy("Unit"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    decimals = forms.IntegerField(label=gettext_lazy("Decimals"), min_value=0, max_value=6)

    def __init__(self, data: Any = None, *, pick: Pick, access: Access) -> None:
        super().__init__(data, initial=suggested(pick, access))
        self.pick, self.access = pick, access
        self.fields["how"].choices = [(way.how.value, way.how.value) for way in pick.ways]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """Refuse a name that is taken."""
        name = str(self.cleaned_data["name"])
        if self.access.rows(Metric).filter(name=name).exists():
            raise forms.ValidationError(_("There is a metric with this name. Choose another."))
        return name

    def way(self) -> Way:
        """Return the chosen way to find the number again."""
        chosen = self.cleaned_data.get("how") or self.pick.ways[0].how
        return next(way for way in self.pick.ways if way.how == chosen)

    def scale(self) -> float:
        """Return what every value is multiplied by."""
        if self.cleaned_data["percent"]:
            return PERCENT
        return CENTS if self.cleaned_data["cents"] else 1.0


class PickForm(NumberForm):
    """A number of a new feed: also, how often the feed asks, and for which period where it asks for a total."""

    running_period = forms.ChoiceField(
        label=gettext_lazy("Total of the"), choices=RunningPeriod.choices, initial=RunningPeriod.MONTH, required=False
    )
    every = forms.TypedChoiceField(label=gettext_lazy("How often"), choices=EVERY_CHOICES, coerce=int, initial=HOUR)


class FurtherForm(NumberForm):
    """One more number of a feed, which has its rhythm and its stretch of time already."""

    def __init__(self, data: Any = None, *, pick: Pick, feed: Feed, access: Access) -> None:
        super().__init__(data, pick=pick, access=access)
        self.feed = feed
        if feed.running_period:
            self.initial["nature"] = Nature.RUNNING.value
        elif feed.at_path and self.initial["nature"] == Nature.RUNNING:
            self.initial["nature"] = Nature.COUNT.value  # dated rows add up

    def clean_nature(self) -> str:
        """Refuse what cannot come of a feed that asks for totals."""
        period, nature = self.feed.running_period, str(self.cleaned_data["nature"])
        if period and nature != Nature.RUNNING:
            raise forms.ValidationError(asks_for_totals(RunningPeriod(period)))
        return nature


def asks_for_totals(period: RunningPeriod) -> str:
    """Say that a feed asks for the total of a period, which its number therefore is."""
    return {
        RunningPeriod.DAY: _("The feed asks for the day so far, so its number is a running total."),
        RunningPeriod.WEEK: _("The feed asks for the week so far, so its number is a running total."),
        RunningPeriod.MONTH: _("The feed asks for the month so far, so its number is a running total."),
        RunningPeriod.QUARTER: _("The feed asks for the quarter so far, so its number is a running total."),
        RunningPeriod.YEAR: _("The feed asks for the year so far, so its number is a running total."),
    }[period]


def suggested(pick: Pick, access: Access) -> dict[str, Any]:
    """Return valid answers to everything the page asks about a number."""
    return {
        "path": pick.path,
        "how": pick.ways[0].how.value,
        "cents": pick.cents,
        "percent": pick.share,
        "nature": likely_nature(pick).value,
        "counts_distinct": pick.people,
        "name": free_name(pick, access),
        "unit": "%" if pick.share else pick.currency if pick.cents else "",
        "decimals": likely_decimals(pick),
    }


def likely_nature(pick: Pick) -> Nature:
    """Guess what a number is: a share or a price is a level, dated rows add up, anything else runs through a period."""
    if pick.level or pick.share:
        return Nature.LEVEL
    if pick.ways[0].how == How.ROWS:
        return Nature.COUNT
    return Nature.RUNNING


def likely_decimals(pick: Pick) -> int:
    """Guess how many decimals are worth showing."""
    if pick.cents:
        return 2
    if pick.share:
        return 1
    return 0 if pick.number.is_integer() else 2


def free_name(pick: Pick, access: Access) -> str:
    """Return a name for the metric that is not taken."""
    entry = pick.ways[0].entry
    stem = (f"{pick.title}, {entry}" if entry and pick.title else entry or pick.title)[:90] or _("Number")
    taken = set(access.rows(Metric).filter(name__startswith=stem).values_list("name", flat=True))
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem} {number}"
    return name

"""The question that is asked about a picked number: what is it? For a new connection, and for a feed that is there."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.models.feed import EVERY_CHOICES, HOUR, RunningPeriod
from connectors.ways import How, Pick, Way
from organisations.wanted import Form
from targets.forms.short import HOW_MANY_DECIMALS, WHAT_IT_IS
from targets.models import Metric
from targets.rules import asks_for_totals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.models import Feed
    from organisations.access import Access

CENTS, PERCENT = 0.01, 100.0
TYPED = ("name", "unit", "decimals", "running_period", "every")  # what somebody types stays with any number


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


class NumberForm(Form):
    """What the picked number is, with valid answers filled in from what its name and place suggest.

    `said` is what was entered on the page before, about the number `before`: as much of it as still holds is filled in
    instead. `before` is None where that number is not in the answer any more.
    """

    WANTED = {
        "path": gettext_lazy("Choose a number in the answer."),
        "nature": WHAT_IT_IS,
        "decimals": HOW_MANY_DECIMALS,
        "every": gettext_lazy("Choose how often it is asked for."),
    }

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

    def __init__(
        self,
        data: Any = None,
        *,
        pick: Pick,
        access: Access,
        said: Mapping[str, str] | None = None,
        before: Pick | None = None,
    ) -> None:
        self.pick, self.access = pick, access
        super().__init__(data, initial=self.proposed(pick) | self.kept(said or {}, before))
        self.fields["how"].choices = [(way.how.value, way.how.value) for way in pick.ways]  # type: ignore[attr-defined]

    def proposed(self, pick: Pick) -> dict[str, Any]:
        """Return the answers that are filled in for a number."""
        return suggested(pick, self.access)

    def kept(self, said: Mapping[str, str], before: Pick | None) -> dict[str, Any]:
        """Return what was entered and still holds: everything, or of another number what differs from its proposals."""
        entered = {name: field.widget.value_from_datadict(said, {}, name) for name, field in self.base_fields.items()}
        if said.get("path") != self.pick.path:
            merely = self.proposed(before) if before else {}
            entered = {name: entered.get(name) for name in TYPED if str(entered.get(name)) != str(merely.get(name))}
        return {name: value for name, value in entered.items() if value is not None}

    def clean_name(self) -> str:
        """Refuse a name that is taken."""
        name = str(self.cleaned_data["name"])
        if self.access.rows(Metric).filter(name=name).exists():
            raise forms.ValidationError(_("There is another metric of this name. Choose another."))
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

    def __init__(self, data: Any = None, *, pick: Pick, feed: Feed, access: Access, **before: Any) -> None:
        self.feed = feed
        super().__init__(data, pick=pick, access=access, **before)

    def proposed(self, pick: Pick) -> dict[str, Any]:
        """Return the answers that are filled in for a number: what it is has to agree with what the feed asks for."""
        proposed = super().proposed(pick)
        if self.feed.running_period:
            proposed["nature"] = Nature.RUNNING.value
        elif self.feed.at_path and proposed["nature"] == Nature.RUNNING:
            proposed["nature"] = Nature.COUNT.value  # dated rows add up
        return proposed

    def clean_nature(self) -> str:
        """Refuse what cannot come of a feed that asks for totals."""
        period, nature = self.feed.running_period, str(self.cleaned_data["nature"])
        if period and nature != Nature.RUNNING:
            raise forms.ValidationError(asks_for_totals(RunningPeriod(period)))
        return nature


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

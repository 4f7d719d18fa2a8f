"""The form of a report: one sentence that says what is sent, to whom, and when."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from alerts import words
from alerts.models import Report
from organisations.forms import TenantForm
from organisations.models import User
from targets.filters import Filters
from targets.models import Tag, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.forms import BoundField

    from organisations.access import Access

PLACE = re.compile(r"%\((\w+)\)s")  # where a control stands in the sentence
FRIDAY_AFTERNOON = {"at": "15:00", "weekdays": [4]}


class People(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic for the type checker alone
    """Members to tick, by name and address."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, user: User) -> str:
        """Return what stands beside the box."""
        return f"{user.name} ({user.email})" if user.name else user.email


class ReportForm(TenantForm[Report]):
    """What is sent to whom, and when; only members can be chosen."""

    targets = forms.ChoiceField(
        label=_("Targets"),
        required=False,
        error_messages={"invalid_choice": _("This team or tag is not there any more. Choose another.")},
    )
    people = People(label=_("Who gets it"), queryset=User.objects.filter(is_active=True), required=False)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"),
        choices=list(WEEKDAYS_ABBR.items()),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one weekday.")},
    )
    is_active = forms.BooleanField(
        label=_("Send it"),
        required=False,
        initial=True,
        help_text=_("Off: the schedule rests, and nobody gets anything."),
    )

    class Meta:
        model = Report
        fields = ["targets", "people", "weekdays", "at", "name", "is_active"]
        widgets = {"at": forms.TimeInput(format="%H:%M", attrs={"type": "time"})}
        labels = {"at": _("Time of day"), "name": _("Name of the report")}
        help_texts = {"at": "", "name": _("Who gets it reads it at the end of each mail.")}

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        self.fields["targets"].choices = list(_choices(access, self.instance))  # type: ignore[attr-defined]
        self.initial["targets"] = _value(self.instance)
        if self.instance.pk:
            self.initial["people"] = list(self.instance.recipients.values_list("user_id", flat=True))
        else:
            self.initial.update(FRIDAY_AFTERNOON, name=_free_name(access), people=[access.user.pk])
            del self.fields["is_active"]

    def sentence(self) -> Iterator[str | BoundField]:
        """Yield the words and the controls of the sentence, in the order of the reader's language."""
        words = gettext("Send %(targets)s to %(people)s every %(weekdays)s at %(at)s (%(zone)s).")
        here = words.replace("%(zone)s", self.access.organisation.time_zone)
        for index, part in enumerate(PLACE.split(here)):
            yield self[part] if index % 2 else part.strip()

    def clean_name(self) -> str:
        """Refuse a second report of the same name; the model form cannot, the organisation being no field of it."""
        name: str = self.cleaned_data["name"]
        if self.access.rows(Report).exclude(pk=self.instance.pk).filter(name=name).exists():
            raise ValidationError(gettext("There is another report of this name. Choose another."))
        return name

    def clean(self) -> dict[str, Any]:
        """Write the chosen team and tag on the row."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = Filters.of(QueryDict(cleaned.get("targets", _value(self.instance))))
        self.instance.team, self.instance.tag = chosen.team, chosen.tag
        return cleaned


def _choices(access: Access, report: Report) -> Iterator[tuple[str, Any]]:
    """Yield all targets, what the report is of now, then every team and every tag."""
    yield "", words.covered("", "")
    teams = access.rows(Target).exclude(team="").order_by("team").values_list("team", flat=True).distinct()
    tags = access.rows(Tag).filter(targets__isnull=False).distinct().values_list("name", flat=True)
    groups = [
        (gettext("By team"), [(Filters(team=team), words.covered(team, "")) for team in teams]),
        (gettext("By tag"), [(Filters(tag=tag), words.covered("", tag)) for tag in tags]),
    ]
    named = {_query(chosen) for _name, group in groups for chosen, _words in group}
    if _value(report) not in named | {""}:
        yield _value(report), words.covered(report.team, report.tag)
    yield from ((name, [(_query(chosen), said) for chosen, said in group]) for name, group in groups if group)


def _value(report: Report) -> str:
    return _query(Filters(team=report.team, tag=report.tag))


def _query(chosen: Filters) -> str:
    return chosen.address.removeprefix("?")


def _free_name(access: Access) -> str:
    """Return a first name for a new report; nothing where it is taken."""
    name = pgettext("the name of a report", "Weekly report")
    return "" if access.rows(Report).filter(name=name).exists() else name

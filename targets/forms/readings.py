"""Readings that people type or paste: the forms, and the fields for numbers and days that other forms share."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from connectors.extract import Point
from organisations.languages import active, grouped, size, typed
from organisations.wanted import Form
from targets.typed_in import Pasted, number_in, pasted, point_of

if TYPE_CHECKING:
    from django.http import QueryDict

ENTER_VALUE = _("Enter a value, such as 1200 or 99.9.")
LARGEST_UPLOAD = 2_000_000  # bytes


class NumberField(forms.FloatField):
    """A number as people write it: 1200, 1,200 and 1 200 are the same; in German 1.200, and 99,9 with a comma."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {"invalid": _("Write a number, such as 1200 or 99.9.")}

    def to_python(self, value: Any) -> float | None:  # type: ignore[override]  # the stubs derive it from whole numbers
        """Return the number. Raises ValidationError where there is none."""
        if value in self.empty_values:
            return None
        try:
            return float(value) if isinstance(value, int | float) else number_in(str(value))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        """Write a stored number without a needless `.0` or an exponent, with the reader's sign before its decimals."""
        return typed(value).replace(".", active().decimal) if isinstance(value, float) else value


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ReadingForm(Form):
    """One reading: a day, or a moment where the time matters, and the value."""

    WANTED = {"value": ENTER_VALUE}

    day = forms.DateField(label=_("Date"), widget=DayInput(), help_text=_("In the organisation’s days."))
    time = forms.TimeField(
        label=_("Time"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("Empty: for the whole day."),
    )
    value = NumberField(label=_("Value"), help_text=_("Without the unit."))

    def __init__(self, *args: Any, zone: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        self.fields["day"].initial = now.astimezone(zone).date()

    def clean(self) -> dict[str, Any]:
        """Turn what was typed into a point."""
        values = super().clean() or self.cleaned_data
        day, value = values.get("day"), values.get("value")
        if isinstance(day, date) and value is not None:
            when = f"{day:%Y-%m-%d} {values['time']:%H:%M}" if values.get("time") else f"{day:%Y-%m-%d}"
            try:
                values["points"] = [point_of(when, value, zone=self.zone, now=self.now)]
            except ValueError as problem:
                self.add_error("day", str(problem))
        return values

    @property
    def points(self) -> list[Point]:
        """The reading, once the form is valid."""
        return list(self.cleaned_data["points"])


class CorrectionForm(Form):
    """Another value for a reading."""

    WANTED = {"value": ENTER_VALUE}

    value = NumberField(label=_("Value"), help_text=_("Without the unit."))


class PasteForm(Form):
    """Many readings: pasted lines, or a file of them."""

    lines = forms.CharField(
        label=_("Lines of date and value"),
        required=False,
        strip=False,
        help_text=_("One reading a line, as in 2026-11-20,651. A reading of the same date is replaced."),
        widget=forms.Textarea(
            attrs={"rows": 6, "class": "code", "spellcheck": "false", "placeholder": "2026-11-20,651"}
        ),
    )
    file = forms.FileField(
        label=_("CSV file"), required=False, widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"})
    )

    def __init__(self, *args: Any, zone: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now

    def clean(self) -> dict[str, Any]:
        """Turn every line into a point; a file's text goes into the field, so that nothing is lost by a wrong line."""
        values = super().clean() or self.cleaned_data
        text = self._text(values)
        if "file" in self.errors:
            return values
        found = pasted(text, zone=self.zone, now=self.now)
        if found.wrong:
            self.add_error("lines", _nothing_added(found))
        for sentence in found.errors or ([] if found.points else [gettext("Paste some lines, or choose a file.")]):
            self.add_error("lines", sentence)
        values["points"] = found.points
        return values

    def _text(self, values: dict[str, Any]) -> str:
        file = values.get("file")
        if not file:
            return str(values.get("lines") or "")
        if file.size > LARGEST_UPLOAD:
            self.add_error(
                "file", gettext("This file is too large; %(most)s is the most.") % {"most": size(LARGEST_UPLOAD)}
            )
            return ""
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("file", gettext("This file is not text in UTF-8."))
            return ""
        shown = cast("QueryDict", self.data).copy()
        shown["lines"] = text
        self.data = shown
        return str(text)

    @property
    def points(self) -> list[Point]:
        """The readings, once the form is valid."""
        return list(self.cleaned_data["points"])


def _nothing_added(found: Pasted) -> str:
    """Say how much is wrong, and that nothing of it was written down."""
    sentence = ngettext(
        "%(wrong)s of %(lines)s line cannot be read, so nothing was added. Mend it below, and add again.",
        "%(wrong)s of %(lines)s lines cannot be read, so nothing was added. Mend them below, and add again.",
        found.lines,
    )
    return sentence % {"wrong": grouped(found.wrong), "lines": grouped(found.lines)}

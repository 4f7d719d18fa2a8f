"""What a form says where a field is not filled in as it needs to be: what to do, in our words.

The framework says what is wrong with a value; people want to know what is wanted. Kinds of connections have forms too,
so this knows no tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Sentences = Mapping[str, "StrOrPromise"]

_SOME_NUMBER = _("Write a number, such as 1200 or 99.9.")
_WHOLE_NUMBER = _("Enter a whole number, such as 12.")
_DATE = _("Enter a date, such as 2026-11-20.")
_TIME = _("Enter a time of day, such as 08:00.")
_BOTH = _("Enter a date and a time, such as 2026-11-20 08:00.")
_EMAIL = _("Enter an e-mail address, such as name@example.com.")
_URL = _("Enter a whole address, such as https://example.com/page.")
_SLUG = _("Use letters without accents, digits, hyphens and underscores alone.")
_FILE = _("Choose a file.")
_ANOTHER_CHOICE = _("“%(value)s” cannot be chosen here. Choose another.")
_ANOTHER_ROW = _("This cannot be chosen here. Choose another.")  # the same for what is not there and what is foreign
_FROM_THE_CHOICES = _("Choose from what is offered.")

# by code, as the framework knows its errors; a type of field says what its bases say, unless it says it itself
SAID: dict[type[forms.Field], Sentences] = {
    forms.Field: {"required": _("Fill this in.")},
    forms.CharField: {
        "max_length": _("Enter at most %(limit_value)s characters; these are %(show_value)s."),
        "min_length": _("Enter at least %(limit_value)s characters; these are %(show_value)s."),
        "null_characters_not_allowed": _("Leave out the signs that cannot be shown."),
    },
    forms.EmailField: {"required": _EMAIL, "invalid": _EMAIL},
    forms.URLField: {"required": _URL, "invalid": _URL},
    forms.SlugField: {"required": _SLUG, "invalid": _SLUG},
    forms.JSONField: {"invalid": _("Write it as JSON.")},
    forms.IntegerField: {
        "required": _WHOLE_NUMBER,
        "invalid": _WHOLE_NUMBER,
        "min_value": _("Enter a number of at least %(limit_value)s."),
        "max_value": _("Enter a number of at most %(limit_value)s."),
    },
    forms.FloatField: {"required": _SOME_NUMBER, "invalid": _SOME_NUMBER},
    forms.DateField: {"required": _DATE, "invalid": _DATE},
    forms.TimeField: {"required": _TIME, "invalid": _TIME},
    forms.DateTimeField: {"required": _BOTH, "invalid": _BOTH},
    forms.SplitDateTimeField: {"required": _BOTH, "invalid_date": _DATE, "invalid_time": _TIME},
    forms.FileField: {
        "required": _FILE,
        "missing": _FILE,
        "invalid": _FILE,
        "empty": _("This file is empty. Choose another."),
        "max_length": _("The name of this file is too long; %(max)d characters are the most."),
    },
    forms.BooleanField: {"required": _("Tick this to go on.")},
    forms.ChoiceField: {"required": _("Choose one of these."), "invalid_choice": _ANOTHER_CHOICE},
    forms.MultipleChoiceField: {"required": _("Choose at least one."), "invalid_list": _FROM_THE_CHOICES},
    forms.ModelChoiceField: {"invalid_choice": _ANOTHER_ROW},
    forms.ModelMultipleChoiceField: {
        "required": _("Choose at least one."),
        "invalid_choice": _ANOTHER_ROW,
        "invalid_list": _FROM_THE_CHOICES,
        "invalid_pk_value": _FROM_THE_CHOICES,
    },
}


class SaysWhatToDo:
    """A form whose errors say what to do. `WANTED` says by field what is to be entered; a subclass may add to it."""

    WANTED: ClassVar[Sentences] = {"name": _("Enter a name.")}
    fields: dict[str, forms.Field]

    def full_clean(self) -> None:
        """Check what was entered, in our words; a form may have added fields until now."""
        for name, field in self.fields.items():
            speak(field, wanted_by(type(self), name))
        super().full_clean()  # type: ignore[misc]  # of the form that this is mixed into


class Form(SaysWhatToDo, forms.Form):
    """A form that is about no row."""


def wanted_by(form: type, name: str) -> StrOrPromise:
    """Return what a form asks for in a field; nothing where its type says enough."""
    said: StrOrPromise = ""
    for each in reversed(form.__mro__):
        said = vars(each).get("WANTED", {}).get(name, said)
    return said


def speak(field: forms.Field, wanted: StrOrPromise = "") -> None:
    """Put our sentences in place of the framework's; one that the field was given itself stays."""
    theirs, ours = _of_the_framework(field), sentences(field)
    if wanted:
        ours["required"] = wanted
    for code, sentence in ours.items():
        if field.error_messages.get(code) is theirs.get(code):
            field.error_messages[code] = sentence


def sentences(field: forms.Field) -> dict[str, StrOrPromise]:
    """Return what is said about a field of this type, by code."""
    found: dict[str, StrOrPromise] = {}
    for each in reversed(type(field).__mro__):
        found |= SAID.get(each, {})
    return found


def _of_the_framework(field: forms.Field) -> dict[str, StrOrPromise]:
    found: dict[str, StrOrPromise] = {}
    for each in reversed(type(field).__mro__):
        if each.__module__.startswith("django."):
            found |= vars(each).get("default_error_messages", {})
    return found

"""Every form says what to do, in our own words: none of the framework's sentences is left."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from copy import deepcopy
from functools import cache

import pytest
from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.utils import translation

from organisations.wanted import SAID, Form, SaysWhatToDo, speak, wanted_by

APPS = ("organisations", "connectors", "targets", "alerts", "blueprints")
NONSENSE = ("", "?", "\0", "x" * 30_000, "-99999999999", "99999999999", "1.5", "32 May", None)
MANY = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)
AS_IT_STANDS = {"aggregation", "profile", "text", "confirm"}  # what is asked for them is decided when a form is made
FormClass = type[forms.Form]


def below(kind: type[forms.BaseForm]) -> Iterator[FormClass]:
    """Yield every class that is built on another."""
    for each in kind.__subclasses__():
        yield each  # type: ignore[misc]  # all of them have fields
        yield from below(each)


def ours() -> list[FormClass]:
    """Return every form that we wrote."""
    for app in APPS:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    found = {each for each in below(forms.BaseForm) if each.__module__.split(".")[0] in APPS}
    return sorted(found, key=lambda each: (each.__module__, each.__name__))


FORMS = ours()
FIELDS = {f"{form.__module__}.{form.__name__}.{name}": (form, name) for form in FORMS for name in form.base_fields}
REQUIRED = {
    place: (form, name)
    for place, (form, name) in FIELDS.items()
    if form.base_fields[name].required and name not in AS_IT_STANDS
}


def spoken(form: FormClass, name: str) -> forms.Field:
    """Return a field as its form speaks of it."""
    field = deepcopy(form.base_fields[name])
    if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
        field.queryset = field.queryset.model._base_manager.none()
    speak(field, wanted_by(form, name))
    return field


def nonsense(field: forms.Field) -> Iterable[object]:
    """Return what somebody might send; a NUL for a row is refused before the field can speak."""
    if isinstance(field, MANY):
        return [*NONSENSE, ["?"]]
    return [each for each in NONSENSE if each != "\0" or not isinstance(field, forms.ModelChoiceField)]


def said_of(field: forms.Field, value: object) -> Iterable[ValidationError]:
    try:
        field.clean(value)
    except ValidationError as error:
        return error.error_list
    return []


@cache
def of_the_framework() -> frozenset[int]:
    """Return which objects are sentences of the framework about values; translations alike, they are lazy."""
    types = [
        each for module in (forms.fields, forms.models) for each in vars(module).values() if isinstance(each, type)
    ]
    said = [sentence for each in types for sentence in vars(each).get("default_error_messages", {}).values()]
    said += [each.message for each in vars(validators).values() if hasattr(each, "message")]
    return frozenset(map(id, said))


def test_there_are_forms() -> None:
    assert len(FORMS) > 40
    assert len(FIELDS) > 150


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.__module__}.{form.__name__}")
def test_every_form_says_what_to_do(form: FormClass) -> None:
    assert issubclass(form, SaysWhatToDo), "Base a form on organisations.wanted.Form or organisations.forms.ModelForm."


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "name"), FIELDS.values(), ids=FIELDS)
def test_no_sentence_of_the_framework_is_left(form: FormClass, name: str) -> None:
    field, theirs = spoken(form, name), of_the_framework()
    field.required = True
    for value in nonsense(field):
        for error in said_of(field, value):
            assert id(error.message) not in theirs, error
            assert str(error.messages[0])


@pytest.mark.parametrize(("form", "name"), REQUIRED.values(), ids=REQUIRED)
def test_what_has_to_be_filled_in_is_named(form: FormClass, name: str) -> None:
    field = spoken(form, name)
    vague = {str(SAID[kind]["required"]) for kind in (forms.Field, forms.ChoiceField, forms.MultipleChoiceField)}
    said = str(field.error_messages["required"])
    assert said not in vague, f"Say under WANTED what {form.__name__} asks for in {name}."
    with translation.override("de"):
        assert str(field.error_messages["required"]) != said


class Sample(Form):
    """A field of each sort, one of which speaks for itself."""

    name = forms.CharField(max_length=3)
    count = forms.IntegerField(min_value=1, max_value=6)
    on = forms.DateField()
    size = forms.ChoiceField(choices=[("s", "Small")])
    kind = forms.CharField(error_messages={"required": "Speak!"})


def test_a_form_says_what_is_wanted() -> None:
    assert {name: list(said) for name, said in Sample({}).errors.items()} == {
        "name": ["Enter a name."],
        "count": ["Enter a whole number, such as 12."],
        "on": ["Enter a date, such as 2026-11-20."],
        "size": ["Choose one of these."],
        "kind": ["Speak!"],
    }
    wrong = {"name": "longer", "count": "7", "on": "soon", "size": "xl", "kind": "any"}
    assert {name: list(said) for name, said in Sample(wrong).errors.items()} == {
        "name": ["Enter at most 3 characters; these are 6."],
        "count": ["Enter a number of at most 6."],
        "on": ["Enter a date, such as 2026-11-20."],
        "size": ["“xl” cannot be chosen here. Choose another."],
    }


def test_a_form_says_it_in_the_readers_language() -> None:
    with translation.override("de"):
        assert Sample({}).errors["name"] == ["Bitte einen Namen eingeben."]

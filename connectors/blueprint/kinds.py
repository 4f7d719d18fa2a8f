"""The forms of a kind as groups of fields in a file, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django import forms

from connectors.fields import ConnectionName, Lines
from connectors.paths import look_up
from connectors.problems import Unreadable
from organisations.documents import REQUIRED, Field, Shape, Wrong
from organisations.documents.shapes import (
    Choice,
    Flag,
    Group,
    Number,
    Pairs,
    Reference,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


Fields = dict[str, Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class Path(Text):
    """Where something stands in a row (JMESPath)."""

    def read(self, given: Any) -> str:
        """Return the path. Raises Wrong for one that cannot be looked up."""
        path = Text.read(self, given)
        try:
            look_up(path)
        except Unreadable as error:
            raise Wrong(str(error)) from None
        return path


def shape_of(form_field: forms.Field) -> Shape:
    """Return the shape that a field of a kind's form has in a file."""
    if isinstance(form_field, Lines):
        return Pairs(separator=form_field.separator)
    if isinstance(form_field, ConnectionName):
        return Reference("connections")
    if isinstance(form_field, forms.ChoiceField):
        choices: Any = form_field.choices
        return Choice(tuple(str(name) for name, _label in choices))
    if isinstance(form_field, forms.BooleanField):
        return Flag()
    if isinstance(form_field, forms.IntegerField):  # of which decimals are a kind
        return Number(whole=not isinstance(form_field, forms.FloatField | forms.DecimalField))
    longest, strips = getattr(form_field, "max_length", None) or 5000, getattr(form_field, "strip", True)
    return Text(longest=longest, many_lines=_is_long(form_field), keeps_blanks=not strips)


def _is_long(form_field: forms.Field) -> bool:
    return isinstance(form_field.widget, forms.Textarea)


def group_of(form: type[forms.Form]) -> Group:
    """Return a kind's form as a group of fields."""
    shapes = {name: shape_of(each) for name, each in form.base_fields.items()}
    usual = {name: _usual(shapes[name], each) for name, each in form.base_fields.items()}
    return Group(
        shapes=shapes,
        defaults={name: value for name, value in usual.items() if value is not REQUIRED},
        required=tuple(name for name, value in usual.items() if value is REQUIRED),
    )


def _usual(shape: Shape, form_field: forms.Field) -> Any:
    if form_field.required and form_field.initial is None and not isinstance(form_field, forms.BooleanField):
        return REQUIRED
    nothing = False if isinstance(shape, Flag) else ""
    return shape.read(nothing if form_field.initial is None else form_field.initial)


def sent(form: type[forms.Form], group: Mapping[str, Any]) -> dict[str, Any]:
    """Return a group's fields as the kind's form takes them, every one, those left out at their defaults."""
    whole = group_of(form)
    needed = {name: "" for name in whole.shapes if name not in whole.defaults}  # what is stored must not fill it in
    values = {**needed, **whole.defaults, **group}
    return {name: _sent(whole.shapes[name], value) for name, value in values.items() if name in whole.shapes}


def _sent(shape: Shape, value: Any) -> Any:
    return "\n".join(shape.lines(value)) if isinstance(shape, Pairs) else value


def written(form: type[forms.Form], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored settings as a file says them; what the form knows no more is left out."""
    known = {name: value for name, value in stored.items() if name in form.base_fields and value is not None}
    return replace(group_of(form), required=()).read(known)

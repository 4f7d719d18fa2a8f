"""Form fields of what is asked about records, and what their cleaned values mean for a row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from connectors.fields import Lines, pairs
from connectors.paths import look_up
from connectors.templating import PLACEHOLDER

if TYPE_CHECKING:
    from connectors.protocol import Row

LONGEST_NAME = 60


class Amount(forms.FloatField):
    """A number that may be left out; nothing means the initial one."""

    def __init__(self, *, initial: float, **options: Any) -> None:
        super().__init__(**{"required": False, "initial": initial, **options})

    def clean(self, value: Any) -> float:
        """Return the number, or the initial one."""
        found = super().clean(value)
        return float(self.initial if found is None else found)


class Whole(forms.IntegerField):
    """A whole number that may be left out; nothing means the initial one."""

    def __init__(self, *, initial: int, **options: Any) -> None:
        super().__init__(**{"required": False, "initial": initial, **options})

    def clean(self, value: Any) -> int:
        """Return the number, or the initial one."""
        found = super().clean(value)
        return int(self.initial if found is None else found)


class Named(Lines):
    """Names with paths, one `name=path` a line; the path is JMESPath, seen from a row or from an answer."""

    NAMES_ARE_SENT = False

    def __init__(self, **options: Any) -> None:
        super().__init__(separator="=", **options)

    def clean(self, value: Any) -> str:
        """Return the lines. Refuse what is no name of a placeholder, no path, or a name that comes twice."""
        lines = super().clean(value)
        found = pairs(lines, separator="=")
        for name, path in found:
            if not PLACEHOLDER.fullmatch(f"{{{name}}}") or len(name) > LONGEST_NAME:
                raise ValidationError(_("“%(name)s” is no name: use letters, digits and _.") % {"name": name})
            _check_path(path)
        if len(dict(found)) < len(found):
            raise ValidationError(_("A name stands there twice."))
        return lines


def _check_path(path: str) -> None:
    try:
        look_up(path)
    except ValueError as error:
        raise ValidationError(str(error)) from None


def names_in(lines: str) -> set[str]:
    """Return the names of a cleaned `Named` field."""
    return {name for name, _path in pairs(lines, separator="=")}


def taken(lines: str, row: Row) -> dict[str, Any]:
    """Return by name what stands in a row; what is not there is None. Raises Unreadable."""
    return {name: look_up(path)(row) for name, path in pairs(lines, separator="=")}


def as_text(values: Mapping[str, Any]) -> dict[str, str | int | float]:
    """Return values as they can stand in a template: nothing as an empty text, lists and objects as JSON."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, dict | list | bool):
        return json.dumps(value, ensure_ascii=False)
    return value if isinstance(value, str | int | float) else str(value)

"""Plain forms: what is stored as JSON and sent by the API; dates and times in ISO 8601, no NaN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Plain = dict[str, Any]


def as_plain(value: Any) -> Any:
    """The plain form of a dataclass, and of what it is made of; a number that is not finite is unknown, so None."""
    if is_dataclass(value):
        return {each.name: as_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [as_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return None if isinstance(value, float) and not isfinite(value) else value


def known_fields(of: type[DataclassInstance], plain: Mapping[str, Any]) -> Plain:
    """The entries that a dataclass has a field for: a form stored by an earlier version may have others."""
    names = {each.name for each in fields(of)}
    return {name: value for name, value in plain.items() if name in names}

"""Whatever is in `connectors/kinds/` is a kind; its file name is its slug."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, cast

from connectors import kinds
from connectors.protocol import Kind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@cache
def all_kinds() -> dict[str, Kind]:
    """Return every kind by its slug, in alphabetical order."""
    names = sorted(module.name for module in iter_modules(kinds.__path__))
    return {name: cast("Kind", import_module(f"connectors.kinds.{name}")) for name in names}


def kind(slug: str) -> Kind:
    """Return one kind. Raises KeyError for a slug that no file carries."""
    return all_kinds()[slug]


def choices() -> list[tuple[str, StrOrPromise]]:
    """Return slug and label of every kind, for forms."""
    return [(slug, module.LABEL) for slug, module in all_kinds().items()]

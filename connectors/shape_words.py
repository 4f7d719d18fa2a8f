"""What has changed in the answers of a source, in words: what is gone, what is new, what may have taken its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connectors import shapes
from organisations.languages import grouped, listed

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from connectors.models import ShapeChange

Entry = Mapping[str, Any]
MOST_NAMED = 4
TYPES: dict[str, StrOrPromise] = {
    shapes.OBJECT: gettext_lazy("an object"),
    shapes.LIST: gettext_lazy("a list"),
    shapes.NUMBER: gettext_lazy("a number"),
    shapes.TEXT: gettext_lazy("a text"),
    shapes.BOOLEAN: gettext_lazy("true or false"),
}


def shown(path: str) -> str:
    """Write a path for people: of an answer that is a list, as it stands in a row; the answer itself is @."""
    return path.removeprefix("[].") or "@"


def sentence(change: ShapeChange) -> str:
    """Say what is gone and what is new: “data.total” is gone; “data.sum” is new."""
    turned = {each["path"] for each in change.gone} & {each["path"] for each in change.new}
    gone = [each for each in change.gone if each["path"] not in turned]
    new = [each for each in change.new if each["path"] not in turned]
    parts = [_turned(each) for each in change.new if each["path"] in turned]
    if gone:
        parts.append(ngettext("%(names)s is gone", "%(names)s are gone", len(gone)) % {"names": _named(gone)})
    if new and gone:
        parts.append(ngettext("%(names)s is new", "%(names)s are new", len(new)) % {"names": _named(new)})
    return f"{'; '.join(parts)}." if parts else ""


def successors(change: ShapeChange) -> list[str]:
    """Say of each path that is gone which new one probably took its place."""
    return [
        _("“%(new)s” probably took the place of “%(gone)s”.")
        % {"new": shown(each["instead"]), "gone": shown(each["path"])}
        for each in change.gone
        if each.get("instead")
    ]


def _turned(entry: Entry) -> str:
    return _("“%(path)s” is %(type)s now") % {"path": shown(entry["path"]), "type": TYPES[entry["type"]]}


def _named(entries: Iterable[Entry]) -> str:
    """Name a few paths, those that are read first, and count the others."""
    ordered = sorted(entries, key=lambda each: not each.get("is_read"))
    names = [_("“%(path)s”") % {"path": shown(each["path"])} for each in ordered]
    if len(names) <= MOST_NAMED:
        return listed(names)
    more = len(names) - MOST_NAMED + 1
    return ngettext("%(names)s and %(more)s more", "%(names)s and %(more)s more", more) % {
        "names": ", ".join(names[: MOST_NAMED - 1]),
        "more": grouped(more),
    }

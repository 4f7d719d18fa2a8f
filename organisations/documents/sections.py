"""A section of a blueprint, as the app that owns its rows declares it in its `blueprint.py`.

An app lists its sections there as `SECTIONS`; nothing else names them. What a section declares serves everything: a
file is read and checked by it without the database, compared with the organisation, written, exported, and described
to editors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from organisations.roles import Permission

if TYPE_CHECKING:
    from datetime import datetime

    from django_stubs_ext import StrOrPromise

    from organisations.access import Access
    from organisations.documents.shapes import Shape

Body = Mapping[str, Any]
LookUp = Callable[[str, str], "Body | None"]  # (section, name) → what is known of it
REQUIRED: Any = object()
SECRETS = "secrets"  # the field in which a body holds the names of its secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One line of a body. `default` is what is meant where it is left out; exports leave it out then too."""

    shape: Shape
    help: StrOrPromise
    default: Any = REQUIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A row as it stands in the organisation, as a file would write it."""

    name: str
    pk: int
    body: Body
    is_sample: bool = False  # put there to look around: neither exported nor pruned


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A row as it is to be: every field filled, what it names by ids, secrets by their values."""

    name: str
    pk: int | None
    values: Mapping[str, Any]
    ids: Mapping[str, list[int]] = field(default_factory=dict)  # by field; “parent” for what its name begins with
    secrets: Mapping[str, str] = field(default_factory=dict)

    def id(self, name: str) -> int | None:
        """Return the id of the one thing that a field names; None where it names nothing."""
        return next(iter(self.ids.get(name, [])), None)


class Refused(Exception):
    """The organisation cannot take a row; sentences by field, the empty name for the whole."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(next(iter(errors.values()))[0])
        self.errors = errors


class Writer(Protocol):
    """Writes the rows of one section within one transaction: each is put, then all are finished."""

    def put(self, wanted: Wanted) -> None:
        """Take one row to create or change. Raises Refused."""
        ...

    def remove(self, pks: list[int]) -> None:
        """Remove rows with everything below them."""
        ...

    def finish(self) -> Mapping[str, int]:
        """Write whatever is not written yet; returns the ids of all that was put, by name."""
        ...


def same_place(before: Body, after: Body) -> bool:  # noqa: ARG001  a section says otherwise
    """Say that stored secrets may stay with a changed row."""
    return True


def none_stored(access: Access, pk: int) -> Mapping[str, str]:  # noqa: ARG001  a section says otherwise
    """Say that nothing is stored under seal."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One kind of rows: what its bodies hold, and the roads from and to the database.

    `fields` are those of one body, for what it may hold can depend on what stands in it and on what it names.
    `after` are the sections that its bodies name. `rows` reads all in a constant number of queries.
    """

    name: str
    help: StrOrPromise
    after: tuple[str, ...] = ()
    hangs_on: tuple[str, ...] = ()  # the fields that name what a row goes with; its parent always is
    in_any_case: tuple[str, ...] = ()  # the fields whose texts are the same in whatever case
    permission: Permission = Permission.EDIT
    beside: str = ""  # the section whose row of the same name it belongs to, and goes with
    parent: str = ""  # the section of the name's first part, where a name has two: “Analytics / Visitors”
    longest: int = 100  # characters of a name, or of each of its parts
    fields: Callable[[str, Body, LookUp], Mapping[str, Field]]
    rows: Callable[[Access], Iterable[Found]]
    writer: Callable[[Access, datetime], Writer]
    keeps_secrets: Callable[[Body, Body], bool] = same_place
    secrets_of: Callable[[Access, int], Mapping[str, str]] = none_stored
    variants: Callable[[], Mapping[str, Mapping[str, Field]]]  # every form that a body can take, for the description


def joined(*parts: str) -> str:
    """Return the name of a row within another's: “Analytics / Visitors”; a lone slash inside a part is doubled."""
    return " / ".join(_escaped(part) for part in parts)


def parted(name: str) -> list[str]:
    """Return the parts of a joined name."""
    return [_unescaped(part) for part in name.split(" / ")]


def _escaped(part: str) -> str:
    return " ".join(f"{word}/" if word and not word.strip("/") else word for word in part.split(" "))


def _unescaped(part: str) -> str:
    return " ".join(word[1:] if len(word) > 1 and not word.strip("/") else word for word in part.split(" "))

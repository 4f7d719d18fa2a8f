"""What a file about a well-known service says: what it asks of a person, how it is signed in to, what it measures.

A file holds no code. Values of a person stand in it as `${NAME}`; `{since}`, `{until}` and their like are those of any
feed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from organisations.said import Said


class Takes(StrEnum):
    """What an answer of a person is."""

    TEXT = "text"
    ADDRESS = "address"
    SECRET = "secret"  # noqa: S105  a kind of answer
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One thing that is asked of a person: `pattern` is what a text must look like, `found_at` a page about it.

    A secret says in `credential` which of the kind's secrets it is.
    """

    name: str
    label: Said
    help: Said
    kind: Takes = Takes.TEXT
    example: str
    default: str = ""
    pattern: str = r"[^\s{}\"'`\\$]+"
    choices: Mapping[str, Said] = field(default_factory=dict)
    credential: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is asked of the service, for one or several metrics; the names are those of a feed.

    In `query`, `params` and `headers` are values by name (or lists of them), and `body` is a document.
    """

    key: str
    name: Said
    query: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number that the service knows; `values` by the names of a metric's fields."""

    key: str
    source: str
    name: Said
    summary: Said
    unit: Said
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A well-known service: one file. `limits` are those of a connection; `documented_at` says where."""

    slug: str
    name: str
    summary: Said
    documented_at: str
    kind: str
    asks: Mapping[str, Ask]
    connection: str
    settings: Mapping[str, Any]
    limits: Mapping[str, int]
    sources: Mapping[str, Source]
    measures: Mapping[str, Measure]

    def sources_of(self, measures: list[str]) -> list[Source]:
        """Return what has to be asked for some of the metrics, each once, in the order of the file."""
        wanted = {self.measures[key].source for key in measures}
        return [source for key, source in self.sources.items() if key in wanted]

"""The starters that there are: whatever lies in this folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from blueprints import documents
from blueprints.starters.head import Head, read_head
from connectors import registry

if TYPE_CHECKING:
    from blueprints.documents import Document

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """One file: its name without the ending, its text, and what stands in it."""

    slug: str
    text: str
    document: Document
    head: Head

    @property
    def file(self) -> str:
        """The name of the file."""
        return f"{self.slug}.yaml"

    @property
    def drawing(self) -> str:
        """The template that draws what the target will look like."""
        return f"blueprints/pictures/{self.head.picture}.html"

    @property
    def asks_a_source(self) -> bool:
        """Whether something is fetched, so that it can be tried before it is used."""
        kinds = (f"{row.at(('kind',)).value}" for row in self.document.rows.get("connections", {}).values())
        return any(kind in registry.all_kinds() and registry.kind(kind).COLLECTS for kind in kinds)


def read(slug: str, text: str) -> Starter:
    """Return what a file says. Raises Mistaken with all that is wrong with it."""
    document = documents.read({f"{slug}.yaml": text})
    return Starter(slug=slug, text=text, document=document, head=read_head(document))


@cache
def all_starters() -> dict[str, Starter]:
    """Return every starter by its name, read once."""
    return {file.stem: read(file.stem, file.read_text()) for file in sorted(FOLDER.glob("*.yaml"))}


def in_order() -> list[Starter]:
    """Return the starters as they are offered: those that fetch first, each by its title in the reader's language."""
    return sorted(all_starters().values(), key=_place)


def _place(starter: Starter) -> tuple[bool, Iterable[str]]:
    return not starter.asks_a_source, str(starter.head.title).casefold()

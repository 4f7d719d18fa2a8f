"""What stands under `sample:` in the sample's file: names, days, and how the readings of each target run. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blueprints import documents
from organisations.said import Said
from targets.domain.terms import Status
from targets.made_up import Story

if TYPE_CHECKING:
    from blueprints.documents import Document

FILE = Path(__file__).parent / "targets.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A note: how many days ago, and what happened."""

    days_ago: int
    text: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One sample: `word` names its metric and its target, and `<word>_GOAL` is the goal that shows its status."""

    word: str
    story: Story
    shows: Status
    notes: tuple[Remark, ...] = ()

    @property
    def goal(self) -> str:
        """The open value of its goal."""
        return f"{self.word}_GOAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The file and its head. `days` are open values that are days, counted from today."""

    text: str
    document: Document
    words: Mapping[str, Said]
    days: Mapping[str, int]
    parts: tuple[Part, ...]


@cache
def the_sample() -> Sample:
    """Return the sample, read once."""
    text = FILE.read_text()
    document = documents.read({FILE.name: text})
    assert document.sample is not None  # noqa: S101  the file comes with the program
    head: dict[str, Any] = document.sample.plain()
    return Sample(
        text=text,
        document=document,
        words={name: Said(texts) for name, texts in head["words"].items()},
        days=head["days"],
        parts=tuple(_part(word, said) for word, said in head["targets"].items()),
    )


def _part(word: str, said: Mapping[str, Any]) -> Part:
    notes = (Remark(days_ago=note["days_ago"], text=Said(note["text"])) for note in said.get("notes", []))
    story = Story(key=word, said=said["readings"], silent_days=said.get("silent_days", 0))
    return Part(word=word, story=story, shows=Status(said["shows"]), notes=tuple(notes))

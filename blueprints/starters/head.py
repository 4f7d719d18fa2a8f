"""What stands under `starter:` in a file: how it is offered, what it asks, and the names that it fills in itself. Pure.

Everything is checked together, so that whoever writes a starter sees all that is wrong with it at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from blueprints.mistakes import Mistake, Mistaken
from blueprints.nodes import Node
from blueprints.starters.said import read_said
from organisations.documents import Wrong
from organisations.documents.shapes import nearest, unknown
from organisations.said import Said

if TYPE_CHECKING:
    from blueprints.documents import Document

NAME = re.compile(r"[A-Z][A-Z0-9_]*")
FIELDS = ("title", "summary", "picture", "questions", "words")
OF_A_QUESTION = ("ask", "hint", "kind", "default", "choices")


class Picture(StrEnum):
    """What the target will look like; each is a drawing in `templates/blueprints/pictures/`."""

    TOTAL = "total"  # the days add up
    RUNNING = "running"  # the source says the total so far
    LEVEL = "level"  # above or below a line
    RANGE = "range"  # between two lines
    EVENTS = "events"  # it went well, or it did not


class Asks(StrEnum):
    """What can be answered to a question."""

    ADDRESS = "address"
    SECRET = "secret"  # noqa: S105  a kind of answer, and no secret
    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"
    PERSON = "person"  # a member, by the e-mail address


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One open value, as a person is asked. A default may hold `{sandbox}`, the keys of `SANDBOX_KEYS` and `{me}`."""

    name: str
    ask: Said
    hint: Said | None = None
    kind: Asks = Asks.TEXT
    default: str = ""
    choices: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a starter. `words` are the open values that are filled in the reader's language, unasked."""

    title: Said
    summary: Said
    picture: Picture
    questions: Mapping[str, Question] = field(default_factory=dict)
    words: Mapping[str, Said] = field(default_factory=dict)


def read_head(document: Document) -> Head:
    """Return the head of a document. Raises Mistaken with all that is wrong with it."""
    if document.starter is None:
        raise Mistaken([Mistake(sentence=_("A starter has a head: write “starter:” with what it is and asks."))])
    reading = _Reading()
    head = reading.head(document.starter)
    mistakes = [*reading.mistakes, *_unasked(document, head), *_of_another_kind(document, head)]
    if mistakes:
        raise Mistaken(mistakes)
    return head


def _unasked(document: Document, head: Head) -> Iterator[Mistake]:
    """Yield the open values that nobody would fill, and the answers that would go nowhere."""
    plain, secret = document.names()
    known, open_ones = {**head.questions, **head.words}, {**plain, **secret}
    for name, node in open_ones.items():
        if name not in known:
            said = _("“${%(name)s}” is open: ask for it under questions, or name it under words.") % {"name": name}
            yield Mistake(sentence=said, file=node.file, line=node.line, meant=nearest(name, list(known)))
    starter = document.starter or Node(None)
    for name in known:
        if name not in open_ones:
            part = "questions" if name in head.questions else "words"
            node = starter.at((part, name))
            said = _("“${%(name)s}” stands nowhere in this file.") % {"name": name}
            meant = nearest(name, list(open_ones))
            yield Mistake(sentence=said, file=node.file, line=node.line, path=("starter", part, name), meant=meant)


def _of_another_kind(document: Document, head: Head) -> Iterator[Mistake]:
    """Yield the secrets that are not asked for as such, and the other way round."""
    _plain, secret = document.names()
    starter = document.starter or Node(None)
    for name, question in head.questions.items():
        node = starter.at(("questions", name, "kind"))
        path = ("starter", "questions", name, "kind")
        if name in secret and question.kind != Asks.SECRET:
            said = _("“${%(name)s}” is a secret: write “kind: secret”.") % {"name": name}
            yield Mistake(sentence=said, file=node.file, line=node.line, path=path)
        elif name not in secret and question.kind == Asks.SECRET:
            said = _("“${%(name)s}” does not stand under secrets, so it would be shown.") % {"name": name}
            yield Mistake(sentence=said, file=node.file, line=node.line, path=path)
    for name in (name for name in head.words if name in secret or name in head.questions):
        node = starter.at(("words", name))
        said = _("“${%(name)s}” is asked for: it cannot be a word too.") % {"name": name}
        yield Mistake(sentence=said, file=node.file, line=node.line, path=("starter", "words", name))


@dataclass(slots=True)
class _Reading:
    """One pass over a head, which notes what is wrong and reads on."""

    mistakes: list[Mistake] = field(default_factory=list)

    def head(self, node: Node) -> Head:
        given = self._fields(node, FIELDS, ("starter",))
        return Head(
            title=self._said(given, "title", node, ("starter",)),
            summary=self._said(given, "summary", node, ("starter",)),
            picture=Picture(self._one_of(given, "picture", tuple(Picture), node, ("starter",)) or Picture.TOTAL),
            questions={name: self._question(name, each) for name, each in self._named(given, "questions")},
            words={
                name: read_said(each, ("starter", "words", name), self.mistakes)
                for name, each in self._named(given, "words")
            },
        )

    def _question(self, name: str, node: Node) -> Question:
        path = ("starter", "questions", name)
        given = self._fields(node, OF_A_QUESTION, path)
        kind = Asks(self._one_of(given, "kind", tuple(Asks), node, path) or Asks.TEXT)
        question = Question(
            name=name,
            ask=self._said(given, "ask", node, path),
            hint=read_said(given["hint"], (*path, "hint"), self.mistakes) if "hint" in given else None,
            kind=kind,
            default=self._text(given, "default", path),
            choices={
                value: read_said(each, (*path, "choices", value), self.mistakes)
                for value, each in self._mapping(given, "choices", path).items()
            },
        )
        if (kind == Asks.CHOICE) != bool(question.choices):
            self._wrong(_("A choice has choices, and nothing else has."), node, path)
        return question

    def _fields(self, node: Node, names: tuple[str, ...], path: tuple[str, ...]) -> dict[str, Node]:
        if not isinstance(node.value, dict):
            self._wrong(_("Write fields with their values below the name."), node, path)
            return {}
        for name in (name for name in node.value if name not in names):
            error: Wrong = unknown(name, names)
            self._wrong(str(error), node.value[name], (*path, name), error.meant)
        return {name: each for name, each in node.value.items() if name in names}

    def _named(self, given: Mapping[str, Node], part: str) -> Iterator[tuple[str, Node]]:
        for name, node in self._mapping(given, part, ("starter",)).items():
            if not NAME.fullmatch(name):
                said = _("An open value is named in capital letters, such as GOAL.")
                self._wrong(said, node, ("starter", part, name), name.upper() if NAME.fullmatch(name.upper()) else "")
            yield name, node

    def _mapping(self, given: Mapping[str, Node], part: str, path: tuple[str, ...]) -> dict[str, Node]:
        value: Any = given[part].value if part in given else {}
        if not isinstance(value, dict):
            self._wrong(_("Write names here, with what belongs to each below it."), given[part], (*path, part))
            return {}
        return value

    def _said(self, given: Mapping[str, Node], part: str, whole: Node, path: tuple[str, ...]) -> Said:
        if part not in given:
            self._wrong(_("“%(name)s” is missing.") % {"name": part}, whole, path)
            return Said({})
        return read_said(given[part], (*path, part), self.mistakes)

    def _one_of(
        self, given: Mapping[str, Node], part: str, names: tuple[str, ...], whole: Node, path: tuple[str, ...]
    ) -> str:
        if part not in given:
            self._wrong(_("“%(name)s” is missing.") % {"name": part}, whole, path)
            return ""
        word = f"{given[part].value}"
        if word in names:
            return word
        said = _("“%(given)s” is none of: %(names)s.") % {"given": word[:60], "names": ", ".join(names)}
        self._wrong(said, given[part], (*path, part), nearest(word, names))
        return ""

    def _text(self, given: Mapping[str, Node], part: str, path: tuple[str, ...]) -> str:
        node = given.get(part, Node(""))
        if isinstance(node.value, bool) or not isinstance(node.value, str | int | float):
            self._wrong(_("Write a text or a number."), node, (*path, part))
            return ""
        return f"{node.value}"

    def _wrong(self, sentence: str, node: Node, path: tuple[str, ...], meant: str = "") -> None:
        self.mistakes.append(Mistake(sentence=sentence, file=node.file, line=node.line, path=path, meant=meant))

"""One blueprint of one or several files: its head, and its rows by section and name. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from blueprints import nodes, placeholders
from blueprints.mistakes import Mistake, Mistaken
from blueprints.nodes import Node
from blueprints.registry import sections
from organisations.documents.shapes import nearest

VERSION = 1
HEAD = {"blueprint", "description", "starter", "sample"}  # beside the sections
Texts = Mapping[str, str]  # files by their names


@dataclass(frozen=True, slots=True)
class Document:
    """What the files say together. `rows` are nodes by section and name; a section that is there may be empty."""

    rows: dict[str, dict[str, Node]] = field(default_factory=dict)
    starter: Node | None = None
    sample: Node | None = None
    description: str = ""

    def only(self, names: tuple[str, ...]) -> Document:
        """Return the document with some of its sections; none named: with all of them."""
        return replace(self, rows={name: rows for name, rows in self.rows.items() if not names or name in names})

    def line_at(self, section: str, name: str, path: tuple[str, ...] = ()) -> Node:
        """Return the node nearest to a path within a row."""
        row = self.rows.get(section, {}).get(name)
        return row.at(path) if row else Node(None)

    def mistake(self, sentence: str, section: str, name: str, path: tuple[str, ...] = (), meant: str = "") -> Mistake:
        """Return a mistake at a place of this document."""
        node = self.line_at(section, name, path)
        whole = (section, name, *path)
        return Mistake(sentence=sentence, file=node.file, line=node.line, path=whole, meant=meant)

    def names(self) -> tuple[placeholders.Names, placeholders.Names]:
        """Return the placeholders of the rows: those of plain values, and those of secrets. Raises Mistaken."""
        plain, secret = placeholders.named_in(self._tree())
        both = sorted(set(plain) & set(secret))
        if both:
            said = _("“${%(name)s}” is a secret: it cannot stand anywhere else.") % {"name": both[0]}
            raise Mistaken([Mistake(sentence=said, file=plain[both[0]].file, line=plain[both[0]].line)])
        return plain, secret

    def filled(self, answers: Mapping[str, str]) -> Document:
        """Return the document with its open values filled; secrets stay names."""
        tree = placeholders.filled(self._tree(), answers)
        return replace(self, rows={name: rows.value for name, rows in tree.value.items()})

    def _tree(self) -> Node:
        return Node({name: Node(rows) for name, rows in self.rows.items()})


def read(texts: Texts) -> Document:
    """Return the document that files make together; each row stands in one of them. Raises Mistaken."""
    mistakes: list[Mistake] = []
    trees: list[Node] = []
    for file, text in sorted(texts.items()):
        try:
            trees.append(nodes.read(text, file))
        except Mistaken as error:
            mistakes += error.mistakes
    document = _merged(trees, mistakes)
    if mistakes:
        raise Mistaken(mistakes)
    return document


def _merged(trees: list[Node], mistakes: list[Mistake]) -> Document:
    rows: dict[str, dict[str, Node]] = {}
    starter, sample, description = None, None, ""
    for tree in trees:
        if not isinstance(tree.value, dict):
            said = _("A blueprint begins with the names of its sections, such as “targets:”.")
            mistakes.append(Mistake(sentence=said, file=tree.file, line=tree.line))
            continue
        mistakes += _head(tree)
        starter, sample = tree.value.get("starter") or starter, tree.value.get("sample") or sample
        description = str(tree.value["description"].plain()) if "description" in tree.value else description
        for name in sections():
            if name in tree.value:
                _take(rows.setdefault(name, {}), name, tree.value[name], mistakes)
    return Document(rows=rows, starter=starter, sample=sample, description=description)


def _head(tree: Node) -> list[Mistake]:
    """Return what is wrong with the names at the top, and with the version."""
    known = [*sections(), *sorted(HEAD)]
    said = _("“%(name)s” is no section.")
    strange = [
        Mistake(sentence=said % {"name": name[:60]}, file=tree.file, line=node.line, meant=nearest(name, known))
        for name, node in tree.value.items()
        if name not in known
    ]
    version = tree.value.get("blueprint")
    if tree.value and (version is None or version.value != VERSION):
        line = version.line if version else tree.line
        said = _("Begin with “blueprint: %(version)s”, the version of its form.") % {"version": VERSION}
        strange.append(Mistake(sentence=said, file=tree.file, line=line, path=("blueprint",)))
    return strange


def _take(taken: dict[str, Node], section: str, node: Node, mistakes: list[Mistake]) -> None:
    """Add the rows of one file's section; nothing below its name is an empty section."""
    if node.value is None:
        return
    if not isinstance(node.value, dict):
        said = _("Write names here, with what belongs to each below it.")
        mistakes.append(Mistake(sentence=said, file=node.file, line=node.line, path=(section,)))
        return
    for name, row in node.value.items():
        if name in taken:
            other = taken[name]
            said = _("This stands in %(file)s already, line %(line)s.") % {"file": other.file, "line": other.line}
            mistakes.append(Mistake(sentence=said, file=row.file, line=row.line, path=(section, name)))
        taken[name] = row

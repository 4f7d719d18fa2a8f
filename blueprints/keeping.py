"""Taking what was clicked into files that are there already: comments, order and short forms stay.

Only what differs is written anew. What a file says in its own way, by a short form or an open value, is left as it is
while it means what is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from blueprints import documents
from blueprints.below import put_below, taken_below
from blueprints.checking import check
from blueprints.exporting import WIDTH
from blueprints.placeholders import escaped, escaped_all, filled_text
from blueprints.planning import lines_between
from organisations.documents.sections import SECRETS

if TYPE_CHECKING:
    from blueprints.documents import Texts
    from organisations.documents import Body

Rows = Mapping[str, Mapping[str, "Body"]]  # by section and name
Answers = Mapping[str, str]


def kept_in(texts: Texts, rows: Rows, answers: Answers, *, known: Rows | None = None) -> dict[str, str]:
    """Return the files with the rows as they are; a row that no file has yet goes where its section is, or the first.

    `known` is everything that is there, where the files are to hold only some of it. Raises Mistaken where the files
    cannot be read.
    """
    wanted = check(documents.read(texts).filled(answers), known or rows).wanted
    trees = {file: _loaded(text) for file, text in sorted(texts.items())}
    for tree in trees.values():
        _correct(tree, rows, wanted, answers)
    _add(trees, rows, wanted)
    return {file: _written(tree) for file, tree in trees.items()}


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    return yaml


def _loaded(text: str) -> CommentedMap:
    found = _yaml().load(text)
    return found if isinstance(found, CommentedMap) else CommentedMap()


def _written(tree: CommentedMap) -> str:
    out = StringIO()
    _yaml().dump(tree, out)
    return out.getvalue()


def _correct(tree: CommentedMap, rows: Rows, wanted: Rows, answers: Answers) -> None:
    """Write what differs in the rows that a file has; rows that are gone leave it."""
    for section, named in rows.items():
        for said in list(tree.get(section) or {}):
            name = filled_text(str(said), answers)
            if name not in named:
                _remove(tree[section], said)
            elif name in wanted.get(section, {}):
                _correct_row(tree[section], said, wanted[section][name], named[name])


def _remove(section: CommentedMap, said: Any) -> None:
    """Take a row out; what is written below it, as a heading of what follows, stays."""
    below = taken_below(section[said]) if isinstance(section[said], CommentedMap) else ""
    del section[said]
    put_below(section, below)


def _correct_row(section: CommentedMap, said: Any, before: Body, after: Body) -> None:
    for line in lines_between(before, after):
        row = section[said] if isinstance(section[said], CommentedMap) else CommentedMap()
        section[said] = row
        _set(row, line.path, line.after)


def _set(row: CommentedMap, path: tuple[str, ...], value: Any) -> None:
    """Write one field, or let it go where its default is meant."""
    *way, last = path
    for name in way:
        if not isinstance(row.get(name), CommentedMap):
            row[name] = CommentedMap()
        row = row[name]
    if value is None:
        row.pop(last, None)
    else:
        row[last] = _round(escaped_all(value))


def _add(trees: dict[str, CommentedMap], rows: Rows, wanted: Rows) -> None:
    """Write the rows that no file has."""
    for section, named in rows.items():
        new = {name: body for name, body in named.items() if name not in wanted.get(section, {})}
        if new:
            home = next((tree for tree in trees.values() if tree.get(section)), next(iter(trees.values())))
            if not isinstance(home.get(section), CommentedMap):
                home[section] = CommentedMap()
            below = taken_below(home[section])
            home[section].update({escaped(name): _said(body) for name, body in new.items()})
            put_below(home[section], below)


def _said(body: Body) -> Any:
    return _round({name: value if name == SECRETS else escaped_all(value) for name, value in body.items()}) or None


def _round(value: Any) -> Any:
    """Return a value in the library's own types, short lists on one line."""
    if isinstance(value, Mapping):
        return CommentedMap({name: _round(each) for name, each in value.items()})
    if isinstance(value, list):
        items = CommentedSeq(value)
        items.fa.set_flow_style()
        return items
    return value

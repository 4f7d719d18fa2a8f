"""Reads texts for people that stand in a starter in every language of the product. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from blueprints.mistakes import Mistake
from blueprints.nodes import Node
from organisations.documents.shapes import nearest
from organisations.said import LANGUAGES, Said


def read_said(node: Node, path: tuple[str, ...], mistakes: list[Mistake]) -> Said:
    """Return a text in every language; what is missing or strange is added to the mistakes."""
    if not isinstance(node.value, dict):
        example = ", ".join(f"{code}: …" for code in LANGUAGES)
        said = _("Write the text in every language: {%(example)s}.") % {"example": example}
        mistakes.append(Mistake(sentence=said, file=node.file, line=node.line, path=path))
        return Said({})
    mistakes += _wrong(node, path)
    return Said({code: f"{each.value}".strip() for code, each in node.value.items()})


def _wrong(node: Node, path: tuple[str, ...]) -> Iterator[Mistake]:
    for code, each in node.value.items():
        if code not in LANGUAGES:
            said = _("“%(code)s” is no language of this product.") % {"code": code[:20]}
            meant = nearest(code, LANGUAGES)
            yield Mistake(sentence=said, file=each.file, line=each.line, path=(*path, code), meant=meant)
    for code in LANGUAGES:
        each = node.value.get(code)
        if each is None or not isinstance(each.value, str | int | float) or not f"{each.value}".strip():
            said = _("The text in the language “%(code)s” is missing.") % {"code": code}
            yield Mistake(sentence=said, file=node.file, line=node.line, path=path)

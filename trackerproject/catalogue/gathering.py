"""Gathers what is marked for translation in Python files and templates, each app's words for itself."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
APPS = ("organisations", "connectors", "targets", "alerts", "blueprints")
ELSEWHERE = "organisations"  # whose catalogue holds what belongs to no app: wiring, accounts, the base of all pages
TEMPLATES = {"api_docs.html": "alerts"}  # the catalogue of a template that lies in no app's folder
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
FOR_TRANSLATORS = ("Translators:",)


def gathered(app: str) -> Catalog:
    """Return everything of an app that is marked for translation, with the files it stands in."""
    catalogue = Catalog(charset="utf-8")
    for file in files_of(app):
        name = file.relative_to(ROOT).as_posix()
        for words, context, remarks in gathered_in(file):
            catalogue.add(words, locations=[(name, 0)], auto_comments=remarks, context=context)
    return catalogue


def gathered_in(file: Path) -> Iterator[tuple[str | tuple[str, ...], str | None, list[str]]]:
    """Yield the marked words of one file, singular and plural together, with their context and remarks."""
    source = BytesIO(as_python(file).encode())
    for _line, words, remarks, context in extract("python", source, KEYWORDS, FOR_TRANSLATORS):
        yield words, context, remarks


def files_of(app: str) -> Iterator[Path]:
    """Yield every file whose words belong to an app."""
    for folder in (app, "trackerproject") if app == ELSEWHERE else (app,):
        yield from (file for file in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in file.parts)
    yield from (file for file in sorted((ROOT / "templates").rglob("*.*")) if app_of(file) == app)


def app_of(template: Path) -> str:
    """Return the app in whose catalogue a template's words are."""
    first = template.relative_to(ROOT / "templates").parts[0]
    return TEMPLATES.get(first, first if first in APPS else ELSEWHERE)


def as_python(file: Path) -> str:
    """Return a file's marked words as Python; of a template only the calls of gettext are left, in one bracket."""
    text = file.read_text()
    return text if file.suffix == ".py" else f"({templatize(text, origin=str(file))}\n)"

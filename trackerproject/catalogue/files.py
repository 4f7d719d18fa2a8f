"""The catalogues as files: `<app>/locale/<language>/LC_MESSAGES/django.po`, and `.mo` beside it for the program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

from trackerproject.catalogue.gathering import APPS, ROOT, gathered

LANGUAGES = ("de",)  # English stands in the code
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""
Key = tuple[str | None, tuple[str, ...]]


def path_of(app: str, language: str) -> Path:
    """Return where an app's catalogue lies."""
    return ROOT / app / "locale" / language / "LC_MESSAGES" / "django.po"


def read(file: Path, language: str) -> Catalog:
    """Return a catalogue as it was kept; empty where there is none yet."""
    return read_po(BytesIO(file.read_bytes() if file.exists() else b""), locale=language)


def messages(catalogue: Catalog) -> Iterator[Message]:
    """Yield the messages of a catalogue without its head."""
    return (message for message in catalogue if message.id)


def key_of(message: Message) -> Key:
    """Return what a translation is found by: the context and the English, singular and plural."""
    return message.context, forms(message.id)


def forms(said: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """Return the forms of an English or a translated message: one, or singular and plural."""
    return tuple(said) if isinstance(said, tuple | list) else (said or "",)


def is_translated(message: Message) -> bool:
    """Say whether every form of a message has a translation."""
    return not message.fuzzy and all(forms(message.string))


def known(files: Iterable[Path], language: str) -> dict[Key, tuple[str, ...]]:
    """Return every translation that the files hold; the first one counts."""
    found: dict[Key, tuple[str, ...]] = {}
    for file in files:
        for message in messages(read(file, language)):
            if is_translated(message):
                found.setdefault(key_of(message), forms(message.string))
    return found


def update(app: str, language: str, others: Iterable[Path] = ()) -> None:
    """Write an app's catalogue anew: what is marked now, with every translation known from it or elsewhere."""
    own = path_of(app, language)
    said = known([own, *others, *(path_of(other, language) for other in APPS)], language)
    fresh = gathered(app)
    for message in messages(fresh):
        if translation := said.get(key_of(message)):
            message.string = translation if message.pluralizable else translation[0]
    _write(own, as_po(fresh, language).encode())


def as_po(catalogue: Catalog, language: str) -> str:
    """Return the text of a catalogue, sorted, without anything that changes from day to day."""
    text = BytesIO()
    write_po(text, catalogue, width=0, omit_header=True, sort_output=True, include_lineno=False)
    head = HEADER.format(language=language, plural=get_plural(language).plural_forms)
    return head + text.getvalue().decode().strip() + "\n"


def compile_stale() -> None:
    """Compile every catalogue that is newer than what was compiled of it."""
    for app in APPS:
        for language in LANGUAGES:
            source = path_of(app, language)
            compiled = source.with_suffix(".mo")
            if source.exists() and not (compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime):
                target = BytesIO()
                write_mo(target, read(source, language))
                _write(compiled, target.getvalue())


def _write(file: Path, content: bytes) -> None:
    """Put a file into place whole, for others may be reading it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, delete=False) as draft:
        draft.write(content)
    Path(draft.name).chmod(0o644)
    Path(draft.name).replace(file)

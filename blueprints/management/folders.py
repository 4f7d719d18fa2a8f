"""Files and folders that the command line names, as texts by their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.management.base import CommandError

ENDINGS = (".yaml", ".yml")


def texts_of(named: Iterable[str]) -> dict[str, str]:
    """Return the texts of files, a folder being all its YAML files. Raises CommandError for what cannot be read."""
    return {name: text_of(path) for name, path in files_of(named).items()}


def files_of(named: Iterable[str]) -> dict[str, Path]:
    """Return the files by their names; by their whole paths where two are named alike. Raises CommandError."""
    paths = list(dict.fromkeys(path for name in named for path in _files(Path(name))))
    alike = Counter(path.name for path in paths)
    return {path.name if alike[path.name] == 1 else str(path): path for path in paths}


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(each for each in path.iterdir() if each.suffix.lower() in ENDINGS and each.is_file())
    if not found:
        raise CommandError(f"{path} holds no files that end in .yaml or .yml.")
    yield from found


def text_of(path: Path) -> str:
    """Return the text of a file. Raises CommandError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not written in UTF-8.") from None
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from None

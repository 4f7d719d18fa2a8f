"""Files as people hand them over, uploaded or pasted, and what keeps one from being read; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.http import QueryDict
    from django.utils.datastructures import MultiValueDict

LARGEST = 5_000_000  # bytes of all files: whatever is shown once travels in the form, and so much does a form carry
LONGEST_NAME = 100
PASTED = "blueprint.yaml"
NAME, TEXT, FILES, INSTEAD = "name", "text", "files", "instead"  # the fields of the form


@dataclass(slots=True)
class Taken:
    """Texts by the names of their files, and a sentence about everything that could not be taken."""

    texts: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def put(self, name: str, text: str) -> None:
        """Take a text; a name that is taken already gets a number."""
        self.texts[next(free for free in _names(name) if free not in self.texts)] = text


def taken(data: QueryDict, uploads: MultiValueDict[str, UploadedFile[Any]]) -> Taken:
    """Return what was typed and uploaded; files that come instead take the place of everything typed."""
    found = Taken()
    instead = uploads.getlist(INSTEAD)
    for upload in [*instead, *uploads.getlist(FILES)]:
        _take(found, upload)
    if not instead or found.problems:
        for name, text in zip(data.getlist(NAME), data.getlist(TEXT), strict=False):
            if text.strip():
                found.put(name[:LONGEST_NAME] or PASTED, text.replace("\r\n", "\n"))
    if sum(map(_size, found.texts.values())) > LARGEST:
        found.problems.append(_("This is too much at once: 5 MB is the most. Share it among several files."))
    elif not found.texts and not found.problems:
        found.problems.append(_("Choose a file, or paste its text."))
    return found


def _take(found: Taken, upload: UploadedFile[Any]) -> None:
    name = PurePath(upload.name or PASTED).name[:LONGEST_NAME]
    if (upload.size or 0) > LARGEST:
        found.problems.append(_("%(file)s is too large: 5 MB is the most.") % {"file": name})
        return
    try:
        text = upload.read().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        found.problems.append(_("%(file)s is not text in UTF-8.") % {"file": name})
        return
    if not text.strip():
        found.problems.append(_("%(file)s is empty. Choose another.") % {"file": name})
    elif "\0" in text:
        found.problems.append(_("%(file)s is not text in UTF-8.") % {"file": name})
    else:
        found.put(name, text)


def _size(text: str) -> int:
    """Return the bytes of a text as a browser sends it: the end of a line becomes two."""
    return len(text.encode()) + text.count("\n")


def _names(name: str) -> Iterator[str]:
    yield name
    path = PurePath(name)
    yield from (f"{path.stem}-{number}{path.suffix}" for number in range(2, 1000))

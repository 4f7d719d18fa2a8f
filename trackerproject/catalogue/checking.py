"""Says what is wrong with the catalogues, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from trackerproject.catalogue.files import is_translated, key_of, messages, path_of, read
from trackerproject.catalogue.gathering import gathered


def gaps(app: str, language: str) -> Iterator[str]:
    """Yield what an app's catalogue lacks, and what it holds that nobody says any more."""
    kept = {key_of(message): message for message in messages(read(path_of(app, language), language))}
    marked = {key_of(message) for message in messages(gathered(app))}
    for key, message in kept.items():
        if key not in marked:
            yield f"{app}: nobody says any more: {key[1]!r}"
        elif not is_translated(message):
            yield f"{app}: not translated: {key[1]!r}"
    yield from (f"{app}: not in the catalogue: {key[1]!r}" for key in sorted(marked - set(kept), key=str))

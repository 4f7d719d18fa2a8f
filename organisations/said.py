"""Texts for people that stand in a file in every language of the product. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language


def plain(code: str) -> str:
    """Return a language without its region: `en` for `en-gb`."""
    return code.partition("-")[0].lower()


LANGUAGES = tuple(dict.fromkeys(plain(code) for code, _name in settings.LANGUAGES))
USUAL = plain(settings.LANGUAGE_CODE)


@dataclass(frozen=True, slots=True)
class Said:
    """One text in every language; as a text it is in the reader's."""

    texts: Mapping[str, str]

    def __str__(self) -> str:
        """Return it in the language of whoever reads."""
        return self.texts.get(plain(get_language() or USUAL), self.texts.get(USUAL, ""))

"""The word that stands for an organisation in every address, and the words it must not be."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.text import slugify
from django.utils.translation import gettext as _

from organisations.models import Organisation

PLACEHOLDER = "<slug:organisation>/"
RESERVED_WHATEVER_IS_SWITCHED_ON = frozenset({"sandbox", "static", "media"})
LONGEST = 40  # leaves room for a number within the field's 50 characters


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Yield every route of the URLconf, written out from its beginning."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


def reserved_words() -> frozenset[str]:
    """Return the words that an address of the product itself has where an organisation's would stand."""
    every = list(routes())
    prefixes = {route.partition(PLACEHOLDER)[0] for route in every if PLACEHOLDER in route}
    words = {
        route.removeprefix(prefix).split("/")[0] for prefix in prefixes for route in every if route.startswith(prefix)
    }
    return RESERVED_WHATEVER_IS_SWITCHED_ON | {word for word in words if word and "<" not in word}


def not_reserved(slug: str) -> None:
    """Refuse a word that would hide one of the product's own pages."""
    if slug in reserved_words():
        raise ValidationError(_("“%(word)s” is an address of the product itself. Choose another.") % {"word": slug})


def free_slug(name: str) -> str:
    """Return a slug made of the name that is neither reserved nor taken: growth, growth-2, growth-3."""
    stem = _whole_words(slugify(name)) or "organisation"
    taken = reserved_words() | set(Organisation.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _whole_words(slug: str) -> str:
    """Return as many words of a slug as have room; a first word that is too long is cut."""
    if len(slug) > LONGEST:
        slug = slug[: LONGEST + 1].rpartition("-")[0] or slug[:LONGEST]
    return slug.strip("-")

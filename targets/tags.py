"""Tags of targets: read from a line of text, put on a target, and gone once nothing carries them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from organisations.models import Organisation
    from targets.models import Target

LONGEST, MOST = 40, 20  # characters of a tag, tags of a target
SEPARATOR = ", "


def names_in(text: str) -> list[str]:
    """Return the tags of a line, each once in whatever case. Raises ValueError with a sentence for people."""
    names: dict[str, str] = {}
    for part in text.split(","):
        name = " ".join(part.split())
        names.setdefault(name.lower(), name)
    found = [name for name in names.values() if name]
    for name in found:
        if len(name) > LONGEST:
            sentence = _("A tag has at most %(most)s characters; “%(name)s” has %(count)s.")
            raise ValueError(sentence % {"most": LONGEST, "name": name[:LONGEST] + "…", "count": len(name)})
        if not name.isprintable():
            raise ValueError(_("“%(name)s” holds signs that cannot be shown.") % {"name": ascii(name)})
    if len(found) > MOST:
        sentence = ngettext(
            "A target has at most %(most)s tag; these are %(count)s.",
            "A target has at most %(most)s tags; these are %(count)s.",
            MOST,
        )
        raise ValueError(sentence % {"most": MOST, "count": len(found)})
    return found


def line_of(target: Target) -> str:
    """Return the tags of a target as a line; empty for one that is not saved yet."""
    return SEPARATOR.join(tag.name for tag in target.tags.all()) if target.pk else ""


def put_on(target: Target, names: Iterable[str]) -> None:
    """Let a saved target carry exactly these tags; one that is there already keeps the case it was first written in."""
    organisation = target.organisation
    known = {tag.name.lower(): tag for tag in organisation.tags.all()}
    target.tags.set([known.get(name.lower()) or organisation.tags.get_or_create(name=name)[0] for name in names])
    drop_unused(organisation)


def drop_unused(organisation: Organisation) -> None:
    """Let go of tags that no target carries any more."""
    organisation.tags.filter(targets=None).delete()


def suggestions(organisation: Organisation, typed: str) -> list[str]:
    """Return lines that go on from what is typed: its finished tags, and one more of those in use."""
    finished = [part.strip() for part in typed.split(",")[:-1] if part.strip()]
    taken = {name.lower() for name in finished}
    more = [name for name in organisation.tags.values_list("name", flat=True) if name.lower() not in taken]
    return [SEPARATOR.join([*finished, name]) for name in more]

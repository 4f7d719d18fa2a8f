"""Whether a connection may go: not while others go through it, and not while records are passed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors import gateways
from organisations.languages import listed

if TYPE_CHECKING:
    from connectors.models import Connection

NAMED = 5  # feeds that a sentence names


def why_it_stays(connection: Connection) -> str:
    """Return why a connection cannot be deleted, naming what stands on it; empty where it can."""
    return gateways.stands_before(connection) or _judges(connection)


def _judges(connection: Connection) -> str:
    """Name the feeds of other connections that pass their records to this one; its own go with it."""
    rows = connection.enrichments.exclude(feed__connection=connection).select_related("feed__connection")
    names = [_name(each.feed.connection.name, each.feed.name) for each in rows]
    if not names:
        return ""
    more = len(names) - NAMED
    others = [ngettext("%(count)s other", "%(count)s others", more) % {"count": more}] if more > 0 else []
    sentence = ngettext(
        "The records of %(names)s are passed to this connection. Let that enrichment end, then delete this.",
        "The records of %(names)s are passed to this connection. Let those enrichments end, then delete this.",
        len(names),
    )
    return sentence % {"names": listed([*names[:NAMED], *others])}


def _name(connection: str, feed: str) -> str:
    return _("%(feed)s of %(connection)s") % {"feed": feed, "connection": connection}

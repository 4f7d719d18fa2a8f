"""What came of a check that somebody asked for and waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.models.feed import Outcome
from organisations.languages import grouped

if TYPE_CHECKING:
    from connectors.models import Collection, Feed

PATIENCE = timedelta(seconds=60)  # after which nobody is kept waiting
MILLISECOND = timedelta(milliseconds=1)
START = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST = timedelta(hours=1)  # an address that is older asks for nothing any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A check that was asked for at `since` (milliseconds since 1970): what is known of it, and whether to wait on."""

    since: int
    is_waiting: bool
    is_well: bool
    sentence: str


def as_asked(moment: datetime) -> int:
    """Return how an address says when a check was asked for; a check that began a moment before is no answer."""
    return (moment - START) // MILLISECOND


def awaited(feed: Feed, asked: str, now: datetime) -> Awaited | None:
    """Return what came of the check that an address says was asked for; None where it says nothing sensible."""
    if not asked.isdecimal() or len(asked) > len(str(2**40)):
        return None
    since = START + int(asked) * MILLISECOND
    if not timedelta(0) <= now - since <= LONGEST:
        return None
    run = feed.collections.filter(started_at__gte=since).exclude(outcome=Outcome.RUNNING).order_by("started_at").first()
    name = feed.connection.name
    if run is not None:
        return _told(int(asked), run, name)
    if now - since < PATIENCE:
        sentence = _("Asking %(source)s now. The answer appears here in a moment.") % {"source": name}
        return Awaited(since=int(asked), is_waiting=True, is_well=True, sentence=sentence)
    sentence = _("%(source)s has not been asked yet: the checks are running late. Look again in a while.")
    return Awaited(since=int(asked), is_waiting=False, is_well=False, sentence=sentence % {"source": name})


def _told(since: int, run: Collection, name: str) -> Awaited:
    if run.outcome == Outcome.OK:
        sentence = ngettext(
            "%(source)s answered: %(count)s reading.", "%(source)s answered: %(count)s readings.", run.observations
        ) % {"source": name, "count": grouped(run.observations)}
        return Awaited(since=since, is_waiting=False, is_well=True, sentence=sentence)
    sentence = _("%(source)s did not answer. %(message)s") % {"source": name, "message": run.message}
    return Awaited(since=since, is_waiting=False, is_well=False, sentence=sentence.strip())

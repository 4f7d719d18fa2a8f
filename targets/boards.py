"""What a screen on a wall shows: a dozen cards at a time, the urgent ones always among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from organisations import languages
from targets.domain.terms import NEEDS_ATTENTION, Status
from targets.presenting import Row, row_of

if TYPE_CHECKING:
    from organisations.models import Organisation
    from organisations.tenancy import TenantQuerySet
    from targets.filters import Filters
    from targets.models import Target

CARDS = 12  # on one page: more are not read from across a room
MOST_URGENT, FIRST_ROW = 8, 4  # so many urgent cards stand on every page; where there are more, the first row of them
MOST = 120  # cards of one wall
SHAPES = (1, 2, 4, 6, 9, CARDS)  # numbers of cards for which there is a layout
THEMES = ("dark", "light")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A target, and the page on which it stands; 0 is every page."""

    row: Row
    page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything on the screen, in words."""

    title: str
    chosen: str
    when: str
    attention: str
    cards: list[Card]
    pages: int
    shape: int
    read: str
    checked: str
    silent: str
    more: str


def board_of(
    organisation: Organisation, filters: Filters, targets: TenantQuerySet[Target], now: datetime, zone: ZoneInfo
) -> Board:
    """Return the board of some of an organisation's targets; clock times are the zone's."""
    counts = [Status(status) for status in targets.order_by().values_list("status", flat=True)]
    shown = list(targets.select_related("organisation", "metric__feed").defer("track")[:MOST])
    cards = cards_of([row_of(target, now) for target in shown])
    time = languages.time(now, zone=zone)
    return Board(
        title=_("%(organisation)s targets") % {"organisation": organisation.name},
        chosen=" · ".join(word for word in (filters.team, filters.tag, filters.q) if word),
        when=_moment(now, zone, time),
        attention=attention_words(counts),
        cards=cards,
        pages=max((card.page for card in cards), default=1) or 1,
        shape=shape_of(len(cards)),
        read=_("Read at %(time)s.") % {"time": time},
        checked=_checked(shown, now, zone),
        silent=_("Not refreshed since %(time)s") % {"time": time},
        more=_more(len(shown), len(counts)),
    )


def cards_of(rows: Sequence[Row]) -> list[Card]:
    """Give rows, most urgent first, their pages: the most urgent stand on each, the others take turns."""
    if len(rows) <= CARDS:
        return [Card(row=row, page=0) for row in rows]
    urgent = sum(row.status in NEEDS_ATTENTION for row in rows)
    always = urgent if urgent <= MOST_URGENT else FIRST_ROW
    turns = CARDS - always
    return [
        Card(row=row, page=0 if place < always else (place - always) // turns + 1) for place, row in enumerate(rows)
    ]


def shape_of(cards: int) -> int:
    """Return the smallest layout that holds so many cards."""
    return next((shape for shape in SHAPES if cards <= shape), CARDS)


def attention_words(statuses: Iterable[Status]) -> str:
    """Say how many of those that are running need attention."""
    running = [status for status in statuses if status not in (Status.UPCOMING, Status.PAUSED)]
    urgent = sum(status in NEEDS_ATTENTION for status in running)
    if not running:
        return _("No target is running")
    if not urgent:
        return _("None needs attention")
    words = ngettext("%(urgent)s of %(all)s needs attention", "%(urgent)s of %(all)s need attention", urgent)
    return words % {"urgent": languages.grouped(urgent), "all": languages.grouped(len(running))}


def _moment(now: datetime, zone: ZoneInfo, time: str) -> str:
    on = now.astimezone(zone).date()
    parts = {"weekday": languages.weekday_name(on.weekday()), "day": languages.full_day(on, today=on), "time": time}
    return pgettext("a moment on a wall", "%(weekday)s %(day)s, %(time)s") % parts


def _checked(targets: Iterable[Target], now: datetime, zone: ZoneInfo) -> str:
    """Say when a source of these targets was last asked; nothing where nobody asks."""
    feeds = [target.metric.feed for target in targets if target.metric.feed]
    asked = [feed.collected_at for feed in feeds if feed.collected_at]
    return _("Checked %(ago)s.") % {"ago": languages.ago(max(asked), now=now, zone=zone)} if asked else ""


def _more(shown: int, total: int) -> str:
    if shown == total:
        return ""
    numbers = {"shown": languages.grouped(shown), "all": languages.grouped(total)}
    return _("The %(shown)s most urgent of %(all)s are shown.") % numbers

"""Notes on a target's days: which days may carry one, the letters they get, and writing one down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from targets.domain.periods import local_day
from targets.models import Note, Target
from targets.wording import full_day

if TYPE_CHECKING:
    from organisations.models import User

LONGEST = 300  # characters of a note
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lettered:
    """A note with the letter that marks it on the chart and in the table of one period."""

    letter: str
    note: Note


def write(target: Target, text: str, *, now: datetime, on: date | None = None, by: User | None = None) -> Note:
    """Write a note on one of the target's own days, today unless another is given, and return the saved row.

    Raises ValidationError, by field, for an empty or too long text and for a day before the first reading or to come.
    """
    today = today_of(target, now)
    day, said = on or today, text.strip()
    errors = {"text": said_wrong(said), "on": day_wrong(day, first=first_day(target, today), today=today)}
    found = {name: sentence for name, sentence in errors.items() if sentence}
    if found:
        raise ValidationError(found)
    note: Note = target.notes.create(on=day, text=said, author=by)
    return note


def today_of(target: Target, now: datetime) -> date:
    """Return the target's own date at a moment."""
    return local_day(now, zone_of(target))


def first_day(target: Target, today: date) -> date:
    """Return the first of the target's own days that has a reading; today where there is none before it."""
    first = target.metric.observations.order_by("at").values_list("at", "whole_day").first()
    if first is None:
        return today
    at, whole_day = first
    return min(local_day(at, ZoneInfo("UTC") if whole_day else zone_of(target)), today)


def zone_of(target: Target) -> ZoneInfo:
    """Return the zone of the target's days."""
    return ZoneInfo(target.time_zone or target.organisation.time_zone)


def said_wrong(text: str) -> str:
    """Say what is wrong with the text of a note; nothing where it can be kept."""
    if not text.strip():
        return _("Write what happened.")
    if len(text) > LONGEST:
        return _("A note has at most %(most)s characters; this one has %(count)s.") % {
            "most": LONGEST,
            "count": len(text),
        }
    return ""


def day_wrong(on: date, *, first: date, today: date) -> str:
    """Say what is wrong with the day of a note, which lies between the first reading and today; nothing if it does."""
    if on > today:
        return _("Choose today or an earlier day: a note says what happened.")
    if on < first:
        return _("Choose a day from %(first)s on: there are no readings before it.") % {
            "first": full_day(first, today=today)
        }
    return ""


def letter(place: int) -> str:
    """Return the letter of a place, counted from 0: A to Z, then AA, AB and so on."""
    before, last = divmod(place, len(ALPHABET))
    return (letter(before - 1) if before else "") + ALPHABET[last]


def lettered(notes: Iterable[Note]) -> list[Lettered]:
    """Give notes their letters by day, and by when they were written on the same day."""
    return [Lettered(letter=letter(place), note=note) for place, note in enumerate(sorted(notes, key=_by_day))]


def notes_between(target: Target, starts_on: date, ends_on: date) -> Sequence[Lettered]:
    """Return the notes of a period, which ends before `ends_on`, with their letters and authors, earliest first."""
    return lettered(target.notes.filter(on__gte=starts_on, on__lt=ends_on).select_related("author"))


def _by_day(note: Note) -> tuple[date, int]:
    return note.on, note.pk

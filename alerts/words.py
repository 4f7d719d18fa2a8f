"""The sentences of mails and of the pages about them: when a report comes, what it covers, what changed since the last.

Names are other people's words: they are put in last and never interpreted.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from organisations import languages
from targets import wording
from targets.domain.status import MOVING
from targets.domain.terms import NEEDS_ATTENTION, Status
from targets.presenting import named

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from targets.domain.plan import Plan
    from targets.domain.verdict import Evaluation
    from targets.models import StatusChange, Target
    from targets.numbers import Numbers
    from targets.presenting import Row

MOST_CHANGES = 4  # named in the sentence; more are counted
MOST_NAMED = 2  # targets in the opening sentence
A_WEEK = 7
SOFT_HYPHEN = "\u00ad"
GOOD = frozenset({Status.ON_TRACK, Status.MET})


def schedule(at: time, weekdays: Collection[int]) -> str:
    """Say when a report comes: “Monday to Friday at 08:00”, “every day at 08:00”. Monday is 0."""
    days = sorted(weekdays)
    names, clock = [languages.weekday_name(day) for day in days], _clock(at)
    if len(days) == A_WEEK:
        return _("every day at %(time)s") % {"time": clock}
    if len(days) == 1:
        return _("every %(weekday)s at %(time)s") % {"weekday": names[0], "time": clock}
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return _("%(first_weekday)s to %(last_weekday)s at %(time)s") % {
            "first_weekday": names[0],
            "last_weekday": names[-1],
            "time": clock,
        }
    return _("%(weekdays)s at %(time)s") % {"weekdays": languages.listed(names), "time": clock}


def slot(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """Write when a report is or was due: “Monday 23 Nov, 08:00”."""
    on, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    return pgettext("when a report is due", "%(weekday)s %(day)s, %(time)s") % {
        "weekday": languages.weekday_name(on.weekday()),
        "day": languages.day(on, today=today),
        "time": languages.time(moment, zone=zone),
    }


def date_line(on: date) -> str:
    """Write the date above a mail: “Friday 20 November 2026”."""
    return pgettext("above a mail", "%(weekday)s %(day)s") % {
        "weekday": languages.weekday_name(on.weekday()),
        "day": languages.full_day(on, today=date.min),  # no year but its own, so the year is written
    }


def covered(team: str, tag: str) -> str:
    """Say which targets a report is about: “all targets”, “the targets of Growth”, “the targets tagged “launch””."""
    if team and tag:
        return _("the targets of %(team)s tagged “%(tag)s”") % {"team": team, "tag": tag}
    if team:
        return _("the targets of %(team)s") % {"team": team}
    if tag:
        return _("the targets tagged “%(tag)s”") % {"tag": tag}
    return _("all targets")


def headline(attention: int, total: int) -> str:
    """Return the report's headline and subject: “6 of 12 targets need attention”, “All 12 targets are fine”."""
    if total == 1:
        return _("The target needs attention") if attention else _("The target is fine")
    if not attention:
        return _("All %(total)s targets are fine") % {"total": languages.grouped(total)}
    words = ngettext(
        "%(number)s of %(total)s targets needs attention", "%(number)s of %(total)s targets need attention", attention
    )
    return words % {"number": languages.grouped(attention), "total": languages.grouped(total)}


def preheader(row: Row) -> str:
    """Say the most urgent line of a report in short: “Cloud spend: at risk, 52% chance”"""
    about = {"name": row.name, "status": wording.status_inside(row.status), "chance": row.chance}
    return (_("%(name)s: %(status)s, %(chance)s") if row.chance else _("%(name)s: %(status)s")) % about


def changed(changes: Iterable[StatusChange]) -> str:
    """Say what moved since the last report; a target that came back to where it was did not move."""
    moves = _moves(changes)
    if not moves:
        return _("No status has changed since the last report.")
    told, more = "; ".join(moves[:MOST_CHANGES]), len(moves) - MOST_CHANGES
    if more <= 0:
        return _("Since the last report: %(moves)s.") % {"moves": told}
    words = ngettext(
        "Since the last report: %(moves)s; and %(number)s more.",
        "Since the last report: %(moves)s; and %(number)s more.",
        more,
    )
    return words % {"moves": told, "number": languages.grouped(more)}


def titled(name: str, status: Status) -> str:
    """Return a target's name with its status: “Cloud spend: at risk”."""
    return _("%(name)s: %(status)s") % {"name": name, "status": wording.status_inside(status)}


def news(name: str, old: Status, new: Status) -> str:
    """Return the subject of a mail about a change: “Cloud spend: at risk”, “Cloud spend: back on track”."""
    if new == Status.ON_TRACK and old in MOVING:
        return _("%(name)s: back on track") % {"name": name}
    return titled(name, new)


def lede(targets: Sequence[Target]) -> str:
    """Name the most urgent targets, or the closest call where all is fine. `targets` are in order of urgency."""
    counts = Counter(Status(target.status) for target in targets)
    worst = [named(target) for target in targets if target.status in NEEDS_ATTENTION][:MOST_NAMED]
    sure = (target for target in targets if target.status == Status.ON_TRACK and target.chance is not None)
    close = min(sure, key=_chance, default=None)
    return wording.overview_sentence(counts, worst, closest=named(close) if close else None).rest


def before(old: Status, new: Status) -> str:
    """Say what it was until now, and whether that is good news."""
    words = _("Good news: it was %(status)s until now.") if new in GOOD else _("It was %(status)s until now.")
    return words % {"status": wording.status_inside(old)}


def needed(plan: Plan, found: Evaluation, status: Status, numbers: Numbers) -> str:
    """Say what it takes from here; nothing where nothing is expected to move."""
    return wording.needed(plan, found, numbers.unit) if status in MOVING else ""


def likely(found: Evaluation, numbers: Numbers) -> str:
    """Say how wide the forecast is, as people count: “8 in 10 outcomes: 1,088 to 1,275.”"""
    if found.forecast is None or found.status not in MOVING:
        return ""
    low, high = found.forecast.q10, found.forecast.q90
    span = wording.span(low, high, unit=numbers.unit, decimals=numbers.decimals, short=numbers.short)
    return _("8 in 10 outcomes: %(span)s.") % {"span": span}


def alt(name: str, sentence: wording.Sentence) -> str:
    """Say what a chart shows, for those who do not see it."""
    return _("Chart of %(name)s. %(sentence)s") % {"name": name, "sentence": f"{sentence.lead} {sentence.rest}".strip()}


def table(rows: Sequence[Row]) -> str:
    """Return the report's table as text in columns, for mails without HTML."""
    cells = [(_("Target"), _("Status"), _("Actual"), _("Likely finish")), *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _clock(at: time) -> str:
    return languages.time(datetime.combine(date.min, at, UTC), zone=ZoneInfo("UTC"))


def _moves(changes: Iterable[StatusChange]) -> list[str]:
    ends: dict[int, tuple[str, str, str]] = {}
    for change in changes:
        first = ends[change.target_id][1] if change.target_id in ends else change.old_status
        ends[change.target_id] = (change.target.name, first, change.new_status)
    return [_moved(name, Status(old), Status(new)) for name, old, new in ends.values() if old != new]


def _moved(name: str, old: Status, new: Status) -> str:
    return _("%(name)s moved from %(old)s to %(new)s") % {
        "name": name,
        "old": wording.status_inside(old),
        "new": wording.status_inside(new),
    }


def _chance(target: Target) -> float:
    return target.chance or 0.0


def _cells(row: Row) -> tuple[str, str, str, str]:
    chance = row.chance.replace(SOFT_HYPHEN, "")  # which counts as a character here, and stands in nobody's way
    finish = f"{row.finish}, {chance}" if chance else row.finish
    actual = f"{row.value} {row.goal}"
    return row.name, row.word, f"{actual} ({row.stale})" if row.stale else actual, finish

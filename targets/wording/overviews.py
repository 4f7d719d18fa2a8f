"""How all targets stand, in a few sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from organisations.languages import grouped
from targets.domain.terms import NEEDS_ATTENTION, Status

from .statuses import chance
from .told import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A target in a sentence about many: its name, its status, and what there is to say (`gap_phrase`)."""

    name: str
    status: Status
    words: str = ""
    chance: float | None = None


_ALONE = {
    Status.MISSED: gettext_lazy("%(name)s is missed"),
    Status.BEHIND: gettext_lazy("%(name)s is behind"),
    Status.AT_RISK: gettext_lazy("%(name)s is at risk"),
    Status.NO_DATA: gettext_lazy("%(name)s has no data"),
}
_WITH_GAP = {
    Status.MISSED: gettext_lazy("%(name)s is missed, %(gap)s"),
    Status.BEHIND: gettext_lazy("%(name)s is %(gap)s"),
    Status.AT_RISK: gettext_lazy("%(name)s is at risk, %(gap)s"),
    Status.NO_DATA: gettext_lazy("%(name)s has no data"),
}


def overview_sentence(
    counts: Mapping[Status, int],
    worst: Sequence[Named] = (),
    *,
    closest: Named | None = None,
    sources: int = 0,
    silent_sources: int = 0,
) -> Sentence:
    """How all targets stand: the number of each status, the most urgent ones, or the closest call if all are fine.

    `silent_sources` of `sources` connections do not answer.
    """
    total = sum(count for status, count in counts.items() if status not in (Status.UPCOMING, Status.PAUSED))
    attention = sum(counts.get(status, 0) for status in NEEDS_ATTENTION)
    if not total:
        return _nothing_running() if sum(counts.values()) else _no_targets()
    lead = _attention(attention, total) if attention else _all_fine(counts, total)
    rest = _worst(worst) if attention else _closest(closest)
    return Sentence(lead, " ".join(part for part in (rest, _silent(sources, silent_sources)) if part))


def _no_targets() -> Sentence:
    return Sentence(_("No targets yet."), _("A target is one number, the value it should reach, and a date."))


def _nothing_running() -> Sentence:
    return Sentence(_("No target is running."), _("All of them are paused or still to come."))


def _attention(attention: int, total: int) -> str:
    if total == 1:
        return _("The only target needs attention.")
    words = ngettext(
        "%(attention)s of %(total)s targets needs attention.",
        "%(attention)s of %(total)s targets need attention.",
        attention,
    )
    return words % {"attention": grouped(attention), "total": grouped(total)}


def _all_fine(counts: Mapping[Status, int], total: int) -> str:
    if total == 1:
        return _("The only target is met.") if counts.get(Status.MET) else _("The only target is on track.")
    words = ngettext("All %(total)s target is on track or met.", "All %(total)s targets are on track or met.", total)
    return words % {"total": grouped(total)}


def _worst(rows: Sequence[Named]) -> str:
    said = [_in_brief(row) for row in rows if row.status in NEEDS_ATTENTION][:2]
    if not said:
        return ""
    if len(said) == 1:
        return _("%(clause)s.") % {"clause": said[0]}
    return _("%(clause)s; %(another)s.") % {"clause": said[0], "another": said[1]}


def _in_brief(row: Named) -> str:
    words = (_WITH_GAP if row.words else _ALONE)[row.status]
    return words % {"name": row.name, "gap": row.words}


def _closest(row: Named | None) -> str:
    if row is None or row.chance is None:
        return ""
    return _("The closest call is %(name)s, %(chance)s.") % {"name": row.name, "chance": chance(row.chance)}


def _silent(sources: int, silent: int) -> str:
    if not silent:
        return ""
    if sources == 1:
        return _("The only source does not answer; its targets show the last good reading.")
    words = ngettext(
        "%(silent)s of %(sources)s sources does not answer; its targets show the last good reading.",
        "%(silent)s of %(sources)s sources do not answer; their targets show the last good reading.",
        silent,
    )
    return words % {"silent": grouped(silent), "sources": grouped(sources)}

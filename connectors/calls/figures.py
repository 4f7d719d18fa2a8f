"""What the call log adds up to, in words: each figure with what has changed against the week before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connectors.errors import Reason
from organisations.languages import duration, grouped, percent, size

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from connectors.calls.spans import Span
    from connectors.calls.tallies import Tally

NOTHING = "–"
AS_BEFORE = 0.005  # a change that is smaller than this share is none
SMALLEST_SHARE = 0.0005  # below it, a share is written as under 0.1 %
MANY_TIMES = 10
REASONS: dict[str, StrOrPromise] = {
    Reason.UNREACHABLE: gettext_lazy("No connection"),
    Reason.TIMEOUT: gettext_lazy("No answer in time"),
    Reason.BLOCKED: gettext_lazy("Not allowed from here"),
    Reason.UNAUTHORISED: gettext_lazy("Key refused"),
    Reason.NOT_FOUND: gettext_lazy("Nothing at the address"),
    Reason.RATE_LIMITED: gettext_lazy("Too many calls for the service"),
    Reason.SERVER_ERROR: gettext_lazy("A problem of the service"),
    Reason.CLIENT_ERROR: gettext_lazy("Request not accepted"),
    Reason.MALFORMED: gettext_lazy("Answer not readable"),
    Reason.TOO_LARGE: gettext_lazy("Answer too large"),
    Reason.MISCONFIGURED: gettext_lazy("Cannot be asked like this"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure; `rule` names the rule of thumb by which it can be made a target."""

    label: str
    value: str
    change: str
    rule: str = ""


def figures(tally: Tally, before: Tally) -> list[Figure]:
    """Return what a stretch adds up to, each with its change against the same stretch a week before."""
    return [
        Figure(label=_("Calls"), value=grouped(tally.calls), change=_more_or_fewer(tally, before), rule="quota"),
        Figure(
            label=_("Error rate"), value=rate_words(tally.error_rate), change=points_words(tally, before), rule="errors"
        ),
        Figure(label=_("Data"), value=size(tally.size) if tally.calls else NOTHING, change=_data(tally, before)),
        _within(_("Half within"), tally.p50, before.p50),
        _within(_("95 of 100 within"), tally.p95, before.p95, rule="slow"),
        _within(_("99 of 100 within"), tally.p99, before.p99),
    ]


def sentence(tally: Tally, span: Span) -> tuple[str, str]:
    """Say how many calls there were and how they went, and how fast the answers came."""
    if not tally.calls:
        return _("No call in %(span)s.") % {"span": span.inside}, ""
    words = {"calls": grouped(tally.calls), "span": span.inside, "share": rate_words(tally.error_rate)}
    lead = (
        ngettext(
            "%(calls)s call in %(span)s; %(share)s failed.",
            "%(calls)s calls in %(span)s; %(share)s failed.",
            tally.calls,
        )
        if tally.failed
        else ngettext(
            "%(calls)s call in %(span)s, and it did not fail.",
            "%(calls)s calls in %(span)s, and none failed.",
            tally.calls,
        )
    )
    return lead % words, _("95 of 100 were answered within %(time)s.") % {"time": took_words(tally.p95)}


def rate_words(share: float | None) -> str:
    """Write the share of calls that failed; never none while one failed, nor all while one did not."""
    if share is None:
        return NOTHING
    if 0 < share < SMALLEST_SHARE:
        return f"<{percent(0.001, 1)}"
    if 1 - SMALLEST_SHARE <= share < 1:
        return f">{percent(0.999, 1)}"
    return percent(share, 0 if share in (0, 1) else 1)


def took_words(seconds: float | None) -> str:
    """Write how long something took; a dash for nothing."""
    return NOTHING if seconds is None else duration(seconds)


def reason_words(reason: str) -> str:
    """Say of which class a failure is."""
    return str(REASONS.get(reason, reason))


def _within(label: str, seconds: float | None, before: float | None, *, rule: str = "") -> Figure:
    return Figure(label=label, value=took_words(seconds), change=_speed(seconds, before), rule=rule)


def _more_or_fewer(tally: Tally, before: Tally) -> str:
    share = _change(tally.calls, before.calls)
    if share is None:
        return _nothing_before()
    if abs(share) < AS_BEFORE:
        return _("as many as a week before")
    if share >= MANY_TIMES - 1:
        return _("%(times)s times as many as a week before") % {"times": grouped(share + 1)}
    said = _("%(share)s more than a week before") if share > 0 else _("%(share)s fewer than a week before")
    return said % {"share": percent(abs(share))}


def _data(tally: Tally, before: Tally) -> str:
    share = _change(tally.size, before.size)
    if share is None:
        return _nothing_before()
    if abs(share) < AS_BEFORE:
        return _("as much as a week before")
    if share >= MANY_TIMES - 1:
        return _("%(times)s times as much as a week before") % {"times": grouped(share + 1)}
    said = _("%(share)s more than a week before") if share > 0 else _("%(share)s less than a week before")
    return said % {"share": percent(abs(share))}


def points_words(tally: Tally, before: Tally) -> str:
    """Say how an error rate differs from that of the week before, in points of per cent."""
    if tally.error_rate is None or before.error_rate is None:
        return _nothing_before()
    points = round((tally.error_rate - before.error_rate) * 100, 1)
    if points == 0:
        return _("as a week before")
    said = _("%(points)s pt higher than a week before") if points > 0 else _("%(points)s pt lower than a week before")
    return said % {"points": grouped(abs(points), 1)}


def _speed(seconds: float | None, before: float | None) -> str:
    share = _change(seconds, before)
    if share is None:
        return _nothing_before()
    if abs(share) < AS_BEFORE:
        return _("as fast as a week before")
    if share >= MANY_TIMES - 1:
        return _("%(times)s times as long as a week before") % {"times": grouped(share + 1)}
    said = _("%(share)s slower than a week before") if share > 0 else _("%(share)s faster than a week before")
    return said % {"share": percent(abs(share))}


def _change(value: float | None, before: float | None) -> float | None:
    """Return by which share a value is above what it was; None where there is nothing to compare."""
    return value / before - 1 if before and value is not None else None


def _nothing_before() -> str:
    return _("nothing to compare a week before")

"""Why a status is what it is: the rule in words, with the numbers it was applied to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from organisations.languages import grouped, rounded
from targets.domain.plan import Plan
from targets.domain.status import CLOSE_TO_PACE, MARGIN, MOVING, NEAR_PACE, by_chance, by_pace
from targets.domain.terms import Aggregation, Status
from targets.domain.verdict import Evaluation, Forecast

from .numbers import percent
from .statuses import status_inside, status_word
from .told import Told

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_TOTAL_REACHED = gettext_lazy("a total that only grows reached %(limit)s on %(day)s and cannot come back")
_TOTAL_PASSED = gettext_lazy("a total that only grows passed %(limit)s on %(day)s and cannot come back")
_DECIDED_BY: dict[tuple[Aggregation, Status], _StrPromise] = {
    (Aggregation.MAXIMUM, Status.MET): gettext_lazy(
        "a highest value reached %(limit)s on %(day)s and cannot come back"
    ),
    (Aggregation.MAXIMUM, Status.MISSED): gettext_lazy(
        "a highest value passed %(limit)s on %(day)s and cannot come back"
    ),
    (Aggregation.MINIMUM, Status.MET): gettext_lazy("a lowest value reached %(limit)s on %(day)s and cannot come back"),
    (Aggregation.MINIMUM, Status.MISSED): gettext_lazy(
        "a lowest value passed %(limit)s on %(day)s and cannot come back"
    ),
}


def why(plan: Plan, found: Evaluation, *, status: Status | None = None, unit: str = "") -> str:
    """The rule that gave the status shown, in words: At risk: the chance is 37%, between 30% and 70%."""
    shown = found.status if status is None else status
    if shown == Status.PAUSED:
        return _("Paused: nothing is judged until it is resumed.")
    if shown != found.status:
        held = {"status": status_word(shown), "reason": _held(plan, found)}
        return _("%(status)s for now: %(reason)s.") % held
    reason = _REASONS[shown](Told(plan, found, unit))
    return _("%(status)s: %(reason)s.") % {"status": status_word(shown), "reason": reason}


def _moving(told: Told) -> str:
    found = told.found
    if found.chance is not None:
        return _by_chance(told.plan, found.chance)
    if found.gap_share is None and found.forecast is not None:
        return _by_estimate(told, found.forecast)
    return _by_pace(found)


def _by_estimate(told: Told, forecast: Forecast) -> str:
    """With too few days for a forecast and no reading in the period, its likely end decides."""
    words = _("there is no reading in this period yet, and an early estimate ends near %(finish)s")
    return words % {"finish": told.number(forecast.median)}


def _by_chance(plan: Plan, chance: float) -> str:
    status = by_chance(chance, plan.thresholds)
    words = {
        "chance": _exact(chance, plan),
        "on_track": percent(plan.thresholds.on_track),
        "at_risk": percent(plan.thresholds.at_risk),
    }
    if status == Status.AT_RISK:
        return _("the chance is %(chance)s, between %(at_risk)s and %(on_track)s") % words
    if status == Status.ON_TRACK:
        return _("the chance is %(chance)s, at least %(on_track)s") % words
    return _("the chance is %(chance)s, under %(at_risk)s") % words


def _exact(chance: float, plan: Plan) -> str:
    """The chance in whole percent, or with decimals where rounding would put it on the other side of a threshold."""
    misleads = by_chance(rounded(chance, 2), plan.thresholds) != by_chance(chance, plan.thresholds)
    return percent(chance, decimals=2 if misleads else 0)


def _by_pace(found: Evaluation) -> str:
    """With too few days for a forecast, the pace decides."""
    share, days = found.gap_share or 0.0, found.days_of_data
    words = {"days": grouped(days), "short": percent(-share)}
    words |= {"close": percent(CLOSE_TO_PACE), "near": percent(NEAR_PACE)}
    return _against_pace(share, days) % words


def _against_pace(share: float, days: int) -> str:
    if share >= 0:
        return ngettext(
            "%(days)s day of readings cannot carry a forecast, and against the pace it is not short",
            "%(days)s days of readings cannot carry a forecast, and against the pace it is not short",
            days,
        )
    return _SHORT_OF_PACE[by_pace(share)](days)


def _close_to_pace(days: int) -> str:
    return ngettext(
        "%(days)s day of readings cannot carry a forecast, and against the pace it is %(short)s of the goal short, "
        "within %(close)s",
        "%(days)s days of readings cannot carry a forecast, and against the pace it is %(short)s of the goal short, "
        "within %(close)s",
        days,
    )


def _near_pace(days: int) -> str:
    return ngettext(
        "%(days)s day of readings cannot carry a forecast, and against the pace it is %(short)s of the goal short, "
        "between %(close)s and %(near)s",
        "%(days)s days of readings cannot carry a forecast, and against the pace it is %(short)s of the goal short, "
        "between %(close)s and %(near)s",
        days,
    )


def _far_from_pace(days: int) -> str:
    return ngettext(
        "%(days)s day of readings cannot carry a forecast, and against the pace it is %(short)s of the goal short, "
        "over %(near)s",
        "%(days)s days of readings cannot carry a forecast, and against the pace it is %(short)s of the goal short, "
        "over %(near)s",
        days,
    )


def _held(plan: Plan, found: Evaluation) -> str:
    """Why a status is shown that the last verdict does not have."""
    verdict = status_inside(found.status)
    if found.status not in MOVING or found.chance is None:
        words = _("the last verdict is “%(verdict)s”, which is shown when the next one says the same")
        return words % {"verdict": verdict}
    points = round(MARGIN * 100)
    words = ngettext(
        "the last verdict is “%(verdict)s” with a chance of %(chance)s; it is shown when two in a row are "
        "%(points)s point past the threshold",
        "the last verdict is “%(verdict)s” with a chance of %(chance)s; it is shown when two in a row are "
        "%(points)s points past the threshold",
        points,
    )
    return words % {"verdict": verdict, "chance": _exact(found.chance, plan), "points": grouped(points)}


def _decided(told: Told) -> str:
    """Met or missed: by a value that cannot come back, or by the value that the period ended with."""
    found = told.found
    if found.settled_on is None:
        return _at_the_end(told)
    of_a_total = _TOTAL_REACHED if found.status == Status.MET else _TOTAL_PASSED
    words = _DECIDED_BY.get((told.plan.kind, found.status), of_a_total)
    return words % {"limit": told.limit_passed, "day": told.day(found.settled_on)}


def _at_the_end(told: Told) -> str:
    words = {"value": told.value, "asked": told.asked}
    if told.found.status == Status.MET:
        return _("the period is over, and %(value)s is %(asked)s") % words
    return _("the period is over, and %(value)s is not %(asked)s") % words


def _no_data(told: Told) -> str:
    if told.found.over:
        return _("the period is over without a reading in it")
    if told.found.read_until is None:
        return _("there is no reading yet")
    hours = round(told.plan.stale_after.total_seconds() / 3600)
    words = ngettext(
        "there was no reading for more than %(hours)s hour", "there was no reading for more than %(hours)s hours", hours
    )
    return words % {"hours": grouped(hours)}


def _upcoming(told: Told) -> str:
    return _("the period begins on %(day)s") % {"day": told.day(told.found.period_starts_on)}


_SHORT_OF_PACE: dict[Status, Callable[[int], str]] = {
    Status.ON_TRACK: _close_to_pace,
    Status.AT_RISK: _near_pace,
    Status.BEHIND: _far_from_pace,
}
_REASONS: dict[Status, Callable[[Told], str]] = {
    Status.ON_TRACK: _moving,
    Status.AT_RISK: _moving,
    Status.BEHIND: _moving,
    Status.MET: _decided,
    Status.MISSED: _decided,
    Status.NO_DATA: _no_data,
    Status.UPCOMING: _upcoming,
}

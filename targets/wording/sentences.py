"""The answer as one or two sentences: how a target stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from organisations.languages import grouped
from targets.domain.plan import Plan
from targets.domain.status import MOVING
from targets.domain.terms import Status
from targets.domain.verdict import ENOUGH_DAYS, Evaluation, Forecast

from .aims import chance_of_the_aim
from .endings import met, missed
from .told import Sentence, Told


def sentence(
    plan: Plan, found: Evaluation, *, status: Status | None = None, unit: str = "", source: str = "", error: str = ""
) -> Sentence:
    """How a target stands, in one or two sentences.

    `status` is the one shown, the verdict's own by default. `source` and `error` are the connection and what it answers
    while it is failing.
    """
    told = Told(plan, found, unit)
    shown = found.status if status is None else status
    if shown == Status.NO_DATA and error:
        return Sentence(_silence(told), _answer(source, error))
    if shown not in MOVING:
        return _OTHERS[shown](told)
    if found.forecast is None or found.chance is None:
        return _too_new(told)
    return Sentence(chance_of_the_aim(told, found.chance), _finish(told, found.forecast))


def _finish(told: Told, forecast: Forecast) -> str:
    """Where it stands, and where it will probably end."""
    if told.plan.cumulative:
        there = _("It is %(gap)s; at the present rate it ends near %(finish)s.")
        not_yet = _("There is no reading in this period yet; at the present rate it ends near %(finish)s.")
    else:
        there = _("It is %(gap)s; it is likely to end near %(finish)s.")
        not_yet = _("There is no reading in this period yet; it is likely to end near %(finish)s.")
    gap = told.gap
    return (there if gap else not_yet) % {"gap": gap, "finish": told.number(forecast.median)}


def _too_new(told: Told) -> Sentence:
    """Too few days for a forecast: how it stands against the pace, and when there will be one."""
    parts = (_standing(told), _first_forecast(told))
    return Sentence(_beginning(told), " ".join(part for part in parts if part))


def _beginning(told: Told) -> str:
    since, days = told.plan.tracking_since, told.found.days_of_data
    if since:
        return _("Tracking since %(day)s.") % {"day": told.day(since)}
    words = ngettext("%(days)s day of readings so far.", "%(days)s days of readings so far.", days)
    return words % {"days": grouped(days)}


def _standing(told: Told) -> str:
    forecast, gap = told.found.forecast, told.gap
    if not gap:
        return ""
    if forecast is None:
        return _("It is %(gap)s.") % {"gap": gap}
    likely = {"gap": gap, "finish": told.number(forecast.median)}
    return _("It is %(gap)s; an early estimate ends near %(finish)s.") % likely


def _first_forecast(told: Told) -> str:
    missing = max(ENOUGH_DAYS - told.found.days_of_data, 1)
    words = ngettext(
        "A forecast appears after %(days)s day of readings, about %(day)s.",
        "A forecast appears after %(days)s days of readings, about %(day)s.",
        ENOUGH_DAYS,
    )
    return words % {"days": grouped(ENOUGH_DAYS), "day": told.day(told.found.on + timedelta(days=missing))}


def _no_data(told: Told) -> Sentence:
    rest = ""
    if told.found.value is not None:
        rest = _("It stood at %(value)s then.") % {"value": told.value}
    elif told.found.over:
        rest = pgettext("a period", "It ended on %(day)s.") % {"day": told.day(told.last_on)}
    return Sentence(_silence(told), rest)


def _silence(told: Told) -> str:
    """Since when there is no reading."""
    if told.found.over:
        return _("No reading in this period.")
    read_on = told.found.read_on
    return _("No reading since %(day)s.") % {"day": told.day(read_on)} if read_on else _("No reading yet.")


def _answer(source: str, error: str) -> str:
    if not source:
        return _("The source answers “%(error)s”.") % {"error": error}
    return _("%(source)s answers “%(error)s”.") % {"source": source, "error": error}


def _upcoming(told: Told) -> Sentence:
    return Sentence(
        _("Starts on %(day)s.") % {"day": told.day(told.found.period_starts_on)},
        _("The target is %(asked)s by %(day)s.") % {"asked": told.asked, "day": told.day(told.last_on)},
    )


def _paused(told: Told) -> Sentence:
    if told.found.value is None:
        return Sentence(_("Paused."), _("Nothing is judged until it is resumed."))
    stood = {"value": told.value, "day": told.day(told.found.read_on or told.found.on)}
    return Sentence(_("Paused."), _("It stood at %(value)s on %(day)s.") % stood)


_OTHERS: dict[Status, Callable[[Told], Sentence]] = {
    Status.MET: met,
    Status.MISSED: missed,
    Status.NO_DATA: _no_data,
    Status.UPCOMING: _upcoming,
    Status.PAUSED: _paused,
}

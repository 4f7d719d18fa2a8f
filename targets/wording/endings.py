"""What is said of a target that is decided: met or missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from organisations.languages import grouped
from targets.domain.terms import Comparison

from .numbers import is_nothing, telling
from .told import Sentence, Told


def met(told: Told) -> Sentence:
    """By how much a target was met, or when it was met before its end."""
    found, beyond = told.found, _beyond(told)
    if found.settled_on is None:
        return Sentence(_("Met, %(beyond)s.") % {"beyond": beyond} if beyond else _("Met."), _ended(told))
    words = {"value": told.value, "beyond": beyond}
    if not beyond:
        stands = _("It ended at %(value)s.") if found.over else _("It stands at %(value)s.")
    elif found.over:
        stands = _("It ended at %(value)s, %(beyond)s.")
    else:
        stands = _("It stands at %(value)s, %(beyond)s.")
    return Sentence(_met_on(told, found.settled_on), stands % words)


def missed(told: Told) -> Sentence:
    """By how much a target was missed, or when its limit was passed."""
    found = told.found
    if found.settled_on is None:
        return _missed_by(told)
    passed = {"limit": told.limit_passed, "day": told.day(found.settled_on)}
    if told.falls:
        lead = pgettext("a lower limit", "The limit of %(limit)s was passed on %(day)s.") % passed
    else:
        lead = pgettext("an upper limit", "The limit of %(limit)s was passed on %(day)s.") % passed
    return Sentence(lead, _stands_for_what_is_left(told))


def _missed_by(told: Told) -> Sentence:
    """By how much the end was wrong; a miss too small for the metric's decimals is shown with more of them."""
    miss, plan = _miss(told), told.plan
    told = replace(told, plan=replace(plan, decimals=telling(miss, [0.0], plan.decimals)))
    return Sentence(_("Missed by %(difference)s.") % {"difference": told.difference(miss)}, _ended(told))


def _met_on(told: Told, on: date) -> str:
    early, day = (told.last_on - on).days, told.day(on)
    if not early:
        return _("Met on %(day)s.") % {"day": day}
    words = ngettext("Met on %(day)s, %(days)s day early.", "Met on %(day)s, %(days)s days early.", early)
    return words % {"day": day, "days": grouped(early)}


def _stands_for_what_is_left(told: Told) -> str:
    left, value = told.found.days_left, told.value
    if told.found.over:
        return _("It ended at %(value)s.") % {"value": value}
    if not left:
        return _("It stands at %(value)s on the last day.") % {"value": value}
    words = ngettext(
        "It stands at %(value)s with %(days)s day left.", "It stands at %(value)s with %(days)s days left.", left
    )
    return words % {"value": value, "days": grouped(left)}


def _beyond(told: Told) -> str:
    """How far the value is on the good side, in words; nothing for `within`."""
    comparison, beyond = told.plan.comparison, (told.found.value or 0.0) - told.plan.goal
    if comparison == Comparison.WITHIN:
        return ""
    words = _beyond_target(beyond, told) if comparison == Comparison.AT_LEAST else _beyond_limit(beyond, told)
    return words % {"difference": told.difference(beyond)}


def _beyond_target(beyond: float, told: Told) -> str:
    if is_nothing(beyond, told.plan.decimals):
        return pgettext("how far", "exactly the target")
    over, under = (
        pgettext("how far", "%(difference)s over the target"),
        pgettext("how far", "%(difference)s under the target"),
    )
    return over if beyond > 0 else under


def _beyond_limit(beyond: float, told: Told) -> str:
    if is_nothing(beyond, told.plan.decimals):
        return pgettext("how far", "exactly the limit")
    over, under = (
        pgettext("how far", "%(difference)s over the limit"),
        pgettext("how far", "%(difference)s under the limit"),
    )
    return over if beyond > 0 else under


def _miss(told: Told) -> float:
    """How far the value is from the nearer of the values that would have been enough."""
    value, plan = told.found.value or 0.0, told.plan
    above_all = plan.goal_upper is not None and value > plan.goal_upper
    return value - (plan.goal_upper if above_all and plan.goal_upper is not None else plan.goal)


def _ended(told: Told) -> str:
    """Where it ended, and up to when that is known."""
    read_on = told.found.read_on
    if told.found.complete or read_on is None:
        return _ended_at(told)
    last_reading = _("The last reading is of %(day)s.") % {"day": told.day(read_on)}
    return f"{_ended_at(told)} {last_reading}"


def _ended_at(told: Told) -> str:
    if told.plan.comparison == Comparison.WITHIN:
        low, high = told.goal_ends
        return _("It ended at %(value)s; the target was %(low)s to %(high)s.") % {
            "value": told.value,
            "low": low,
            "high": high,
        }
    words = {"value": told.value, "goal": told.goal}
    if told.plan.comparison == Comparison.AT_MOST:
        return _("It ended at %(value)s, with a limit of %(goal)s.") % words
    return _("It ended at %(value)s of %(goal)s.") % words

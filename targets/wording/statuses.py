"""The words of a status, and of a chance."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from targets.domain.terms import Status

from .numbers import percent

_ON_THE_PILL = {
    Status.MISSED: pgettext_lazy("status", "Missed"),
    Status.BEHIND: pgettext_lazy("status", "Behind"),
    Status.AT_RISK: pgettext_lazy("status", "At risk"),
    Status.NO_DATA: pgettext_lazy("status", "No data"),
    Status.ON_TRACK: pgettext_lazy("status", "On track"),
    Status.MET: pgettext_lazy("status", "Met"),
    Status.UPCOMING: pgettext_lazy("status", "Upcoming"),
    Status.PAUSED: pgettext_lazy("status", "Paused"),
}
_WITHIN_A_SENTENCE = {
    Status.MISSED: pgettext_lazy("status within a sentence", "missed"),
    Status.BEHIND: pgettext_lazy("status within a sentence", "behind"),
    Status.AT_RISK: pgettext_lazy("status within a sentence", "at risk"),
    Status.NO_DATA: pgettext_lazy("status within a sentence", "no data"),
    Status.ON_TRACK: pgettext_lazy("status within a sentence", "on track"),
    Status.MET: pgettext_lazy("status within a sentence", "met"),
    Status.UPCOMING: pgettext_lazy("status within a sentence", "upcoming"),
    Status.PAUSED: pgettext_lazy("status within a sentence", "paused"),
}


def status_word(status: Status) -> str:
    """A status as its pill says it: On track."""
    return str(_ON_THE_PILL[status])


def status_inside(status: Status) -> str:
    """A status within a sentence: on track. Not every language only makes the first letter small."""
    return str(_WITHIN_A_SENTENCE[status])


def chance(share: float) -> str:
    """A chance in words: 37% chance; <1% chance and >99% chance at the ends."""
    return _("%(percent)s chance") % {"percent": percent(share)}

"""The words of a chart, and how it writes dates and large numbers, in the reader's language: its script has none."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from organisations import languages


def chart_words() -> dict[str, str]:
    """Return the words of the chart in the reader's language; what stands in braces is filled in by the script."""
    return {
        "actual": _("Actual"),
        "pace": _("Pace"),
        "gap": _("Gap"),
        "likely": _("Likely"),
        "inTen": _("8 in 10"),
        "range": pgettext("from one value to another", "{low} to {high}"),
        "thatDay": _("That day"),
        "onPace": _("On pace"),
        "note": _("Note {letter}"),
        "dayAndWeekday": pgettext("a day in a chart", "{weekday} {day}"),
        "dayAndYear": pgettext("a day in a chart", "{day} {year}"),
    }


def chart_dates() -> dict[str, Any]:
    """Return how the reader's language writes the days of a chart: twelve months, and a date with {day} and {month}."""
    spoken = languages.active()
    return {"months": list(spoken.months_short), "day": spoken.day % {"d": "{day}", "MMM": "{month}", "MM": "{month}"}}


def chart_shortened() -> list[list[Any]]:
    """Return how the reader's language shortens large numbers, largest step first: [1000000, "{number}M"]."""
    return [[step, _short_form(step)] for step in (1e9, 1e6, 1e3)]


def _short_form(step: float) -> str:
    """Return the pattern of one step, read off a number of it: 20.0k."""
    spoken, size = languages.active(), 20.0
    written = languages.shortened(size * step, 0, spoken)
    return next(
        written.replace(digits, "{number}")
        for digits in (languages.written(size, decimals, spoken) for decimals in (2, 1, 0))
        if digits in written
    )

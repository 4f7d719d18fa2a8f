"""Wording: what a person would say about a target; every word of the judgement stands here, in every language.

Plain text: names and units in it are other people's words; they are put in after translation and never interpreted.
Sentences are translated whole. What is put into them is either a number, a date or a name, or a phrase that stands by
itself in any language: “14 behind pace”, “at least 1,200”.
"""

from organisations.languages import day, full_day

from .dates import days, days_left, period_label
from .gaps import gap_phrase, gap_places, gap_shown, gap_words
from .goals import goal, of_goal, value_places
from .numbers import difference, number, percent, shortens, signed, span
from .overviews import Named, overview_sentence
from .rates import needed, rate
from .reasons import why
from .sentences import sentence
from .statuses import chance, status_inside, status_word
from .told import Sentence

__all__ = [
    "Named",
    "Sentence",
    "chance",
    "day",
    "days",
    "days_left",
    "difference",
    "full_day",
    "gap_phrase",
    "gap_places",
    "gap_shown",
    "gap_words",
    "goal",
    "needed",
    "number",
    "of_goal",
    "overview_sentence",
    "percent",
    "period_label",
    "rate",
    "sentence",
    "shortens",
    "signed",
    "span",
    "status_inside",
    "status_word",
    "value_places",
    "why",
]

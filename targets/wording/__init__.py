"""Wording: what a person would say about a target; every English word of the judgement stands here.

Plain text: names and units in it are other people's words, and are never interpreted.
"""

from .dates import counted, day, days_left, full_day, period_label
from .numbers import difference, number, percent, shortens, signed, span
from .phrases import chance, gap_phrase, gap_shown, gap_words, goal, needed, of_goal, status_word
from .reasons import why
from .sentences import Named, Sentence, overview_sentence, sentence

__all__ = [
    "Named",
    "Sentence",
    "chance",
    "counted",
    "day",
    "days_left",
    "difference",
    "full_day",
    "gap_phrase",
    "gap_shown",
    "gap_words",
    "goal",
    "needed",
    "number",
    "of_goal",
    "overview_sentence",
    "percent",
    "period_label",
    "sentence",
    "shortens",
    "signed",
    "span",
    "status_word",
    "why",
]

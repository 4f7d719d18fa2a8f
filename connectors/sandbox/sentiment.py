"""How a text sounds, truly computed by VADER (Hutto & Gilbert 2014, a lexicon with rules): −1 bad to 1 good. Pure."""

from __future__ import annotations

from functools import cache
from typing import Any

GOOD_FROM, BAD_TO = 0.05, -0.05  # the thresholds that its authors name
LONGEST = 10_000  # characters of one text


def judged(text: str) -> dict[str, Any]:
    """Return `{label, score}`: positive, neutral or negative, and the compound score from −1 to 1."""
    score = compound(text)
    label = "positive" if score >= GOOD_FROM else "negative" if score <= BAD_TO else "neutral"
    return {"label": label, "score": score}


def compound(text: str) -> float:
    """Return the compound score of a text."""
    return float(_analyser().polarity_scores(text[:LONGEST])["compound"])


@cache
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import (
        SentimentIntensityAnalyzer,  # it reads its lexicon: only who needs it waits
    )

    return SentimentIntensityAnalyzer()

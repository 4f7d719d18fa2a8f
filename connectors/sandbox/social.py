"""The posts of a pretend social network: the same every time one asks, several an hour about every word. Pure."""

from __future__ import annotations

import random
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

FIRST_HOUR = datetime(2020, 1, 1, tzinfo=UTC)
KEPT = timedelta(days=28)  # that the network looks back on
FEWEST, MOST = 2, 7  # posts an hour about one word
MOST_AT_ONCE = 100
AUTHORS = ("a baker", "a teacher", "a runner", "a gardener", "a night nurse", "a commuter", "a student", "a plumber")
GOOD = (
    "I love {word}, it made my week.",
    "{word} was great today, friendly and quick!",
    "Really happy with {word}. Would recommend it to everybody.",
    "Best surprise of the month: {word}. Thank you!",
)
BAD = (
    "{word} let me down again, what a waste of a morning.",
    "Terrible wait and a rude answer. Not happy with {word}.",
    "I am disappointed by {word}, it failed twice.",
    "{word} got worse, and the support is awful.",
)
PLAIN = (
    "Reading about {word} on the train.",
    "Does anybody know when {word} opens?",
    "{word} is on the corner of the market street.",
    "Third time this week that someone mentions {word}.",
)
ENDINGS = ("", "", " Seen at {hour}:{minute}.", " More on {weekday}.", " That is my view, anyway.")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def posts(word: str, now: datetime, *, since_id: int = 0, count: int = MOST_AT_ONCE) -> list[dict[str, Any]]:
    """Return the posts about a word after `since_id`, oldest first, at most `count`; those of the last four weeks."""
    found: list[dict[str, Any]] = []
    hour = _hour(max(now - KEPT, _moment(since_id) - timedelta(hours=1)))
    while hour <= now and len(found) < count:
        found += [post for post in _of_hour(word, hour) if post["id"] > since_id and _is_out(post, now)]
        hour += timedelta(hours=1)
    return found[:count]


def number_of(word: str, since: datetime, until: datetime) -> int:
    """Return how many posts about a word were written in `[since, until)`."""
    hours = int((until - _hour(since)) / timedelta(hours=1)) + 1
    every = (post for number in range(hours) for post in _of_hour(word, _hour(since) + number * timedelta(hours=1)))
    return sum(since <= datetime.fromisoformat(post["created_at"]) < until for post in every)


def _of_hour(word: str, hour: datetime) -> list[dict[str, Any]]:
    """Return the posts of one hour, oldest first. An id tells the second, and sets the words of a second apart."""
    chance = random.Random(f"{word.casefold()}:{hour.isoformat()}")  # noqa: S311  texts for show
    seconds = sorted(chance.sample(range(3600), chance.randint(FEWEST, MOST)))
    return [_post(word, hour + timedelta(seconds=second), chance) for second in seconds]


def _post(word: str, at: datetime, chance: random.Random) -> dict[str, Any]:
    share = _share_of_good(word, at)
    kind = chance.choices((GOOD, PLAIN, BAD), (share, 0.3, 0.7 - share))[0]
    text = chance.choice(kind) + chance.choice(ENDINGS)
    filled = text.format(word=word, hour=at.hour, minute=f"{at.minute:02}", weekday=WEEKDAYS[at.weekday()])
    seconds = int((at - FIRST_HOUR).total_seconds())
    return {
        "id": seconds * 1000 + zlib.crc32(word.casefold().encode()) % 1000,
        "text": filled[:1].upper() + filled[1:],
        "author": chance.choice(AUTHORS),
        "created_at": at.isoformat(),
        "lang": "en",
    }


def _share_of_good(word: str, at: datetime) -> float:
    """Return how many of all posts are good ones: it rises and falls by itself from week to week."""
    week = (at - FIRST_HOUR).days // 7
    return random.Random(f"{word.casefold()}:{week}").uniform(0.3, 0.6)  # noqa: S311  texts for show


def _is_out(post: dict[str, Any], now: datetime) -> bool:
    return now - KEPT <= datetime.fromisoformat(post["created_at"]) <= now


def _moment(post_id: int) -> datetime:
    """Return when a post with an id was written; an id of no post counts as one of the first hour."""
    try:
        return FIRST_HOUR + timedelta(seconds=post_id // 1000)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)

"""The answer as one or two sentences: how a target stands, and how all of them do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from targets.domain.plan import Plan
from targets.domain.status import MOVING
from targets.domain.terms import NEEDS_ATTENTION, Aggregation, Comparison, Status
from targets.domain.verdict import ENOUGH_DAYS, Evaluation, Forecast

from .dates import counted
from .phrases import STATUS_WORDS, chance, goal
from .told import Told


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said first and foremost, and what follows; both plain text, `rest` may be empty."""

    lead: str
    rest: str = ""

    def __str__(self) -> str:
        return f"{self.lead} {self.rest}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A target in a sentence about many: its name, its status, and what there is to say (`gap_phrase`)."""

    name: str
    status: Status
    words: str = ""
    chance: float | None = None


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
        return Sentence(_silence(told), f"{source or 'The source'} answers “{error}”.")
    if shown not in MOVING:
        return _OTHERS[shown](told)
    if found.forecast is None or found.forecast.early:
        return _too_new(told)
    return _by_chance(told, found.forecast)


def overview_sentence(
    counts: Mapping[Status, int],
    worst: Sequence[Named] = (),
    *,
    closest: Named | None = None,
    sources: int = 0,
    silent_sources: int = 0,
) -> Sentence:
    """How all targets stand: the number of each status, the most urgent ones, or the closest call if all are fine.

    `silent_sources` of `sources` connections do not answer.
    """
    total = sum(count for status, count in counts.items() if status not in (Status.UPCOMING, Status.PAUSED))
    attention = sum(counts.get(status, 0) for status in NEEDS_ATTENTION)
    if not total:
        return Sentence(*_NOTHING_RUNNING) if sum(counts.values()) else Sentence(*_NO_TARGETS)
    lead = _attention(attention, total) if attention else _all_fine(total)
    rest = _worst(worst) if attention else _closest(closest)
    return Sentence(lead, " ".join(part for part in (rest, _silent(sources, silent_sources)) if part))


_AIMS = {
    (Aggregation.SUM, Comparison.AT_LEAST): ("by", "of reaching {goal}"),
    (Aggregation.SUM, Comparison.AT_MOST): ("until", "of staying within {goal}"),
    (Aggregation.SUM, Comparison.WITHIN): ("on", "of ending {goal}"),
    (Aggregation.LATEST, Comparison.AT_LEAST): ("on", "of standing at {goal} or more"),
    (Aggregation.LATEST, Comparison.AT_MOST): ("on", "of standing at {goal} or less"),
    (Aggregation.LATEST, Comparison.WITHIN): ("on", "of standing {goal}"),
    (Aggregation.MEAN, Comparison.AT_LEAST): ("by", "of a mean of {goal} or more"),
    (Aggregation.MEAN, Comparison.AT_MOST): ("by", "of a mean of {goal} or less"),
    (Aggregation.MEAN, Comparison.WITHIN): ("by", "of a mean {goal}"),
    (Aggregation.MAXIMUM, Comparison.AT_LEAST): ("by", "of reaching {goal}"),
    (Aggregation.MAXIMUM, Comparison.AT_MOST): ("until", "of staying at {goal} or less"),
    (Aggregation.MAXIMUM, Comparison.WITHIN): ("by", "of a highest value {goal}"),
    (Aggregation.MINIMUM, Comparison.AT_LEAST): ("until", "of staying at {goal} or more"),
    (Aggregation.MINIMUM, Comparison.AT_MOST): ("by", "of coming down to {goal}"),
    (Aggregation.MINIMUM, Comparison.WITHIN): ("by", "of a lowest value {goal}"),
}


def _by_chance(told: Told, forecast: Forecast) -> Sentence:
    plan = told.plan
    preposition, aim = _AIMS[Aggregation.SUM if plan.cumulative else plan.kind, plan.comparison]
    asked = goal(plan, told.unit) if plan.comparison == Comparison.WITHIN else told.goal
    lead = f"{chance(forecast.chance)} {aim.format(goal=asked)} {told.end(preposition)}."
    where = f"It is {told.gap}" if told.gap else "There is no reading in this period yet"
    likely = "at the present rate it ends" if plan.cumulative else "it is likely to end"
    return Sentence(lead, f"{where}; {likely} near {told.number(forecast.median)}.")


def _too_new(told: Told) -> Sentence:
    """Too few days for a forecast: how it stands against the pace, and when there will be one."""
    found, since = told.found, told.plan.tracking_since
    lead = (
        f"Tracking since {told.day(since)}." if since else f"{counted(found.days_of_data, 'day')} of readings so far."
    )
    likely = f"; an early estimate ends near {told.number(found.forecast.median)}" if found.forecast else ""
    where = f"It is {told.gap}{likely}. " if told.gap else ""
    missing = max(ENOUGH_DAYS - found.days_of_data, 1)
    about = told.day(found.on + timedelta(days=missing))
    return Sentence(lead, f"{where}A forecast appears after {ENOUGH_DAYS} days of readings, about {about}.")


def _no_data(told: Told) -> Sentence:
    if told.found.value is not None:
        return Sentence(_silence(told), f"It stood at {told.value} then.")
    return Sentence(_silence(told), f"It ended on {told.day(told.last_on)}." if told.found.over else "")


def _silence(told: Told) -> str:
    """Since when there is no reading."""
    if told.found.over:
        return "No reading in this period."
    read_on = told.found.read_on
    return f"No reading since {told.day(read_on)}." if read_on else "No reading yet."


def _met(told: Told) -> Sentence:
    found, plan = told.found, told.plan
    beyond = _beyond(told, "the target" if plan.comparison == Comparison.AT_LEAST else "the limit")
    if found.settled_on is None:
        return Sentence(f"Met, {beyond}." if beyond else "Met.", _ended(told))
    early = (told.last_on - found.settled_on).days
    lead = f"Met on {told.day(found.settled_on)}" + (f", {counted(early, 'day')} early." if early else ".")
    stands = f"It {'ended' if found.over else 'stands'} at {told.value}"
    return Sentence(lead, f"{stands}, {beyond}.")


def _missed(told: Told) -> Sentence:
    found, plan = told.found, told.plan
    if found.settled_on is None:
        return Sentence(f"Missed by {told.difference(_miss(told))}.", _ended(told))
    falls = plan.kind == Aggregation.MINIMUM
    limit = plan.goal if falls or plan.goal_upper is None else plan.goal_upper
    lead = f"The limit of {told.limit(limit)} was passed on {told.day(found.settled_on)}."
    if found.over:
        return Sentence(lead, f"It ended at {told.value}.")
    left = f"with {counted(found.days_left, 'day')} left" if found.days_left else "on the last day"
    return Sentence(lead, f"It stands at {told.value} {left}.")


def _upcoming(told: Told) -> Sentence:
    found = told.found
    return Sentence(
        f"Starts on {told.day(found.period_starts_on)}.",
        f"The target is {goal(told.plan, told.unit)} by {told.day(told.last_on)}.",
    )


def _paused(told: Told) -> Sentence:
    if told.found.value is None:
        return Sentence("Paused.", "Nothing is judged until it is resumed.")
    return Sentence("Paused.", f"It stood at {told.value} on {told.day(told.found.on)}.")


_OTHERS: dict[Status, Callable[[Told], Sentence]] = {
    Status.MET: _met,
    Status.MISSED: _missed,
    Status.NO_DATA: _no_data,
    Status.UPCOMING: _upcoming,
    Status.PAUSED: _paused,
}


def _beyond(told: Told, what: str) -> str:
    """How far the value is on the good side, in words; nothing for `within`."""
    if told.plan.comparison == Comparison.WITHIN:
        return ""
    beyond = (told.found.value or 0.0) - told.plan.goal
    if not round(beyond, told.plan.decimals):
        return f"exactly {what}"
    return f"{told.difference(beyond)} {'over' if beyond > 0 else 'under'} {what}"


def _miss(told: Told) -> float:
    """How far the value is from the nearer of the values that would have been enough."""
    value, plan = told.found.value or 0.0, told.plan
    above_all = plan.goal_upper is not None and value > plan.goal_upper
    return value - (plan.goal_upper if above_all and plan.goal_upper is not None else plan.goal)


def _ended(told: Told) -> str:
    joined = {
        Comparison.AT_LEAST: " of ",
        Comparison.AT_MOST: ", with a limit of ",
        Comparison.WITHIN: "; the target was ",
    }
    ended = f"It ended at {told.value}{joined[told.plan.comparison]}{told.goal}."
    read_on = told.found.read_on
    if told.found.complete or read_on is None:
        return ended
    return f"{ended} The last reading is of {told.day(read_on)}."


_NO_TARGETS = ("No targets yet.", "A target is one number, the value it should reach, and a date.")
_NOTHING_RUNNING = ("No target is running.", "All of them are paused or still to come.")


def _attention(attention: int, total: int) -> str:
    if total == 1:
        return "The one target needs attention."
    return f"{attention:,} of {total:,} targets {'needs' if attention == 1 else 'need'} attention."


def _all_fine(total: int) -> str:
    return f"All {total:,} targets are on track or met." if total > 1 else "The one target is on track or met."


def _worst(rows: Sequence[Named]) -> str:
    said = [_in_brief(row) for row in rows if row.status in NEEDS_ATTENTION][:2]
    return f"{'; '.join(said)}." if said else ""


def _in_brief(row: Named) -> str:
    if row.status == Status.NO_DATA:
        return f"{row.name} has no data"
    if row.status == Status.BEHIND and row.words:
        return f"{row.name} is {row.words}"
    word = STATUS_WORDS[row.status].lower()
    return f"{row.name} is {word}, {row.words}" if row.words else f"{row.name} is {word}"


def _closest(row: Named | None) -> str:
    return f"The closest call is {row.name}, {chance(row.chance)}." if row and row.chance is not None else ""


def _silent(sources: int, silent: int) -> str:
    if not silent:
        return ""
    if sources == 1:
        return "The one source does not answer; its targets show the last good reading."
    does, their = ("does", "its") if silent == 1 else ("do", "their")
    return f"{silent:,} of {sources:,} sources {does} not answer; {their} targets show the last good reading."

"""The parts of sentences: statuses, chances, goals, gaps and rates in words."""

from __future__ import annotations

from dataclasses import dataclass

from targets.domain.history import RECENT
from targets.domain.plan import Plan
from targets.domain.terms import Aggregation, Comparison, PaceProfile, Status
from targets.domain.verdict import Evaluation

from .numbers import difference, number, percent, places, span

STATUS_WORDS = {
    Status.MISSED: "Missed",
    Status.BEHIND: "Behind",
    Status.AT_RISK: "At risk",
    Status.NO_DATA: "No data",
    Status.ON_TRACK: "On track",
    Status.MET: "Met",
    Status.UPCOMING: "Upcoming",
    Status.PAUSED: "Paused",
}
_SMALL_RATE = 10.0  # below it, a rate per day is shown with a decimal


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a value is from where it should be, signed as value minus aim, and what that is called."""

    value: float
    words: str


def status_word(status: Status) -> str:
    """A status as its pill says it: On track."""
    return STATUS_WORDS[status]


def chance(share: float) -> str:
    """A chance in words: 37% chance; <1% chance and >99% chance at the ends."""
    return f"{percent(share)} chance"


def goal(plan: Plan, unit: str = "", *, short: bool = False) -> str:
    """What is asked for: at least 1,200; at most €18,500; between 21 and 23 °C."""
    if plan.comparison == Comparison.WITHIN:
        return f"between {_range(plan, unit, joined_by='and', short=short)}"
    return (
        f"{'at least' if plan.comparison == Comparison.AT_LEAST else 'at most'} {goal_number(plan, unit, short=short)}"
    )


def of_goal(plan: Plan, unit: str = "", *, short: bool = False) -> str:
    """What is asked for, behind a value: of at least 1,200; of at most €18,500; of 21 to 23 °C."""
    if plan.comparison == Comparison.WITHIN:
        return f"of {_range(plan, unit, joined_by='to', short=short)}"
    return f"of {goal(plan, unit, short=short)}"


def goal_number(plan: Plan, unit: str = "", *, short: bool = False) -> str:
    """The goal with as many decimals as it was set with; of two goals both."""
    if plan.comparison == Comparison.WITHIN:
        return _range(plan, unit, joined_by="to", short=short)
    return number(plan.goal, unit=unit, decimals=places(plan.goal, plan.decimals), short=short)


def gap_of(plan: Plan, found: Evaluation) -> Gap | None:
    """How far the value is from where it should be; None before the first reading.

    From a limit once it is passed, from the nearer bound for `within`, else from the pace.
    """
    if found.value is None or found.gap is None or found.gap_share is None:
        return None
    if plan.comparison == Comparison.WITHIN:
        return _gap_to_range(plan, found.value, found.gap, found.gap_share)
    if plan.cumulative and plan.comparison == Comparison.AT_MOST and found.value > plan.goal:
        return Gap(found.value - plan.goal, "over the limit")
    above, below, even = _AGAINST_PACE[plan.comparison] if _has_pace(plan) else _AGAINST_GOAL[plan.comparison]
    if plan.is_level and plan.comparison == Comparison.AT_MOST and _has_pace(plan):
        above, below = "behind pace", "ahead of pace"  # on the way down
    return Gap(found.gap, _by_sign(round(found.gap, plan.decimals), above, below, even))


def gap_words(plan: Plan, found: Evaluation) -> str:
    """What the gap is called: behind pace, under the limit, above target; nothing before the first reading."""
    gap = gap_of(plan, found)
    return gap.words if gap else ""


def gap_shown(plan: Plan, found: Evaluation) -> float | None:
    """The number that `gap_words` speaks of, as value minus aim: from a limit that was passed, else from the pace."""
    gap = gap_of(plan, found)
    return gap.value if gap else None


def gap_phrase(plan: Plan, found: Evaluation, unit: str = "") -> str:
    """The gap in words: 14 behind pace; on pace; within the range. Nothing before the first reading."""
    gap = gap_of(plan, found)
    if gap is None or not round(gap.value, plan.decimals):
        return gap.words if gap else ""
    return f"{difference(gap.value, unit=unit, decimals=plan.decimals)} {gap.words}"


def needed(plan: Plan, found: Evaluation, unit: str = "") -> str:
    """What is needed from here, beside what was: It needs 414 a day from here; the last 28 days averaged 238.

    Nothing where the period is decided, or where the goal is reached already and need only be held.
    """
    rate = found.required_rate
    if rate is None or (plan.comparison != Comparison.AT_MOST and rate <= 0 and plan.cumulative):
        return ""
    if plan.kind == Aggregation.MEAN:
        return f"The rest must have a mean of {_rate(plan, rate, unit)}{_recently(plan, found, unit)}."
    verb = "needs" if plan.comparison != Comparison.AT_MOST else "may take" if rate > 0 else "must give back"
    a_day = "a working day" if plan.profile == PaceProfile.WORKING_DAYS else "a day"
    return f"It {verb} {_rate(plan, abs(rate), unit)} {a_day} from here{_recently(plan, found, unit)}."


def _recently(plan: Plan, found: Evaluation, unit: str) -> str:
    if found.recent_rate is None:
        return ""
    days = min(found.days_of_data, RECENT)
    last = "the last day brought" if days == 1 else f"the last {days} days averaged"
    return f"; {last} {_rate(plan, found.recent_rate, unit)}"


_AGAINST_PACE = {
    Comparison.AT_LEAST: ("ahead of pace", "behind pace", "on pace"),
    Comparison.AT_MOST: ("over pace", "under pace", "on pace"),
    Comparison.WITHIN: ("over pace", "behind pace", "on pace"),
}
_AGAINST_GOAL = {
    Comparison.AT_LEAST: ("above target", "under target", "on target"),
    Comparison.AT_MOST: ("over the limit", "under the limit", "at the limit"),
    Comparison.WITHIN: ("above the range", "under the range", "within the range"),
}


def _has_pace(plan: Plan) -> bool:
    """Whether there is a way to go; else the value is held against the goal itself."""
    return plan.cumulative or (plan.is_level and plan.start_value is not None)


def _gap_to_range(plan: Plan, value: float, gap: float, gap_share: float) -> Gap:
    above, below, inside = _AGAINST_PACE[plan.comparison] if _has_pace(plan) else _AGAINST_GOAL[plan.comparison]
    if plan.cumulative and plan.goal_upper is not None and value > plan.goal_upper:
        return Gap(value - plan.goal_upper, "over the limit")
    outside = max(-gap_share * plan.size, 0.0)
    return Gap(outside if gap > 0 else -outside, _by_sign(outside and gap, above, below, inside))


def _by_sign(value: float, above: str, below: str, even: str) -> str:
    return above if value > 0 else below if value < 0 else even


def _range(plan: Plan, unit: str, *, joined_by: str, short: bool) -> str:
    upper = plan.goal if plan.goal_upper is None else plan.goal_upper
    decimals = max(places(plan.goal, plan.decimals), places(upper, plan.decimals))
    return span(plan.goal, upper, unit=unit, decimals=decimals, joined_by=joined_by, short=short)


def _rate(plan: Plan, rate: float, unit: str) -> str:
    return number(rate, unit=unit, decimals=max(plan.decimals, 1) if abs(rate) < _SMALL_RATE else plan.decimals)

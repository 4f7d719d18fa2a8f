"""What a target asks, as the domain understands it: from the rows of a target, its metric and its organisation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from targets.domain.periods import Calendar, PeriodRule
from targets.domain.plan import Plan, Thresholds
from targets.domain.terms import Aggregation, Comparison, PaceProfile, PeriodKind, ValueKind

if TYPE_CHECKING:
    from organisations.models import Organisation
    from targets.models import Metric, PeriodResult, Target

SHORTEST_SILENCE = timedelta(hours=24)  # silence shorter than this is never “no data”
SILENT_DAYS = timedelta(days=3)  # … nor, where readings are for whole days, missing fewer days than this
SILENT_COLLECTIONS = 3  # … and neither is missing fewer collections than this
QUESTION = ["metric_id", "aggregation", "comparison", "period", "profile", "start_value", "time_zone"]


def calendar_of(organisation: Organisation, time_zone: str = "") -> Calendar:
    """Return how an organisation counts time, in its own zone or another."""
    return Calendar(
        zone=ZoneInfo(time_zone or organisation.time_zone),
        week_starts_on=organisation.week_starts_on,
        fiscal_year_starts_in=organisation.fiscal_year_starts_in,
        working_days=frozenset(organisation.working_days),
    )


def rule_of(target: Target) -> PeriodRule:
    """Return which periods the target is about; a range is stored with its last day and judged with the day after."""
    ends_on = target.ends_on + timedelta(days=1) if target.ends_on else None
    return PeriodRule(kind=PeriodKind(target.period), starts_on=target.starts_on, ends_on=ends_on)


def plan_of(target: Target) -> Plan:
    """Return everything that decides how the target is judged."""
    metric, organisation = target.metric, target.organisation
    return Plan(
        value_kind=ValueKind(metric.value_kind),
        aggregation=Aggregation(target.aggregation),
        comparison=Comparison(target.comparison),
        goal=target.goal,
        goal_upper=target.goal_upper,
        rule=rule_of(target),
        calendar=calendar_of(organisation, target.time_zone),
        profile=PaceProfile(target.profile),
        start_value=target.start_value,
        tracking_since=target.tracking_since,
        missing_is_zero=metric.missing_is_zero,
        can_fall=metric.can_fall,
        stale_after=stale_after(metric),
        thresholds=Thresholds(on_track=organisation.on_track_from / 100, at_risk=organisation.at_risk_from / 100),
        decimals=metric.decimals,
        seed=f"metric:{metric.pk}",
    )


def question_of(target: Target) -> dict[str, Any]:
    """Return what a target asks besides its goal, as it is kept with every closed period."""
    return {name: getattr(target, name) for name in QUESTION}


def plan_then(target: Target, result: PeriodResult) -> Plan:
    """Return the plan by which a closed period was judged, whatever the target asks now."""
    plan = replace(plan_of(target), goal=result.goal, goal_upper=result.goal_upper)
    asked = result.asked or question_of(target)
    zone = ZoneInfo(asked["time_zone"] or target.organisation.time_zone)
    return replace(
        plan,
        aggregation=Aggregation(asked["aggregation"]),
        comparison=Comparison(asked["comparison"]),
        profile=PaceProfile(asked["profile"]),
        start_value=asked["start_value"],
        rule=replace(plan.rule, kind=PeriodKind(asked["period"])),
        calendar=replace(plan.calendar, zone=zone),
    )


def stale_after(metric: Metric) -> timedelta:
    """Return how long silence is forgiven: three collections, and three days where readings are for whole days."""
    shortest = SHORTEST_SILENCE if metric.read_through is None else SILENT_DAYS
    return max(SILENT_COLLECTIONS * metric.feed.interval, shortest)

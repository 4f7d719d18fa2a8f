"""What a target or a metric can be, whoever says so: pages, programs and files are refused in the same words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.models.feed import RunningPeriod
from targets.domain.terms import Aggregation, Comparison, PeriodKind, ReadAs, ValueKind

if TYPE_CHECKING:
    from connectors.models import Feed
    from targets.models import Metric

Values = dict[str, Any]
Refusals = Iterator[tuple[str, str]]  # the field, and the sentence

ASKED = [
    "metric",
    "aggregation",
    "comparison",
    "goal",
    "goal_upper",
    "period",
    "starts_on",
    "ends_on",
    "time_zone",
    "profile",
    "start_value",
]
HOW_FOUND = ["read_as", "value_path", "weight_path", "number_format", "segment_path", "row_filter", "scale"]
_USUAL_AGGREGATION = {
    ValueKind.FLOW: Aggregation.SUM,
    ValueKind.LEVEL: Aggregation.LATEST,
    ValueKind.RUNNING: Aggregation.LATEST,
}
NOT_COLLECTED = gettext_lazy(
    "Only a number that is collected can be counted or divided; this one is typed in or pushed."
)
LATEST_YEAR = 2199
LONGEST_RANGE = timedelta(days=3653)  # ten years: each of its days is kept in the drawing
_COUNTED_BY = {
    PeriodKind.DAY: gettext_lazy("%(metric)s is counted by the day, so only a day can be judged."),
    PeriodKind.WEEK: gettext_lazy("%(metric)s is counted by the week, so only a week can be judged."),
    PeriodKind.MONTH: gettext_lazy("%(metric)s is counted by the month, so only a month can be judged."),
    PeriodKind.QUARTER: gettext_lazy("%(metric)s is counted by the quarter, so only a quarter can be judged."),
    PeriodKind.YEAR: gettext_lazy("%(metric)s is counted by the year, so only a year can be judged."),
}


def usual_aggregation(value_kind: str, read_as: str = ReadAs.VALUE) -> Aggregation:
    """Return how readings usually become the value of a period: those of a ratio by the sums of the period."""
    kind = ValueKind(value_kind)
    return Aggregation.MEAN if kind == ValueKind.LEVEL and read_as == ReadAs.RATIO else _USUAL_AGGREGATION[kind]


def target_refusals(values: Values, metric: Metric | None, *, wrong: Collection[str] = ()) -> Refusals:
    """Yield what is wrong with a target; what follows from the rest is settled in `values`.

    `wrong` are fields that could not be read: of them is said enough.
    """
    yield from _goal(values, wrong)
    yield from _dates(values, wrong)
    if metric is not None:
        yield from _aggregation(values, metric)
        yield from _running(values, metric)


def _goal(values: Values, wrong: Collection[str]) -> Refusals:
    if values.get("comparison") != Comparison.WITHIN:
        values["goal_upper"] = None
        return
    goal, upper = values.get("goal"), values.get("goal_upper")
    if upper is None and "goal_upper" not in wrong:
        yield "goal_upper", _("Enter the upper end of the range.")
    elif goal is not None and upper is not None and upper <= goal:
        yield "goal_upper", _("Enter a value above the lower one.")


def _dates(values: Values, wrong: Collection[str]) -> Refusals:
    if values.get("period") != PeriodKind.RANGE:
        values["starts_on"] = values["ends_on"] = None
        return
    for name, sentence in (("starts_on", _("Enter the first day.")), ("ends_on", _("Enter the last day."))):
        if values.get(name) is None and name not in wrong:
            yield name, sentence
    starts_on, ends_on = values.get("starts_on"), values.get("ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        yield "ends_on", _("The last day must not be before the first.")
    elif ends_on and ends_on.year > LATEST_YEAR:
        yield "ends_on", _("Enter a day in this century or the next.")
    elif starts_on and ends_on and ends_on - starts_on > LONGEST_RANGE:
        yield "ends_on", _("The last day must be within ten years of the first.")


def _aggregation(values: Values, metric: Metric) -> Refusals:
    kind = ValueKind(metric.value_kind)
    values["aggregation"] = values.get("aggregation") or usual_aggregation(metric.value_kind, metric.read_as).value
    if kind == ValueKind.LEVEL:
        if values["aggregation"] == Aggregation.SUM:
            sentence = _("%(metric)s is a level: its readings do not add up. Choose another value.")
            yield "aggregation", sentence % {"metric": metric}
        return
    values["start_value"] = None
    goal = values.get("goal")
    if values.get("comparison") == Comparison.AT_LEAST and goal is not None and goal <= 0:
        yield "goal", _("Enter a value above 0.")


def _running(values: Values, metric: Metric) -> Refusals:
    """A running total is known only for the source's own period, and only as it stands."""
    if metric.value_kind != ValueKind.RUNNING:
        return
    if values["aggregation"] != Aggregation.LATEST:
        sentence = _("%(metric)s is a running total: only its latest value counts.")
        yield "aggregation", sentence % {"metric": metric}
    wanted = metric.feed.running_period
    if values.get("period") and values["period"] != wanted:
        yield "period", _COUNTED_BY[PeriodKind(wanted)] % {"metric": metric}


def metric_refusals(values: Values) -> Refusals:
    """Yield what is wrong with a metric by itself."""
    low, high = values.get("scale_min"), values.get("scale_max")
    if low is not None and high is not None and high <= low:
        yield "scale_max", _("Enter a value above the lower end.")

    yield from _how_read(values)


def _how_read(values: Values) -> Refusals:
    """Yield where what becomes of the value does not go with what the values are."""
    read_as, kind = values.get("read_as"), values.get("value_kind")
    if read_as == ReadAs.RATIO:
        yield from _ratio(values)
    elif values.get("weight_path"):
        yield "weight_path", _("Only a ratio is divided. Read it as a ratio, or leave this empty.")
    if read_as == ReadAs.COUNTER and kind not in (None, ValueKind.FLOW):
        yield "read_as", _("What a counter counts adds up, and this metric is no amount that adds up.")


def _ratio(values: Values) -> Refusals:
    if not values.get("weight_path"):
        yield "weight_path", _("Say by what it is divided, such as visits.")
    if values.get("value_kind") == ValueKind.FLOW:
        yield "read_as", _("A ratio does not add up, and this metric is an amount that adds up. Make it a level.")
    if values.get("missing_is_zero"):
        yield "missing_is_zero", _("A day without rows has no ratio, so it cannot count as zero.")


def fixed_refusals(values: Values, metric: Metric) -> Refusals:
    """Yield what cannot become otherwise once there are readings: kept amounts would stand beside kept counts."""
    read_as = values.get("read_as", metric.read_as)
    if metric.last_at is not None and (read_as == ReadAs.COUNTER) != (metric.read_as == ReadAs.COUNTER):
        yield "read_as", _("Its readings would mean something else from now on. Make another metric.")


def feed_refusals(values: Values, feed: Feed | None) -> Refusals:
    """Yield where a metric is not what its feed asks for."""
    yield from _rows_of(values, feed)
    running, period = values.get("value_kind") == ValueKind.RUNNING, feed.running_period if feed else ""
    if running and not period:
        yield "value_kind", _("A running total needs a feed that asks for the period so far.")
    elif period and not running and "value_kind" in values:
        yield "value_kind", asks_for_totals(RunningPeriod(period))


def _rows_of(values: Values, feed: Feed | None) -> Refusals:
    """Yield where a feed has no rows that could be read so."""
    read_as = values.get("read_as") or ReadAs.VALUE
    if read_as != ReadAs.VALUE and not (feed and feed.collects):
        yield "read_as", str(NOT_COLLECTED)
    elif read_as == ReadAs.COUNTER and feed and feed.keeps_records:
        yield "read_as", _("This feed keeps its rows as records, and a counter needs them in the order of time.")


def asks_for_totals(period: RunningPeriod) -> str:
    """Say that a feed asks for the total of a period, which its number therefore is."""
    return {
        RunningPeriod.DAY: _("The feed asks for the day so far, so its number is a running total."),
        RunningPeriod.WEEK: _("The feed asks for the week so far, so its number is a running total."),
        RunningPeriod.MONTH: _("The feed asks for the month so far, so its number is a running total."),
        RunningPeriod.QUARTER: _("The feed asks for the quarter so far, so its number is a running total."),
        RunningPeriod.YEAR: _("The feed asks for the year so far, so its number is a running total."),
    }[period]

"""The words of the field, as closed lists. Stored in the database and spoken by the API: values never change."""

from enum import StrEnum


class ValueKind(StrEnum):
    """What a metric's values are."""

    FLOW = "flow"  # amounts; may be summed
    LEVEL = "level"  # the latest counts
    RUNNING = "running"  # the source reports the period's total so far; the only right form for distinct counts


class ReadAs(StrEnum):
    """What becomes of the value of a row."""

    VALUE = "value"  # it stands as it is
    COUNTER = "counter"  # it only grows; what came since the last time counts
    RATIO = "ratio"  # it is divided by another field; several rows are divided sum by sum


class Aggregation(StrEnum):
    """How a period's readings become one value."""

    SUM = "sum"
    MEAN = "mean"
    LATEST = "latest"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"


class Comparison(StrEnum):
    """On which side of the goal the value should be."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    WITHIN = "within"  # between the goal and the upper goal, both included


class PeriodKind(StrEnum):
    """What a target's periods are."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    RANGE = "range"  # one fixed stretch, not repeated


class PaceProfile(StrEnum):
    """How the way to the goal is spread over the period."""

    LINEAR = "linear"
    WORKING_DAYS = "working_days"


class Status(StrEnum):
    """The verdict of a target at a moment."""

    MISSED = "missed"
    BEHIND = "behind"
    AT_RISK = "at_risk"
    NO_DATA = "no_data"
    ON_TRACK = "on_track"
    MET = "met"
    UPCOMING = "upcoming"
    PAUSED = "paused"


URGENCY: dict[Status, int] = {status: place for place, status in enumerate(Status)}  # most urgent first
NEEDS_ATTENTION = frozenset({Status.MISSED, Status.BEHIND, Status.AT_RISK, Status.NO_DATA})
SETTLED = frozenset({Status.MET, Status.MISSED})

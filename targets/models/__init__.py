"""Metrics and their observations, targets and their verdicts, and what people add to them."""

from targets.models.metric import DailyRollup, Metric, Observation
from targets.models.note import Note
from targets.models.tag import Tag
from targets.models.target import EvaluationSnapshot, PeriodResult, StatusChange, Target
from targets.models.wall import Wall

__all__ = [
    "DailyRollup",
    "EvaluationSnapshot",
    "Metric",
    "Note",
    "Observation",
    "PeriodResult",
    "StatusChange",
    "Tag",
    "Target",
    "Wall",
]

"""Metrics and their observations, targets and their verdicts."""

from targets.models.metric import DailyRollup, Metric, Observation
from targets.models.target import EvaluationSnapshot, PeriodResult, StatusChange, Target

__all__ = ["DailyRollup", "EvaluationSnapshot", "Metric", "Observation", "PeriodResult", "StatusChange", "Target"]

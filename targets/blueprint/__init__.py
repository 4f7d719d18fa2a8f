"""Metrics and targets as sections of a blueprint."""

from targets.blueprint.sections import SECTIONS

__all__ = ["SECTIONS"]

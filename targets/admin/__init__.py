"""Admin screens of metrics and targets, under the same rules as the pages, and of the logs of what was found."""

from targets.admin import beside, logs, metrics, targets

__all__ = ["beside", "logs", "metrics", "targets"]

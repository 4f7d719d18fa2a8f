"""Saving a target that was set or changed; pages and API alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from targets.judging import judge_target

if TYPE_CHECKING:
    from datetime import datetime

    from targets.forms import TargetForm
    from targets.models import Target


def save_target(form: TargetForm, now: datetime) -> Target:
    """Save a valid form and judge at once, so that people see a verdict and not a promise.

    A changed question is a new version: its first verdict is shown as it is, and earlier periods keep theirs.
    """
    row = form.save(commit=False)
    if row.pk is None:
        row.tracking_since = now.astimezone(row.organisation.zone).date()
    elif form.asks_anew:
        row.version += 1
        row.evaluation = row.track = None
    with transaction.atomic():
        row.save()
        judge_target(row.pk, now)
    row.refresh_from_db()
    return row

"""Saving a metric or a target that was set or changed; pages, API and admin alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from connectors import asking
from targets import notes, tags
from targets.judging import judge_metric, judge_target
from targets.rules import HOW_FOUND

if TYPE_CHECKING:
    from datetime import datetime

    from django.forms import ModelForm

    from targets.forms.short import TargetForm
    from targets.models import Metric, Target
    from targets.trying.forms import TryForm

READ_BY = {"feed", *HOW_FOUND}  # decide what a metric finds in the rows of its feed


def save_metric(form: ModelForm[Metric], now: datetime) -> Metric:
    """Save a valid form and judge the metric's targets by it.

    A metric that reads the rows of its feed in a new way needs them all again, so the feed is asked for its history.
    """
    row: Any = form.instance
    is_new, reads_anew = row.pk is None, bool(set(form.changed_data) & READ_BY)
    with transaction.atomic():
        _save(form, is_new=is_new, reads_anew=reads_anew)
        if is_new or reads_anew:
            asking.anew(row.feed, now)
        if not is_new:
            judge_metric(row, now)
    metric: Metric = row
    return metric


def save_tried(form: TryForm, now: datetime) -> Metric:
    """Save how a metric is read, and where the rows and times of its feed stand, which all of its metrics share."""
    with transaction.atomic():
        if form.changes_feed:
            _save_feed(form, now)
        return save_metric(form, now)


def _save_feed(form: TryForm, now: datetime) -> None:
    feed = form.feed
    feed.query, feed.at_path, feed.at_format = (
        form.query(),
        form.cleaned_data["at_path"],
        form.cleaned_data["at_format"],
    )
    feed.save(update_fields=["query", "at_path", "at_format"])
    feed.metrics.update(counters={})  # where counters stood was read otherwise
    asking.anew(feed, now)


def _save(form: ModelForm[Metric], *, is_new: bool, reads_anew: bool) -> None:
    """Save what the form decides and no more: a collection may be writing down meanwhile where counters stand.

    A counter that is read in a new way begins anew.
    """
    if is_new:
        form.save()
        return
    row = form.save(commit=False)
    if reads_anew:
        row.counters = {}
    fields: Any = form._meta.fields
    row.save(update_fields=[*fields, *(["counters"] if reads_anew else [])])


def save_target(form: TargetForm, now: datetime) -> Target:
    """Save a valid form and judge at once, so that people see a verdict and not a promise.

    A changed question is a new version: its first verdict is shown as it is, and earlier periods keep theirs. Why it
    was changed becomes a note of today.
    """
    row: Any = form.save(commit=False)
    if row.pk is None:
        row.tracking_since = now.astimezone(row.organisation.zone).date()
    elif form.asks_anew:
        row.version += 1
        row.evaluation = row.track = None
    with transaction.atomic():
        row.save()
        tags.put_on(row, form.cleaned_data["tags"])
        if form.cleaned_data.get("why"):
            notes.write(row, form.cleaned_data["why"], now=now, by=form.access.user)
        judge_target(row.pk, now)
    row.refresh_from_db()
    target: Target = row
    return target

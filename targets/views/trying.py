"""Trying how a metric is read on the last answer of its source, row by row, and keeping what was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from connectors import shape_words
from connectors.errors import FetchError
from connectors.paths.read import is_mended
from connectors.problems import Unreadable
from organisations import managed
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.models import Metric
from targets.saving import save_tried
from targets.trying.forms import TryForm
from targets.trying.last_answers import forget, last_answer
from targets.trying.rows import rows_to_try
from targets.trying.tried import point_lines, row_lines, trial_sentence, try_rows

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from connectors.models import Feed
    from organisations.access import Access


@organisation_page(Permission.EDIT, changes=("metrics", "pk"))
def metric_try(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Show what comes of a way of reading the last answer; keep it if that is wished."""
    row, now = _metric(access, pk), timezone.now()
    if request.POST.get("then") == "again":
        forget(row.feed)
    before = row.name
    form = TryForm(request.POST or None, instance=row, access=access, is_locked=_is_locked(access, row.feed))
    if request.POST.get("then") == "save" and form.is_valid():
        save_tried(form, now)
        messages.success(request, _("Saved. The source is asked again, for its history too."))
        return redirect("metric", access.organisation.slug, pk)
    page = {
        "nav": "metrics",
        "metric": row,
        "name": before,
        "form": form,
        "changed": _changed(row.feed),
        **_tried(form, row.feed, access, now),
    }
    return render(request, "targets/metric_try.html", page)


def _tried(form: TryForm, feed: Feed, access: Access, now: datetime) -> dict[str, Any]:
    """Return what the trial shows: the answer that cannot be had, what is wrong with the form, or the rows."""
    result = last_answer(feed, now)
    if not result.ok:
        return {"result": result}
    whole = form if form.is_bound else _as_it_is(form, access)
    if not whole.is_valid():
        return {"result": result, "wrong": whole.wrong()}
    try:
        rows = rows_to_try(feed, result.answer, whole.query())
        trial = try_rows(rows, feed, whole.reading(), now)
    except (FetchError, Unreadable) as error:
        return {"result": result, "wrong": [str(error.problem)]}
    return {
        "result": result,
        "trial": trial,
        "sentence": trial_sentence(trial),
        "rows": row_lines(trial, rows, now, access.zone),
        "points": point_lines(trial, now, access.zone),
    }


def _as_it_is(form: TryForm, access: Access) -> TryForm:
    """Return a form that says what is stored, so that it is judged and tried like one that was sent."""
    said = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return TryForm(said, instance=form.instance, access=access)


def _changed(feed: Feed) -> list[str]:
    """Say what is gone from the answers, as long as something that is read is missing."""
    last = feed.shape_changes.filter(matters=True).first()
    if last is None or is_mended(last):
        return []
    return [shape_words.sentence(last), *shape_words.successors(last)]


def _is_locked(access: Access, feed: Feed) -> bool:
    mark = managed.mark_of(access.organisation, feed.described_in, feed.pk)
    return mark is not None and mark.is_locked


def _metric(access: Access, pk: int) -> Metric:
    row = access.rows(Metric).select_related("organisation", "feed__connection__organisation").filter(pk=pk).first()
    if row is None or not row.feed.collects:
        raise Http404
    return row

"""One reading of a metric: to correct it, or to delete it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.correcting import correct, remove
from targets.forms.readings import CorrectionForm
from targets.models import Metric, Observation
from targets.moments import reading_time_inside
from targets.numbers import numbers_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access


@organisation_page(Permission.EDIT)
def reading_edit(request: HttpRequest, access: Access, pk: int, observation: int) -> HttpResponse:
    """Correct the value of one reading."""
    now, reading = timezone.now(), _reading(access, pk, observation)
    form = CorrectionForm(request.POST if request.method == "POST" else None, initial={"value": reading.value})
    if form.is_bound and form.is_valid():
        correct(reading.metric, reading, form.cleaned_data["value"], now=now)
        messages.success(request, _("The reading is corrected."))
        return redirect("metric", access.organisation.slug, pk)
    return render(request, "targets/reading_edit.html", {**_words(access, reading, now), "form": form})


@organisation_page(Permission.EDIT)
def reading_delete(request: HttpRequest, access: Access, pk: int, observation: int) -> HttpResponse:
    """Delete one reading, once it was asked whether it is meant."""
    now, reading = timezone.now(), _reading(access, pk, observation)
    if request.method == "POST":
        remove(reading.metric, [reading], now=now)
        messages.success(request, _("The reading is deleted."))
        return redirect("metric", access.organisation.slug, pk)
    return render(request, "targets/reading_delete.html", _words(access, reading, now))


def _reading(access: Access, metric: int, pk: int) -> Observation:
    """Return a reading of this metric; 404 whether it is missing, foreign or another metric's."""
    rows = access.rows(Observation).select_related("metric__organisation", "metric__feed__connection")
    row = rows.filter(metric=metric, pk=pk).first()
    if row is None:
        raise Http404
    return row


def _words(access: Access, reading: Observation, now: datetime) -> dict[str, Any]:
    metric: Metric = reading.metric
    return {
        "nav": "metrics",
        "metric": metric,
        "reading": reading,
        "value": numbers_of(metric).value(reading.value),
        "when": reading_time_inside(reading.at, whole_day=reading.whole_day, now=now, zone=access.zone),
        "collected": reading.collection_id is not None and metric.feed.collects,
    }

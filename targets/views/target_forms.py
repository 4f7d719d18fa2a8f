"""Setting, changing and deleting a target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.domain.terms import PeriodKind, ValueKind
from targets.forms import USUAL_AGGREGATION, NamedForm, TargetForm
from targets.meaning import Meaning, meaning_of, suggested_goal
from targets.metric_page import reading_now
from targets.models import Metric, Target
from targets.saving import save_target

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from organisations.access import Access

DETAILS = ["owner", "team", "aggregation", "profile", "start_value", "time_zone"]
STEPS = ["Address", "Sign-in", "Pick the number", "Set the target"]


@organisation_page(Permission.EDIT)
def target_new(request: HttpRequest, access: Access) -> HttpResponse:
    """Set a target on a metric; `?metric=` chooses it."""
    metric = _chosen_metric(access, request.GET.get("metric", ""))
    if metric is None:
        messages.warning(request, "A target needs a number first: connect an API, or type one in.")
        return redirect("metrics", access.organisation.slug)
    now = timezone.now()
    row = Target(organisation=access.organisation, tracking_since=now.astimezone(access.organisation.zone).date())
    form = TargetForm(request.POST or None, instance=row, access=access, initial=_defaults(access, metric, now))
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        return _saved(request, access, form, now, "Tracking. It is judged again with every reading.")
    steps = STEPS if request.GET.get("from") == "connection" else []
    return _page(
        request, access, form, now, {"metric_now": reading_now(metric, now, access.organisation.zone), "steps": steps}
    )


@organisation_page(Permission.EDIT)
def target_edit(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Change a target; what is over keeps its verdict."""
    row = access.get(Target, pk)
    before = access.get(Target, pk)
    now = timezone.now()
    form = TargetForm(request.POST or None, instance=row, access=access)
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        return _saved(request, access, form, now, "Saved.")
    return _page(request, access, form, now, {"before": before})


@organisation_page(Permission.EDIT)
def target_delete(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Delete a target, once its name was typed."""
    row = access.get(Target, pk)
    slug = access.organisation.slug
    form = NamedForm(request.POST or None, expected=row.name)
    if request.method == "POST" and form.is_valid():
        row.delete()
        messages.success(request, f"{row.name} is deleted.")
        return redirect("overview", slug)
    context = {
        "nav": "targets",
        "form": form,
        "row": row,
        "list_name": "Targets",
        "list_address": reverse("overview", args=[slug]),
        "back": reverse("target", args=[slug, pk]),
        "consequence": "Its history of periods goes with it; the readings of its metric stay.",
    }
    return render(request, "targets/delete.html", context)


def _saved(request: HttpRequest, access: Access, form: TargetForm, now: datetime, sentence: str) -> HttpResponse:
    row = save_target(form, now)
    messages.success(request, sentence)
    return redirect("target", access.organisation.slug, row.pk)


def _page(request: HttpRequest, access: Access, form: TargetForm, now: datetime, more: dict[str, Any]) -> HttpResponse:
    row, slug = form.instance, access.organisation.slug
    context = {
        "nav": "targets",
        "form": form,
        "meaning": _meaning(form, now),
        "more_open": any(name in form.errors for name in DETAILS),
        "back": reverse("target", args=[slug, row.pk]) if row.pk else reverse("overview", args=[slug]),
        **more,
    }
    return render(request, "targets/target_form.html", context)


def _meaning(form: TargetForm, now: datetime) -> Meaning | None:
    """Return what the form says so far would mean; None while it does not say enough."""
    if form.is_bound:
        return meaning_of(form.instance, now) if form.is_valid() else None
    if form.instance.pk:
        return meaning_of(form.instance, now)
    untouched = Target(organisation=form.access.organisation, tracking_since=form.instance.tracking_since)
    offered = TargetForm(_as_typed(form), instance=untouched, access=form.access)
    return meaning_of(offered.instance, now) if offered.is_valid() else None


def _as_typed(form: TargetForm) -> dict[str, Any]:
    """Return the defaults of an untouched form as if somebody had sent them."""
    return {field.name: "" if field.value() is None else field.value() for field in form}


def _chosen_metric(access: Access, wanted: str) -> Metric | None:
    metrics = access.rows(Metric).select_related("organisation", "feed__connection")
    if wanted.isdigit() and (chosen := metrics.filter(pk=int(wanted)).first()):
        return chosen
    return metrics.order_by("-created_at").first()


def _defaults(access: Access, metric: Metric, now: datetime) -> dict[str, Any]:
    """Return defaults that could be saved as they stand, wherever there is anything to go by."""
    kind = ValueKind(metric.value_kind)
    period = metric.feed.running_period or PeriodKind.MONTH.value
    return {
        "metric": metric.pk,
        "name": _free_name(access, metric.name),
        "comparison": "at_least" if metric.higher_is_better else "at_most",
        "aggregation": USUAL_AGGREGATION[kind].value,
        "period": period,
        "goal": suggested_goal(metric, PeriodKind(period), now),
        "owner": access.user.pk,
    }


def _free_name(access: Access, name: str) -> str:
    taken = set(access.rows(Target).filter(name__startswith=name).values_list("name", flat=True))
    names = (name, *(f"{name} {number}" for number in range(2, len(taken) + 2)))
    return next(candidate for candidate in names if candidate not in taken)

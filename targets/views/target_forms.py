"""Setting, changing and deleting a target."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from organisations.forms import DeleteForm
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.domain.periods import local_day
from targets.domain.terms import Comparison, PeriodKind
from targets.forms.readings import NumberField
from targets.forms.short import TargetForm
from targets.models import Metric, Target
from targets.pages.meaning import BETWEEN, Meaning, meaning_of, suggested_goal
from targets.pages.metric import reading_now
from targets.rules import ASKED, usual_aggregation
from targets.saving import save_target
from targets.tags import drop_unused, suggestions

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, QueryDict

    from organisations.access import Access

ROOM = 94  # characters of a name that leave room for a number behind it
DETAILS = ["owner", "team", "tags", "aggregation", "profile", "start_value", "time_zone"]
GOALS = {"goal", "goal_upper"}
LOOKS = ("preview", "take")  # buttons that save nothing


@organisation_page(Permission.EDIT)
def target_new(request: HttpRequest, access: Access) -> HttpResponse:
    """Set a target on a metric; `?metric=` chooses it."""
    metric = _chosen_metric(access, request.GET.get("metric", ""))
    if metric is None:
        messages.warning(request, _("A target needs a number first: connect an API, or type one in."))
        return redirect("metrics", access.organisation.slug)
    now = timezone.now()
    form = TargetForm(_typed(request), instance=_suggested(access, metric, now), access=access)
    if request.method == "POST" and _is_meant(request) and form.is_valid() and (row := _saved(form, now)):
        return _done(request, row, _("Tracking. It is judged again with every reading."))
    step = 4 if request.GET.get("from") == "connection" else 0
    return _page(request, access, form, now, {"metric_now": reading_now(metric, now, access.zone), "step": step})


@organisation_page(Permission.EDIT, changes=("targets", "pk"))
def target_edit(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Change a target; what is over keeps its verdict."""
    row = (
        access.rows(Target).select_related("organisation", "metric__organisation", "metric__feed").filter(pk=pk).first()
    )
    if row is None:
        raise Http404
    before, now = row.name, timezone.now()
    form = TargetForm(_typed(request), instance=row, access=access)
    if request.method == "POST" and _is_meant(request) and form.is_valid() and (saved := _saved(form, now)):
        return _done(request, saved, _("Saved."))
    return _page(request, access, form, now, {"before": before})


@organisation_page(Permission.EDIT, deletes=("targets", "pk"))
def target_delete(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Delete a target, once its name was typed."""
    row = access.get(Target, pk)
    slug = access.organisation.slug
    form = DeleteForm(request.POST or None, name=row.name)
    if request.method == "POST" and form.is_valid():
        row.delete()
        drop_unused(access.organisation)
        messages.success(request, _("%(name)s is deleted.") % {"name": row.name})
        return redirect("overview", slug)
    context = {
        "nav": "targets",
        "form": form,
        "row": row,
        "list_name": _("Targets"),
        "list_address": reverse("overview", args=[slug]),
        "back": reverse("target", args=[slug, pk]),
        "consequence": _("Its history of periods goes with it; the readings of its metric stay."),
    }
    return render(request, "targets/delete.html", context)


def _saved(form: TargetForm, now: datetime) -> Target | None:
    """Save and judge; None where the same was sent twice at once, and the other one was first."""
    try:
        return save_target(form, now)
    except IntegrityError:
        form.add_error("name", _("There is another target of this name. Choose another."))
        return None


def _done(request: HttpRequest, row: Target, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect("target", row.organisation.slug, row.pk)


def _typed(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, with the proposed goal that was chosen in place of the one that was typed."""
    if request.method != "POST":
        return None
    typed = request.POST.copy()
    for name, goal in zip(("goal", "goal_upper"), request.POST.get("take", "").split(BETWEEN), strict=False):
        with suppress(ValueError):
            typed[name] = NumberField().prepare_value(float(goal))
    return typed


def _is_meant(request: HttpRequest) -> bool:
    """Say whether saving is meant, and not a look at what it would mean."""
    return not any(look in request.POST for look in LOOKS)


def _page(request: HttpRequest, access: Access, form: TargetForm, now: datetime, more: dict[str, Any]) -> HttpResponse:
    row, slug = form.instance, access.organisation.slug
    teams = access.rows(Target).exclude(team="").values_list("team", flat=True)
    context = {
        "nav": "targets",
        "form": form,
        "meaning": _meaning(form, now),
        "more_open": any(name in form.errors for name in DETAILS),
        "back": reverse("target", args=[slug, row.pk]) if row.pk else reverse("overview", args=[slug]),
        "known_teams": teams.order_by("team").distinct(),
        "known_tags": suggestions(access.organisation, str(form["tags"].value() or "")),
        **more,
    }
    return render(request, "targets/target_form.html", context)


def _meaning(form: TargetForm, now: datetime) -> Meaning | None:
    """Return what the form says so far would mean; None while it does not say enough.

    A name that is missing changes nothing about it; without a usable goal there are still goals to propose.
    """
    wrong = set(form.errors) if form.is_bound else set()
    if wrong & set(ASKED) - GOALS:
        return None
    return meaning_of(form.instance, now, has_goal=form.instance.goal is not None and not wrong & GOALS)


def _chosen_metric(access: Access, wanted: str) -> Metric | None:
    metrics = access.rows(Metric).select_related("organisation", "feed__connection")
    if wanted.isdigit() and (chosen := metrics.filter(pk=int(wanted)).first()):
        return chosen
    return metrics.order_by("-created_at").first()


def _suggested(access: Access, metric: Metric, now: datetime) -> Target:
    """Return a target that could be saved as it stands, wherever there is anything to go by."""
    period = PeriodKind(metric.feed.running_period or PeriodKind.MONTH)
    target = Target(
        organisation=access.organisation,
        metric=metric,
        name=_free_name(access, metric.name),
        comparison=(Comparison.AT_LEAST if metric.higher_is_better else Comparison.AT_MOST).value,
        aggregation=usual_aggregation(metric.value_kind, metric.read_as).value,
        period=period.value,
        owner=access.user,
        tracking_since=local_day(now, access.organisation.zone),
    )
    target.goal = suggested_goal(target, now)  # type: ignore[assignment]  # without readings the form begins empty
    return target


def _free_name(access: Access, name: str) -> str:
    taken = set(access.rows(Target).filter(name__startswith=name[:ROOM]).values_list("name", flat=True))
    names = (name, *(f"{name[:ROOM]} {number}" for number in range(2, len(taken) + 2)))
    return next(candidate for candidate in names if candidate not in taken)

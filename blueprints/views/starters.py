"""Starters: the gallery, the questions of one, what would come of it, and the start."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from blueprints.applying import apply
from blueprints.mistakes import Mistaken
from blueprints.starters import showing
from blueprints.starters.asking import AnswersForm
from blueprints.starters.filling import allowed, left_out, order_of, question_of, rehearsed
from blueprints.starters.shelf import all_starters, in_order
from blueprints.starters.started import feeds_of, target_of
from blueprints.starters.trying import last_tried, tried_anew
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets import sample, tasks
from targets.set_up import drafts

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from blueprints.applying import Order
    from blueprints.planning import Plan
    from blueprints.starters.shelf import Starter
    from blueprints.starters.showing import Answered
    from organisations.access import Access
    from targets.set_up.drafts import Draft

STARTER = "starter"
PATIENCE = 4.0  # seconds that somebody waits for the first readings; the rest of a history comes later


@organisation_page(Permission.VIEW)
def starters(request: HttpRequest, access: Access) -> HttpResponse:
    """Show what one can begin with."""
    context = {"starters": in_order(), "has_samples": sample.exists(access), "nav": "targets"}
    return render(request, "blueprints/starters.html", context)


@organisation_page(Permission.EDIT)
def starter(request: HttpRequest, access: Access, starter: str) -> HttpResponse:
    """Ask what a starter asks, and try it with the answers."""
    chosen, now = _chosen(starter), timezone.now()
    draft = drafts.draft_of(request, access, STARTER, starter) or drafts.begun(access, STARTER, starter)
    form = AnswersForm(request.POST or None, starter=chosen, access=access, said=draft.answers, masks=draft.masks())
    answered: list[Answered] = []
    if request.method == "POST":
        is_right = form.is_valid()
        draft = draft.answered(form.answers(), form.secrets(), moved=form.moves())
        drafts.keep(request, draft)
        answered = _tried(chosen, access, draft, form, now) if is_right else []
        if form.is_valid() and all(each.result.ok for each in answered):
            return redirect("starter-preview", access.organisation.slug, starter)
        form.show_kept(draft.masks())
    failed = [each for each in answered if not each.result.ok]
    page = {"starter": chosen, "form": form, "failed": failed, "step": 1, "nav": "targets"}
    return render(request, "blueprints/starter.html", {**page, "without": _without(chosen, access)})


@organisation_page(Permission.EDIT)
def starter_preview(request: HttpRequest, access: Access, starter: str) -> HttpResponse:
    """Show what the sources answered and what will be created; start on POST."""
    chosen, now = _chosen(starter), timezone.now()
    draft = drafts.draft_of(request, access, STARTER, starter)
    if draft is None:
        return redirect("starter", access.organisation.slug, starter)
    order = order_of(chosen, access, draft.whole())
    try:
        if request.method == "POST":
            return _started(request, access, draft, apply(access, order, now=now))
        plan = rehearsed(access, order, now=now)
    except Mistaken as error:  # something has changed since: the questions say what
        messages.warning(request, str(error.mistakes[0].sentence))
        return redirect("starter", access.organisation.slug, starter)
    tried = last_tried(draft, plan, access, now)
    page = {
        "starter": chosen,
        "answers": showing.answers(chosen, access, draft),
        "answered": showing.answered(tried, chosen, access, order, now=now),
        "rows": list(showing.rows(plan)),
        "without": _without(chosen, access),
    }
    return render(request, "blueprints/starter_preview.html", {**page, "step": 2, "nav": "targets"})


def _chosen(slug: str) -> Starter:
    """Return a starter; 404 where there is none of this name."""
    found = all_starters().get(slug)
    if found is None:
        raise Http404
    return found


def _tried(starter: Starter, access: Access, draft: Draft, form: AnswersForm, now: datetime) -> list[Answered]:
    """Ask the sources; what stands in the way of using the answers goes to the questions instead."""
    order = order_of(starter, access, draft.whole())
    try:
        plan = rehearsed(access, order, now=now)
    except Mistaken as error:
        _blame(form, error, starter, access, order)
        return []
    return showing.answered(tried_anew(draft, plan, access, now), starter, access, order, now=now)


def _blame(form: AnswersForm, error: Mistaken, starter: Starter, access: Access, order: Order) -> None:
    """Say at its question what is wrong, or above all of them where it is about none."""
    for mistake in error.mistakes:
        name = question_of(mistake, allowed(starter, access), order)
        form.add_error(name if name in form.fields else None, mistake.sentence)


def _without(starter: Starter, access: Access) -> list[str]:
    return list(showing.without(left_out(starter, access)))


def _started(request: HttpRequest, access: Access, draft: Draft, plan: Plan) -> HttpResponse:
    """Collect the first readings, and lead to the target."""
    drafts.forget(request, draft)
    feeds = feeds_of(access, plan)
    for feed in feeds:
        with suppress(OperationalError):  # without a broker the scheduler finds the feed by its due time
            tasks.collect_at_once(feed.pk, seconds=PATIENCE / len(feeds))
    said = _("Started. It is judged again with every reading.")
    messages.success(request, said if feeds else _("Started. It waits for its first reading."))
    target = target_of(access, plan)
    slug = access.organisation.slug
    return redirect("target", slug, target.pk) if target else redirect("overview", slug)

"""Well-known services: which there are, what one asks, and which of its metrics are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from connectors.services import all_services, filled, in_order
from connectors.services.forms import ServiceForm
from organisations.documents import Refused
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.set_up import drafts
from targets.set_up.service_answers import answers, first_answer
from targets.set_up.service_choices import ChoiceForm, choices
from targets.set_up.service_rows import set_up
from targets.views.picking import saved

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from connectors.services import Service
    from connectors.trials import Result
    from organisations.access import Access

SERVICE = "service"


@organisation_page(Permission.EDIT)
def services(request: HttpRequest, access: Access) -> HttpResponse:  # noqa: ARG001  the shape of a page
    """Show the services that are known."""
    return render(request, "targets/services.html", {"services": in_order(), "nav": "connections", "step": 1})


@organisation_page(Permission.EDIT)
def service(request: HttpRequest, access: Access, service: str) -> HttpResponse:
    """Ask what a service asks, and try it once with the answers."""
    chosen = _chosen(service)
    draft = drafts.draft_of(request, access, SERVICE, service) or drafts.begun(access, SERVICE, service)
    form = ServiceForm(request.POST or None, service=chosen, said=draft.answers, masks=draft.masks())
    result: Result | None = None
    if request.method == "POST" and form.is_valid():
        draft = draft.answered(form.answers(), form.secrets(), moved=form.moves())
        drafts.keep(request, draft)
        result = first_answer(draft, chosen, access, timezone.now())
        if result.ok:
            return redirect("service-metrics", access.organisation.slug, service)
        form.show_kept(draft.masks())
    return render(request, "targets/service.html", _page(chosen, form=form, result=result, step=2))


@organisation_page(Permission.EDIT)
def service_metrics(request: HttpRequest, access: Access, service: str) -> HttpResponse:
    """Show what the service says, and create what is chosen of it."""
    chosen, now = _chosen(service), timezone.now()
    draft = drafts.draft_of(request, access, SERVICE, service)
    if draft is None:
        return redirect("service", access.organisation.slug, service)
    whole = filled(chosen, draft.whole())
    offered = choices(chosen, whole, answers(draft, chosen, access, now))
    form = ChoiceForm(request.POST if request.method == "POST" else None, choices=offered)
    if request.method == "POST" and form.is_valid():
        try:
            made = set_up(whole, form.chosen(), access, now=now)
        except Refused as error:
            form.add_error(None, " ".join(sentence for said in error.errors.values() for sentence in said))
        else:
            drafts.forget(request, draft)
            if len(made) > 1:
                messages.info(request, _("Saved. A target for each of the others can be set on its page."))
            return saved(request, made[0], access, **{"from": "connection"})
    answers_now = any(not each.failed for each in offered)
    page = _page(chosen, form=form, choices=offered, answers=answers_now, chosen=form.chosen(), step=3)
    return render(request, "targets/service_metrics.html", page)


def _chosen(slug: str) -> Service:
    """Return a service; 404 where there is none of this name."""
    found = all_services().get(slug)
    if found is None:
        raise Http404
    return found


def _page(service: Service, **more: Any) -> dict[str, Any]:
    return {"service": service, "nav": "connections", **more}

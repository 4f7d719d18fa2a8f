"""The wizard that begins with an address and ends with a target: one question a page, each page a URL."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from connectors import ways
from connectors.address_forms import AddressForm
from connectors.answers import tables
from connectors.paths import picking
from connectors.sandbox.keys import ANALYTICS as SANDBOX_KEY
from connectors.sign_in_forms import SignInForm
from connectors.trials import Remedy
from organisations.access import Access
from organisations.languages import listed
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.set_up import wizard
from targets.set_up.forms import PickForm
from targets.set_up.rows import feed_name, set_up
from targets.set_up.wizard import Draft
from targets.views.picking import back_to, carried, moved, pick_before, pick_meant, posted_about, said, saved

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from connectors.paths.trails import Trail
    from connectors.trials import Result
    from connectors.ways import Pick

SANDBOX_SERVICE = "/sandbox/analytics/"


@organisation_page(Permission.EDIT)
def connection_new(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask where the number lives, and try the address once; what was entered before counts where that is changed."""
    draft = wizard.draft_of(request, access) if "change" in {*request.GET, *request.POST} else None
    known = wizard.gateways_of(access)
    form = AddressForm(request.POST or None, initial=draft.form if draft else {}, gateways=known)
    result = None
    if request.method == "POST" and form.is_valid():
        draft = wizard.started(form, draft, access)
        wizard.keep(request, draft)
        _say_what_was_left_out(request, form)
        draft, result = wizard.ask(request, draft, access, timezone.now())
        if result.ok or result.remedy == Remedy.SIGN_IN:
            return _to("connection-pick" if result.ok else "connection-sign-in", access)
        form = AddressForm(initial=draft.form, gateways=known)  # as it was understood, and without the key
    page = {"form": form, "result": result, "sandbox": _sandbox_address(), "changes": draft is not None, "step": 1}
    return render(request, "targets/wizard_address.html", {**page, "nav": "connections"})


@organisation_page(Permission.EDIT)
def connection_sign_in(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask for the key, and try again with it."""
    draft = wizard.draft_of(request, access)
    if draft is None:
        return _to("connection-new", access)
    kept = draft.sign_in["sign_in"] if draft.sealed else ""
    form = SignInForm(request.POST or None, initial=_kept(draft), kept=kept, masks=draft.masks())
    result = None
    if request.method == "POST" and form.is_valid():
        draft = draft.signed_in(form.settings(), form.entered())
        wizard.keep(request, draft)
        draft, result = wizard.ask(request, draft, access, timezone.now())
        if result.ok:
            return _to("connection-pick", access)
    elif request.method == "GET" and draft.sealed:
        result = wizard.refusal(draft)
    page = {"form": form, "result": result, "draft": draft, "sandbox_key": _sandbox_key(draft), "step": 2}
    return render(request, "targets/wizard_sign_in.html", {**page, "nav": "connections"})


@organisation_page(Permission.EDIT)
def connection_pick(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the answer, ask which number is meant and what it is, and save."""
    draft = wizard.draft_of(request, access)
    if draft is None:
        return _to("connection-new", access)
    if request.method == "POST" and request.POST.get("then") in ("again", "dates", "choose"):
        return _another_look(request, draft, access)
    draft, result = wizard.last_answer(request, draft, access, timezone.now())
    form = _form(request, draft, result, access)
    pick = form.pick if form else None
    if form is not None and form.is_bound and form.is_valid():
        metric = set_up(draft, form, access, written=result.written, now=timezone.now())
        wizard.forget(request, draft)
        return saved(request, metric, access, **{"from": "connection"})
    page = {"draft": draft, "result": result, "pick": pick, "form": form, "moved": moved(request, pick)}
    if request.GET.get("part") == "panel":
        return render(request, "targets/wizard_panel.html", page)
    tree = picking.tree(result.answer) if result.ok else None
    page |= {"carried": carried(request, PickForm), "tree": tree, "host": urlsplit(draft.origin).netloc}
    return render(request, "targets/wizard_pick.html", {**page, "step": 3, "nav": "connections"})


def _form(request: HttpRequest, draft: Draft, result: Result, access: Access) -> PickForm | None:
    """Return the questions about the number that is picked; None where the answer has none."""
    pick_of = partial(_picked, result, draft)
    pick, before = pick_meant(request, result.answer, pick_of), pick_before(request, result.answer, pick_of)
    if pick is None:
        return None
    return PickForm(posted_about(request, pick), pick=pick, access=access, said=said(request), before=before)


def _picked(result: Result, draft: Draft, trail: Trail) -> Pick:
    """Return the number at the end of a way, with what the way in which the answer is written says about it.

    A plain number has no name but that of its address; and whoever publishes a number for others to look at, plainly or
    for Prometheus, says how it stands now.
    """
    pick = ways.picked(result.answer, trail)
    is_gauge = result.form in (tables.NUMBER, tables.PROMETHEUS)
    return replace(pick, title=pick.title or feed_name(draft), level=pick.level or is_gauge)


def _another_look(request: HttpRequest, draft: Draft, access: Access) -> HttpResponse:
    """Do what the smaller buttons say: ask again, leave the dates as typed, or look at another number."""
    then = request.POST["then"]
    if then == "dates":
        draft = replace(draft, fill_dates=not draft.fill_dates)
    if then != "choose":
        wizard.keep(request, draft)
    return back_to(reverse("connection-pick", args=[access.organisation.slug]), request, PickForm)


def _say_what_was_left_out(request: HttpRequest, form: AddressForm) -> None:
    left_out = form.command.left_out if form.command else ()
    if left_out:
        sentence = _("The command signs in in several ways. One is sent; left out: %(names)s.")
        messages.info(request, sentence % {"names": listed(left_out)})


def _kept(draft: Draft) -> dict[str, str]:
    """Return what the page about the sign-in starts from; a user name may be seen, a password may not."""
    return {**draft.sign_in, "user_name": draft.credentials().get("user_name", "")}


def _to(name: str, access: Access) -> HttpResponse:
    return redirect(name, access.organisation.slug)


def _sandbox_address() -> str:
    """Return an address to try, where this installation serves the pretend services."""
    if not settings.SANDBOX:
        return ""
    this_month = timezone.now().date().replace(day=1)
    query = {"startDate": this_month, "endDate": timezone.now().date(), "metric": "uniqueVisitors"}
    return f"{settings.SITE_URL}{SANDBOX_SERVICE}visitors?{urlencode(query)}"


def _sandbox_key(draft: Draft) -> str:
    """Return the key of the pretend service that the first page offers, where it is what is asked."""
    ours = settings.SANDBOX and draft.address.startswith(f"{settings.SITE_URL}{SANDBOX_SERVICE}")
    return SANDBOX_KEY if ours else ""

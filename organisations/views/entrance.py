"""Ways in: the front door, the first account, another organisation, an invitation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from organisations import invitations
from organisations.account_forms import JoinForm, OrganisationForm, StartForm
from organisations.invitations import Closed, Link
from organisations.models import INVITATION_LASTS, Invitation, Organisation, User
from organisations.pages import LAST_ORGANISATION
from organisations.roles import LABELS, Role
from organisations.setup import AlreadySetUp, first_account, found, is_fresh

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

STATUS_OF_LINK = {Link.OPEN: 200, Link.UNKNOWN: 404, Link.EXPIRED: 410, Link.USED: 410}


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the organisation used last, else to the first; say so where there is none."""
    mine = Organisation.objects.filter(memberships__user=request.user.pk)
    organisation = mine.filter(slug=request.session.get(LAST_ORGANISATION, "")).first() or mine.first()
    if organisation is None:
        return render(request, "organisations/none.html")
    return redirect("overview", organisation=organisation.slug)


@sensitive_post_parameters("password")
def start(request: HttpRequest) -> HttpResponse:
    """Make the first account of a fresh installation; afterwards this page does not exist."""
    if not is_fresh():
        raise Http404
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user, organisation = first_account(**form.cleaned_data)
        except AlreadySetUp:
            return redirect("account_login")
        login(request, user)
        return redirect("overview", organisation=organisation.slug)
    return render(request, "organisations/start.html", {"form": form})


@login_required
def organisation_new(request: HttpRequest) -> HttpResponse:
    """Found another organisation, of which one is the owner."""
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        organisation = found(**form.cleaned_data, owner=_person(request))
        return redirect("overview", organisation=organisation.slug)
    return render(request, "organisations/new.html", {"form": form})


@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Take an invitation, as the person signed in or as a new one; say what to do where the link opens nothing."""
    now = timezone.now()
    link, offer = invitations.find(token, now=now)
    if link is not Link.OPEN or offer is None:
        return render(
            request,
            "organisations/invitation_closed.html",
            {"link": link.value, "days": INVITATION_LASTS.days},
            status=STATUS_OF_LINK[link],
        )
    try:
        return _take(request, offer)
    except Closed:
        return redirect("invitation", token=token)


def _take(request: HttpRequest, offer: Invitation) -> HttpResponse:
    context: dict[str, object] = {"invitation": offer, "role": LABELS[Role(offer.role)], "next": request.path}
    if request.user.is_authenticated:
        if request.method == "POST":
            invitations.accept(offer, _person(request), now=timezone.now())
            return _welcome(request, offer)
        return render(request, "organisations/invitation_join.html", context)
    if User.objects.filter(email__iexact=offer.email).exists():
        return render(request, "organisations/invitation_sign_in.html", context)
    return _take_as_new(request, offer, context)


def _take_as_new(request: HttpRequest, offer: Invitation, context: dict[str, object]) -> HttpResponse:
    form = JoinForm(request.POST or None, email=offer.email)
    if request.method == "POST" and form.is_valid():
        login(request, invitations.join(offer, **form.cleaned_data, now=timezone.now()))
        return _welcome(request, offer)
    return render(request, "organisations/invitation_new.html", {**context, "form": form})


def _welcome(request: HttpRequest, offer: Invitation) -> HttpResponse:
    messages.success(request, _("Welcome to %(organisation)s.") % {"organisation": offer.organisation})
    return redirect("overview", organisation=offer.organisation.slug)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  for the type checker: the caller has asked whether they are signed in
    return request.user

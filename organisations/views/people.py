"""The people of an organisation, and those who are asked in."""

from __future__ import annotations

from datetime import datetime
from smtplib import SMTPException
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from organisations import invitations, languages
from organisations.access import Access
from organisations.models import Invitation, Membership
from organisations.pages import organisation_page
from organisations.people import change_role, remove
from organisations.roles import Permission, Role, grantable_by
from organisations.settings_forms import InvitationForm, RoleForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@organisation_page(Permission.VIEW, post=Permission.MANAGE)
def people(request: HttpRequest, access: Access) -> HttpResponse:
    """List the members and the open invitations, and ask somebody in."""
    form = InvitationForm(request.POST or None, access=access)
    if request.method == "POST" and form.is_valid() and _invited(request, access, form):
        return _back(access)
    context = {
        "form": form,
        "members": [(member, _role_form(access, member)) for member in _members(access)],
        "invitations": _open_invitations(access) if access.may(Permission.MANAGE) else [],
        "nav": "settings",
        "section": "people",
    }
    return render(request, "organisations/people.html", context)


@require_POST
@organisation_page(Permission.MANAGE)
def member_role(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Give a member another role."""
    member = access.get(Membership, pk)
    form = RoleForm(request.POST, access=access)
    try:
        if form.is_valid():
            change_role(access, member, Role(form.cleaned_data["role"]))
            words = {"person": member.user, "role": member.get_role_display()}
            messages.success(request, _("%(person)s is %(role)s now.") % words)
        else:
            messages.error(request, _("Choose one of the roles you can give."))
    except ValidationError as error:
        messages.error(request, error.message)
    return _back(access)


@organisation_page(Permission.MANAGE)
def member_remove(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Ask, then end a membership."""
    member = access.get(Membership, pk)
    if request.method != "POST":
        return render(request, "organisations/member_remove.html", {"member": member, "nav": "settings"})
    try:
        remove(access, member)
        messages.success(request, _("%(person)s is not a member any more.") % {"person": member.user})
    except ValidationError as error:
        messages.error(request, error.message)
    return _back(access)


@organisation_page(Permission.VIEW)
def leave(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask, then end one's own membership."""
    if request.method != "POST":
        return render(request, "organisations/leave.html", {"nav": "settings"})
    try:
        remove(access, access.rows(Membership).get(user=access.user))
    except ValidationError as error:
        messages.error(request, error.message)
        return _back(access)
    messages.success(request, _("You have left %(organisation)s.") % {"organisation": access.organisation})
    return redirect("home")


@require_POST
@organisation_page(Permission.MANAGE)
def invitation_resend(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Send an invitation again, with a new link."""
    invitation = access.get(Invitation, pk)
    if invitation.accepted_at is None:
        _send(request, invitation, invitations.renew(access, invitation, now=timezone.now()))
    return _back(access)


@require_POST
@organisation_page(Permission.MANAGE)
def invitation_withdraw(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Take an invitation back; its link opens nothing any more."""
    invitation = access.get(Invitation, pk)
    invitation.delete()
    messages.success(request, _("The invitation to %(email)s is withdrawn.") % {"email": invitation.email})
    return _back(access)


def _members(access: Access) -> list[Membership]:
    return list(access.rows(Membership).select_related("user"))


def _open_invitations(access: Access) -> list[tuple[Invitation, str, str]]:
    """Return each with the day it was made and the day its link ends; empty where it has ended."""
    now = timezone.now()

    def day(moment: datetime) -> str:
        return languages.day(moment.astimezone(access.zone).date(), today=now.astimezone(access.zone).date())

    return [
        (invitation, day(invitation.created_at), day(invitation.expires_at) if invitation.expires_at > now else "")
        for invitation in access.rows(Invitation).filter(accepted_at=None)
    ]


def _role_form(access: Access, member: Membership) -> RoleForm | None:
    """Return the form that changes a member's role, where this person may."""
    within_reach = Role(member.role) in grantable_by(access.role)
    if not access.may(Permission.MANAGE) or not within_reach:
        return None
    return RoleForm(access=access, instance=member, auto_id=f"id_%s_{member.pk}")


def _invited(request: HttpRequest, access: Access, form: InvitationForm) -> bool:
    """Write and send the invitation; False with the reason at its field where it cannot be."""
    email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
    try:
        invitation, token = invitations.invite(access, email=email, role=role, now=timezone.now())
    except ValidationError as error:
        form.add_error(None, error)
        return False
    _send(request, invitation, token)
    return True


def _send(request: HttpRequest, invitation: Invitation, token: str) -> None:
    try:
        invitations.send(invitation, token)
        messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": invitation.email})
    except (OSError, SMTPException):
        problem = _("The mail to %(email)s could not be sent. Check the mail server, then send it again.")
        messages.error(request, problem % {"email": invitation.email})


def _back(access: Access) -> HttpResponse:
    return redirect("people", organisation=access.organisation.slug)

"""Asking somebody in by e-mail: a link with a one-time token, of which only the hash is kept."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from organisations.access import Access
from organisations.models import INVITATION_LASTS, Invitation, User, hash_of, new_token
from organisations.people import require_reach
from organisations.reader import speaking
from organisations.roles import LABELS, Role


class Link(StrEnum):
    """What a link in an invitation still opens."""

    OPEN = "open"
    UNKNOWN = "unknown"  # mistyped, withdrawn, or replaced by a newer one
    EXPIRED = "expired"
    USED = "used"


class Closed(Exception):
    """The invitation has been used, withdrawn or has expired in the meantime."""


def invite(access: Access, *, email: str, role: Role, now: datetime) -> tuple[Invitation, str]:
    """Write an invitation and return it with its token.

    Raises PermissionDenied for a role beyond one's own, ValidationError for a member or somebody invited already.
    """
    require_reach(access, role)
    email = email.lower()
    if access.organisation.memberships.filter(user__email__iexact=email).exists():
        raise ValidationError({"email": _("This person is a member already.")})
    if access.organisation.invitations.filter(email__iexact=email, accepted_at=None).exists():
        raise ValidationError({"email": _("This address has an invitation already. Send it again, or withdraw it.")})
    token = new_token()
    invitation = access.organisation.invitations.create(
        email=email,
        role=role.value,
        token_hash=hash_of(token),
        invited_by=access.user,
        expires_at=now + INVITATION_LASTS,
    )
    return invitation, token


def renew(access: Access, invitation: Invitation, *, now: datetime) -> str:
    """Give an open invitation a new token and its full time again; the link sent before stops working."""
    require_reach(access, Role(invitation.role))
    token = new_token()
    invitation.token_hash, invitation.expires_at, invitation.invited_by = (
        hash_of(token),
        now + INVITATION_LASTS,
        access.user,
    )
    invitation.save(update_fields=["token_hash", "expires_at", "invited_by"])
    return token


def find(token: str, *, now: datetime) -> tuple[Link, Invitation | None]:
    """Return what the token opens, and the invitation where there is one."""
    invitation = (
        Invitation.unscoped.select_related("organisation", "invited_by").filter(token_hash=hash_of(token)).first()
    )
    if invitation is None:
        return Link.UNKNOWN, None
    if invitation.accepted_at is not None:
        return Link.USED, invitation
    return (Link.OPEN if now < invitation.expires_at else Link.EXPIRED), invitation


def accept(invitation: Invitation, user: User, *, now: datetime) -> None:
    """Give the person their place; a member keeps their role, and uses up no invitation that is somebody else's.

    Raises Closed when the invitation is gone or used.
    """
    is_member = invitation.organisation.memberships.filter(user=user).exists()
    if is_member and user.email.lower() != invitation.email.lower():
        return
    with transaction.atomic():
        _use_up(invitation, now)
        invitation.organisation.memberships.get_or_create(user=user, defaults={"role": invitation.role})


def join(invitation: Invitation, *, name: str, password: str, now: datetime) -> User:
    """Create the invited person's account and give them their place. Raises Closed as `accept` does."""
    with transaction.atomic():
        _use_up(invitation, now)
        user = User.objects.create_user(invitation.email, password, name=name)
        invitation.organisation.memberships.create(user=user, role=invitation.role)
    return user


def _use_up(invitation: Invitation, now: datetime) -> None:
    """Mark the invitation accepted; the database lets one of several attempts win."""
    still_open = Invitation.unscoped.filter(pk=invitation.pk, token_hash=invitation.token_hash, accepted_at=None)
    if not still_open.filter(expires_at__gt=now).won(accepted_at=now):
        raise Closed


def send(invitation: Invitation, token: str) -> None:
    """Send the mail, in the organisation's language. Raises OSError or SMTPException when no mail server takes it."""
    with speaking(invitation.organisation.language):
        mail = _mail(invitation, settings.SITE_URL + reverse("invitation", args=[token]))
    mail.send()


def _mail(invitation: Invitation, link: str) -> EmailMultiAlternatives:
    context = {
        "organisation": invitation.organisation,
        "inviter": invitation.invited_by,
        "role": LABELS[Role(invitation.role)],
        "expires_at": invitation.expires_at,
        "link": link,
    }
    subject = " ".join((_("Join %(organisation)s on Waymark") % {"organisation": invitation.organisation}).split())
    mail = EmailMultiAlternatives(
        subject, render_to_string("organisations/mail/invitation.txt", context), to=[invitation.email]
    )
    mail.attach_alternative(render_to_string("organisations/mail/invitation.html", context), "text/html")
    return mail

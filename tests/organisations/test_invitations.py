"""People come in by invitation: a link that works once, for fourteen days, for the role its sender could give."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from organisations import invitations
from organisations.access import Access, access_for
from organisations.models import Invitation, Organisation, User
from organisations.roles import Role
from tests.cast import PASSWORD

SignedIn = Callable[[User], Client]
NEW = {"name": "The newcomer", "password": PASSWORD}


@pytest.fixture
def link(access: Access) -> str:
    """Return the address in an open invitation to newcomer@example.com as editor."""
    _, token = invitations.invite(access, email="Newcomer@example.com", role=Role.EDITOR, now=timezone.now())
    return f"/invitations/{token}/"


def sent_link() -> str:
    """Return the path of the link in the last mail."""
    found = re.search(r"http://localhost:8000(/invitations/[\w-]+/)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def test_an_invitation_goes_out_as_text_and_html_with_the_same_link(client_of: SignedIn, admin: User) -> None:
    client_of(admin).post("/growth/settings/people/", {"email": "newcomer@example.com", "role": "editor"})
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert (message.to, message.subject) == (["newcomer@example.com"], "Join Growth on Waymark")
    assert "Admin invites you to join Growth on Waymark as Editor" in str(message.body)
    assert sent_link() in str(message.alternatives[0][0])


def test_only_the_hash_of_the_link_is_kept(link: str) -> None:
    token = link.split("/")[2]
    assert token not in str(Invitation.unscoped.values())


def test_a_new_person_joins_with_a_name_and_a_password_and_is_in(client: Client, link: str) -> None:
    assert "newcomer@example.com is invited as Editor" in client.get(link).content.decode()
    assert client.post(link, NEW)["Location"] == "/growth/"
    newcomer = User.objects.get(email="newcomer@example.com")
    assert (newcomer.name, newcomer.memberships.get().role) == ("The newcomer", "editor")
    assert newcomer.check_password(PASSWORD)
    assert client.get("/")["Location"] == "/growth/"


def test_a_newcomer_with_a_weak_password_is_not_let_in_yet(client: Client, link: str) -> None:
    assert "There is a problem" in client.post(link, {"name": "The newcomer", "password": "short"}).content.decode()
    assert client.post(link, NEW).status_code == 302


def test_somebody_signed_in_joins_with_one_button(client_of: SignedIn, outsider: User, link: str) -> None:
    client = client_of(outsider)
    assert "the invitation was sent to newcomer@example.com" in client.get(link).content.decode()
    assert client.post(link)["Location"] == "/growth/"
    assert outsider.memberships.get(organisation__slug="growth").role == "editor"


def test_somebody_with_an_account_is_asked_to_sign_in_first(client: Client, access: Access, outsider: User) -> None:
    _, token = invitations.invite(access, email=outsider.email, role=Role.VIEWER, now=timezone.now())
    page = client.get(f"/invitations/{token}/").content.decode()
    assert f"/login/?next=/invitations/{token}/" in page
    client.post(f"/invitations/{token}/", NEW)
    assert not outsider.memberships.filter(organisation=access.organisation).exists()


def test_a_member_keeps_the_role_they_have(client_of: SignedIn, viewer: User, link: str) -> None:
    client_of(viewer).post(link)
    assert viewer.memberships.get().role == "viewer"


def test_a_member_who_follows_somebody_elses_link_leaves_it_open(
    client: Client, client_of: SignedIn, viewer: User, link: str
) -> None:
    assert client_of(viewer).post(link).headers["Location"] == "/growth/"
    assert Invitation.unscoped.get().accepted_at is None
    assert "Choose a name and a password" in client.get(link).content.decode()


def test_a_link_works_once(client: Client, link: str) -> None:
    client.post(link, NEW)
    again = Client().post(link, {"name": "Another", "password": PASSWORD})
    assert again.status_code == 410
    assert "has been used" in again.content.decode()


def test_of_two_at_once_one_gets_in(access: Access, outsider: User, viewer: User, link: str) -> None:
    offer = Invitation.unscoped.get()
    invitations.accept(offer, outsider, now=timezone.now())
    with pytest.raises(invitations.Closed):
        invitations.join(offer, name="Another", password=PASSWORD, now=timezone.now())
    assert not User.objects.filter(email=offer.email).exists()


def test_a_link_expires_after_fourteen_days(client: Client, link: str) -> None:
    offer = Invitation.unscoped.get()
    assert offer.expires_at - offer.created_at == pytest.approx(timedelta(days=14), abs=timedelta(seconds=5))
    Invitation.unscoped.update(expires_at=timezone.now())
    answer = client.post(link, NEW)
    assert answer.status_code == 410
    assert "Ask the person who invited you to send it again" in answer.content.decode()


def test_a_wrong_link_says_what_to_do(client: Client, link: str) -> None:
    answer = client.get(link[:-2] + "/")
    assert answer.status_code == 404
    assert "Look for a newer mail" in answer.content.decode()


def test_sending_again_renews_the_time_and_replaces_the_link(client_of: SignedIn, admin: User, link: str) -> None:
    offer = Invitation.unscoped.get()
    Invitation.unscoped.update(expires_at=timezone.now())
    client_of(admin).post(f"/growth/settings/invitations/{offer.pk}/send/")
    assert Client().get(link).status_code == 404
    assert Client().get(sent_link()).status_code == 200


def test_a_withdrawn_link_opens_nothing(client_of: SignedIn, admin: User, link: str) -> None:
    client_of(admin).post(f"/growth/settings/invitations/{Invitation.unscoped.get().pk}/withdraw/")
    assert Client().get(link).status_code == 404


def test_nobody_invites_somebody_stronger_than_themselves(client_of: SignedIn, admin: User) -> None:
    page = client_of(admin).post("/growth/settings/people/", {"email": "newcomer@example.com", "role": "owner"})
    assert "There is a problem" in page.content.decode()
    assert not Invitation.unscoped.exists()
    with pytest.raises(PermissionDenied):
        invitations.invite(access_for(admin, "growth"), email="a@example.com", role=Role.OWNER, now=timezone.now())


def test_nobody_renews_an_invitation_stronger_than_themselves(access: Access, admin: User) -> None:
    offer, _ = invitations.invite(access, email="a@example.com", role=Role.OWNER, now=timezone.now())
    with pytest.raises(PermissionDenied):
        invitations.renew(access_for(admin, "growth"), offer, now=timezone.now())


@pytest.mark.parametrize("email", ["NEWCOMER@example.com", "VIEWER@growth.example"])
def test_nobody_is_invited_twice_nor_when_a_member(access: Access, viewer: User, link: str, email: str) -> None:
    with pytest.raises(ValidationError):
        invitations.invite(access, email=email, role=Role.VIEWER, now=timezone.now())


def test_a_person_can_be_invited_to_two_organisations(link: str, outsider: User, elsewhere: Organisation) -> None:
    there = access_for(outsider, "elsewhere")
    invitations.invite(there, email="newcomer@example.com", role=Role.VIEWER, now=timezone.now())
    assert Invitation.unscoped.count() == 2


def test_without_a_mail_server_the_page_says_so(client_of: SignedIn, admin: User, settings) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    form = {"email": "newcomer@example.com", "role": "viewer"}
    page = client_of(admin).post("/growth/settings/people/", form, follow=True).content.decode()
    assert "could not be sent" in page
    assert Invitation.unscoped.exists()


def test_a_name_cannot_break_the_subject_of_the_mail(access: Access) -> None:
    access.organisation.name = "Growth\r\nBcc: all@example.com"
    offer, token = invitations.invite(access, email="a@example.com", role=Role.VIEWER, now=timezone.now())
    invitations.send(offer, token)
    assert mail.outbox[0].subject == "Join Growth Bcc: all@example.com on Waymark"


def test_viewers_see_no_invitations(client_of: SignedIn, viewer: User, link: str) -> None:
    assert "newcomer@example.com" not in client_of(viewer).get("/growth/settings/people/").content.decode()

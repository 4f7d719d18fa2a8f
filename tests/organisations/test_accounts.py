"""People sign in with their e-mail address, reset and change passwords, and are slowed down when they guess."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse

from organisations.models import User
from tests.cast import PASSWORD

SignedIn = Callable[[User], Client]


def sign_in(client: Client, email: str, password: str, **more: str) -> str:
    """Post the sign-in form and return the page's text, or the address it leads to."""
    response = client.post("/login/", {"login": email, "password": password, **more})
    return response["Location"] if response.status_code == 302 else response.content.decode()


def test_people_sign_in_with_their_address_in_any_case(client: Client, owner: User) -> None:
    assert sign_in(client, owner.email.upper(), PASSWORD) == "/"
    assert client.session["_auth_user_id"] == str(owner.pk)


def test_signing_in_goes_on_to_where_one_was_sent_from(client: Client, owner: User) -> None:
    closed = client.get("/growth/settings/")
    assert closed["Location"] == "/login/?next=/growth/settings/"
    assert 'name="next" value="/growth/settings/"' in client.get(closed["Location"]).content.decode()
    assert sign_in(client, owner.email, PASSWORD, next="/growth/settings/") == "/growth/settings/"


def test_signing_in_never_leads_to_another_site(client: Client, owner: User) -> None:
    assert sign_in(client, owner.email, PASSWORD, next="https://example.com/") == "/"


@pytest.mark.parametrize("email", ["owner@growth.example", "nobody@growth.example"])
def test_a_wrong_password_and_an_unknown_address_are_told_alike(client: Client, owner: User, email: str) -> None:
    page = sign_in(client, email, "not-the-password")
    assert "That e-mail and password do not match. Try again or reset the password." in page
    assert "not-the-password" not in page


def test_the_sign_in_page_names_the_organisation_only_where_there_is_just_one(client: Client, owner: User) -> None:
    assert "Sign in to Growth" in client.get("/login/").content.decode()


def test_the_sign_in_page_names_no_organisation_of_several(client: Client, owner: User, outsider: User) -> None:
    page = client.get("/login/").content.decode()
    assert "Growth" not in page
    assert "Elsewhere" not in page


def test_guessing_a_password_is_stopped_after_five_attempts(client: Client, owner: User) -> None:
    for _ in range(5):
        sign_in(client, owner.email, "guess")
    assert "Too many attempts" in sign_in(client, owner.email, PASSWORD)
    assert "_auth_user_id" not in client.session


def test_the_admin_has_no_sign_in_of_its_own(client: Client, superuser: User) -> None:
    response = client.post("/admin/login/?next=/admin/", {"username": superuser.email, "password": PASSWORD})
    assert response["Location"] == "/login/?next=%2Fadmin%2F"
    assert "_auth_user_id" not in client.session


def test_somebody_who_is_no_staff_is_refused_by_the_admin(client_of: SignedIn, owner: User) -> None:
    assert client_of(owner).get("/admin/", follow=True).status_code == 403


def test_guessing_api_keys_is_stopped(client: Client, owner: User) -> None:
    answers = [client.get("/api/v1/growth/", headers={"Authorization": f"Bearer wm_guess{n}"}) for n in range(31)]
    assert [answers[0].status_code, answers[-1].status_code] == [401, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_forgotten_password_is_reset_by_mail(client: Client, owner: User) -> None:
    assert client.post("/account/reset/", {"email": owner.email})["Location"] == "/account/reset/sent/"
    (message,) = mail.outbox
    link = re.search(r"http://localhost:8000(/account/reset/\S+)", str(message.body))
    assert link is not None
    form = client.get(link[1])["Location"]
    new = {"password1": "another-long-walk", "password2": "another-long-walk"}
    assert client.post(form, new)["Location"] == "/account/reset/done/"
    assert sign_in(client, owner.email, "another-long-walk") == "/"
    assert "does not work any more" in Client().get(link[1]).content.decode()


def test_a_reset_for_an_unknown_address_looks_the_same_and_the_mail_says_so(client: Client, owner: User) -> None:
    assert client.post("/account/reset/", {"email": "nobody@example.com"})["Location"] == "/account/reset/sent/"
    (message,) = mail.outbox
    assert "no Waymark account" in str(message.body)


def test_the_reset_mail_leads_to_this_installation_whatever_the_request_said(owner: User) -> None:
    Client(SERVER_NAME="127.0.0.1").post("/account/reset/", {"email": owner.email})
    assert "http://localhost:8000/account/reset/" in str(mail.outbox[0].body)


def test_a_password_is_changed_while_signed_in_and_one_stays_so(client_of: SignedIn, owner: User) -> None:
    client = client_of(owner)
    form = {"oldpassword": PASSWORD, "password1": "another-long-walk", "password2": "another-long-walk"}
    assert client.post("/account/password/", form)["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    owner.refresh_from_db()
    assert owner.check_password("another-long-walk")


@pytest.mark.parametrize(
    ("weak", "advice"),
    [
        ("short", "Choose a password of at least 10 characters."),
        ("1234567890", "Digits alone are guessed quickly. Add letters or signs."),
        ("password123", "This password is one of the first to be guessed. Choose another."),
        ("owner@growth.example", "Choose a password that does not resemble this: e-mail."),
        ("", "Choose a password."),
    ],
)
def test_a_weak_password_is_refused(client_of: SignedIn, owner: User, weak: str, advice: str) -> None:
    page = client_of(owner).post("/account/password/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak})
    assert page.status_code == 200
    assert advice in page.content.decode()
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


def test_a_person_takes_another_name(client_of: SignedIn, owner: User) -> None:
    client = client_of(owner)
    assert owner.email in client.get("/account/").content.decode()
    client.post("/account/", {"name": "The owner", "email": "other@example.com"})
    owner.refresh_from_db()
    assert (owner.name, owner.email) == ("The owner", "owner@growth.example")


def test_signing_out_ends_the_session(client_of: SignedIn, owner: User) -> None:
    client = client_of(owner)
    assert client.post("/logout/")["Location"] == "/login/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_reauthenticate", "socialaccount_login"])
def test_nothing_is_offered_that_leads_nowhere(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_somebody_switched_off_cannot_sign_in(client: Client, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert sign_in(client, owner.email, PASSWORD) == "/account/inactive/"
    assert "_auth_user_id" not in client.session


def test_the_command_line_creates_an_administrator_by_address(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", "--email", "Root@Example.com", verbosity=0)
    root = User.objects.get()
    assert (root.email, root.is_superuser, root.check_password(PASSWORD)) == ("root@example.com", True, True)

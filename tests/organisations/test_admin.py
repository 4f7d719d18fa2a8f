"""The admin stands inside the same walls as the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.utils import timezone

from organisations import invitations
from organisations.access import Access, access_for
from organisations.admin_scope import rows_with
from organisations.keys import new_key
from organisations.models import ApiKey, Membership, Organisation, User
from organisations.roles import Permission, Role
from tests.cast import PASSWORD, member

SignedIn = Callable[[User], Client]
SCREENS = ["organisation", "membership", "invitation", "apikey", "user"]


def staff(user: User) -> User:
    """Let a person into the admin."""
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.refresh_from_db()
    return user


@pytest.fixture
def foreign(outsider: User) -> Access:
    """Return the outsider's access, with an invitation and a key that others must never see."""
    access = access_for(outsider, "elsewhere")
    invitations.invite(access, email="canary@elsewhere.example", role=Role.VIEWER, now=timezone.now())
    new_key(access, name="Canary key", role=Role.VIEWER, expires_at=None)
    return access


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("query", ["", "?q=e", "?q=elsewhere", "?e=1"])
def test_staff_see_nothing_of_other_organisations(
    client_of: SignedIn, admin: User, owner: User, foreign: Access, screen: str, query: str
) -> None:
    page = client_of(staff(admin)).get(f"/admin/organisations/{screen}/{query}", follow=True)
    assert page.status_code == 200
    for word in ("Elsewhere", "elsewhere.example", "Canary", "Outsider"):
        assert word not in page.content.decode()


@pytest.mark.parametrize("screen", SCREENS)
def test_staff_open_no_foreign_row(client_of: SignedIn, admin: User, foreign: Access, screen: str) -> None:
    model = next(model for model in django_admin.site._registry if model._meta.model_name == screen)
    client = client_of(staff(admin))
    mine = {"organisation": admin.memberships.get().organisation_id, "user": admin.pk}.get(screen, 0)
    for row in model._default_manager.exclude(pk=mine).exclude(**({} if screen != "membership" else {"user": admin})):
        for page in ("change", "delete", "history"):
            answer = client.get(f"/admin/organisations/{screen}/{row.pk}/{page}/", follow=True)
            assert "Elsewhere" not in answer.content.decode()
            assert answer.request["PATH_INFO"] == "/admin/" or answer.status_code in {403, 404}


@pytest.mark.parametrize("screen", SCREENS)
def test_superusers_see_everything(client_of: SignedIn, superuser: User, foreign: Access, screen: str) -> None:
    page = client_of(superuser).get(f"/admin/organisations/{screen}/").content.decode()
    assert "elsewhere" in page.lower()


def test_filters_offer_only_what_one_may_see(client_of: SignedIn, admin: User, owner: User, foreign: Access) -> None:
    second = Organisation.objects.create(name="Growth abroad", slug="abroad")
    second.memberships.create(user=admin, role="admin")
    page = client_of(staff(admin)).get("/admin/organisations/membership/").content.decode()
    assert "organisation__id__exact" in page
    assert "Growth abroad" in page
    assert "Elsewhere" not in page


@pytest.mark.parametrize(("role", "may_change"), [(Role.VIEWER, False), (Role.EDITOR, False), (Role.ADMIN, True)])
def test_what_staff_may_change_is_what_their_role_allows(
    client_of: SignedIn, organisation: Organisation, owner: User, role: Role, may_change: bool
) -> None:
    person = staff(member(organisation, role))
    address = f"/admin/organisations/organisation/{organisation.pk}/change/"
    page = client_of(person).get(address)
    assert (page.status_code, 'name="_save"' in page.content.decode()) == (200, may_change)
    assert client_of(person).post(address, {}).status_code == (200 if may_change else 403)


def test_a_role_holds_only_where_it_was_given(
    client_of: SignedIn, admin: User, outsider: User, foreign: Access
) -> None:
    foreign.organisation.memberships.create(user=admin, role="viewer")
    client = client_of(staff(admin))
    assert client.get(f"/admin/organisations/organisation/{foreign.organisation.pk}/change/").status_code == 200
    assert client.post(f"/admin/organisations/organisation/{foreign.organisation.pk}/change/", {}).status_code == 403
    answer = client.post(
        "/admin/organisations/membership/add/", {**place(foreign.organisation, admin), "role": "admin"}
    )
    assert "cannot be chosen here" in answer.content.decode()


def place(organisation: Organisation, user: User) -> dict[str, object]:
    return {"organisation": organisation.pk, "user": user.pk, "role": "viewer"}


def test_a_new_row_cannot_be_put_into_a_foreign_organisation(client_of: SignedIn, admin: User, foreign: Access) -> None:
    answer = client_of(staff(admin)).post("/admin/organisations/membership/add/", place(foreign.organisation, admin))
    assert "cannot be chosen here" in answer.content.decode()
    assert not admin.memberships.filter(organisation=foreign.organisation).exists()


def test_a_foreign_person_cannot_be_pulled_in(
    client_of: SignedIn, admin: User, organisation: Organisation, outsider: User
) -> None:
    answer = client_of(staff(admin)).post("/admin/organisations/membership/add/", place(organisation, outsider))
    assert "cannot be chosen here" in answer.content.decode()


def test_staff_give_no_role_stronger_than_their_own(
    client_of: SignedIn, admin: User, viewer: User, owner: User
) -> None:
    client = client_of(staff(admin))
    for person in (admin, viewer):
        address = f"/admin/organisations/membership/{person.memberships.get().pk}/change/"
        assert "stronger than their own" in client.post(address, {"role": "owner"}).content.decode()
    address = f"/admin/organisations/membership/{owner.memberships.get().pk}/"
    assert "stronger than their own" in client.post(f"{address}change/", {"role": "viewer"}).content.decode()
    assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"/admin/organisations/membership/{viewer.memberships.get().pk}/change/", {"role": "editor"})
    assert [person.memberships.get().role for person in (owner, admin, viewer)] == ["owner", "admin", "editor"]


def test_the_last_owner_stays_whatever_a_superuser_tries(client_of: SignedIn, superuser: User, owner: User) -> None:
    client, pk = client_of(superuser), owner.memberships.get().pk
    bulk = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
    pages = [
        client.post(f"/admin/organisations/membership/{pk}/change/", {"role": "viewer"}),
        client.post(f"/admin/organisations/membership/{pk}/delete/", {"post": "yes"}),
        client.post("/admin/organisations/membership/", bulk),
        client.post(f"/admin/organisations/user/{owner.pk}/delete/", {"post": "yes"}),
        client.post("/admin/organisations/user/", {**bulk, "_selected_action": [owner.pk]}),
        client.post(f"/admin/organisations/user/{owner.pk}/change/", {"email": owner.email, "name": "Owner"}),
    ]
    assert owner.memberships.get().role == "owner"
    assert User.objects.get(pk=owner.pk).is_active
    for page in pages:
        assert "needs an owner" in page.content.decode()


def test_a_member_who_is_deleted_here_takes_their_keys_along(client_of: SignedIn, superuser: User, admin: User) -> None:
    new_key(access_for(admin, "growth"), name="gone", role=Role.VIEWER, expires_at=None)
    client_of(superuser).post(f"/admin/organisations/membership/{admin.memberships.get().pk}/delete/", {"post": "yes"})
    assert not ApiKey.unscoped.exists()


def test_no_secret_is_shown(client_of: SignedIn, superuser: User, foreign: Access) -> None:
    client = client_of(superuser)
    secrets = [*ApiKey.unscoped.values_list("token_hash", flat=True), superuser.password]
    addresses = [f"/admin/organisations/{screen}/" for screen in SCREENS]
    addresses += [f"/admin/organisations/apikey/{ApiKey.unscoped.get().pk}/change/"]
    addresses += [f"/admin/organisations/user/{superuser.pk}/change/"]
    for address in addresses:
        page = client.get(address).content.decode()
        assert not [secret for secret in secrets if secret in page]


def test_keys_and_invitations_are_not_made_here(client_of: SignedIn, superuser: User) -> None:
    for screen in ("apikey", "invitation"):
        assert client_of(superuser).get(f"/admin/organisations/{screen}/add/").status_code == 403


def test_an_organisation_takes_no_reserved_address(
    client_of: SignedIn, superuser: User, organisation: Organisation
) -> None:
    address = f"/admin/organisations/organisation/{organisation.pk}/change/"
    assert "address of the product itself" in client_of(superuser).post(address, {"slug": "login"}).content.decode()


def test_a_person_made_here_signs_in_in_any_case(client_of: SignedIn, superuser: User, client: Client) -> None:
    form = {"email": "New@Example.com", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    client_of(superuser).post("/admin/organisations/user/add/", form)
    assert client.post("/login/", {"login": "NEW@example.com", "password": PASSWORD})["Location"] == "/"


def test_a_former_address_lets_nobody_in(client_of: SignedIn, superuser: User, viewer: User, client: Client) -> None:
    client.post("/account/reset/", {"email": viewer.email})
    form = {"email": "moved@growth.example", "name": "Viewer", "is_active": "on"}
    client_of(superuser).post(f"/admin/organisations/user/{viewer.pk}/change/", form)
    assert client.post("/login/", {"login": "viewer@growth.example", "password": PASSWORD}).status_code == 200
    assert client.post("/login/", {"login": "moved@growth.example", "password": PASSWORD})["Location"] == "/"


def test_staff_do_not_change_accounts(client_of: SignedIn, admin: User, viewer: User) -> None:
    client = client_of(staff(admin))
    page = client.get(f"/admin/organisations/user/{viewer.pk}/change/")
    assert viewer.email in page.content.decode()
    assert viewer.password not in page.content.decode()
    assert client.post(f"/admin/organisations/user/{viewer.pk}/change/", {"is_superuser": "on"}).status_code == 403
    assert client.get(f"/admin/organisations/user/{viewer.pk}/password/").status_code == 403


def test_rows_without_a_tenant_are_offered_to_nobody(admin: User) -> None:
    from django.contrib.sessions.models import Session

    with pytest.raises(TypeError, match="have no tenant"):
        rows_with(Session.objects.all(), admin, Permission.VIEW)


def test_members_are_found_by_what_their_people_are_called(client_of: SignedIn, superuser: User, viewer: User) -> None:
    page = client_of(superuser).get("/admin/organisations/membership/?q=viewer@").content.decode()
    assert f"/{Membership.unscoped.get(user=viewer).pk}/change/" in page


def test_the_admin_says_in_which_zone_its_times_are(client_of: SignedIn, superuser: User) -> None:
    assert "Times in UTC" in client_of(superuser).get("/admin/organisations/user/").content.decode()

"""Roles change and people go, but an owner always stays, and nobody gives or takes a role stronger than their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from organisations.access import Access, access_for
from organisations.keys import new_key
from organisations.models import ApiKey, Membership, Organisation, User
from organisations.people import change_role, dismiss, left_without_owner, remove, set_role
from organisations.roles import Role
from tests.cast import member

SignedIn = Callable[[User], Client]


def place(user: User) -> Membership:
    """Return a person's membership in Growth, as the database has it."""
    return Membership.unscoped.get(user=user, organisation__slug="growth")


def test_an_admin_changes_a_role_on_the_page(client_of: SignedIn, admin: User, viewer: User) -> None:
    client_of(admin).post(f"/growth/settings/people/{place(viewer).pk}/role/", {"role": "editor"})
    assert place(viewer).role == "editor"


def test_an_admin_removes_a_member_after_being_asked(client_of: SignedIn, admin: User, viewer: User) -> None:
    address = f"/growth/settings/people/{place(viewer).pk}/remove/"
    client = client_of(admin)
    assert "Remove Viewer?" in client.get(address).content.decode()
    client.post(address)
    assert not viewer.memberships.exists()
    assert client_of(viewer).get("/growth/").status_code == 404


def test_a_viewer_leaves_by_themselves(client_of: SignedIn, viewer: User) -> None:
    assert client_of(viewer).post("/growth/settings/people/leave/")["Location"] == "/"
    assert not viewer.memberships.exists()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.EDITOR, Role.VIEWER])
def test_the_last_owner_stays_an_owner(access: Access, owner: User, role: Role) -> None:
    with pytest.raises(ValidationError, match="needs an owner"):
        change_role(access, place(owner), role)
    assert place(owner).role == "owner"


def test_the_last_owner_cannot_leave(client_of: SignedIn, owner: User) -> None:
    page = client_of(owner).post("/growth/settings/people/leave/", follow=True).content.decode()
    assert "An organisation needs an owner" in page
    assert place(owner).role == "owner"


def test_of_two_owners_one_may_go_and_then_the_other_may_not(organisation: Organisation, owner: User) -> None:
    second = member(organisation, Role.OWNER, email="second@growth.example")
    dismiss(place(owner))
    with pytest.raises(ValidationError):
        dismiss(place(second))


def test_an_owner_who_is_switched_off_counts_for_nothing(organisation: Organisation, owner: User) -> None:
    second = member(organisation, Role.OWNER, email="second@growth.example")
    User.objects.filter(pk=second.pk).update(is_active=False)
    with pytest.raises(ValidationError):
        set_role(place(owner), Role.ADMIN)


def test_both_owners_going_together_are_noticed(organisation: Organisation, owner: User) -> None:
    second = member(organisation, Role.OWNER, email="second@growth.example")
    assert left_without_owner([place(owner)]) == []
    assert left_without_owner([place(owner), place(second)]) == [organisation]


def test_an_admin_cannot_touch_an_owner(
    client_of: SignedIn, organisation: Organisation, admin: User, owner: User
) -> None:
    member(organisation, Role.OWNER, email="second@growth.example")
    client = client_of(admin)
    answers = [
        client.post(f"/growth/settings/people/{place(owner).pk}/role/", {"role": "viewer"}),
        client.post(f"/growth/settings/people/{place(owner).pk}/remove/"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert place(owner).role == "owner"


def test_an_admin_cannot_make_owners(client_of: SignedIn, admin: User, viewer: User) -> None:
    client_of(admin).post(f"/growth/settings/people/{place(viewer).pk}/role/", {"role": "owner"})
    assert place(viewer).role == "viewer"
    with pytest.raises(PermissionDenied):
        change_role(access_for(admin, "growth"), place(viewer), Role.OWNER)


def test_an_owner_makes_an_owner(access: Access, viewer: User) -> None:
    change_role(access, place(viewer), Role.OWNER)
    assert place(viewer).role == "owner"


def test_with_a_member_go_the_keys_they_made(access: Access, owner: User, admin: User) -> None:
    kept, _ = new_key(access, name="kept", role=Role.VIEWER, expires_at=None)
    new_key(access_for(admin, "growth"), name="gone", role=Role.VIEWER, expires_at=None)
    remove(access, place(admin))
    assert list(ApiKey.unscoped.all()) == [kept]


def test_viewers_see_who_is_there_and_no_way_to_change_it(client_of: SignedIn, viewer: User, owner: User) -> None:
    page = client_of(viewer).get("/growth/settings/people/").content.decode()
    assert owner.email in page
    assert "/role/" not in page
    assert "/remove/" not in page
    assert "Send the invitation" not in page

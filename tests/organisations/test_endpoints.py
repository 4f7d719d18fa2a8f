"""The API of organisations, people and keys says and refuses what the pages do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from rest_framework.test import APIClient

from organisations.access import Access
from organisations.keys import new_key
from organisations.models import ApiKey, Invitation, Membership, User
from organisations.roles import Role

Api = Callable[[User], APIClient]
BASE = "/api/v1/growth/"


def test_one_sees_ones_own_organisations(api: Api, owner: User, outsider: User) -> None:
    answer = api(owner).get("/api/v1/organisations/").json()
    assert [organisation["slug"] for organisation in answer["results"]] == ["growth"]


def test_a_key_sees_only_its_own_organisation(api: Api, access: Access, elsewhere, owner: User) -> None:  # type: ignore[no-untyped-def]
    elsewhere.memberships.create(user=owner, role="owner")
    _, token = new_key(access, name="Warehouse", role=Role.OWNER, expires_at=None)
    program = APIClient(headers={"Authorization": f"Bearer {token}"})
    assert [found["slug"] for found in program.get("/api/v1/organisations/").json()["results"]] == ["growth"]
    assert program.get("/api/v1/elsewhere/").status_code == 404


def test_whoever_is_signed_in_may_found_another_organisation_and_owns_it(api: Api, viewer: User) -> None:
    answer = api(viewer).post(
        "/api/v1/organisations/", {"name": "Second", "time_zone": "Asia/Tokyo", "week_starts_on": 6}
    )
    assert (answer.status_code, answer.json()["slug"], answer.json()["week_starts_on"]) == (201, "second", 6)
    assert Membership.unscoped.get(organisation__slug="second").role == Role.OWNER
    refused = api(viewer).post("/api/v1/organisations/", {"name": "Third", "time_zone": "Atlantis/Capital"})
    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"time_zone"})


def test_a_key_founds_no_other_organisation(access: Access) -> None:
    _, token = new_key(access, name="Warehouse", role=Role.OWNER, expires_at=None)
    program = APIClient(headers={"Authorization": f"Bearer {token}"})
    assert program.post("/api/v1/organisations/", {"name": "Second"}).status_code == 403


def test_only_owners_end_an_organisation(api: Api, owner: User, admin: User) -> None:
    assert api(admin).delete(BASE).status_code == 403
    assert api(owner).delete(BASE).status_code == 204
    assert api(owner).get(BASE).status_code == 404


def test_settings_are_read_by_viewers_and_changed_by_those_who_manage(api: Api, viewer: User, admin: User) -> None:
    assert api(viewer).get(BASE).json()["working_days"] == [0, 1, 2, 3, 4]
    assert api(viewer).patch(BASE, {"name": "Ours"}).status_code == 403
    assert api(admin).patch(BASE, {"name": "Ours", "slug": "ours"}).json()["name"] == "Ours"
    assert api(admin).get(BASE).json()["slug"] == "growth"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"at_risk_from": 90}, "at_risk_from"),
        ({"working_days": [0, 0]}, "working_days"),
        ({"time_zone": "Atlantis/Capital"}, "time_zone"),
        ({"week_starts_on": 7}, "week_starts_on"),
    ],
)
def test_settings_that_make_no_sense_are_refused_at_their_field(
    api: Api, admin: User, change: dict[str, object], field: str
) -> None:
    answer = api(admin).patch(BASE, change)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert answer["Content-Type"] == "application/problem+json"


def test_members_are_seen_by_all_and_changed_by_those_who_manage(api: Api, viewer: User, admin: User) -> None:
    members = api(viewer).get(f"{BASE}members/?role=viewer").json()["results"]
    assert [member["email"] for member in members] == [viewer.email]
    address = f"{BASE}members/{members[0]['id']}/"
    assert api(viewer).patch(address, {"role": "admin"}).status_code == 403
    assert api(admin).patch(address, {"role": "editor"}).json()["role"] == "editor"
    assert api(admin).delete(address).status_code == 204
    assert not viewer.memberships.exists()


def test_the_last_owner_is_protected_here_too(api: Api, owner: User) -> None:
    address = f"{BASE}members/{owner.memberships.get().pk}/"
    answers = [api(owner).patch(address, {"role": "viewer"}), api(owner).delete(address)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert "An organisation needs an owner" in answers[0].content.decode()
    assert owner.memberships.get().role == "owner"


def test_nobody_gives_or_takes_a_stronger_role_here_either(api: Api, owner: User, admin: User, viewer: User) -> None:
    at = {user: f"{BASE}members/{user.memberships.get().pk}/" for user in (owner, viewer)}
    assert api(admin).patch(at[viewer], {"role": "owner"}).status_code == 400
    assert api(admin).patch(at[owner], {"role": "viewer"}).status_code == 403
    assert api(admin).delete(at[owner]).status_code == 403
    assert api(admin).post(f"{BASE}invitations/", {"email": "a@example.com", "role": "owner"}).status_code == 400
    assert api(admin).post(f"{BASE}keys/", {"name": "Warehouse", "role": "owner"}).status_code == 400


def test_members_are_not_made_here(api: Api, owner: User) -> None:
    assert api(owner).post(f"{BASE}members/", {"role": "viewer"}).status_code == 405


def test_an_invitation_is_sent_again_and_withdrawn(api: Api, admin: User, viewer: User) -> None:
    assert api(viewer).get(f"{BASE}invitations/").status_code == 403
    made = api(admin).post(f"{BASE}invitations/", {"email": "a@example.com", "role": "viewer"})
    assert made.status_code == 201
    assert "token" not in made.content.decode()
    again = api(admin).post(f"{BASE}invitations/{made.json()['id']}/send/")
    assert (again.status_code, len(mail.outbox)) == (200, 2)
    twice = api(admin).post(f"{BASE}invitations/", {"email": "A@example.com", "role": "viewer"})
    assert (twice.status_code, list(twice.json()["errors"])) == (400, ["email"])
    assert api(admin).delete(f"{BASE}invitations/{made.json()['id']}/").status_code == 204
    assert not Invitation.unscoped.exists()


def test_a_key_is_answered_once(api: Api, admin: User, viewer: User) -> None:
    made = api(admin).post(f"{BASE}keys/", {"name": "Warehouse", "role": "viewer"}).json()
    assert APIClient(headers={"Authorization": f"Bearer {made['key']}"}).get(BASE).status_code == 200
    listed = api(admin).get(f"{BASE}keys/").content.decode()
    assert made["prefix"] in listed
    assert made["key"] not in listed
    assert api(viewer).get(f"{BASE}keys/").status_code == 403
    assert api(admin).delete(f"{BASE}keys/{made['id']}/").status_code == 204
    assert not ApiKey.unscoped.exists()


def test_a_key_is_never_stronger_than_its_maker_is_now(access: Access, owner: User, admin: User) -> None:
    _, token = new_key(access, name="Warehouse", role=Role.OWNER, expires_at=None)
    Membership.unscoped.filter(user=admin).update(role="owner")
    Membership.unscoped.filter(user=owner).update(role="viewer")
    program = APIClient(headers={"Authorization": f"Bearer {token}"})
    assert program.get(BASE).status_code == 200
    assert program.patch(BASE, {"name": "Ours"}).status_code == 403


def test_without_a_sign_in_there_is_nothing(client, owner: User) -> None:  # type: ignore[no-untyped-def]
    for address in (BASE, "/api/v1/organisations/", f"{BASE}members/", "/api/v1/nowhere/"):
        assert client.get(address).status_code == 401

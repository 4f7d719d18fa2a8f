"""What an organisation decides for its targets, its keys, and its end."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from organisations.access import Access, access_for
from organisations.keys import new_key
from organisations.models import ApiKey, Organisation, User
from organisations.roles import Role

SignedIn = Callable[[User], Client]
FORM = {
    "name": "Growth team",
    "language": "de",
    "time_zone": "Asia/Tokyo",
    "week_starts_on": "6",
    "fiscal_year_starts_in": "4",
    "working_days": ["0", "1", "2"],
    "on_track_from": "80",
    "at_risk_from": "40",
}


def test_an_admin_changes_every_setting(client_of: SignedIn, admin: User, organisation: Organisation) -> None:
    assert client_of(admin).post("/growth/settings/", FORM).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.name, organisation.time_zone, organisation.working_days) == (
        "Growth team",
        "Asia/Tokyo",
        [0, 1, 2],
    )
    assert (organisation.week_starts_on, organisation.fiscal_year_starts_in) == (6, 4)
    assert (organisation.on_track_from, organisation.at_risk_from) == (80, 40)
    assert (organisation.slug, organisation.language) == ("growth", "de")


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("at_risk_from", "80", "must be below"),
        ("time_zone", "Atlantis/Capital", "cannot be chosen here"),
        ("working_days", [], "Choose at least one weekday."),
        ("on_track_from", "100", "Enter a number of at most 99."),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    client_of: SignedIn, admin: User, organisation: Organisation, field: str, value: object, complaint: str
) -> None:
    page = client_of(admin).post("/growth/settings/", {**FORM, field: value}).content.decode()
    assert complaint in page
    organisation.refresh_from_db()
    assert organisation.name == "Growth"


def test_viewers_read_the_settings_and_cannot_change_them(client_of: SignedIn, viewer: User) -> None:
    client = client_of(viewer)
    page = client.get("/growth/settings/").content.decode()
    assert "Europe/Berlin" in page
    assert "An owner or admin can change these" in page
    assert "Monday, Tuesday, Wednesday, Thursday, Friday" in page
    assert "70%" in page
    assert not re.search(r'<(input|select)[^>]*name="(name|time_zone)"', page)
    assert client.post("/growth/settings/", FORM).status_code == 403


def test_an_owner_deletes_the_organisation_by_typing_its_name(client_of: SignedIn, owner: User, outsider: User) -> None:
    client = client_of(owner)
    assert "This is not its name" in client.post("/growth/settings/delete/", {"name": "growth"}).content.decode()
    assert client.post("/growth/settings/delete/", {"name": "Growth"})["Location"] == "/"
    assert [organisation.slug for organisation in Organisation.objects.all()] == ["elsewhere"]


def test_an_admin_cannot_delete_the_organisation(client_of: SignedIn, admin: User) -> None:
    assert client_of(admin).post("/growth/settings/delete/", {"name": "Growth"}).status_code == 403


def test_a_key_is_shown_once_and_only_its_hash_is_kept(client_of: SignedIn, admin: User) -> None:
    client = client_of(admin)
    page = client.post("/growth/settings/keys/", {"name": "Warehouse", "role": "editor", "lasts": "30"})
    key = ApiKey.unscoped.get()
    token = page.context["token"]
    assert token.startswith("wm_")
    assert (token in page.content.decode(), key.prefix) == (True, token[:12])
    assert token not in client.get("/growth/settings/keys/").content.decode()
    assert token not in str(ApiKey.unscoped.values())
    assert "no-store" in page["Cache-Control"]
    assert key.expires_at is not None
    assert key.expires_at - timezone.now() == pytest.approx(timedelta(days=30), abs=timedelta(minutes=1))


def test_a_key_opens_its_organisation_until_it_is_revoked(client_of: SignedIn, access: Access, admin: User) -> None:
    key, token = new_key(access, name="Warehouse", role=Role.VIEWER, expires_at=None)
    program = APIClient(headers={"Authorization": f"Bearer {token}"})
    assert program.get("/api/v1/growth/").json()["slug"] == "growth"
    client_of(admin).post(f"/growth/settings/keys/{key.pk}/revoke/")
    assert program.get("/api/v1/growth/").status_code == 401


def test_an_expired_key_opens_nothing(access: Access) -> None:
    _, token = new_key(access, name="Warehouse", role=Role.VIEWER, expires_at=timezone.now())
    assert APIClient(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/growth/").status_code == 401


def test_nobody_makes_a_key_stronger_than_themselves(client_of: SignedIn, admin: User) -> None:
    with pytest.raises(PermissionDenied):
        new_key(access_for(admin, "growth"), name="Warehouse", role=Role.OWNER, expires_at=None)
    page = client_of(admin).post("/growth/settings/keys/", {"name": "Warehouse", "role": "owner", "lasts": "never"})
    assert "There is a problem" in page.content.decode()
    assert not ApiKey.unscoped.exists()

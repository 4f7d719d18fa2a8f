"""The small cast of every test: two organisations, five people in roles, and a way to speak for each of them.

organisation    "Growth", where owner, admin, editor and viewer are members
elsewhere       "Elsewhere", the organisation of the outsider, who is its owner
access          the owner's access to Growth
client_of(user) a browser in which the user is signed in
api(user)       a program that calls the API as the user, over the session
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from organisations.access import Access, access_for
from organisations.models import Organisation, User
from organisations.roles import Role

PASSWORD = "a-long-walk-home"


def member(organisation: Organisation, role: Role, *, email: str = "", name: str = "") -> User:
    """Create a person with the test password and a place in the organisation."""
    person = User.objects.create_user(
        email or f"{role}@{organisation.slug}.example", PASSWORD, name=name or role.title()
    )
    organisation.memberships.create(user=person, role=role.value)
    return person


@pytest.fixture
def organisation(db: None) -> Organisation:
    return Organisation.objects.create(name="Growth", slug="growth", time_zone="Europe/Berlin")


@pytest.fixture
def elsewhere(db: None) -> Organisation:
    return Organisation.objects.create(name="Elsewhere", slug="elsewhere")


@pytest.fixture
def owner(organisation: Organisation) -> User:
    return member(organisation, Role.OWNER)


@pytest.fixture
def admin(organisation: Organisation) -> User:
    return member(organisation, Role.ADMIN)


@pytest.fixture
def editor(organisation: Organisation) -> User:
    return member(organisation, Role.EDITOR)


@pytest.fixture
def viewer(organisation: Organisation) -> User:
    return member(organisation, Role.VIEWER)


@pytest.fixture
def outsider(elsewhere: Organisation) -> User:
    return member(elsewhere, Role.OWNER, name="Outsider")


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create_superuser("root@example.com", PASSWORD)


@pytest.fixture
def access(owner: User, organisation: Organisation) -> Access:
    return access_for(owner, organisation.slug)


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """Return a function that opens a browser in which a person is signed in."""

    def browser(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return browser


@pytest.fixture
def api() -> Callable[[User], APIClient]:
    """Return a function that opens an API client for a person."""

    def program(person: User) -> APIClient:
        client = APIClient()
        client.force_login(person)
        return client

    return program

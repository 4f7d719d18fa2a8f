"""A fresh installation leads to its first account; organisations get addresses of their own."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from organisations.addresses import free_slug, not_reserved, reserved_words
from organisations.models import Organisation, User
from organisations.setup import AlreadySetUp, first_account, zone_of_this_machine
from tests.cast import PASSWORD

FIRST = {
    "organisation": "Growth",
    "name": "The owner",
    "email": "Owner@Example.com",
    "password": PASSWORD,
    "time_zone": "Europe/Berlin",
}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/login/", "/account/", "/growth/", "/growth/settings/", "/admin/"])
def test_while_nobody_has_an_account_every_page_leads_to_the_first(client: Client, address: str) -> None:
    page = client.get(address, follow=True)
    assert page.redirect_chain[-1][0] == "/start/"
    assert "Create the first account" in page.content.decode()


@pytest.mark.django_db
def test_the_first_account_owns_the_organisation_and_administers_everything(client: Client) -> None:
    assert client.post("/start/", FIRST)["Location"] == "/growth/"
    user, organisation = User.objects.get(), Organisation.objects.get()
    assert (user.email, user.name, user.is_staff, user.is_superuser) == ("owner@example.com", "The owner", True, True)
    assert (organisation.name, organisation.slug, organisation.time_zone) == ("Growth", "growth", "Europe/Berlin")
    assert organisation.memberships.get().role == "owner"
    assert client.get("/")["Location"] == "/growth/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [("organisation", ""), ("email", "no address"), ("password", "short"), ("time_zone", "Atlantis/Capital")],
)
def test_a_first_account_with_a_mistake_is_not_made(client: Client, field: str, value: str) -> None:
    page = client.post("/start/", {**FIRST, field: value})
    assert "There is a problem" in page.content.decode()
    assert not User.objects.exists()
    assert not Organisation.objects.exists()


def test_afterwards_there_is_no_way_to_a_first_account(client: Client, owner: User) -> None:
    assert client.get("/start/").status_code == 404
    assert client.post("/start/", FIRST).status_code == 404
    assert User.objects.get() == owner


def test_of_two_first_runs_one_wins(owner: User) -> None:
    with pytest.raises(AlreadySetUp):
        first_account(**FIRST)
    assert not User.objects.filter(email="owner@example.com").exists()


def test_the_guessed_time_zone_is_one() -> None:
    assert zone_of_this_machine() in {choice for choice, _ in _zone_choices()}


def _zone_choices() -> list[tuple[str, str]]:
    from organisations.account_forms import zone_choices

    return zone_choices(zone_of_this_machine())


def test_the_first_words_of_the_products_own_addresses_are_reserved() -> None:
    words = {"admin", "api", "login", "logout", "account", "start", "invitations", "organisations", "schema", "static"}
    assert words <= reserved_words()
    assert "growth" not in reserved_words()
    with pytest.raises(ValidationError, match="address of the product"):
        not_reserved("login")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Growth", "growth-2"),
        ("Büro & Söhne", "buro-sohne"),
        ("Admin", "admin-2"),
        ("目標", "organisation"),
        ("a" * 90, "a" * 40),
        ("Customer experience and retention, northern region", "customer-experience-and-retention"),
    ],
)
def test_an_address_is_made_of_the_name_and_is_free(organisation: Organisation, name: str, slug: str) -> None:
    assert free_slug(name) == slug


def test_whoever_founds_an_organisation_owns_it(client_of, viewer: User) -> None:  # type: ignore[no-untyped-def]
    client = client_of(viewer)
    answer = client.post("/organisations/new/", {"name": "Growth", "time_zone": "UTC"})
    assert answer["Location"] == "/growth-2/"
    assert viewer.memberships.get(organisation__slug="growth-2").role == "owner"


def test_an_organisation_speaks_the_language_of_whoever_founds_it(client_of, viewer: User) -> None:  # type: ignore[no-untyped-def]
    client = client_of(viewer)
    client.post("/organisations/new/", {"name": "Vertrieb", "time_zone": "UTC"}, headers={"accept-language": "de"})
    assert viewer.memberships.get(organisation__slug="vertrieb").organisation.language == "de"


def test_the_front_door_leads_to_the_organisation_used_last(client_of, viewer: User, elsewhere: Organisation) -> None:  # type: ignore[no-untyped-def]
    elsewhere.memberships.create(user=viewer, role="viewer")
    client = client_of(viewer)
    assert client.get("/")["Location"] == "/elsewhere/"
    client.get("/growth/settings/")
    assert client.get("/")["Location"] == "/growth/"


def test_somebody_in_no_organisation_is_told_what_to_do(client_of, superuser: User, organisation: Organisation) -> None:  # type: ignore[no-untyped-def]
    page = client_of(superuser).get("/").content.decode()
    assert "You are in no organisation yet" in page
    assert "/organisations/new/" in page

"""Every address, seen by everybody: anonymous people, an outsider, a viewer, an owner and staff.

The walk reads the URLconf itself. A page says what it asks for (`asks`, from `organisation_page`), an API view by its
permissions, everything else by a line in OUTSIDE; an address of which nobody knows what to expect fails. Growth and
Elsewhere each hold a row of every model, and no byte of Elsewhere's may reach somebody who is only in Growth, nor the
other way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.admin.sites import site as admin_site
from django.urls import reverse

from organisations.api import OrganisationView
from organisations.models import Organisation, User
from organisations.roles import Permission, Role, allows
from tests.cast import member
from tests.walk import MISSING, Address, Seen, Visitor, entries
from tests.world import World, tenant_models

MINE, CANARY = "minerow", "canaryrow"
OF_GROWTH, OF_ELSEWHERE = ("Growth", "growth.example", MINE), ("Elsewhere", "elsewhere.example", CANARY)

# name of the address: what anonymous people get, what somebody signed in gets
SIGN_IN, ON, OPEN, GONE, KEY, POSTED, ASKS_MORE = 302, 302, 200, 404, 401, 405, 400
OUTSIDE: dict[str, tuple[int, int]] = {
    "home": (SIGN_IN, ON),
    "robots": (OPEN, OPEN),
    "favicon": (ON, ON),
    "manifest": (OPEN, OPEN),
    "set_language": (ON, ON),
    "start": (GONE, GONE),
    "organisation-new": (SIGN_IN, OPEN),
    "invitation": (GONE, GONE),
    "account": (SIGN_IN, OPEN),
    "account_login": (OPEN, ON),
    "account_logout": (SIGN_IN, OPEN),
    "account_inactive": (OPEN, OPEN),
    "account_change_password": (SIGN_IN, OPEN),
    "account_set_password": (SIGN_IN, ON),
    "account_reset_password": (OPEN, OPEN),
    "account_reset_password_done": (OPEN, OPEN),
    "account_reset_password_from_key": (OPEN, OPEN),
    "account_reset_password_from_key_done": (OPEN, OPEN),
    "report-stop": (GONE, GONE),
    "wall": (GONE, GONE),
    "api-schema": (OPEN, OPEN),
    "api-docs": (OPEN, OPEN),
    "api-organisations": (KEY, OPEN),
    "api-blueprint-schema": (OPEN, OPEN),
    "api-unknown": (GONE, GONE),
    "sandbox-visitors": (KEY, KEY),
    "sandbox-unique-visitors": (KEY, KEY),
    "sandbox-summary": (OPEN, OPEN),
    "sandbox-orders": (OPEN, OPEN),
    "sandbox-orders-csv": (OPEN, OPEN),
    "sandbox-revenue-csv": (OPEN, OPEN),
    "sandbox-metrics": (OPEN, OPEN),
    "sandbox-online": (OPEN, OPEN),
    "sandbox-stock": (KEY, KEY),
    "sandbox-stock-orders": (KEY, KEY),
    "sandbox-posts": (KEY, KEY),
    "sandbox-token": (POSTED, POSTED),
    "sandbox-sentiment": (POSTED, POSTED),
    "sandbox-models": (KEY, KEY),
    "sandbox-completions": (POSTED, POSTED),
    "sandbox-deals": (KEY, KEY),
    "sandbox-temperature": (OPEN, OPEN),
    "sandbox-thermostat": (KEY, KEY),
    "sandbox-prices": (OPEN, OPEN),
    "sandbox-chaos": (OPEN, OPEN),
    "sandbox-ledger": (ASKS_MORE, ASKS_MORE),
}
# pages on which a viewer may post although their role changes nothing: they go, or have something sent to themselves
VIEWERS_MAY_POST = {"leave", "report-test"}
NO_SCREEN = {  # a model that has no admin screen, and why
    "connectors.SignInToken": "a sealed token, renewed by itself: there is nothing to look at",
}

ADDRESSES = list(entries())
PAGES = [address for address in ADDRESSES if address.is_page]
API = [address for address in ADDRESSES if address.is_api]
OTHERS = [address for address in ADDRESSES if not (address.is_page or address.is_api or address.is_admin)]


@dataclass(frozen=True, slots=True)
class Scene:
    """Two organisations full of rows, and the people who look at them."""

    growth: World
    elsewhere: World
    owner: User
    viewer: User
    outsider: User


@pytest.fixture
def scene(organisation: Organisation, elsewhere: Organisation, owner: User, viewer: User, outsider: User) -> Scene:
    growth = World(organisation, member(organisation, Role.EDITOR), MINE)
    return Scene(growth, World(elsewhere, member(elsewhere, Role.EDITOR), CANARY), owner, viewer, outsider)


def every_call(
    addresses: list[Address], visitor: Visitor, slug: str, rows: dict[str, int]
) -> Iterator[tuple[Address, str, Seen]]:
    """Yield address, method and answer of every call worth trying."""
    for address in addresses:
        for method in address.methods:
            yield address, method, visitor.call(method, address.path(slug, rows))


def listing(address: Address, method: str, seen: Seen, *more: Any) -> str:
    """Return one line about an answer nobody expected."""
    reason = seen.text[:300] if seen.status >= 500 else ""
    return " ".join(
        str(part) for part in (method, f"/{address.route}", seen.status, seen.leads_to, *more, reason) if part
    )


def none_of(offences: Iterator[str]) -> None:
    """Fail with all offences at once."""
    found = list(offences)
    assert not found, "\n".join(["", *found])


def test_every_address_has_an_expectation() -> None:
    strange = [address.route for address in PAGES if not hasattr(address.view, "asks")]
    strange += [address.route for address in API if not issubclass(address.view_class or object, OrganisationView)]
    strange += [address.route for address in OTHERS if address.name not in OUTSIDE]
    assert not strange, (
        "Nobody knows what to expect of these. A page is made with organisation_page, an API view from "
        f"OrganisationView or TenantViewSet, and anything else gets a line in OUTSIDE: {strange}"
    )


def test_every_address_has_a_name_of_its_own() -> None:
    names = [address.name for address in [*PAGES, *API, *OTHERS]]
    assert [name for name in set(names) if not name or names.count(name) > 1] == []


def test_every_key_in_an_address_names_a_row_of_a_known_model() -> None:
    known = {model._meta.model_name for model in tenant_models()}
    strange = [f"{address.route}: {name}" for address in [*PAGES, *API] for name in address.rows if name not in known]
    assert not strange, f"Whose key is this? Add the word before it to ROWS in tests/walk.py: {strange}"


def test_anonymous_people_are_sent_to_sign_in(scene: Scene) -> None:
    none_of(
        listing(address, method, seen)
        for address, method, seen in every_call(PAGES, Visitor(), "growth", scene.growth.keys)
        if not seen.leads_to.startswith("/login/?next=") and seen.status != 405
    )


def test_programs_without_a_key_are_refused(scene: Scene) -> None:
    none_of(
        listing(address, method, seen)
        for address, method, seen in every_call(API, Visitor(), "growth", scene.growth.keys)
        if seen.status != 401
    )


@pytest.mark.parametrize("slug", ["growth", "nowhere"])
def test_an_outsider_finds_nothing_whether_it_exists_or_not(scene: Scene, slug: str) -> None:
    visitor = Visitor(scene.outsider)
    none_of(
        listing(address, method, seen, seen.words(*OF_GROWTH))
        for address, method, seen in every_call([*PAGES, *API], visitor, slug, scene.growth.keys)
        if seen.status not in {404, 405} or seen.words(*OF_GROWTH) or seen.wrote
    )


def test_a_foreign_row_and_a_missing_one_answer_alike(scene: Scene) -> None:
    visitor = Visitor(scene.outsider)

    def offences() -> Iterator[str]:
        for address in [*PAGES, *API]:
            for model in address.rows:
                foreign = scene.elsewhere.keys | {model: scene.growth.keys[model]}
                missing = scene.elsewhere.keys | {model: MISSING}
                for method in address.methods:
                    one = visitor.call(method, address.path("elsewhere", foreign))
                    other = visitor.call(method, address.path("elsewhere", missing))
                    alike = one.status == other.status and 400 <= one.status < 500
                    if not alike or one.wrote or one.words(*OF_GROWTH):
                        yield listing(address, method, one, model, f"missing: {other.status}", one.words(*OF_GROWTH))

    none_of(offences())


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER])
def test_a_member_reads_what_their_role_allows_and_nothing_of_others(scene: Scene, role: Role) -> None:
    visitor = Visitor({Role.VIEWER: scene.viewer, Role.OWNER: scene.owner}[role])

    def offences() -> Iterator[str]:
        for address in [*PAGES, *API]:
            seen = visitor.call("get", address.path("growth", scene.growth.keys))
            if seen.status not in answers_to_read(address, role) or seen.words(*OF_ELSEWHERE):
                yield listing(address, "get", seen, seen.words(*OF_ELSEWHERE))

    none_of(offences())


def answers_to_read(address: Address, role: Role) -> set[int]:
    """Return what a member with this role may get; 405 where only other methods are known."""
    if address.is_api:
        return {200, 405} if allows(role, address.view_class.read_permission) else {403, 405}
    return {200, 302, 404, 405} if allows(role, address.view.asks[0]) else {403, 405}


def test_a_viewer_changes_nothing(scene: Scene) -> None:
    visitor = Visitor(scene.viewer)

    def offences() -> Iterator[str]:
        for address, method, seen in every_call([*PAGES, *API], visitor, "growth", scene.growth.keys):
            needs = address.view_class.write_permission if address.is_api else address.view.asks[1]
            refused = seen.status == 403 or method == "get" or allows(Role.VIEWER, needs)
            if not refused or (seen.wrote and address.name not in VIEWERS_MAY_POST):
                yield listing(address, method, seen, *seen.wrote)

    none_of(offences())


def test_what_viewers_may_post_is_still_there() -> None:
    assert {address.name for address in PAGES} >= VIEWERS_MAY_POST


@pytest.mark.parametrize(("who", "signed_in"), [("anonymous", 0), ("outsider", 1)])
def test_addresses_outside_organisations_answer_as_listed(scene: Scene, who: str, signed_in: int) -> None:
    visitor = Visitor(scene.outsider) if signed_in else Visitor()

    def offences() -> Iterator[str]:
        for address in OTHERS:
            seen = visitor.call("get", address.path())
            words = seen.words(*OF_GROWTH, *(() if signed_in else OF_ELSEWHERE))
            if seen.status != OUTSIDE[address.name][signed_in] or words:
                yield listing(address, "get", seen, words)

    none_of(offences())


def admin_paths(world: World) -> Iterator[str]:
    """Yield the address of every admin screen of our models: the list, searched, and the screens of the world's row."""
    yield reverse("admin:index")
    for model in admin_site._registry:
        key = world.admin_key(model)
        if key is None:
            continue
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield from (f"{reverse(f'{base}_changelist')}{query}" for query in ("", f"?q={MINE}", f"?q={CANARY}"))
        yield reverse(f"{base}_add")
        yield from (reverse(f"{base}_{screen}", args=[key]) for screen in ("change", "delete", "history"))


def test_every_model_that_is_kept_has_an_admin_screen() -> None:
    labels = {model._meta.label for model in tenant_models() if model not in admin_site._registry}
    missing = sorted(labels - set(NO_SCREEN))
    assert not missing, f"Register these with TenantAdmin, or say in NO_SCREEN why not: {missing}"


@pytest.mark.parametrize("who", ["anonymous", "owner"])
def test_nobody_without_staff_rights_enters_the_admin(scene: Scene, who: str) -> None:
    visitor = Visitor(scene.owner) if who == "owner" else Visitor()
    calls = ((path, visitor.call("get", path)) for path in admin_paths(scene.growth))
    none_of(f"{path}: {seen.status}" for path, seen in calls if seen.status != 302 or seen.words("growth.example"))


def test_staff_of_one_organisation_see_nothing_of_another(scene: Scene) -> None:
    User.objects.filter(pk=scene.outsider.pk).update(is_staff=True)
    visitor = Visitor(scene.outsider)

    def offences() -> Iterator[str]:
        for path in [*admin_paths(scene.growth), *admin_paths(scene.elsewhere)]:
            for method in ("get", "post"):
                seen = visitor.call(method, path)
                words = seen.words(*(word for word in OF_GROWTH if word not in path))
                if seen.status >= 500 or words or seen.wrote:
                    yield f"{method} {path}: {seen.status} {words} {seen.text[:300] if seen.status >= 500 else ''}"

    none_of(offences())


def test_staff_open_the_rows_of_their_own_organisation(scene: Scene) -> None:
    User.objects.filter(pk=scene.owner.pk).update(is_staff=True)
    visitor = Visitor(scene.owner)

    def offences() -> Iterator[str]:
        for path in admin_paths(scene.growth):
            seen = visitor.call("get", path)
            if seen.status != 200 and not (seen.status == 403 and not path.endswith("/change/")):
                yield f"{path}: {seen.status} {seen.leads_to} {seen.text[:300] if seen.status >= 500 else ''}"

    none_of(offences())


def test_viewers_have_no_permission_but_to_see() -> None:
    assert [permission for permission in Permission if allows(Role.VIEWER, permission)] == [Permission.VIEW]

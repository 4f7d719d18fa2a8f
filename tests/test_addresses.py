"""Every address, seen by everybody: anonymous people, an outsider, a viewer and an owner.

The walk reads the URLconf itself. A page says what it asks for (`asks`, from `organisation_page`), an API view by its
permissions, everything else by a line in OUTSIDE; an address of which nobody knows what to expect fails. Growth and
Elsewhere each hold a row of every model, and no byte of Elsewhere's may reach somebody who is only in Growth, nor the
other way round.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.admin.sites import site as admin_site
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from organisations.api import OrganisationView
from organisations.models import Organisation, User
from organisations.roles import Permission, Role, allows
from organisations.tenancy import TenantModel
from tests.cast import member
from tests.world import World, tenant_models

PLACEHOLDER = "<slug:organisation>/"
MISSING = 10**9
MINE, CANARY = "minerow", "canaryrow"
FOREIGN_WORDS = {"growth": ("Elsewhere", "elsewhere.example", CANARY), "elsewhere": ("Growth", "growth.example", MINE)}

# name of the address: (anonymous people, somebody signed in)
SIGN_IN, ON, OPEN, GONE = 302, 302, 200, 404
OUTSIDE: dict[str, tuple[int, int]] = {
    "home": (SIGN_IN, ON),
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
    "api-schema": (401, OPEN),
    "api-docs": (401, OPEN),
    "api-organisations": (401, OPEN),
    "sandbox-visitors": (401, 401),
    "sandbox-unique-visitors": (401, 401),
    "sandbox-summary": (OPEN, OPEN),
}
ARGUMENTS: dict[str, Any] = {
    "token": "00000000-0000-4000-8000-000000000000",
    "uidb36": "1",
    "key": "never-issued",
    "starts_on": "2026-01-01",
}
# the word before a pk in an address, where it is not a model's name with an s
ROWS = {
    "people": "membership",
    "keys": "apikey",
    "members": "membership",
    "deliveries": "delivery",
    "days": "dailyrollup",
}


@dataclass(frozen=True, slots=True)
class Address:
    """One entry of the URLconf."""

    route: str
    name: str
    view: Any
    arguments: tuple[str, ...]

    @property
    def is_page(self) -> bool:
        return self.route.startswith(PLACEHOLDER)

    @property
    def is_api(self) -> bool:
        return self.route.startswith(f"api/v1/{PLACEHOLDER}")

    @property
    def is_admin(self) -> bool:
        return self.route.startswith("admin/")

    @property
    def view_class(self) -> Any:
        return getattr(self.view, "cls", getattr(self.view, "view_class", None))

    @property
    def methods(self) -> list[str]:
        """The methods an API address answers to."""
        known = getattr(self.view, "actions", None) or {
            m: m for m in self.view_class.http_method_names if hasattr(self.view_class, m)
        }
        return [method for method in known if method not in {"head", "options"}]

    def path(self, organisation: str, rows: dict[str, int] | None = None) -> str:
        """Write the address out, with rows' keys by the name of the model; unnamed rows do not exist."""
        found = {name: self._argument(name, organisation, rows or {}) for name in self.arguments}
        return reverse(self.name, kwargs=found)

    def _argument(self, name: str, organisation: str, rows: dict[str, int]) -> Any:
        if name == "organisation":
            return organisation
        return ARGUMENTS[name] if name in ARGUMENTS else rows.get(self.model_of(name), MISSING)

    def model_of(self, argument: str) -> str:
        """Return the name of the model whose row an argument names."""
        model = getattr(self.view_class, "model", None)
        if argument == "pk" and model is not None:
            return str(model._meta.model_name)
        if argument != "pk":
            return argument
        word = self.route.split("<int:pk>")[0].rstrip("/").rsplit("/", maxsplit=1)[-1]
        return ROWS.get(word, word.removesuffix("s"))


def entries(resolver: URLResolver | None = None, before: str = "", names: tuple[str, ...] = ()) -> Iterator[Address]:
    """Yield every entry of the URLconf."""
    space = f"{resolver.namespace}:" if resolver and resolver.namespace else ""
    for entry in (resolver or get_resolver()).url_patterns:
        pattern = entry.pattern
        here = (*names, *getattr(pattern, "converters", {}), *pattern.regex.groupindex)
        route = before + str(pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            yield from entries(entry, route, here)
        elif isinstance(entry, URLPattern):
            yield Address(route, space + (entry.name or ""), entry.callback, tuple(dict.fromkeys(here)))


ADDRESSES = list(entries())
PAGES = [address for address in ADDRESSES if address.is_page]
API = [address for address in ADDRESSES if address.is_api]
ADMIN = [address for address in ADDRESSES if address.is_admin]
OTHERS = [address for address in ADDRESSES if not (address.is_page or address.is_api or address.is_admin)]


@dataclass(frozen=True, slots=True)
class Scene:
    """Two organisations full of rows, and the people who look at them."""

    growth: World
    elsewhere: World
    owner: User
    viewer: User
    outsider: User

    def rows(self, world: World) -> dict[str, int]:
        """Return the keys of a world's rows by the name of the model."""
        return {str(model._meta.model_name): row.pk for model, row in world.rows.items()}


@pytest.fixture
def scene(organisation: Organisation, elsewhere: Organisation, owner: User, viewer: User, outsider: User) -> Scene:
    another = member(elsewhere, Role.EDITOR)
    member(organisation, Role.EDITOR)
    return Scene(World(organisation, owner, MINE), World(elsewhere, another, CANARY), owner, viewer, outsider)


def ask(client: Client, method: str, path: str) -> HttpResponse:
    """Call an address and undo whatever it did; an unhandled error is an answer with status 500."""
    client.raise_request_exception = False
    body = (
        {}
        if method == "get"
        else {"data": "{}", "content_type": "application/json"}
        if "/api/" in path
        else {"data": {}}
    )
    with transaction.atomic():
        answer: HttpResponse = (
            client.generic(method.upper(), path, **body) if method == "patch" else getattr(client, method)(path, **body)
        )
        transaction.set_rollback(True)
    return answer


def told(answer: HttpResponse) -> str:
    """Return everything an answer says, headers included."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{body.decode('utf-8', errors='replace')} {json.dumps(dict(answer.headers))}"


def foreign_words(answer: HttpResponse, organisation: str) -> list[str]:
    """Return the words of the other organisation that an answer holds."""
    text = told(answer)
    return [word for word in FOREIGN_WORDS[organisation] if word in text]


def sign_in(user: User) -> Client:
    """Open a browser in which the person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def report(offences: Iterable[str]) -> None:
    """Fail with all offences at once."""
    found = list(offences)
    assert not found, "\n".join(["", *found])


def test_every_address_has_an_expectation() -> None:
    strange = [address.route for address in PAGES if not hasattr(address.view, "asks")]
    strange += [address.route for address in API if not issubclass(address.view_class, OrganisationView)]
    strange += [address.route for address in OTHERS if address.name not in OUTSIDE]
    assert not strange, (
        "Nobody knows what to expect of these. A page is made with organisation_page, an API view from OrganisationView "
        f"or TenantViewSet, and anything else gets a line in OUTSIDE: {strange}"
    )


def test_every_address_has_a_name_of_its_own() -> None:
    names = [address.name for address in [*PAGES, *API, *OTHERS]]
    assert [name for name in set(names) if not name or names.count(name) > 1] == []


def test_every_key_in_an_address_names_a_row_of_a_known_model() -> None:
    known = {model._meta.model_name for model in tenant_models()} | {"organisation", *ARGUMENTS}
    strange = [
        f"{address.route}: {argument}"
        for address in [*PAGES, *API]
        for argument in address.arguments
        if argument not in known and address.model_of(argument) not in known
    ]
    assert not strange, f"Whose key is this? Add the word before it to ROWS: {strange}"


def test_anonymous_people_are_sent_to_sign_in(client: Client, scene: Scene) -> None:
    def offences() -> Iterator[str]:
        for address in PAGES:
            path = address.path("growth", scene.rows(scene.growth))
            for method in ("get", "post"):
                answer = ask(client, method, path)
                asked_in = answer.status_code == 302 and answer["Location"].startswith("/login/?next=")
                if not asked_in and answer.status_code != 405:
                    yield f"{method} {path}: {answer.status_code}"

    report(offences())


def test_programs_without_a_key_are_refused(client: Client, scene: Scene) -> None:
    def offences() -> Iterator[str]:
        for address in API:
            for method in address.methods:
                path = address.path("growth", scene.rows(scene.growth))
                if (status := ask(client, method, path).status_code) != 401:
                    yield f"{method} {path}: {status}"

    report(offences())


@pytest.mark.parametrize("organisation", ["growth", "nowhere"])
def test_an_outsider_finds_nothing_whether_it_exists_or_not(scene: Scene, organisation: str) -> None:
    client, before = sign_in(scene.outsider), scene.growth.everything()

    def offences() -> Iterator[str]:
        for address in [*PAGES, *API]:
            path = address.path(organisation, scene.rows(scene.growth))
            for method in address.methods if address.is_api else ("get", "post"):
                answer = ask(client, method, path)
                if answer.status_code not in {404, 405} or foreign_words(answer, "elsewhere"):
                    yield f"{method} {path}: {answer.status_code} {foreign_words(answer, 'elsewhere')}"

    report(offences())
    assert scene.growth.everything() == before


def test_a_foreign_row_and_a_missing_one_answer_alike(scene: Scene) -> None:
    client, before = sign_in(scene.outsider), scene.growth.everything()
    own = scene.rows(scene.elsewhere)

    def offences() -> Iterator[str]:
        for address in [*PAGES, *API]:
            for argument in (name for name in address.arguments if name != "organisation" and name not in ARGUMENTS):
                model = address.model_of(argument)
                for method in address.methods if address.is_api else ("get", "post"):
                    foreign = ask(
                        client, method, address.path("elsewhere", own | {model: scene.rows(scene.growth)[model]})
                    )
                    missing = ask(client, method, address.path("elsewhere", own | {model: MISSING}))
                    seen = (foreign.status_code, missing.status_code, foreign_words(foreign, "elsewhere"))
                    if seen not in {(404, 404), (405, 405)} and seen[:2] not in {(404, 404), (405, 405)} or seen[2]:
                        yield f"{method} {address.route} ({argument}): {seen}"

    report(offences())
    assert scene.growth.everything() == before


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OWNER])
def test_a_member_reads_what_their_role_allows_and_nothing_of_others(scene: Scene, role: Role) -> None:
    client = sign_in({Role.VIEWER: scene.viewer, Role.OWNER: scene.owner}[role])

    def offences() -> Iterator[str]:
        for address in [*PAGES, *API]:
            answer = ask(client, "get", address.path("growth", scene.rows(scene.growth)))
            expected = read_by(address, role)
            if answer.status_code not in expected or foreign_words(answer, "growth"):
                problem = getattr(answer, "exc_info", None)
                yield f"{address.route}: {answer.status_code} {foreign_words(answer, 'growth')} {problem and problem[1]!r}"

    report(offences())


def read_by(address: Address, role: Role) -> set[int]:
    """Return the answers a member with this role may get; a page that takes only POST answers 405, and some lead on."""
    if address.is_api:
        needs = address.view_class.read_permission
        return {200, 405} if allows(role, needs) else {403, 405}
    return {200, 302, 404, 405} if allows(role, address.view.asks[0]) else {403, 405}


def test_a_viewer_changes_nothing(scene: Scene) -> None:
    client, before = sign_in(scene.viewer), scene.growth.everything()

    def offences() -> Iterator[str]:
        for address in PAGES:
            if not allows(Role.VIEWER, address.view.asks[1]):
                path = address.path("growth", scene.rows(scene.growth))
                if (status := ask(client, "post", path).status_code) != 403:
                    yield f"post {path}: {status}"
        for address in API:
            if not allows(Role.VIEWER, address.view_class.write_permission):
                path = address.path("growth", scene.rows(scene.growth))
                for method in (method for method in address.methods if method != "get"):
                    if (status := ask(client, method, path).status_code) != 403:
                        yield f"{method} {path}: {status}"

    report(offences())
    assert scene.growth.everything() == before


def test_whatever_a_viewer_may_post_is_known() -> None:
    may = {address.name for address in PAGES if allows(Role.VIEWER, address.view.asks[1])}
    read_only = {name for name in may if name not in {"leave"}}
    posting = [name for name in read_only if takes_post(name)]
    assert posting == [], f"These take a POST from viewers; ask for `post=Permission.EDIT` or name them here: {posting}"


def takes_post(name: str) -> bool:
    """Say whether the view of a page mentions POST at all."""
    import inspect

    view = next(address.view for address in PAGES if address.name == name)
    return "POST" in inspect.getsource(inspect.unwrap(view))


def test_addresses_outside_organisations_answer_as_listed(client: Client, scene: Scene) -> None:
    people = {0: client, 1: sign_in(scene.outsider)}

    def offences() -> Iterator[str]:
        for address in OTHERS:
            for who, browser in people.items():
                answer = ask(browser, "get", address.path(""))
                words = (
                    foreign_words(answer, "elsewhere")
                    if who
                    else [*foreign_words(answer, "elsewhere"), *foreign_words(answer, "growth")]
                )
                if answer.status_code != OUTSIDE[address.name][who] or words:
                    yield f"{address.route}: {answer.status_code} {words}"

    report(offences())


def test_nobody_without_staff_rights_enters_the_admin(client: Client, scene: Scene) -> None:
    def offences() -> Iterator[str]:
        for browser in (client, sign_in(scene.owner)):
            for path in admin_paths(scene.growth):
                answer = ask(browser, "get", path)
                if answer.status_code not in {302, 403} or foreign_words(answer, "elsewhere"):
                    yield f"{path}: {answer.status_code}"

    report(offences())


def test_staff_of_one_organisation_see_nothing_of_another_in_the_admin(scene: Scene) -> None:
    User.objects.filter(pk=scene.outsider.pk).update(is_staff=True)
    client, before = sign_in(scene.outsider), scene.growth.everything()

    def offences() -> Iterator[str]:
        for path in [*admin_paths(scene.growth), *admin_paths(scene.elsewhere)]:
            for method in ("get", "post"):
                answer = ask(client, method, path)
                if answer.status_code >= 500 or foreign_words(answer, "elsewhere"):
                    problem = getattr(answer, "exc_info", None)
                    yield f"{method} {path}: {answer.status_code} {foreign_words(answer, 'elsewhere')} {problem and problem[1]!r}"

    report(offences())
    assert scene.growth.everything() == before


def test_staff_open_their_own_rows_in_the_admin(scene: Scene) -> None:
    User.objects.filter(pk=scene.owner.pk).update(is_staff=True)
    client = sign_in(scene.owner)

    def offences() -> Iterator[str]:
        for path in admin_paths(scene.growth):
            answer = ask(client, "get", path)
            if answer.status_code not in {200, 302, 403} or foreign_words(answer, "growth"):
                problem = getattr(answer, "exc_info", None)
                yield f"{path}: {answer.status_code} {foreign_words(answer, 'growth')} {problem and problem[1]!r}"

    report(offences())


def admin_paths(world: World) -> Iterator[str]:
    """Yield the address of every admin screen of our models: the list, searched and filtered, and the row's own screens."""
    yield reverse("admin:index")
    for model in admin_site._registry:
        if not issubclass(model, TenantModel | Organisation | User):
            continue
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = (
            world.rows[model].pk
            if issubclass(model, TenantModel)
            else world.organisation.pk
            if model is Organisation
            else world.person.pk
        )
        yield from (f"{reverse(f'{base}_changelist')}{query}" for query in ("", f"?q={MINE}", f"?q={CANARY}"))
        yield reverse(f"{base}_add")
        yield from (reverse(f"{base}_{screen}", args=[row]) for screen in ("change", "delete", "history"))


def test_viewers_lack_every_permission_but_to_see() -> None:
    assert [permission for permission in Permission if allows(Role.VIEWER, permission)] == [Permission.VIEW]

"""Every door, tried with every row locked: what a file says of a row is changed by that file alone.

Like the walk of the addresses this one reads the URLconf. A page that asks for more than reading, and names a row that
a file can describe, declares `changes` or `deletes`, or stands in LEAVES_ALONE with its reason. The API refuses
whatever is not listed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from alerts.models import Recipient, Report
from connectors.models import Connection, Feed
from organisations import managed
from organisations.models import Organisation, User
from organisations.roles import Permission, Role
from organisations.tenancy import TenantModel
from targets.models import Metric, Target
from tests.cast import member
from tests.test_addresses import API, MINE, PAGES, listing, none_of
from tests.walk import Address, Seen, Visitor
from tests.world import World, tenant_models

FILE = "growth.yaml"
LOCKED = "is managed by growth.yaml and locked."
DESCRIBED = {str(model._meta.model_name): model for model in tenant_models() if model.described_in}
LEAVES_ALONE = {
    "connection-key": "secrets are not in the file",
    "connection-test": "asks, and keeps nothing",
    "enrichment": "has a lock of its own, for which its feed's address stands",
    "enrichment-turn": "has a lock of its own, for which its feed's address stands",
    "enrichment-delete": "has a lock of its own, for which its feed's address stands",
    "records-again": "asks, as the schedule does",
    "back-fill-new": "asks for past days, and the file says nothing of them",
    "back-fill-turn": "asks for past days, and the file says nothing of them",
    "call-target": "makes rows of its own",
    "connection-try-again": "asks, and the file says nothing of circuits",
    "feed-collect": "asks, as the schedule does",
    "feed-number": "makes a metric of its own",
    "metric-type-in": "readings are not in the file",
    "reading-edit": "readings are not in the file",
    "reading-delete": "readings are not in the file",
    "target-check": "asks, as the schedule does",
    "note-new": "notes are not in the file",
    "note-edit": "notes are not in the file",
    "note-delete": "notes are not in the file",
    "report-edit-mail": "draws what stands in the form, and keeps nothing",
}
ACTIONS_LEFT_ALONE = {
    "api-connection-limits-reset": "asks, and the file says nothing of circuits",
    "api-connection-test": "asks, and keeps nothing",
    "api-enrichment-try-out": "asks, and keeps nothing",
    "api-enrichment-ask-again": "asks, as the schedule does",
    "api-feed-collect": "asks, as the schedule does",
    "api-metric-try-out": "asks, and keeps nothing",
    "api-target-check": "asks, as the schedule does",
}

Api = Callable[[User], APIClient]
SignedIn = Callable[[User], Client]


@pytest.fixture
def world(organisation: Organisation) -> World:
    """Everything an organisation can hold, with every row locked that a file can describe."""
    world = World(organisation, member(organisation, Role.EDITOR), MINE)
    organisation.managed.all().delete()
    lock(organisation, *(world.row(model) for model in DESCRIBED.values()))
    return world


@pytest.fixture
def root(owner: User) -> User:
    """The owner of Growth, with the key to the admin."""
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    return owner


def lock(organisation: Organisation, *rows: TenantModel) -> None:
    """Lock rows by a file."""
    for row in rows:
        managed.put(organisation, section=row.described_in, row_ids=[row.pk], file=FILE, locked=True)


def lock_only(world: World, model: type[TenantModel]) -> None:
    """Unlock everything but the row of one model."""
    managed.set_lock(world.organisation, FILE, locked=False)
    lock(world.organisation, world.row(model))


def named(address: Address) -> list[str]:
    """Return which rows that a file can describe an address names."""
    return [model for model in address.rows if model in DESCRIBED]


def is_about_changes(address: Address) -> bool:
    """Say whether a page names such a row and asks for more than reading when something is sent to it."""
    return bool(named(address)) and address.view.asks[1] in (Permission.EDIT, Permission.MANAGE)


CHANGING = [address for address in PAGES if getattr(address.view, "changes", None) and named(address)]
WRITING = [
    (address, method)
    for address in API
    if getattr(address.view_class, "model", None) in DESCRIBED.values() and "pk" in address.arguments
    for method in address.methods
    if method != "get"
]


def test_every_page_about_a_row_says_whether_it_changes_it() -> None:
    silent = {address.name for address in PAGES if is_about_changes(address) and not address.view.changes}
    assert silent - set(LEAVES_ALONE) == set(), (
        "Give these `changes=(section, word)` or `deletes=…`, or say in LEAVES_ALONE why a locked row does not mind."
    )
    assert set(LEAVES_ALONE) - silent == set(), "These no longer need their place in LEAVES_ALONE."


def test_what_a_page_changes_is_the_row_that_its_address_names() -> None:
    strange = []
    for address in PAGES:
        section, word = address.view.changes or ("", "")
        if section and word in address.arguments:
            strange += [address.name] if DESCRIBED[address.model_of(word)].described_in != section else []
    assert strange == []


def test_pages_refuse_to_change_a_locked_row_and_say_why(world: World, owner: User) -> None:
    visitor = Visitor(owner)

    def offences() -> Iterator[str]:
        for address in CHANGING:
            for method in address.methods:
                seen = visitor.call(method, address.path("growth", world.keys))
                is_for_posts = method == "get" and seen.status == 405
                if not is_for_posts and (seen.status != 403 or LOCKED not in seen.text or seen.wrote):
                    yield listing(address, method, seen)

    assert len(CHANGING) >= 10
    none_of(offences())


def test_pages_that_leave_a_locked_row_alone_stay_open(world: World, owner: User) -> None:
    visitor = Visitor(owner)
    calls = [
        (address, method, visitor.call(method, address.path("growth", world.keys)))
        for address in PAGES
        if address.name in LEAVES_ALONE
        for method in address.methods
    ]
    none_of(listing(address, method, seen) for address, method, seen in calls if seen.status == 403)


def test_pages_change_what_a_file_describes_and_leaves_unlocked(world: World, owner: User) -> None:
    managed.set_lock(world.organisation, FILE, locked=False)
    visitor = Visitor(owner)
    calls = [(address, visitor.call("get", address.path("growth", world.keys))) for address in CHANGING]
    none_of(listing(address, "get", seen) for address, seen in calls if seen.status == 403)


def test_a_viewer_is_told_of_the_role_and_not_of_the_lock(world: World, viewer: User) -> None:
    seen = Visitor(viewer).call("get", f"/growth/targets/{world.row(Target).pk}/edit/")
    assert seen.status == 403
    assert LOCKED not in seen.text


@pytest.mark.parametrize(("model", "page"), [(Connection, "connection-delete"), (Metric, "metric-delete")])
def test_what_would_take_a_locked_target_along_is_not_deleted(
    world: World, owner: User, model: type[TenantModel], page: str
) -> None:
    lock_only(world, Target)
    row = world.row(model)
    seen = Visitor(owner).call("post", reverse(page, args=["growth", row.pk]))
    assert seen.status == 403
    assert f"“{world.row(Target)}” would go with it" in seen.text


def test_the_api_answers_conflict_to_whatever_would_change_a_locked_row(world: World, owner: User) -> None:
    visitor = Visitor(owner)

    def offences() -> Iterator[str]:
        for address, method in WRITING:
            seen = visitor.call(method, address.path("growth", world.keys))
            refused = seen.status == 409 and LOCKED in seen.text
            if refused == (address.name in ACTIONS_LEFT_ALONE) or (refused and seen.wrote):
                yield listing(address, method, seen)

    assert len(WRITING) >= 15
    none_of(offences())


def test_actions_that_the_api_leaves_open_are_still_there() -> None:
    assert {address.name for address, _method in WRITING} >= set(ACTIONS_LEFT_ALONE)


def test_the_api_answers_a_refusal_as_a_problem(world: World, owner: User, api: Api) -> None:
    answer = api(owner).patch(f"/api/v1/growth/targets/{world.row(Target).pk}/", {"goal": 7}, format="json")
    assert (answer.status_code, answer.json()) == (
        409,
        {
            "title": "Conflict",
            "status": 409,
            "detail": f"“{world.row(Target)}” {LOCKED} Change it in the file and apply it, or unlock the file.",
        },
    )


def test_the_api_takes_new_secrets_of_a_locked_connection_and_nothing_else(
    organisation: Organisation, owner: User, api: Api
) -> None:
    settings = {"address": "https://shop.example/api", "sign_in": "bearer"}
    row = Connection.unscoped.create(organisation=organisation, name="Shop", kind="http", settings=settings)
    lock(organisation, row)
    address, program = f"/api/v1/growth/connections/{row.pk}/", api(owner)
    assert program.patch(address, {"secrets": {"key": "a-new-key"}}, format="json").status_code == 200
    row.refresh_from_db()
    assert row.unseal() == {"key": "a-new-key"}
    others: list[Any] = [{"secrets": {"key": "another"}, "name": "Kiosk"}, {}, [{}]]
    refused = [program.patch(address, sent, format="json").status_code for sent in others]
    assert refused == [409, 409, 409]
    assert row.unseal() == {"key": "a-new-key"}


@pytest.mark.parametrize("parent", ["connection", "feed", "metric"])
def test_the_api_deletes_nothing_that_would_take_a_locked_target_along(
    world: World, owner: User, api: Api, parent: str
) -> None:
    lock_only(world, Target)
    answer = api(owner).delete(f"/api/v1/growth/{parent}s/{world.keys[parent]}/")
    assert answer.status_code == 409
    assert "would go with it" in answer.json()["detail"]
    assert Target.unscoped.filter(pk=world.row(Target).pk).exists()


def test_who_gets_a_locked_report_is_the_files_business(world: World, owner: User, api: Api) -> None:
    program, report = api(owner), world.row(Report).pk
    made = program.post("/api/v1/growth/recipients/", {"report": report, "user": owner.pk}, format="json")
    gone = program.delete(f"/api/v1/growth/recipients/{world.row(Recipient).pk}/")
    assert [answer.status_code for answer in (made, gone)] == [409, 409]
    assert [place.pk for place in Recipient.unscoped.all()] == [world.row(Recipient).pk]


def test_who_gets_an_unlocked_report_is_decided_by_hand(world: World, owner: User, api: Api) -> None:
    managed.set_lock(world.organisation, FILE, locked=False)
    program, report = api(owner), world.row(Report).pk
    made = program.post("/api/v1/growth/recipients/", {"report": report, "user": owner.pk}, format="json")
    assert made.status_code == 201
    assert program.delete(f"/api/v1/growth/recipients/{made.json()['id']}/").status_code == 204


def admin_screen(model: type[TenantModel], screen: str, *args: int) -> str:
    """Return the address of a screen of the admin."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{screen}", args=args)


@pytest.mark.parametrize("model", [*DESCRIBED.values(), Recipient])
def test_the_admin_shows_a_locked_row_and_changes_nothing(world: World, root: User, model: type[TenantModel]) -> None:
    visitor, pk = Visitor(root), world.row(model).pk
    change, delete = admin_screen(model, "change", pk), admin_screen(model, "delete", pk)
    shown = visitor.call("get", change)
    assert shown.status == 200
    assert 'name="_save"' not in shown.text
    answers: list[Seen] = [visitor.call("post", change), visitor.call("get", delete), visitor.call("post", delete)]
    assert [seen.status for seen in answers] == [403, 403, 403]
    assert [seen.wrote for seen in answers] == [(), (), ()]


@pytest.mark.parametrize("model", [Connection, Feed, Metric, Target, Report])
def test_the_admin_does_not_delete_locked_rows_in_one_go(
    world: World, root: User, client_of: SignedIn, model: type[TenantModel]
) -> None:
    row = world.row(model)
    sent = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    page = client_of(root).post(admin_screen(model, "changelist"), sent).content.decode()
    assert LOCKED in page
    assert model.unscoped.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", [Connection, Feed, Metric])
def test_the_admin_deletes_nothing_that_would_take_a_locked_target_along(
    world: World, root: User, client_of: SignedIn, model: type[TenantModel]
) -> None:
    lock_only(world, Target)
    row = world.row(model)
    page = client_of(root).post(admin_screen(model, "delete", row.pk), {"post": "yes"}).content.decode()
    assert "would go with it" in page
    assert model.unscoped.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", [Feed, Target])
def test_the_admin_pauses_what_is_not_locked(
    world: World, root: User, client_of: SignedIn, model: type[Feed | Target]
) -> None:
    client, pk = client_of(root), world.row(model).pk
    sent = {"action": "pause", "_selected_action": [pk]}
    client.post(admin_screen(model, "changelist"), sent)
    assert model.unscoped.filter(pk=pk, paused_at=None).exists()
    managed.set_lock(world.organisation, FILE, locked=False)
    client.post(admin_screen(model, "changelist"), sent)
    assert not model.unscoped.filter(pk=pk, paused_at=None).exists()


def test_the_admin_offers_no_locked_report_to_a_new_recipient(world: World, root: User, client_of: SignedIn) -> None:
    page = client_of(root).get(admin_screen(Recipient, "add"))
    assert list(page.context["adminform"].form.fields["report"].queryset) == []
    managed.set_lock(world.organisation, FILE, locked=False)
    page = client_of(root).get(admin_screen(Recipient, "add"))
    assert [row.pk for row in page.context["adminform"].form.fields["report"].queryset] == [world.row(Report).pk]

"""Walls: a link shows the chosen targets to whoever holds it, and nothing else; revoked, it shows nothing at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organisations.access import Access
from organisations.models import Organisation, User, hash_of
from targets.domain.terms import Status
from targets.models import Metric, Target, Wall
from targets.walls import hang
from tests.targets.pages.test_overview import copies
from tests.targets.stage import NOW, a_metric, a_target, friday  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
MOST_QUERIES = 5
Browser = Callable[[User], Client]


@pytest.fixture
def signups(organisation: Organisation) -> Metric:
    """Ten a day, for two months."""
    return a_metric(organisation, days=[10.0] * 60)


def a_wall(access: Access, **fields: str) -> str:
    """Hang a wall; returns the path of its link."""
    link = hang(access, Wall(**({"name": "Kitchen"} | fields)))
    return link.partition("//")[2].partition("/")[2].join(["/", ""])


def names_on(html: str) -> list[str]:
    return re.findall(r"<h2>([^<]+)</h2>", html)


def test_a_link_shows_names_numbers_and_statuses_to_anybody(access: Access, signups: Metric) -> None:
    a_target(signups, goal=400, name="Far")
    a_target(signups, goal=250, name="Near")
    html = Client().get(a_wall(access)).content.decode()
    assert names_on(html) == ["Far", "Near"]
    assert "Friday 20 November, 14:30. 1 of 2 needs attention" in html
    for words in ("190", "of at least 400", "−63 behind pace", "10 days left", "Behind"):
        assert words in html


def test_a_wall_leads_nowhere_and_says_nothing_about_sources_and_people(access: Access, signups: Metric) -> None:
    access.organisation.connections.create(name="Hush", kind="push")
    a_target(signups, goal=400, name="Far", owner=access.user)
    html = Client().get(a_wall(access)).content.decode()
    assert "<a " not in html
    assert "<form" not in html
    for secret in ("Hush", access.user.email, "Kitchen", "Sign-ups", "Typed in"):
        assert secret not in html


def test_a_wall_shows_its_own_organisation_team_and_tag_only(
    access: Access, signups: Metric, elsewhere: Organisation
) -> None:
    a_target(a_metric(elsewhere, days=[1.0] * 60), goal=400, name="Foreign", team="Growth")
    for name, team in (("Both", "Growth"), ("Team only", "Growth"), ("Tag only", "Support")):
        a_target(signups, goal=400, name=name, team=team)
    tag = access.organisation.tags.create(name="Launch")
    for name in ("Both", "Tag only"):
        access.rows(Target).get(name=name).tags.add(tag)
    assert names_on(Client().get(a_wall(access, team="Growth")).content.decode()) == ["Both", "Team only"]
    assert names_on(Client().get(a_wall(access, team="Growth", tag="Launch")).content.decode()) == ["Both"]


def test_a_wall_whose_tag_is_gone_shows_nothing_rather_than_everything(access: Access, signups: Metric) -> None:
    target = a_target(signups, goal=400, name="Far")
    target.tags.create(organisation=access.organisation, name="Launch")
    link = a_wall(access, tag="Launch")
    access.organisation.tags.all().delete()
    html = Client().get(link).content.decode()
    assert names_on(html) == []
    assert "There are no targets to show here." in html


def test_a_wrong_and_a_revoked_link_lead_nowhere(access: Access, signups: Metric) -> None:
    a_target(signups, goal=400)
    link = a_wall(access)
    assert Client().get("/wall/never-issued/").status_code == 404
    access.rows(Wall).delete()
    assert Client().get(link).status_code == 404


def test_only_the_hash_of_a_link_is_kept(access: Access) -> None:
    token = a_wall(access).split("/")[2]
    assert access.rows(Wall).get().token_hash == hash_of(token)
    assert token not in str(list(access.rows(Wall).values()))


def test_search_engines_and_caches_keep_out(access: Access) -> None:
    answer = Client().get(a_wall(access))
    assert 'name="robots" content="noindex' in answer.content.decode()
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]


def test_a_wall_is_dark_unless_it_is_asked_to_be_light(access: Access) -> None:
    link = a_wall(access)
    themes = [re.search(r'data-theme="(\w+)"', Client().get(link + query).content.decode()) for query in THEMES]
    assert [found and found.group(1) for found in themes] == list(THEMES.values())


THEMES = {"": "dark", "?theme=dark": "dark", "?theme=light": "light", "?theme=%22%3E": "dark"}


def test_a_wall_speaks_the_organisation_s_language_whoever_looks(access: Access) -> None:
    Organisation.objects.update(language="de")
    answer = Client().get(a_wall(access), headers={"Accept-Language": "en"})
    assert '<html lang="de"' in answer.content.decode()
    assert answer["Content-Language"] == "de"
    assert "Freitag" in answer.content.decode()


def test_a_screen_that_asks_is_noted_once_a_minute_at_most(access: Access) -> None:
    link = a_wall(access)
    with CaptureQueriesContext(connection) as queries:
        Client().get(link)
        Client().get(link)
    assert sum(query["sql"].startswith("UPDATE") for query in queries) == 1
    assert access.rows(Wall).get().shown_at == NOW
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        Client().get(link)
    assert access.rows(Wall).get().shown_at == NOW + timedelta(minutes=1)


def test_many_targets_cost_as_many_queries_as_one(access: Access, signups: Metric) -> None:
    target = a_target(signups, goal=400)
    link = a_wall(access)
    Client().get(link)
    with CaptureQueriesContext(connection) as few:
        Client().get(link)
    copies(target, 200)
    with CaptureQueriesContext(connection) as many:
        html = Client().get(link).content.decode()
    assert len(many) == len(few) <= MOST_QUERIES
    assert "The 120 most urgent of 201 are shown." in html


def test_urgent_ones_stand_on_every_page_and_the_others_take_turns(access: Access, signups: Metric) -> None:
    copies(a_target(signups, goal=250, name="Near"), 19)
    a_target(signups, goal=400, name="Far")
    html = Client().get(a_wall(access)).content.decode()
    pages = [found or "0" for found in re.findall(r'<li class="[\w-]+"(?: data-page="(\d+)")?>', html)]
    assert pages == ["0"] + ["1"] * 11 + ["2"] * 9
    assert 'data-pages="2"' in html


def test_a_dozen_fits_on_one_page(access: Access, signups: Metric) -> None:
    copies(a_target(signups, goal=400, name="Far"), 11)
    html = Client().get(a_wall(access)).content.decode()
    assert "data-page=" not in html
    assert 'class="shape-12"' in html


def test_more_urgent_ones_than_fit_leave_room_for_turns(access: Access, signups: Metric) -> None:
    copies(a_target(signups, goal=400, name="Far"), 19)
    html = Client().get(a_wall(access)).content.decode()
    pages = re.findall(r'data-page="(\d+)"', html)
    assert pages == [str(place // 8 + 1) for place in range(16)]


def test_paused_and_upcoming_targets_are_not_counted_as_running(access: Access, signups: Metric) -> None:
    target = a_target(signups, goal=400)
    Target.unscoped.filter(pk=target.pk).update(status=Status.PAUSED)
    assert "No target is running" in Client().get(a_wall(access)).content.decode()


def test_names_are_data_and_never_markup(access: Access, signups: Metric) -> None:
    a_target(signups, goal=400, name="<script>alert(1)</script>", team="<i>")
    assert "<script>alert" not in Client().get(a_wall(access, team="<i>")).content.decode()


def test_members_see_the_same_with_the_filters_of_the_list(
    viewer: User, client_of: Browser, signups: Metric, elsewhere: Organisation
) -> None:
    a_target(signups, goal=400, name="Far")
    a_target(signups, goal=250, name="Near")
    assert names_on(client_of(viewer).get("/growth/wall/").content.decode()) == ["Far", "Near"]
    assert names_on(client_of(viewer).get("/growth/wall/?status=behind").content.decode()) == ["Far"]
    assert client_of(viewer).get("/elsewhere/wall/").status_code == 404


def test_the_link_is_shown_once(owner: User, client_of: Browser, signups: Metric) -> None:
    a_target(signups, goal=400, name="Far", team="Growth")
    browser = client_of(owner)
    html = browser.post("/growth/walls/", {"name": "Kitchen", "team": "Growth", "tag": ""}).content.decode()
    found = re.search(r"https?://[^/]+(/wall/[\w-]+/)", html)
    assert found
    assert names_on(Client().get(found.group(1)).content.decode()) == ["Far"]
    again = browser.get("/growth/walls/").content.decode()
    assert "Kitchen" in again
    assert found.group(1) not in again


def test_what_is_missing_is_said_and_nothing_typed_is_lost(owner: User, client_of: Browser, signups: Metric) -> None:
    a_target(signups, goal=400, team="Growth")
    html = client_of(owner).post("/growth/walls/", {"name": "", "team": "Growth", "tag": ""}).content.decode()
    assert "There is a problem" in html
    assert '<option value="Growth" selected>' in html
    assert not Wall.unscoped.exists()


def test_a_wall_shows_only_teams_and_tags_that_are_there(
    owner: User, client_of: Browser, signups: Metric, elsewhere: Organisation
) -> None:
    theirs = a_target(a_metric(elsewhere, days=[1.0] * 60), goal=4, name="Foreign", team="Their team")
    theirs.tags.create(organisation=elsewhere, name="Their tag")
    browser = client_of(owner)
    html = browser.get("/growth/walls/").content.decode()
    assert "Their" not in html
    browser.post("/growth/walls/", {"name": "Kitchen", "team": "Their team", "tag": "Their tag"})
    assert not Wall.unscoped.exists()


def test_revoking_asks_by_name(owner: User, client_of: Browser, access: Access) -> None:
    link, wall, browser = a_wall(access), access.rows(Wall).get(), client_of(owner)
    address = f"/growth/walls/{wall.pk}/revoke/"
    assert "Revoke the link of “Kitchen”?" in browser.get(address).content.decode()
    assert "This is not its name." in browser.post(address, {"name": "Lobby"}).content.decode()
    assert Client().get(link).status_code == 200
    assert browser.post(address, {"name": "Kitchen"}).status_code == 302
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize("who", ["viewer", "editor"])
def test_links_are_for_those_who_manage(
    who: str, request: pytest.FixtureRequest, client_of: Browser, access: Access
) -> None:
    a_wall(access)
    browser, wall = client_of(request.getfixturevalue(who)), access.rows(Wall).get()
    assert browser.get("/growth/walls/").status_code == 403
    assert browser.post("/growth/walls/", {"name": "Mine"}).status_code == 403
    assert browser.post(f"/growth/walls/{wall.pk}/revoke/", {"name": "Kitchen"}).status_code == 403
    assert access.rows(Wall).count() == 1


def test_nobody_sees_or_revokes_walls_of_another_organisation(
    outsider: User, client_of: Browser, access: Access
) -> None:
    a_wall(access)
    wall, browser = access.rows(Wall).get(), client_of(outsider)
    assert "Kitchen" not in browser.get("/elsewhere/walls/").content.decode()
    assert browser.post(f"/elsewhere/walls/{wall.pk}/revoke/", {"name": "Kitchen"}).status_code == 404
    assert access.rows(Wall).exists()

"""What stands around every page: its language, its theme, its mark, and what an outsider is shown of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from http import HTTPStatus

import pytest
from django.contrib.staticfiles import finders
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from organisations import invitations
from organisations.access import Access
from organisations.models import Organisation, User
from organisations.pages import shell
from organisations.roles import Role
from trackerproject.settings import CONTENT_SECURITY_POLICY

SignedIn = Callable[[User], Client]
ACCOUNT = {"name": "Owner", "language": "", "theme": "", "time_zone": ""}
ADMIN_PAGES = [
    "/admin/",
    "/admin/organisations/organisation/",
    "/admin/organisations/organisation/add/",
    "/admin/organisations/user/",
    "/admin/organisations/user/add/",
    "/admin/organisations/membership/",
    "/admin/organisations/membership/add/",
    "/admin/targets/target/",
    "/admin/targets/target/add/",
    "/admin/targets/metric/add/",
    "/admin/connectors/feed/",
    "/admin/alerts/report/add/",
    "/admin/django_celery_beat/periodictask/add/",
]


class Head(HTMLParser):
    """Reads the head of a page: its meta elements by name or property, and its icons by rel."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.html: dict[str, str] = {}
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.html = found
        if tag == "meta":
            self.meta[found.get("name") or found.get("property") or ""] = found.get("content", "")
        if tag == "link":
            self.links[found["rel"]] = found["href"]
        without_source = tag == "script" and "src" not in found and found.get("type") != "application/json"
        if tag == "style" or without_source or any(name == "style" or name.startswith("on") for name in found):
            self.inline.append(f"<{tag} {found}>")


def head_of(client: Client, path: str) -> Head:
    """Open a page, wherever it leads, and read its head."""
    return Head(client.get(path, follow=True).content.decode())


# --- language ---------------------------------------------------------------------------------------------------------
def test_a_page_is_in_the_language_the_browser_asks_for(client: Client, owner: User) -> None:
    answer = client.get("/login/", headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"})
    assert Head(answer.content.decode()).html["lang"] == "de"
    assert (answer["Content-Language"], "Accept-Language" in answer["Vary"]) == ("de", True)


def test_an_unknown_language_is_answered_in_english(client: Client, owner: User) -> None:
    answer = client.get("/login/", headers={"Accept-Language": "fi"})
    assert Head(answer.content.decode()).html["lang"] == answer["Content-Language"] == "en-gb"


def test_before_signing_in_a_button_changes_the_language_and_the_way_stays(client: Client, owner: User) -> None:
    shared = "/login/?next=/growth/targets/7/"
    page = client.get(shared).content.decode()
    assert all(f'name="language" value="{code}"' in page for code in ("en-gb", "de"))
    answer = client.post(reverse("set_language"), {"language": "de", "next": shared})
    assert answer["Location"] == shared
    assert client.get(shared)["Content-Language"] == "de"


def test_nobody_is_led_to_another_site_by_the_choice_of_a_language(client: Client, owner: User) -> None:
    answer = client.post(reverse("set_language"), {"language": "de", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


def test_signed_in_the_language_is_chosen_in_the_account(client_of: SignedIn, owner: User) -> None:
    page = client_of(owner).get("/account/").content.decode()
    assert 'action="/language/"' not in page
    assert '<select name="language"' in page


def test_ones_own_language_shows_at_once_and_counts_more_than_the_browsers(client_of: SignedIn, owner: User) -> None:
    client = client_of(owner)
    assert client.post("/account/", ACCOUNT | {"language": "de"})["Location"] == "/account/"
    answer = client.get("/account/", headers={"Accept-Language": "en"})
    assert (answer["Content-Language"], Head(answer.content.decode()).html["lang"]) == ("de", "de")


def test_choosing_the_browsers_language_ends_every_earlier_choice(client_of: SignedIn, owner: User) -> None:
    client = client_of(owner)
    client.post(reverse("set_language"), {"language": "de", "next": "/"})
    assert client.get("/account/", headers={"Accept-Language": "en"})["Content-Language"] == "de"
    client.post("/account/", ACCOUNT)
    assert client.get("/account/", headers={"Accept-Language": "en"})["Content-Language"] == "en-gb"


def test_a_language_that_is_not_offered_is_refused(client_of: SignedIn, owner: User) -> None:
    page = client_of(owner).post("/account/", ACCOUNT | {"language": "xx"}).content.decode()
    assert "There is a problem" in page
    assert Head(page).html["lang"] == "en-gb"
    owner.refresh_from_db()
    assert owner.language == ""


def test_an_invitation_speaks_the_organisations_language_not_the_senders(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[str] = []

    def noting(template: str, context: object) -> str:
        from django.utils.translation import get_language

        spoken.append(get_language())
        return str(render_to_string(template, context))  # type: ignore[arg-type]  # as it was given

    monkeypatch.setattr(invitations, "render_to_string", noting)
    access.organisation.language = "de"
    now = access.organisation.created_at
    invitation, token = invitations.invite(access, email="new@growth.example", role=Role.VIEWER, now=now)
    invitations.send(invitation, token)
    assert spoken == ["de", "de"]
    assert len(mail.outbox) == 1


# --- theme and time zone ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_ones_own_theme_is_there_before_any_script(client_of: SignedIn, owner: User, theme: str) -> None:
    client = client_of(owner)
    client.post("/account/", ACCOUNT | {"theme": theme})
    page = client.get("/account/").content.decode()
    assert Head(page).html["data-theme"] == theme
    assert f'media="all" data-scheme="{theme}"' in page


def test_without_a_choice_the_system_decides(client_of: SignedIn, owner: User) -> None:
    page = client_of(owner).get("/account/").content.decode()
    assert "data-theme" not in Head(page).html
    assert 'media="(prefers-color-scheme: dark)" data-scheme="dark"' in page


def test_clock_times_are_in_ones_own_zone_and_else_in_the_organisations(client_of: SignedIn, access: Access) -> None:
    assert access.zone.key == "Europe/Berlin"
    client_of(access.user).post("/account/", ACCOUNT | {"time_zone": "Asia/Tokyo"})
    access.user.refresh_from_db()
    assert access.zone.key == "Asia/Tokyo"
    page = client_of(access.user).post("/account/", ACCOUNT | {"time_zone": "Atlantis/Capital"}).content.decode()
    assert "There is a problem" in page


# --- what outsiders, search engines and phones are shown --------------------------------------------------------------
@pytest.mark.parametrize("path", ["/growth/", "/growth/targets/1/", "/growth/settings/people/", "/nowhere/"])
def test_a_shared_link_previews_as_the_product_and_nothing_behind_it(
    client: Client, organisation: Organisation, elsewhere: Organisation, owner: User, path: str, settings: Settings
) -> None:
    head = head_of(client, path)
    previewed = {name: value for name, value in head.meta.items() if name.startswith(("og:", "twitter:"))}
    assert previewed["og:title"] == "Waymark"
    assert previewed["og:image"] == f"{settings.SITE_URL}/static/icons/preview.png"
    assert previewed["twitter:card"] == "summary_large_image"
    assert not [words for words in [*head.meta.values(), *head.links.values()] if "growth" in words.lower()]


def test_an_invitation_previews_as_the_product_too(client: Client, access: Access) -> None:
    now = access.organisation.created_at
    _, token = invitations.invite(access, email="new@growth.example", role=Role.VIEWER, now=now)
    head = head_of(client, reverse("invitation", args=[token]))
    assert head.meta["robots"] == "noindex, nofollow"
    assert not [words for words in head.meta.values() if "growth" in words.lower()]


def test_signed_in_nothing_is_previewed(client_of: SignedIn, owner: User) -> None:
    head = head_of(client_of(owner), "/growth/settings/")
    assert not [name for name in head.meta if name.startswith(("og:", "twitter:"))]
    assert "growth" not in head.meta["description"].lower()


def test_the_sign_in_page_may_be_found_and_the_secret_links_may_not(client: Client, owner: User) -> None:
    assert "robots" not in head_of(client, "/login/").meta
    for path in ("/invitations/never-issued/", "/account/reset/1-never-issued/"):
        assert head_of(client, path).meta["robots"] == "noindex, nofollow", path


def test_search_engines_are_kept_from_what_is_no_page(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    assert {"Disallow: /admin/", "Disallow: /api/"} <= set(answer.content.decode().splitlines())
    assert "Disallow: /\n" not in answer.content.decode()


def test_every_icon_that_is_named_is_there(client: Client) -> None:
    manifest = client.get("/manifest.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    named = [icon["src"] for icon in json.loads(manifest.content)["icons"]]
    named += [client.get("/favicon.ico")["Location"], "/static/favicon.svg", "/static/icons/touch-180.png"]
    missing = [address for address in named if finders.find(address.removeprefix("/static/")) is None]
    assert missing == []
    assert "manifest-src" in CONTENT_SECURITY_POLICY["DIRECTIVES"]


def test_every_page_has_a_title_of_its_own_with_the_organisation_in_it(client_of: SignedIn, owner: User) -> None:
    client = client_of(owner)
    inside = ["settings/", "settings/people/", "settings/keys/", "settings/delete/", "settings/people/leave/"]
    titles = [title_of(client.get(f"/growth/{path}").content.decode()) for path in inside]
    assert all(title.endswith(" · Growth · Waymark") for title in titles), titles
    titles += [title_of(client.get(path).content.decode()) for path in ("/account/", "/organisations/new/")]
    assert len(set(titles)) == len(titles)


def test_a_refused_form_says_so_in_the_title(client: Client, owner: User) -> None:
    page = client.post("/login/", {"login": owner.email, "password": "wrong"}).content.decode()
    assert title_of(page) == "Error: Sign in · Waymark"


def title_of(page: str) -> str:
    """Return the title of a page."""
    found = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert found
    return found[1].strip()


# --- errors -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [400, 403, 404, 429])
def test_every_error_has_words_and_a_way_on(status: int, owner: User) -> None:
    request = RequestFactory().get("/")
    request.user = owner
    page = render_to_string(f"{status}.html", {**shell(request), "user": owner}, request=request)
    assert HTTPStatus(status).phrase not in page
    assert re.search(r"<h1>\s*\S", page)
    assert 'class="btn" href="/"' in page


def test_the_page_of_a_breakdown_needs_neither_database_nor_stored_files(settings: Settings) -> None:
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "nowhere.Broken"}}
    page = render_to_string("500.html")
    assert "Something broke on our side" in page
    assert 'href="/static/css/app.css"' in page
    assert 'href="/"' in page


def test_a_form_from_another_window_is_explained(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/login/", {"login": owner.email, "password": "x"})
    assert page.status_code == 403
    assert "Please send it again" in page.content.decode()


# --- the admin in the same dress --------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_the_admin_wears_the_products_dress_and_keeps_its_content_policy(
    client_of: SignedIn, superuser: User, path: str
) -> None:
    answer = client_of(superuser).get(path)
    head = Head(answer.content.decode())
    assert answer.status_code == 200
    assert head.inline == []
    assert head.links["manifest"] == "/manifest.webmanifest"
    assert "css/admin.css" in answer.content.decode()
    assert "css/dark_mode.css" not in answer.content.decode()
    assert title_of(answer.content.decode()).endswith("Administration · Waymark")
    assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_the_admin_knows_ones_own_theme(client_of: SignedIn, superuser: User) -> None:
    superuser.theme = "dark"
    superuser.save()
    assert head_of(client_of(superuser), "/admin/").meta["person-theme"] == "dark"


def test_the_admin_lists_nothing_that_is_not_used(client_of: SignedIn, superuser: User) -> None:
    client = client_of(superuser)
    assert "Groups" not in client.get("/admin/").content.decode()
    assert client.get("/admin/auth/group/").status_code == 404


def test_the_admin_leads_back_to_the_pages(client_of: SignedIn, superuser: User) -> None:
    page = client_of(superuser).get("/admin/").content.decode()
    assert '<a href="/">View site</a>' in page
    assert '<a href="/account/">' in page

"""The overview: the answer first, every target in its place, and as fast with many as with few."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from connectors.models import Connection, Feed
from organisations.models import Organisation, User
from targets.filters import Filters
from targets.models import Metric, Target
from tests.targets.stage import NOW, a_feed, a_metric, a_target, friday  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
MOST_QUERIES = 10
MOST_BYTES = 400_000
STEADY = [10.0] * 60
Browser = Callable[[User], Client]


@pytest.fixture
def signups(organisation: Organisation) -> Metric:
    """Ten a day, for two months."""
    return a_metric(organisation, days=STEADY)


@pytest.fixture
def visitor(owner: User, client_of: Browser) -> Client:
    """The owner's browser, which has been here before."""
    client = client_of(owner)
    client.get("/growth/")
    return client


def page(visitor: Client, query: str = "") -> str:
    response = visitor.get(f"/growth/{query}")
    assert response.status_code == 200
    return response.content.decode()


def copies(target: Target, number: int) -> None:
    """Put more targets beside one, each with the same verdict."""
    fields = {field.name: getattr(target, field.name) for field in Target._meta.concrete_fields if field.name != "id"}
    Target.unscoped.bulk_create(Target(**fields | {"name": f"Target {place}"}) for place in range(number))


def test_an_empty_organisation_is_welcomed_with_three_starts(visitor: Client) -> None:
    html = page(visitor)
    for start in ("Show me sample targets", "Connect an API", "Type a number"):
        assert start in html


def test_a_viewer_is_not_offered_what_they_may_not_do(viewer: User, client_of: Browser) -> None:
    html = page(client_of(viewer))
    assert "<form" not in html.split("<main")[1]
    assert "has no targets yet" in html


def test_the_answer_comes_first(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=400, name="Far")
    a_target(signups, goal=250, name="Near")
    html = page(visitor)
    assert "1 of 2 targets needs attention." in html
    assert "Far is 63 behind pace" in html


def test_if_all_is_well_the_closest_call_is_named(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=250, name="Near")
    html = page(visitor)
    assert "The only target is on track." in html
    assert "The closest call is Near" in html


def test_the_most_urgent_stand_on_top(visitor: Client, signups: Metric) -> None:
    for name, goal in (("Done", 100), ("Fine", 250), ("Far", 400)):
        a_target(signups, goal=goal, name=name)
    html = page(visitor)
    assert re.findall(r'targets/\d+/">(\w+)<', html) == ["Far", "Fine", "Done"]
    titles = re.findall(r'rowheader">([^<]+)</th></tr>', html)
    assert titles == ["Needs attention", "Going to plan", "Done"]


def test_counts_are_filters(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=400, name="Far", team="Growth")
    a_target(signups, goal=250, name="Near")
    assert 'id="show-behind" href="?status=behind&amp;team=Growth"' in page(visitor, "?team=Growth")
    html = page(visitor, "?status=behind")
    assert "Far" in html
    assert "Near</a>" not in html


def counted(html: str) -> dict[str, str]:
    """Return the counts above the list, by what they count."""
    return dict(re.findall(r'id="show-(\w+)"[^>]*>(?:<svg.*?</svg>)?<b>([^<]+)</b>', html))


def test_counts_follow_the_other_filters_and_the_sentence_does_not(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=400, name="Far", team="Growth")
    a_target(signups, goal=250, name="Near", team="Growth")
    a_target(signups, goal=410, name="Farther", team="Support")
    html = page(visitor, "?team=Growth&status=behind")
    assert counted(html) == {"all": "2", "behind": "1", "on_track": "1"}
    assert "2 of 3 targets need attention." in html
    assert counted(page(visitor, "?team=Support")) == {"all": "1", "behind": "1", "on_track": "0"}


def test_a_tag_narrows_the_list_and_is_offered_while_a_target_carries_it(visitor: Client, signups: Metric) -> None:
    far, _near = a_target(signups, goal=400, name="Far"), a_target(signups, goal=250, name="Near")
    far.tags.create(organisation=signups.organisation, name="Launch")
    signups.organisation.tags.create(name="Idle")
    html = page(visitor, "?tag=Launch")
    assert (">Far</a>" in html, ">Near</a>" in html) == (True, False)
    assert "<option selected>Launch</option>" in html
    assert "Idle" not in html


def test_a_tag_of_another_organisation_is_neither_offered_nor_found(
    visitor: Client, signups: Metric, elsewhere: Organisation
) -> None:
    a_target(signups, goal=400, name="Far")
    theirs = a_target(a_metric(elsewhere, days=STEADY), goal=400, name="Theirs")
    theirs.tags.create(organisation=elsewhere, name="Secret launch")
    assert "Secret launch" not in page(visitor)
    assert "Theirs" not in page(visitor, "?tag=Secret+launch")


def test_a_swap_gets_the_whole_page_and_an_address_without_empty_fields(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=400, name="Far", team="Growth")
    answer = visitor.get("/growth/?status=&q=&team=Growth&period=", headers={"HX-Request": "true"})
    assert answer["HX-Push-Url"] == "/growth/?team=Growth"
    assert "<!doctype html>" in answer.content.decode()
    assert visitor.get("/growth/?q=", headers={"HX-Request": "true"})["HX-Push-Url"] == "/growth/"


def test_how_many_are_shown_is_said_to_those_who_do_not_see_it(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=400, name="Far")
    a_target(signups, goal=250, name="Near")
    assert 'role="status">2 targets are shown.</p>' in page(visitor)
    assert 'role="status">1 target is shown.</p>' in page(visitor, "?status=behind")


def test_the_wall_is_one_click_away_for_everybody(
    visitor: Client, viewer: User, client_of: Browser, signups: Metric
) -> None:
    a_target(signups, goal=400, name="Far", team="Growth")
    assert 'href="/growth/walls/">Wall view' in page(visitor)
    assert 'href="/growth/wall/?team=Growth">Wall view' in page(client_of(viewer), "?team=Growth")


@pytest.mark.parametrize("query", ["?q=fa", "?team=Growth", "?period=quarter", "?q=SIGN&team=Growth"])
def test_search_team_and_period_narrow_the_list(visitor: Client, signups: Metric, query: str) -> None:
    a_target(signups, goal=400, name="Far", team="Growth", period="quarter")
    a_target(signups, goal=250, name="Near", team="Support")
    html = page(visitor, query)
    assert ">Far</a>" in html
    assert ">Near</a>" not in html


def test_a_filter_that_finds_nothing_says_what_was_looked_for(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=250, name="Near", team="Finance").tags.create(organisation=signups.organisation, name="Cash")
    html = page(visitor, "?status=behind&team=Finance")
    assert "No target is “Behind” in Finance." in html
    assert "That is good news." in html
    assert "Show all targets" in html


def test_where_there_are_no_targets_at_all_none_behind_is_no_news(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=250, name="Near", team="Finance")
    html = page(visitor, "?status=behind&team=Support")
    assert "No target is “Behind” in Support." in html
    assert "good news" not in html


def test_a_tag_is_named_where_nothing_was_found(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=250, name="Near", team="Finance").tags.create(organisation=signups.organisation, name="Cash")
    assert "No target with the tag “Cash” is “Behind” in Finance." in page(
        visitor, "?status=behind&team=Finance&tag=Cash"
    )


def test_a_search_in_vain_repeats_what_was_searched_for(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=250, name="Near")
    html = page(visitor, "?status=behind&q=zebra")
    assert "The search was for “zebra”. Try another word, or fewer filters." in html
    assert "good news" not in html


def test_an_unknown_status_finds_nothing_and_breaks_nothing(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=250)
    assert "No target was found." in page(visitor, "?status=nonsense")


def test_a_sign_that_no_database_takes_is_not_searched_for(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=250, name="Near")
    assert Filters.of({"q": "ne\0ar", "team": "\0"}) == Filters(q="near")
    assert ">Near</a>" in page(visitor, "?q=ne%00ar")


def test_sixty_targets_cost_as_many_queries_as_two(visitor: Client, signups: Metric) -> None:
    target = a_target(signups, goal=400)
    a_target(signups, goal=250, name="Near")
    with CaptureQueriesContext(connection) as few:
        page(visitor)
    copies(target, 58)
    with CaptureQueriesContext(connection) as many:
        html = page(visitor)
    assert len(many) == len(few) <= MOST_QUERIES
    assert len(html.encode()) < MOST_BYTES
    assert "1 to 50 of 60" in html


def test_filters_cost_one_query_more(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=400, team="Growth").tags.create(organisation=signups.organisation, name="Launch")
    with CaptureQueriesContext(connection) as queries:
        page(visitor, "?team=Growth&tag=Launch&status=behind")
    assert len(queries) <= MOST_QUERIES + 1


def test_the_heavy_track_is_never_read_for_a_list(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=400)
    with CaptureQueriesContext(connection) as queries:
        page(visitor)
    assert not any('"targets_target"."track"' in query["sql"] for query in queries)


def test_the_second_page_keeps_the_filter(visitor: Client, signups: Metric) -> None:
    copies(a_target(signups, goal=400), 60)
    assert 'href="?status=behind&amp;page=2"' in page(visitor, "?status=behind")
    assert "51 to 61 of 61" in page(visitor, "?status=behind&page=2")


def test_the_download_runs_nothing_in_a_spreadsheet(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=400, name="=1+1", team="@team")
    a_target(signups, goal=-5, name="Down", comparison="at_most")
    response = visitor.get("/growth/targets.csv")
    text = response.content.decode()
    assert "'=1+1,'@team" in text
    assert ",-5.0," in text
    assert "attachment" in response["Content-Disposition"]


def test_the_download_says_what_the_list_says_and_where_to_read_on(
    visitor: Client, signups: Metric, settings: Settings
) -> None:
    settings.SITE_URL = "https://waymark.example"
    target = a_target(signups, goal=400, name="Far")
    for name in ("Launch", "Spring"):
        target.tags.create(organisation=signups.organisation, name=name)
    text = visitor.get("/growth/targets.csv").content.decode("utf-8-sig")
    (line,) = csv.DictReader(text.splitlines())
    assert (line["Tags"], line["Likely finish"]) == ("Launch, Spring", "300.0")
    assert line["Link"] == f"https://waymark.example/growth/targets/{target.pk}/"
    assert (line["Period from"], line["Period until"]) == ("2026-11-01", "2026-11-30")


def test_an_early_estimate_has_no_chance_in_the_list_nor_in_the_download(
    visitor: Client, organisation: Organisation
) -> None:
    a_target(a_metric(organisation, "New", days=[10.0] * 3), goal=50, name="New")
    html, text = page(visitor), visitor.get("/growth/targets.csv").content.decode("utf-8-sig")
    (line,) = csv.DictReader(text.splitlines())
    assert "% chance" not in html
    assert not line["Chance"]
    assert float(line["Likely finish"]) > 50


def test_the_download_of_many_costs_as_many_queries_as_of_one(visitor: Client, signups: Metric) -> None:
    target = a_target(signups, goal=400)
    with CaptureQueriesContext(connection) as few:
        visitor.get("/growth/targets.csv")
    copies(target, 58)
    with CaptureQueriesContext(connection) as many:
        visitor.get("/growth/targets.csv")
    assert len(many) == len(few)


def test_the_download_is_filtered_like_the_list(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=400, name="Far")
    a_target(signups, goal=250, name="Near")
    assert "Near" not in visitor.get("/growth/targets.csv?status=behind").content.decode()


def test_names_are_data_and_never_markup(visitor: Client, organisation: Organisation) -> None:
    metric = a_metric(organisation, days=STEADY, unit="<b>")
    a_target(metric, goal=400, name="<script>alert(1)</script>", team="<i>")
    html = page(visitor)
    assert "<script>alert" not in html
    assert "<b>63" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_foot_says_how_fresh_it_is(visitor: Client, organisation: Organisation) -> None:
    feed = asked_feed(organisation)
    Feed.unscoped.filter(pk=feed.pk).update(collected_at=NOW - timedelta(minutes=2), health="fresh")
    a_target(a_metric(organisation, feed=feed, days=STEADY), goal=250)
    assert "Checked 2 minutes ago. 1 of 1 source answers." in page(visitor)


def test_where_every_check_is_paused_the_foot_says_so(visitor: Client, organisation: Organisation) -> None:
    feed = asked_feed(organisation)
    Feed.unscoped.filter(pk=feed.pk).update(paused_at=NOW)
    a_target(a_metric(organisation, feed=feed, days=STEADY), goal=250)
    html = page(visitor)
    assert "All checks are paused: nobody is asked at present." in html
    assert "typed in or pushed" not in html


def test_a_source_that_needs_a_key_is_named_where_everybody_looks(
    visitor: Client, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = asked_feed(organisation)
    Feed.unscoped.filter(pk=feed.pk).update(collected_at=NOW, health="unauthorised")
    a_target(a_metric(organisation, feed=feed, days=STEADY), goal=250)
    html = page(visitor)
    assert "0 of 1 source answers;" in html
    assert "Billing needs a new key" in html


def test_a_scheduler_that_stands_still_is_said(
    visitor: Client, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = asked_feed(organisation, due_at=NOW - timedelta(hours=1))
    a_target(a_metric(organisation, feed=feed, days=STEADY), goal=250)
    assert "Nothing is being collected" in page(visitor)
    Feed.unscoped.filter(pk=feed.pk).update(due_at=NOW + timedelta(hours=1))
    assert "Nothing is being collected" not in page(visitor)


def test_samples_can_be_told_from_real_targets(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=250)
    assert "These are sample targets" not in page(visitor)
    Connection.unscoped.update(is_sample=True)
    assert "Remove the samples" in page(visitor)


def test_the_frame_offers_every_organisation_and_the_way_out(
    visitor: Client, owner: User, elsewhere: Organisation
) -> None:
    elsewhere.memberships.create(user=owner, role="viewer")
    html = page(visitor)
    assert 'href="/elsewhere/"' in html
    assert 'action="/logout/"' in html
    assert re.search(r'href="/growth/" aria-current="true"', html)


def asked_feed(organisation: Organisation, **fields: object) -> Feed:
    """Return a feed of a source that is really asked."""
    return a_feed(organisation, name="Billing", kind="http", every=60, **fields)


def test_a_row_says_from_when_its_value_is_while_the_source_does_not_answer(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=400)
    Feed.unscoped.filter(pk=signups.feed_id).update(health="failing", answered_at=NOW - timedelta(days=2))
    html = page(visitor)
    assert '<span class="sub stale">last answer 18 Nov 14:30</span>' in html
    assert '<span class="big-n">190</span>' in html
    Feed.unscoped.filter(pk=signups.feed_id).update(health="fresh", answered_at=NOW)
    assert "last answer" not in page(visitor)

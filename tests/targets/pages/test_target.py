"""The page of one target: why it stands where it stands, what has been, and what can be done."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from connectors.models import Feed
from organisations.models import Organisation, User
from targets.models import Metric, PeriodResult, Target
from targets.pages.awaited import as_asked
from tests.targets.stage import NOW, a_feed, a_metric, a_target, friday  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
STEADY = [10.0] * 120
Browser = Callable[[User], Client]


@pytest.fixture
def signups(organisation: Organisation) -> Metric:
    """Ten a day, for four months."""
    return a_metric(organisation, days=STEADY)


@pytest.fixture
def far(signups: Metric) -> Target:
    """A target that is far away."""
    return a_target(signups, goal=400, name="Far", team="Growth")


@pytest.fixture
def visitor(owner: User, client_of: Browser) -> Client:
    """The owner's browser, which has been here before."""
    client = client_of(owner)
    client.get("/growth/")
    return client


def page(visitor: Client, path: str) -> str:
    response = visitor.get(f"/growth/targets/{path}")
    assert response.status_code == 200
    return response.content.decode()


def figures(html: str) -> dict[str, tuple[str, str]]:
    found = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)<small>([^<]*)</small>", html)
    return {label: (value, context) for label, value, context in found}


def chart_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script id="chart-data" type="application/json">(.+?)</script>', html)
    assert found is not None
    return dict(json.loads(found[1]))


def asked(metric: Metric, **fields: object) -> Feed:
    """Turn the metric's source into one that is really asked."""
    feed = a_feed(metric.organisation, name="Billing", kind="http", every=60, **fields)
    metric.feed = feed
    metric.save(update_fields=["feed"])
    return feed


def test_it_opens_with_the_answer_and_four_figures(visitor: Client, far: Target) -> None:
    html = page(visitor, f"{far.pk}/")
    assert "<strong>&lt;1% chance of reaching 400 by 30 November.</strong>" in html
    assert figures(html) == {
        "Actual": ("190", "48% of at least 400"),
        "Against pace": ("−63", "behind pace; pace for now is 253"),
        "Likely finish": ("300", "8 in 10: 300 to 300"),
        "Needed from now": ("19.1", "a day; the last four weeks ran at 10.0"),
    }


def test_a_limit_leaves_room_instead_of_asking_for_more(visitor: Client, signups: Metric) -> None:
    html = page(visitor, f"{a_target(signups, goal=400, comparison='at_most').pk}/")
    assert figures(html)["Room from now"][0] == "19.1"
    assert "Limit</li>" in html


def test_a_mean_inside_its_range_needs_nothing(visitor: Client, organisation: Organisation) -> None:
    metric = a_metric(organisation, "Temperature", days=[21.5] * 60, value_kind="level", unit="°C", decimals=1)
    inside = a_target(metric, goal=21, goal_upper=23, aggregation="mean", comparison="within")
    found = figures(page(visitor, f"{inside.pk}/"))
    assert "Needed from now" not in found
    assert found["Room in the range"] == ("0.5\u00a0°C", "within the range; the nearer end is 21.0\u00a0°C")
    assert found["Time left"][0] == "10 days"
    outside = a_target(metric, goal=22, goal_upper=23, aggregation="mean", comparison="within", name="Warmer")
    found = figures(page(visitor, f"{outside.pk}/"))
    assert found["Against the range"] == ("−0.5\u00a0°C", "under the range")
    assert found["Needed from now"][1] == "on average, for the middle of the range"


def test_what_is_decided_has_no_forecast_beside_it(visitor: Client, signups: Metric) -> None:
    met = a_target(signups, goal=150, name="Met")
    assert met.track is not None
    assert met.track["bands"]
    html = page(visitor, f"{met.pk}/")
    assert figures(html)["Likely finish"] == ("–", "decided already")
    assert chart_of(html)["bands"] == []
    assert "outcomes" not in html


def test_a_mean_shows_the_days_it_is_made_of(visitor: Client, organisation: Organisation) -> None:
    metric = a_metric(organisation, "Reply", days=[4.0, 6.0] * 30, value_kind="level", unit="h", decimals=1)
    drawn = chart_of(page(visitor, f"{a_target(metric, goal=5, aggregation='mean', comparison='at_most').pk}/"))
    assert drawn["words"]["actual"] == "Mean so far"
    assert drawn["daily"][:4] == [6.0, 4.0, 6.0, 4.0]
    assert drawn["daily"][-1] is None
    latest = chart_of(page(visitor, f"{a_target(metric, goal=5, aggregation='latest', name='Last').pk}/"))
    assert (latest["words"]["actual"], latest["daily"]) == ("Actual", [])


def test_a_value_that_just_missed_is_not_written_as_the_goal(visitor: Client, organisation: Organisation) -> None:
    metric = a_metric(organisation, "Reply", days=[4.14] * 120, value_kind="level", unit="h", decimals=1)
    html = page(visitor, f"{a_target(metric, goal=4.1, aggregation='mean', comparison='at_most').pk}/")
    assert re.search(r"October 2026</a>.*?4\.14\u00a0h.*?\+0\.04\u00a0h", html, re.DOTALL)


def test_a_level_is_held_against_the_goal(visitor: Client, organisation: Organisation) -> None:
    metric = a_metric(organisation, "Uptime", days=[99.9] * 60, value_kind="level", unit="%", decimals=1)
    found = figures(page(visitor, f"{a_target(metric, goal=99.5, aggregation='latest').pk}/"))
    assert found["Against the goal"] == ("+0.4\u00a0pt", "above target")
    assert found["Time left"] == ("10 days", "until 30 November")


def test_a_level_to_be_held_is_described_without_a_pace_as_its_figures_are(
    visitor: Client, organisation: Organisation
) -> None:
    metric = a_metric(organisation, "Uptime", days=[99.9] * 60, value_kind="level", unit="%", decimals=1)
    html = page(visitor, f"{a_target(metric, goal=99.5, name='Uptime', aggregation='latest').pk}/")
    assert "Against pace" not in html
    assert "The value is 99.9%. In 8 of 10" in html


def test_the_chart_and_its_address_tell_the_same_numbers(visitor: Client, far: Target) -> None:
    drawn = chart_of(page(visitor, f"{far.pk}/"))
    assert visitor.get(f"/growth/targets/{far.pk}/chart.json").json() == drawn
    assert (drawn["start"], drawn["today"], drawn["actual"][18]) == ("2026-11-01", 18, 190)


def test_without_a_script_the_table_says_what_the_chart_shows(visitor: Client, far: Target) -> None:
    html = page(visitor, f"{far.pk}/")
    day = f'<a href="/growth/targets/{far.pk}/readings/?day=2026-11-19">19 Nov</a>'
    assert f'<tr class="today"><th scope="row">{day}</th><td class="num">190</td><td class="num">253</td>' in html
    assert "Line chart of Far, 1 November to 30 November 2026. The value is 190 against a pace of 253." in html


def test_why_is_one_click_away_with_the_organisations_own_rule(visitor: Client, far: Target) -> None:
    Organisation.objects.update(on_track_from=80, at_risk_from=20)
    html = page(visitor, f"{far.pk}/")
    assert "<summary>Why behind?</summary><p>Behind: the chance is &lt;1%, under 20%.</p>" in html
    assert "The rule: on track from a chance of 80%, at risk from 20%, behind below that." in html


def test_earlier_periods_keep_the_goal_they_had(visitor: Client, far: Target) -> None:
    PeriodResult.unscoped.filter(target=far, starts_on="2026-10-01").update(goal=300)
    html = page(visitor, f"{far.pk}/")
    assert re.search(
        r'2026-10-01/">October 2026</a>.*?<td class="num">310<.*?of 300<.*?<td class="num hide-s">300</td>',
        html,
        re.DOTALL,
    )


def test_a_restated_period_says_what_stood_there_before(visitor: Client, far: Target) -> None:
    results = PeriodResult.unscoped.filter(target=far, starts_on="2026-10-01")
    results.update(restated_at=NOW, first_status="met", first_value=410)
    assert "restated 20 Nov; was “Met” at 410" in page(visitor, f"{far.pk}/")


def test_a_closed_period_is_shown_as_it_ended(visitor: Client, far: Target) -> None:
    html = page(visitor, f"{far.pk}/2026-10-01/")
    assert "Missed by 90." in html
    assert chart_of(html)["bands"] == []
    assert figures(html)["Final"][0] == "310"
    assert "Check now" not in html
    assert f'href="/growth/targets/{far.pk}/2026-09-01/"' in html
    assert f'href="/growth/targets/{far.pk}/" aria-label="Next period, Now"' in html


@pytest.mark.parametrize("period", ["2020-01-01", "yesterday", "2026-13-01"])
def test_a_period_that_never_was_is_not_found(visitor: Client, far: Target, period: str) -> None:
    assert visitor.get(f"/growth/targets/{far.pk}/{period}/").status_code == 404
    assert visitor.get(f"/growth/targets/{far.pk}/chart.json?period={period}").status_code == 404


def test_another_organisations_target_is_not_found(outsider: User, client_of: Browser, far: Target) -> None:
    client = client_of(outsider)
    assert client.get(f"/growth/targets/{far.pk}/").status_code == 404
    assert client.get(f"/elsewhere/targets/{far.pk}/").status_code == 404


def test_check_now_makes_the_source_due_and_waits_for_the_answer(visitor: Client, far: Target) -> None:
    feed = asked(far.metric, due_at=NOW + timedelta(hours=1))
    response = visitor.post(f"/growth/targets/{far.pk}/check/", follow=True)
    feed.refresh_from_db()
    html = response.content.decode()
    assert feed.due_at == NOW
    assert "Asking Billing now. The answer appears here in a moment." in html
    assert f'hx-get="/growth/targets/{far.pk}/?asked={as_asked(NOW)}"' in html


@pytest.mark.parametrize(
    ("outcome", "fields", "sentence"),
    [
        ("ok", {"observations": 12}, "Billing answered: 12 readings."),
        ("failed", {}, "Billing did not answer."),
    ],
)
def test_the_answer_of_a_check_that_was_asked_for_is_said(
    visitor: Client, far: Target, outcome: str, fields: dict[str, int], sentence: str
) -> None:
    feed = asked(far.metric)
    feed.collections.create(started_at=NOW, finished_at=NOW, outcome=outcome, **fields)
    html = page(visitor, f"{far.pk}/?asked={as_asked(NOW)}")
    assert sentence in html
    assert f'hx-get="/growth/targets/{far.pk}/" hx-trigger="load" hx-target="#target"' in html


def test_a_check_that_had_just_begun_is_not_the_answer(visitor: Client, far: Target) -> None:
    feed = asked(far.metric)
    feed.collections.create(started_at=NOW - timedelta(milliseconds=5), finished_at=NOW, outcome="ok", observations=12)
    assert "Asking Billing now." in page(visitor, f"{far.pk}/?asked={as_asked(NOW)}")


def test_nobody_waits_for_a_check_for_more_than_a_minute(visitor: Client, far: Target) -> None:
    asked(far.metric)
    html = page(visitor, f"{far.pk}/?asked={as_asked(NOW - timedelta(seconds=90))}")
    assert "Billing has not been asked yet: the checks are running late." in html
    assert "load delay" not in html


@pytest.mark.parametrize("said", ["", "yesterday", "-5", "9" * 30, "²", str(as_asked(NOW) + 60_000)])
def test_an_address_that_asks_for_nothing_sensible_waits_for_nothing(visitor: Client, far: Target, said: str) -> None:
    asked(far.metric)
    assert 'class="notice asking' not in page(visitor, f"{far.pk}/?asked={said}")


def test_a_paused_source_is_not_asked(visitor: Client, far: Target) -> None:
    asked(far.metric, paused_at=NOW)
    html = visitor.post(f"/growth/targets/{far.pk}/check/", follow=True).content.decode()
    assert "is paused" in html
    assert 'class="notice asking' not in html


def test_the_first_check_is_announced(visitor: Client, far: Target) -> None:
    asked(far.metric, due_at=NOW + timedelta(minutes=45))
    assert "The first check runs today at 15:15." in page(visitor, f"{far.pk}/")


def test_checks_are_logged_six_at_a_time(visitor: Client, far: Target) -> None:
    feed = asked(far.metric)
    for place in range(8):
        started = NOW - timedelta(hours=place)
        outcome = "failed" if place == 0 else "ok"
        took = timedelta(milliseconds=212)
        problem = {"code": "told", "data": {"text": "Timed out"}} if place == 0 else {}
        feed.collections.create(started_at=started, finished_at=started + took, outcome=outcome, problem=problem)
    html = page(visitor, f"{far.pk}/")
    assert "every hour; 87.5% answered in 30 days" in html
    latest = feed.collections.first()
    assert latest is not None
    assert f'href="/growth/connections/{feed.connection_id}/checks/{latest.pk}/"' in html
    assert re.search(r"Today 14:30</time></a></th><td>Timed out</td>", html)
    assert html.count("212 ms") == 6
    assert "7 to 8 of 8" in page(visitor, f"{far.pk}/?page=2")


def test_a_failing_source_is_said_but_never_looks_like_a_bad_result(visitor: Client, far: Target) -> None:
    problem = {"code": "own_problem", "data": {"status": 503}}
    answered = NOW - timedelta(hours=6)
    asked(far.metric, health="failing", failing_since=NOW - timedelta(minutes=5), answered_at=answered, problem=problem)
    html = page(visitor, f"{far.pk}/")
    assert "Billing has not answered since today 14:25. It answered 503: the service has a problem" in html
    assert "The numbers are those of its last answer, today at 08:30." in html
    assert "Behind</span>" in html


def test_a_target_is_paused_and_resumed(visitor: Client, far: Target) -> None:
    visitor.post(f"/growth/targets/{far.pk}/pause/")
    html = page(visitor, f"{far.pk}/")
    assert "Paused</span>" in html
    assert ">Resume<" in html
    visitor.post(f"/growth/targets/{far.pk}/pause/")
    assert "Behind</span>" in page(visitor, f"{far.pk}/")


def test_summed_daily_counts_of_people_say_what_they_count(visitor: Client, organisation: Organisation) -> None:
    metric = a_metric(organisation, "Visitors", days=STEADY, counts_distinct=True)
    words = "somebody who comes on three days counts three times"
    assert words in page(visitor, f"{a_target(metric, goal=400).pk}/")
    latest = a_target(metric, goal=4, name="Peak", aggregation="maximum")
    assert words not in page(visitor, f"{latest.pk}/")


def test_before_the_first_verdict_the_page_still_stands(visitor: Client, far: Target) -> None:
    Target.unscoped.filter(pk=far.pk).update(evaluation=None, track=None)
    assert "Not judged yet." in page(visitor, f"{far.pk}/")
    assert visitor.get(f"/growth/targets/{far.pk}/chart.json").status_code == 404
    assert visitor.get(f"/growth/targets/{far.pk}/days.csv").status_code == 404


def test_the_download_has_a_line_a_day(visitor: Client, far: Target) -> None:
    lines = visitor.get(f"/growth/targets/{far.pk}/days.csv").content.decode().splitlines()
    assert len(lines) == 31
    assert lines[1] == "2026-11-01,10.0,13.333333333333334,,,"
    past = visitor.get(f"/growth/targets/{far.pk}/days.csv?period=2026-10-01").content.decode().splitlines()
    assert past[1].startswith("2026-10-01,10.0")


def test_a_german_reader_gets_german_numbers(owner: User, visitor: Client, organisation: Organisation) -> None:
    metric = a_metric(organisation, "Revenue", days=[1234.5] * 60, unit="€", decimals=1)
    target = a_target(metric, goal=50000)
    User.objects.filter(pk=owner.pk).update(language="de")
    html = page(visitor, f"{target.pk}/")
    assert figures(html)[next(iter(figures(html)))][0] == "23.455,5\u00a0€"
    drawn = chart_of(html)
    assert (drawn["unit"], drawn["dates"]["day"]) == ({"prefix": "", "suffix": "\u00a0€"}, "{day}. {month}")


def test_a_viewer_sees_everything_and_changes_nothing(viewer: User, client_of: Browser, far: Target) -> None:
    client = client_of(viewer)
    html = page(client, f"{far.pk}/")
    assert "<form" not in html.split("<main")[1]
    for action in ("check", "pause", "delete", "edit"):
        assert client.post(f"/growth/targets/{far.pk}/{action}/").status_code == 403


def test_a_target_is_deleted_by_typing_its_name(visitor: Client, far: Target) -> None:
    wrong = visitor.post(f"/growth/targets/{far.pk}/delete/", {"name": "Near"})
    assert "This is not its name." in wrong.content.decode()
    assert visitor.post(f"/growth/targets/{far.pk}/delete/", {"name": "Far"}).status_code == 302
    assert not Target.unscoped.filter(pk=far.pk).exists()


def test_what_people_wrote_is_data_in_the_page_and_in_the_chart(visitor: Client, organisation: Organisation) -> None:
    evil = "</script><img src=x>"
    metric = a_metric(organisation, f"M{evil}", days=STEADY, unit="<b>x</b>")
    html = page(visitor, f"{a_target(metric, goal=400, name=evil).pk}/")
    assert "<img src=x>" not in html
    assert "<b>x</b>" not in html
    assert chart_of(html)["unit"] == {"prefix": "", "suffix": "\u00a0<b>x</b>"}


@pytest.mark.parametrize(
    ("path", "most"),
    [("{pk}/", 10), ("{pk}/2026-10-01/", 10), ("{pk}/readings/", 10), ("{pk}/edit/", 14), ("new/", 14)],
)
def test_a_page_costs_few_queries(visitor: Client, far: Target, path: str, most: int) -> None:
    with CaptureQueriesContext(connection) as queries:
        page(visitor, path.format(pk=far.pk))
    assert len(queries) <= most, [query["sql"] for query in queries]

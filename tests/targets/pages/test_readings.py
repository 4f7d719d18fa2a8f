"""The way back from a number: to its days, to the readings of a day, to the check that brought them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from connectors.extract import Point
from connectors.models import Collection
from organisations.models import Organisation, User
from targets.models import Metric, PeriodResult, Target
from targets.recording import record_points
from tests.targets.stage import NOW, a_feed, a_metric, a_target, friday, whole_day  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
Browser = Callable[[User], Client]


@pytest.fixture
def metric(organisation: Organisation) -> Metric:
    feed = a_feed(organisation, name="Billing", kind="http")
    return a_metric(organisation, days=[10.0] * 60, feed=feed)


@pytest.fixture
def target(metric: Metric) -> Target:
    return a_target(metric, goal=400, name="Far")


@pytest.fixture
def visitor(viewer: User, client_of: Browser) -> Client:
    return client_of(viewer)


def check(metric: Metric, *points: Point, ago: timedelta = timedelta()) -> Collection:
    """Return a check that brought these readings."""
    run = metric.feed.collections.create(started_at=NOW - ago, finished_at=NOW - ago, outcome="ok")
    record_points(metric, points, now=NOW - ago, collection=run)
    return run


def page(visitor: Client, target: Target, path: str = "readings/") -> str:
    response = visitor.get(f"/growth/targets/{target.pk}/{path}")
    assert response.status_code == 200
    return response.content.decode()


def rows(html: str) -> dict[str, list[str]]:
    """Return the cells of the table of days, as text, by day."""
    found = {}
    for row in re.findall(r"<tr.*?</tr>", html.split('id="h-days"')[1], re.DOTALL):
        first, *rest = [
            re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        found[first] = rest
    return found


def test_the_days_add_up_to_the_number_of_the_page(visitor: Client, target: Target) -> None:
    html = page(visitor, target)
    assert "19 readings add up to 190." in html
    assert list(rows(html))[1:4] == ["19 Nov", "18 Nov", "17 Nov"]
    assert rows(html)["19 Nov"][:3] == ["1", "10", "190"]
    assert rows(html)["1 Nov"][:3] == ["1", "10", "10"]
    assert "31 Oct" not in html
    assert f'href="/growth/targets/{target.pk}/readings/"' in page(visitor, target, "")


def test_each_day_leads_to_the_check_that_brought_it(visitor: Client, metric: Metric, target: Target) -> None:
    run = check(metric, whole_day(datetime(2026, 11, 18, tzinfo=UTC), 12), ago=timedelta(hours=1))
    html = page(visitor, target)
    address = f"/growth/connections/{metric.feed.connection_id}/checks/{run.pk}/"
    assert rows(html)["18 Nov"] == ["1", "12", "182", "Check of today 13:30"]
    assert f'<a href="{address}">' in html
    assert visitor.get(address).status_code == 200
    assert rows(html)["17 Nov"][3] == "Typed in or pushed"


def test_a_day_shows_its_readings_with_their_time_and_segment(visitor: Client, metric: Metric, target: Target) -> None:
    at = datetime(2026, 11, 18, 8, 15, tzinfo=UTC)
    first = check(metric, Point(at=at, whole_day=False, segment="Books", value=3.0), ago=timedelta(hours=2))
    second = check(metric, Point(at=at + timedelta(hours=1), whole_day=False, segment="<i>Music</i>", value=4.0))
    html = page(visitor, target, "readings/?day=2026-11-18")
    shown = html.split('id="h-days"')[0]
    assert "Readings of 18 November" in shown
    assert re.search(r"18 Nov 10:15</th><td>&lt;i&gt;Music&lt;/i&gt;</td><td class=\"num\">4</td>", shown)
    assert re.search(r"18 Nov 09:15</th><td>Books</td><td class=\"num\">3</td>", shown)
    assert re.search(r"Whole day</th><td></td><td class=\"num\">10</td>", shown)
    assert all(f"/checks/{run.pk}/" in shown for run in (first, second))
    assert rows(html)["18 Nov"] == ["3", "17", "187", "2 checks"]


def test_a_day_without_a_reading_says_so(visitor: Client, metric: Metric, target: Target) -> None:
    metric.observations.filter(at=datetime(2026, 11, 18, tzinfo=UTC)).delete()
    assert "No reading on this day" in page(visitor, target, "readings/?day=2026-11-18")


@pytest.mark.parametrize("day", ["", "soon", "2026-10-31", "2026-13-01", "2030-01-01"])
def test_a_day_outside_the_period_is_passed_over(visitor: Client, target: Target, day: str) -> None:
    assert "Readings of" not in page(visitor, target, f"readings/?day={day}").split("<h1")[1]


def test_a_check_that_was_thinned_out_is_not_linked(visitor: Client, metric: Metric, target: Target) -> None:
    run = check(metric, whole_day(datetime(2026, 11, 18, tzinfo=UTC), 12))
    Collection.unscoped.filter(pk=run.pk)._raw_delete("default")  # as a thinned log leaves it
    assert rows(page(visitor, target))["18 Nov"][3] == "A check that is no longer kept"


@pytest.mark.parametrize(
    ("aggregation", "sentence"),
    [
        ("mean", "The mean of 19 readings is 9.0."),
        ("maximum", "The highest of 19 readings is 18.0."),
        ("minimum", "The lowest of 19 readings is 0.0."),
        ("latest", "The last of 19 readings, of 19 November, is 18.0."),
    ],
)
def test_every_way_to_a_value_is_said(
    visitor: Client, organisation: Organisation, aggregation: str, sentence: str
) -> None:
    days = [float(max(place - 41, 0)) for place in range(60)]  # November runs from 0 to 18
    metric = a_metric(organisation, "Level", days=days, value_kind="level", decimals=1)
    target = a_target(metric, goal=5, name=aggregation, aggregation=aggregation)
    assert sentence in page(visitor, target)
    assert f"{target.value:.1f}." in sentence


def test_missing_days_that_count_as_zero_are_shown_as_such(visitor: Client, organisation: Organisation) -> None:
    metric = a_metric(organisation, "Incidents", days=[1.0] * 60, missing_is_zero=True)
    metric.observations.filter(at=datetime(2026, 11, 18, tzinfo=UTC)).delete()
    metric.rollups.filter(on="2026-11-18").delete()
    html = page(visitor, a_target(metric, goal=40))
    found = rows(html)
    assert found["18 Nov"][1:] == ["0", "17", "Nothing was read, which counts as 0"]
    assert found["18 Nov"][0] == "0"
    assert "18 readings add up to 18." in html


def test_a_closed_period_shows_its_own_readings(visitor: Client, target: Target) -> None:
    html = page(visitor, target, "2026-10-01/readings/")
    assert "31 readings add up to 310." in html
    assert list(rows(html))[1] == "31 Oct"
    assert f'href="/growth/targets/{target.pk}/2026-10-01/"' in html


def test_a_closed_period_keeps_the_metric_it_was_about(
    visitor: Client, organisation: Organisation, target: Target
) -> None:
    other = a_metric(organisation, "Other", days=[1.0] * 60)
    Target.unscoped.filter(pk=target.pk).update(metric=other)
    assert PeriodResult.unscoped.filter(target=target, asked__metric_id=target.metric_id).exists()
    assert "31 readings add up to 310." in page(visitor, target, "2026-10-01/readings/")


def test_many_days_come_in_pages_and_a_day_opens_its_own(visitor: Client, metric: Metric) -> None:
    quarter = a_target(metric, goal=900, name="Quarter", period="quarter")
    assert "1 to 31 of 50" in page(visitor, quarter)
    assert "32 to 50 of 50" in page(visitor, quarter, "readings/?day=2026-10-05")


def test_the_download_has_every_reading(visitor: Client, metric: Metric, target: Target) -> None:
    run = check(metric, Point(at=datetime(2026, 11, 18, 8, 15, tzinfo=UTC), whole_day=False, segment="=1+1", value=3.0))
    response = visitor.get(f"/growth/targets/{target.pk}/readings/?as=csv")
    lines = response.content.decode("utf-8-sig").splitlines()
    assert "attachment" in response["Content-Disposition"]
    assert lines[0] == "Day,Time,Segment,Value,Stored,Check"
    assert lines[1] == "2026-11-01,,,10.0,2026-11-20T14:30:00+01:00,"
    assert f"2026-11-18,2026-11-18T09:15:00+01:00,'=1+1,3.0,2026-11-20T14:30:00+01:00,{run.pk}" in lines
    assert len(lines) == 21


def test_readings_of_another_organisation_are_not_found(outsider: User, client_of: Browser, target: Target) -> None:
    client = client_of(outsider)
    for path in ("readings/", "readings/?as=csv", "2026-10-01/readings/"):
        assert client.get(f"/growth/targets/{target.pk}/{path}").status_code == 404
        assert client.get(f"/elsewhere/targets/{target.pk}/{path}").status_code == 404


def test_before_the_first_verdict_there_is_a_page_too(visitor: Client, organisation: Organisation) -> None:
    empty = a_target(a_metric(organisation, "Nothing"), goal=1)
    Target.unscoped.filter(pk=empty.pk).update(period_starts_on=None, period_ends_on=None, evaluation=None, track=None)
    assert "There is no reading in this period yet." in page(visitor, empty)

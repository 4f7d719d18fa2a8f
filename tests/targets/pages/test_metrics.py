"""Metrics: every number that is kept, and typing them in without losing any."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from connectors.models import Connection, Feed
from organisations.models import Organisation, User
from targets.models import Metric
from tests.targets.stage import a_feed, a_metric, a_target, friday  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
MOST_QUERIES = 10
Browser = Callable[[User], Client]
NEW = {"name": "Calls", "value_kind": "flow", "every": "10080", "unit": "", "decimals": "0", "higher_is_better": "on"}


@pytest.fixture
def visitor(owner: User, client_of: Browser) -> Client:
    """The owner's browser, which has been here before."""
    client = client_of(owner)
    client.get("/growth/")
    return client


@pytest.fixture
def calls(organisation: Organisation) -> Metric:
    return a_metric(organisation, "Calls", days=[5.0] * 40)


def page(visitor: Client, path: str = "") -> str:
    response = visitor.get(f"/growth/metrics/{path}")
    assert response.status_code == 200
    return response.content.decode()


def test_no_metrics_says_what_one_is(visitor: Client) -> None:
    assert "A metric is one number, read again and again." in page(visitor)


def test_the_list_has_last_reading_source_and_use(visitor: Client, calls: Metric) -> None:
    a_target(calls, goal=100)
    html = page(visitor)
    assert "1 number is kept." in html
    assert '<span class="big-n">5</span><span class="sub">for 19 November</span>' in html
    assert "Typed in</a>" in html
    assert "No metric is called “xyz”" in page(visitor, "?q=xyz")


def test_a_typed_in_number_makes_its_own_source_which_nobody_asks(visitor: Client) -> None:
    visitor.post("/growth/metrics/new/", NEW)
    visitor.post("/growth/metrics/new/", NEW | {"name": "Visits", "every": "1440"})
    visitor.post("/growth/metrics/new/", NEW | {"name": "Walks"})
    assert Connection.unscoped.get().kind == "push"
    feeds = list(Feed.unscoped.order_by("every").values_list("name", "every", "due_at"))
    assert feeds == [("Daily", 1440, None), ("Weekly", 10080, None)]


def test_what_a_typed_in_number_makes_is_named_in_the_organisations_language(
    visitor: Client, organisation: Organisation
) -> None:
    organisation.language = "de"
    organisation.save()
    visitor.post("/growth/metrics/new/", NEW)
    organisation.language = "en-gb"
    organisation.save()
    visitor.post("/growth/metrics/new/", NEW | {"name": "Visits"})
    visitor.post("/growth/metrics/new/", NEW | {"name": "Walks", "every": "1440"})
    assert Connection.unscoped.get().name == "Eingegeben", "found again in another language"
    assert list(Feed.unscoped.order_by("every").values_list("name", flat=True)) == ["Daily", "Wöchentlich"]


def test_a_name_is_given_once(visitor: Client, calls: Metric) -> None:
    assert "There is another metric of this name." in visitor.post("/growth/metrics/new/", NEW).content.decode()


def test_a_running_total_cannot_be_typed_in(visitor: Client) -> None:
    response = visitor.post("/growth/metrics/new/", NEW | {"value_kind": "running"})
    assert "value_kind" in response.context["form"].errors


def test_the_page_has_readings_use_and_health(visitor: Client, calls: Metric) -> None:
    target = a_target(calls, goal=1000, name="Many calls")
    html = page(visitor, f"{calls.pk}/")
    assert "1 to 20 of 40" in html
    assert f'href="/growth/targets/{target.pk}/">Many calls</a>' in html
    assert "Typed in or pushed" in html
    assert "Line chart of Calls, 11 October to 19 November. The last value is 5." in html
    assert "21 to 40 of 40" in page(visitor, f"{calls.pk}/?page=2")


def test_one_reading_is_typed_in_and_judged(visitor: Client, calls: Metric) -> None:
    target = a_target(calls, goal=100)
    assert target.value == 95
    response = visitor.post(
        f"/growth/metrics/{calls.pk}/type-in/",
        {"way": "one", "day": "2026-11-20", "time": "", "value": "1,000"},
        follow=True,
    )
    assert "Reading added." in response.content.decode()
    target.refresh_from_db()
    assert (target.value, target.status) == (1095, "met")


def test_a_time_is_meant_in_the_organisations_zone(visitor: Client, calls: Metric) -> None:
    visitor.post(
        f"/growth/metrics/{calls.pk}/type-in/", {"way": "one", "day": "2026-11-20", "time": "09:15", "value": "3"}
    )
    latest = calls.observations.first()
    assert latest is not None
    assert (latest.at, latest.whole_day) == (datetime(2026, 11, 20, 8, 15, tzinfo=UTC), False)


def test_a_wrong_reading_is_kept_in_the_form(visitor: Client, calls: Metric) -> None:
    response = visitor.post(
        f"/growth/metrics/{calls.pk}/type-in/", {"way": "one", "day": "2027-01-01", "time": "", "value": "77"}
    )
    html = response.content.decode()
    assert "is in the future" in html
    assert 'value="77"' in html
    assert calls.observations.count() == 40


def test_pasted_lines_are_added_and_replace_those_of_the_same_day(visitor: Client, calls: Metric) -> None:
    lines = "date,value\n2026-11-19,50\n2026-11-20,60"
    response = visitor.post(f"/growth/metrics/{calls.pk}/type-in/", {"way": "many", "lines": lines}, follow=True)
    assert "2 readings added." in response.content.decode()
    assert calls.observations.count() == 41
    assert calls.rollups.get(on="2026-11-19").total == 50


def test_one_wrong_line_writes_nothing_and_loses_nothing(visitor: Client, calls: Metric) -> None:
    lines = "2026-11-18,50\n2026-11-19,lots"
    html = visitor.post(f"/growth/metrics/{calls.pk}/type-in/", {"way": "many", "lines": lines}).content.decode()
    assert "Line 2: “lots” is not a number." in html
    assert "2026-11-18,50\n2026-11-19,lots</textarea>" in html
    assert calls.rollups.get(on="2026-11-18").total == 5


def test_a_file_with_a_wrong_line_is_laid_open_for_mending(visitor: Client, calls: Metric) -> None:
    file = SimpleUploadedFile("readings.csv", b"\xef\xbb\xbf2026-11-18;50\n2026-11-19;lots\n")
    html = visitor.post(f"/growth/metrics/{calls.pk}/type-in/", {"way": "many", "file": file}).content.decode()
    assert "2026-11-19;lots\n</textarea>" in html


def test_a_file_of_readings_is_added(visitor: Client, calls: Metric) -> None:
    file = SimpleUploadedFile("readings.csv", b"Datum;Wert\n18.11.2026;7,5\n")
    visitor.post(f"/growth/metrics/{calls.pk}/type-in/", {"way": "many", "file": file})
    assert calls.rollups.get(on="2026-11-18").total == 7.5


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"\xff\xfe\x00", "not text in UTF-8"), (b"x" * 2_200_000, "2 MB is the most")]
)
def test_a_file_that_cannot_be_read_says_why(visitor: Client, calls: Metric, content: bytes, sentence: str) -> None:
    file = SimpleUploadedFile("readings.csv", content)
    html = visitor.post(f"/growth/metrics/{calls.pk}/type-in/", {"way": "many", "file": file}).content.decode()
    assert sentence in html


def test_nothing_pasted_is_said(visitor: Client, calls: Metric) -> None:
    html = visitor.post(f"/growth/metrics/{calls.pk}/type-in/", {"way": "many", "lines": ""}).content.decode()
    assert "Paste some lines, or choose a file." in html


def test_a_number_with_a_source_is_not_typed_in(visitor: Client, organisation: Organisation) -> None:
    feed = a_feed(organisation, name="Billing", kind="http", every=60)
    metric = a_metric(organisation, "Revenue", feed=feed)
    assert "Type in a reading" not in page(visitor, f"{metric.pk}/")
    response = visitor.post(f"/growth/metrics/{metric.pk}/type-in/", {"way": "one", "day": "2026-11-20", "value": "1"})
    assert response.status_code == 404


def test_what_its_values_are_stays_while_a_target_rests_on_it(visitor: Client, calls: Metric) -> None:
    a_target(calls, goal=100)
    visitor.post(f"/growth/metrics/{calls.pk}/edit/", NEW | {"name": "Phone calls", "value_kind": "level"})
    calls.refresh_from_db()
    assert (calls.name, calls.value_kind) == ("Phone calls", "flow")


def test_the_ends_of_a_scale_are_in_order(visitor: Client, calls: Metric) -> None:
    response = visitor.post(f"/growth/metrics/{calls.pk}/edit/", NEW | {"scale_min": "10", "scale_max": "5"})
    assert "Enter a value above the lower end." in response.content.decode()


def test_a_metric_is_deleted_by_typing_its_name_and_says_what_goes_with_it(visitor: Client, calls: Metric) -> None:
    a_target(calls, goal=100)
    assert "All its readings go with it, and 1 target that" in page(visitor, f"{calls.pk}/delete/")
    visitor.post(f"/growth/metrics/{calls.pk}/delete/", {"name": "calls"})
    assert Metric.unscoped.exists()
    visitor.post(f"/growth/metrics/{calls.pk}/delete/", {"name": "Calls"})
    assert not Metric.unscoped.exists()


def test_a_viewer_reads_and_changes_nothing(viewer: User, client_of: Browser, calls: Metric) -> None:
    client = client_of(viewer)
    assert "<form" not in page(client, f"{calls.pk}/").split("<main")[1]
    for action in ("edit", "delete", "type-in"):
        assert client.post(f"/growth/metrics/{calls.pk}/{action}/").status_code == 403
    assert client.get("/growth/metrics/new/").status_code == 403


def test_foreign_metrics_are_not_found(outsider: User, client_of: Browser, calls: Metric) -> None:
    assert client_of(outsider).get(f"/elsewhere/metrics/{calls.pk}/").status_code == 404


def test_pages_cost_few_queries_however_many_metrics(
    visitor: Client, organisation: Organisation, calls: Metric
) -> None:
    with CaptureQueriesContext(connection) as few:
        page(visitor)
    for number in range(20):
        a_metric(organisation, f"Metric {number}", days=[1.0, 2.0])
    with CaptureQueriesContext(connection) as many:
        page(visitor)
    with CaptureQueriesContext(connection) as one:
        page(visitor, f"{calls.pk}/")
    assert len(few) == len(many) <= MOST_QUERIES
    assert len(one) <= MOST_QUERIES


def test_a_metric_that_programs_push_says_how(visitor: Client, organisation: Organisation) -> None:
    metric = a_metric(organisation, days=[1.0])
    html = visitor.get(f"/growth/metrics/{metric.pk}/").content.decode()
    assert f"/api/v1/growth/metrics/{metric.pk}/observations/" in html
    assert 'href="/growth/settings/keys/"' in html


def test_a_small_reading_is_corrected_without_an_exponent(visitor: Client, organisation: Organisation) -> None:
    metric = a_metric(organisation, days=[0.0000195])
    reading = metric.observations.get()
    html = visitor.get(f"/growth/metrics/{metric.pk}/readings/{reading.pk}/").content.decode()
    assert 'value="0.0000195"' in html

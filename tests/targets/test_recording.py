"""Readings are written once, whatever their order, and the daily rollups agree with them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.extract import Point
from organisations.access import Access
from targets.domain.terms import ValueKind
from targets.models import Metric
from targets.recording import delete_readings, rebuild_rollups, record_points
from targets.rollups import series_of

NOW = datetime(2026, 3, 30, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def metric(access: Access) -> Metric:
    connection = access.organisation.connections.create(name="Typed in", kind="push")
    feed = connection.feeds.create(name="Visitors", due_at=None)
    return access.organisation.metrics.create(feed=feed, name="Visitors")


def on(day: date, value: float, segment: str = "") -> Point:
    return Point(at=datetime(day.year, day.month, day.day, tzinfo=UTC), whole_day=True, segment=segment, value=value)


def at(moment: datetime, value: float) -> Point:
    return Point(at=moment, whole_day=False, segment="", value=value)


def rolled(metric: Metric) -> dict[date, tuple[float, int, float]]:
    return {row.on: (row.total, row.count, row.last) for row in metric.rollups.all()}


def test_the_same_readings_twice_change_nothing(metric: Metric) -> None:
    points = [on(date(2026, 3, day), float(day)) for day in range(1, 11)]
    record_points(metric, points, now=NOW)
    before = rolled(metric)
    record_points(metric, points, now=NOW)
    assert metric.observations.count() == 10
    assert rolled(metric) == before


def test_a_corrected_reading_replaces_the_first(metric: Metric) -> None:
    record_points(metric, [on(date(2026, 3, 2), 5.0)], now=NOW)
    record_points(metric, [on(date(2026, 3, 2), 7.0)], now=NOW)
    assert rolled(metric) == {date(2026, 3, 2): (7.0, 1, 7.0)}


def test_late_readings_in_any_order_end_in_the_same_state(metric: Metric) -> None:
    moments = [datetime(2026, 3, 28, tzinfo=UTC) + timedelta(hours=5 * number) for number in range(12)]
    points = [at(moment, float(number)) for number, moment in enumerate(moments)]
    record_points(metric, points, now=NOW)
    expected = rolled(metric), metric.last_at, metric.last_value
    metric.observations.all().delete()
    metric.rollups.all().delete()
    metric.last_at = None
    metric.save()
    random.Random(4).shuffle(points)
    for point in points:
        record_points(metric, [point], now=NOW)
    assert (rolled(metric), metric.last_at, metric.last_value) == expected


def test_a_time_falls_on_the_organisations_local_day(metric: Metric) -> None:
    record_points(metric, [at(datetime(2026, 3, 28, 23, 30, tzinfo=UTC), 4.0)], now=NOW)
    assert set(rolled(metric)) == {date(2026, 3, 29)}  # half past midnight in Berlin


def test_a_day_of_23_hours_holds_all_its_readings(metric: Metric) -> None:
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)  # the night the clocks go forward in Berlin
    record_points(metric, [at(start + timedelta(hours=number), 1.0) for number in range(23)], now=NOW)
    assert rolled(metric) == {date(2026, 3, 29): (23.0, 23, 1.0)}


def test_a_whole_day_keeps_its_date_in_every_zone(metric: Metric) -> None:
    record_points(metric, [on(date(2026, 3, 1), 9.0)], now=NOW)
    for zone in ("Pacific/Apia", "America/Los_Angeles", "Asia/Kathmandu"):
        series = series_of(metric, ZoneInfo(zone), since=date(2026, 1, 1))
        assert [str(day) for day in series.days] == ["2026-03-01"]


def test_a_changed_zone_rebuilds_the_rollups(metric: Metric) -> None:
    record_points(metric, [at(datetime(2026, 3, 28, 23, 30, tzinfo=UTC), 4.0)], now=NOW)
    metric.organisation.time_zone = "America/New_York"
    metric.organisation.save()
    rebuild_rollups(metric)
    assert set(rolled(metric)) == {date(2026, 3, 28)}
    assert metric.rollup_zone == "America/New_York"


def test_another_zone_than_the_rollups_is_added_up_from_the_readings(metric: Metric) -> None:
    record_points(metric, [at(datetime(2026, 3, 28, 23, 30, tzinfo=UTC), 4.0)], now=NOW)
    series = series_of(metric, ZoneInfo("UTC"), since=date(2026, 1, 1))
    assert [str(day) for day in series.days] == ["2026-03-28"]
    assert list(series.total) == [4.0]


def test_segments_are_parts_of_one_whole(metric: Metric) -> None:
    record_points(metric, [on(date(2026, 3, 2), 5.0, "shop"), on(date(2026, 3, 2), 7.0, "blog")], now=NOW)
    assert metric.rollups.count() == 2
    assert list(series_of(metric, BERLIN, since=date(2026, 1, 1)).total) == [12.0]


def test_deleted_readings_leave_the_rollups_and_the_latest(metric: Metric) -> None:
    record_points(metric, [on(date(2026, 3, 1), 1.0), on(date(2026, 3, 2), 2.0)], now=NOW)
    gone = list(metric.observations.filter(value=2.0))
    assert delete_readings(metric, gone) == date(2026, 3, 2)
    assert rolled(metric) == {date(2026, 3, 1): (1.0, 1, 1.0)}
    assert metric.last_value == 1.0


@pytest.mark.parametrize(
    ("kind", "point", "fetched", "expected"),
    [
        ("flow", on(date(2026, 3, 29), 5.0), True, "2026-03-29T22:00:00+00:00"),  # yesterday, read to its end
        ("flow", on(date(2026, 3, 30), 5.0), True, NOW.isoformat()),  # today, so far
        ("flow", at(NOW - timedelta(hours=3), 5.0), True, NOW.isoformat()),  # silence since means that nothing happened
        ("flow", at(NOW - timedelta(hours=3), 5.0), False, (NOW - timedelta(hours=3)).isoformat()),  # pushed
        ("level", at(NOW - timedelta(hours=3), 5.0), True, (NOW - timedelta(hours=3)).isoformat()),
    ],
)
def test_readings_run_up_to(metric: Metric, kind: str, point: Point, fetched: bool, expected: str) -> None:
    metric.value_kind = ValueKind(kind).value
    metric.save()
    collection = metric.feed.collections.create(started_at=NOW) if fetched else None
    record_points(metric, [point], now=NOW, collection=collection)
    read_until = series_of(metric, BERLIN, since=date(2026, 1, 1)).read_until
    assert read_until is not None
    assert read_until.astimezone(UTC).isoformat() == expected


def test_nothing_to_write_touches_nothing(metric: Metric) -> None:
    assert record_points(metric, [], now=NOW) is None
    assert metric.observations.count() == 0


def weighed(day: date, value: float, weight: float, segment: str = "") -> Point:
    return replace(on(day, value, segment), weight=weight)


def test_a_reading_is_kept_with_its_weight_and_a_day_with_what_its_readings_weigh(metric: Metric) -> None:
    day, noon = date(2026, 3, 2), datetime(2026, 3, 2, 12, tzinfo=UTC)
    record_points(metric, [weighed(day, 0.5, 4.0), replace(at(noon, 0.25), weight=8.0)], now=NOW)
    assert sorted(metric.observations.values_list("value", "weight")) == [(0.25, 8.0), (0.5, 4.0)]
    rollup = metric.rollups.get()
    assert (rollup.count, rollup.weighted, rollup.weight) == (2, 4.0, 12.0)
    record_points(metric, [weighed(day, 0.5, 2.0)], now=NOW)
    assert metric.rollups.get().weight == 10.0


def test_without_weights_a_day_weighs_as_much_as_it_has_readings(metric: Metric) -> None:
    record_points(metric, [at(NOW - timedelta(hours=hour), 0.1 * hour) for hour in range(7)], now=NOW)
    for rollup in metric.rollups.all():
        assert (rollup.weighted, rollup.weight) == (rollup.total, rollup.count)


@pytest.mark.parametrize("zone", [BERLIN, ZoneInfo("Asia/Tokyo")])
def test_segments_of_a_ratio_are_weighed_and_not_added(metric: Metric, zone: ZoneInfo) -> None:
    metric.read_as, metric.weight_path, metric.value_kind = "ratio", "visits", ValueKind.LEVEL
    metric.save()
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    shop, blog = (replace(at(noon, value), segment=name, weight=weight) for value, name, weight in SEGMENTS)
    record_points(metric, [shop, blog], now=NOW)
    series = series_of(metric, zone, since=date(2026, 1, 1))
    assert (series.last.tolist(), series.means().tolist()) == ([0.2], [0.2])
    assert (series.weighted.tolist(), series.weight.tolist()) == ([20.0], [100.0])


SEGMENTS = [(0.5, "shop", 20.0), (0.125, "blog", 80.0)]

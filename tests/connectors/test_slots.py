"""When a report is due: each local slot once, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.slots import latest_slot, moment, next_slot

EVERY_DAY = range(7)
WORKING_DAYS = [0, 1, 2, 3, 4]
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Nuuk",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Antarctica/Troll",
]
ZONE = st.sampled_from(ZONES).map(ZoneInfo)
MOMENT = st.datetimes(datetime(2005, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  UTC is given
HOUR = st.times().map(lambda at: at.replace(microsecond=0))
SOME_WEEKDAYS = st.sets(st.integers(0, 6), min_size=1)


@pytest.mark.parametrize(
    ("name", "zone", "on", "at", "expected"),
    [
        ("an ordinary day", "Europe/Berlin", date(2026, 11, 20), time(8), "2026-11-20T07:00"),
        ("summer time", "Europe/Berlin", date(2026, 7, 1), time(8), "2026-07-01T06:00"),
        ("skipped in spring", "Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T01:00"),
        ("the gap's first second", "Europe/Berlin", date(2026, 3, 29), time(2), "2026-03-29T01:00"),
        ("just after the gap", "Europe/Berlin", date(2026, 3, 29), time(3), "2026-03-29T01:00"),
        ("twice in autumn", "Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),
        ("skipped at midnight", "America/Nuuk", date(2024, 3, 30), time(23, 30), "2024-03-31T01:00"),
        ("half an hour skipped", "Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:30"),
        ("two hours skipped", "Antarctica/Troll", date(2026, 3, 29), time(2), "2026-03-29T01:00"),
    ],
)
def test_a_local_time_is_one_moment(name: str, zone: str, on: date, at: time, expected: str) -> None:
    assert moment(on, at, ZoneInfo(zone)) == datetime.fromisoformat(f"{expected}+00:00"), name


@pytest.mark.parametrize(
    ("name", "weekdays", "after", "expected"),
    [
        ("later today", WORKING_DAYS, "2026-11-20T06:59", "2026-11-20T07:00"),
        ("never the moment itself", EVERY_DAY, "2026-11-20T07:00", "2026-11-21T07:00"),
        ("over the weekend", WORKING_DAYS, "2026-11-20T07:00", "2026-11-23T07:00"),
        ("once a week", [4], "2026-11-20T07:00", "2026-11-27T07:00"),
        ("the local day counts", [5], "2026-11-20T23:30", "2026-11-21T07:00"),
    ],
)
def test_the_next_slot(name: str, weekdays: list[int], after: str, expected: str) -> None:
    found = next_slot(time(8), weekdays, ZoneInfo("Europe/Berlin"), datetime.fromisoformat(f"{after}+00:00"))
    assert found == datetime.fromisoformat(f"{expected}+00:00"), name


def test_a_day_that_a_zone_leaves_out_has_no_slot() -> None:
    apia = ZoneInfo("Pacific/Apia")
    before = datetime(2011, 12, 29, 20, tzinfo=UTC)  # the 29th, 10 o'clock; the 30th never came
    assert next_slot(time(8), EVERY_DAY, apia, before) == datetime(2011, 12, 30, 18, tzinfo=UTC)  # the 31st, 8 o'clock


def test_a_schedule_without_weekdays_is_refused() -> None:
    with pytest.raises(ValueError, match="weekday"):
        next_slot(time(8), [], ZoneInfo("UTC"), datetime(2026, 11, 20, tzinfo=UTC))


@given(at=HOUR, weekdays=SOME_WEEKDAYS, zone=ZONE, after=MOMENT)
def test_each_existing_local_day_has_one_slot(at: time, weekdays: set[int], zone: ZoneInfo, after: datetime) -> None:
    slots = [next_slot(at, weekdays, zone, after)]
    for _ in range(8):
        slots.append(next_slot(at, weekdays, zone, slots[-1]))
    gaps = [later - earlier for earlier, later in pairwise(slots)]
    assert all(timedelta(0) < gap <= timedelta(days=15) for gap in gaps)
    if weekdays == set(EVERY_DAY):
        assert all(gap <= timedelta(hours=27) for gap in gaps)  # but for a day left out, no day is skipped


@given(at=HOUR, zone=ZONE, day=st.dates(date(2012, 1, 1), date(2029, 12, 31)))
def test_a_slot_shows_the_wanted_time_unless_the_clocks_skip_it(at: time, zone: ZoneInfo, day: date) -> None:
    local = moment(day, at, zone).astimezone(zone)
    wanted = datetime.combine(day, at)
    assert local.replace(tzinfo=None) >= wanted
    if local.replace(tzinfo=None) != wanted:
        before = (local.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone)
        assert before.replace(tzinfo=None) < wanted  # the second before, the clocks had not shown it either


@given(at=HOUR, weekdays=SOME_WEEKDAYS, zone=ZONE, until=MOMENT)
def test_the_latest_slot_and_the_next_leave_nothing_between(
    at: time, weekdays: set[int], zone: ZoneInfo, until: datetime
) -> None:
    latest = latest_slot(at, weekdays, zone, until)
    assert latest <= until
    assert next_slot(at, weekdays, zone, latest) == next_slot(at, weekdays, zone, until) > until

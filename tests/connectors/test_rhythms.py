"""When a feed is asked: in any zone, over clock changes, on working days alone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.rhythms import EVERY_DAY, Rhythm, check_cron, following, usual_gap

BERLIN = ZoneInfo("Europe/Berlin")
WORKDAYS = frozenset(range(5))
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """Return a moment that is written in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(rhythm: Rhythm, after: str, count: int) -> list[str]:
    """Return the slots that follow a moment."""
    found, moment = [], at(after)
    for _ in range(count):
        moment = following(rhythm, moment, moment)
        found.append(f"{moment:%Y-%m-%d %H:%M}")
    return found


def test_missed_slots_coalesce_into_the_one_that_just_ran() -> None:
    hourly = Rhythm(zone=BERLIN, every=HOUR)
    assert following(hourly, at("2026-11-20 10:00"), at("2026-11-20 13:20")) == at("2026-11-20 14:00")


def test_a_weekend_is_skipped_and_the_grid_is_kept() -> None:
    rhythm = Rhythm(zone=BERLIN, every=HOUR, days=WORKDAYS)
    friday_night = at("2026-11-27 22:10")  # 23:10 in Berlin
    assert following(rhythm, friday_night, friday_night) == at("2026-11-29 23:10")  # Monday 00:10 in Berlin


def test_a_cron_is_meant_in_the_zone_of_the_organisation() -> None:
    rhythm = Rhythm(zone=BERLIN, cron="30 6 * * *")
    assert slots(rhythm, "2026-03-27 12:00", 3) == ["2026-03-28 05:30", "2026-03-29 04:30", "2026-03-30 04:30"]


def test_a_local_time_that_the_clocks_skip_falls_to_the_moment_after_the_gap() -> None:
    rhythm = Rhythm(zone=BERLIN, cron="30 2 * * *")
    assert slots(rhythm, "2026-03-28 12:00", 2) == ["2026-03-29 01:00", "2026-03-30 00:30"]


def test_a_local_time_that_comes_twice_is_taken_once() -> None:
    rhythm = Rhythm(zone=BERLIN, cron="30 2 * * *")
    assert slots(rhythm, "2026-10-24 12:00", 2) == ["2026-10-25 00:30", "2026-10-26 01:30"]


def test_every_five_minutes_leaves_no_gap_on_the_night_the_clocks_go_back() -> None:
    rhythm = Rhythm(zone=BERLIN, cron="*/5 * * * *")
    found = slots(rhythm, "2026-10-24 23:00", 48)
    assert found == [
        f"{at('2026-10-24 23:00') + number * timedelta(minutes=5):%Y-%m-%d %H:%M}" for number in range(1, 49)
    ]


def test_a_cron_on_working_days_alone_passes_over_the_weekend() -> None:
    rhythm = Rhythm(zone=BERLIN, cron="0 9 * * *", days=WORKDAYS)
    assert slots(rhythm, "2026-11-27 07:00", 2) == ["2026-11-27 08:00", "2026-11-30 08:00"]


def test_the_numbers_are_there_at_nine_on_business_days() -> None:
    rhythm = Rhythm(zone=BERLIN, ready_by=time(9), lead=timedelta(minutes=15), days=WORKDAYS)
    assert slots(rhythm, "2026-11-27 06:00", 2) == ["2026-11-27 07:45", "2026-11-30 07:45"]


def test_a_lead_may_reach_back_over_midnight() -> None:
    rhythm = Rhythm(zone=BERLIN, ready_by=time(0, 30), lead=HOUR, days=frozenset({0}))  # Monday 00:30, so Sunday 23:30
    assert slots(rhythm, "2026-11-27 06:00", 1) == ["2026-11-29 22:30"]


@pytest.mark.parametrize(
    ("rhythm", "gap"),
    [
        (Rhythm(zone=BERLIN, every=HOUR), HOUR),
        (Rhythm(zone=BERLIN, cron="* * * * *"), timedelta(minutes=1)),
        (Rhythm(zone=BERLIN, cron="30 6 * * 1-5"), timedelta(days=3)),
        (Rhythm(zone=BERLIN, ready_by=time(9), days=WORKDAYS), timedelta(days=3)),
        (Rhythm(zone=BERLIN, cron="0 0 29 2 *"), timedelta(days=31)),
    ],
)
def test_silence_is_measured_by_the_longest_usual_gap(rhythm: Rhythm, gap: timedelta) -> None:
    assert usual_gap(rhythm) == gap


def test_what_never_comes_is_said() -> None:
    with pytest.raises(ValueError, match="no slot comes"):
        usual_gap(Rhythm(zone=BERLIN, cron="0 0 * * 6", days=WORKDAYS))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("* * *", "five parts"),
        ("0 0 1 * * *", "five parts"),
        ("61 * * * *", "first part"),
        ("0 25 * * *", "second part"),
        ("0 0 32 * *", "third part"),
        ("0 0 1 13 *", "fourth part"),
        ("0 0 * * 9", "fifth part"),
        ("0 0 30 2 *", "third part"),
    ],
)
def test_a_wrong_cron_is_told_by_its_part(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_cron(text)


def test_blanks_do_not_matter() -> None:
    assert check_cron("  30  6 * *   1-5 ") == "30 6 * * 1-5"


MOMENTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1)).map(  # noqa: DTZ001  made aware below
    lambda moment: moment.replace(tzinfo=UTC)
)
RHYTHMS = st.one_of(
    st.builds(
        Rhythm,
        zone=st.sampled_from([BERLIN, ZoneInfo("Pacific/Apia"), ZoneInfo("America/Sao_Paulo")]),
        every=st.integers(1, 3000).map(lambda minutes: timedelta(minutes=minutes)),
        days=st.sampled_from([EVERY_DAY, WORKDAYS, frozenset({6})]),
    ),
    st.builds(
        Rhythm,
        zone=st.just(BERLIN),
        cron=st.sampled_from(["*/7 * * * *", "0 9 * * 1-5", "15 3 1 * *"]),
        days=st.sampled_from([EVERY_DAY, WORKDAYS]),
    ),
    st.builds(
        Rhythm,
        zone=st.just(BERLIN),
        ready_by=st.times(),
        lead=st.integers(0, 1440).map(lambda minutes: timedelta(minutes=minutes)),
        days=st.sampled_from([EVERY_DAY, WORKDAYS]),
    ),
)


@given(rhythm=RHYTHMS, slot=MOMENTS, later=st.integers(0, 100_000))
def test_the_next_slot_always_lies_ahead(rhythm: Rhythm, slot: datetime, later: int) -> None:
    now = slot + timedelta(minutes=later)
    found = following(rhythm, slot, now)
    assert found > now
    assert (found + rhythm.lead).astimezone(rhythm.zone).weekday() in rhythm.days

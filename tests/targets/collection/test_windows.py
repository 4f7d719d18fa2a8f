"""Which stretches a feed asks for: a history in steps, a missed stretch at once, the last days again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from targets.collection.windows import STEP, Errand, Progress, just_now, period_so_far, reading_moment, since_last_time
from targets.domain.periods import Calendar
from targets.domain.terms import PeriodKind

BERLIN = Calendar(zone=ZoneInfo("Europe/Berlin"))
NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def progress(covered_until: datetime | None = None, *, history: int = 400, overlap: int = 3) -> Progress:
    return Progress(covered_until=covered_until, history=history * DAY, overlap=overlap * DAY)


def walk(start: Progress, *, kind: PeriodKind | None = None) -> list[Errand]:
    """Follow a feed from errand to errand until nothing is left to ask."""
    errands: list[Errand] = []
    while not errands or errands[-1].more:
        errands.append(period_so_far(start, kind, BERLIN, NOW) if kind else since_last_time(start, BERLIN, NOW))
        start = Progress(covered_until=errands[-1].covers_until, history=start.history, overlap=start.overlap)
        assert len(errands) < 100, "a feed must arrive"
    return errands


def test_a_new_feed_walks_through_its_history_without_a_gap() -> None:
    windows = [window for errand in walk(progress()) for window in errand.windows]
    assert windows[0].since <= NOW - 400 * DAY
    assert windows[-1].until == NOW
    assert all(later.since <= earlier.until for earlier, later in pairwise(windows))
    assert max(window.until - window.since for window in windows) <= STEP + 4 * DAY


def test_a_feed_that_is_up_to_date_asks_again_for_its_last_days_from_local_midnight() -> None:
    (errand,) = walk(progress(NOW - timedelta(hours=1)))
    assert errand.windows[0].since.astimezone(BERLIN.zone).isoformat() == "2026-11-17T00:00:00+01:00"
    assert errand.covers_until == NOW


def test_a_missed_stretch_is_asked_for_when_the_scheduler_is_back() -> None:
    (errand,) = walk(progress(NOW - 12 * DAY))
    assert errand.windows[0].since < NOW - 12 * DAY
    assert errand.windows[0].until == NOW


def test_asking_what_is_there_now_is_one_call() -> None:
    errand = just_now(progress(), NOW)
    assert [window.until for window in errand.windows] == [NOW]


def test_a_clock_that_went_back_asks_for_no_negative_stretch() -> None:
    (window,) = just_now(progress(NOW + DAY), NOW).windows
    assert window.since <= window.until


def test_a_period_so_far_is_asked_for_now_and_at_the_end_of_each_day_of_this_month_and_the_last() -> None:
    windows = [window for errand in walk(progress(), kind=PeriodKind.MONTH) for window in errand.windows]
    starts = {window.since.astimezone(BERLIN.zone).date() for window in windows}
    assert {date(2026, 11, 1), date(2026, 10, 1), date(2026, 9, 1), date(2025, 11, 1)} <= starts
    this_month = [window for window in windows if window.since.astimezone(BERLIN.zone).date() == date(2026, 11, 1)]
    september = [window for window in windows if window.since.astimezone(BERLIN.zone).date() == date(2026, 9, 1)]
    assert len(this_month) >= 20  # nineteen whole days and the day that lasts
    assert len(set(september)) == 1


def test_a_period_so_far_that_is_up_to_date_asks_for_now_and_the_corrected_days() -> None:
    (errand,) = walk(progress(NOW - timedelta(hours=1)), kind=PeriodKind.MONTH)
    assert len(errand.windows) == 4  # three days ends in the overlap, and now


def test_a_long_overlap_of_a_long_period_still_arrives() -> None:
    errands = walk(progress(NOW - 80 * DAY, overlap=92), kind=PeriodKind.YEAR)
    assert errands[-1].covers_until == NOW


def test_the_total_at_the_end_of_a_day_is_a_reading_of_that_day() -> None:
    first = walk(progress(NOW - timedelta(hours=1)), kind=PeriodKind.MONTH)[0].windows[0]
    moment = reading_moment(first, NOW).astimezone(BERLIN.zone)
    assert (moment.hour, moment.minute, moment.second) == (23, 59, 59)
    assert moment.date() == date(2026, 11, 17)


@given(
    st.datetimes(datetime.fromisoformat("2021-01-01"), datetime.fromisoformat("2027-01-01")),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "America/Sao_Paulo"]),
    st.sampled_from([PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR]),
    st.integers(0, 500),
)
def test_every_window_is_half_open_in_the_past_and_in_order(
    naive: datetime, zone: str, kind: PeriodKind, behind: int
) -> None:
    now = naive.replace(tzinfo=UTC)
    calendar = Calendar(zone=ZoneInfo(zone))
    for errand in (
        since_last_time(progress(now - behind * DAY), calendar, now),
        period_so_far(progress(now - behind * DAY), kind, calendar, now),
    ):
        assert all(window.since < window.until <= now for window in errand.windows)
        assert list(errand.windows) == sorted(errand.windows, key=lambda window: window.until)
        assert errand.covers_until <= now

"""Only what is new: by the greatest value or the latest time of a field, against a service that keeps its rows."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.answers import newest
from connectors.errors import FetchError, Malformed, TooLarge
from connectors.kinds import http
from connectors.problems import Unreadable
from connectors.protocol import Window
from tests.connectors.asking import BERLIN, NOVEMBER, NOW, Api
from tests.connectors.feeding import Feeding

SNOWFLAKE = 2**60  # beyond what a float can hold


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


class Posts:
    """A service whose rows have ids; it hands out at most `count` of them, the oldest or the newest first."""

    def __init__(self, api: Api, *, newest_first: bool = False, inclusive: bool = False, as_text: bool = False) -> None:
        self.ids: list[int] = []
        self.newest_first, self.inclusive, self.as_text = newest_first, inclusive, as_text
        api.answers(self.answer)

    def answer(self, request: Request) -> Response:
        asked = request.args
        since, before = int(asked.get("since_id", -1)), int(asked.get("max_id", 2**70))
        found = [one for one in sorted(self.ids) if since <= one <= before]
        if not self.inclusive:
            found = [one for one in found if since < one < before]
        found = found[::-1] if self.newest_first else found
        rows = [{"id": str(one) if self.as_text else one} for one in found[: int(asked.get("count", 10**6))]]
        return Response(json.dumps({"posts": rows}), content_type="application/json")


SINCE_ID = {"rows": "posts", "cursor": "id", "cursor_use": "greatest", "params": "since_id={cursor}\ncount=3"}
BACK = {**SINCE_ID, "pages": "backward", "params": "since_id={cursor}\ncount=3\nmax_id={before}"}


def ids(rows: list[Any]) -> list[int]:
    return [int(row["id"]) for row in rows]


def asked(api: Api, name: str) -> list[str | None]:
    return [request.args.get(name) for request in api.requests]


# --- the greatest value ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("query", [SINCE_ID, BACK])
def test_every_row_comes_once_and_the_next_call_asks_for_newer_ones(
    api: Api, query: dict[str, str], as_text: bool
) -> None:
    posts = Posts(api, as_text=as_text, newest_first=query is BACK)
    posts.ids = [SNOWFLAKE + number for number in range(7)]
    feed = Feeding(api.address, query)
    assert sorted(ids(feed.collect().rows)) == posts.ids
    assert feed.cursor == (str(posts.ids[-1]) if as_text else posts.ids[-1])
    posts.ids += [SNOWFLAKE + 7, SNOWFLAKE + 8]
    api.requests.clear()
    assert sorted(ids(feed.collect().rows)) == posts.ids[-2:]
    assert asked(api, "since_id")[0] == str(SNOWFLAKE + 6)
    assert feed.cursor in (SNOWFLAKE + 8, str(SNOWFLAKE + 8))


def test_what_is_kept_survives_being_stored(api: Api) -> None:
    posts = Posts(api)
    posts.ids = [2**63 + 1]
    feed = Feeding(api.address, SINCE_ID)
    feed.collect()
    feed.cursor = json.loads(json.dumps(feed.cursor))
    posts.ids += [2**63 + 2]
    assert ids(feed.collect().rows) == [2**63 + 2]


@pytest.mark.parametrize("number", [1, 2, 3, 4, 6])
def test_an_answer_with_exactly_as_many_rows_as_were_asked_for_is_gone_on_from(api: Api, number: int) -> None:
    posts = Posts(api)
    posts.ids = list(range(10, 10 + number))
    feed = Feeding(api.address, SINCE_ID)
    assert ids(feed.collect().rows) == posts.ids
    assert asked(api, "since_id")[-1] == str(posts.ids[-1]), "it went on until nothing newer came"


def test_an_empty_answer_leaves_the_cursor_where_it_is(api: Api) -> None:
    Posts(api)
    feed = Feeding(api.address, SINCE_ID, cursor=41)
    assert feed.collect().rows == []
    assert feed.cursor == 41
    assert len(api.requests) == 1


def test_before_the_first_row_nothing_is_kept(api: Api) -> None:
    Posts(api)
    feed = Feeding(api.address, SINCE_ID)
    assert (feed.collect().rows, feed.cursor) == ([], None)


def test_a_longer_id_of_digits_is_the_greater_one(api: Api) -> None:
    api.answers_json('{"posts": [{"id": "999"}, {"id": "1000"}]}', '{"posts": []}')
    feed = Feeding(api.address, SINCE_ID)
    feed.collect()
    assert feed.cursor == "1000"


@pytest.mark.parametrize("query", [SINCE_ID, BACK])
def test_a_service_that_repeats_the_row_it_was_asked_by_is_understood(api: Api, query: dict[str, str]) -> None:
    posts = Posts(api, inclusive=True, newest_first=query is BACK)
    posts.ids = list(range(1, 9))
    feed = Feeding(api.address, query)
    assert sorted(ids(feed.collect().rows)) == posts.ids
    posts.ids += [9]
    assert ids(feed.collect().rows) == [9], "what was known is no news"


def test_the_newest_may_come_first_where_everything_comes_at_once(api: Api) -> None:
    posts = Posts(api, newest_first=True)
    posts.ids = [1, 2]
    feed = Feeding(api.address, SINCE_ID)
    assert ids(feed.collect().rows) == [2, 1]
    assert feed.cursor == 2


def test_a_full_page_with_the_newest_first_is_refused_for_older_ones_would_be_missed(api: Api) -> None:
    posts = Posts(api, newest_first=True)
    posts.ids = [1, 2, 3, 4]
    feed = Feeding(api.address, SINCE_ID)
    with pytest.raises(Malformed, match="3 rows came, as many as were asked for, the newest first"):
        feed.collect()
    assert feed.cursor is None


def test_going_back_ends_at_what_is_known_whatever_the_service_heeds(api: Api) -> None:
    posts = Posts(api, newest_first=True)
    posts.ids = list(range(1, 20))
    feed = Feeding(api.address, {**BACK, "params": "count=3\nmax_id={before}\nx={cursor}"}, cursor=14)
    assert ids(feed.collect().rows) == [19, 18, 17, 16, 15]
    assert len(api.requests) == 2


def test_a_service_that_does_not_heed_the_cursor_does_no_harm(api: Api) -> None:
    api.answers_json('{"posts": [{"id": 1}, {"id": 2}]}')
    feed = Feeding(api.address, SINCE_ID)
    assert ids(feed.collect().rows) == [1, 2]
    assert len(api.requests) == 2
    assert feed.collect().rows == []


def test_what_is_new_may_come_on_pages_of_any_kind(api: Api) -> None:
    rows = [{"id": number} for number in range(5)]

    def by_offset(request: Request) -> Response:
        new = [row for row in rows if row["id"] > int(request.args.get("since_id", -1))]
        start = int(request.args["offset"])
        return Response(json.dumps({"posts": new[start : start + 2]}), content_type="application/json")

    api.answers(by_offset)
    query = {**SINCE_ID, "pages": "offset", "params": "since_id={cursor}\noffset={offset}"}
    feed = Feeding(api.address, query)
    assert ids(feed.collect().rows) == [0, 1, 2, 3, 4]
    assert asked(api, "since_id") == [None] * 4, "pages of one list hang together"
    rows.append({"id": 5})
    assert ids(feed.collect().rows) == [5]


def test_what_is_new_may_be_followed_by_what_the_answer_names(api: Api) -> None:
    api.answers_json('{"posts": [{"id": 1}], "meta": {"next": "a"}}', '{"posts": [{"id": 2}], "meta": {}}')
    query = {**SINCE_ID, "pages": "next_page", "next": "meta.next", "params": "since_id={cursor}\nat={next}"}
    feed = Feeding(api.address, query, cursor=0)
    assert ids(feed.collect().rows) == [1, 2]
    assert asked(api, "since_id") == ["0", "0"]
    assert asked(api, "at") == [None, "a"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ('[{"n": 1}]', "No row has a value at “id”"),
        ('[{"id": null}, {"id": ""}]', "No row has a value at “id”"),
        ('[{"id": [1]}, {"id": true}, {"id": {"a": 1}}]', "No row has a value at “id”"),
        ('[{"id": "a\\u0000b"}]', "No row has a value at “id”"),
    ],
)
def test_rows_that_do_not_tell_what_is_new_are_an_error(api: Api, rows: str, sentence: str) -> None:
    api.answers_json(f'{{"posts": {rows}}}')
    feed = Feeding(api.address, SINCE_ID, cursor=7)
    with pytest.raises(Malformed, match=sentence):
        feed.collect()
    assert feed.cursor == 7


@pytest.mark.parametrize(
    "at",
    ["2026-11-20T10:00:00Z", "2026-11-20T10:00:00.123456+01:00", "2026-11-20 10:00:00", "2026-11-20 10:00 +0100",
     "2026-11-20T10:00", "2026-11-20"],
)  # fmt: skip
def test_times_are_no_ids_for_several_rows_may_have_the_same(api: Api, at: str) -> None:
    api.answers_json(json.dumps({"posts": [{"id": at}, {"id": at}]}))
    with pytest.raises(Malformed, match=r"“id” holds times, of which several can be alike\. Choose the latest time"):
        Feeding(api.address, SINCE_ID).collect()


@pytest.mark.parametrize(
    "one", ["2026-11-20-0001", "20261120", 20261120, 1795176000, "01JD4XJ6T0M8W4V1K2Q3R5S7T9", "2026-11-20T10:00:00Z-7"]
)
def test_ids_may_hold_a_date(api: Api, one: Any) -> None:
    api.answers_json(json.dumps({"posts": [{"id": one}]}))
    feed = Feeding(api.address, SINCE_ID)
    feed.collect()
    assert feed.cursor == one


def test_a_row_without_an_id_among_others_stays(api: Api) -> None:
    api.answers_json('{"posts": [{"id": 1}, {"n": 5}]}')
    page = Feeding(api.address, SINCE_ID).collect()
    assert page.rows == [{"id": 1}, {"n": 5}]


# --- limits ----------------------------------------------------------------------------------------------------------


def test_a_limit_says_plainly_that_more_is_to_come_and_the_next_call_goes_on(api: Api) -> None:
    posts = Posts(api)
    posts.ids = list(range(1, 11))
    feed = Feeding(api.address, {**SINCE_ID, "most_pages": 2})
    page = feed.collect()
    assert ids(page.rows) == [1, 2, 3, 4, 5, 6]
    assert str(page.cut) == "Only the first 2 pages were read; the rest is asked for next."
    page = feed.collect()
    assert ids(page.rows) == [7, 8, 9, 10]
    page = feed.collect()
    assert (page.rows, page.cut) == ([], None)


@pytest.mark.parametrize("pages", ["backward", "page_number"])
def test_where_the_rest_could_not_be_asked_for_nothing_is_kept(api: Api, pages: str) -> None:
    posts = Posts(api, newest_first=True)
    posts.ids = list(range(1, 11))
    sent = {"backward": "max_id={before}", "page_number": "page={page}"}[pages]
    query = {**SINCE_ID, "pages": pages, "most_pages": 2, "params": f"since_id={{cursor}}\ncount=3\n{sent}"}
    feed = Feeding(api.address, query)
    if pages == "page_number":
        numbers = iter(range(100))
        api.answers(lambda _: Response(json.dumps({"posts": [{"id": next(numbers)}]}), content_type="application/json"))
    with pytest.raises(TooLarge, match="more than 2 pages"):
        feed.collect()
    assert feed.cursor is None


# --- the latest time -------------------------------------------------------------------------------------------------


SINCE = {
    "rows": "posts", "cursor": "at", "cursor_use": "latest", "params": "since={cursor}", "date_format": "datetime_utc",
}  # fmt: skip


def answer_times(api: Api, *times: Any) -> None:
    api.answers_json(json.dumps({"posts": [{"at": at} for at in times]}), '{"posts": []}')


@pytest.mark.parametrize("times", [("2026-11-20T10:00:00Z", "2026-11-20T13:00:00+01:00"), (1795176000, 1795168800)])
def test_the_latest_time_is_kept_and_sent(api: Api, times: tuple[Any, ...]) -> None:
    answer_times(api, *times)
    feed = Feeding(api.address, SINCE)
    assert len(feed.collect().rows) == 2
    assert feed.cursor == "2026-11-20T12:00:00.000000+00:00"
    feed.collect()
    assert asked(api, "since")[-1] == "2026-11-20T12:00:00Z"


@pytest.mark.parametrize(
    ("fmt", "overlap", "sent"),
    [
        ("datetime", 0, "2026-11-20T13:00:00+01:00"),
        ("datetime_utc", 30, "2026-11-20T11:30:00Z"),
        ("unix", 1, "1795175940"),
        ("unix_ms", 0, "1795176000250"),
        ("date", 0, "2026-11-20"),
        ("date", 24 * 60, "2026-11-19"),
        ("rfc2822", 0, "Fri, 20 Nov 2026 13:00:00 +0100"),
        ("%Y-%m", 0, "2026-11"),
        ("%G-W%V", 0, "2026-W47"),
        ("%d.%m.%Y %H:%M", 60, "20.11.2026 12:00"),
    ],
)
def test_it_is_sent_in_any_format_with_an_overlap(api: Api, fmt: str, overlap: int, sent: str) -> None:
    answer_times(api)
    at = "2026-11-20T12:00:00.250000+00:00"
    Feeding(api.address, {**SINCE, "date_format": fmt, "cursor_overlap": overlap}, cursor=at).collect()
    assert asked(api, "since") == [sent]


def test_an_empty_answer_keeps_the_time(api: Api) -> None:
    answer_times(api)
    feed = Feeding(api.address, SINCE, cursor="2026-11-20T12:00:00.000000+00:00")
    feed.collect()
    assert feed.cursor == "2026-11-20T12:00:00.000000+00:00"


def test_a_row_of_the_future_does_not_make_everything_until_then_seem_old(api: Api) -> None:
    answer_times(api, "2026-11-20T12:00:00Z", "2099-01-01T00:00:00Z")
    feed = Feeding(api.address, SINCE)
    feed.collect()
    assert feed.cursor == "2026-11-20T12:00:00.000000+00:00"


@pytest.mark.parametrize("pages", ["onward", "backward", "one"])
def test_a_row_dated_ahead_is_read_and_hides_nothing_that_comes_before_its_time(api: Api, pages: str) -> None:
    rows = ["2026-11-20T14:00:00Z", "2026-11-21T10:00:00Z"]

    def answering(request: Request) -> Response:
        since, before = request.args.get("since", ""), request.args.get("before", "9")
        new = [row for row in sorted(rows, reverse=pages == "backward") if since < row < before]
        return Response(json.dumps({"posts": [{"at": row} for row in new]}), content_type="application/json")

    api.answers(answering)
    params = SINCE["params"] + ("\nbefore={before}" if pages == "backward" else "")
    feed = Feeding(api.address, {**SINCE, "pages": pages, "params": params})
    assert len(feed.collect().rows) == 2
    assert feed.cursor == newest.kept(NOW)
    rows.append("2026-11-20T18:00:00Z")
    assert {"at": rows[-1]} in feed.collect().rows
    assert feed.cursor == newest.kept(NOW)


def test_a_time_ahead_that_was_kept_is_not_sent(api: Api) -> None:
    answer_times(api)
    feed = Feeding(api.address, SINCE, cursor="2026-11-21T12:00:00.000000+00:00")
    feed.collect()
    assert asked(api, "since") == ["2026-11-20T15:00:00Z"]


def test_a_day_begins_at_midnight_of_the_organisation(api: Api) -> None:
    answer_times(api, "2026-11-20")
    feed = Feeding(api.address, {**SINCE, "date_format": "date"})
    feed.collect()
    assert feed.cursor == "2026-11-19T23:00:00.000000+00:00"
    feed.collect()
    assert asked(api, "since")[-1] == "2026-11-20"


def test_rows_that_come_again_because_time_is_coarse_count_once(api: Api) -> None:
    rows = [{"at": f"2026-11-20T12:00:0{number}.500Z", "n": number} for number in range(5)]

    def from_second(request: Request) -> Response:
        since = request.args.get("since", "")
        new = [row for row in rows if str(row["at"]) >= since[:-1]][:2]
        return Response(json.dumps({"posts": new}), content_type="application/json")

    api.answers(from_second)
    assert [row["n"] for row in Feeding(api.address, SINCE).collect().rows] == [0, 1, 2, 3, 4]


def test_going_back_by_time_leaves_nothing_out(api: Api) -> None:
    rows = [{"at": f"2026-11-20T12:00:0{number // 2}.{number % 2}Z", "n": number} for number in range(6)]

    def back(request: Request) -> Response:
        before = request.args.get("before", "9")
        known = [row for row in reversed(rows) if str(row["at"]) < before.replace("Z", ".0Z")]
        return Response(json.dumps({"posts": known[:2]}), content_type="application/json")

    api.answers(back)
    query = {**SINCE, "pages": "backward", "params": "since={cursor}\nbefore={before}"}
    assert [row["n"] for row in Feeding(api.address, query).collect().rows] == [5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(("at", "why"), [("soon", "not one we recognise"), (None, "missing")])
def test_rows_without_a_readable_time_are_an_error(api: Api, at: Any, why: str) -> None:
    answer_times(api, at)
    with pytest.raises(Malformed, match=f"No row has a time at “at”.*{why}"):
        Feeding(api.address, SINCE).collect()


def test_another_way_to_read_the_time_can_be_said(api: Api) -> None:
    answer_times(api, "20.11.2026 13:00")
    feed = Feeding(api.address, {**SINCE, "cursor_format": "%d.%m.%Y %H:%M"})
    feed.collect()
    assert feed.cursor == "2026-11-20T12:00:00.000000+00:00"


def test_what_was_kept_by_ids_is_no_time(api: Api) -> None:
    answer_times(api)
    Feeding(api.address, SINCE, cursor=123).collect()
    assert asked(api, "since") == [None]


def test_what_lies_before_all_time_cannot_be_asked_for_again(api: Api) -> None:
    answer_times(api)
    feed = Feeding(api.address, {**SINCE, "cursor_overlap": 44640}, cursor="0001-01-01T00:00:00.000000+00:00")
    with pytest.raises(FetchError):
        feed.collect(Window(since=NOVEMBER.since, until=NOW))


# --- what can be said ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ({"cursor_use": "greatest", "params": "a={cursor}"}, "cursor", "Say where a row tells how new it is"),
        ({"cursor_use": "greatest", "cursor": "id"}, "cursor", "Write {cursor} where it is to be sent"),
        ({**SINCE_ID, "pages": "backward"}, "pages", "Write {before} where"),
        ({**SINCE_ID, "pages": "page_number"}, "pages", "Write {page} where"),
        ({**SINCE_ID, "pages": "next_page", "next": "n"}, "pages", "Write {next} where"),
        ({**SINCE_ID, "pages": "next_address"}, "next", "Say where the answer names the next page"),
        ({**SINCE_ID, "next": "n"}, "next", "Leave this empty"),
        ({"next": "n"}, "next", "Leave this empty"),
        (
            {**SINCE_ID, "params": "a={cursor}\nb={before}"},
            "pages",
            "Choose the way of paging that {before} belongs to",
        ),
        ({"params": "b={before}"}, "cursor_use", "Choose the way of paging that {before} belongs to"),
        ({**SINCE, "cursor_overlap": "-1"}, "cursor_overlap", "at least 0"),
        ({**SINCE, "cursor_format": "%H"}, "cursor_format", "needs the year"),
        ({"most_pages": "0"}, "most_pages", "at least 1"),
        ({"most_pages": "5000"}, "most_pages", "at most 1000"),
    ],
)
def test_a_way_that_cannot_work_is_refused(query: dict[str, Any], field: str, sentence: str) -> None:
    form = http.Query(data=query)
    assert not form.is_valid()
    assert sentence in str(form.errors[field][0])


# --- order -----------------------------------------------------------------------------------------------------------

values = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(min_size=1))


@given(st.integers(0, 10**40), st.integers(0, 10**40), st.booleans(), st.booleans())
def test_numbers_go_by_their_size_however_they_are_written(one: int, other: int, as_text: bool, padded: bool) -> None:
    written = f"{one:050}" if padded else str(one) if as_text else one
    assert (newest.order(written) < newest.order(str(other))) == (one < other)
    assert (newest.order(written) == newest.order(other)) == (one == other)


@given(st.lists(values, max_size=20), st.randoms())
def test_the_greatest_is_the_same_in_any_order(found: list[Any], chance: Any) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    first, second = newest.greatest(found), newest.greatest(shuffled)
    assert (first is None) == (second is None) == (not found)
    if first is not None and second is not None:
        assert newest.order(first) == newest.order(second)
        assert not any(newest.is_newer(value, first) for value in found)


@given(st.lists(st.integers(1, 60), unique=True, max_size=30), st.integers(1, 7))
def test_nothing_is_lost_or_doubled_whatever_comes_between_two_calls(numbers: list[int], size: int) -> None:
    """Rows arrive with growing ids between the calls, and each call takes as many as it likes."""
    held, got, cursor = sorted(numbers), list[int](), None
    eye = newest.eye_for_ids("id")
    for _ in range(len(held) + 1):
        rows = [{"id": number} for number in held if newest.is_newer(number, cursor)][:size]
        got += [row["id"] for row in newest.newer_rows(rows, eye, than=cursor)]
        cursor = newest.greatest([cursor, newest.seen(rows, eye).greatest])
    assert got == held


@given(st.datetimes(datetime(1901, 1, 1), datetime(2200, 1, 1)))  # noqa: DTZ001
def test_times_sort_as_they_are_kept(naive: datetime) -> None:
    at = naive.replace(tzinfo=UTC)
    later = at + timedelta(microseconds=1)
    assert newest.is_newer(newest.kept(later), newest.kept(at))
    assert newest.is_kept_time(newest.kept(at))


@given(st.one_of(st.none(), st.booleans(), values, st.lists(st.integers()), st.dictionaries(st.text(), st.integers())))
def test_anything_in_a_row_is_a_value_or_none(value: Any) -> None:
    for eye in (newest.eye_for_ids("id"), newest.eye_for_times("id", fmt="auto", zone=BERLIN, until=NOW)):
        with suppress(Unreadable):
            newest.order(eye({"id": value}))

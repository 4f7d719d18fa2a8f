"""One query as it is asked, page by page: what is sent, and what each answer brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors import answers, calling, templating
from connectors.answers import newest, paging, tables
from connectors.answers.newest import Eye, Seen, Value
from connectors.answers.pages import Limits, Part
from connectors.answers.paging import Course, Place
from connectors.errors import Malformed
from connectors.fields import pairs
from connectors.inquiry import conditional
from connectors.inquiry.composing import Template, at_address, composed, template_of
from connectors.outbound.links import next_link
from connectors.problems import Unreadable, problem
from connectors.written import times

if TYPE_CHECKING:
    from connectors.answers import Manner
    from connectors.calling import Request
    from connectors.outbound import Answer
    from connectors.protocol import Call

NO_CONTENT = 204
LAST_DAY, MOMENT_AFTER = "last_day", "moment_after"
UNSENDABLE = problem("cursor_unsendable")
ONE_QUESTION = frozenset({paging.ONE, paging.ONWARD, paging.NEXT_TIME})  # of which a 304 to the first answers all

Values = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A query on its way: `first` is where it begins, `known` what fills its placeholders beside those of paging.

    `unsteady` names the headers that steps fill in, and which are new each time. `latest` is the moment of the call,
    where times tell what is new: what is dated beyond it is read, and may not make everything until then seem old.
    """

    call: Call
    template: Template
    way: Course
    manner: Manner
    first: Place
    known: Values
    unsteady: frozenset[str] = frozenset()
    eye: Eye | None = None
    latest: str | None = None


def opened(call: Call, kept: Mapping[str, Value]) -> Inquiry:
    """Return the query of a call. `kept` is what the steps before it brought."""
    way, template = paging.course(call.query), template_of(call.query)
    latest = newest.kept(call.session.now()) if way.keeps == paging.LATEST else None
    unsteady = [
        name for name, value in pairs(template.headers, separator=":") if templating.placeholders(value) & kept.keys()
    ]
    return Inquiry(
        call=call,
        template=template,
        way=way,
        manner=answers.manner_of(call.query, may_guess=call.may_guess),
        first=paging.first(call.query, way, newest.at_most(_usable(way, call.cursor), latest)),
        known={**window_values(call), **kept},
        unsteady=frozenset(unsteady),
        eye=_eye(call, way),
        latest=latest,
    )


def first_request(call: Call, kept: Mapping[str, Value]) -> Request:
    """Return the request with which a query begins, to be shown. Raises FetchError."""
    asked = opened(call, kept)
    return _request(asked, asked.first)


def _usable(way: Course, cursor: Any) -> Any:
    """Return what was kept; nothing where it is no time any more, because what is kept was changed."""
    return None if way.keeps == paging.LATEST and not newest.is_kept_time(cursor) else cursor


def _eye(call: Call, way: Course) -> Eye | None:
    if way.keeps == paging.GREATEST:
        return newest.eye_for_ids(way.field)
    if way.keeps == paging.LATEST:
        fmt = call.query["cursor_format"]
        return newest.eye_for_times(way.field, fmt=fmt, zone=call.zone, until=call.window.until)
    return None


def limits(call: Call, until: float) -> Limits:
    """Return how far a call goes."""
    has_details = bool(call.query["details_path"])
    return Limits(pages=call.query["most_pages"], rows=call.query["most_details"] if has_details else None, until=until)


def window_values(call: Call) -> dict[str, Value]:
    """Return what the stretch of time that is asked for is written as."""
    fmt, since, until = call.query["date_format"], call.window.since, call.window.until
    if call.query["until_is"] == LAST_DAY and not times.has_time_of_day(fmt):
        until = max(since, until - timedelta(microseconds=1))
    return {
        "since": times.written(since, fmt=fmt, zone=call.zone),
        "until": times.written(until, fmt=fmt, zone=call.zone),
    }


def ask(inquiry: Inquiry, place: Place) -> Part:
    """Ask for one page. Raises FetchError."""
    call = inquiry.call
    request = _request(inquiry, place)
    question = conditional.question_of(call.query, request, apart_from=inquiry.unsteady)
    asked_so = _conditions(inquiry, place, question)
    answer = calling.send(call, replace(request, headers={**request.headers, **asked_so}))
    if asked_so and answer.status == conditional.NOT_MODIFIED:
        return Part(unchanged=True, validators=call.validators)
    if answer.status == NO_CONTENT and (inquiry.call.may_be_empty or place != inquiry.first or _has_rows(call.query)):
        return Part()
    part = _part(inquiry, answer, request)
    if not _is_one_question(inquiry):
        return part
    return replace(part, validators=conditional.validators_of(answer.status, answer.headers, question))


def _has_rows(query: Mapping[str, Any]) -> bool:
    """Say whether the answer holds a list, of which there may be nothing."""
    return bool(query["rows"]) or query["answer"] in (tables.TABLE, tables.JSON_LINES)


def _request(inquiry: Inquiry, place: Place) -> Request:
    call, way = inquiry.call, inquiry.way
    try:
        of_pages = paging.values(call.query, way, place, call.zone)
    except (ValueError, OverflowError):
        raise Malformed(UNSENDABLE) from None
    request = composed(call, inquiry.template, {**inquiry.known, **of_pages}, unsendable=UNSENDABLE)
    if way.pages in paging.BY_ADDRESS and place.mark is not None:
        return at_address(call, request, str(place.mark))
    return request


def _conditions(inquiry: Inquiry, place: Place, question: str) -> dict[str, str]:
    is_first = place == inquiry.first
    return conditional.conditions(inquiry.call.validators, question) if is_first and _is_one_question(inquiry) else {}


def _is_one_question(inquiry: Inquiry) -> bool:
    """Say whether nothing has changed where the first answer has not: no other pages and no details hang on it."""
    query = inquiry.call.query
    return query["method"] == "GET" and not query["details_path"] and inquiry.way.pages in ONE_QUESTION


def _part(inquiry: Inquiry, answer: Answer, request: Request) -> Part:
    query = inquiry.call.query
    said = answers.told(answer, inquiry.manner, asked=request.url)
    document = answers.at(query["transform"], said.document, answer)
    form = "" if query["transform"] else said.written["answer"]
    rows = answers.rows_in(document, query["rows"], answer, form=form)
    return Part(
        rows=rows,
        mark=_mark(inquiry.way, said.document, answer),
        seen=_seen(inquiry, rows, answer),
        document=document,
        written=said.written,
        size=len(answer.body),
        full=paging.is_full(len(rows), request.params),
    )


def _mark(way: Course, document: Any, answer: Answer) -> Value | None:
    """Return by what the answer says that the next page is asked for."""
    if way.pages == paging.LINK:
        return next_link(answer.headers)
    return answers.cursor_in(document, way.path, answer) if way.pages in paging.FOUND_BY_PATH else None


def _seen(inquiry: Inquiry, rows: list[Any], answer: Answer) -> Seen:
    if inquiry.eye is None:
        return Seen()
    is_time = inquiry.way.keeps == paging.LATEST
    try:
        found = newest.seen(rows, inquiry.eye, most=inquiry.latest)
    except Unreadable as error:
        raise answers.malformed(newest.why_not(inquiry.way.field, error.problem, is_time=is_time), answer) from None
    if not is_time and newest.are_times(found):
        raise answers.malformed(problem("times_are_no_ids", path=inquiry.way.field), answer)
    return found

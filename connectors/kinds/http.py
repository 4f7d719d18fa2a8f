"""An HTTP API that answers in JSON, JSON Lines or XML, or with a table, Prometheus text or a plain number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import answers, inquiry
from connectors.answers import newest, pages, paging, tables
from connectors.answers.pages import Gathered
from connectors.calling import Request
from connectors.enrichers.fields import Whole
from connectors.enrichers.http import PROPOSED as PROPOSED
from connectors.enrichers.http import Enrichment as Enrichment
from connectors.enrichers.http import about as about
from connectors.enrichers.http import currency as currency
from connectors.enrichers.http import enrich as enrich
from connectors.enrichers.http import letter as letter
from connectors.enrichers.http import takes_several as takes_several
from connectors.fields import Address, Choice, Lines, Path, RelativePath, Text, WrittenTime
from connectors.inquiry import LAST_DAY, MOMENT_AFTER, Inquiry, details, stepping, steps
from connectors.inquiry.composing import Template, template_of
from connectors.inquiry.steps import FilledHeaders, Steps
from connectors.protocol import Call, Page
from connectors.signing.forms import SignInSecrets, SignInSettings
from connectors.written import times
from connectors.written.numerals import COMMA, POINT
from organisations.wanted import Form

LABEL = gettext_lazy("HTTP API")
SUMMARY = gettext_lazy("Reads numbers from an API that answers in JSON or XML, or from a table such as CSV.")
COLLECTS = True

WINDOW = frozenset({"since", "until"})
MOST_PAGES, MOST_DETAILS = 1000, 500
LONGEST_OVERLAP = 31 * 24 * 60  # minutes
ENTER_ADDRESS = gettext_lazy("Enter an address, such as https://api.example.com/visitors.")


class Settings(SignInSettings):
    """Where the API is and how one signs in."""

    WANTED = {"address": ENTER_ADDRESS}

    address = Address(
        may_be_path=True,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy(
            "What all its addresses begin with, for example https://analytics.example.com/api. "
            "Behind a gateway, what follows the gateway's address."
        ),
    )
    headers = Lines(
        label=gettext_lazy("More headers"),
        separator=":",
        help_text=gettext_lazy("Sent with every call, for example Accept-Language: en."),
    )


class Secrets(SignInSecrets):
    """What the sign-in needs; the rest stays empty."""


class Query(Form):
    """What is asked, and where the rows stand in the answer."""

    RARE = frozenset({
        "headers", "decimal", "lists", "transform", "date_format", "until_is", "cursor", "cursor_use", "cursor_format",
        "cursor_overlap", "pages", "next", "first_page", "most_pages", "steps", "details_path", "details_params",
        "most_details",
    })  # fmt: skip

    method = Choice(label=gettext_lazy("Method"), choices=[("GET", "GET"), ("POST", "POST")])
    path = RelativePath(
        label=gettext_lazy("Path"),
        help_text=gettext_lazy("Follows the connection's address. May hold {since}, {until} and {cursor}."),
    )
    params = Lines(
        label=gettext_lazy("Parameters"),
        separator="=",
        help_text=gettext_lazy("One a line, for example startDate={since}."),
    )
    headers = FilledHeaders(label=gettext_lazy("Headers"), help_text=gettext_lazy("Only for this feed, one a line."))
    body = forms.CharField(
        label=gettext_lazy("Body"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea,
        help_text=gettext_lazy("Only with POST."),
    )
    content_type = Text(label=gettext_lazy("Content type of the body"), initial="application/json", max_length=100)
    answer = Choice(
        label=gettext_lazy("The answer is"),
        choices=[
            (answers.FOUND_OUT, gettext_lazy("whatever it looks like")),
            (tables.JSON, "JSON"),
            (tables.JSON_LINES, gettext_lazy("JSON Lines, a document a line")),
            (answers.XML, "XML"),
            (tables.TABLE, gettext_lazy("a table, such as CSV")),
            (tables.PROMETHEUS, gettext_lazy("Prometheus text")),
            (tables.NUMBER, gettext_lazy("a plain number")),
        ],
    )
    decimal = Choice(
        label=gettext_lazy("Numbers in text are written"),
        choices=[
            (answers.FOUND_OUT, gettext_lazy("as they show themselves")),
            (POINT, "1,234.5"),
            (COMMA, "1.234,5"),
        ],
        help_text=gettext_lazy("Only for a table or a plain number."),
    )
    lists = forms.CharField(
        label=gettext_lazy("Elements that are lists"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Only for XML: names, for example order, item. They stay lists where only one stands."),
    )
    transform = Path(
        label=gettext_lazy("Reshape the answer"),
        help_text=gettext_lazy("What is made of it before rows are looked for (JMESPath). Empty: nothing."),
    )
    rows = Path(
        label=gettext_lazy("Rows"),
        help_text=gettext_lazy("Where the list stands in the answer, for example data.items. Empty: the whole answer."),
    )
    date_format = WrittenTime(label=gettext_lazy("Dates are sent as"), initial=times.DATE)
    until_is = Choice(
        label=gettext_lazy("{until} is"),
        choices=[
            (LAST_DAY, gettext_lazy("the last day asked for")),
            (MOMENT_AFTER, gettext_lazy("the day after it")),
        ],
        help_text=gettext_lazy("Only for dates. A time of day is always the moment at which the asked stretch ends."),
    )
    cursor = Path(
        label=gettext_lazy("Cursor"),
        help_text=gettext_lazy(
            "Where the answer says how it goes on, for example meta.next; or where a row tells how new it is. "
            "Empty: one page."
        ),
    )
    cursor_use = Choice(
        label=gettext_lazy("How it goes on"),
        choices=paging.CHOICES,
        help_text=gettext_lazy("What the cursor leads to, or how pages are counted."),
    )
    cursor_format = WrittenTime(
        reads=True,
        label=gettext_lazy("The time in a row is written"),
        initial=times.AUTO,
        help_text=gettext_lazy("By which the latest is found."),
    )
    cursor_overlap = Whole(
        label=gettext_lazy("Minutes asked for again"),
        initial=0,
        min_value=0,
        max_value=LONGEST_OVERLAP,
        help_text=gettext_lazy("{cursor} is so much before the latest time, for rows that come late."),
    )
    pages = Choice(
        label=gettext_lazy("Pages of what is new"),
        choices=paging.PAGES_OF_NEW,
        help_text=gettext_lazy("Back, where a service begins with the newest rows."),
    )
    next = Path(
        label=gettext_lazy("Next page"), help_text=gettext_lazy("Where the answer names it, for example meta.next.")
    )
    first_page = Choice(
        label=gettext_lazy("The first page is number"),
        choices=[("1", "1"), ("0", "0")],
        help_text=gettext_lazy("Only where pages are counted."),
    )
    most_pages = Whole(
        label=gettext_lazy("Most pages"),
        initial=100,
        min_value=1,
        max_value=MOST_PAGES,
        help_text=gettext_lazy("Where there are more, nothing is kept, unless the next call goes on from there."),
    )
    steps = Steps(
        label=gettext_lazy("Steps before it"),
        help_text=gettext_lazy(
            "Calls whose answers are needed, such as POST login, then lines with param, header, body, "
            "and keep token = data.token. What is kept stands for {token} from then on."
        ),
    )
    details_path = RelativePath(
        label=gettext_lazy("Details of each row"),
        help_text=gettext_lazy(
            "A path with fields of a row, for example orders/{id}. The answer stands in the row as details."
        ),
    )
    details_params = Lines(label=gettext_lazy("Parameters of the details"), separator="=")
    most_details = Whole(
        label=gettext_lazy("Most rows with details"),
        initial=50,
        min_value=1,
        max_value=MOST_DETAILS,
        help_text=gettext_lazy("Each is a call of its own."),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a body that cannot be sent, unknown placeholders, and a cursor that leads nowhere."""
        query = super().clean() or {}
        if self.errors:
            return query
        if query["body"] and query["method"] == "GET":
            raise ValidationError({"body": _("A body goes with POST.")})
        kept = _check_steps(query)
        _check_placeholders(query, kept)
        _check_details(query, kept)
        return query


def _check_steps(query: Mapping[str, Any]) -> set[str]:
    """Return what the steps keep."""
    secrets = frozenset(Secrets.base_fields)
    reserved = WINDOW | paging.PLACEHOLDERS | secrets
    try:
        return steps.check(steps.parsed(query["steps"]), known=WINDOW | secrets, reserved=reserved)
    except ValidationError as error:
        raise ValidationError({"steps": error.messages}) from None


def _check_placeholders(query: Mapping[str, Any], kept: set[str]) -> None:
    try:
        used = template_of(query).placeholders
    except ValueError:
        raise ValidationError({"body": _("This is not valid JSON.")}) from None
    for name in sorted(used - WINDOW - paging.PLACEHOLDERS - kept):
        sentence = _(
            "%(placeholder)s is not known: only %(known)s and what steps keep are filled. "
            "Other braces need a space inside."
        )
        known = ", ".join(f"{{{each}}}" for each in ("since", "until", "cursor", "page", "offset", "next", "before"))
        raise ValidationError(sentence % {"placeholder": f"{{{name}}}", "known": known})
    for field_name, sentence in paging.refusals(query, used):
        raise ValidationError({field_name: sentence})


def _check_details(query: Mapping[str, Any], kept: set[str]) -> None:
    used = _details_of(query).placeholders
    if query["details_path"] and not used - WINDOW - kept:
        raise ValidationError({"details_path": _("Write where a field of the row is to be sent, such as {id}.")})
    if query["details_params"] and not query["details_path"]:
        raise ValidationError({"details_params": _("Say where the details are, such as orders/{id}.")})


def _details_of(query: Mapping[str, Any]) -> Template:
    return Template(path=query["details_path"], params=query["details_params"], headers=query["headers"])


def uses_window(query: Mapping[str, Any]) -> bool:
    """Say whether a cleaned query asks for a stretch of time, or for what is there now."""
    asked = [template_of(query), *(step.template for step in steps.parsed(query["steps"]))]
    return any(template.placeholders & WINDOW for template in asked)


def address(settings: Mapping[str, Any]) -> str:
    """Return the address that all calls begin with."""
    return str(settings.get("address", ""))


def fetch(call: Call) -> Page:
    """Take the steps before, ask, go on from page to page, and ask for the details of each row.

    Pages are followed to their end, and the whole is refused where it has none. Where a cursor is kept for next time,
    that is followed until nothing new comes, and what came before a failure is kept. Raises FetchError.
    """
    until = monotonic() + pages.MOST_SECONDS
    kept = stepping.taken(call, steps.parsed(call.query["steps"]), inquiry.window_values(call))
    asked = inquiry.opened(call, kept)
    found = pages.gathered(
        asked.way, asked.first, partial(inquiry.ask, asked), limits=inquiry.limits(call, until), eye=asked.eye
    )
    if call.query["details_path"]:
        found = _with_details(asked, found, until)
    return _page(asked, found, _new_rows(asked, found))


def _with_details(asked: Inquiry, found: Gathered, until: float) -> Gathered:
    """Return the pages of which all new rows have their details. Raises FetchError where others would be lost."""
    query, rows = asked.call.query, _new_rows(asked, found)
    ended = details.put_beside(
        asked.call, rows, _details_of(query), asked.known, asked.manner, most=query["most_details"], until=until
    )
    return found if ended.failure is None else pages.before(found, asked.way, ended.failure, rows[ended.count :])


def request(call: Call, known: Callable[[str], str]) -> Request:
    """Return the request with which a query begins, to be shown; `known` says what stands for what steps would keep."""
    names = {name for step in steps.parsed(call.query["steps"]) for name in step.names}
    return inquiry.first_request(call, {name: known(name) for name in names})


def _new_rows(asked: Inquiry, found: Gathered) -> list[Any]:
    """Return the rows without those that were known before, where ids tell what is new."""
    if asked.way.keeps != paging.GREATEST or asked.eye is None or asked.first.newest is None:
        return found.rows
    return newest.newer_rows(found.rows, asked.eye, than=asked.first.newest)


def _page(asked: Inquiry, found: Gathered, rows: list[Any]) -> Page:
    first, is_alone, mask = found.parts[0], len(found.parts) == 1, asked.call.session.redaction.text
    return Page(
        rows=rows,
        cursor=_cursor(asked, found),
        answer=first.document,
        written=first.written,
        validators=first.validators if is_alone and found.cut is None else {},
        unchanged=first.unchanged,
        once=asked.way.keeps == paging.GREATEST and asked.eye is not None and newest.all_tell(rows, asked.eye),
        cut=found.cut and found.cut.masked(mask),
        cut_by=found.cut_by and found.cut_by.masked(mask),
    )


def _cursor(asked: Inquiry, found: Gathered) -> Any:
    """Return what the next call goes on from; nothing where nothing is kept."""
    before = asked.call.cursor
    if asked.way.keeps == paging.NEXT_TIME:
        marks = [part.mark for part in found.parts if part.mark is not None]
        return marks[-1] if marks else before
    if asked.way.keeps in paging.OF_NEW:
        return newest.greatest([asked.first.newest, *(part.seen.greatest for part in found.parts)])
    return None

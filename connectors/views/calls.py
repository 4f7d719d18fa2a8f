"""The pages about the call log: what the calls of a connection add up to, why some failed, and each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors.calls.figures import reason_words, sentence
from connectors.calls.filters import Filters, status_choices
from connectors.calls.log import failures, hours, logged_with, makes_calls
from connectors.calls.page import Seen, call_page, connection_rows, failure_rows, quota_rows, slowest
from connectors.calls.spans import LENGTHS, USUAL, Span
from connectors.calls.tallies import Tally, summed
from connectors.models import CallRecord, Connection, Feed
from connectors.presenting import call_views, outcome
from connectors.protocol import Window
from organisations.languages import clock, duration, grouped, size
from organisations.pages import organisation_page
from organisations.roles import Permission
from organisations.sheets import csv_response

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access
    from organisations.tenancy import TenantQuerySet

CALLS_A_PAGE = 50
MOST_SLOW = 10
MOST_LINES = 100_000  # of a table to take away
QUOTA_DAYS = Span(USUAL)  # for so many days the quota is shown, or for as many as are chosen


@organisation_page(Permission.VIEW)
def calls(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Show what the calls of a connection add up to, and the log itself; `?as=csv` downloads it as it is filtered."""
    row, now = access.get(Connection, pk), timezone.now()
    logged, filters = logged_with(row), Filters.of(request.GET)
    log = filters.apply(access.rows(CallRecord).filter(connection__in=logged))
    if request.GET.get("as") == "csv":
        return _sheet(row, log)
    span = Span.chosen(request.GET.get("days", ""))
    seen = _seen(access, logged, span, now)
    shown = call_page(seen)
    page = Paginator(log.select_related("connection"), CALLS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "nav": "connections",
        "connection": row,
        "is_gateway": len(logged) > 1,
        "span": span,
        "spans": [Span(days) for days in LENGTHS],
        "filters": filters,
        "feeds": access.rows(Feed).filter(connection__in=logged).select_related("connection").order_by("name", "pk"),
        "page": page,
        "log": call_views(page, now, access.zone),
        "statuses": status_choices(),
        "chosen_reason": reason_words(filters.reason) if filters.reason else "",
        "kept_words": _kept_words(row),
        **shown,
        **_details(access, row, logged, seen, shown["tally"]),
    }
    return render(request, "connectors/calls_of.html", context)


def _seen(access: Access, logged: list[int], span: Span, now: datetime) -> Seen:
    """Read a stretch, at least the days whose quota is shown, and the one a week before."""
    organisation, zone = access.organisation, access.organisation.zone
    window, days = span.window(now, zone), QUOTA_DAYS.window(now, zone)
    return Seen(
        span=span,
        found=hours(organisation, logged, Window(since=min(window.since, days.since), until=now)),
        before=hours(organisation, logged, span.before(now, zone)),
        now=now,
        zone=zone,
    )


def _details(access: Access, row: Connection, logged: list[int], seen: Seen, tally: Tally) -> dict[str, Any]:
    """Return why calls failed, which took longest, and how much of the quota was used."""
    window = seen.span.window(seen.now, seen.zone)
    lately = access.rows(CallRecord).filter(connection__in=logged, at__gte=window.since)
    return {
        "failures": failure_rows(failures(lately, tally.reasons), seen.now, access.zone),
        "slowest": call_views(slowest(lately, MOST_SLOW), seen.now, access.zone),
        "quota": grouped(row.daily_quota) if row.daily_quota else "",
        "quota_rows": quota_rows(seen, row.daily_quota, _longer(seen.span)) if row.daily_quota else [],
    }


def _kept_words(row: Connection) -> str:
    days = row.keep_calls_days
    said = ngettext(
        "No call is in the log. Each stays for %(days)s day.",
        "No call is in the log. Each stays for %(days)s days.",
        days,
    )
    return said % {"days": grouped(days)}


def _longer(span: Span) -> Span:
    return max(span, QUOTA_DAYS, key=lambda each: each.days)


def _sheet(row: Connection, log: TenantQuerySet[CallRecord]) -> HttpResponse:
    header = [
        _("Time"), _("Connection"), _("Feed"), _("Method"), _("Address"), _("Status"), _("Seconds"), _("Bytes"),
        _("Attempt"), _("Reason"), _("What went wrong"), _("Correlation id"),
    ]  # fmt: skip
    return csv_response(f"calls-{row.pk}", header, _lines(log))


def _lines(log: TenantQuerySet[CallRecord]) -> Iterator[list[object]]:
    rows = log.select_related("connection", "collection__feed").defer("sample")[:MOST_LINES]
    for call in rows.iterator(chunk_size=2000):
        yield [
            call.at.isoformat(), call.connection.name, call.collection.feed.name if call.collection else "",
            call.method, call.url, call.status, call.took, call.size, call.attempt, call.reason, call.error,
            call.correlation_id,
        ]  # fmt: skip


@organisation_page(Permission.VIEW)
def call(request: HttpRequest, access: Access, pk: int, callrecord: int) -> HttpResponse:
    """Show one call: what was asked, what came, and the other attempts under the same correlation id."""
    rows = access.rows(CallRecord).select_related("connection", "collection__feed")
    row, now = rows.filter(connection=pk, pk=callrecord).first(), timezone.now()
    if row is None:
        raise Http404
    attempts = rows.filter(connection=pk, correlation_id=row.correlation_id).exclude(pk=row.pk).order_by("at", "pk")
    context = {
        "nav": "connections",
        "connection": row.connection,
        "call": row,
        "failed": bool(row.problem) or row.status is None,
        "outcome": outcome(row),
        "when": clock(row.at, now=now, zone=access.zone),
        "took": duration(row.took),
        "size": size(row.size),
        "reason": reason_words(row.reason) if row.reason else "",
        "attempts": call_views(attempts[:MOST_SLOW], now, access.zone),
    }
    return render(request, "connectors/call.html", context)


@organisation_page(Permission.VIEW)
def calls_everywhere(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the connections that make calls, the one with the highest error rate first."""
    now, zone, span = timezone.now(), access.organisation.zone, Span.chosen(request.GET.get("days", ""))
    rows = [row for row in access.rows(Connection) if makes_calls(row)]
    ids = [row.pk for row in rows]
    found, before = (hours(access.organisation, ids, each) for each in (span.window(now, zone), span.before(now, zone)))
    lead, rest = sentence(summed(line[2] for line in found), span)
    context = {
        "nav": "connections",
        "span": span,
        "spans": [Span(days) for days in LENGTHS],
        "lead": lead,
        "rest": rest,
        "rows": connection_rows(rows, found, before),
    }
    return render(request, "connectors/calls_everywhere.html", context)

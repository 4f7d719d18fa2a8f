"""The pages about a feed's records: which there are, one of them whole, taking them away, asking about them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from connectors import record_page, record_sheets
from connectors.asking import feed_of
from connectors.enriching import acts
from connectors.models import CallRecord, Record
from connectors.record_filters import Filters
from connectors.records import currency_of
from organisations.languages import clock, grouped
from organisations.pages import organisation_page
from organisations.roles import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from connectors.models import Enrichment, Feed
    from organisations.access import Access
    from organisations.tenancy import TenantQuerySet

RECORDS_A_PAGE = 50


@organisation_page(Permission.VIEW)
def records(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """List the records of a feed; they can be searched, narrowed by state and time, and taken away."""
    row, now = feed_of(access, connection=pk, pk=feed), timezone.now()
    enrichment = acts.enrichment_of(access.organisation, row)
    filters = Filters.of(request.GET.dict())
    page = Paginator(filters.apply(_records(access, row), access.zone), RECORDS_A_PAGE).get_page(
        request.GET.get("page")
    )
    shown = list(page)
    fields = record_page.fields_of(shown)
    standing = acts.standing(row, enrichment)
    lead, rest = record_page.sentence(standing, enriches=enrichment is not None)
    return render(
        request,
        "connectors/records/list.html",
        {
            **_frame(row, enrichment),
            "lead": lead,
            "rest": rest,
            "standing": standing,
            "filters": filters,
            "states": Record.State.choices if enrichment else [],
            "fields": fields,
            "numeric": record_page.numeric(shown, fields),
            "page": page,
            "lines": record_page.lines(shown, fields, now, access.zone),
        },
    )


@organisation_page(Permission.VIEW)
def record(request: HttpRequest, access: Access, pk: int, feed: int, record: int) -> HttpResponse:
    """Show one record: the row as it came and what was made of it, side by side."""
    row, now = feed_of(access, connection=pk, pk=feed), timezone.now()
    enrichment = acts.enrichment_of(access.organisation, row)
    found = _records(access, row).select_related("collection").filter(pk=record).first()
    if found is None:
        raise Http404
    [line] = record_page.lines([found], [], now, access.zone)
    moments = {"recorded": found.recorded_at, "answered": found.enriched_at, "next": found.try_at}
    return render(
        request,
        "connectors/records/record.html",
        {
            **_frame(row, enrichment),
            "record": found,
            "line": line,
            "raw": record_page.as_json(found.raw),
            "enriched": record_page.as_json(found.enriched) if found.enriched is not None else "",
            "is_old": bool(enrichment and found.enriched is not None and found.recipe < enrichment.recipe),
            "facts": record_page.facts(found, currency_of(enrichment) if enrichment else ""),
            "call": _call(access, enrichment, found),
            **{name: clock(at, now=now, zone=access.zone) if at else "" for name, at in moments.items()},
        },
    )


@organisation_page(Permission.VIEW)
def records_download(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Take records away, those that are chosen: `as=csv` or `as=jsonl`."""
    row = feed_of(access, connection=pk, pk=feed)
    form = request.GET.get("as", record_sheets.CSV)
    if form not in (record_sheets.CSV, record_sheets.JSON_LINES):
        raise Http404
    chosen = Filters.of(request.GET.dict()).apply(_records(access, row), access.zone)
    return cast("HttpResponse", record_sheets.download(chosen, f"records-{row.pk}", form))


@require_POST
@organisation_page(Permission.EDIT)
def records_again(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Ask about one record again (`record`), or about all that failed."""
    row = feed_of(access, connection=pk, pk=feed)
    enrichment = acts.enrichment_of(access.organisation, row)
    if enrichment is None:
        raise Http404
    named = request.POST.get("record", "")
    chosen = _records(access, row)
    chosen = chosen.filter(pk=int(named)) if named.isdecimal() else chosen.filter(state=Record.State.FAILED)
    count = acts.ask_again(enrichment, chosen, timezone.now())
    said = ngettext("%(count)s record is asked about again.", "%(count)s records are asked about again.", count)
    messages.success(request, said % {"count": grouped(count)})
    if named.isdecimal() and count:
        return redirect("record", access.organisation.slug, pk, feed, int(named))
    return redirect("records", access.organisation.slug, pk, feed)


def _records(access: Access, feed: Feed) -> TenantQuerySet[Record]:
    return access.rows(Record).filter(feed=feed)


def _frame(feed: Feed, enrichment: Enrichment | None) -> dict[str, Any]:
    return {"feed": feed, "connection": feed.connection, "enrichment": enrichment, "nav": "connections"}


def _call(access: Access, enrichment: Enrichment | None, record: Record) -> CallRecord | None:
    """Return the call that brought the answer, while the log keeps it."""
    if not record.call_id or enrichment is None:
        return None
    calls = access.rows(CallRecord).filter(connection=enrichment.connection, correlation_id=record.call_id)
    return calls.order_by("-at", "-pk").first()

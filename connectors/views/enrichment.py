"""The pages about one enrichment: setting it up, trying it, changing it, how it is going, and ending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from connectors import record_page
from connectors.asking import feed_of
from connectors.enrich_forms import EnrichmentForms, services
from connectors.enriching import acts, asking
from connectors.enriching.words import money
from connectors.models import Connection, Enrichment
from connectors.protocol import Item
from organisations import managed
from organisations.pages import organisation_page
from organisations.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from connectors.models import Feed
    from organisations.access import Access

TRY = "try"


@organisation_page(Permission.EDIT)
def enrichment(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Set up or change how records are enriched; `act=try` asks about one of them and saves nothing."""
    row = feed_of(access, connection=pk, pk=feed)
    stored = acts.enrichment_of(access.organisation, row)
    if stored is not None:
        managed.refuse_locked_row(stored)
    drafted = stored or _draft(request, access, row)
    if drafted is None:
        return _choose(request, access, row)
    if request.method == "POST":
        return _posted(request, access, row, drafted)
    return _form_page(request, row, _forms(drafted, access))


def _draft(request: HttpRequest, access: Access, feed: Feed) -> Enrichment | None:
    """Return an enrichment that is not saved yet, through the connection that was chosen; None before one was."""
    named = request.POST.get("connection", request.GET.get("connection", ""))
    connection = services(access).filter(pk=int(named)).first() if named.isdecimal() else None
    return Enrichment(feed=feed, connection=connection) if connection and feed.keeps_records else None


def _choose(request: HttpRequest, access: Access, feed: Feed) -> HttpResponse:
    """Ask through which connection records are passed."""
    offered = services(access).exclude(pk=feed.connection_id).order_by("name")
    page = {"offered": offered, "own": services(access).filter(pk=feed.connection_id).first(), **_frame(feed)}
    return render(request, "connectors/records/choose.html", page)


def _forms(drafted: Enrichment, access: Access, data: Any = None) -> EnrichmentForms:
    return EnrichmentForms(drafted, access=access, estimate=acts.estimate(drafted), data=data)


def _posted(request: HttpRequest, access: Access, feed: Feed, drafted: Enrichment) -> HttpResponse:
    forms, now = _forms(drafted, access, request.POST), timezone.now()
    if not forms.is_valid():
        return _form_page(request, feed, forms)
    if request.POST.get("act") == TRY:
        return _form_page(request, feed, forms, trial=_trial(feed, forms, now))
    acts.save(drafted, forms.query.cleaned_data, redo=forms.chosen, now=now)
    messages.success(request, _("Saved. Records that wait are passed on within seconds."))
    return redirect("connection", access.organisation.slug, feed.connection_id)


def _trial(feed: Feed, forms: EnrichmentForms, now: datetime) -> dict[str, Any]:
    """Ask about the latest record as it was typed in; return what the page shows of it."""
    record = feed.records.first()
    if record is None:
        return {"message": _("There is no record to try it on yet. Check the feed first.")}
    connection: Connection = forms.form.cleaned_data["connection"]
    query = forms.query.cleaned_data
    tried = asking.try_out(connection, query, Item(key=record.key, row=record.raw), now=now)
    answer = tried.enriched
    cost = answer.cost if answer else 0.0
    return {
        "record": record,
        "letter": tried.letter,
        "message": tried.message,
        "answer": record_page.as_json(answer.fields) if answer and answer.fields is not None else "",
        "samples": [note.sample for note in tried.notes if note.sample],
        "tokens": answer.tokens if answer else 0,
        "cost": money(cost, forms.kind.currency(connection.settings, query)) if cost else "",
    }


def _form_page(
    request: HttpRequest, feed: Feed, forms: EnrichmentForms, *, trial: dict[str, Any] | None = None
) -> HttpResponse:
    page = {"forms": forms, "form": forms.wrong, "trial": trial, "enrichment": forms.form.instance, **_frame(feed)}
    return render(request, "connectors/records/enrichment.html", page)


def _frame(feed: Feed) -> dict[str, Any]:
    return {"feed": feed, "connection": feed.connection, "nav": "connections"}


@require_POST
@organisation_page(Permission.EDIT)
def enrichment_turn(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Pause an enrichment, resume it, or stop redoing old answers: `act` says which."""
    row = _stored(access, pk, feed)
    act, said = _acts().get(request.POST.get("act", ""), (None, ""))
    if act is None:
        raise Http404
    act(row, timezone.now())
    messages.success(request, said)
    return redirect("connection", access.organisation.slug, pk)


def _acts() -> dict[str, tuple[Callable[[Enrichment, datetime], None], str]]:
    return {
        "pause": (acts.pause, _("Paused. New records wait until you resume it.")),
        "resume": (acts.resume, _("Resumed. Records that waited are passed on within seconds.")),
        "stop": (
            lambda row, _now: acts.stop_redoing(row),
            _("Stopped. Old answers that were not redone yet stay as they are."),
        ),
    }


@organisation_page(Permission.EDIT)
def enrichment_delete(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Enrich no more; answers that came stay beside their records."""
    row = _stored(access, pk, feed)
    if request.method == "POST":
        acts.remove(row)
        messages.success(request, _("Records are passed on no more. The answers that came stay."))
        return redirect("connection", access.organisation.slug, pk)
    return render(request, "connectors/records/enrichment_delete.html", {"enrichment": row, **_frame(row.feed)})


def _stored(access: Access, pk: int, feed: int) -> Enrichment:
    """Return the enrichment of a feed; 404 where it has none, and refused where only a file may change it."""
    found = acts.enrichment_of(access.organisation, feed_of(access, connection=pk, pk=feed))
    if found is None:
        raise Http404
    managed.refuse_locked_row(found)
    return found

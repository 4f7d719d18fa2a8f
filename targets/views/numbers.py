"""One more number from a feed that is there already: its rows are shown as they come, and one clicks what else counts.

A feed reads certain rows, each at a certain time; every metric on it shares them. So only those rows are offered, and
how to find a number again is seen from a row.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from connectors import asking, presenting, ways
from connectors.models import Feed
from connectors.paths import look_up, picking
from connectors.ways import How
from organisations import managed
from organisations.access import Access
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets.record_rows import latest_rows
from targets.set_up.forms import FurtherForm
from targets.set_up.rows import add_number
from targets.trying.last_answers import forget, last_answer
from targets.views.picking import back_to, carried, moved, pick_before, pick_meant, posted_about, said, saved

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from connectors.paths.trails import Trail
    from connectors.ways import Pick, Way


@organisation_page(Permission.EDIT)
def feed_number(request: HttpRequest, access: Access, pk: int, feed: int) -> HttpResponse:
    """Ask the feed's source once, show its rows, ask which number is meant, and save it as a metric of the feed."""
    row = asking.feed_of(access, connection=pk, pk=feed)
    then = request.POST.get("then")
    if then == "again" or (request.method == "GET" and "at" not in request.GET):
        forget(row)
    if then in ("again", "choose"):
        return back_to(reverse("feed-number", args=[access.organisation.slug, pk, feed]), request, FurtherForm)
    result = last_answer(row, timezone.now())
    rows = (latest_rows(row) or rows_of(row, result.answer)) if result.ok else None
    form = _form(request, row, rows, access)
    pick = form.pick if form else None
    if form is not None and form.is_bound and form.is_valid():
        return saved(request, add_number(row, form, access, now=timezone.now()), access)
    mark = managed.mark_of(access.organisation, row.described_in, feed)
    page: dict[str, Any] = {
        "feed": row,
        "mark": mark,
        "result": result,
        "pick": pick,
        "form": form,
        "moved": moved(request, pick),
    }
    if request.GET.get("part") == "panel":
        return render(request, "targets/wizard_panel.html", page)
    page |= {"carried": carried(request, FurtherForm), **_around(row, rows)}
    return render(request, "targets/feed_number.html", page)


def _form(request: HttpRequest, feed: Feed, rows: Any, access: Access) -> FurtherForm | None:
    """Return the questions about the number that is picked; None where the rows have none."""
    find = partial(pick_of, feed, rows)
    pick, before = pick_meant(request, rows, find), pick_before(request, rows, find)
    if pick is None:
        return None
    about = posted_about(request, pick)
    return FurtherForm(about, pick=pick, feed=feed, access=access, said=said(request), before=before)


def _around(feed: Feed, rows: Any) -> dict[str, Any]:
    """Return what stands around the panel."""
    return {
        "connection": feed.connection,
        "asked": presenting.asked_address(feed),
        "part": "" if reads_the_whole(feed) else feed.query["rows"],
        "tree": picking.tree(rows),
        "host": urlsplit(feed.connection.address).netloc,
        "nav": "connections",
    }


def reads_the_whole(feed: Feed) -> bool:
    """Say whether the feed reads all of the answer, and not a part of it."""
    return feed.query.get("rows", "") in ("", ways.THE_WHOLE)


def rows_of(feed: Feed, answer: Any) -> Any:
    """Return the part of an answer that the feed reads: a list of rows, or what is one row as a whole."""
    return answer if reads_the_whole(feed) else look_up(feed.query["rows"])(answer)


def pick_of(feed: Feed, rows: Any, trail: Trail) -> Pick:
    """Return the number at the end of a way through the feed's rows, with the ways to find it again in any row."""
    pick = ways.picked(rows, trail)
    if not isinstance(rows, list) or feed.query.get("rows") == ways.THE_WHOLE:
        return replace(pick, ways=_within(pick))
    segment = _segment(feed, pick)
    found = _within(ways.picked(picking.follow(rows, trail[:1]), trail[1:]))
    return replace(pick, ways=tuple(replace(way, segment=segment) for way in found))


def _within(pick: Pick) -> tuple[Way, ...]:
    """Return the ways that stay in one row."""
    return tuple(way for way in pick.ways if way.how != How.ROWS)


def _segment(feed: Feed, pick: Pick) -> str:
    """Return what keeps rows of one date apart: what does so for the feed's first metric, or else what would do it."""
    used = feed.metrics.values_list("segment_path", flat=True)[:1]
    fits = (way.segment for way in pick.ways if way.how == How.ROWS and not way.rows and way.at == feed.at_path)
    return next(chain(used, fits), "")

"""Writes letters: what is stored about targets, as a mail in HTML, the same as text, and pictures. Judges nothing.

Whoever calls chooses the language; a letter is written in the active one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from alerts import words
from connectors import shape_words
from connectors.paths.read import affected
from organisations import languages
from targets import wording
from targets.charts.pictures import picture_of
from targets.domain.terms import NEEDS_ATTENTION, Status
from targets.domain.verdict import Evaluation
from targets.filters import Filters
from targets.numbers import numbers_of
from targets.plans import plan_of
from targets.presenting import Row, period_found, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from alerts.models import Recipient, Report
    from connectors.models import Enrichment, Feed, ShapeChange
    from organisations.models import Organisation
    from targets.models import Metric, StatusChange, Target

MOST_SECTIONS = 5  # charts in one report
BEFORE_A_WORD = re.compile(rf"{languages.NO_BREAK_SPACE}(?=[^\W\d_]{{4}})")  # “6,207 people”, but not “22.7 °C”


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG and the name by which the HTML asks for it (`cid:`)."""

    cid: str
    png: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail without its envelope. `thread` names the conversation that mails of one report, or one target, make up."""

    subject: str
    html: str
    text: str
    thread: str
    pictures: tuple[Picture, ...] = ()
    stop_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a status is shown in a mail: a sign beside its word, on a ground of its own."""

    sign: str
    fill: str
    ink: str


LOOKS = {
    Status.MISSED: Look(sign="✕", fill="#84123a", ink="#ffffff"),
    Status.BEHIND: Look(sign="↘", fill="#fde5d8", ink="#963100"),
    Status.AT_RISK: Look(sign="!", fill="#fdf0d3", ink="#734700"),
    Status.NO_DATA: Look(sign="–", fill="#efefe9", ink="#474b52"),
    Status.ON_TRACK: Look(sign="↗", fill="#dff3eb", ink="#005c44"),
    Status.MET: Look(sign="✓", fill="#005f46", ink="#ffffff"),
    Status.UPCOMING: Look(sign="·", fill="#efefe9", ink="#474b52"),
    Status.PAUSED: Look(sign="‖", fill="#efefe9", ink="#474b52"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One target: what is said about it, and its chart."""

    title: str
    text: str
    address: str
    source: str
    alt: str


def report(
    report: Report,
    targets: Sequence[Target],
    *,
    changes: Sequence[StatusChange] | None,
    recipient: Recipient | None,
    now: datetime,
    as_page: bool = False,
) -> Letter:
    """Write an issue of a report. `targets` are not empty, most urgent first; `changes` is None for the first issue.

    Those that need attention are drawn, or all while there are few. Without a recipient there is no way to stop it.
    `as_page` takes the pictures from the pages instead of the mail.
    """
    organisation = report.organisation
    rows = [row_of(target, now) for target in targets]
    pressing = [target for target in targets if target.status in NEEDS_ATTENTION]
    drawn = targets if len(targets) <= MOST_SECTIONS else pressing[:MOST_SECTIONS]
    pictures = () if as_page else tuple(_pictures(drawn, now))
    context = {
        **_frame(organisation, words.headline(len(pressing), len(targets)), now),
        "part": " · ".join(filter(None, (report.team, report.tag))),
        "preheader": words.preheader(rows[0]),
        "lede": words.lede(targets),
        "changed": "" if changes is None else words.changed(changes),
        "rows": [_line(row, organisation) for row in rows],
        "table": words.table(rows),
        "sections": [_section(target, as_page=as_page) for target in drawn],
        "address": link("overview", organisation) + _filter(report),
        "why": _why(report, is_test=recipient is None and not as_page),
        "stop_address": _stop_address(recipient),
        "change_address": link("reports", organisation),
        "as_page": as_page,
    }
    return _letter("report", context, thread=f"report-{report.pk}", pictures=pictures)


def nothing(report: Report, *, now: datetime) -> str:
    """Return the page that stands in a report's place while no target is in it."""
    context = {
        **_frame(report.organisation, _("No mail is sent"), now),
        "preheader": "",
        "sentence": _("No target is in this report yet."),
        "as_page": True,
    }
    return render_to_string("alerts/mail/nothing.html", context)


def change(change: StatusChange, *, now: datetime) -> Letter:
    """Write the mail about one change of status, for the target's owner."""
    target, status = change.target, Status(change.new_status)
    organisation, old = target.organisation, Status(change.old_status)
    found, plan, numbers = Evaluation.from_plain(change.evaluation), plan_of(target), numbers_of(target.metric)
    sentence = wording.sentence(plan, found, status=status, unit=numbers.unit)
    track = _track_of(change)
    pictures = (Picture(cid=_cid(target), png=picture_of(target, track, now)),) if track else ()
    name, lead, address = target.name, sentence.lead, link("target", organisation, target.pk)
    if change.period_starts_on and change.period_starts_on != target.period_starts_on:
        label = wording.period_label(period_found(plan, found))
        name = _("%(name)s, %(period)s") % {"name": target.name, "period": label}
        lead = _("%(period)s: %(sentence)s") % {"period": label, "sentence": sentence.lead}
        address = link("target-period", organisation, target.pk, change.period_starts_on.isoformat())
    context = {
        **_frame(organisation, words.news(name, old, status), now),
        "preheader": lead,
        "look": LOOKS[status],
        "word": wording.status_word(status),
        "before": words.before(old, status),
        "lead": lead,
        "rest": sentence.rest,
        "needed": words.needed(plan, found, status, numbers),
        "source": f"cid:{_cid(target)}" if track else "",
        "alt": words.alt(target.name, sentence),
        "address": address,
        "why": _("You get this because you own the target “%(name)s”.") % {"name": target.name},
    }
    return _letter("change", context, thread=f"target-{target.pk}", pictures=pictures)


def lost_key(feed: Feed, *, now: datetime) -> Letter:
    """Write the mail about a source that takes its key no more, for those who manage the organisation."""
    connection, organisation = feed.connection, feed.connection.organisation
    context = {
        **_frame(organisation, _("%(name)s needs a new key") % {"name": connection.name}, now),
        "preheader": _("Its numbers stand still until then."),
        "sentences": [_refusal(feed, now), *([feed.message] if feed.message else []), _at_stake(feed)],
        "act": _("Enter a new key"),
        "address": link("connection-key", organisation, connection.pk),
        "why": _looks_after(organisation),
    }
    return _letter("source", context, thread=f"connection-{connection.pk}")


def set_aside(feed: Feed, *, now: datetime) -> Letter:
    """Write the mail about a source that is not asked any more, for those who manage the organisation."""
    connection, organisation = feed.connection, feed.connection.organisation
    about = {"name": connection.name, "feed": feed.name}
    context = {
        **_frame(organisation, _("%(name)s is not asked any more") % about, now),
        "preheader": _("Its numbers stand still until somebody looks at it."),
        "sentences": [
            _("“%(feed)s” failed several times in a row in a way that trying again does not mend.") % about,
            *([feed.message] if feed.message else []),
            _("Mend it, then press Check now."),
        ],
        "act": _("Look at it"),
        "address": link("connection", organisation, connection.pk),
        "why": _looks_after(organisation),
    }
    return _letter("source", context, thread=f"connection-{connection.pk}")


def refused_enrichment(enrichment: Enrichment, *, now: datetime) -> Letter:
    """Write the mail about a service that enriches records and takes its key no more, for those who manage it."""
    connection, organisation = enrichment.connection, enrichment.connection.organisation
    context = {
        **_frame(organisation, _("%(name)s needs a new key") % {"name": connection.name}, now),
        "preheader": _("Records wait until then."),
        "sentences": [
            _("The records of %(feed)s are passed to it; they wait until a new key is entered. None is lost.")
            % {"feed": enrichment.feed.name},
            *([enrichment.message] if enrichment.message else []),
        ],
        "act": _("Enter a new key"),
        "address": link("connection-key", organisation, connection.pk),
        "why": _looks_after(organisation),
    }
    return _letter("source", context, thread=f"connection-{connection.pk}")


def changed_answers(change: ShapeChange, *, now: datetime) -> Letter:
    """Write the mail about answers in which something that is read is gone, for those who manage the organisation."""
    connection, organisation = change.feed.connection, change.feed.connection.organisation
    metrics = affected(change)
    context = {
        **_frame(organisation, _("The answers of %(name)s have changed") % {"name": connection.name}, now),
        "preheader": shape_words.sentence(change),
        "sentences": [shape_words.sentence(change), *shape_words.successors(change), _what_reads_it(metrics)],
        "act": _("Look at it"),
        "address": link("metric-try", organisation, metrics[0].pk) if metrics else _its_page(change),
        "why": _looks_after(organisation),
    }
    return _letter("source", context, thread=f"connection-{connection.pk}")


def _its_page(change: ShapeChange) -> str:
    return link("connection", change.feed.connection.organisation, change.feed.connection_id)


def _what_reads_it(metrics: Sequence[Metric]) -> str:
    named = {"names": languages.listed([metric.name for metric in metrics])}
    return (
        ngettext(
            "%(names)s reads what is gone. Its last values stand until you say where the number is now.",
            "%(names)s read what is gone. Their last values stand until you say where the numbers are now.",
            len(metrics),
        )
        % named
    )


def _looks_after(organisation: Organisation) -> str:
    return _("You get this because you look after %(organisation)s.") % {"organisation": organisation.name}


def link(name: str, organisation: Organisation, *args: Any) -> str:
    """Return the full address of a page, as it stands in a mail."""
    return settings.SITE_URL + reverse(name, args=[organisation.slug, *args])


def _letter(template: str, context: dict[str, Any], *, thread: str, pictures: tuple[Picture, ...] = ()) -> Letter:
    return Letter(
        subject=context["headline"],
        html=render_to_string(f"alerts/mail/{template}.html", context),
        text=render_to_string(f"alerts/mail/{template}.txt", context),
        thread=thread,
        pictures=pictures,
        stop_url=context.get("stop_address", ""),
    )


def _frame(organisation: Organisation, headline: str, now: datetime) -> dict[str, Any]:
    today = now.astimezone(organisation.zone).date()
    return {
        "organisation": organisation.name,
        "date_line": words.date_line(today),
        "headline": headline,
    }


def _why(report: Report, *, is_test: bool) -> str:
    if is_test:
        return _("You get this because you asked for a test of “%(name)s”.") % {"name": report.name}
    about = {"name": report.name, "schedule": words.schedule(report.at, report.weekdays)}
    return _("You get this %(schedule)s because you were added to “%(name)s”.") % about


def _filter(report: Report) -> str:
    chosen = Filters(team=report.team, tag=report.tag).address
    return "" if chosen == "?" else chosen


def _refusal(feed: Feed, now: datetime) -> str:
    about = {"name": feed.connection.name}
    if feed.failing_since is None:
        return _("%(name)s refuses the stored key.") % about
    since = languages.clock_inside(feed.failing_since, now=now, zone=feed.connection.organisation.zone)
    return _("%(name)s has refused the stored key since %(since)s.") % (about | {"since": since})


def _at_stake(feed: Feed) -> str:
    metrics = feed.metrics.count()
    words = ngettext(
        "It brings %(number)s metric; the last values stand until a new key is entered.",
        "It brings %(number)s metrics; the last values stand until a new key is entered.",
        metrics,
    )
    return words % {"number": languages.grouped(metrics)}


def _line(row: Row, organisation: Organisation) -> dict[str, Any]:
    """Return a line of the table; on a phone its numbers may stand above their words, so that none is broken apart."""
    told = {name: _foldable(getattr(row, name)) for name in ("value", "goal", "stale", "finish", "chance")}
    look, address = LOOKS[row.status], link("target", organisation, row.pk)
    return {"name": row.name, "word": row.word, "look": look, "address": address, **told}


def _foldable(words: str) -> str:
    """Return words in which a line may end between a number and the long word after it."""
    return BEFORE_A_WORD.sub(" ", words)


def _section(target: Target, *, as_page: bool) -> Section:
    status, numbers = Status(target.status), numbers_of(target.metric, goal=target.goal)
    address = link("target", target.organisation, target.pk)
    text, alt = _("Nothing has been read yet."), ""
    if target.evaluation:
        plan, found = plan_of(target), Evaluation.from_plain(target.evaluation)
        sentence = wording.sentence(plan, found, status=status, unit=numbers.unit)
        said = (sentence.lead, sentence.rest, words.likely(found, numbers), words.needed(plan, found, status, numbers))
        text, alt = " ".join(filter(None, said)), words.alt(target.name, sentence)
    shown = _png_address(target) if as_page else f"cid:{_cid(target)}"
    return Section(
        title=words.titled(target.name, status),
        text=text,
        address=address,
        source=shown if target.track else "",
        alt=alt,
    )


def _pictures(targets: Iterable[Target], now: datetime) -> Iterator[Picture]:
    for target in targets:
        if target.track is not None:
            yield Picture(cid=_cid(target), png=picture_of(target, target.track, now))


def _track_of(change: StatusChange) -> dict[str, Any] | None:
    """Return the track of the period that the change is about: the present one, or one that has closed."""
    target = change.target
    if change.period_starts_on == target.period_starts_on:
        track: dict[str, Any] | None = target.track
        return track
    if change.period_starts_on is None:
        return None
    closed = target.results.filter(starts_on=change.period_starts_on).first()
    return closed.track if closed else None


def _stop_address(recipient: Recipient | None) -> str:
    return settings.SITE_URL + reverse("report-stop", args=[recipient.token]) if recipient else ""


def _png_address(target: Target) -> str:
    """Return where the picture is drawn in the letter's language, whatever the reader's own is."""
    return reverse("target-png", args=[target.organisation.slug, target.pk]) + f"?language={get_language()}"


def _cid(target: Target) -> str:
    return f"target-{target.pk}"

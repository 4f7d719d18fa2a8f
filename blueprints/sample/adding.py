"""Putting the sample into an organisation: its numbers first, then made-up readings, then targets that fit them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import chain, count
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from blueprints.applying import Order, apply, prepare, wanted_by
from blueprints.sample.head import FILE, Part, Sample, the_sample
from connectors.models import Connection
from targets import sample
from targets.blueprint.putting import unsaved
from targets.judging import judge_target
from targets.made_up import goal_that_shows, points
from targets.models import Metric, Target
from targets.recording import record_points

if TYPE_CHECKING:
    from datetime import datetime

    from organisations.access import Access

NUMBERS = ("connections", "feeds", "metrics")
TRACKED_DAYS = 75
ANY_GOAL = "1"
Answers = Mapping[str, str]


def add(access: Access, now: datetime) -> None:
    """Put the samples into the organisation; what is there already stays as it is."""
    with transaction.atomic():
        if sample.exists(access):
            return
        what, answers = the_sample(), _answers(the_sample(), access, now)
        apply(access, _order(what, answers, NUMBERS), now=now)
        access.rows(Connection).filter(name=answers["SAMPLE"]).update(is_sample=True)
        _make_up(what, answers, access, now)
        apply(access, _order(what, answers | _goals(what, answers, access, now)), now=now)
        for part in what.parts:
            _look_back(part, access.rows(Target).get(name=answers[part.word]), access, now)


def _order(what: Sample, answers: Answers, only: tuple[str, ...] = ()) -> Order:
    return Order(texts={FILE.name: what.text}, answers=answers, only=only)


def _answers(what: Sample, access: Access, now: datetime) -> dict[str, str]:
    """Return the names in the reader's language, the days, and who owns the targets."""
    today = now.astimezone(access.organisation.zone).date()
    words = {name: str(said) for name, said in what.words.items()}
    named = {part.word: _unused(words[part.word], access) for part in what.parts}
    days = {name: (today + timedelta(days=ahead)).isoformat() for name, ahead in what.days.items()}
    return {**words, **named, **days, "SAMPLE": _free_connection(words["SAMPLE"], access), "ME": access.user.email}


def _unused(name: str, access: Access) -> str:
    taken = access.rows(Metric).filter(name=name).exists() or access.rows(Target).filter(name=name).exists()
    return _("%(name)s (sample)") % {"name": name} if taken else name


def _free_connection(name: str, access: Access) -> str:
    taken = set(access.rows(Connection).values_list("name", flat=True))
    return next(free for free in chain([name], (f"{name} {number}" for number in count(2))) if free not in taken)


def _make_up(what: Sample, answers: Answers, access: Access, now: datetime) -> None:
    for part in what.parts:
        metric = access.rows(Metric).get(name=answers[part.word])
        made_up = points(part.story, decimals=metric.decimals, now=now, zone=access.organisation.zone)
        record_points(metric, made_up, now=now)


def _goals(what: Sample, answers: Answers, access: Access, now: datetime) -> dict[str, str]:
    """Return the goals at which the targets show what they are meant to."""
    parts = {answers[part.word]: part for part in what.parts}
    order = _order(what, {**answers, **{part.goal: ANY_GOAL for part in what.parts}}, ("targets",))
    prepared, found = prepare(access, order), {}
    for change in prepared.plan.changes:
        wanted, part = wanted_by(change, prepared), parts[change.name]
        metric = access.rows(Metric).select_related("feed", "organisation").get(pk=wanted.ids["metric"][0])
        target = unsaved(wanted, metric, access, now)
        found[part.goal] = f"{goal_that_shows(target, part.shows, now):.{metric.decimals}f}"
    return found


def _look_back(part: Part, target: Target, access: Access, now: datetime) -> None:
    """Let a target have been tracked for a while, so that there are earlier periods, and write its notes."""
    today = now.astimezone(access.organisation.zone).date()
    target.tracking_since = today - timedelta(days=TRACKED_DAYS)
    target.evaluation = target.track = None
    target.save(update_fields=["tracking_since", "evaluation", "track"])
    for note in part.notes:
        target.notes.create(on=today - timedelta(days=note.days_ago), text=str(note.text), author=access.user)
    judge_target(target.pk, now)

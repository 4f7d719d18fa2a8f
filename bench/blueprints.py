"""A whole organisation from a file: 500 metrics and 5,000 targets, beside the bare writing of the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from bench.load import twin
from bench.measure import Row, took
from blueprints.applying import Order, apply, prepare, validate
from blueprints.exporting import export
from organisations.access import access_for
from organisations.models import User
from organisations.setup import found
from targets.models import Metric, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.load import World
    from organisations.access import Access

METRICS, TARGETS = 500, 5000
HEAD = """\
blueprint: 1
connections:
  Typed in:
    kind: push
feeds:
  Typed in / Daily:
    every: 1 day
metrics:
"""
METRIC = """\
  Metric {number}:
    feed: Typed in / Daily
    unit: €
"""
TARGET = """\
  Target {number}:
    metric: Metric {metric}
    goal: at least {goal} per month
    team: Sales
    tags: [Growth]
"""


def text(*, goal: int) -> str:
    """Return the file."""
    metrics = "".join(METRIC.format(number=number) for number in range(METRICS))
    targets = (TARGET.format(number=number, metric=number % METRICS, goal=goal) for number in range(TARGETS))
    return f"{HEAD}{metrics}targets:\n{''.join(targets)}"


def rows(world: World) -> Iterator[Row]:
    """Yield seconds of CPU for each step; the floor is the bare `bulk_create` of the same rows, without any check."""
    access, before, after = _organisation(world), text(goal=100), text(goal=200)
    first = _cpu(lambda: apply(access, Order(texts={"a": before}), now=world.now))
    floor = _bare(access, world)

    def row(what: str, call: Callable[[], object]) -> Row:
        return Row(what=what, measured=_cpu(call), unit="s CPU", floor=floor)

    yield Row(what=f"Bare rows: {METRICS:,} metrics, {TARGETS:,} targets", measured=floor, unit="s CPU", floor=floor)
    yield row("A file of these: looked at", lambda: validate({"a": before}))
    yield Row(what="… applied", measured=first, unit="s CPU", floor=floor)
    yield row("… compared, nothing differs", lambda: prepare(access, Order(texts={"a": before})))
    yield row("… applied again, nothing differs", lambda: apply(access, Order(texts={"a": before}), now=world.now))
    yield row("… applied with another goal in each", lambda: apply(access, Order(texts={"a": after}), now=world.now))
    yield row("… exported", lambda: export(access))


def _organisation(world: World) -> Access:
    owner: User = world.large.user
    return access_for(owner, found(name="From a file", time_zone="Europe/Berlin", owner=owner).slug)


def _cpu(call: Callable[[], object]) -> float:
    return took(call).cpu


def _bare(access: Access, world: World) -> float:
    """Write twins of the same rows into an organisation of their own."""
    other = _organisation(world).organisation
    connection = other.connections.create(name="Typed in", kind="push")
    feed = connection.feeds.create(name="Daily")
    metrics = [twin(row, feed_id=feed.pk, organisation_id=other.pk) for row in access.rows(Metric)]
    patterns = list(access.rows(Target).defer("evaluation", "track"))

    def write() -> None:
        with transaction.atomic():
            made = other.metrics.bulk_create(metrics, batch_size=500)
            targets = [_target(row, made[place % METRICS], other.pk) for place, row in enumerate(patterns)]
            other.targets.bulk_create(targets, batch_size=500)

    return _cpu(write)


def _target(row: Target, metric: Metric, organisation: int) -> Target:
    names = ("name", "team", "goal", "period", "comparison", "aggregation", "tracking_since", "judge_at")
    return Target(organisation_id=organisation, metric=metric, **{name: getattr(row, name) for name in names})

"""Writing the metrics and targets of a blueprint: new ones all at once, changed ones each by its form.

A new one is judged by the same rules as in a form; a form for each would ask the database a dozen questions a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from connectors import asking
from connectors.models import Feed
from organisations.api_forms import judged
from organisations.documents import Refused, Wanted
from targets.aims import parts_of
from targets.domain.periods import local_day
from targets.judging import judge_target, pause, resume
from targets.models import Metric, Tag, Target
from targets.rules import feed_refusals, metric_refusals, target_refusals
from targets.serializers import MetricSerializer, TargetSerializer
from targets.tags import drop_unused

if TYPE_CHECKING:
    from datetime import datetime

    from organisations.access import Access

BATCH = 500
JUDGED_AT_ONCE = 30  # the verdicts of so many are there at once; of further ones within a minute
METRIC_COLUMNS = [
    "value_path",
    "segment_path",
    "scale",
    "value_kind",
    "unit",
    "decimals",
    "higher_is_better",
    "counts_distinct",
    "missing_is_zero",
    "can_fall",
    "scale_min",
    "scale_max",
]
TARGET_COLUMNS = ["team", "profile", "start_value", "time_zone"]
DAYS = ("starts_on", "ends_on")


def refuse(said: Iterable[tuple[str, str]]) -> None:
    """Raise Refused if anything is said against a row."""
    errors: dict[str, list[str]] = {}
    for name, sentence in said:
        errors.setdefault(name, []).append(sentence)
    if errors:
        raise Refused(errors)


def refuse_fields(row: Model, *, known: tuple[str, ...]) -> None:
    """Raise Refused where a value does not fit its column; `known` are columns that need no look."""
    try:
        row.clean_fields(exclude=known)
    except ValidationError as error:
        raise Refused(error.message_dict) from None


@dataclass(slots=True)
class Metrics:
    """Writes metrics: new ones all at once, changed ones each by its form."""

    access: Access
    now: datetime
    new: dict[str, Metric] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    feeds: dict[int, Feed] = field(default_factory=dict)

    def put(self, wanted: Wanted) -> None:
        """Take a new metric, or change one; its targets are judged by it."""
        if wanted.pk is not None:
            self._change(wanted, wanted.pk)
            return
        feed = self._feed(wanted.ids["feed"][0])
        values = {name: wanted.values[name] for name in METRIC_COLUMNS}
        refuse([*metric_refusals(values), *feed_refusals(values, feed)])
        row = Metric(organisation=self.access.organisation, feed=feed, name=wanted.name, **values)
        refuse_fields(row, known=("organisation", "feed"))
        self.new[wanted.name] = row

    def _change(self, wanted: Wanted, pk: int) -> None:
        columns = {name: wanted.values[name] for name in METRIC_COLUMNS}
        data = {"name": wanted.name, "feed": wanted.id("feed"), **columns}
        context = {"access": self.access, "now": self.now}
        judged(MetricSerializer(self.access.get(Metric, pk), data=data, context=context))
        self.ids[wanted.name] = pk

    def _feed(self, pk: int) -> Feed:
        if pk not in self.feeds:
            self.feeds[pk] = self.access.rows(Feed).select_related("connection").get(pk=pk)
        return self.feeds[pk]

    def remove(self, pks: list[int]) -> None:
        """Remove metrics with their readings and targets."""
        self.access.rows(Metric).filter(pk__in=pks).delete()

    def finish(self) -> dict[str, int]:
        """Write the new ones, and ask each of their feeds for the whole history."""
        made = self.access.organisation.metrics.bulk_create(self.new.values(), batch_size=BATCH)
        for feed in {row.feed_id: row.feed for row in made}.values():
            asking.anew(feed, self.now)
        return {**self.ids, **{row.name: row.pk for row in made}}


@dataclass(slots=True)
class Targets:
    """Writes targets."""

    access: Access
    now: datetime
    new: dict[str, Target] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)  # of the new ones
    ids: dict[str, int] = field(default_factory=dict)
    metrics: dict[int, Metric] = field(default_factory=dict)

    def put(self, wanted: Wanted) -> None:
        """Take a new target, or change one, which is judged at once."""
        if wanted.pk is not None:
            self._change(wanted, wanted.pk)
            return
        metric = self._metric(wanted.ids["metric"][0])
        row = unsaved(wanted, metric, self.access, self.now)
        refuse_fields(row, known=("organisation", "metric", "owner", "evaluation", "track"))
        self.new[wanted.name], self.tags[wanted.name] = row, wanted.values["tags"]

    def _change(self, wanted: Wanted, pk: int) -> None:
        values, row = wanted.values, self.access.get(Target, pk)
        data = {"name": wanted.name, "metric": wanted.id("metric"), "owner": wanted.id("owner")}
        data |= {**_values(wanted), "tags": values["tags"]}
        data |= {name: f"{data[name]}" if data[name] else None for name in DAYS}
        judged(TargetSerializer(row, data=data, context={"access": self.access, "now": self.now}))
        row = self.access.get(Target, pk)
        if values["paused"] and row.paused_at is None:
            pause(row, self.now)
        elif not values["paused"] and row.paused_at is not None:
            resume(row, self.now)
        self.ids[wanted.name] = pk

    def _metric(self, pk: int) -> Metric:
        if not self.metrics:
            rows = (
                self.access.rows(Metric).select_related("feed").only("pk", "name", "value_kind", "feed__running_period")
            )
            self.metrics = {row.pk: row for row in rows}
        return self.metrics[pk]

    def remove(self, pks: list[int]) -> None:
        """Remove targets with their history of periods."""
        self.access.rows(Target).filter(pk__in=pks).delete()
        drop_unused(self.access.organisation)

    def finish(self) -> dict[str, int]:
        """Write the new ones with their tags and judge the first of them; the clock judges the rest."""
        made = self.access.organisation.targets.bulk_create(self.new.values(), batch_size=BATCH)
        carried = Target.tags.through
        known = self._tags()
        pairs = [carried(target=row, tag=known[name.lower()]) for row in made for name in self.tags[row.name]]
        carried.objects.bulk_create(pairs, batch_size=BATCH)
        if made:
            drop_unused(self.access.organisation)
        for row in [row for row in made if row.paused_at is not None]:
            pause(row, self.now)
        for row in [row for row in made if row.paused_at is None][:JUDGED_AT_ONCE]:
            judge_target(row.pk, self.now)
        return {**self.ids, **{row.name: row.pk for row in made}}

    def _tags(self) -> dict[str, Tag]:
        """Return the tags that the new ones carry, in small letters; those that are missing are made."""
        organisation = self.access.organisation
        known = {tag.name.lower(): tag for tag in organisation.tags.all()}
        for name in (name for names in self.tags.values() for name in names):
            if name.lower() not in known:
                known[name.lower()] = organisation.tags.create(name=name)
        return known


def unsaved(wanted: Wanted, metric: Metric, access: Access, now: datetime) -> Target:
    """Return a new target as it is wanted. Raises Refused where its metric cannot answer what it asks."""
    values = _values(wanted) | {"metric": metric}
    refuse(target_refusals(values, metric))
    return Target(
        organisation=access.organisation,
        name=wanted.name,
        owner_id=wanted.id("owner"),
        tracking_since=local_day(now, access.organisation.zone),
        paused_at=now if wanted.values["paused"] else None,
        judge_at=now,
        **values,
    )


def _values(wanted: Wanted) -> dict[str, Any]:
    """Return the columns of a target, its aim taken apart."""
    parts = dict.fromkeys(("goal_upper", *DAYS)) | parts_of(wanted.values["goal"])
    days = {name: date.fromisoformat(day) if (day := parts[name]) else None for name in DAYS}
    return {name: wanted.values[name] for name in (*TARGET_COLUMNS, "aggregation")} | parts | days

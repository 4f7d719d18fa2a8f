"""Writing the metrics and targets of a blueprint, all at once.

Each is judged by the same rules as in a form; a form for each would ask the database a dozen questions a row. What
saving a form does besides is done here for all: a changed question is a new version, without a verdict on the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import F, Model
from django.utils.translation import gettext as _

from connectors import asking
from connectors.models import Feed
from organisations.documents import Refused, Wanted
from targets.blueprint.aims import parts_of
from targets.domain.periods import local_day
from targets.domain.terms import URGENCY, Status, ValueKind
from targets.judging import judge_target, pause
from targets.models import Metric, Tag, Target
from targets.rules import ASKED, HOW_FOUND, feed_refusals, fixed_refusals, metric_refusals, target_refusals
from targets.saving import READ_BY
from targets.tags import drop_unused

if TYPE_CHECKING:
    from datetime import datetime

    from organisations.access import Access

BATCH = 500
JUDGED_AT_ONCE = 30  # the verdicts of so many are there at once; of further ones within a minute
METRIC_COLUMNS = [
    *HOW_FOUND,
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
KNOWN = ("organisation", "metric", "owner", "evaluation", "track")  # columns of a target that need no look
UNJUDGED: dict[str, Any] = {  # the columns of a target on whose question there is no verdict yet
    "evaluation": None,
    "track": None,
    "gap_share": None,
    "chance": None,
    "value": None,
}
NO_VERDICT: dict[str, Any] = {  # how it is shown, unless it is paused
    "status": Status.NO_DATA.value,
    "pending_status": "",
    "status_since": None,
    "urgency": URGENCY[Status.NO_DATA],
}


def refuse(said: Iterable[tuple[str, str]]) -> None:
    """Raise Refused if anything is said against a row."""
    errors: dict[str, list[str]] = {}
    for name, sentence in said:
        errors.setdefault(name, []).append(sentence)
    if errors:
        raise Refused(errors)


def batches(pks: list[int]) -> Iterator[list[int]]:
    """Yield ids in lists that fit into one statement."""
    yield from (pks[start : start + BATCH] for start in range(0, len(pks), BATCH))


def changed_columns(row: Model, values: Mapping[str, Any]) -> list[str]:
    """Set the columns of a row that are to be otherwise; returns which these are."""
    names = [name for name, value in values.items() if getattr(row, name) != value]
    for name in names:
        setattr(row, name, values[name])
    return names


def refuse_fields(row: Model, *, known: tuple[str, ...]) -> None:
    """Raise Refused where a value does not fit its column; `known` are columns that need no look."""
    try:
        row.clean_fields(exclude=known)
    except ValidationError as error:
        raise Refused(error.message_dict) from None


@dataclass(slots=True)
class Metrics:
    """Writes metrics."""

    access: Access
    now: datetime
    new: dict[str, Metric] = field(default_factory=dict)
    changed: dict[str, Metric] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)  # in which the changed ones differ
    feeds: dict[int, Feed] = field(default_factory=dict)
    there: dict[int, Metric] = field(default_factory=dict)
    with_targets: set[int] = field(default_factory=set)
    feeds_anew: dict[int, Feed] = field(default_factory=dict)  # that are asked for their whole history
    read_anew: list[int] = field(default_factory=list)  # metrics that are read otherwise than before

    def put(self, wanted: Wanted) -> None:
        """Take a metric that is to be created or changed."""
        feed = self._feed(wanted.ids["feed"][0])
        values = {name: wanted.values[name] for name in METRIC_COLUMNS}
        if wanted.pk is not None:
            self._change(wanted.name, self._there(wanted.pk), values, feed)
            return
        refuse([*metric_refusals(values), *feed_refusals(values, feed)])
        row = Metric(organisation=self.access.organisation, feed=feed, name=wanted.name, **values)
        refuse_fields(row, known=("organisation", "feed"))
        self.new[wanted.name] = row

    def _change(self, name: str, row: Metric, values: dict[str, Any], feed: Feed) -> None:
        refuse([*self._fixed(row, values, feed), *metric_refusals(values), *feed_refusals(values, feed)])
        columns = changed_columns(row, values)
        refuse_fields(row, known=("organisation", "feed"))
        self.changed[name] = row
        self.columns |= set(columns)
        if READ_BY & set(columns):
            self.feeds_anew[feed.pk] = feed
            self.read_anew.append(row.pk)

    def _fixed(self, row: Metric, values: dict[str, Any], feed: Feed) -> Iterator[tuple[str, str]]:
        """Yield what cannot become otherwise, in the words of the form."""
        if feed.pk != row.feed_id:
            yield "feed", _("A metric stays with its feed. Make another metric.")
        is_running = row.value_kind == ValueKind.RUNNING
        if values["value_kind"] != row.value_kind and (is_running or row.pk in self.with_targets):
            yield "value_kind", _("Fixed while targets or the source rest on it.")
        yield from fixed_refusals(values, row)

    def _there(self, pk: int) -> Metric:
        if not self.there:
            self.there = {row.pk: row for row in self.access.rows(Metric)}
            self.with_targets = set(self.access.rows(Target).values_list("metric_id", flat=True).order_by().distinct())
        return self.there[pk]

    def _feed(self, pk: int) -> Feed:
        if not self.feeds:
            self.feeds = {row.pk: row for row in self.access.rows(Feed).select_related("connection")}
        return self.feeds[pk]

    def remove(self, pks: list[int]) -> None:
        """Remove metrics with their readings and targets."""
        self.access.rows(Metric).filter(pk__in=pks).delete()

    def finish(self) -> dict[str, int]:
        """Write them, ask the feeds of what is read anew for their whole history, and judge the targets of the rest."""
        made = self.access.organisation.metrics.bulk_create(self.new.values(), batch_size=BATCH)
        if self.columns:
            self.access.rows(Metric).bulk_update(self.changed.values(), sorted(self.columns), batch_size=BATCH)
        for batch in batches(self.read_anew):
            self.access.rows(Metric).filter(pk__in=batch).update(counters={})
        for feed in ({row.feed_id: row.feed for row in made} | self.feeds_anew).values():
            asking.anew(feed, self.now)
        self._judge()
        return {row.name: row.pk for row in [*made, *self.changed.values()]}

    def _judge(self) -> None:
        """Have the targets of changed metrics judged: the first at once, the rest by the clock."""
        rows = self.access.rows(Target).filter(paused_at=None)
        judged: list[int] = []
        for batch in batches([row.pk for row in self.changed.values()]):
            rows.filter(metric__in=batch).update(judge_at=self.now)
            judged += rows.filter(metric__in=batch).order_by("pk").values_list("pk", flat=True)[:JUDGED_AT_ONCE]
        for pk in judged[:JUDGED_AT_ONCE]:
            judge_target(pk, self.now)


@dataclass(slots=True)
class Targets:
    """Writes targets."""

    access: Access
    now: datetime
    new: dict[str, Target] = field(default_factory=dict)
    changed: dict[str, Target] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)  # in which the changed ones differ
    anew: list[int] = field(default_factory=list)  # those of them that ask something else than before
    tags: dict[str, list[str]] = field(default_factory=dict)  # of those whose tags are to be written
    resting: list[Target] = field(default_factory=list)  # that are to be paused
    there: dict[int, Target] = field(default_factory=dict)
    metrics: dict[int, Metric] = field(default_factory=dict)

    def put(self, wanted: Wanted) -> None:
        """Take a target that is to be created or changed."""
        metric = self._metric(wanted.ids["metric"][0])
        if wanted.pk is not None:
            self._change(wanted, metric, self._there(wanted.pk))
            return
        row = unsaved(wanted, metric, self.access, self.now)
        refuse_fields(row, known=KNOWN)
        self.new[wanted.name], self.tags[wanted.name] = row, wanted.values["tags"]

    def _change(self, wanted: Wanted, metric: Metric, row: Target) -> None:
        """Take a changed target: what it asks otherwise is a new version."""
        values = settled(wanted, metric) | {"metric_id": metric.pk, "owner_id": wanted.id("owner")}
        columns = {name.removesuffix("_id") for name in changed_columns(row, values)}
        refuse_fields(row, known=KNOWN)
        if columns & set(ASKED):
            self.anew.append(row.pk)
        if wanted.values["paused"] and row.paused_at is None:
            self.resting.append(row)
        elif not wanted.values["paused"] and row.paused_at is not None:
            row.paused_at = None
            columns.add("paused_at")
        if [tag.name for tag in row.tags.all()] != wanted.values["tags"]:
            self.tags[wanted.name] = wanted.values["tags"]
        self.changed[wanted.name] = row
        self.columns |= columns

    def _there(self, pk: int) -> Target:
        if not self.there:
            rows = self.access.rows(Target).prefetch_related("tags").defer("evaluation", "track")
            self.there = {row.pk: row for row in rows}
        return self.there[pk]

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
        """Write them with their tags and judge the first of them; the clock judges the rest."""
        made = self.access.organisation.targets.bulk_create(self.new.values(), batch_size=BATCH)
        self._write_changed()
        written = [*made, *self.changed.values()]
        self._put_tags(written)
        for row in [*(row for row in made if row.paused_at is not None), *self.resting]:
            pause(row, self.now)
        for row in [row for row in written if row.paused_at is None][:JUDGED_AT_ONCE]:
            judge_target(row.pk, self.now)
        return {row.name: row.pk for row in written}

    def _write_changed(self) -> None:
        rows = self.access.rows(Target)
        if self.columns:
            rows.bulk_update(self.changed.values(), sorted(self.columns), batch_size=BATCH)
        for batch in batches(self.anew):
            rows.filter(pk__in=batch).update(version=F("version") + 1, **UNJUDGED)
            rows.filter(pk__in=batch).exclude(status=Status.PAUSED.value).update(**NO_VERDICT)
        for batch in batches([row.pk for row in self.changed.values()]):
            rows.filter(pk__in=batch, paused_at=None).update(judge_at=self.now)

    def _put_tags(self, written: list[Target]) -> None:
        """Let the rows carry exactly their tags; what no target carries any more goes."""
        rows = [row for row in written if row.name in self.tags]
        if not rows:
            return
        carried = Target.tags.through
        for batch in batches([row.pk for row in rows]):
            carried.objects.filter(target__in=batch).delete()
        known = self._tags()
        pairs = [carried(target=row, tag=known[name.lower()]) for row in rows for name in self.tags[row.name]]
        carried.objects.bulk_create(pairs, batch_size=BATCH)
        drop_unused(self.access.organisation)

    def _tags(self) -> dict[str, Tag]:
        """Return the tags that are to be carried, in small letters; those that are missing are made."""
        organisation = self.access.organisation
        known = {tag.name.lower(): tag for tag in organisation.tags.all()}
        for name in (name for names in self.tags.values() for name in names):
            if name.lower() not in known:
                known[name.lower()] = organisation.tags.create(name=name)
        return known


def unsaved(wanted: Wanted, metric: Metric, access: Access, now: datetime) -> Target:
    """Return a new target as it is wanted. Raises Refused where its metric cannot answer what it asks."""
    return Target(
        organisation=access.organisation,
        metric=metric,
        name=wanted.name,
        owner_id=wanted.id("owner"),
        tracking_since=local_day(now, access.organisation.zone),
        paused_at=now if wanted.values["paused"] else None,
        judge_at=now,
        **settled(wanted, metric),
    )


def settled(wanted: Wanted, metric: Metric) -> dict[str, Any]:
    """Return the columns of a target, with what follows from its metric. Raises Refused where that cannot answer."""
    values = _values(wanted)
    refuse([*target_refusals(values, metric), *_in_vain(wanted, values)])
    return values


def _in_vain(wanted: Wanted, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a file says and no column can keep."""
    if wanted.values["start_value"] is not None and values["start_value"] is None:
        yield "start_value", _("Only a level has a starting value.")


def _values(wanted: Wanted) -> dict[str, Any]:
    """Return the columns of a target, its aim taken apart."""
    parts = dict.fromkeys(("goal_upper", *DAYS)) | parts_of(wanted.values["goal"])
    days = {name: date.fromisoformat(day) if (day := parts[name]) else None for name in DAYS}
    return {name: wanted.values[name] for name in (*TARGET_COLUMNS, "aggregation")} | parts | days

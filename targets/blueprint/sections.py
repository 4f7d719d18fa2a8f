"""What can stand in a file about metrics and targets, and the roads to the rows and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils.translation import gettext as _

from connectors.blueprint.kinds import Path
from connectors.written.values import AUTO, NAMES
from organisations.documents import Body, Field, Found, Section, Wrong
from organisations.documents.sections import LookUp, joined
from organisations.documents.shapes import (
    Choice,
    Flag,
    Names,
    Number,
    Reference,
    Text,
    plain,
)
from targets.blueprint.aims import Aim, aim
from targets.blueprint.putting import METRIC_COLUMNS, TARGET_COLUMNS, Metrics, Targets
from targets.domain.terms import Aggregation, Comparison, PaceProfile, ReadAs, ValueKind
from targets.models import Metric, Tag, Target
from targets.rules import usual_aggregation
from targets.tags import LONGEST as LONGEST_TAG
from targets.tags import SEPARATOR, names_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from organisations.access import Access

Fields = dict[str, Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagNames(Names):
    """Tags, one blank between their words, as the pages take them."""

    def read(self, given: Any) -> list[str]:
        """Return the tags by the alphabet."""
        texts = given if isinstance(given, list) else [given]
        names = Names.read(self, [" ".join(each.split()) if isinstance(each, str) else each for each in texts])
        if any("," in name for name in names):
            raise Wrong(_("A tag has no comma. Write each tag as an item of the list."))
        try:
            return sorted(names_in(SEPARATOR.join(names)), key=str.lower)
        except ValueError as error:
            raise Wrong(str(error)) from None


METRIC_FIELDS: Fields = {
    "feed": Field(shape=Reference("feeds"), help="The feed whose rows hold it: “Analytics / Visitors”."),
    "read_as": Field(
        shape=Choice(tuple(ReadAs)),
        help="value as it stands, counter that only grows, ratio of two fields.",
        default=ReadAs.VALUE.value,
    ),
    "value_path": Field(shape=Path(longest=300), help="Where a row holds the value (JMESPath).", default=""),
    "weight_path": Field(shape=Path(longest=300), help="What the value is divided by; only for a ratio.", default=""),
    "number_format": Field(shape=Choice(NAMES), help="How texts that are numbers are written.", default=AUTO),
    "segment_path": Field(
        shape=Path(longest=200), help="Where a row names its category, region or version.", default=""
    ),
    "row_filter": Field(shape=Path(longest=300), help="A condition that a row has to fulfil.", default=""),
    "scale": Field(shape=Number(), help="Every value is multiplied by this.", default=1),
    "value_kind": Field(
        shape=Choice(tuple(ValueKind)),
        help="flow adds up, level goes up and down, running is the period's total so far.",
        default=ValueKind.FLOW.value,
    ),
    "unit": Field(shape=Text(longest=20), help="Such as €, % or visitors.", default=""),
    "decimals": Field(shape=Number(least=0, most=6, whole=True), help="Digits after the point.", default=0),
    "higher_is_better": Field(shape=Flag(), help="False for costs and waiting.", default=True),
    "counts_distinct": Field(shape=Flag(), help="The daily numbers count different people or things.", default=False),
    "missing_is_zero": Field(shape=Flag(), help="A day without a reading is a day of zero.", default=False),
    "can_fall": Field(shape=Flag(), help="The total can fall, for example by refunds.", default=False),
    "scale_min": Field(shape=Number(), help="Lower end on lists, for levels.", default=None),
    "scale_max": Field(shape=Number(), help="Upper end on lists, for levels.", default=None),
}
TARGET_FIELDS: Fields = {
    "metric": Field(shape=Reference("metrics"), help="The number that is to reach it."),
    "goal": Field(shape=Aim(), help="What is to be reached, and by when: “at least 10000 per month”."),
    "team": Field(shape=Text(longest=60), help="Whose target it is.", default=""),
    "owner": Field(shape=Reference("members"), help="The e-mail address of the member who is told.", default=""),
    "tags": Field(
        shape=TagNames(longest=LONGEST_TAG),
        help="Words that gather targets.",
        default=[],
    ),
    "aggregation": Field(
        shape=Choice(tuple(Aggregation)),
        help="How the readings of a period become one value; else as is usual for the metric.",
        default="",
    ),
    "profile": Field(
        shape=Choice(tuple(PaceProfile)), help="How the way to the goal is spread.", default=PaceProfile.LINEAR.value
    ),
    "start_value": Field(shape=Number(), help="For levels: where the way to the goal begins.", default=None),
    "time_zone": Field(shape=Text(longest=64), help="Such as Europe/Berlin; else the organisation's.", default=""),
    "paused": Field(shape=Flag(), help="True: it is not judged.", default=False),
}


def metric_fields(name: str, body: Body, known: LookUp) -> Fields:  # noqa: ARG001  the contract of a section
    """Return the fields of a metric."""
    return METRIC_FIELDS


def target_fields(name: str, body: Body, known: LookUp) -> Fields:  # noqa: ARG001  the contract of a section
    """Return the fields of a target; how its readings become one value is the usual way for its metric if unsaid."""
    metric = known("metrics", str(body.get("metric", "")).strip()) or {}
    kind = str(metric.get("value_kind") or METRIC_FIELDS["value_kind"].default).strip().lower()
    read_as = str(metric.get("read_as") or ReadAs.VALUE).strip().lower()
    usual = usual_aggregation(kind, read_as).value if kind in set(ValueKind) else ""
    return TARGET_FIELDS | {"aggregation": replace(TARGET_FIELDS["aggregation"], default=usual)}


def differing(fields: Fields, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that a file has to say, in the order of the fields."""
    return {name: values[name] for name in fields if values[name] != fields[name].default}


def metric_rows(access: Access) -> Iterator[Found]:
    """Yield the organisation's metrics."""
    for row in access.rows(Metric).select_related("feed__connection").order_by("name"):
        connection = row.feed.connection
        values = {name: plain_value(getattr(row, name)) for name in METRIC_COLUMNS}
        values["feed"] = joined(connection.name, row.feed.name)
        yield Found(name=row.name, pk=row.pk, body=differing(METRIC_FIELDS, values), is_sample=connection.is_sample)


def plain_value(value: Any) -> Any:
    """Return a stored value as a file says it."""
    return plain(value) if isinstance(value, float) else value


OF_OTHERS = {
    "of": F("metric__name"),
    "value_kind": F("metric__value_kind"),
    "read_as": F("metric__read_as"),
    "is_sample": F("metric__feed__connection__is_sample"),
    "email": F("owner__email"),
}
OF_AN_AIM = ["comparison", "goal", "goal_upper", "period", "starts_on", "ends_on"]


def target_rows(access: Access) -> Iterator[Found]:
    """Yield the organisation's targets; as plain values, for there can be thousands."""
    columns = ["pk", "name", *TARGET_COLUMNS, "aggregation", "paused_at", *OF_AN_AIM]
    tags = _tags(access)
    for row in access.rows(Target).order_by("name").values(*columns, **OF_OTHERS):
        values = {name: plain_value(row[name]) for name in TARGET_COLUMNS}
        values |= {
            "metric": row["of"],
            "goal": aim(**_stored_parts(row)),
            "owner": (row["email"] or "").lower(),
            "tags": sorted(tags.get(row["pk"], []), key=str.lower),
            "aggregation": _unusual(row["aggregation"], row["value_kind"], row["read_as"]),
            "paused": row["paused_at"] is not None,
        }
        body = differing(TARGET_FIELDS, values)
        yield Found(name=row["name"], pk=row["pk"], body=body, is_sample=row["is_sample"])


def _tags(access: Access) -> dict[int, list[str]]:
    """Return the tags of every target by its id."""
    found: dict[int, list[str]] = {}
    for target, name in access.rows(Tag).exclude(targets=None).order_by().values_list("targets", "name"):
        found.setdefault(target, []).append(name)
    return found


def _stored_parts(row: Mapping[str, Any]) -> dict[str, Any]:
    days = {name: f"{row[name]}" for name in ("starts_on", "ends_on")}
    upper = row["goal_upper"] if row["comparison"] == Comparison.WITHIN else None
    return {"comparison": row["comparison"], "goal": row["goal"], "goal_upper": upper, "period": row["period"], **days}


def _unusual(aggregation: str, value_kind: str, read_as: str) -> str:
    return "" if aggregation == usual_aggregation(value_kind, read_as) else aggregation


SECTIONS = [
    Section(
        name="metrics",
        help="Numbers over time: where each stands in the rows of its feed, and what its values are.",
        after=("feeds",),
        hangs_on=("feed",),
        fields=metric_fields,
        rows=metric_rows,
        writer=Metrics,
        variants=lambda: {"": METRIC_FIELDS},
    ),
    Section(
        name="targets",
        help="What is to be reached, and by when.",
        after=("metrics", "members"),
        hangs_on=("metric",),
        in_any_case=("tags",),
        fields=target_fields,
        rows=target_rows,
        writer=Targets,
        variants=lambda: {"": TARGET_FIELDS},
    ),
]

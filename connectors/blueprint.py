"""Connections and feeds as sections of a blueprint: what can stand in a file, and the roads to the rows and back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from django import forms

from connectors import asking, registry
from connectors.fields import Lines
from connectors.forms import masks_of, origin
from connectors.models import Connection, Feed
from connectors.models.feed import DAY, Asks, RunningPeriod
from connectors.paths import look_up
from connectors.problems import Unreadable
from connectors.secrets import KeyLost
from connectors.serializers import ConnectionSerializer, FeedSerializer
from organisations.api_forms import judged
from organisations.documents import REQUIRED, Body, Field, Found, Section, Shape, Wanted, Wrong
from organisations.documents.sections import LookUp, joined, parted
from organisations.documents.shapes import (
    Anything,
    Choice,
    Flag,
    Group,
    Number,
    Pairs,
    Rhythm,
    Secret,
    Text,
    minutes_of,
    rhythm,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from organisations.access import Access

Fields = dict[str, Field]
SIGN = "${%s}"  # how a secret is named


@dataclass(frozen=True, slots=True, kw_only=True)
class Path(Text):
    """Where something stands in a row (JMESPath)."""

    def read(self, given: Any) -> str:
        """Return the path. Raises Wrong for one that cannot be looked up."""
        path = Text.read(self, given)
        try:
            look_up(path)
        except Unreadable as error:
            raise Wrong(str(error)) from None
        return path


def shape_of(form_field: forms.Field) -> Shape:
    """Return the shape that a field of a kind's form has in a file."""
    if isinstance(form_field, Lines):
        return Pairs(separator=form_field.separator)
    if isinstance(form_field, forms.ChoiceField):
        choices: Any = form_field.choices
        return Choice(tuple(str(name) for name, _label in choices))
    if isinstance(form_field, forms.BooleanField):
        return Flag()
    if isinstance(form_field, forms.IntegerField):  # of which decimals are a kind
        return Number(whole=type(form_field) is forms.IntegerField)
    longest, strips = getattr(form_field, "max_length", None) or 5000, getattr(form_field, "strip", True)
    return Text(longest=longest, many_lines=_is_long(form_field), keeps_blanks=not strips)


def _is_long(form_field: forms.Field) -> bool:
    return isinstance(form_field.widget, forms.Textarea)


def group_of(form: type[forms.Form]) -> Group:
    """Return a kind's form as a group of fields."""
    shapes = {name: shape_of(each) for name, each in form.base_fields.items()}
    usual = {name: _usual(shapes[name], each) for name, each in form.base_fields.items()}
    return Group(
        shapes=shapes,
        defaults={name: value for name, value in usual.items() if value is not REQUIRED},
        required=tuple(name for name, value in usual.items() if value is REQUIRED),
    )


def _usual(shape: Shape, form_field: forms.Field) -> Any:
    if form_field.required and form_field.initial is None and not isinstance(form_field, forms.BooleanField):
        return REQUIRED
    nothing = False if isinstance(shape, Flag) else ""
    return shape.read(nothing if form_field.initial is None else form_field.initial)


def sent(form: type[forms.Form], group: Mapping[str, Any]) -> dict[str, Any]:
    """Return a group's fields as the kind's form takes them, every one, those left out at their defaults."""
    whole = group_of(form)
    values = {**whole.defaults, **group}
    return {name: _sent(whole.shapes[name], value) for name, value in values.items() if name in whole.shapes}


def _sent(shape: Shape, value: Any) -> Any:
    return "\n".join(shape.lines(value)) if isinstance(shape, Pairs) else value


def written(form: type[forms.Form], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored settings as a file says them; what the form knows no more is left out."""
    known = {name: value for name, value in stored.items() if name in form.base_fields and value is not None}
    return replace(group_of(form), required=()).read(known)


KIND = Field(shape=Choice(tuple(registry.all_kinds())), help="What is at the other end.")


def connection_fields(name: str, body: Body, known: LookUp) -> Fields:  # noqa: ARG001  the contract of a section
    """Return the fields of a connection: its kind says which settings and secrets there are."""
    return connection_fields_of(str(body.get("kind", "")).strip().lower())


def connection_fields_of(kind: str) -> Fields:
    """Return the fields of a connection of one kind."""
    if kind not in registry.all_kinds():
        return {"kind": KIND} | {
            part: Field(shape=Anything(), help="By its kind.", default={}) for part in ("settings", "secrets")
        }
    module = registry.kind(kind)
    secrets = {name: Secret() for name in module.Secrets.base_fields}
    return {
        "kind": KIND,
        "settings": Field(shape=group_of(module.Settings), help="Where it is and how one signs in.", default={}),
        "secrets": Field(
            shape=Group(shapes=secrets, defaults={}),
            help="Names for the secrets of the sign-in, such as ${ANALYTICS_KEY}.",
            default={},
        ),
    }


def connection_variants() -> dict[str, Fields]:
    """Return the fields of every kind of connection."""
    return {kind: connection_fields_of(kind) for kind in registry.all_kinds()}


def connection_rows(access: Access) -> Iterator[Found]:
    """Yield the organisation's connections; secrets by names made of the connection's own, each name once."""
    taken: set[str] = set()
    for row in access.rows(Connection).order_by("name"):
        settings = written(row.kind_module.Settings, row.settings)
        secrets = {secret: SIGN % _free_sign(_sign(row.name, secret), taken) for secret in masks_of(row)}
        parts = {"settings": settings, "secrets": secrets}
        body = {"kind": row.kind, **{part: value for part, value in parts.items() if value}}
        yield Found(name=row.name, pk=row.pk, body=body, is_sample=row.is_sample)


def _free_sign(sign: str, taken: set[str]) -> str:
    """Return the name of a secret, with a number behind it where another connection has it; it is taken then."""
    free = next(name for name in chain([sign], (f"{sign}_{number}" for number in count(2))) if name not in taken)
    taken.add(free)
    return free


def _sign(*names: str) -> str:
    """Return the name of a secret: capital letters, digits and lines, beginning with a letter."""
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in "_".join(names).upper())
    word = "_".join(part for part in plain.split("_") if part)
    return word if word[:1].isalpha() else f"SECRET_{word}"


def secrets_of(access: Access, pk: int) -> dict[str, str]:
    """Return the stored secrets of a connection, to see whether one is another; nothing where the seal is lost."""
    try:
        return access.get(Connection, pk).unseal()
    except KeyLost:
        return {}


def same_service(before: Body, after: Body) -> bool:
    """Say whether stored secrets may stay: they do not travel to another address."""
    return before["kind"] == after["kind"] and _origin(before) == _origin(after)


def _origin(body: Body) -> tuple[str, str]:
    return origin(registry.kind(body["kind"]).address(body.get("settings", {})))


@dataclass(slots=True)
class Connections:
    """Writes connections."""

    access: Access
    now: datetime
    put_already: dict[str, Connection] = field(default_factory=dict)

    def put(self, wanted: Wanted) -> None:
        """Create or change a connection; a kind stays what it is."""
        row = self.access.get(Connection, wanted.pk) if wanted.pk else None
        kind = registry.kind(wanted.values["kind"])
        settings = sent(kind.Settings, wanted.values["settings"])
        if row is not None and row.kind == wanted.values["kind"] and self._moves(row, settings):
            row.sealed = ""  # stored secrets do not travel; the file names those of the new address, or none
        data = {
            "name": wanted.name,
            "kind": wanted.values["kind"],
            "settings": settings,
            "secrets": dict(wanted.secrets),
        }
        saved: Connection = judged(ConnectionSerializer(row, data=data, context={"access": self.access}))
        self.put_already[wanted.name] = saved

    def _moves(self, row: Connection, settings: Mapping[str, Any]) -> bool:
        return origin(row.kind_module.address(row.settings)) != origin(row.kind_module.address(dict(settings)))

    def remove(self, pks: list[int]) -> None:
        """Remove connections with everything that came from them."""
        self.access.rows(Connection).filter(pk__in=pks).delete()

    def finish(self) -> dict[str, int]:
        """Let feeds that were refused or failed begin anew."""
        for connection in self.put_already.values():
            asking.again(connection, self.now)
        return {name: connection.pk for name, connection in self.put_already.items()}


def feed_fields(name: str, body: Body, known: LookUp) -> Fields:  # noqa: ARG001  the contract of a section
    """Return the fields of a feed: the kind of its connection says what can be asked."""
    connection = known("connections", parted(name)[0]) or {}
    return feed_fields_of(str(connection.get("kind", "")).strip().lower())


def feed_fields_of(kind: str) -> Fields:
    """Return the fields of a feed under a connection of one kind."""
    query = group_of(registry.kind(kind).Query) if kind in registry.all_kinds() else Anything()
    return {
        "query": Field(shape=query, help="What is asked, by the kind of the connection.", default={}),
        "every": Field(shape=Rhythm(most=31 * DAY), help="How often.", default=rhythm(_default("every"))),
        "asks": Field(shape=Choice(tuple(Asks.values)), help="now, window or period.", default=Asks.NOW.value),
        "running_period": Field(
            shape=Choice(("", *RunningPeriod.values)), help="Only when it asks for the period so far.", default=""
        ),
        "at_path": Field(shape=Path(longest=200), help="Where a row says its date or time.", default=""),
        "at_format": Field(
            shape=Text(longest=40), help="How the date or time is written.", default=_default("at_format")
        ),
        "history_days": Field(
            shape=Number(least=0, most=3660, whole=True),
            help="How far back a new feed fetches.",
            default=_default("history_days"),
        ),
        "overlap_days": Field(
            shape=Number(least=0, most=92, whole=True),
            help="Days asked for again each time.",
            default=_default("overlap_days"),
        ),
        "paused": Field(shape=Flag(), help="True: nothing is asked.", default=False),
    }


def _default(name: str) -> Any:
    default = getattr(Feed._meta.get_field(name), "default", None)
    return getattr(default, "value", default)


def feed_variants() -> dict[str, Fields]:
    """Return the fields of a feed under every kind of connection."""
    return {kind: feed_fields_of(kind) for kind in registry.all_kinds()}


COLUMNS = ["asks", "running_period", "at_path", "at_format", "history_days", "overlap_days"]


def feed_rows(access: Access) -> Iterator[Found]:
    """Yield the organisation's feeds."""
    for row in access.rows(Feed).select_related("connection").order_by("connection__name", "name"):
        whole = {
            "query": written(row.connection.kind_module.Query, row.query),
            "every": rhythm(row.every),
            **{name: getattr(row, name) for name in COLUMNS},
            "paused": row.paused_at is not None,
        }
        fields = feed_fields_of(row.connection.kind)
        body = {name: value for name, value in whole.items() if value != fields[name].default}
        yield Found(
            name=joined(row.connection.name, row.name), pk=row.pk, body=body, is_sample=row.connection.is_sample
        )


@dataclass(slots=True)
class Feeds:
    """Writes feeds."""

    access: Access
    now: datetime
    ids: dict[str, int] = field(default_factory=dict)

    def put(self, wanted: Wanted) -> None:
        """Create or change a feed, and ask at once with the change."""
        row = self.access.get(Feed, wanted.pk) if wanted.pk else None
        connection = self.access.get(Connection, wanted.ids["parent"][0])
        values = wanted.values
        data = {
            "connection": connection.pk,
            "name": parted(wanted.name)[-1],
            "query": sent(connection.kind_module.Query, values["query"]),
            "every": minutes_of(values["every"]),
            **{name: values[name] for name in COLUMNS},
        }
        feed: Feed = judged(FeedSerializer(row, data=data, context={"access": self.access, "now": self.now}))
        self._ask(feed, paused=values["paused"])
        self.ids[wanted.name] = feed.pk

    def _ask(self, feed: Feed, *, paused: bool) -> None:
        if paused and feed.paused_at is None:
            asking.pause(feed, self.now)
        elif not paused and feed.paused_at is not None:
            asking.resume(feed, self.now)
        elif not paused:
            asking.now(feed, self.now)

    def remove(self, pks: list[int]) -> None:
        """Remove feeds with their metrics."""
        self.access.rows(Feed).filter(pk__in=pks).delete()

    def finish(self) -> dict[str, int]:
        """Return the ids: each feed is written and due already."""
        return self.ids


SECTIONS = [
    Section(
        name="connections",
        help="Places that have data: what they are, where they are, and how one signs in.",
        fields=connection_fields,
        rows=connection_rows,
        writer=Connections,
        keeps_secrets=same_service,
        secrets_of=secrets_of,
        variants=connection_variants,
    ),
    Section(
        name="feeds",
        help="What is asked of a connection and how often; the connection's name comes first: “Analytics / Visitors”.",
        after=("connections",),
        parent="connections",
        fields=feed_fields,
        rows=feed_rows,
        writer=Feeds,
        variants=feed_variants,
    ),
]

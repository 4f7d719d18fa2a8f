"""Connections as a section of a blueprint: what can stand in a file, and the roads to the rows and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from connectors import asking, gateways, registry
from connectors.forms import masks_of
from connectors.models import Connection
from connectors.models.connection import Per, Samples
from connectors.secrets import KeyLost
from connectors.serializers import ConnectionSerializer
from organisations.api_forms import judged
from organisations.documents import Body, Field, Found, Refused, Section, Wanted
from organisations.documents.sections import LookUp
from organisations.documents.shapes import (
    Anything,
    Choice,
    Group,
    Number,
    Reference,
    Secret,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from organisations.access import Access

from connectors.blueprint.kinds import Fields, group_of, sent, written

SIGN = "${%s}"  # how a secret is named
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
        **({"gateway": GATEWAY} if gateways.goes_through(module) else {}),
        **CARE_FIELDS,
    }


GATEWAY = Field(
    shape=Reference("connections"), help="The connection that all its calls go through; none: directly.", default=""
)
CARE_FIELDS: Fields = {
    "calls_limit": Field(
        shape=Number(least=1, most=1_000_000, whole=True),
        help="How many calls the service takes in the time below.",
        default=None,
    ),
    "calls_per": Field(
        shape=Choice(tuple(str(each) for each in Per.values)),
        help="In how many seconds.",
        default=str(Per.MINUTE.value),
    ),
    "most_at_once": Field(
        shape=Number(least=1, most=1000, whole=True),
        help="How many calls may run at the same time.",
        default=None,
    ),
    "daily_quota": Field(shape=Number(least=1, whole=True), help="How many calls a day may be made.", default=None),
    "keep_calls_days": Field(
        shape=Number(least=1, most=730, whole=True), help="Days for which each call stays in the log.", default=30
    ),
    "samples": Field(
        shape=Choice(tuple(Samples.values)),
        help="Of which answers the log keeps the first characters: all, failures or none.",
        default=Samples.ALL.value,
    ),
    "redacted_names": Field(
        shape=Text(longest=500), help="Fields whose values the log never shows, apart by commas.", default=""
    ),
}


def connection_variants() -> dict[str, Fields]:
    """Return the fields of every kind of connection."""
    return {kind: connection_fields_of(kind) for kind in registry.all_kinds()}


def connection_rows(access: Access) -> Iterator[Found]:
    """Yield the organisation's connections; secrets by names made of the connection's own, each name once."""
    taken: set[str] = set()
    for row in access.rows(Connection).select_related("gateway").order_by("name"):
        settings = written(row.kind_module.Settings, row.settings)
        secrets = {secret: SIGN % _free_sign(_sign(row.name, secret), taken) for secret in masks_of(row)}
        gateway = row.gateway.name if row.gateway else ""
        parts = {"settings": settings, "secrets": secrets, "gateway": gateway, **_care_of(row)}
        body = {"kind": row.kind, **{part: value for part, value in parts.items() if value}}
        yield Found(name=row.name, pk=row.pk, body=body, is_sample=row.is_sample)


def _care_of(row: Connection) -> dict[str, Any]:
    """Return what a file says of limits and log: what is not as usual."""
    whole = {name: getattr(row, name) for name in CARE_FIELDS} | {"calls_per": str(row.calls_per)}
    return {name: value for name, value in whole.items() if value != CARE_FIELDS[name].default}


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
    """Say whether stored secrets may stay: they travel neither to another address nor through another gateway."""
    if any(before.get(name, "") != after.get(name, "") for name in ("kind", "gateway")):
        return False
    return not _origins(after) - _origins(before)


def _origins(body: Body) -> frozenset[gateways.Origin]:
    return gateways.origins(registry.kind(body["kind"]), body.get("settings", {}), None)


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
        settings, gateway = sent(kind.Settings, wanted.values["settings"]), self._gateway(wanted)
        before = gateways.origins_of(row) if row is not None and row.kind == wanted.values["kind"] else None
        if row is not None and before is not None and gateways.origins(kind, settings, gateway) - before:
            gateways.drop_secrets(row)  # the file names those of the new address, or none
        data = {
            "name": wanted.name,
            "kind": wanted.values["kind"],
            "settings": settings,
            "secrets": dict(wanted.secrets),
            "gateway": gateway.pk if gateway else None,
            **{name: wanted.values[name] for name in CARE_FIELDS},
        }
        saved: Connection = judged(
            ConnectionSerializer(row, data=data, context={"access": self.access, "in_a_file": True})
        )
        self.put_already[wanted.name] = saved

    def _gateway(self, wanted: Wanted) -> Connection | None:
        """Return the gateway that a file names: one that was there, or that was written just now. Raises Refused."""
        name, known = wanted.values.get("gateway", ""), wanted.id("gateway")
        if not name or name in self.put_already:
            return self.put_already.get(name)
        if known is None:
            raise Refused({"gateway": [_("Connections cannot stand behind each other.")]})
        return self.access.get(Connection, known)

    def remove(self, pks: list[int]) -> None:
        """Remove connections with everything that came from them."""
        self.access.rows(Connection).filter(pk__in=pks).delete()

    def finish(self) -> dict[str, int]:
        """Let feeds that were refused or failed begin anew."""
        for connection in self.put_already.values():
            asking.again(connection, self.now)
        return {name: connection.pk for name, connection in self.put_already.items()}


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
]

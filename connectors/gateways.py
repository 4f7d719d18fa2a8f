"""Connections behind a gateway: which may stand behind which, and to whom stored credentials are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connectors import addressing, calling, registry
from connectors.problems import problem
from connectors.signing.forms import SignInSettings
from organisations.languages import listed

if TYPE_CHECKING:
    from connectors.models import Connection
    from connectors.protocol import Kind

Origin = tuple[str, str]
NAMED = 5  # connections that a sentence names


def goes_through(kind: Kind) -> bool:
    """Say whether connections of a kind can stand behind a gateway, and be one: they sign in and call an address."""
    return issubclass(kind.Settings, SignInSettings)


def kinds_that_go_through() -> list[str]:
    """Return the slugs of such kinds."""
    return [slug for slug, kind in registry.all_kinds().items() if goes_through(kind)]


def refusals(kind: Kind, settings: Mapping[str, Any], gateway: Connection | None) -> Iterator[tuple[str, str]]:
    """Yield why a connection cannot stand there: the field, which is `gateway` or a setting, and a sentence."""
    if not goes_through(kind):
        if gateway is not None:
            yield "gateway", _("This kind of connection does not go through a gateway.")
        return
    own = str(settings.get("address", ""))
    if gateway is None:
        if addressing.is_path(own):
            yield "address", str(problem("no_gateway"))
        return
    if not addressing.is_behind(own, str(gateway.settings.get("address", ""))):
        yield "address", str(problem("behind_elsewhere"))
    clash = calling.clash(_whole(settings), _whole(gateway.settings))
    if clash is not None:
        yield "sign_in", str(clash)


def _whole(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored settings with what they did not say yet when they were stored."""
    return {name: field.initial for name, field in SignInSettings.base_fields.items()} | dict(settings)


def refusals_behind(gateway: Connection, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield why the connections behind a gateway could not stay there with its new settings."""
    moved = type(gateway)(settings=dict(settings))
    for row in gateway.behind.all() if gateway.pk else ():
        for name, sentence in refusals(row.kind_module, row.settings, moved):
            yield name, f"{row.name}: {sentence}"


def origins(kind: Kind, settings: Mapping[str, Any], gateway: Connection | None) -> frozenset[Origin]:
    """Return to whom the credentials of a connection are sent: the service, or its gateway, and the token address."""
    address = str(gateway.settings.get("address", "")) if gateway else kind.address(settings)
    places = (address, str(settings.get("token_address", "")))
    return frozenset(addressing.origin(place) for place in places if place and not addressing.is_path(place))


def origins_of(connection: Connection) -> frozenset[Origin]:
    """Return to whom the credentials of a stored connection are sent."""
    return origins(connection.kind_module, connection.settings, connection.gateway)


def drop_secrets(connection: Connection) -> list[str]:
    """Leave the credentials behind that were entered for another address, with those that went through it.

    The row itself is not saved; returns the names of the connections behind it that lost theirs.
    """
    connection.sealed = ""
    if not connection.pk:
        return []
    keyed = connection.behind.exclude(sealed="")
    names = list(keyed.values_list("name", flat=True))
    keyed.update(sealed="")
    return names


def stands_before(connection: Connection) -> str:
    """Return why a gateway cannot be deleted, naming those behind it; empty where it can."""
    names = list(connection.behind.values_list("name", flat=True))
    if not names:
        return ""
    more = len(names) - NAMED
    others = [ngettext("%(count)s other", "%(count)s others", more) % {"count": more}] if more > 0 else []
    sentence = ngettext(
        "%(names)s goes through this connection. Give it another gateway or none, then delete this.",
        "%(names)s go through this connection. Give them another gateway or none, then delete this.",
        len(names),
    )
    return sentence % {"names": listed([*names[:NAMED], *others])}

"""Connections that name another one in their settings: which there are, and that they follow when it is renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

from connectors import registry
from connectors.fields import ConnectionName
from connectors.models import Connection
from organisations.tenancy import rows_within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.protocol import Kind
    from organisations.access import Access


def names_in(kind: Kind) -> list[str]:
    """Return the settings of a kind that name a connection."""
    return [name for name, field in kind.Settings.base_fields.items() if isinstance(field, ConnectionName)]


def offer(form: forms.BaseForm, access: Access, *, but: Connection) -> None:
    """Let the settings of a connection that name another be chosen from those of the organisation."""
    naming = [name for name, field in form.fields.items() if isinstance(field, ConnectionName)]
    if not naming:
        return
    known = access.rows(Connection).exclude(pk=but.pk).values_list("name", flat=True)
    for name in naming:
        field = form.fields[name]
        form.fields[name] = forms.ChoiceField(
            choices=[(each, each) for each in known],
            label=field.label,
            help_text=field.help_text,
            required=field.required,
        )


def lost(kind: Kind, settings: Mapping[str, Any], access: Access) -> dict[str, str]:
    """Return what to say of each setting that names a connection which is not there."""
    named = {name: settings[name] for name in names_in(kind) if settings.get(name)}
    known = set(access.rows(Connection).filter(name__in=named.values()).values_list("name", flat=True)) if named else ()
    sentence = _("There is no connection “%(name)s”.")
    return {name: sentence % {"name": of} for name, of in named.items() if of not in known}


def follow(connection: Connection) -> None:
    """Let those that name a connection name it as it is called now; to be done just before it is saved."""
    rows = rows_within(connection.organisation, Connection)
    before = rows.filter(pk=connection.pk).values_list("name", flat=True).first()
    if before is None or before == connection.name:
        return
    naming = [slug for slug, kind in registry.all_kinds().items() if names_in(kind)]
    for row in rows.filter(kind__in=naming):
        moved = [name for name in names_in(row.kind_module) if row.settings.get(name) == before]
        if moved:
            row.settings = {**row.settings, **dict.fromkeys(moved, connection.name)}
            row.save(update_fields=["settings"])

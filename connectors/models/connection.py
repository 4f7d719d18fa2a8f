"""A place that has data or takes calls."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from connectors import registry, secrets
from connectors.protocol import Kind
from organisations.models import Organisation
from organisations.tenancy import TenantModel


class Connection(TenantModel):
    """A place that has data: its kind, settings and sealed credentials."""

    tenant_path = "organisation"
    described_in = "connections"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, verbose_name=_("organisation"), related_name="connections"
    )
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=30, choices=registry.choices)
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    sealed = models.TextField(_("sealed credentials"), blank=True, editable=False)
    uid = models.UUIDField(_("unique id"), default=uuid.uuid4, unique=True, editable=False)
    is_sample = models.BooleanField(_("is a sample"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("connection"), _("connections")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="connectors_connection_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_module(self) -> Kind:
        """The module in `connectors/kinds/` that knows this kind."""
        return registry.kind(self.kind)

    @property
    def address(self) -> str:
        """Where the connection leads, for people; empty where values arrive by themselves."""
        return self.kind_module.address(self.settings)

    def seal(self, credentials: dict[str, str]) -> None:
        """Put credentials under seal, bound to this row; the row is not saved."""
        self.sealed = secrets.seal(credentials, context=self._context()) if any(credentials.values()) else ""

    def unseal(self) -> dict[str, str]:
        """Return the credentials. Raises `secrets.KeyLost` when no key of the ring opens the seal."""
        return secrets.unseal(self.sealed, context=self._context()) if self.sealed else {}

    def masked(self) -> dict[str, str]:
        """Return what may be shown of the credentials: names and masks."""
        return secrets.masks(self.unseal())

    def _context(self) -> str:
        return f"connection:{self.uid}:sealed"

"""A place that has data or takes calls."""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connectors import addressing, registry, secrets
from connectors.protocol import Kind
from organisations.models import Organisation
from organisations.tenancy import TenantModel


class Per(models.IntegerChoices):
    """The stretch of time that a limit of calls is about, in seconds."""

    SECOND = 1, _("a second")
    MINUTE = 60, _("a minute")
    HOUR = 3600, _("an hour")
    DAY = 86400, _("a day")


class Samples(models.TextChoices):
    """Of which answers the log keeps the first characters."""

    ALL = "all", _("Every answer")
    FAILURES = "failures", _("Failures alone")
    NONE = "none", pgettext_lazy("samples", "None")


class Connection(TenantModel):
    """A place that has data: its kind, settings and sealed credentials, how it may be called, and what is logged.

    Behind a gateway, the gateway's address comes first, its credentials go along, and its limits count for all of its
    connections together, beside their own.
    """

    tenant_path = "organisation"
    described_in = "connections"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, verbose_name=_("organisation"), related_name="connections"
    )
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=30, choices=registry.choices)
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    sealed = models.TextField(_("sealed credentials"), blank=True, editable=False)
    gateway = models.ForeignKey(
        "self",
        models.RESTRICT,
        verbose_name=_("gateway"),
        null=True,
        blank=True,
        related_name="behind",
        help_text=_("All calls go through this connection: its address, its credentials, its limits."),
    )

    calls_limit = models.PositiveIntegerField(
        _("most calls"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text=_("How many calls the service takes in the time below. Empty: any number."),
    )
    calls_per = models.PositiveIntegerField(_("in"), choices=Per.choices, default=Per.MINUTE)
    most_at_once = models.PositiveSmallIntegerField(
        _("at once"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("How many calls may run at the same time. Empty: any number."),
    )
    daily_quota = models.PositiveIntegerField(
        _("calls a day"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many calls a day may be made, counted from midnight. Empty: any number."),
    )

    keep_calls_days = models.PositiveSmallIntegerField(
        _("log kept"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(730)],
        help_text=_("Days for which each call stays in the log; what they add up to stays longer."),
    )
    samples = models.CharField(
        _("samples"),
        max_length=8,
        choices=Samples.choices,
        default=Samples.ALL,
        help_text=_("Of which answers the first characters are kept in the log."),
    )
    redacted_names = models.CharField(
        _("masked fields"),
        max_length=500,
        blank=True,
        help_text=_("Names of fields whose values the log never shows, apart by commas, such as email, phone."),
    )
    uid = models.UUIDField(_("unique id"), default=uuid.uuid4, unique=True, editable=False)
    is_sample = models.BooleanField(_("is a sample"), default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("connection"), _("connections")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="connectors_connection_name_once"),
            models.CheckConstraint(
                condition=models.Q(gateway=None) | ~models.Q(gateway=models.F("pk")),
                name="connectors_connection_not_behind_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_module(self) -> Kind:
        """The module in `connectors/kinds/` that knows this kind."""
        return registry.kind(self.kind)

    @property
    def address(self) -> str:
        """Where the connection leads, for people, through its gateway if any; empty where values come by themselves."""
        own = self.kind_module.address(self.settings)
        return addressing.behind(own, self.gateway.address) if own and self.gateway else own

    @property
    def has_limits(self) -> bool:
        """Whether calls have to be counted before they are let out."""
        return any(limit is not None for limit in (self.calls_limit, self.most_at_once, self.daily_quota))

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

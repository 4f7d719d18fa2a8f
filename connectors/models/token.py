"""A token that a sign-in gave, kept for all workers until it runs out."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connectors import secrets
from connectors.models.connection import Connection
from organisations.tenancy import TenantModel


class SignInToken(TenantModel):
    """A token under seal, with a fingerprint of the sign-in it belongs to: another key, and it is worth nothing.

    It is renewed from `renew_at` on. Whoever does so holds the row's `lease` until `leased_until`.
    """

    tenant_path = "connection__organisation"

    connection = models.OneToOneField(
        Connection, models.CASCADE, verbose_name=_("connection"), related_name="token", primary_key=True
    )
    sealed = models.TextField(_("sealed token"), blank=True)
    renew_at = models.DateTimeField(_("renewed from"))
    expires_at = models.DateTimeField(_("expires at"))
    lease = models.CharField(_("lease"), max_length=32, blank=True, editable=False)
    leased_until = models.DateTimeField(_("leased until"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("token"), _("tokens")

    def __str__(self) -> str:
        return str(self.connection)

    def seal(self, values: dict[str, str]) -> None:
        """Put the token under seal, bound to its connection; the row is not saved."""
        self.sealed = secrets.seal(values, context=self._context())

    def unseal(self) -> dict[str, str]:
        """Return the token. Raises `secrets.KeyLost` when no key of the ring opens the seal."""
        return secrets.unseal(self.sealed, context=self._context())

    def _context(self) -> str:
        return f"connection:{self.connection.uid}:token"

"""Screens on a wall that show how targets stand, without anybody signed in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from organisations.models import Organisation
from organisations.tenancy import TenantModel


class Wall(TenantModel):
    """A link that shows targets to whoever holds it, and nothing else; only the hash of its token is kept."""

    tenant_path = "organisation"

    organisation = models.ForeignKey(Organisation, models.CASCADE, verbose_name=_("organisation"), related_name="walls")
    name = models.CharField(_("name"), max_length=100, help_text=_("Where the screen hangs."))
    team = models.CharField(_("team"), max_length=60, blank=True, help_text=_("Empty: the targets of all teams."))
    # by its name, as a team is: a wall of a tag that nothing carries any more shows nothing, rather than everything
    tag = models.CharField(_("tag"), max_length=40, blank=True, help_text=_("Empty: with any tag."))
    token_hash = models.CharField(_("token hash"), max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        null=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    shown_at = models.DateTimeField(_("shown at"), null=True, editable=False, help_text=_("When a screen last asked."))

    class Meta:
        verbose_name, verbose_name_plural = _("wall"), _("walls")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

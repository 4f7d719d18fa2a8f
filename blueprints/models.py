"""The files that an organisation's rows are managed by."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from organisations.models import Organisation
from organisations.tenancy import TenantModel


class Blueprint(TenantModel):
    """A file, or a folder of files, as it was applied last; secrets stand in it by their names alone."""

    tenant_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, verbose_name=_("organisation"), related_name="blueprints"
    )
    name = models.CharField(_("name"), max_length=100)
    texts = models.JSONField(_("texts"), help_text=_("The files by their names."))
    answers = models.JSONField(
        _("answers"), default=dict, blank=True, help_text=_("What was answered where the files leave a value open.")
    )
    is_locked = models.BooleanField(
        _("is locked"), default=False, help_text=_("Nothing it describes can be changed but by the file.")
    )
    applied_at = models.DateTimeField(_("applied at"))
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("applied by"),
        null=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name, verbose_name_plural = _("blueprint"), _("blueprints")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="blueprints_blueprint_name_once")]

    def __str__(self) -> str:
        return self.name

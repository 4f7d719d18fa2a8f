"""Why a line bends, written down by the people who know."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisations.tenancy import TenantModel
from targets.models.target import Target


class Note(TenantModel):
    """What happened on one of a target's days; it stands as a lettered flag on the chart."""

    tenant_path = "target__organisation"

    target = models.ForeignKey(Target, models.CASCADE, verbose_name=_("target"), related_name="notes")
    on = models.DateField(_("day"), help_text=_("The target's own day."))
    text = models.CharField(_("note"), max_length=300)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("author"), null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("note"), _("notes")
        ordering = ["on", "pk"]

    def __str__(self) -> str:
        return gettext("%(target)s on %(day)s") % {"target": self.target, "day": f"{self.on:%Y-%m-%d}"}

"""Words that gather targets across teams."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from organisations.models import Organisation
from organisations.tenancy import TenantModel


class Tag(TenantModel):
    """A word that gathers targets, such as a campaign or a product; it lives as long as a target carries it."""

    tenant_path = "organisation"

    organisation = models.ForeignKey(Organisation, models.CASCADE, verbose_name=_("organisation"), related_name="tags")
    name = models.CharField(_("name"), max_length=40)

    class Meta:
        verbose_name, verbose_name_plural = _("tag"), _("tags")
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint("organisation", Lower("name"), name="targets_tag_once_in_any_case"),
        ]

    def __str__(self) -> str:
        return self.name

"""Rows that could not be read, and answers that changed their shape: nothing is dropped without a word."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connectors.models.feed import Collection, Feed
from connectors.problems import code_of, sentence_of
from organisations.tenancy import TenantModel


class SetAside(TenantModel):
    """One row that a collection set aside, for which metric, and why. `row` is the row as it came, cut where long."""

    tenant_path = "feed__connection__organisation"

    feed = models.ForeignKey(Feed, models.CASCADE, verbose_name=_("feed"), related_name="set_aside")
    collection = models.ForeignKey(Collection, models.CASCADE, verbose_name=_("check"), related_name="set_aside")
    metric_name = models.CharField(_("metric"), max_length=100)
    place = models.PositiveIntegerField(_("place"), help_text=_("Which row of the answer it was."))
    problem = models.JSONField(_("problem"), default=dict)
    row = models.TextField(_("row"), blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("row set aside"), _("rows set aside")
        ordering = ["-collection_id", "metric_name", "place"]

    def __str__(self) -> str:
        return f"{self.metric_name} {self.place}"

    @property
    def message(self) -> str:
        """Which row it is and why it was set aside, in the language that is active."""
        return sentence_of({"code": "row_refused", "data": {"place": self.place, "why": self.problem}})

    @property
    def code(self) -> str:
        """Why, for programs."""
        return code_of(self.problem)


class ShapeChange(TenantModel):
    """A change in the shape of a feed's answers: which paths are gone and which are new."""

    tenant_path = "feed__connection__organisation"

    feed = models.ForeignKey(Feed, models.CASCADE, verbose_name=_("feed"), related_name="shape_changes")
    at = models.DateTimeField(_("at"))
    gone = models.JSONField(_("gone"), default=list)
    new = models.JSONField(_("new"), default=list)
    matters = models.BooleanField(_("matters"), default=False, help_text=_("Something that is gone was read."))
    told_at = models.DateTimeField(_("told at"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("change of shape"), _("changes of shape")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.feed} {self.at:%Y-%m-%d %H:%M}"

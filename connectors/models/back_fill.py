"""A stretch of the past that is fetched again, step by step."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connectors.models.feed import Feed
from connectors.problems import sentence_of
from organisations.tenancy import TenantModel


class BackFill(TenantModel):
    """A chosen range `[since, until)` of a feed, and how far it has been fetched."""

    tenant_path = "feed__connection__organisation"

    class State(models.TextChoices):
        """How it is going."""

        RUNNING = "running", pgettext_lazy("back-fill", "Running")
        PAUSED = "paused", pgettext_lazy("back-fill", "Paused")
        DONE = "done", pgettext_lazy("back-fill", "Done")
        STOPPED = "stopped", pgettext_lazy("back-fill", "Stopped")

    feed = models.ForeignKey(Feed, models.CASCADE, verbose_name=_("feed"), related_name="back_fills")
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    done_until = models.DateTimeField(_("done until"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.RUNNING)
    readings = models.PositiveIntegerField(_("readings"), default=0)
    due_at = models.DateTimeField(_("due at"), null=True)
    rung_at = models.DateTimeField(_("rung at"), null=True)
    lease_token = models.UUIDField(_("lease token"), null=True)
    lease_until = models.DateTimeField(_("lease until"), null=True)
    failures = models.PositiveIntegerField(_("failures"), default=0)
    problem = models.JSONField(_("problem"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("back-fill"), _("back-fills")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["feed"], condition=Q(state__in=["running", "paused"]), name="connectors_back_fill_one_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["due_at"], name="connectors_back_fill_due")]

    def __str__(self) -> str:
        return f"{self.feed} {self.since:%Y-%m-%d} – {self.until:%Y-%m-%d}"

    @property
    def message(self) -> str:
        """What holds it up, in the language that is active; empty where nothing does."""
        return sentence_of(self.problem)

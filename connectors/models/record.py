"""The rows a feed brought, kept one by one, and what another service makes of them."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connectors.models.connection import Connection
from connectors.models.feed import Collection, Feed
from connectors.problems import code_of, sentence_of
from organisations.tenancy import TenantModel


class Enrichment(TenantModel):
    """The second connection that each new record of a feed is passed through, and how.

    `recipe` counts up whenever what is asked has changed in a way that gives other answers: a record says by which
    recipe it was answered, so that nothing is asked twice and old answers can be told from new ones.
    """

    tenant_path = "feed__connection__organisation"
    described_in = "enrichments"

    feed = models.OneToOneField(Feed, models.CASCADE, verbose_name=_("feed"), related_name="enrichment")
    connection = models.ForeignKey(
        Connection, models.RESTRICT, verbose_name=_("connection"), related_name="enrichments"
    )
    query = models.JSONField(_("query"), default=dict, blank=True)
    batch = models.PositiveSmallIntegerField(
        _("records a call"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    daily_calls = models.PositiveIntegerField(
        _("calls a day"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("After so many calls a day it waits for the next day. Empty: any number."),
    )
    daily_cost = models.FloatField(
        _("cost a day"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.000001)],
        help_text=_("When the answers of a day have cost so much, it waits for the next day. Empty: any amount."),
    )
    recipe = models.PositiveIntegerField(_("recipe"), default=1, editable=False)
    redo_until = models.PositiveBigIntegerField(_("redo until"), null=True, editable=False)
    redo_total = models.PositiveIntegerField(_("records to redo"), default=0, editable=False)
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True, editable=False)
    spent_on = models.DateField(_("spent on"), null=True, editable=False)
    spent_calls = models.PositiveIntegerField(_("calls that day"), default=0, editable=False)
    spent_cost = models.FloatField(_("cost of that day"), default=0.0, editable=False)
    lease_token = models.UUIDField(_("lease token"), null=True, editable=False)
    lease_until = models.DateTimeField(_("lease until"), null=True, editable=False)
    due_at = models.DateTimeField(_("due at"), null=True, editable=False)
    rung_at = models.DateTimeField(_("rung at"), null=True, editable=False)
    failures = models.PositiveIntegerField(_("failures"), default=0, editable=False)
    reason = models.CharField(_("reason"), max_length=15, blank=True, editable=False)
    problem = models.JSONField(_("problem"), default=dict, blank=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    owners_told_at = models.DateTimeField(_("owners told at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("enrichment"), _("enrichments")
        indexes = [models.Index(fields=["due_at"], name="connectors_enrichment_due")]

    def __str__(self) -> str:
        return f"{self.feed} → {self.connection}"

    @property
    def message(self) -> str:
        """What holds it up, in the language that is active; empty where nothing does."""
        return sentence_of(self.problem)

    @property
    def code(self) -> str:
        """What holds it up, for programs."""
        return code_of(self.problem)


class Record(TenantModel):
    """One row that a feed brought, by its key, and the answer of the service that enriches it.

    `asked` names the call that it was last sent with while no answer has been written down: it is written before the
    call goes out, so that whoever takes over sends the same records under the same idempotency key once more. `tokens`
    and `cost` are those of all its `answers` together; `call_id` is the correlation id of the call that brought the
    last one. An old answer stays until the next one has come.
    """

    tenant_path = "feed__connection__organisation"

    class State(models.TextChoices):
        """How far a record has come."""

        KEPT = "kept", pgettext_lazy("record", "Kept")  # nothing to be asked
        WAITING = "waiting", pgettext_lazy("record", "Waiting")
        DONE = "done", pgettext_lazy("record", "Enriched")
        FAILED = "failed", pgettext_lazy("record", "Failed")  # tried as often as makes sense; can be tried again

    feed = models.ForeignKey(Feed, models.CASCADE, verbose_name=_("feed"), related_name="records")
    key = models.CharField(_("key"), max_length=200)
    at = models.DateTimeField(_("at"), help_text=_("The time the row says, or the time of the call."))
    whole_day = models.BooleanField(_("whole day"), default=False)
    raw = models.JSONField(_("raw"))
    enriched = models.JSONField(_("enriched"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.KEPT)
    recipe = models.PositiveIntegerField(_("recipe"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    try_at = models.DateTimeField(_("tried again at"), null=True)
    asked = models.CharField(_("asked with"), max_length=64, blank=True, default="", editable=False)
    answers = models.PositiveSmallIntegerField(_("answers"), default=0, editable=False)
    call_id = models.CharField(_("answered by the call"), max_length=36, blank=True, default="", editable=False)
    problem = models.JSONField(_("problem"), default=dict, blank=True)
    tokens = models.PositiveIntegerField(_("tokens"), default=0)
    cost = models.FloatField(_("cost"), default=0.0)
    recorded_at = models.DateTimeField(_("recorded at"))
    enriched_at = models.DateTimeField(_("enriched at"), null=True)
    collection = models.ForeignKey(
        Collection, models.SET_NULL, verbose_name=_("collection"), null=True, related_name="records"
    )

    class Meta:
        verbose_name, verbose_name_plural = _("record"), _("records")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["feed", "key"], name="connectors_record_once")]
        indexes = [
            models.Index(fields=["feed", "-at"], name="connectors_record_latest"),  # the page, and points by time
            models.Index(fields=["feed", "state", "try_at"], name="connectors_record_waiting"),  # what is to be asked
            models.Index(  # what went out together
                fields=["feed", "asked"], condition=~models.Q(asked=""), name="connectors_record_asked"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def message(self) -> str:
        """What went wrong, in the language that is active; empty where nothing did."""
        return sentence_of(self.problem)

    @property
    def code(self) -> str:
        """What went wrong, for programs."""
        return code_of(self.problem)

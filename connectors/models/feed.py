"""What is asked of a connection and how often, and every time it was asked."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import LessThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connectors.models.connection import Connection
from connectors.problems import code_of, sentence_of
from connectors.rhythms import EVERY_DAY, Rhythm
from organisations.tenancy import TenantModel

MINUTE, HOUR, DAY = 1, 60, 24 * 60
EVERY_CHOICES = [
    (5 * MINUTE, _("Every 5 minutes")),
    (15 * MINUTE, _("Every 15 minutes")),
    (HOUR, _("Every hour")),
    (6 * HOUR, _("Every 6 hours")),
    (DAY, _("Once a day")),
]
SILENT_INTERVALS = 3  # a source that has been silent for so many intervals, …
SILENT_AT_LEAST = timedelta(hours=24)  # … and for so long, is stale


class Asks(models.TextChoices):
    """What stretch of time a feed asks its source for."""

    NOW = "now", _("What is there now")
    WINDOW = "window", _("Everything since the last time")
    PERIOD = "period", _("The period so far")


class RunningPeriod(models.TextChoices):
    """The period over which a source reports its total so far."""

    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    YEAR = "year", _("Year")


class Timing(models.TextChoices):
    """By what a feed becomes due."""

    EVERY = "every", _("Every so many minutes")
    CRON = "cron", _("At times of the clock (cron)")
    READY_BY = "ready_by", _("So that the numbers are there at a time of day")
    BEFORE_REPORT = "before_report", _("Just before each report")


class Health(models.TextChoices):
    """How a feed is doing; never mixed with the status of a target."""

    WAITING = "waiting", pgettext_lazy("health", "Not asked yet")
    FRESH = "fresh", pgettext_lazy("health", "Answers")
    STALE = "stale", pgettext_lazy("health", "Silent")
    FAILING = "failing", pgettext_lazy("health", "Does not answer")
    UNAUTHORISED = "unauthorised", pgettext_lazy("health", "Needs a new key")
    PAUSED = "paused", pgettext_lazy("health", "Paused")


MAY_BE_SILENT = (Health.FRESH, Health.WAITING)


class Feed(TenantModel):
    """What is asked of a connection and how often; one feed can carry several metrics.

    Due, lease and health live here: the database decides who collects, the broker only rings. `health` is how the last
    collection went; how the feed is doing is `health_at`, for silence and pausing show without a collection.
    """

    tenant_path = "connection__organisation"
    described_in = "feeds"

    connection = models.ForeignKey(Connection, models.CASCADE, verbose_name=_("connection"), related_name="feeds")
    name = models.CharField(_("name"), max_length=100)
    query = models.JSONField(_("query"), default=dict, blank=True)
    asks = models.CharField(_("asks for"), max_length=10, choices=Asks.choices, default=Asks.NOW)
    running_period = models.CharField(
        _("running period"),
        max_length=10,
        choices=RunningPeriod.choices,
        blank=True,
        help_text=_("Only when it asks for the period so far."),
    )
    at_path = models.CharField(
        _("time field"),
        max_length=200,
        blank=True,
        help_text=_("Where a row says its date or time. Empty: the time of the call."),
    )
    at_format = models.CharField(
        _("time format"),
        max_length=40,
        default="auto",
        help_text=_("auto, date, unix, unix_ms or a pattern such as %d.%m.%Y."),
    )
    every = models.PositiveIntegerField(
        _("every"),
        default=HOUR,
        validators=[MinValueValidator(1), MaxValueValidator(31 * DAY)],
        help_text=_("Minutes between checks."),
    )
    timing = models.CharField(_("when"), max_length=13, choices=Timing.choices, default=Timing.EVERY)
    cron = models.CharField(
        _("cron"),
        max_length=100,
        blank=True,
        help_text=_("Minute, hour, day, month and weekday in the organisation's time zone: 30 6 * * 1-5."),
    )
    ready_by = models.TimeField(
        _("ready by"), null=True, blank=True, help_text=_("The time of day, in the organisation's time zone.")
    )
    lead_minutes = models.PositiveSmallIntegerField(
        _("minutes ahead"),
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(DAY)],
        help_text=_("How long before that time, or before the report, it asks."),
    )
    working_days_only = models.BooleanField(
        _("on working days alone"), default=False, help_text=_("By the working days of the organisation.")
    )
    history_days = models.PositiveIntegerField(
        _("history"),
        default=400,
        validators=[MaxValueValidator(3660)],
        help_text=_("How far back a new feed fetches, in days."),
    )
    overlap_days = models.PositiveSmallIntegerField(
        _("overlap"),
        default=3,
        validators=[MaxValueValidator(92)],
        help_text=_("Days asked for again each time, for late corrections."),
    )
    row_filter = models.CharField(
        _("only rows where"),
        max_length=300,
        blank=True,
        help_text=_("A condition (JMESPath) that a row has to fulfil, such as status == 'paid'. Empty: every row."),
    )
    record_key = models.CharField(
        _("key of a row"),
        max_length=200,
        blank=True,
        help_text=_("Where a row holds what tells it from all others, such as id. Rows of the same key count once."),
    )
    keeps_records = models.BooleanField(
        _("keeps its rows"),
        default=False,
        help_text=_("Each row is kept as a record that can be looked at, searched and enriched; needs a key."),
    )
    keep_records_days = models.PositiveIntegerField(
        _("records kept"),
        default=365,
        validators=[MinValueValidator(1), MaxValueValidator(3660)],
        help_text=_("Days for which records are kept; the readings made of them stay."),
    )
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True, editable=False)

    validators = models.JSONField(_("validators"), default=dict, blank=True, editable=False)
    shape = models.JSONField(_("shape of the answer"), null=True, editable=False)
    permanent_failures = models.PositiveSmallIntegerField(_("permanent failures"), default=0, editable=False)
    set_aside_at = models.DateTimeField(_("set aside at"), null=True, editable=False)

    cursor = models.JSONField(_("cursor"), null=True, editable=False)
    covered_until = models.DateTimeField(_("covered until"), null=True, editable=False)
    is_cut_short = models.BooleanField(_("cut short"), default=False, editable=False)
    due_at = models.DateTimeField(_("due at"), null=True, default=timezone.now, editable=False)
    rung_at = models.DateTimeField(_("rung at"), null=True, editable=False)
    lease_token = models.UUIDField(_("lease token"), null=True, editable=False)
    lease_until = models.DateTimeField(_("lease until"), null=True, editable=False)
    lost_leases = models.PositiveSmallIntegerField(_("lost leases"), default=0, editable=False)

    health = models.CharField(
        _("health"), max_length=12, choices=Health.choices, default=Health.WAITING, editable=False
    )
    reason = models.CharField(_("reason"), max_length=15, blank=True, editable=False)
    problem = models.JSONField(_("problem"), default=dict, blank=True, editable=False)
    failures = models.PositiveIntegerField(_("failures"), default=0, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    owners_told_at = models.DateTimeField(_("owners told at"), null=True, editable=False)
    collected_at = models.DateTimeField(_("collected at"), null=True, editable=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("feed"), _("feeds")
        ordering = ["connection__name", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "name"], name="connectors_feed_name_once"),
            models.CheckConstraint(
                condition=models.Q(asks=Asks.PERIOD) ^ models.Q(running_period=""),
                name="connectors_feed_running_period",
            ),
            models.CheckConstraint(
                condition=models.Q(keeps_records=False) | ~models.Q(record_key=""),
                name="connectors_feed_records_by_key",
            ),
            models.CheckConstraint(
                condition=models.Q(timing=Timing.CRON) ^ models.Q(cron=""), name="connectors_feed_cron"
            ),
            models.CheckConstraint(
                condition=models.Q(timing=Timing.READY_BY) ^ models.Q(ready_by=None), name="connectors_feed_ready_by"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="connectors_feed_due")]  # dispatch_due: oldest due first

    def __str__(self) -> str:
        return f"{self.connection}: {self.name}"

    @property
    def interval(self) -> timedelta:
        """The time between two collections: the longest usual one, where the clock or reports make it due."""
        return timedelta(minutes=self.every)

    @property
    def rhythm(self) -> Rhythm | None:
        """The schedule; None where reports make it due."""
        if self.timing == Timing.BEFORE_REPORT:
            return None
        organisation = self.connection.organisation
        by_clock = self.timing == Timing.READY_BY
        return Rhythm(
            zone=organisation.zone,
            days=frozenset(organisation.working_days) if self.working_days_only else EVERY_DAY,
            every=self.interval,
            cron=self.cron,
            ready_by=self.ready_by if by_clock else None,
            lead=timedelta(minutes=self.lead_minutes) if by_clock else timedelta(),
        )

    def is_due(self, now: datetime) -> bool:
        """Whether there is something to collect at once."""
        return self.due_at is not None and self.due_at <= now and self.paused_at is None

    @property
    def collects(self) -> bool:
        """Whether anything is fetched at all, or values arrive by themselves."""
        return self.connection.kind_module.COLLECTS

    @property
    def message(self) -> str:
        """What went wrong last, in the language that is active; empty where nothing did."""
        return sentence_of(self.problem)

    @property
    def code(self) -> str:
        """What went wrong last, for programs."""
        return code_of(self.problem)

    def health_at(self, now: datetime) -> Health:
        """Return how the feed is doing: pausing covers everything else, and silence a good answer that is long ago."""
        if self.paused_at is not None:
            return Health.PAUSED
        return Health.STALE if self._is_silent(now) else Health(self.health)

    def _is_silent(self, now: datetime) -> bool:
        if self.health not in MAY_BE_SILENT or self.answered_at is None:
            return False
        return self.answered_at < now - max(SILENT_AT_LEAST, SILENT_INTERVALS * self.interval)


def of_health(health: str, now: datetime) -> Q:
    """Return the condition for feeds of one health, as `Feed.health_at` tells it."""
    if health == Health.PAUSED:
        return Q(paused_at__isnull=False)
    minutes = Cast("every", models.IntegerField()) * Value(SILENT_INTERVALS * timedelta(minutes=1))
    intervals = ExpressionWrapper(minutes, output_field=models.DurationField())
    tolerated = ExpressionWrapper(F("answered_at") + intervals, output_field=models.DateTimeField())
    silent = Q(health__in=MAY_BE_SILENT, answered_at__lt=now - SILENT_AT_LEAST) & Q(LessThan(tolerated, Value(now)))
    told = silent if health == Health.STALE else Q(health=health) & ~silent
    return Q(paused_at=None) & told


class Outcome(models.TextChoices):
    """How one collection ended."""

    RUNNING = "running", pgettext_lazy("check", "Running")
    OK = "ok", pgettext_lazy("check", "Answered")
    FAILED = "failed", pgettext_lazy("check", "Failed")
    LOST = "lost", pgettext_lazy("check", "Interrupted")
    HELD = "held", pgettext_lazy("check", "Held back")


class Collection(TenantModel):
    """One run of a feed: the log that a number can be walked back to."""

    tenant_path = "feed__connection__organisation"

    feed = models.ForeignKey(Feed, models.CASCADE, verbose_name=_("feed"), related_name="collections")
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    since = models.DateTimeField(_("since"), null=True)
    until = models.DateTimeField(_("until"), null=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, default=Outcome.RUNNING)
    reason = models.CharField(_("reason"), max_length=15, blank=True)
    problem = models.JSONField(_("problem"), default=dict, blank=True, editable=False)
    rows = models.PositiveIntegerField(_("rows"), default=0, help_text=_("Rows in the answers."))
    observations = models.PositiveIntegerField(_("readings"), default=0, help_text=_("Readings written or confirmed."))
    refused = models.PositiveIntegerField(
        _("refused"), default=0, help_text=_("Rows set aside because a value or a time was not readable.")
    )
    left_out = models.PositiveIntegerField(
        _("not meant"), default=0, help_text=_("Rows that a condition leaves out, or that a later row replaces.")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("check"), _("checks")
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["feed", "-started_at"], name="connectors_collection_latest")]  # logs on pages

    def __str__(self) -> str:
        return f"{self.feed} {self.started_at.isoformat(timespec='minutes')}"

    @property
    def message(self) -> str:
        """What went wrong, in the language that is active; empty where nothing did."""
        return sentence_of(self.problem)

    @property
    def code(self) -> str:
        """What went wrong, for programs."""
        return code_of(self.problem)

"""What is asked of a connection and how often, and every time it was asked."""

from __future__ import annotations

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from connectors.models.connection import Connection
from organisations.tenancy import TenantModel

MINUTE, HOUR, DAY = 1, 60, 24 * 60
EVERY_CHOICES = [
    (5 * MINUTE, "Every 5 minutes"),
    (15 * MINUTE, "Every 15 minutes"),
    (HOUR, "Every hour"),
    (6 * HOUR, "Every 6 hours"),
    (DAY, "Once a day"),
]


class Asks(models.TextChoices):
    """What stretch of time a feed asks its source for."""

    NOW = "now", "What is there now"
    WINDOW = "window", "Everything since the last time"
    PERIOD = "period", "The period so far"


class RunningPeriod(models.TextChoices):
    """The period over which a source reports its total so far."""

    DAY = "day", "Day"
    WEEK = "week", "Week"
    MONTH = "month", "Month"
    QUARTER = "quarter", "Quarter"
    YEAR = "year", "Year"


class Health(models.TextChoices):
    """How a feed is doing; never mixed with the status of a target."""

    WAITING = "waiting", "Not collected yet"
    FRESH = "fresh", "Answers"
    STALE = "stale", "Silent"
    FAILING = "failing", "Does not answer"
    UNAUTHORISED = "unauthorised", "Needs a new key"
    PAUSED = "paused", "Paused"


class Feed(TenantModel):
    """What is asked of a connection and how often; one feed can carry several metrics.

    Due, lease and health live here: the database decides who collects, the broker only rings.
    """

    tenant_path = "connection__organisation"

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="feeds")
    name = models.CharField(max_length=100)
    query = models.JSONField(default=dict, blank=True)
    asks = models.CharField(max_length=10, choices=Asks.choices, default=Asks.NOW)
    running_period = models.CharField(
        max_length=10, choices=RunningPeriod.choices, blank=True, help_text="Only when it asks for the period so far."
    )
    at_path = models.CharField(
        "time field",
        max_length=200,
        blank=True,
        help_text="Where a row says its date or time. Empty: the time of the call.",
    )
    at_format = models.CharField(
        "time format",
        max_length=40,
        default="auto",
        help_text="auto, date, unix, unix_ms or a pattern such as %d.%m.%Y.",
    )
    every = models.PositiveIntegerField(
        default=HOUR,
        validators=[MinValueValidator(1), MaxValueValidator(31 * DAY)],
        help_text="Minutes between collections.",
    )
    history_days = models.PositiveIntegerField(
        default=400, validators=[MaxValueValidator(3660)], help_text="How far back a new feed fetches, in days."
    )
    overlap_days = models.PositiveSmallIntegerField(
        default=3, validators=[MaxValueValidator(92)], help_text="Days asked for again each time, for late corrections."
    )
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)

    cursor = models.JSONField(null=True, editable=False)
    covered_until = models.DateTimeField(null=True, editable=False)
    due_at = models.DateTimeField(null=True, default=timezone.now, editable=False)
    rung_at = models.DateTimeField(null=True, editable=False)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    lost_leases = models.PositiveSmallIntegerField(default=0, editable=False)

    health = models.CharField(max_length=12, choices=Health.choices, default=Health.WAITING, editable=False)
    reason = models.CharField(max_length=15, blank=True, editable=False)
    message = models.CharField(max_length=300, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    owners_told_at = models.DateTimeField(null=True, editable=False)
    collected_at = models.DateTimeField(null=True, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["connection__name", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "name"], name="connectors_feed_name_once"),
            models.CheckConstraint(
                condition=models.Q(asks=Asks.PERIOD) ^ models.Q(running_period=""),
                name="connectors_feed_running_period",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="connectors_feed_due")]  # dispatch_due: oldest due first

    def __str__(self) -> str:
        return f"{self.connection}: {self.name}"

    @property
    def interval(self) -> timedelta:
        """The time between two collections."""
        return timedelta(minutes=self.every)

    @property
    def collects(self) -> bool:
        """Whether anything is fetched at all, or values arrive by themselves."""
        return self.connection.kind_module.COLLECTS


class Outcome(models.TextChoices):
    """How one collection ended."""

    RUNNING = "running", "Running"
    OK = "ok", "Answered"
    FAILED = "failed", "Failed"
    LOST = "lost", "Interrupted"


class Collection(TenantModel):
    """One run of a feed: the log that a number can be walked back to."""

    tenant_path = "feed__connection__organisation"

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="collections")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.RUNNING)
    reason = models.CharField(max_length=15, blank=True)
    message = models.CharField(max_length=300, blank=True)
    rows = models.PositiveIntegerField(default=0, help_text="Rows in the answers.")
    observations = models.PositiveIntegerField(default=0, help_text="Observations written or confirmed.")
    refused = models.PositiveIntegerField(
        default=0, help_text="Rows set aside because a value or a time was not readable."
    )

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["feed", "-started_at"], name="connectors_collection_latest")]  # logs on pages

    def __str__(self) -> str:
        return f"{self.feed} at {self.started_at:%Y-%m-%d %H:%M} UTC"

"""A named number over time, its observations, and their daily rollups."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models

from connectors.models import Collection, Feed
from organisations.models import Organisation
from organisations.tenancy import TenantModel
from targets.domain.terms import ValueKind

VALUE_KINDS = [
    (ValueKind.FLOW.value, "Amounts that add up"),
    (ValueKind.LEVEL.value, "A level that goes up and down"),
    (ValueKind.RUNNING.value, "A running total of the period"),
]


class Metric(TenantModel):
    """A named number over time: where it stands in the feed's rows, its unit and what its values are."""

    tenant_path = "organisation"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="metrics")
    feed = models.ForeignKey(Feed, models.CASCADE, related_name="metrics")
    name = models.CharField(max_length=100)
    value_path = models.CharField(
        "value field",
        max_length=300,
        blank=True,
        help_text="Where a row holds the value (JMESPath). Empty: the row is the value.",
    )
    segment_path = models.CharField(
        "segment field", max_length=200, blank=True, help_text="Where a row names its category, region or version."
    )
    scale = models.FloatField(default=1.0, help_text="Every value is multiplied by this: 0.01 turns cents into euros.")
    value_kind = models.CharField(max_length=8, choices=VALUE_KINDS, default=ValueKind.FLOW.value)
    unit = models.CharField(max_length=20, blank=True)
    decimals = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(6)])
    higher_is_better = models.BooleanField(default=True)
    counts_distinct = models.BooleanField(
        "counts distinct people or things",
        default=False,
        help_text="The daily numbers count each person once a day, so their sum counts a person once for every day.",
    )
    missing_is_zero = models.BooleanField(
        "a missing day means zero", default=False, help_text="Otherwise a missing day is unknown."
    )
    can_fall = models.BooleanField(
        "the total can fall",
        default=False,
        help_text="For example by refunds; such a total settles only when the period ends.",
    )
    scale_min = models.FloatField(null=True, blank=True, help_text="Lower end of the scale on lists, for levels.")
    scale_max = models.FloatField(null=True, blank=True, help_text="Upper end of the scale on lists, for levels.")

    rollup_zone = models.CharField(max_length=64, blank=True, editable=False)
    read_until = models.DateTimeField(null=True, editable=False, help_text="The moment up to which readings run …")
    read_through = models.DateField(
        null=True, editable=False, help_text="… or the last whole day that was read to its end."
    )
    last_at = models.DateTimeField(null=True, editable=False)
    last_whole_day = models.BooleanField(default=False, editable=False)
    last_value = models.FloatField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="targets_metric_name_once")]

    def __str__(self) -> str:
        return self.name


class Observation(TenantModel):
    """One value of a metric at a time and segment.

    A reading for a whole day has no time of day and so no zone: it stands at 00:00 UTC of its date, with `whole_day`.
    """

    tenant_path = "metric__organisation"

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="observations")
    at = models.DateTimeField()
    segment = models.CharField(max_length=100, blank=True, default="")
    value = models.FloatField()
    whole_day = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    collection = models.ForeignKey(
        Collection, models.SET_NULL, null=True, related_name="observed", db_index=False, db_constraint=False
    )

    class Meta:
        ordering = ["-at", "segment"]
        constraints = [
            # the key of every upsert, and the index behind every series and the page of readings
            models.UniqueConstraint(fields=["metric", "at", "segment"], name="targets_observation_once")
        ]

    def __str__(self) -> str:
        return f"{self.value:g} at {self.at:%Y-%m-%d %H:%M} UTC"


class DailyRollup(TenantModel):
    """One day of a metric in the organisation's time zone, kept at record time: pages and judgements read only this."""

    tenant_path = "metric__organisation"

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="rollups")
    on = models.DateField()
    segment = models.CharField(max_length=100, blank=True, default="")
    total = models.FloatField()
    count = models.PositiveIntegerField()
    minimum = models.FloatField()
    maximum = models.FloatField()
    last = models.FloatField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["on", "segment"]
        constraints = [models.UniqueConstraint(fields=["metric", "on", "segment"], name="targets_rollup_once")]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"

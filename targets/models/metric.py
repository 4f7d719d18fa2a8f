"""A named number over time, its observations, and their daily rollups."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connectors.models import Collection, Feed
from organisations.models import Organisation
from organisations.tenancy import TenantModel
from targets.domain.terms import ReadAs as ReadAs
from targets.domain.terms import ValueKind

VALUE_KINDS = [
    (ValueKind.FLOW.value, _("Amounts that add up")),
    (ValueKind.LEVEL.value, _("A level that goes up and down")),
    (ValueKind.RUNNING.value, _("A running total of the period")),
]


READ_AS = [
    (ReadAs.VALUE.value, _("the value as it stands")),
    (ReadAs.COUNTER.value, _("a counter: what came since the last time")),
    (ReadAs.RATIO.value, _("a ratio: divided by another field")),
]


class Metric(TenantModel):
    """A named number over time: where it stands in the feed's rows, its unit and what its values are."""

    tenant_path = "organisation"
    described_in = "metrics"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, verbose_name=_("organisation"), related_name="metrics"
    )
    feed = models.ForeignKey(Feed, models.CASCADE, verbose_name=_("feed"), related_name="metrics")
    name = models.CharField(_("name"), max_length=100)
    value_path = models.CharField(
        _("value field"),
        max_length=300,
        blank=True,
        help_text=_("Where a row holds the value (JMESPath). Empty: the row is the value."),
    )
    segment_path = models.CharField(
        _("segment field"),
        max_length=200,
        blank=True,
        help_text=_("Where a row names its category, region or version."),
    )
    read_as = models.CharField(
        _("read as"),
        max_length=7,
        choices=READ_AS,
        default=ReadAs.VALUE.value,
        help_text=_("A counter only grows; a restart from zero is noticed. A ratio weighs its rows."),
    )
    weight_path = models.CharField(
        _("divided by"),
        max_length=300,
        blank=True,
        help_text=_("Where a row holds what the value is divided by; only for a ratio."),
    )
    number_format = models.CharField(
        _("numbers are written"),
        max_length=10,
        default="auto",
        help_text=_(
            "auto, point (1,234.5), comma (1.234,5), percent (12 %), money (€ 1,234.50) or duration (1:30, PT5M)."
        ),
    )
    row_filter = models.CharField(
        _("only rows where"),
        max_length=300,
        blank=True,
        help_text=_("A condition (JMESPath) that a row has to fulfil for this metric. Empty: every row."),
    )
    scale = models.FloatField(
        _("scale"), default=1.0, help_text=_("Every value is multiplied by this: 0.01 turns cents into euros.")
    )
    value_kind = models.CharField(_("value kind"), max_length=8, choices=VALUE_KINDS, default=ValueKind.FLOW.value)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=0, validators=[MaxValueValidator(6)])
    higher_is_better = models.BooleanField(_("higher is better"), default=True)
    counts_distinct = models.BooleanField(
        _("counts distinct people or things"),
        default=False,
        help_text=_("The daily numbers count each person once a day, so their sum counts a person once for every day."),
    )
    missing_is_zero = models.BooleanField(
        _("a missing day means zero"), default=False, help_text=_("Otherwise a missing day is unknown.")
    )
    can_fall = models.BooleanField(
        _("the total can fall"),
        default=False,
        help_text=_("For example by refunds; such a total settles only when the period ends."),
    )
    scale_min = models.FloatField(
        _("scale min"), null=True, blank=True, help_text=_("Lower end of the scale on lists, for levels.")
    )
    scale_max = models.FloatField(
        _("scale max"), null=True, blank=True, help_text=_("Upper end of the scale on lists, for levels.")
    )

    rollup_zone = models.CharField(_("rollup zone"), max_length=64, blank=True, editable=False)
    read_until = models.DateTimeField(
        _("read until"), null=True, editable=False, help_text=_("The moment up to which readings run …")
    )
    read_through = models.DateField(
        _("read through"), null=True, editable=False, help_text=_("… or the last whole day that was read to its end.")
    )
    last_at = models.DateTimeField(_("last at"), null=True, editable=False)
    last_whole_day = models.BooleanField(_("last whole day"), default=False, editable=False)
    last_value = models.FloatField(_("last value"), null=True, editable=False)
    counters = models.JSONField(
        _("counters"), default=dict, editable=False, help_text=_("The last state of each counter, by segment.")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("metric"), _("metrics")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="targets_metric_name_once"),
            models.CheckConstraint(
                condition=models.Q(read_as=ReadAs.RATIO.value) ^ models.Q(weight_path=""), name="targets_metric_ratio"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_mean(self) -> bool:
        """Whether its segments are weighed where they are put together, and not added: a ratio, a mean of records."""
        return self.read_as == ReadAs.RATIO or (self.value_kind == ValueKind.LEVEL and self.feed.keeps_records)


class Observation(TenantModel):
    """One value of a metric at a time and segment.

    A reading for a whole day has no time of day and so no zone: it stands at 00:00 UTC of its date, with `whole_day`.
    """

    tenant_path = "metric__organisation"

    metric = models.ForeignKey(Metric, models.CASCADE, verbose_name=_("metric"), related_name="observations")
    at = models.DateTimeField(_("at"))
    segment = models.CharField(_("segment"), max_length=100, blank=True, default="")
    value = models.FloatField(_("value"))
    weight = models.FloatField(
        _("weight"), default=1.0, help_text=_("How much the value counts in a mean: rows, or what it was divided by.")
    )
    whole_day = models.BooleanField(_("whole day"), default=False)
    recorded_at = models.DateTimeField(_("recorded at"))
    collection = models.ForeignKey(
        Collection,
        models.SET_NULL,
        verbose_name=_("collection"),
        null=True,
        related_name="observed",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        verbose_name, verbose_name_plural = _("observation"), _("observations")
        ordering = ["-at", "segment"]
        constraints = [
            # the key of every upsert, and the index behind every series and the page of readings
            models.UniqueConstraint(fields=["metric", "at", "segment"], name="targets_observation_once")
        ]

    def __str__(self) -> str:
        return gettext("%(value)s at %(at)s UTC") % {"value": f"{self.value:g}", "at": f"{self.at:%Y-%m-%d %H:%M}"}


class DailyRollup(TenantModel):
    """One day of a metric in the organisation's time zone, kept at record time: pages and judgements read only this."""

    tenant_path = "metric__organisation"

    metric = models.ForeignKey(Metric, models.CASCADE, verbose_name=_("metric"), related_name="rollups")
    on = models.DateField(_("on"))
    segment = models.CharField(_("segment"), max_length=100, blank=True, default="")
    total = models.FloatField(_("total"))
    count = models.PositiveIntegerField(_("count"))
    weighted = models.FloatField(_("weighted total"), default=0.0, help_text=_("Values times their weights."))
    weight = models.FloatField(_("weight"), default=0.0, help_text=_("The weights, all together."))
    minimum = models.FloatField(_("minimum"))
    maximum = models.FloatField(_("maximum"))
    last = models.FloatField(_("last"))
    last_at = models.DateTimeField(_("last at"))

    class Meta:
        verbose_name, verbose_name_plural = _("daily rollup"), _("daily rollups")
        ordering = ["on", "segment"]
        constraints = [models.UniqueConstraint(fields=["metric", "on", "segment"], name="targets_rollup_once")]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"

"""What a team wants to reach, and every verdict on it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from organisations.models import Organisation, known_time_zone
from organisations.tenancy import TenantModel
from targets.domain.terms import URGENCY, Aggregation, Comparison, PaceProfile, PeriodKind, Status
from targets.models.metric import Metric
from targets.models.tag import Tag

AGGREGATIONS = [
    (Aggregation.SUM.value, "Sum"),
    (Aggregation.MEAN.value, "Mean"),
    (Aggregation.LATEST.value, "Latest"),
    (Aggregation.MAXIMUM.value, "Maximum"),
    (Aggregation.MINIMUM.value, "Minimum"),
]
COMPARISONS = [
    (Comparison.AT_LEAST.value, "At least"),
    (Comparison.AT_MOST.value, "At most"),
    (Comparison.WITHIN.value, "Within"),
]
PERIODS = [
    (PeriodKind.DAY.value, "Day"),
    (PeriodKind.WEEK.value, "Week"),
    (PeriodKind.MONTH.value, "Month"),
    (PeriodKind.QUARTER.value, "Quarter"),
    (PeriodKind.YEAR.value, "Year"),
    (PeriodKind.RANGE.value, "Fixed dates"),
]
PROFILES = [(PaceProfile.LINEAR.value, "Straight line"), (PaceProfile.WORKING_DAYS.value, "Working days")]
STATUSES = [
    (Status.MISSED.value, "Missed"),
    (Status.BEHIND.value, "Behind"),
    (Status.AT_RISK.value, "At risk"),
    (Status.NO_DATA.value, "No data"),
    (Status.ON_TRACK.value, "On track"),
    (Status.MET.value, "Met"),
    (Status.UPCOMING.value, "Upcoming"),
    (Status.PAUSED.value, "Paused"),
]


class Target(TenantModel):
    """The criteria, the period rule, the pace profile and the owner, with the latest evaluation beside them.

    Lists read the columns of the latest evaluation; nothing is computed in a view. `version` rises with every change of
    what is asked, so that a verdict on the old question is discarded.
    """

    tenant_path = "organisation"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="targets")
    metric = models.ForeignKey(Metric, models.CASCADE, related_name="targets")
    name = models.CharField(max_length=100)
    team = models.CharField(max_length=60, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="targets")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="owned_targets"
    )
    aggregation = models.CharField(max_length=8, choices=AGGREGATIONS, default=Aggregation.SUM.value)
    comparison = models.CharField(max_length=8, choices=COMPARISONS, default=Comparison.AT_LEAST.value)
    goal = models.FloatField()
    goal_upper = models.FloatField(null=True, blank=True, help_text="The upper end, only with “within”.")
    period = models.CharField(max_length=8, choices=PERIODS, default=PeriodKind.MONTH.value)
    starts_on = models.DateField(null=True, blank=True, help_text="First day, only for fixed dates.")
    ends_on = models.DateField(null=True, blank=True, help_text="Last day, only for fixed dates.")
    time_zone = models.CharField(
        max_length=64, blank=True, validators=[known_time_zone], help_text="Empty: the organisation's."
    )
    profile = models.CharField("pace", max_length=12, choices=PROFILES, default=PaceProfile.LINEAR.value)
    start_value = models.FloatField(
        null=True, blank=True, help_text="For levels: the value the pace starts from. Empty: the goal throughout."
    )
    tracking_since = models.DateField(editable=False)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    status = models.CharField(max_length=8, choices=STATUSES, default=Status.NO_DATA.value, editable=False)
    pending_status = models.CharField(max_length=8, choices=STATUSES, blank=True, editable=False)
    status_since = models.DateTimeField(null=True, editable=False)
    urgency = models.PositiveSmallIntegerField(default=URGENCY[Status.NO_DATA], editable=False)
    gap_share = models.FloatField(null=True, editable=False)
    chance = models.FloatField(null=True, editable=False)
    value = models.FloatField(null=True, editable=False)
    period_starts_on = models.DateField(null=True, editable=False)
    period_ends_on = models.DateField(null=True, editable=False)
    evaluation = models.JSONField(null=True, editable=False)
    track = models.JSONField(null=True, editable=False)
    evaluated_at = models.DateTimeField(null=True, editable=False)
    judge_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["urgency", "gap_share", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="targets_target_name_once"),
            models.CheckConstraint(
                condition=Q(comparison=Comparison.WITHIN, goal_upper__gt=F("goal"))
                | (~Q(comparison=Comparison.WITHIN) & Q(goal_upper=None)),
                name="targets_target_goal_upper",
            ),
            models.CheckConstraint(
                condition=Q(period=PeriodKind.RANGE, starts_on__lte=F("ends_on"))
                | (~Q(period=PeriodKind.RANGE) & Q(starts_on=None, ends_on=None)),
                name="targets_target_range",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "urgency", "gap_share"], name="targets_target_urgent"),  # the overview
            models.Index(fields=["judge_at"], name="targets_target_judge"),  # the tick
        ]

    def __str__(self) -> str:
        return self.name


class PeriodResult(TenantModel):
    """The frozen verdict on one closed period; late data restates it visibly."""

    tenant_path = "target__organisation"

    target = models.ForeignKey(Target, models.CASCADE, related_name="results")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="The day after the last.")
    status = models.CharField(max_length=8, choices=STATUSES)
    value = models.FloatField(null=True)
    goal = models.FloatField()
    goal_upper = models.FloatField(null=True)
    asked = models.JSONField(default=dict, help_text="What else was asked then; the target may ask something else now.")
    evaluation = models.JSONField()
    track = models.JSONField(null=True)
    closed_at = models.DateTimeField()
    restated_at = models.DateTimeField(null=True)
    first_status = models.CharField(max_length=8, choices=STATUSES, blank=True, help_text="Before the restatement.")
    first_value = models.FloatField(null=True, help_text="Before the restatement.")

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["target", "starts_on", "ends_on"], name="targets_period_closed_once")
        ]

    def __str__(self) -> str:
        return f"{self.target} from {self.starts_on:%Y-%m-%d}"


class EvaluationSnapshot(TenantModel):
    """The verdict as it stood on one day: the record against which forecasts are held."""

    tenant_path = "target__organisation"

    target = models.ForeignKey(Target, models.CASCADE, related_name="snapshots")
    on = models.DateField()
    at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=STATUSES)
    evaluation = models.JSONField()

    class Meta:
        ordering = ["-on"]
        constraints = [models.UniqueConstraint(fields=["target", "on"], name="targets_snapshot_once_a_day")]

    def __str__(self) -> str:
        return f"{self.target} on {self.on:%Y-%m-%d}"


class StatusChange(TenantModel):
    """The row written when a status changes: history and outbox at once; all telling starts from it."""

    tenant_path = "target__organisation"

    target = models.ForeignKey(Target, models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    old_status = models.CharField(max_length=8, choices=STATUSES)
    new_status = models.CharField(max_length=8, choices=STATUSES)
    period_starts_on = models.DateField(null=True)
    evaluation = models.JSONField()
    announced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["at"], condition=Q(announced_at=None), name="targets_change_unannounced")  # the sweep
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.old_status} → {self.new_status}"

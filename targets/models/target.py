"""What a team wants to reach, and every verdict on it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from organisations.models import Organisation, known_time_zone
from organisations.tenancy import TenantModel
from targets.domain.terms import URGENCY, Aggregation, Comparison, PaceProfile, PeriodKind, Status
from targets.models.metric import Metric
from targets.models.tag import Tag

AGGREGATIONS = [
    (Aggregation.SUM.value, _("Sum")),
    (Aggregation.MEAN.value, _("Mean")),
    (Aggregation.LATEST.value, _("Latest")),
    (Aggregation.MAXIMUM.value, _("Maximum")),
    (Aggregation.MINIMUM.value, _("Minimum")),
]
COMPARISONS = [
    (Comparison.AT_LEAST.value, _("At least")),
    (Comparison.AT_MOST.value, _("At most")),
    (Comparison.WITHIN.value, _("Within")),
]
PERIODS = [
    (PeriodKind.DAY.value, _("Day")),
    (PeriodKind.WEEK.value, _("Week")),
    (PeriodKind.MONTH.value, _("Month")),
    (PeriodKind.QUARTER.value, _("Quarter")),
    (PeriodKind.YEAR.value, _("Year")),
    (PeriodKind.RANGE.value, _("Fixed dates")),
]
PROFILES = [(PaceProfile.LINEAR.value, _("Straight line")), (PaceProfile.WORKING_DAYS.value, _("Working days"))]
STATUSES = [
    (Status.MISSED.value, pgettext_lazy("status", "Missed")),
    (Status.BEHIND.value, pgettext_lazy("status", "Behind")),
    (Status.AT_RISK.value, pgettext_lazy("status", "At risk")),
    (Status.NO_DATA.value, pgettext_lazy("status", "No data")),
    (Status.ON_TRACK.value, pgettext_lazy("status", "On track")),
    (Status.MET.value, pgettext_lazy("status", "Met")),
    (Status.UPCOMING.value, pgettext_lazy("status", "Upcoming")),
    (Status.PAUSED.value, pgettext_lazy("status", "Paused")),
]


class Target(TenantModel):
    """The criteria, the period rule, the pace profile and the owner, with the latest evaluation beside them.

    Lists read the columns of the latest evaluation; nothing is computed in a view. `version` rises with every change of
    what is asked, so that a verdict on the old question is discarded.
    """

    tenant_path = "organisation"
    described_in = "targets"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, verbose_name=_("organisation"), related_name="targets"
    )
    metric = models.ForeignKey(Metric, models.CASCADE, verbose_name=_("metric"), related_name="targets")
    name = models.CharField(_("name"), max_length=100)
    team = models.CharField(_("team"), max_length=60, blank=True)
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="targets")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        related_name="owned_targets",
    )
    aggregation = models.CharField(_("aggregation"), max_length=8, choices=AGGREGATIONS, default=Aggregation.SUM.value)
    comparison = models.CharField(_("comparison"), max_length=8, choices=COMPARISONS, default=Comparison.AT_LEAST.value)
    goal = models.FloatField(_("goal"))
    goal_upper = models.FloatField(
        _("goal upper"), null=True, blank=True, help_text=_("The upper end, only with “within”.")
    )
    period = models.CharField(_("period"), max_length=8, choices=PERIODS, default=PeriodKind.MONTH.value)
    starts_on = models.DateField(_("starts on"), null=True, blank=True, help_text=_("First day, only for fixed dates."))
    ends_on = models.DateField(_("ends on"), null=True, blank=True, help_text=_("Last day, only for fixed dates."))
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[known_time_zone],
        help_text=_("Empty: the organisation's."),
    )
    profile = models.CharField(_("pace"), max_length=12, choices=PROFILES, default=PaceProfile.LINEAR.value)
    start_value = models.FloatField(
        _("start value"),
        null=True,
        blank=True,
        help_text=_("For levels: the value the pace starts from. Empty: the goal throughout."),
    )
    tracking_since = models.DateField(_("tracking since"), editable=False)
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    status = models.CharField(_("status"), max_length=8, choices=STATUSES, default=Status.NO_DATA.value, editable=False)
    pending_status = models.CharField(_("pending status"), max_length=8, choices=STATUSES, blank=True, editable=False)
    status_since = models.DateTimeField(_("status since"), null=True, editable=False)
    urgency = models.PositiveSmallIntegerField(_("urgency"), default=URGENCY[Status.NO_DATA], editable=False)
    gap_share = models.FloatField(_("gap share"), null=True, editable=False)
    chance = models.FloatField(_("chance"), null=True, editable=False)
    value = models.FloatField(_("value"), null=True, editable=False)
    period_starts_on = models.DateField(_("period starts on"), null=True, editable=False)
    period_ends_on = models.DateField(_("period ends on"), null=True, editable=False)
    evaluation = models.JSONField(_("evaluation"), null=True, editable=False)
    track = models.JSONField(_("track"), null=True, editable=False)
    evaluated_at = models.DateTimeField(_("evaluated at"), null=True, editable=False)
    judge_at = models.DateTimeField(_("judge at"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("target"), _("targets")
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

    target = models.ForeignKey(Target, models.CASCADE, verbose_name=_("target"), related_name="results")
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"), help_text=_("The day after the last."))
    status = models.CharField(_("status"), max_length=8, choices=STATUSES)
    value = models.FloatField(_("value"), null=True)
    goal = models.FloatField(_("goal"))
    goal_upper = models.FloatField(_("goal upper"), null=True)
    asked = models.JSONField(
        _("asked"), default=dict, help_text=_("What else was asked then; the target may ask something else now.")
    )
    evaluation = models.JSONField(_("evaluation"))
    track = models.JSONField(_("track"), null=True)
    closed_at = models.DateTimeField(_("closed at"))
    restated_at = models.DateTimeField(_("restated at"), null=True)
    first_status = models.CharField(
        _("first status"), max_length=8, choices=STATUSES, blank=True, help_text=_("Before the restatement.")
    )
    first_value = models.FloatField(_("first value"), null=True, help_text=_("Before the restatement."))

    class Meta:
        verbose_name, verbose_name_plural = _("period result"), _("period results")
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["target", "starts_on", "ends_on"], name="targets_period_closed_once")
        ]

    def __str__(self) -> str:
        return gettext("%(target)s from %(day)s") % {"target": self.target, "day": f"{self.starts_on:%Y-%m-%d}"}


class EvaluationSnapshot(TenantModel):
    """The verdict as it stood on one day: the record against which forecasts are held."""

    tenant_path = "target__organisation"

    target = models.ForeignKey(Target, models.CASCADE, verbose_name=_("target"), related_name="snapshots")
    on = models.DateField(_("on"))
    at = models.DateTimeField(_("at"))
    status = models.CharField(_("status"), max_length=8, choices=STATUSES)
    evaluation = models.JSONField(_("evaluation"))

    class Meta:
        verbose_name, verbose_name_plural = _("evaluation snapshot"), _("evaluation snapshots")
        ordering = ["-on"]
        constraints = [models.UniqueConstraint(fields=["target", "on"], name="targets_snapshot_once_a_day")]

    def __str__(self) -> str:
        return gettext("%(target)s on %(day)s") % {"target": self.target, "day": f"{self.on:%Y-%m-%d}"}


class StatusChange(TenantModel):
    """The row written when a status changes: history and outbox at once; all telling starts from it."""

    tenant_path = "target__organisation"

    target = models.ForeignKey(Target, models.CASCADE, verbose_name=_("target"), related_name="changes")
    at = models.DateTimeField(_("at"))
    old_status = models.CharField(_("old status"), max_length=8, choices=STATUSES)
    new_status = models.CharField(_("new status"), max_length=8, choices=STATUSES)
    period_starts_on = models.DateField(_("period starts on"), null=True)
    evaluation = models.JSONField(_("evaluation"))
    announced_at = models.DateTimeField(_("announced at"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("status change"), _("status changes")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["at"], condition=Q(announced_at=None), name="targets_change_unannounced")  # the sweep
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.old_status} → {self.new_status}"

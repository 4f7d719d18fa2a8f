"""Admin screens of metrics and targets, under the same rules as the pages, and of the logs of what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connectors import asking
from connectors.models import Feed
from organisations.access import Access
from organisations.admin import OnlySeen
from organisations.admin_logs import KeepsLogs, Log
from organisations.admin_scope import TenantAdmin, all_rows, rows_with, unlocked
from organisations.forms import ModelForm, TenantForm
from organisations.models import Organisation, User
from organisations.roles import Permission, Role
from targets import judging
from targets.full_forms import FullMetricForm, FullTargetForm
from targets.models import (
    DailyRollup,
    EvaluationSnapshot,
    Metric,
    Note,
    Observation,
    PeriodResult,
    StatusChange,
    Tag,
    Target,
    Wall,
)
from targets.note_forms import NoteRules
from targets.reading_forms import NumberField
from targets.saving import save_metric, save_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest


WHEN_JUDGED = ["period_starts_on", "period_ends_on", "evaluated_at"]


class AsOnThePage(ModelForm[Any]):
    """An admin form in which the page's own form judges, within the organisation that was chosen."""

    page_form: ClassVar[type[TenantForm[Any]]]
    user: ClassVar[User]
    judged: TenantForm[Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            page = self._on_the_page(self.instance.organisation)
            for name in {name for name, field in page.fields.items() if field.disabled} & set(self.fields):
                self.fields[name].disabled, self.fields[name].help_text = True, page.fields[name].help_text

    def clean(self) -> dict[str, Any]:
        """Take over what the page's form makes of the values, and its errors."""
        values = super().clean() or self.cleaned_data
        organisation = self.instance.organisation if self.instance.pk else values.get("organisation")
        if organisation is None:
            return values
        self.judged = self._on_the_page(organisation, self.data)
        if self.judged.is_valid():
            return {
                **values,
                **{name: self.judged.cleaned_data[name] for name in self.fields if name in self.judged.fields},
            }
        for name, sentences in self.judged.errors.items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, list(sentences))
        return values

    def _on_the_page(self, organisation: Organisation, data: Any = None) -> TenantForm[Any]:
        access = Access(self.user, organisation, Role.EDITOR)
        return self.page_form(data, instance=self.instance, access=access)


class MetricRules(AsOnThePage):
    """The page's rules for a metric."""

    page_form = FullMetricForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "feed" in self.fields:
            self.fields["feed"].required = False
            self.fields["feed"].help_text = _("Empty: typed in or pushed.")


class TargetRules(AsOnThePage):
    """The page's rules for a target."""

    page_form = FullTargetForm


class TagForm(TenantForm[Tag]):
    """A word, once in any case."""

    class Meta:
        model = Tag
        fields = ["name"]


class TagRules(AsOnThePage):
    """The rules for a tag."""

    page_form = TagForm


class ByTheForm(KeepsLogs):
    """A screen whose rows are saved by the page's form."""

    formfield_overrides = {models.FloatField: {"form_class": NumberField}}  # as the page's form reads them
    readonly_when_there: ClassVar[list[str]] = ["organisation"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the form who is asking."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep a row where it is."""
        return [*super().get_readonly_fields(request, obj), *(self.readonly_when_there if obj else [])]


@admin.register(Metric)
class MetricAdmin(ByTheForm):
    """Named numbers over time."""

    form = MetricRules
    readonly_when_there = ["organisation", "feed"]
    list_display = ["name", "organisation", "feed", "value_kind", "unit", "last_at", "last_value"]
    list_filter = ["value_kind", "higher_is_better", "counts_distinct", "organisation"]
    list_select_related = ["organisation", "feed__connection"]
    search_fields = ["name", "unit", "feed__name", "feed__connection__name", "organisation__name"]
    autocomplete_fields = ["feed"]
    date_hierarchy = "last_at"
    actions = ["collect_now"]
    fieldsets = [
        (None, {"fields": ["organisation", "name", "unit", "decimals"]}),
        (_("Where it stands"), {"fields": ["feed", "value_path", "segment_path", "scale"]}),
        (
            _("What it is"),
            {"fields": ["value_kind", "higher_is_better", "missing_is_zero", "can_fall", "counts_distinct"]},
        ),
        (_("On lists"), {"fields": ["scale_min", "scale_max"]}),
        (_("State"), {"fields": ["last_at", "last_value", "read_until", "read_through", "rollup_zone", "created_at"]}),
    ]
    readonly_fields = ["last_at", "last_value", "read_until", "read_through", "rollup_zone", "created_at"]

    def save_model(self, request: HttpRequest, obj: Metric, form: Any, change: bool) -> None:  # noqa: ARG002  the base's contract
        """Save, and judge the metric's targets by it."""
        save_metric(form.judged, timezone.now())

    @admin.action(description=_("Collect now"), permissions=["change"])
    def collect_now(self, request: HttpRequest, queryset: QuerySet[Metric]) -> None:
        """Make the metrics' feeds due at once."""
        ask_feeds(self, request, queryset.values("feed"))


@admin.register(Target)
class TargetAdmin(ByTheForm):
    """What organisations want to reach, each with its latest verdict."""

    form = TargetRules
    list_display = [
        "name",
        "organisation",
        "metric",
        "team",
        "owner",
        "status",
        "value",
        "goal",
        "chance",
        "period",
        "period_ends_on",
        "evaluated_at",
    ]
    list_filter = ["status", "period", "comparison", ("paused_at", admin.EmptyFieldListFilter), "organisation"]
    list_select_related = ["organisation", "metric", "owner"]
    search_fields = ["name", "team", "metric__name", "owner__email", "organisation__name"]
    autocomplete_fields = ["metric", "owner"]
    date_hierarchy = "period_ends_on"
    actions = ["collect_now", "judge_now", "pause", "resume"]
    fieldsets = [
        (None, {"fields": ["organisation", "name", "team", "owner"]}),
        (
            _("What it asks for"),
            {"fields": ["metric", "aggregation", "comparison", "goal", "goal_upper", "start_value"]},
        ),
        (_("When"), {"fields": ["period", "starts_on", "ends_on", "time_zone", "profile"]}),
        (
            _("Verdict"),
            {"fields": ["status", "status_since", "value", "chance", *WHEN_JUDGED]},
        ),
        (_("State"), {"fields": ["tracking_since", "paused_at", "judge_at", "version", "created_at"]}),
    ]
    readonly_fields = [
        "status",
        "status_since",
        "value",
        "chance",
        *WHEN_JUDGED,
        "tracking_since",
        "paused_at",
        "judge_at",
        "version",
        "created_at",
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the drawing in the database."""
        return super().get_queryset(request).defer("track")

    def save_model(self, request: HttpRequest, obj: Target, form: Any, change: bool) -> None:  # noqa: ARG002  the base's contract
        """Save and judge, as the page does."""
        save_target(form.judged, timezone.now())

    @admin.action(description=_("Collect now"), permissions=["change"])
    def collect_now(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        """Make the targets' feeds due at once."""
        ask_feeds(self, request, queryset.values("metric__feed"))

    @admin.action(description=_("Judge now"), permissions=["change"])
    def judge_now(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        """Judge by the readings that are there."""
        now = timezone.now()
        self._each(
            request,
            queryset.filter(paused_at=None),
            lambda row: judging.judge_target(row.pk, now),
            gettext("Targets judged: %(number)s."),
        )

    @admin.action(description=_("Pause"), permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        """Stop judging."""
        now = timezone.now()
        self._each(
            request,
            unlocked(queryset).filter(paused_at=None),
            lambda row: judging.pause(row, now),
            gettext("Targets paused: %(number)s."),
        )

    @admin.action(description=_("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        """Judge again, at once."""
        now = timezone.now()
        self._each(
            request,
            unlocked(queryset).exclude(paused_at=None),
            lambda row: judging.resume(row, now),
            gettext("Targets resumed: %(number)s."),
        )

    def _each(self, request: HttpRequest, queryset: QuerySet[Target], act: Callable[[Target], Any], done: str) -> None:
        """Do something to each row that one may change; the list also shows what one may only see."""
        rows = list(rows_with(queryset, request.user, Permission.EDIT))
        with transaction.atomic():
            for row in rows:
                act(row)
        self.message_user(request, done % {"number": len(rows)}, messages.SUCCESS)


@admin.register(Note)
class NoteAdmin(TenantAdmin):
    """What happened on the days of targets."""

    form = NoteRules
    list_display = ["target", "on", "text", "author", "created_at"]
    list_filter = ["on", "target__organisation"]
    list_select_related = ["target", "author"]
    search_fields = ["text", "target__name", "author__email", "target__organisation__name"]
    autocomplete_fields = ["target"]
    date_hierarchy = "on"
    fields = ["target", "on", "text", "author", "created_at"]
    readonly_fields = ["author", "created_at"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the form what time it is."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.now = timezone.now()
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep a note at its target."""
        return [*super().get_readonly_fields(request, obj), *(["target"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Note, form: Any, change: bool) -> None:
        """Sign a new note."""
        if not change and isinstance(request.user, User):
            obj.author = request.user
        super().save_model(request, obj, form, change)


@admin.register(Tag)
class TagAdmin(ByTheForm):
    """Words that gather targets."""

    form = TagRules
    list_display = ["name", "organisation"]
    list_filter = ["organisation"]
    list_select_related = ["organisation"]
    search_fields = ["name", "organisation__name"]
    fields = ["organisation", "name"]


@admin.register(Wall)
class WallAdmin(OnlySeen):
    """Links for screens, without the link."""

    list_display = ["name", "organisation", "team", "tag", "created_by", "created_at", "shown_at"]
    list_filter = ["organisation", "shown_at"]
    list_select_related = ["organisation", "created_by"]
    search_fields = ["name", "team", "tag", "organisation__name"]
    fields = ["organisation", "name", "team", "tag", "created_by", "created_at", "shown_at"]


def ask_feeds(screen: admin.ModelAdmin[Any], request: HttpRequest, wanted: Any) -> None:
    """Make feeds due at once that one may change, but for those that are paused or that nobody can ask."""
    now = timezone.now()
    feeds = rows_with(all_rows(Feed), request.user, Permission.EDIT).filter(pk__in=wanted, paused_at=None)
    asked = [feed for feed in feeds.select_related("connection") if feed.collects]
    with transaction.atomic():
        for feed in asked:
            asking.now(feed, now)
    screen.message_user(
        request, gettext("Feeds asked within seconds: %(number)s.") % {"number": len(asked)}, messages.SUCCESS
    )


@admin.register(Observation)
class ObservationAdmin(Log):
    """Every reading. They are changed by typing in, pushing and collecting, which keep the days in step."""

    list_display = ["metric", "at", "whole_day", "segment", "value", "recorded_at", "collection_id"]
    list_filter = ["whole_day", "metric__organisation"]
    list_select_related = ["metric"]
    search_fields = ["metric__name", "segment"]
    ordering = ["-pk"]  # the only order over all metrics that an index serves


@admin.register(DailyRollup)
class RollupAdmin(Log):
    """The days that the readings add up to."""

    list_display = ["metric", "on", "segment", "total", "count", "minimum", "maximum", "last"]
    list_filter = ["metric__organisation"]
    list_select_related = ["metric"]
    search_fields = ["metric__name", "segment"]
    ordering = ["-pk"]


@admin.register(PeriodResult)
class PeriodAdmin(Log):
    """The frozen verdicts on closed periods."""

    list_display = ["target", "starts_on", "ends_on", "status", "value", "goal", "closed_at", "restated_at"]
    list_filter = ["status", ("restated_at", admin.EmptyFieldListFilter), "target__organisation"]
    list_select_related = ["target"]
    search_fields = ["target__name"]
    date_hierarchy = "starts_on"


@admin.register(EvaluationSnapshot)
class SnapshotAdmin(Log):
    """The verdicts as they stood on each day."""

    list_display = ["target", "on", "status", "at"]
    list_filter = ["status", "target__organisation"]
    list_select_related = ["target"]
    search_fields = ["target__name"]
    date_hierarchy = "on"


@admin.register(StatusChange)
class ChangeAdmin(Log):
    """Every change of status, and when it was told."""

    list_display = ["target", "at", "old_status", "new_status", "period_starts_on", "announced_at"]
    list_filter = ["new_status", "old_status", ("announced_at", admin.EmptyFieldListFilter), "target__organisation"]
    list_select_related = ["target"]
    search_fields = ["target__name"]
    date_hierarchy = "at"

"""Admin screens of connections, feeds and their logs. Credentials go in and never come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connectors import asking, gateways, naming
from connectors.feed_forms import FeedRules
from connectors.forms import STAYS, CareRules, hidden, replace_credentials
from connectors.holding import why_it_stays
from connectors.models import Collection, Connection, Feed
from connectors.models.feed import Health, of_health
from organisations.admin_logs import KeepsLogs, Log
from organisations.admin_scope import rows_with, unlocked
from organisations.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from django.db.models import QuerySet
    from django.forms import Form
    from django.http import HttpRequest

    from connectors.protocol import Kind


def checked(form_class: type[Form], given: Any) -> dict[str, Any]:
    """Return stored values as the kind's form cleans them. Raises ValidationError that names what is wrong."""
    form = form_class(given if isinstance(given, dict) else {})
    if form.is_valid():
        return form.cleaned_data
    raise forms.ValidationError([f"{name}: {error}" for name, errors in form.errors.items() for error in errors])


class ConnectionForm(CareRules):
    """A connection; its settings as its kind takes them, its credentials write-only."""

    credentials = forms.JSONField(
        required=False,
        widget=hidden(),
        label=gettext_lazy("Credentials"),
        help_text=gettext_lazy(
            'New ones as JSON, for example {"key": "…"}. Empty keeps the stored ones, which are never shown.'
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = gateways.origins_of(self.instance) if self.instance.pk else frozenset()

    def clean_credentials(self) -> dict[str, str]:
        """Refuse anything but names with texts."""
        given = self.cleaned_data["credentials"] or {}
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            raise forms.ValidationError(_('Write the credentials as JSON, for example {"key": "…"}.'))
        return given

    def clean(self) -> dict[str, Any]:
        """Check settings and credentials as the kind does, and keep stored credentials with their address."""
        cleaned = super().clean()
        if self.errors:
            return cleaned
        probe = Connection(kind=cleaned.get("kind") or self.instance.kind)
        kind = probe.kind_module
        self._settings(cleaned, kind.Settings)
        unknown = set(cleaned["credentials"]) - set(kind.Secrets.base_fields)
        if unknown:
            self.add_error("credentials", _takes(kind))
        self._place(cleaned, kind)
        if self.moves() and self.instance.sealed and not cleaned["credentials"]:
            self.add_error("credentials", str(STAYS))
        return cleaned

    def _settings(self, cleaned: dict[str, Any], form_class: type[Form]) -> None:
        try:
            cleaned["settings"] = checked(form_class, cleaned.get("settings"))
        except forms.ValidationError as error:
            self.add_error("settings", error)

    def _place(self, cleaned: dict[str, Any], kind: Kind) -> None:
        """Refuse what cannot stand behind its gateway, or before the connections that do."""
        settings = cleaned.get("settings") or {}
        refused = list(gateways.refusals(kind, settings, cleaned.get("gateway")))
        refused += gateways.refusals_behind(self.instance, settings) if self.instance.pk else []
        for name, sentence in refused:
            self.add_error(name if name in self.fields else "settings", sentence)

    def moves(self) -> bool:
        """Say whether the credentials would be sent to another service than the one they were entered for."""
        if self.instance.pk is None or "settings" not in self.cleaned_data:
            return False
        kind, gateway = self.instance.kind_module, self.cleaned_data.get("gateway")
        return bool(gateways.origins(kind, self.cleaned_data["settings"], gateway) - self.before)


def _takes(kind: Kind) -> str:
    known = ", ".join(kind.Secrets.base_fields)
    return _("This kind takes %(known)s.") % {"known": known} if known else _("This kind takes no credentials.")


@admin.register(Connection)
class ConnectionAdmin(KeepsLogs):
    """Places that have data."""

    form = ConnectionForm
    list_display = ["name", "organisation", "kind", "address", "has_credentials", "is_sample", "created_at"]
    list_filter = ["kind", "is_sample", "organisation"]
    list_select_related = ["organisation", "gateway"]
    search_fields = ["name", "organisation__name", "settings"]
    fieldsets = [
        (None, {"fields": ["organisation", "name", "kind", "settings", "credentials"]}),
        (gettext_lazy("Limits"), {"fields": ["gateway", "calls_limit", "calls_per", "most_at_once", "daily_quota"]}),
        (gettext_lazy("Log"), {"fields": ["keep_calls_days", "samples", "redacted_names"]}),
        (gettext_lazy("State"), {"fields": ["uid", "created_at"]}),
    ]

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Keep what others go through, and what records are passed to."""
        rows = list(objs)
        names, counts, lacking, kept = super().get_deleted_objects(rows, request)
        return names, counts, lacking, [*kept, *filter(None, map(why_it_stays, rows))]

    @admin.display(description=gettext_lazy("credentials"), boolean=True)
    def has_credentials(self, row: Connection) -> bool:
        """Whether credentials are stored."""
        return bool(row.sealed)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002  the base's contract
        """Keep a connection where it is and what it is."""
        return ["uid", "created_at", *(["organisation", "kind"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Connection, form: Any, change: bool) -> None:
        """Seal new credentials, save, and let feeds that had stopped begin anew."""
        if form.moves():
            gateways.drop_secrets(obj)
        replace_credentials(obj, form.cleaned_data["credentials"])
        naming.follow(obj)
        super().save_model(request, obj, form, change)
        asking.again(obj, timezone.now())


class FeedForm(FeedRules):
    """A feed, whose query is what its connection's kind takes."""

    def clean(self) -> dict[str, Any]:
        """Check the query as the kind does."""
        cleaned = super().clean()
        connection = cleaned.get("connection") or getattr(self.instance, "connection", None)
        if connection is None:
            return cleaned
        try:
            cleaned["query"] = checked(connection.kind_module.Query, cleaned.get("query"))
        except forms.ValidationError as error:
            self.add_error("query", error)
        return cleaned


class HealthFilter(admin.SimpleListFilter):
    """How a feed is doing now, as the pages tell it: silence and pausing count."""

    title = gettext_lazy("health")
    parameter_name = "health"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:  # noqa: ARG002  the library's contract
        """Offer every health."""
        return Health.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002  the library's contract
        """Return the feeds of the chosen health."""
        chosen = self.value()
        return queryset.filter(of_health(chosen, timezone.now())) if chosen else queryset


@admin.register(Feed)
class FeedAdmin(KeepsLogs):
    """What is asked, how often, and how it is going."""

    form = FeedForm
    actions = ["collect_now", "pause", "resume"]
    list_display = [
        "name",
        "connection",
        "health_now",
        "asks",
        "every",
        "due_at",
        "answered_at",
        "failures",
        "paused_at",
    ]
    list_filter = [HealthFilter, "asks", "every", ("paused_at", admin.EmptyFieldListFilter), "connection__organisation"]
    list_select_related = ["connection__organisation"]
    search_fields = ["name", "connection__name", "reason"]
    date_hierarchy = "created_at"
    fieldsets = [
        (None, {"fields": ["connection", "name", "query"]}),
        (
            gettext_lazy("When"),
            {"fields": ["timing", "every", "cron", "ready_by", "lead_minutes", "working_days_only"]},
        ),
        (
            gettext_lazy("For which days it asks"),
            {"fields": ["asks", "running_period", "history_days", "overlap_days"]},
        ),
        (gettext_lazy("Rows"), {"fields": ["row_filter", "record_key", "keeps_records", "keep_records_days"]}),
        (gettext_lazy("Time in the rows"), {"fields": ["at_path", "at_format"]}),
        (
            gettext_lazy("State"),
            {
                "fields": [
                    "health_now",
                    "reason",
                    "what_went_wrong",
                    "failures",
                    "failing_since",
                    "answered_at",
                    "collected_at",
                ]
            },
        ),
        (
            gettext_lazy("Schedule"),
            {"fields": ["due_at", "covered_until", "lease_until", "lost_leases", "paused_at", "cursor"]},
        ),
    ]
    readonly_fields = [
        "health_now",
        "reason",
        "what_went_wrong",
        "failures",
        "failing_since",
        "answered_at",
        "collected_at",
        "due_at",
        "covered_until",
        "lease_until",
        "lost_leases",
        "paused_at",
        "cursor",
    ]

    @admin.display(description=gettext_lazy("health"), ordering="health")
    def health_now(self, row: Feed) -> str:
        """How the feed is doing now."""
        return str(row.health_at(timezone.now()).label)

    @admin.display(description=gettext_lazy("what went wrong"), empty_value="–")
    def what_went_wrong(self, row: Feed) -> str:
        """What went wrong last."""
        return row.message

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002  the base's contract
        """Keep a feed with its connection."""
        return [*self.readonly_fields, *(["connection"] if obj else [])]

    @admin.action(description=gettext_lazy("Check now"), permissions=["change"])
    def collect_now(self, request: HttpRequest, queryset: QuerySet[Feed]) -> None:
        """Make feeds due at once."""
        running = self._changeable(request, queryset).filter(paused_at=None)
        asked = self._each([feed for feed in running if feed.collects], asking.now)
        said = ngettext("%(count)s feed is asked within seconds.", "%(count)s feeds are asked within seconds.", asked)
        self.message_user(request, said % {"count": asked}, messages.SUCCESS)

    @admin.action(description=gettext_lazy("Pause"), permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Feed]) -> None:
        """Ask nothing until resumed."""
        running = unlocked(self._changeable(request, queryset)).filter(paused_at=None)
        paused = self._each(list(running), asking.pause)
        said = ngettext("%(count)s feed is paused.", "%(count)s feeds are paused.", paused)
        self.message_user(request, said % {"count": paused}, messages.SUCCESS)

    @admin.action(description=gettext_lazy("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Feed]) -> None:
        """Ask again, at once."""
        paused = unlocked(self._changeable(request, queryset)).exclude(paused_at=None)
        resumed = self._each(list(paused), asking.resume)
        said = ngettext("%(count)s feed is resumed.", "%(count)s feeds are resumed.", resumed)
        self.message_user(request, said % {"count": resumed}, messages.SUCCESS)

    def _changeable(self, request: HttpRequest, queryset: QuerySet[Feed]) -> QuerySet[Feed]:
        """Narrow to what one may change: the list shows what one may see."""
        narrowed: QuerySet[Feed] = rows_with(queryset, request.user, Permission.EDIT)
        return narrowed.select_related("connection")

    def _each(self, feeds: list[Feed], act: Callable[[Feed, datetime], object]) -> int:
        now = timezone.now()
        with transaction.atomic():
            for feed in feeds:
                act(feed, now)
        return len(feeds)


@admin.register(Collection)
class CollectionAdmin(Log):
    """Every run of every feed."""

    list_display = [
        "feed",
        "started_at",
        "finished_at",
        "outcome",
        "rows",
        "observations",
        "refused",
        "left_out",
        "what_went_wrong",
    ]
    readonly_fields = ["what_went_wrong"]
    list_filter = ["outcome", "reason", "feed__connection__organisation"]
    list_select_related = ["feed__connection"]
    search_fields = ["feed__name", "feed__connection__name", "reason"]
    date_hierarchy = "started_at"

    @admin.display(description=gettext_lazy("what went wrong"), empty_value="–")
    def what_went_wrong(self, row: Collection) -> str:
        """What went wrong, in words."""
        return row.message

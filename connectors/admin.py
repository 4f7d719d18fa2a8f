"""Admin screens of connections, feeds and their logs. Credentials go in and never come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from connectors import asking
from connectors.forms import STAYS, FeedRules, hidden, origin, replace_credentials
from connectors.models import CallRecord, Collection, Connection, Feed
from connectors.models.feed import Health, of_health
from organisations.admin_logs import KeepsLogs, Log
from organisations.admin_scope import rows_with, unlocked
from organisations.forms import ModelForm
from organisations.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Callable
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


class ConnectionForm(ModelForm[Connection]):
    """A connection; its settings as its kind takes them, its credentials write-only."""

    credentials = forms.JSONField(
        required=False,
        widget=hidden(),
        label=gettext_lazy("Credentials"),
        help_text=gettext_lazy(
            'New ones as JSON, for example {"key": "…"}. Empty keeps the stored ones, which are never shown.'
        ),
    )

    def clean_credentials(self) -> dict[str, str]:
        """Refuse anything but names with texts."""
        given = self.cleaned_data["credentials"] or {}
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            raise forms.ValidationError(_('Write the credentials as JSON, for example {"key": "…"}.'))
        return given

    def clean(self) -> dict[str, Any]:
        """Check settings and credentials as the kind does, and keep stored credentials with their address."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        probe = Connection(kind=cleaned.get("kind") or self.instance.kind)
        kind = probe.kind_module
        self._settings(cleaned, kind.Settings)
        unknown = set(cleaned["credentials"]) - set(kind.Secrets.base_fields)
        if unknown:
            self.add_error("credentials", _takes(kind))
        if self.moves() and self.instance.sealed and not cleaned["credentials"]:
            self.add_error("credentials", str(STAYS))
        return cleaned

    def _settings(self, cleaned: dict[str, Any], form_class: type[Form]) -> None:
        try:
            cleaned["settings"] = checked(form_class, cleaned.get("settings"))
        except forms.ValidationError as error:
            self.add_error("settings", error)

    def moves(self) -> bool:
        """Say whether the address leads to another service than the one the credentials were entered for."""
        if self.instance.pk is None or "settings" not in self.cleaned_data:
            return False
        address = self.instance.kind_module.address
        return origin(address(self.cleaned_data["settings"])) != origin(address(self.initial["settings"]))


def _takes(kind: Kind) -> str:
    known = ", ".join(kind.Secrets.base_fields)
    return _("This kind takes %(known)s.") % {"known": known} if known else _("This kind takes no credentials.")


@admin.register(Connection)
class ConnectionAdmin(KeepsLogs):
    """Places that have data."""

    form = ConnectionForm
    list_display = ["name", "organisation", "kind", "address", "has_credentials", "is_sample", "created_at"]
    list_filter = ["kind", "is_sample", "organisation"]
    list_select_related = ["organisation"]
    search_fields = ["name", "organisation__name", "settings"]
    fields = ["organisation", "name", "kind", "settings", "credentials", "uid", "created_at"]

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
            obj.sealed = ""  # what was entered for another address stays behind
        replace_credentials(obj, form.cleaned_data["credentials"])
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
        (gettext_lazy("When"), {"fields": ["every", "asks", "running_period", "history_days", "overlap_days"]}),
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


@admin.register(CallRecord)
class CallAdmin(Log):
    """Every request that went out, redacted."""

    list_display = ["at", "connection", "method", "url", "status", "took", "size", "attempt", "what_went_wrong"]
    list_filter = ["status", "method", "connection__organisation"]
    list_select_related = ["connection"]
    search_fields = ["url", "connection__name", "correlation_id"]
    readonly_fields = ["what_went_wrong"]
    date_hierarchy = "at"

    @admin.display(description=gettext_lazy("what went wrong"), empty_value="–")
    def what_went_wrong(self, row: CallRecord) -> str:
        """What went wrong, in words."""
        return row.error

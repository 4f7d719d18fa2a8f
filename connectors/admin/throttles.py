"""The admin screen of how connections stand with their limits."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy

from connectors.models import Throttle
from connectors.outbound.breaker import state_at
from connectors.outbound.limits import day_of, running, used_on
from connectors.panels.limits import CIRCUITS
from connectors.throttling import limits_of, standing_of
from organisations.admin_logs import Log


@admin.register(Throttle)
class ThrottleAdmin(Log):
    """What is used up of limits, and the circuits."""

    list_display = [
        "connection",
        "state",
        "failures",
        "open_until",
        "wait_until",
        "free_at",
        "calls_now",
        "calls_today",
    ]
    list_filter = ["connection__organisation"]
    list_select_related = ["connection__organisation"]
    search_fields = ["connection__name", "reason"]
    fields = [
        "connection",
        "state",
        "failures",
        "failing_since",
        "what_went_wrong",
        "times_opened",
        "open_until",
        "trial_until",
        "wait_until",
        "free_at",
        "queue_at",
        "calls_now",
        "calls_today",
    ]
    readonly_fields = ["state", "calls_now", "calls_today", "what_went_wrong"]

    @admin.display(description=gettext_lazy("circuit"))
    def state(self, row: Throttle) -> str:
        """How the circuit stands now."""
        return str(CIRCUITS[state_at(standing_of(row).circuit, timezone.now())])

    @admin.display(description=gettext_lazy("running calls"))
    def calls_now(self, row: Throttle) -> int:
        """How many calls are under way."""
        return len(running(standing_of(row).usage, timezone.now()))

    @admin.display(description=gettext_lazy("calls today"))
    def calls_today(self, row: Throttle) -> int:
        """How many calls of the day's quota are used up."""
        limits = limits_of(row.connection, row.connection.organisation.zone)
        return used_on(standing_of(row).usage, day_of(limits, timezone.now()))

    @admin.display(description=gettext_lazy("what went wrong"), empty_value="–")
    def what_went_wrong(self, row: Throttle) -> str:
        """What the last failure said."""
        return row.message

"""The API of the call log: each call, and what the calls of a connection add up to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import django_filters
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from connectors.calls.filters import FAILED
from connectors.calls.log import DAY, HOUR, as_figures, as_row, by_day, by_hour, hours, logged_with, start_of_day
from connectors.calls.spans import A_WEEK, USUAL, Span
from connectors.calls.tallies import Tally, summed
from connectors.errors import Reason
from connectors.models import CallRecord, Connection
from connectors.problems import Unreadable
from connectors.protocol import Window
from connectors.serializers import CallSerializer
from connectors.written import times
from organisations.api import OrganisationView, TenantViewSet
from organisations.api_filters import TenantFilters, refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from django.db.models import QuerySet
    from rest_framework.request import Request

LONGEST = {HOUR: timedelta(days=31), DAY: timedelta(days=400)}


def _maybe(help_text: str) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=f"{help_text}; null without calls.")


FIGURES: dict[str, Any] = {
    "calls": serializers.IntegerField(),
    "failed": serializers.IntegerField(),
    "size": serializers.IntegerField(help_text="Bytes of the answers, unpacked."),
    "took": _maybe(help_text="Seconds on average"),
    "p50": _maybe(help_text="Seconds that half of the calls took at most"),
    "p95": _maybe(help_text="Seconds that 95 of 100 calls took at most"),
    "p99": _maybe(help_text="Seconds that 99 of 100 calls took at most"),
    "error_rate": _maybe(help_text="The share that failed, from 0 to 1"),
}
SUMMARY = inline_serializer(
    "CallSummary",
    {
        "since": serializers.DateTimeField(),
        "until": serializers.DateTimeField(),
        "by": serializers.ChoiceField([HOUR, DAY]),
        **FIGURES,
        "reasons": serializers.DictField(child=serializers.IntegerField(), help_text="How many failed why."),
        "week_before": inline_serializer("CallFigures", FIGURES),
        "daily_quota": serializers.IntegerField(allow_null=True),
        "rows": inline_serializer(
            "CallStretch",
            {
                "at": serializers.CharField(help_text="The beginning of the hour, or the day."),
                **FIGURES,
                "quota_used": serializers.FloatField(
                    required=False, help_text="Of a day where there is a quota: the share of it."
                ),
            },
            many=True,
        ),
    },
)
ASKED = [
    OpenApiParameter("since", str, description="A day or a time, included; a week ago if left out."),
    OpenApiParameter("until", str, description="A day or a time, not included; now if left out."),
    OpenApiParameter("by", str, enum=[DAY, HOUR], description="A row for each day of the organisation, or each hour."),
]


class CallFilters(TenantFilters):
    """`failed` is true for calls that did not bring what was asked for."""

    failed = django_filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="of_outcome")
    reason = django_filters.ChoiceFilter(choices=[(reason.value, reason.value) for reason in Reason])

    class Meta:
        model = CallRecord
        fields = {
            "connection": ["exact"],
            "collection": ["exact"],
            "status": ["exact"],
            "at": ["gte", "lt"],
            "took": ["gte"],
            "correlation_id": ["exact"],
        }

    def of_outcome(self, rows: QuerySet[CallRecord], name: str, failed: str) -> QuerySet[CallRecord]:  # noqa: ARG002  the library's contract
        """Return the calls that failed, or the others."""
        return rows.filter(FAILED) if failed == "true" else rows.exclude(FAILED)


class Calls(TenantViewSet):
    """Every request that went out, latest first."""

    model = CallRecord
    serializer_class = CallSerializer
    http_method_names = ["get", "head", "options"]
    filterset_class = CallFilters
    ordering_fields = ["at", "took"]


class CallSummary(OrganisationView):
    """What the calls of a connection add up to; those of a gateway with those of all connections behind it."""

    @extend_schema(parameters=ASKED, responses=SUMMARY)
    def get(self, request: Request, pk: int, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Add up a stretch of time, by day or hour, with the same stretch a week before.

        Hours stay for 400 days, when the calls themselves have gone.
        """
        connection, zone = self.access.get(Connection, pk), self.access.organisation.zone
        by, window = asked(request.query_params, timezone.now(), zone)
        logged = logged_with(connection)
        found = hours(self.access.organisation, logged, window)
        before = hours(self.access.organisation, logged, _a_week_before(window))
        tallies = by_day(found, zone) if by == DAY else by_hour(found)
        whole = summed(tallies.values())
        return Response(
            {
                "since": window.since,
                "until": window.until,
                "by": by,
                **as_figures(whole),
                "reasons": whole.reasons,
                "week_before": as_figures(summed(line[2] for line in before)),
                "daily_quota": connection.daily_quota,
                "rows": [
                    {**as_row(at, tally), **_quota(tally, connection.daily_quota if by == DAY else None)}
                    for at, tally in tallies.items()
                ],
            }
        )


def _quota(tally: Tally, quota: int | None) -> dict[str, float]:
    return {"quota_used": round(tally.calls / quota, 6)} if quota else {}


def _a_week_before(window: Window) -> Window:
    return Window(since=window.since - A_WEEK, until=window.until - A_WEEK)


def asked(query: Mapping[str, str], now: datetime, zone: ZoneInfo) -> tuple[str, Window]:
    """Return by what is added up, and which stretch of time. Raises ValidationError."""
    refuse_unknown(query, {"since", "until", "by"}, "filter")
    by = query.get("by", DAY)
    if by not in LONGEST:
        raise ValidationError({"by": [_("Ask by hour or by day.")]})
    usual = Span(USUAL).window(now, zone)
    since = _moment(query, "since", zone) or usual.since
    until = _moment(query, "until", zone) or usual.until
    if not since < until:
        raise ValidationError({"until": [_("The end must come after the beginning.")]})
    if until - since > LONGEST[by] + timedelta(days=1):
        sentence = _("Ask for at most %(days)s days at once.") % {"days": LONGEST[by].days}
        raise ValidationError({"since": [sentence]})
    return by, Window(since=since, until=until)


def _moment(query: Mapping[str, str], name: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment that is asked for, or at which a day begins; None where nothing is."""
    if not query.get(name):
        return None
    try:
        moment = times.read(query[name], fmt=times.AUTO, zone=zone)
    except Unreadable as error:
        raise ValidationError({name: [str(error).capitalize() + "."]}) from None
    return start_of_day(moment.at.date(), zone) if moment.whole_day else moment.at

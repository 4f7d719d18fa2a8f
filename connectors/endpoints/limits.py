"""The API of a connection's limits and of its circuit breaker."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from connectors import asking
from connectors.outbound.breaker import State
from connectors.panels.limits import facts_of

if TYPE_CHECKING:
    from rest_framework.request import Request

    from connectors.models import Connection
    from connectors.panels.limits import Facts

RESET = "reset_limits"


class LimitsSerializer(serializers.Serializer[Any]):
    """How a connection stands with its limits; what is not limited is null."""

    calls_limit = serializers.IntegerField(allow_null=True)
    calls_per = serializers.IntegerField(help_text="Seconds.")
    next_call_at = serializers.DateTimeField(allow_null=True, help_text="By the pace; null for at once.")
    most_at_once = serializers.IntegerField(allow_null=True)
    running = serializers.IntegerField(help_text="Counted only where the calls at once are limited.")
    daily_quota = serializers.IntegerField(allow_null=True)
    used_today = serializers.IntegerField(help_text="Counted only where there is a quota.")
    quota_anew_at = serializers.DateTimeField(help_text="Midnight in the organisation.")
    wait_until = serializers.DateTimeField(allow_null=True, help_text="Until when the service wants no calls.")
    circuit = serializers.ChoiceField(choices=[state.value for state in State])
    failures = serializers.IntegerField(help_text="In a row.")
    failing_since = serializers.DateTimeField(allow_null=True)
    open_until = serializers.DateTimeField(allow_null=True, help_text="When one call tries it again.")
    problem = serializers.CharField(help_text="The code of what the last failure said; empty where none is remembered.")
    message = serializers.CharField(help_text="The same as a sentence.")


class LimitsOfConnection:
    """The part of the API of connections that is about limits."""

    if TYPE_CHECKING:

        def get_object(self) -> Connection: ...

        access: Any

    @extend_schema(responses=LimitsSerializer)
    @action(detail=True, methods=["get"])
    def limits(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Say how much of the limits is used up, and how the circuit breaker stands."""
        return Response(LimitsSerializer(said(facts_of(self.get_object(), timezone.now()))).data)

    @extend_schema(request=None, responses=LimitsSerializer)
    @action(detail=True, methods=["post"], url_path="limits/reset", url_name="limits-reset")
    def reset_limits(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Close the circuit breaker, and ask at once what waited.

        That the service wanted no calls for a while is forgotten too.
        What is used up of the limits stays used up.
        """
        connection, now = self.get_object(), timezone.now()
        with transaction.atomic():
            asking.at_last(self.access, connection, now)
        return Response(LimitsSerializer(said(facts_of(connection, now))).data)


def said(facts: Facts) -> dict[str, Any]:
    """Return facts as the API answers them."""
    circuit, problem = facts.circuit, facts.problem
    return {
        **asdict(facts),
        "circuit": facts.state.value,
        "failures": circuit.failures,
        "failing_since": circuit.failing_since,
        "open_until": circuit.open_until,
        "problem": problem.code if problem else "",
        "message": str(problem) if problem else "",
    }

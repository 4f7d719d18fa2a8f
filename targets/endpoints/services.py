"""The API of well-known services: which there are, what they ask, and making a connection to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from connectors.services import Service, all_services, filled, in_order
from connectors.services.forms import ServiceForm
from organisations.api import OrganisationView
from organisations.api_forms import errors_of
from organisations.documents import Refused
from targets.set_up.service_rows import set_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

ASK = inline_serializer(
    "ServiceAsk",
    {
        "name": serializers.CharField(),
        "label": serializers.CharField(),
        "help": serializers.CharField(),
        "kind": serializers.CharField(help_text="text, address, secret or choice."),
        "default": serializers.CharField(allow_blank=True),
        "example": serializers.CharField(),
        "choices": serializers.DictField(child=serializers.CharField()),
    },
    many=True,
)
MEASURE = inline_serializer(
    "ServiceMetric",
    {
        "key": serializers.CharField(),
        "name": serializers.CharField(),
        "summary": serializers.CharField(),
        "value_kind": serializers.CharField(),
    },
    many=True,
)
OFFERED = {
    "slug": serializers.CharField(),
    "name": serializers.CharField(),
    "summary": serializers.CharField(),
    "documented_at": serializers.CharField(),
    "asks": ASK,
    "metrics": MEASURE,
}
ORDER = inline_serializer(
    "ServiceOrder",
    {
        "answers": serializers.DictField(help_text="By the names of what is asked; else the defaults."),
        "metrics": serializers.ListField(child=serializers.CharField(), help_text="Keys of the metrics wanted."),
    },
)
MADE = inline_serializer(
    "ServiceMade",
    {
        "connection": serializers.IntegerField(),
        "feeds": serializers.ListField(child=serializers.IntegerField()),
        "metrics": serializers.DictField(child=serializers.IntegerField(), help_text="Ids by the keys."),
    },
)


class Services(OrganisationView):
    """The services that are known."""

    @extend_schema(responses=inline_serializer("Service", OFFERED, many=True))
    def get(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """List the services with what each asks and measures, in the language that is asked for."""
        return Response([_offered(each) for each in in_order()])


class OneService(OrganisationView):
    """One of them."""

    @extend_schema(responses=inline_serializer("OneService", OFFERED))
    def get(self, request: Request, service: str, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Show one service."""
        return Response(_offered(_chosen(service)))

    @extend_schema(request=ORDER, responses={201: MADE})
    def post(self, request: Request, service: str, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Create the connection, what is asked of it and the metrics wanted, all of it or nothing.

        Nothing is tried before: a service that does not answer shows with its connection.
        """
        chosen = _chosen(service)
        answers, wanted = _given(request.data, chosen)
        form = ServiceForm(answers, service=chosen)
        if not form.is_valid():
            raise ValidationError({"answers": errors_of(form)})
        try:
            made = set_up(filled(chosen, {**form.answers(), **form.secrets()}), wanted, self.access, now=timezone.now())
        except Refused as error:
            raise ValidationError(dict(error.errors)) from None
        keys = [key for key in chosen.measures if key in wanted]
        answer = {
            "connection": made[0].feed.connection_id,
            "feeds": list(dict.fromkeys(metric.feed_id for metric in made)),
            "metrics": {key: metric.pk for key, metric in zip(keys, made, strict=True)},
        }
        return Response(answer, status=status.HTTP_201_CREATED)


def _chosen(slug: str) -> Service:
    found = all_services().get(slug)
    if found is None:
        raise Http404
    return found


def _offered(service: Service) -> dict[str, Any]:
    return {
        "slug": service.slug,
        "name": service.name,
        "summary": str(service.summary),
        "documented_at": service.documented_at,
        "asks": [
            {
                "name": ask.name,
                "label": str(ask.label),
                "help": str(ask.help),
                "kind": ask.kind.value,
                "default": ask.default,
                "example": ask.example,
                "choices": {value: str(said) for value, said in ask.choices.items()},
            }
            for ask in service.asks.values()
        ],
        "metrics": [
            {
                "key": measure.key,
                "name": str(measure.name),
                "summary": str(measure.summary),
                "value_kind": measure.values["value_kind"],
            }
            for measure in service.measures.values()
        ],
    }


def _given(body: Any, service: Service) -> tuple[Mapping[str, Any], list[str]]:
    """Return the answers, those left out as proposed, and the keys of the metrics wanted. Raises ValidationError."""
    given, wanted = (body.get("answers", {}), body.get("metrics")) if isinstance(body, dict) else (None, None)
    if not isinstance(given, dict) or set(body) - {"answers", "metrics"}:
        raise ValidationError({"answers": [_("Send one object, with the answers by the names of what is asked.")]})
    if strange := {name: [_("This is not asked.")] for name in given if name not in service.asks}:
        raise ValidationError({"answers": strange})
    if not isinstance(wanted, list) or not wanted or [key for key in wanted if key not in service.measures]:
        sentence = _("Send a list of metrics, of these: %(keys)s.") % {"keys": ", ".join(service.measures)}
        raise ValidationError({"metrics": [sentence]})
    defaults = {name: ask.default for name, ask in service.asks.items()}
    return defaults | {name: value if isinstance(value, str | int) else "" for name, value in given.items()}, wanted

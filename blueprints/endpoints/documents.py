"""The API of an organisation as one document: exported, looked at, compared, applied."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from blueprints import documents, nodes
from blueprints.applying import Outdated, apply, prepare, validate
from blueprints.endpoints.bodies import ByForm, TextYaml, Yaml, YamlRenderer
from blueprints.exporting import export
from blueprints.mistakes import Mistaken
from blueprints.serializers import (
    BlueprintApplySerializer,
    BlueprintFilesSerializer,
    BlueprintMistakesSerializer,
    BlueprintOrderSerializer,
    BlueprintPlanSerializer,
    order_of,
    plain_mistakes,
    plain_plan,
)
from organisations.api import Conflict, OrganisationView
from organisations.api_bodies import Json
from organisations.api_filters import refuse_unknown
from organisations.api_format import JsonRenderer
from organisations.roles import Permission

if TYPE_CHECKING:
    from rest_framework.request import Request

    from blueprints.applying import Order
    from blueprints.mistakes import Mistake
    from organisations.access import Access

YES_OR_NO = {"true": True, "false": False}
FILTERS = [
    OpenApiParameter("people", bool, description="false: nobody's e-mail address stands in it."),
    OpenApiParameter("form", enum=["yaml", "json"], description="Else by the header Accept; YAML if that is silent."),
]
WHOLE = OpenApiResponse(
    {"type": "object", "additionalProperties": True}, description="The document, as YAML or as JSON."
)
WRONG = {400: OpenApiResponse(BlueprintMistakesSerializer, description="A problem, with what is wrong and where.")}


class Document(OrganisationView):
    """The organisation as one document."""

    renderer_classes = [YamlRenderer, JsonRenderer]
    content_negotiation_class = ByForm

    @extend_schema(parameters=FILTERS, responses={(200, "application/yaml"): WHOLE, (200, "application/json"): WHOLE})
    def get(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Export the organisation as a blueprint. Secrets stand in it by their names, samples not at all."""
        refuse_unknown(request.query_params, {"people", "form"}, "filter")
        people = request.query_params.get("people", "true")
        if people not in YES_OR_NO:
            raise ValidationError({"people": [_("Send true or false.")]})
        text = export(self.access, people=YES_OR_NO[people])
        as_json = isinstance(request.accepted_renderer, JsonRenderer) and request.accepted_renderer.format == "json"
        return Response(nodes.read(text).plain() if as_json else text)


class OfFiles(OrganisationView):
    """A view to which files are posted."""

    parser_classes = [Json, Yaml, TextYaml]


class Validate(OfFiles):
    """Looking at files."""

    write_permission: ClassVar[Permission] = Permission.VIEW

    @extend_schema(request=BlueprintFilesSerializer, responses={200: BlueprintMistakesSerializer, **WRONG})
    def post(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Say what is wrong with files, without looking at what is there. Open values may stay open."""
        sent = BlueprintFilesSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        mistakes = validate(sent.validated_data["files"])
        return refused(mistakes, HTTPStatus.BAD_REQUEST) if mistakes else Response({"mistakes": []})


class Plan(OfFiles):
    """Comparing files."""

    write_permission: ClassVar[Permission] = Permission.VIEW

    @extend_schema(request=BlueprintOrderSerializer, responses={200: BlueprintPlanSerializer, **WRONG})
    def post(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Say what applying files would change, and change nothing.

        The answer also says what stands in the way, and which values and secrets are missing.
        """
        sent = BlueprintOrderSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            return Response(plain_plan(planned(self.access, sent.validated_data)))
        except Mistaken as error:
            return refused(error.mistakes, HTTPStatus.BAD_REQUEST)


class Apply(OfFiles):
    """Applying files."""

    @extend_schema(request=BlueprintApplySerializer, responses={200: BlueprintPlanSerializer, **WRONG, 409: WRONG[400]})
    def post(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Make the organisation what files say, all of it or nothing; answers what was done.

        400: something is wrong with the files, or an answer is missing. 409: they do not go with what is there, or with
        what your role allows.
        """
        sent = BlueprintApplySerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        order = ordered(self.access, sent.validated_data)
        try:
            done = apply(self.access, order, now=timezone.now(), seen=sent.validated_data["seen"] or None)
        except Outdated:
            raise Conflict(_("The plan is another one by now. Look at it again.")) from None
        except Mistaken as error:
            return refused(error.mistakes, status_of(order, error.mistakes))
        return Response(plain_plan(done))


def ordered(access: Access, sent: dict[str, Any], *, without: frozenset[str] = frozenset()) -> Order:
    """Return what is ordered; a kept file stays locked, or not, where nothing is said of it."""
    kept = access.organisation.blueprints.filter(name=sent["manage"] or None).first()
    return order_of(sent, was_locked=bool(kept and kept.is_locked), without=without)


def planned(access: Access, sent: dict[str, Any]) -> Any:
    """Return the plan. Raises Mistaken.

    Answers to secrets are not compared with those under seal: whoever only looks could find out by trying whether a
    guess is right.
    """
    _plain, secret = documents.read(sent["files"]).names()
    plan = prepare(access, ordered(access, sent, without=frozenset(secret))).plan
    plan.missing_secrets = [name for name in plan.missing_secrets if not sent["answers"].get(name)]
    return plan


def status_of(order: Order, mistakes: list[Mistake]) -> HTTPStatus:
    """Return 409 for files that are right by themselves, and 400 for others and for missing answers."""
    answered = all(mistake.path for mistake in mistakes)
    return HTTPStatus.CONFLICT if answered and not validate(order.texts) else HTTPStatus.BAD_REQUEST


def refused(mistakes: list[Mistake], status: HTTPStatus) -> Response:
    """Return a problem answer with all that is wrong."""
    body = {"title": status.phrase, "status": status.value, "detail": str(mistakes[0])}
    return Response(
        {**body, "mistakes": plain_mistakes(mistakes)}, status=status.value, content_type="application/problem+json"
    )

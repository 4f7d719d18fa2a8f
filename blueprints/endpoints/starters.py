"""The API of starters: which there are, what they ask, and using one. Texts are in the language that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from blueprints.applying import apply
from blueprints.mistakes import Mistaken
from blueprints.starters.asking import AnswersForm, as_typed
from blueprints.starters.filling import allowed, order_of, question_of, questions, usual
from blueprints.starters.head import Asks
from blueprints.starters.shelf import Starter, all_starters, in_order
from blueprints.starters.started import target_of
from organisations.api import OrganisationView
from organisations.api_forms import errors_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from blueprints.applying import Order
    from organisations.access import Access

QUESTION = inline_serializer(
    "StarterQuestion",
    {
        "name": serializers.CharField(),
        "ask": serializers.CharField(),
        "hint": serializers.CharField(allow_blank=True),
        "kind": serializers.ChoiceField([(kind.value, kind.value) for kind in Asks]),
        "default": serializers.CharField(allow_blank=True, help_text="What is meant where nothing is answered."),
        "choices": serializers.DictField(child=serializers.CharField()),
    },
    many=True,
)
OFFERED = {
    "slug": serializers.CharField(),
    "title": serializers.CharField(),
    "summary": serializers.CharField(),
    "picture": serializers.CharField(),
    "questions": QUESTION,
}
WHOLE = inline_serializer("StarterWithText", {**OFFERED, "text": serializers.CharField(help_text="The file itself.")})
ANSWERS = inline_serializer(
    "StarterAnswers",
    {"answers": serializers.DictField(required=False, help_text="By the names of the questions; else the defaults.")},
)
USED = inline_serializer(
    "StarterUsed",
    {
        "created": serializers.ListField(child=serializers.DictField(child=serializers.CharField())),
        "target": serializers.IntegerField(allow_null=True, help_text="The id of the new target."),
    },
)


class Starters(OrganisationView):
    """What one can begin with."""

    @extend_schema(responses=inline_serializer("Starter", OFFERED, many=True))
    def get(self, request: Request, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """List the starters with what each asks."""
        return Response([_offered(each, self.access) for each in in_order()])


class OneStarter(OrganisationView):
    """One of them."""

    @extend_schema(responses=WHOLE)
    def get(self, request: Request, starter: str, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Show one starter with the text of its file."""
        chosen = _chosen(starter)
        return Response({**_offered(chosen, self.access), "text": chosen.text})


class UseStarter(OrganisationView):
    """Using one."""

    @extend_schema(request=ANSWERS, responses={201: USED})
    def post(self, request: Request, starter: str, **kwargs: Any) -> Response:  # noqa: ARG002  the framework's contract
        """Create what a starter describes, all of it or nothing. Its sources are asked within seconds."""
        chosen = _chosen(starter)
        given = _given(request.data)
        form = AnswersForm(_filled(given, chosen, self.access), starter=chosen, access=self.access)
        if not form.is_valid():
            raise ValidationError({"answers": errors_of(form)})
        order = order_of(chosen, self.access, {**form.answers(), **form.secrets()})
        try:
            plan = apply(self.access, order, now=timezone.now())
        except Mistaken as error:
            raise ValidationError({"answers": _by_question(error, chosen, self.access, order)}) from None
        target = target_of(self.access, plan)
        created = [{"section": change.section, "name": change.name} for change in plan.changes]
        answer = {"created": created, "target": target.pk if target else None}
        return Response(answer, status=status.HTTP_201_CREATED)


def _chosen(slug: str) -> Starter:
    found = all_starters().get(slug)
    if found is None:
        raise Http404
    return found


def _offered(starter: Starter, access: Access) -> dict[str, Any]:
    head = starter.head
    return {
        "slug": starter.slug,
        "title": str(head.title),
        "summary": str(head.summary),
        "picture": head.picture.value,
        "questions": [
            {
                "name": question.name,
                "ask": str(question.ask),
                "hint": str(question.hint or ""),
                "kind": question.kind.value,
                "default": usual(question, access),
                "choices": {value: str(said) for value, said in question.choices.items()},
            }
            for question in questions(starter, access)
        ],
    }


def _given(body: Any) -> Mapping[str, Any]:
    """Return the answers that were sent. Raises ValidationError where they are no object by name."""
    given = body.get("answers", {}) if isinstance(body, dict) else None
    strange = [name for name in body if name != "answers"] if isinstance(body, dict) else []
    if not isinstance(given, dict) or strange:
        raise ValidationError({"answers": [_("Send one object, with the answers by the names of the questions.")]})
    return given


def _filled(given: Mapping[str, Any], starter: Starter, access: Access) -> dict[str, Any]:
    """Return every answer, those left out as proposed. Raises ValidationError for one that nobody asked."""
    asked = {each.name: as_typed(each, usual(each, access)) for each in questions(starter, access)}
    strange = [name for name in given if name not in asked]
    if strange:
        raise ValidationError({"answers": {name: [_("This is not asked.")] for name in strange}})
    return asked | {name: _said(value) for name, value in given.items()}


def _said(value: Any) -> Any:
    """Return an answer as a form takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str | int | float) else ""


def _by_question(error: Mistaken, starter: Starter, access: Access, order: Order) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for mistake in error.mistakes:
        found.setdefault(question_of(mistake, allowed(starter, access), order) or "", []).append(mistake.sentence)
    return found

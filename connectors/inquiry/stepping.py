"""Making the calls that go before what a feed asks. What they keep is masked wherever something is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors import answers, calling
from connectors.answers import Manner
from connectors.errors import FetchError, Malformed, Reason, Refused
from connectors.inquiry.composing import composed
from connectors.problems import problem

if TYPE_CHECKING:
    from connectors.answers.newest import Value
    from connectors.inquiry.steps import Step
    from connectors.outbound import Answer
    from connectors.protocol import Call
    from connectors.templating import Values

SHORTEST_SECRET = 4  # a shorter value is no secret, and would be masked everywhere
UNSENDABLE = problem("value_unsendable")


def taken(call: Call, steps: Sequence[Step], values: Values) -> dict[str, Value]:
    """Return what the steps keep, by names. `values` fill their placeholders. Raises FetchError, naming the step."""
    kept: dict[str, Value] = {}
    for number, step in enumerate(steps, start=1):
        try:
            kept |= _kept(call, step, {**values, **_entered(call), **kept})
        except FetchError as error:
            raise error.retold(problem("step_failed", step=number, why=error.problem)) from None
    return kept


def _entered(call: Call) -> dict[str, str]:
    return {name: secret for name, secret in call.secrets.items() if secret}


def _kept(call: Call, step: Step, values: Values) -> dict[str, Value]:
    if step.template.placeholders - values.keys():  # all but credentials are known to be there
        raise Refused(problem("no_key"), reason=Reason.UNAUTHORISED, permanent=True)
    request = replace(composed(call, step.template, values, unsendable=UNSENDABLE), private=True)
    answer = calling.send(call, request)
    if not step.keeps:
        return {}
    document = answers.told(answer, Manner(), asked=request.url).document
    kept = {name: _value(path, document, answer) for name, path in step.keeps}
    call.session.hide(*(str(value) for value in kept.values() if len(str(value)) >= SHORTEST_SECRET))
    return kept


def _value(path: str, document: object, answer: Answer) -> Value:
    found = answers.at(path, document, answer)
    if isinstance(found, bool) or not isinstance(found, str | int | float) or found == "":
        raise Malformed(problem("nothing_to_keep", path=path), status=answer.status)
    return found

"""Asking about each row of a list once more, and putting the answer beside the row under `details`.

All rows get their details, or it is said whose are missing: half of them would be taken for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from connectors import answers, calling
from connectors.answers.pages import MOST_BYTES
from connectors.errors import FetchError, Malformed, Reason, TooLarge
from connectors.inquiry.composing import Template, composed
from connectors.problems import problem

if TYPE_CHECKING:
    from connectors.answers import Manner
    from connectors.protocol import Call
    from connectors.templating import Value, Values

NAME = "details"
UNSENDABLE = problem("value_unsendable")


@dataclass(frozen=True, slots=True)
class Ended:
    """How many rows have their details, and why the next one has none, naming it."""

    count: int
    failure: FetchError | None = None


def put_beside(
    call: Call, rows: Sequence[Any], template: Template, values: Values, manner: Manner, *, most: int, until: float
) -> Ended:
    """Put the details of each row into it, up to the first that fails. Raises TooLarge for too many rows.

    Placeholders that are not among `values` are fields of the row. The rows themselves are changed, so that the answer
    they stand in shows what there is to pick.
    """
    if len(rows) > most:
        raise TooLarge(problem("too_many_details", rows=len(rows), most=most))
    names, size = template.placeholders - values.keys(), 0
    for place, row in enumerate(rows, start=1):
        if monotonic() > until or size > MOST_BYTES:
            raise TooLarge(problem("details_take_too_long", rows=len(rows)))
        fields = {name: _field(row, name, place) for name in sorted(names)}
        try:
            row[NAME], took = _asked(call, template, {**values, **fields}, manner, place)
        except FetchError as failure:
            return Ended(place - 1, failure)
        size += took
    return Ended(len(rows))


def _field(row: Any, name: str, place: int) -> Value:
    found = row.get(name) if isinstance(row, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, str | int | float) or found == "":
        raise Malformed(problem("no_field_for_details", row=place, name=name))
    return found


def _asked(call: Call, template: Template, values: Values, manner: Manner, place: int) -> tuple[Any, int]:
    path = template.path
    try:
        request = composed(call, template, values, unsendable=UNSENDABLE)
        path = request.url.removeprefix(calling.base(call)).lstrip("/") or path
        answer = calling.send(call, request)
        return answers.told(answer, manner, asked=request.url).document, len(answer.body)
    except FetchError as error:
        error.permanent = error.permanent and error.reason != Reason.NOT_FOUND  # the row may be gone by now
        raise error.retold(problem("details_failed", row=place, path=path, why=error.problem)) from None

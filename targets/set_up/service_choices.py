"""Which of a service's metrics somebody wants, each with what it says now, so that one sees what one chooses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connectors.paths import look_up
from connectors.paths.picking import shown
from connectors.problems import Unreadable
from connectors.written.numerals import number
from organisations.wanted import Form

if TYPE_CHECKING:
    from connectors.services import Service
    from connectors.services.filling import Filled, FilledMeasure
    from connectors.trials import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A metric as it is offered: `value` is what its last row says, empty where there is none; `failed` says why."""

    key: str
    name: str
    summary: str
    value: str
    unit: str
    failed: str


class ChoiceForm(Form):
    """Which metrics are wanted."""

    WANTED = {"metrics": _("Choose at least one number.")}

    metrics = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, choices: list[Choice]) -> None:
        works = [choice.key for choice in choices if not choice.failed]
        super().__init__(data, initial={"metrics": works[:1]})
        self.fields["metrics"].choices = [(choice.key, choice.name) for choice in choices]  # type: ignore[attr-defined]

    def chosen(self) -> list[str]:
        """Return the keys that are ticked, or that would be."""
        return list(self["metrics"].value() or [])


def choices(service: Service, whole: Filled, answers: Mapping[str, Result]) -> list[Choice]:
    """Return what is offered, in the order of the file."""
    return [
        Choice(
            key=key,
            name=str(measure.values["name"]),
            summary=str(service.measures[key].summary),
            value=_value(whole, measure, answers.get(measure.source)),
            unit=str(measure.values["unit"]),
            failed=_failed(answers.get(measure.source)),
        )
        for key, measure in whole.measures.items()
    ]


def _failed(result: Result | None) -> str:
    return "" if result is None or result.ok else result.message


def _value(whole: Filled, measure: FilledMeasure, result: Result | None) -> str:
    """Return the value of the last row that counts, for people."""
    if result is None or not result.ok:
        return ""
    try:
        rows = look_up(whole.sources[measure.source].query.get("rows", ""))(result.answer)
        found = [row for row in (rows if isinstance(rows, list) else [rows]) if _counts(measure, row)]
        value = look_up(measure.values.get("value_path", ""))(found[-1])
        return shown(number(value) * float(measure.values.get("scale", 1)))
    except (Unreadable, IndexError, TypeError, ValueError):
        return ""


def _counts(measure: FilledMeasure, row: Any) -> bool:
    condition = str(measure.values.get("row_filter", ""))
    return not condition or bool(look_up(condition)(row))

"""What is to be reached, and by when, as one line of a blueprint: `at least 10000 per month`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from organisations.documents import Wrong
from organisations.documents.shapes import Choice, Day, Number, as_number, nearest, plain
from targets.domain.terms import Comparison, PeriodKind

EXAMPLE = "at least 10000 per month"
LEADS = {
    "at least": Comparison.AT_LEAST,
    "at most": Comparison.AT_MOST,
    ">=": Comparison.AT_LEAST,
    "<=": Comparison.AT_MOST,
}
BETWEEN = re.compile(r"between (?P<low>\S+) and (?P<high>\S+) (?P<when>.+)")
ONE_SIDED = re.compile(r"(?P<lead>at least|at most|>=|<=) ?(?P<goal>\S+) (?P<when>.+)")
RANGE = re.compile(r"from (?P<starts_on>\S+) to (?P<ends_on>\S+)")
USUAL = r"^\s*([Aa]t (least|most)|[<>]=|[Bb]etween)\s*\S+.*\s(per|a|each|from)\s+\S+"  # roughly, for editors
REPEATED = [kind.value for kind in PeriodKind if kind != PeriodKind.RANGE]
PARTS = ("comparison", "goal", "goal_upper", "period", "starts_on", "ends_on")


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to be reached, and by when: `at least 10000 per month`, `at most 5 from 2026-01-01 to 2026-03-31`.

    The long way names the parts as the API does.
    """

    def read(self, given: Any) -> str:
        """Return the short way."""
        return aim(**parts_of(given))

    def schema(self) -> dict[str, Any]:
        """Describe both ways."""
        short = {
            "type": "string",
            "pattern": USUAL,
            "examples": [EXAMPLE, "at most 5 per week", "between 21 and 23 per day"],
        }
        long = {"type": "object", "properties": {name: {} for name in PARTS}, "additionalProperties": False}
        return {"anyOf": [short, long]}


def aim(
    *,
    comparison: str,
    goal: float,
    goal_upper: float | None = None,
    period: str,
    starts_on: str = "",
    ends_on: str = "",
) -> str:
    """Return the short way of saying what is to be reached, and by when."""
    lead = (
        f"between {plain(goal)} and {plain(goal_upper)}"
        if goal_upper is not None
        else f"{comparison.replace('_', ' ')} {plain(goal)}"
    )
    return f"{lead} from {starts_on} to {ends_on}" if period == PeriodKind.RANGE else f"{lead} per {period}"


def parts_of(given: Any) -> dict[str, Any]:
    """Return the parts of an aim, said in the short or the long way. Raises Wrong."""
    if isinstance(given, Mapping):
        return _long(given)
    text = " ".join(str(given).lower().split())
    between, one_sided = BETWEEN.fullmatch(text), ONE_SIDED.fullmatch(text)
    if between:
        ends = {"goal": _number(between["low"]), "goal_upper": _number(between["high"])}
        return {"comparison": Comparison.WITHIN.value, **ends, **_when(between["when"])}
    if not one_sided or isinstance(given, bool):
        raise Wrong(_("Write what is to be reached, and by when, such as “%(example)s”.") % {"example": EXAMPLE})
    lead = LEADS[one_sided["lead"]]
    return {"comparison": lead.value, "goal": _number(one_sided["goal"]), **_when(one_sided["when"])}


def _number(text: str) -> float | int:
    number = as_number(text)
    if number is None:
        raise Wrong(
            _("“%(given)s” is not a number. Write it without a unit, such as 10000 or 99.5.") % {"given": text[:60]}
        )
    return plain(float(number))


def _when(text: str) -> dict[str, Any]:
    found = RANGE.fullmatch(text)
    if found:
        return {"period": PeriodKind.RANGE.value, **{name: Day().read(day) for name, day in found.groupdict().items()}}
    word = text.removeprefix("per ").removeprefix("a ").removeprefix("each ")
    if word not in REPEATED:
        said = _("“%(given)s” is no period. Write per %(names)s, or from one day to another.")
        raise Wrong(said % {"given": text[:60], "names": ", ".join(REPEATED)}, meant=nearest(word, REPEATED))
    return {"period": word}


def _long(given: Mapping[str, Any]) -> dict[str, Any]:
    strange = [name for name in given if name not in PARTS]
    if strange:
        raise Wrong(
            _("“%(name)s” is not known here.") % {"name": strange[0][:60]},
            meant=nearest(strange[0], PARTS),
            at=(strange[0],),
        )
    if given.get("goal") is None:
        raise Wrong(_("Write the goal, a number."), at=("goal",))
    comparison = Choice(tuple(Comparison)).read(given.get("comparison", Comparison.AT_LEAST.value))
    period = Choice(tuple(PeriodKind)).read(given.get("period", PeriodKind.MONTH.value))
    parts: dict[str, Any] = {"comparison": comparison, "goal": Number().read(given["goal"]), "period": period}
    if comparison == Comparison.WITHIN:
        parts["goal_upper"] = Number().read(given.get("goal_upper"))
    if period == PeriodKind.RANGE:
        parts |= {name: Day().read(given.get(name, "")) for name in ("starts_on", "ends_on")}
    return parts

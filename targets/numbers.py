"""How the numbers of one metric are written, everywhere the same."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from organisations import languages
from organisations.cldr import Language
from targets import wording

if TYPE_CHECKING:
    from targets.models import Metric

PROBE = 8.0  # any number of one digit: what stands around it is the unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Unit and decimals of a metric; `short` writes large numbers as 12.6k.

    The reader's language is looked up once, when this is made: a page or an answer writes thousands of numbers.
    """

    unit: str = ""
    decimals: int = 0
    short: bool = False
    spoken: Language = field(default_factory=languages.active, repr=False)

    def with_decimals(self, decimals: int) -> Numbers:
        """Return the same with other decimals."""
        return replace(self, decimals=decimals)

    def value(self, number: float | None) -> str:
        """Write a value, an unknown one as a dash."""
        return wording.number(number, unit=self.unit, decimals=self.decimals, short=self.short, spoken=self.spoken)

    def or_nothing(self, number: float | None) -> str:
        """Write a value, an unknown one as nothing."""
        return "" if number is None else self.value(number)

    def gap(self, number: float | None) -> str:
        """Write a difference with its sign, an unknown one as a dash."""
        return wording.signed(number, unit=self.unit, decimals=self.decimals, short=self.short, spoken=self.spoken)

    def as_plain(self) -> dict[str, Any]:
        """Return what the chart's script needs to write the same numbers in the same way."""
        return {
            "decimals": self.decimals,
            "unit": _around(wording.number(PROBE, unit=self.unit)),
            "gapUnit": _around(wording.signed(PROBE, unit=self.unit).removeprefix("+")),
        }


def numbers_of(metric: Metric, *, goal: float | None = None) -> Numbers:
    """Return how a metric's numbers are written; with a goal, as in a list, where large ones are shortened."""
    short = goal is not None and wording.shortens(goal, metric.unit)
    return Numbers(unit=metric.unit, decimals=metric.decimals, short=short)


def _around(text: str) -> dict[str, str]:
    prefix, _, suffix = text.partition(f"{PROBE:.0f}")
    return {"prefix": prefix, "suffix": suffix}

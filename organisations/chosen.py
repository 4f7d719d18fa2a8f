"""What somebody chose to see of a list, as it stands in an address."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What somebody chose to see, by texts; empty means everything. Each list says what can be chosen."""

    LONGEST: ClassVar = 200  # characters of one filter that are read

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Self:
        """Read it from what stands behind the question mark of an address."""
        # PostgreSQL takes no NUL in a text, whatever is compared with it
        said = {each.name: str(asked.get(each.name, "")).replace("\0", "").strip() for each in fields(cls)}
        return cls(**{name: text[: cls.LONGEST] for name, text in said.items()})

    @property
    def query(self) -> str:
        """The query string that chooses the same."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    @property
    def any(self) -> bool:
        """Whether anything is chosen."""
        return bool(self.query)

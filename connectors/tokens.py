"""Keeping the token of a sign-in: for one try in memory, for all workers in the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connectors.protocol import Token

REFRESH = "refresh_token"


@dataclass(slots=True)
class TokensOfATry:
    """Keeps tokens for as long as somebody tries a connection out."""

    kept: dict[str, Token] = field(default_factory=dict, repr=False)

    def get(self, made_from: str, obtain: Callable[[Mapping[str, str] | None], Token]) -> Mapping[str, str]:
        """Return the values of the kept token, or of a new one. Raises FetchError."""
        if made_from not in self.kept:
            self.kept[made_from] = obtain(None)
        return self.kept[made_from].values

    def drop(self, made_from: str) -> None:
        """Forget the token."""
        self.kept.pop(made_from, None)

    def renewed(self) -> dict[str, str]:
        """Return what came beside the tokens and is to be used from now on: the latest refresh token."""
        return {name: value for token in self.kept.values() for name, value in token.values.items() if name == REFRESH}

"""The pretend services, asked over real HTTP, each test under a name of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import requests

from connectors.sandbox import keys, limits
from connectors.sandbox.limits import Rate
from connectors.sandbox.repeats import Use, used
from connectors.sandbox.tokens import made

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
SOCIAL, CRM = {"X-API-Key": keys.SOCIAL}, {"X-API-Key": keys.DEALS}
ROOM, SHOP = {"X-API-Key": keys.ROOM}, {"X-API-Key": keys.SHOP}
MODELS = {"Authorization": f"Bearer {keys.MODELS}"}


class Services:
    """Asks the services of one ledger."""

    def __init__(self, site: str, ledger: str = "test") -> None:
        self.address, self._ledger = f"{site}/sandbox", ledger

    def get(self, path: str, headers: dict[str, str] | None = None, **params: Any) -> requests.Response:
        """Ask for something."""
        return self.ask("GET", path, headers, params=params)

    def post(self, path: str, headers: dict[str, str] | None = None, **more: Any) -> requests.Response:
        """Send something."""
        return self.ask("POST", path, headers, **more)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> requests.Response:
        """Make any call."""
        headers = {"X-Ledger": self._ledger, **(headers or {})}
        return requests.request(method, f"{self.address}/{path}", headers=headers, timeout=20, **more)

    def ledger(self) -> dict[str, Any]:
        """Return what was served and charged, by service."""
        told = requests.get(f"{self.address}/ledger", {"name": self._ledger}, timeout=20).json()
        return {**told["services"], "lines": told["lines"]}


def signed(now: float, **claims: Any) -> dict[str, str]:
    """Return the header of a call that is signed by oneself."""
    token = made({"iss": keys.CLIENT_ID, "iat": int(now), "exp": int(now) + 60, **claims})
    return {"Authorization": f"Bearer {token}"}


def allowed_of(calls: int) -> int:
    """Return how many of so many calls a process was allowed."""
    return sum(limits.taken("test", "shared", Rate(25, 60), NOW).allowed for _ in range(calls))


def first_of(calls: int) -> int:
    """Return how many of so many calls under one key were the first."""
    return sum(used("test", "any", "key", b"body", NOW)[0] == Use.FIRST for _ in range(calls))

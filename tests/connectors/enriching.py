"""The way to ask a kind about records, without a row in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from connectors.calls.log import NoLog
from connectors.fetching import policy
from connectors.outbound import GuardedSession
from connectors.protocol import Call, Enriched, Enriching, Item
from connectors.tokens import TokensOfATry
from tests.connectors.asking import BERLIN, NOVEMBER, NOW


@contextmanager
def calling(kind: Enriching, address: str, query: dict[str, Any], **settings: Any) -> Iterator[Call]:
    """Yield a call of a kind that enriches, its forms cleaned."""
    asked, placed = kind.Enrichment(data=query), kind.Settings(data={"address": address, "sign_in": "none", **settings})
    assert asked.is_valid(), asked.errors
    assert placed.is_valid(), placed.errors
    with GuardedSession(policy=policy(), now=lambda: NOW, sleep=lambda _seconds: None) as session:
        yield Call(
            session=session,
            settings=placed.cleaned_data,
            secrets={},
            query=asked.cleaned_data,
            window=NOVEMBER,
            zone=BERLIN,
            tokens=TokensOfATry(),
            calls=NoLog(),
        )


def items(*texts: Any) -> list[Item]:
    """Return records with these texts, their keys counted from 1."""
    return [Item(key=str(number), row={"id": number, "text": text}) for number, text in enumerate(texts, start=1)]


def asker(kind: Enriching, address: str, **settings: Any) -> Callable[..., list[Enriched]]:
    """Return a function that asks about texts by a query."""

    def ask(query: dict[str, Any], *texts: Any, key: str = "k1") -> list[Enriched]:
        with calling(kind, address, query, **settings) as call:
            return kind.enrich(call, items(*texts), key=key)

    return ask

"""A pretend exchange: `symbols=BTC,ETH`, without a key."""

from __future__ import annotations

from connectors.sandbox import prices
from connectors.sandbox.limits import Rate
from connectors.sandbox.views.door import Asked, Refusal, Served, service

RATE = Rate(240, 60)
MOST_SYMBOLS = 50


@service("prices", rate=RATE)
def quoted(asked: Asked) -> Served:
    """Answer with the price of each symbol in this minute."""
    symbols = [part.strip().upper() for part in asked.request.GET.get("symbols", ",".join(prices.USUAL)).split(",")]
    if len(symbols) > MOST_SYMBOLS:
        raise Refusal(400, f"Ask for at most {MOST_SYMBOLS} symbols.")
    try:
        rows = prices.quoted(symbols, asked.now)
    except KeyError as error:
        raise Refusal(400, f"{error.args[0]} is not traded here: {', '.join(prices.USUAL)} are.") from None
    return Served(document={"data": rows}, ids=symbols)

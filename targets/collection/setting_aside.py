"""Keeping the rows that could not be read, with the reason, so that people can look at them: nothing is dropped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from connectors.calls.masking import hidden, masked, names_in
from connectors.models import Connection, SetAside
from connectors.outbound import Redaction
from connectors.problems import UNSTORABLE
from connectors.secrets import KeyLost

if TYPE_CHECKING:
    from connectors.models import Feed
    from connectors.sifting import Aside
    from targets.collection.harvest import Claim, Findings

MOST = 50  # rows of one metric and check; how many there were is counted besides
MOST_CHECKS = 50  # of a feed of which rows are kept: one that can never be read whole must not fill the database
LONGEST = 1000  # characters of a row
LOOKED_AT = 10 * LONGEST  # characters in which secrets are looked for, before the rest is cut off


def set_aside(claim: Claim, found: Findings) -> None:
    """Keep the rows of a check that could not be read, secrets masked, and count those that are not meant."""
    run = claim.collection
    run.left_out = found.left_out + sum(part.left_out for part in found.metrics)
    rows = list(_rows(found))
    if not rows:
        return
    mask = mask_of(claim.feed.connection)
    claim.feed.set_aside.bulk_create([_kept(claim, name, each, mask) for name, each in rows])
    _forget_earlier(claim.feed)


def _rows(found: Findings) -> Iterator[tuple[str, Aside]]:
    """Yield the rows with the metric that could not read them; no name where no metric was to."""
    every = [*found.aside, *(found.records.aside if found.records else ())]
    yield from (("", each) for each in every[:MOST])
    for part in found.metrics:
        yield from ((part.metric.name, each) for each in part.aside[:MOST])


def _kept(claim: Claim, name: str, each: Aside, mask: Callable[[str], str]) -> SetAside:
    return SetAside(
        feed=claim.feed,
        collection=claim.collection,
        metric_name=name,
        place=each.place,
        problem=each.why.masked(mask).as_stored(),
        row=_written(each.row, mask),
    )


def _written(row: Any, mask: Callable[[str], str]) -> str:
    text = json.dumps(row, ensure_ascii=False, default=str)
    shown = UNSTORABLE.sub("\ufffd", mask(text[:LOOKED_AT]))
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def mask_of(connection: Connection) -> Callable[[str], str]:
    """Return what takes the secrets of a connection and its gateway out of a text, and fields that are to be masked."""
    redaction, names = Redaction(list(_secrets(connection))), names_in(connection.redacted_names)
    return lambda text: masked(redaction.text(text), names)


def _secrets(connection: Connection) -> Iterator[str]:
    for each in filter(None, (connection, connection.gateway)):
        with suppress(KeyLost):
            yield from hidden(each.unseal())


def _forget_earlier(feed: Feed) -> None:
    checks = feed.set_aside.order_by("-collection_id").values_list("collection_id", flat=True).distinct()
    for oldest in checks[MOST_CHECKS : MOST_CHECKS + 1]:
        feed.set_aside.filter(collection_id__lte=oldest).delete()

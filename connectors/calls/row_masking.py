"""Keeping secrets out of the rows of an answer: some services and gateways send back what they were sent. Pure.

Rows are data, and more than what is written down of a call: a text that holds a short secret by chance stays as it is,
and so do user names, which are no secret to whoever reads the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import orjson

from connectors.calls.masking import USER_NAME
from connectors.outbound.redaction import MASK, Redaction

if TYPE_CHECKING:
    from connectors.protocol import Call

SHORTEST_WITHIN = 8  # a shorter secret is masked only where it is the whole of a text
SHORTEST_OBTAINED = 16  # what was obtained on the way and is shorter is the number of an account, and no token

Mask = Callable[[Any], Any]


def mask_of_rows(call: Call) -> Mask:
    """Return what takes the secrets of a call out of a document: the entered ones, and tokens obtained on the way."""
    entered, names = _entered(call)
    obtained = {each for each in call.session.redaction.secrets if len(each) >= SHORTEST_OBTAINED}
    secrets = (entered | obtained) - names
    return lambda document: without(document, secrets)


def _entered(call: Call) -> tuple[set[str], set[str]]:
    """Return the keys that people entered, and the names beside them."""
    places = [call.secrets, *([call.gateway.secrets] if call.gateway else [])]
    given = [(name, value) for each in places for name, value in each.items() if value]
    return {value for name, value in given if name != USER_NAME}, {value for name, value in given if name == USER_NAME}


def without(document: Any, secrets: Collection[str]) -> Any:
    """Return a document with secrets masked; the document itself where there is none in it, which is found out fast."""
    if not secrets or not _holds(document, Redaction(secrets)):
        return document
    whole = frozenset(each for each in secrets if len(each) < SHORTEST_WITHIN)
    within = Redaction([each for each in secrets if len(each) >= SHORTEST_WITHIN])
    return _masked(document, lambda text: MASK if text in whole else within.text(text), within.text)


def _holds(document: Any, redaction: Redaction) -> bool:
    """Say whether a secret may stand in a document; one search through all of it costs less than a walk."""
    try:
        text = orjson.dumps(document, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # a number or a depth that cannot be written so: then it is walked through
        return True
    return redaction.finds(text)


def _masked(value: Any, mask: Callable[[str], str], mask_name: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [_masked(each, mask, mask_name) for each in value]
    if isinstance(value, dict):
        return {_name(name, mask_name): _masked(each, mask, mask_name) for name, each in value.items()}
    return value


def _name(name: Any, mask: Callable[[str], str]) -> Any:
    return mask(name) if isinstance(name, str) else name

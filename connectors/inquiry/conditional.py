"""Asking only for what has changed: `ETag` and `Last-Modified` of the last answer, sent back with the same question.

What a service says about one question says nothing about another, so a fingerprint of the question is kept beside it.
Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connectors.calling import Request

ETAG, MODIFIED, QUESTION = "etag", "last_modified", "question"
SENT_AS = {ETAG: "If-None-Match", MODIFIED: "If-Modified-Since"}
SAID_IN = {ETAG: "ETag", MODIFIED: "Last-Modified"}
LONGEST = 1000  # characters of what is kept
SURE_AFTER = timedelta(seconds=60)  # a date of change is told to the second: what is younger may change again within it
OK, NOT_MODIFIED = 200, 304


def question_of(query: Mapping[str, Any], request: Request, *, apart_from: frozenset[str]) -> str:
    """Return what tells whether the same is asked, and read in the same way: a hash, which shows nothing.

    Headers of the names `apart_from` do not count: what is filled in there, such as a token, is new each time.
    """
    headers = {name: value for name, value in request.headers.items() if name not in apart_from}
    asked = [request.method, request.url, request.params, headers, (request.body or b"").hex()]
    return sha256(json.dumps([dict(query), asked], sort_keys=True).encode()).hexdigest()


def conditions(validators: Mapping[str, str], question: str) -> dict[str, str]:
    """Return the headers to send; none where something else is asked than last time."""
    if validators.get(QUESTION) != question:
        return {}
    return {header: validators[name] for name, header in SENT_AS.items() if validators.get(name)}


def validators_of(status: int, headers: Mapping[str, str], question: str) -> dict[str, str]:
    """Return what is kept of an answer; nothing where it cannot be asked for conditionally."""
    said = {name: headers.get(header, "") for name, header in SAID_IN.items()}
    if not _is_sure(headers):
        said.pop(MODIFIED)
    kept = {name: text for name, text in said.items() if text and len(text) <= LONGEST and text.isprintable()}
    return {**kept, QUESTION: question} if kept and status == OK else {}


def _is_sure(headers: Mapping[str, str]) -> bool:
    """Say whether a date of change tells two answers apart: it lies well before the answer (RFC 9110, 8.8.2.2)."""
    try:
        changed, answered = (parsedate_to_datetime(headers[name]) for name in (SAID_IN[MODIFIED], "Date"))
        return answered - changed >= SURE_AFTER
    except (KeyError, TypeError, ValueError, OverflowError):
        return False

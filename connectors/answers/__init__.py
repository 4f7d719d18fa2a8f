"""What an answer says: a document of plain values, however it is written, and the rows in it.

JSON comes first, so that nothing else is found in what is JSON. How an answer was read is told, so that the next one is
read in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.answers import markup, tables
from connectors.errors import Malformed, Reason, Refused
from connectors.outbound.answer import charset_of
from connectors.paths import look_up
from connectors.problems import UNSTORABLE, Problem, Unreadable, problem

if TYPE_CHECKING:
    from connectors.answers.newest import Value
    from connectors.outbound import Answer

ACCEPT = "application/json, text/csv;q=0.5, */*;q=0.1"  # what is asked for, where nobody says otherwise
FOUND_OUT, XML = "auto", "xml"
BYTES_LOOKED_AT = 64 * 1024
SIGN_IN_PAGE = re.compile(r"""<input[^>]+type=["']?password""", re.IGNORECASE)
SIGN_IN_PATH = re.compile(r"(^|[/_.-])(log-?in|sign-?in|sso|saml|oauth2?|authori[sz]e)([/_.-]|$)", re.IGNORECASE)

Written = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an answer is to be read: its form, or `auto`; the sign before decimals; the elements that are lists.

    `may_guess` says that somebody sees what is made of numbers that can be read in two ways.
    """

    form: str = FOUND_OUT
    decimal: str = ""
    lists: tuple[str, ...] = ()
    may_guess: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an answer says, and how it was written, as values of a query."""

    document: Any
    written: Written


def manner_of(query: Mapping[str, Any], *, may_guess: bool = True) -> Manner:
    """Return how the answers to a query are read; what the rows stand in is a list, however many there are."""
    names = (*names_of(query["lists"]), *markup.names_in(query["rows"])[-1:])
    decimal = query["decimal"].replace(FOUND_OUT, "")
    return Manner(form=query["answer"], decimal=decimal, lists=names, may_guess=may_guess)


def names_of(text: str) -> tuple[str, ...]:
    """Return names that are written with commas or blanks between them."""
    return tuple(re.split(r"[\s,]+", text.strip())) if text.strip() else ()


def told(answer: Answer, manner: Manner, *, asked: str) -> Told:
    """Return what an answer says; `asked` is the address that was called. Raises FetchError."""
    if manner.form in (FOUND_OUT, tables.JSON):
        try:
            return _json(answer, manner.form)
        except Malformed as error:
            _refuse_sign_in_page(answer, asked)
            found = _recognised(answer)
            if manner.form == tables.JSON or not found:
                raise error from None
    else:
        _refuse_sign_in_page(answer, asked)
        found = manner.form
    try:
        return _xml(answer, manner) if found == XML else _table(answer, found, manner)
    except Unreadable as error:
        raise malformed(error.problem, answer) from None


def _json(answer: Answer, form: str) -> Told:
    """Return what an answer says in JSON; a number by itself is a plain number, though it is JSON too."""
    document = answer.json()
    alone = form == FOUND_OUT and isinstance(document, int | float) and not isinstance(document, bool)
    return Told(document=document, written={"answer": tables.NUMBER if alone else tables.JSON})


def _recognised(answer: Answer) -> str:
    text, kind = _text(answer), answer.headers.get("Content-Type", "").lower()
    return XML if markup.is_likely(text, kind=kind) else tables.recognised(text, kind=kind)


def _xml(answer: Answer, manner: Manner) -> Told:
    body = markup.in_utf_8(answer.text()) if charset_of(answer.headers) else answer.body
    document = markup.document(body, lists=manner.lists)
    return Told(document=document, written={"answer": XML, "lists": ", ".join(markup.lists_in(document))})


def _table(answer: Answer, form: str, manner: Manner) -> Told:
    text, written, decimal = _text(answer), {"answer": form}, manner.decimal
    if form == tables.TABLE:
        if not (decimal or manner.may_guess) and (found := tables.in_two_ways(text)):
            raise Unreadable(problem("table_in_two_ways", text=found))
        written["decimal"] = decimal = decimal or tables.decimal_sign(text)
    return Told(document=tables.read(text, form, decimal=decimal), written=written)


def _text(answer: Answer) -> str:
    """Return the body as text; an old table that does not say so is in the character set of Windows."""
    try:
        return answer.text()
    except Malformed:
        if charset_of(answer.headers) is not None:
            raise
        return answer.body.decode("cp1252", errors="replace")


def _refuse_sign_in_page(answer: Answer, asked: str) -> None:
    """Say that a key is missing where a page for people came instead of the answer: it asks them to sign in."""
    start = answer.body[:BYTES_LOOKED_AT].decode("utf-8", errors="replace")
    if not start.lstrip().startswith("<"):
        return
    if _is_led_on(asked, answer.url) or SIGN_IN_PAGE.search(start):
        raise Refused(
            problem("sign_in_page"),
            reason=Reason.UNAUTHORISED,
            permanent=True,
            status=answer.status,
            sample=answer.sample(),
        )


def _is_led_on(asked: str, came: str) -> bool:
    """Say whether another address than the one that was asked answered, and looks like that of a sign-in."""
    path = urlsplit(came).path
    stays = f"{path}/".startswith(f"{urlsplit(asked).path.rstrip('/')}/")
    return bool(SIGN_IN_PATH.search(path)) and not stays


def rows_in(document: Any, path: str, answer: Answer, *, form: str) -> list[Any]:
    """Return the rows that stand at a path; one thing is one row. Raises Malformed where nothing stands there.

    In XML a list without entries is not there either: the element around them is, and it is empty. In JSON some write
    null for it.
    """
    try:
        return _rows(document, path, answer, form)
    except Malformed as error:
        error.answer = document
        raise


def _rows(document: Any, path: str, answer: Answer, form: str) -> list[Any]:
    rows = at(path, document, answer)
    if rows is None and form == XML and markup.is_empty_at(document, markup.names_in(path)):
        return []
    if rows is None and form != XML and is_null_at(document, path):
        return []
    if rows is None:
        raise malformed(problem("nothing_at_path", path=path) if path else problem("nothing_in_answer"), answer)
    return rows if isinstance(rows, list) else [rows]


def is_null_at(document: Any, path: str) -> bool:
    """Say whether null stands at a path, or where it begins to choose, as some write a list without entries."""
    names = markup.names_in(path)
    for name in names:
        if not isinstance(document, Mapping) or name not in document:
            return False
        document = document[name]
    return bool(names) and document is None


def cursor_in(document: Any, path: str, answer: Answer) -> Value | None:
    """Return what an answer says about how it goes on; None where it ends. Raises Malformed for what is no cursor."""
    found = at(path, document, answer)
    if found is None or found is False or found == "":
        return None
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise malformed(problem("no_cursor_there", path=path), answer)
    if UNSTORABLE.search(str(found)):
        raise malformed(problem("cursor_unsendable"), answer)
    return found


def at(path: str, document: Any, answer: Answer) -> Any:
    """Return what stands at a path; None for nothing. Raises Malformed where the path does not fit."""
    try:
        return look_up(path)(document)
    except ValueError:
        raise malformed(problem("path_does_not_fit", path=path), answer) from None


def malformed(why: Problem, answer: Answer) -> Malformed:
    """Return an error that shows the beginning of the answer."""
    return Malformed(why, status=answer.status, sample=answer.sample())

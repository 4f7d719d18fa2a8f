"""A starter for one organisation and one person: what is asked, what is proposed, and the order that comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from blueprints import placeholders
from blueprints.applying import Order, apply
from blueprints.nodes import Node
from blueprints.placeholders import OPEN
from blueprints.registry import sections
from blueprints.standing import standing
from connectors.sandbox import keys

if TYPE_CHECKING:
    from datetime import datetime

    from blueprints.documents import Document
    from blueprints.mistakes import Mistake
    from blueprints.planning import Plan
    from blueprints.starters.head import Question
    from blueprints.starters.shelf import Starter
    from organisations.access import Access

Answers = Mapping[str, str]

SANDBOX_KEYS = {
    "{sandbox_key}": keys.ANALYTICS,
    "{sandbox_social_key}": keys.SOCIAL,
    "{sandbox_ai_key}": keys.MODELS,
    "{sandbox_crm_key}": keys.DEALS,
    "{sandbox_client}": keys.CLIENT_ID,
    "{sandbox_client_secret}": keys.CLIENT_SECRET,
}


def left_out(starter: Starter, access: Access) -> list[str]:
    """Return the sections that this person may not write; the rest of the starter works without them."""
    return [name for name in starter.document.rows if not access.may(sections()[name].permission)]


def allowed(starter: Starter, access: Access) -> Document:
    """Return the starter's document without what this person may not write."""
    return starter.document.only(_sections(starter, access))


def _sections(starter: Starter, access: Access) -> tuple[str, ...]:
    without = left_out(starter, access)
    return tuple(name for name in starter.document.rows if name not in without)


def questions(starter: Starter, access: Access) -> list[Question]:
    """Return what this person is asked, in the order of the file."""
    plain, secret = allowed(starter, access).names()
    return [question for name, question in starter.head.questions.items() if name in plain or name in secret]


def usual(question: Question, access: Access) -> str:
    """Return the answer that is proposed; nothing where it would need the pretend services and there are none."""
    known = {"{me}": access.user.email.lower()}
    if settings.SANDBOX:
        known |= {"{sandbox}": f"{settings.SITE_URL}/sandbox", **SANDBOX_KEYS}
    text = question.default
    for sign, value in known.items():
        text = text.replace(sign, value)
    return "" if "{sandbox" in text else text


def members(access: Access) -> dict[str, str]:
    """Return the people who can be named, by their addresses, each by the name that people know."""
    rows = access.organisation.memberships.filter(user__is_active=True).select_related("user")
    return {row.user.email.lower(): str(row.user) for row in rows.order_by("user__name", "pk")}


def order_of(starter: Starter, access: Access, answers: Answers) -> Order:
    """Return the order that applies a starter: no file manages what comes of it."""
    words = _words(starter, allowed(starter, access), access, answers)
    only = _sections(starter, access)
    return Order(texts={starter.file: starter.text}, answers={**answers, **words}, only=only)


def rehearsed(access: Access, order: Order, *, now: datetime) -> Plan:
    """Return what applying will do, by doing it and undoing it: so whatever would be refused then is refused now.

    Raises Mistaken.
    """
    with transaction.atomic():
        plan = apply(access, order, now=now)
        transaction.set_rollback(True)
    return plan


def question_of(mistake: Mistake, document: Document, order: Order) -> str:
    """Return the name of the open value that a mistake about a filled document is about; empty where it is none.

    A field may be told by the name of its part, such as `goal_upper`: of two ends the upper one stands last.
    """
    section, name, field, *deeper = (*mistake.path, "", "", "")
    row = row_of(document, order, section, name)
    known = next((each for each in row.value if field.startswith(each)), "") if isinstance(row.value, dict) else ""
    plain, _secret = placeholders.named_in(row.at((known, *deeper)) if known and field else Node(None))
    return next(reversed(plain), "")


def open_in(document: Document, order: Order, section: str, name: str) -> tuple[list[str], list[str]]:
    """Return the open values of the row that has a name once it is filled: plain ones, and those of secrets."""
    row = row_of(document, order, section, name)
    plain, secret = placeholders.named_in(Node({section: Node({name: row})}))
    return list(plain), list(secret)


def row_of(document: Document, order: Order, section: str, name: str) -> Node:
    """Return a row, its values still open, by the name that it has once it is filled."""
    filled = document.filled(order.answers).rows.get(section, {})
    pairs = zip(filled, document.rows.get(section, {}).values(), strict=True)
    return next((row for filled_name, row in pairs if filled_name == name), Node(None))


def _words(starter: Starter, document: Document, access: Access, answers: Answers) -> dict[str, str]:
    """Return the names in the reader's language; where one is taken, all get a number, so that they belong together."""
    said = {name: str(word) for name, word in starter.head.words.items()}
    naming = {found for rows in document.rows.values() for row in rows for found in OPEN.findall(row)}
    there = standing(access)
    for number in count(1):
        words = {name: f"{word} {number}" if number > 1 and name in naming else word for name, word in said.items()}
        names = _names(document.filled({**answers, **words}))
        if not (naming & set(said)) or not any(name in there[section] for section, name in names):
            break
    return words


def _names(document: Document) -> Iterator[tuple[str, str]]:
    for section, rows in document.rows.items():
        yield from ((section, name) for name in rows)

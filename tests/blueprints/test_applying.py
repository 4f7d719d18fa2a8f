"""From a file to rows and back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from blueprints.applying import Order, apply, prepare, validate
from blueprints.exporting import export
from organisations.access import Access
from tests.blueprints.files import ANSWERS, WHOLE

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_it(access: Access) -> None:
    order = Order(texts={"growth.yaml": WHOLE}, answers=ANSWERS)
    plan = prepare(access, order).plan
    done = apply(access, order, now=NOW)
    text = export(access)
    again = apply(access, Order(texts=order.texts, answers={"GOAL": "10000"}), now=NOW)
    third = prepare(access, Order(texts={"x": text}))
    assert export(access) == text

"""json-server from npm as a JSON API with paging: by page, by offset and by the `Link` header."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.asking import page_of, trial
from tests.outside.conftest import Outsider, free_port, program, running

pytestmark = [pytest.mark.outside, pytest.mark.timeout(120)]

ORDERS = [{"id": number, "amount": number * 2} for number in range(1, 251)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outsider]:
    """A service with 250 orders."""
    folder: Path = tmp_path_factory.mktemp("json-server")
    (folder / "db.json").write_text(json.dumps({"orders": ORDERS}))
    port = free_port()
    command = [program("json-server", "OUTSIDE_JSON_SERVER"), "--host", "127.0.0.1", "--port", str(port), "db.json"]
    with running(command, port, folder) as server:
        yield server


@pytest.mark.parametrize(
    "query",
    [
        {"params": "_page={page}\n_limit=40", "cursor_use": "page_number"},
        {"params": "_start={offset}\n_limit=40", "cursor_use": "offset"},
        {"params": "_page=1\n_limit=40", "cursor_use": "link"},
    ],
    ids=["page", "offset", "link"],
)
def test_every_order_comes_once(shop: Outsider, query: dict[str, Any]) -> None:
    page = page_of(trial(shop.address, query={"path": "orders", **query}))
    assert [row["id"] for row in page.rows] == [order["id"] for order in ORDERS]


def test_an_unchanged_answer_is_not_sent_again(shop: Outsider) -> None:
    first = page_of(trial(shop.address, query={"path": "orders/7"}))
    assert first.rows == [{"id": 7, "amount": 14}]
    assert first.validators, "json-server sends an ETag, which is kept for the next time"


def test_an_order_that_is_not_there_is_said(shop: Outsider) -> None:
    error = trial(shop.address, query={"path": "orders/999"}).error
    assert error is not None
    assert error.status == 404

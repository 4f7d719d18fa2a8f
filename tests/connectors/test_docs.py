"""docs/connectors.md: every example of a query is asked as it stands, of a service that answers as it says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from ruamel.yaml import YAML
from werkzeug import Request, Response

from connectors.answers.paging import CHOICES, PAGES_OF_NEW
from connectors.blueprint.feeds import feed_fields_of
from connectors.blueprint.kinds import sent
from connectors.kinds import http
from tests.connectors.asking import Api
from tests.connectors.feeding import Feeding

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "connectors.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("### What is asked") : PAGE.index("## From rows to numbers")]
EXAMPLES: list[str] = re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL)
SECRETS = {"user_name": "growth", "password": "p4ssw0rd"}
ALL = [{"id": number, "currency": "EUR", "updated_at": f"2026-11-20T10:00:0{number}Z"} for number in range(1, 8)]
SIZE = 3


def query_of(example: str) -> dict[str, Any]:
    """Return what an example asks, as a file says it."""
    given = YAML(typ="safe").load(example)["query"]
    read = feed_fields_of("http")["query"].shape.read(given)
    return sent(http.Query, read)


def answer(document: Any, **headers: str) -> Response:
    return Response(json.dumps(document), content_type="application/json", headers=headers)


def number(request: Request, name: str, usual: int) -> int:
    return int(request.args.get(name, usual))


def since(request: Request) -> list[dict[str, Any]]:
    """Return the rows after an id or a time."""
    after, at = number(request, "since_id", 0), request.args.get("updated_since", "")
    return [row for row in ALL if int(str(row["id"])) > after and str(row["updated_at"]) >= at]


def page(rows: list[Any], request: Request) -> list[Any]:
    first = (number(request, "page", 1) - 1) * SIZE + number(request, "offset", 0) + number(request, "after", 0)
    return rows[first : first + SIZE]


def orders(_: Request) -> Response:
    order = '<order id="1"><item>a</item></order>'
    return Response(f"<shop><orders>{order}</orders></shop>", content_type="application/xml")


def report(_: Request) -> Response:
    return answer({"meta": {"day": "2026-11-20"}, "values": [1, 2, 4]})


def events(request: Request) -> Response:
    after = number(request, "after", 0) + SIZE
    return answer({"events": page(ALL, request), "meta": {"next": after if after < len(ALL) else None}})


def tickets(request: Request) -> Response:
    following = number(request, "page", 1) + 1
    more = (following - 1) * SIZE < len(ALL)
    return answer(
        {"results": page(since(request), request), "next": f"/api/tickets?page={following}" if more else None}
    )


def issues(request: Request) -> Response:
    following = number(request, "page", 1) + 1
    more = (following - 1) * SIZE < len(ALL)
    link = f'</api/issues?page={following}>; rel="next"' if more else ""
    return answer(page(ALL, request), Link=link)


def timeline(request: Request) -> Response:
    known = [row for row in reversed(since(request)) if row["id"] < number(request, "max_id", 99)]
    return answer(known[:SIZE])


def account(request: Request) -> Response:
    if request.path == "/api/login":
        assert request.get_json() == {"user": "growth", "password": "p4ssw0rd"}
        return answer({"data": {"token": "t0k3n"}})
    assert request.headers["Authorization"] == "Bearer t0k3n"
    return answer([{"n": 1}] if request.path.endswith("/17/visitors") else {"accounts": [{"id": 17}]})


def shop(request: Request) -> Response:
    if request.path.endswith("/lines"):
        return answer({"total": int(request.path.split("/")[-2]), "currency": request.args["currency"]})
    return answer({"orders": page(ALL, request)})


IDS = [row["id"] for row in ALL]
# by what an example asks: the service, what is looked at in the rows, and what has to be there
SERVICES: dict[str, tuple[Callable[[Request], Response], str, Any]] = {
    "orders.xml": (orders, "item", [["a"]]),
    "report": (report, "total", [7]),
    "deals": (lambda request: answer({"data": page(ALL, request)}), "id", IDS),
    "events": (events, "id", IDS),
    "tickets": (tickets, "id", IDS),
    "issues": (issues, "id", IDS),
    "posts": (lambda request: answer({"posts": page(since(request), request)}), "id", IDS),
    "timeline": (timeline, "id", IDS[::-1]),
    "accounts/{account}/visitors": (account, "n", [1]),
    "orders": (shop, "id", IDS),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_brings_what_it_says(httpserver: HTTPServer, example: str) -> None:
    api = Api(httpserver)
    query = query_of(example)
    service, field, expected = SERVICES[query["path"]]
    api.answers(service)
    rows = Feeding(api.address, query, secrets=SECRETS).collect().rows
    assert [row[field] for row in rows] == expected
    if query["details_path"]:
        assert [row["details"] for row in rows] == [{"total": one, "currency": "EUR"} for one in IDS]


def test_there_is_an_example_of_every_way_of_paging() -> None:
    shown = {query_of(example)["cursor_use"] for example in EXAMPLES}
    assert shown == {name for name, _words in CHOICES} - {"next_time"}


def test_every_setting_and_every_choice_stands_on_the_page() -> None:
    for name in http.Query.base_fields:
        assert f"`{name}`" in SECTION, name
    for name, _words in [*CHOICES, *PAGES_OF_NEW, *http.Query.base_fields["answer"].choices]:  # type: ignore[attr-defined]
        assert f"`{name}`" in SECTION, name

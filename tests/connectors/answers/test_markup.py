"""XML, read into the values that everything else reads: safely, and alike for one entry and for many."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Response

from connectors.answers import markup
from connectors.errors import FetchError, Malformed
from connectors.problems import Unreadable
from connectors.protocol import Page
from tests.connectors.asking import Api, error_of, page_of, trial

ORDERS = """<?xml version="1.0" encoding="UTF-8"?>
<shop xmlns:x="urn:x">
  <!-- of today -->
  <orders count="2">
    <order id="7" currency="EUR"><amount>12.50</amount><note><![CDATA[a < b & c]]></note></order>
    <order id="8" currency="EUR"><amount>8</amount><x:gift/></order>
  </orders>
  <updated>2026-11-20T15:00:00Z</updated>
</shop>
"""
ROWS = [
    {"@id": "7", "@currency": "EUR", "amount": "12.50", "note": "a < b & c"},
    {"@id": "8", "@currency": "EUR", "amount": "8", "x:gift": None},
]
ONE = '<shop><orders count="1"><order id="7"><amount>12.50</amount></order></orders></shop>'
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True))
    + "]><lolz>&j;</lolz>"
)


@pytest.fixture
def api(httpserver: HTTPServer) -> Api:
    return Api(httpserver)


def read(api: Api, body: str | bytes, kind: str = "application/xml", **query: Any) -> Page:
    api.answers(lambda _: Response(body, content_type=kind))
    return page_of(trial(api.address, query=query))


def refused(api: Api, body: str | bytes, kind: str = "application/xml", **query: Any) -> FetchError:
    api.answers(lambda _: Response(body, content_type=kind))
    return error_of(trial(api.address, query=query))


# --- what is read ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["application/xml", "text/xml; charset=utf-8", "application/atom+xml", "text/plain"])
@pytest.mark.parametrize("answer", ["auto", "xml"])
def test_elements_attributes_and_texts_are_read(api: Api, kind: str, answer: str) -> None:
    page = read(api, ORDERS, kind, rows="shop.orders.order", answer=answer)
    assert page.rows == ROWS
    assert page.written == {"answer": "xml", "lists": "order"}
    assert page.answer["shop"]["updated"] == "2026-11-20T15:00:00Z"


def test_text_beside_attributes_has_a_name(api: Api) -> None:
    page = read(api, "<rates><rate code='USD'>1.08</rate></rates>", rows="rates.rate")
    assert page.rows == [{"@code": "USD", "#text": "1.08"}]


@pytest.mark.parametrize(
    ("body", "kind", "read_as"),
    [
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a>Größe</a>".encode("latin-1"), "application/xml", "Größe"),
        ("<?xml version='1.0' encoding='windows-1252'?><a>5 €</a>".encode("cp1252"), "application/xml", "5 €"),
        ("<?xml version='1.0' encoding='utf-16'?><a>Größe</a>".encode("utf-16"), "application/xml", "Größe"),
        ("\ufeff<a>Größe</a>".encode(), "application/xml", "Größe"),
        # what the header says comes before what the document says (RFC 7303)
        ("<?xml version='1.0' encoding='utf-8'?><a>Größe</a>".encode("latin-1"), "text/xml; charset=latin-1", "Größe"),
    ],
)
def test_it_is_read_in_its_character_set(api: Api, body: bytes, kind: str, read_as: str) -> None:
    assert read(api, body, kind, answer="xml").rows == [{"a": read_as}]


@pytest.mark.parametrize("kind", ["application/xml", "application/xml; charset=utf-8"])
def test_another_character_set_than_it_says_is_refused(api: Api, kind: str) -> None:
    error = refused(api, "<a>Größe</a>".encode("latin-1"), kind)
    assert isinstance(error, Malformed)


# --- one entry, and many ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("shop.orders.order", ["7"]),
        ("shop.orders.order[?amount > '1' || `true`]", ["7"]),
        ("shop.orders.order[]", ["7"]),
        ("shop.orders.order[-1:]", ["7"]),
    ],
)
def test_one_entry_is_a_list_where_rows_are_looked_for(api: Api, path: str, ids: list[str]) -> None:
    assert [row["@id"] for row in read(api, ONE, rows=path).rows] == ids


def test_what_was_a_list_once_stays_one(api: Api) -> None:
    written = dict(read(api, ORDERS, rows="[@]").written)
    page = read(api, ONE, rows="[@]", **written)
    assert page.rows[0]["shop"]["orders"]["order"][0]["amount"] == "12.50"
    assert read(api, ONE, rows="[@]").rows[0]["shop"]["orders"]["order"]["amount"] == "12.50"


@pytest.mark.parametrize(
    "body", ["<shop><orders/></shop>", "<shop><orders count='0'></orders></shop>", "<shop><orders> </orders></shop>"]
)
def test_a_list_without_entries_is_an_empty_answer(api: Api, body: str) -> None:
    assert read(api, body, rows="shop.orders.order").rows == []


@pytest.mark.parametrize("body", ["<shop/>", "<shop><other/></shop>", "<error>no</error>"])
def test_a_list_that_is_not_there_is_an_error(api: Api, body: str) -> None:
    assert "Nothing stands at “shop.orders.order”" in refused(api, body, rows="shop.orders.order").message


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_bomb_is_refused_at_once(api: Api) -> None:
    started = monotonic()
    error = refused(api, BOMB)
    assert "declares entities of its own" in error.message
    assert monotonic() - started < 5


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY x SYSTEM "{file}">',
        '<!ENTITY x SYSTEM "http://127.0.0.1:{port}/x">',
        '<!ENTITY % x SYSTEM "http://127.0.0.1:{port}/x"> %x;',
        '<!ENTITY x "y">',
        '<!NOTATION n SYSTEM "n"><!ENTITY x SYSTEM "http://127.0.0.1:{port}/x" NDATA n>',
    ],
)
def test_nothing_is_read_or_fetched_for_an_entity(api: Api, tmp_path: Path, declared: str) -> None:
    (tmp_path / "secret").write_text("planted", encoding="utf-8")
    port = api.address.split(":")[2].split("/")[0]
    entity = declared.format(file=tmp_path / "secret", port=port)
    error = refused(api, f"<!DOCTYPE a [{entity}]><a>&x;</a>")
    assert isinstance(error, Malformed)
    assert "planted" not in error.message + error.sample
    assert [request.path for request in api.requests] == ["/api"]


def test_a_document_type_that_is_elsewhere_is_not_fetched(api: Api) -> None:
    page = read(api, f'<!DOCTYPE a SYSTEM "{api.address}/type.dtd"><a><b>1</b></a>')
    assert page.rows == [{"a": {"b": "1"}}]
    error = refused(api, f'<!DOCTYPE a SYSTEM "{api.address}/type.dtd"><a>&x;</a>')
    assert "declares entities" in error.message, "a text would be missing"
    assert [request.path for request in api.requests] == ["/api"] * 2


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "nothing, where JSON was expected"),
        ("<a><b></a>", "no XML, or it is cut off"),
        (ORDERS[:200], "no XML, or it is cut off"),
        ("<a>" * 5000 + "</a>" * 5000, "more than 60 deep"),
        ("<a>\x00</a>", "no XML"),
        ("<?xml version='1.0' encoding='nonsense'?><a/>", "no XML"),
    ],
)
def test_what_is_no_xml_has_a_sentence(api: Api, body: str, sentence: str) -> None:
    error = refused(api, body)
    assert sentence in error.message
    assert error.reason == "malformed"


def test_a_page_for_people_is_no_xml(api: Api) -> None:
    for body in ("<!doctype html><html><body><p>Hello</p></body></html>", "<?xml version='1.0'?><html lang='en'/>"):
        assert "HTML, not JSON" in refused(api, body, "text/plain").message or "not JSON" in refused(api, body).message


@given(st.one_of(st.binary(max_size=200), st.text(alphabet="<>/=&;!?[]ab\"' \n", max_size=60).map(str.encode)))
def test_reading_answers_or_refuses_and_never_breaks(body: bytes) -> None:
    try:
        found = markup.document(body, lists=["a"])
    except Unreadable:
        return
    assert isinstance(found, dict)
    assert markup.lists_in(found) == sorted(markup.lists_in(found))


names = st.sampled_from(["a", "b", "item", "x.y"])
trees = st.recursive(
    st.tuples(names, st.text(alphabet="abc 1.5", max_size=5)),
    lambda inner: st.tuples(names, st.lists(inner, max_size=3)),
    max_leaves=12,
)


@given(trees)
def test_every_element_is_found_again(tree: Any) -> None:
    written = spelled(tree)
    found = markup.document(written.encode(), lists=["a", "b", "item", "x.y"])
    assert elements(found) == written.count("</")


def spelled(tree: Any) -> str:
    name, inner = tree
    return f"<{name}>{inner if isinstance(inner, str) else ''.join(map(spelled, inner))}</{name}>"


def elements(found: Any) -> int:
    if isinstance(found, list):
        return sum(elements(each) for each in found)
    if isinstance(found, dict):
        return sum(len(child) + elements(child) for child in found.values())
    return 0

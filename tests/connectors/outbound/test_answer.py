"""An answer is text in its declared character set, or strict JSON, or a sentence."""

from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from connectors.errors import Malformed
from connectors.outbound import Answer


def answered(body: bytes, kind: str = "application/json", **more: Any) -> Answer:
    headers = CaseInsensitiveDict({"Content-Type": kind})
    return Answer(status=200, headers=headers, body=body, url="https://a.example/", took=0.1, attempts=1, **more)


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("zwölf".encode(), "text/plain", "zwölf"),
        ("zwölf".encode(), "text/plain; charset=UTF-8", "zwölf"),
        ("zwölf".encode("latin-1"), "text/plain; charset=iso-8859-1", "zwölf"),
        ("zwölf".encode("utf-16"), 'text/plain; charset="utf-16"', "zwölf"),
        ("zwölf".encode("utf-16"), "text/plain", "zwölf"),
        ("\ufeffzwölf".encode("utf-16-be"), "", "zwölf"),
        ("zwölf".encode("utf-32"), "text/plain", "zwölf"),
        ("\ufeffzwölf".encode("utf-32-be"), "text/plain", "zwölf"),
        ("zwölf".encode("utf-8-sig"), "text/plain", "zwölf"),
        (b"\xef\xbb\xbf12", "text/csv", "12"),
        (b"", "", ""),
    ],
)
def test_text_is_decoded_as_declared(body: bytes, kind: str, text: str) -> None:
    assert answered(body, kind).text() == text


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("zwölf".encode("latin-1"), "utf-8"),
        ("zwölf".encode(), "ascii"),
        (b"12", "klingon"),
        (b"12", "rot13"),
        (b"12", "zip"),
        (b"12", "punycode"),
        (b"12", "utf-7"),
    ],
)
def test_a_wrong_or_unusual_character_set_is_malformed(body: bytes, charset: str) -> None:
    with pytest.raises(Malformed, match=f"says that its text is {charset}"):
        answered(body, f"text/plain; charset={charset}").text()


def test_json_is_parsed() -> None:
    assert answered(b'{"a": [1, 2.5, null]}').json() == {"a": [1, 2.5, None]}
    assert answered(b"\xef\xbb\xbf[1]").json() == [1]
    assert answered('{"name": "Köln"}'.encode("latin-1"), "application/json; charset=latin-1").json()["name"] == "Köln"


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"<!doctype html><title>Sign in</title>", "text/html", "It answered with HTML, not JSON. Many APIs need /api"),
        (b"  <html>", "application/json", "It answered with HTML, not JSON"),
        (b"Welcome", "text/html; charset=utf-8", "It answered with HTML, not JSON"),
        (b'<?xml version="1.0"?><a/>', "application/xml", "something that is not JSON"),
        (b"visitors,651", "text/csv", "something that is not JSON"),
        (b"NaN", "application/json", "something that is not JSON"),
        (b"", "application/json", "with nothing"),
        (b" \r\n", "application/json", "with nothing"),
        (b'{"a": [1, 2', "application/json", "cut off or broken"),
        (b'{"a": NaN}', "application/json", "cut off or broken"),
        (b"[Infinity]", "application/json", "cut off or broken"),
        (b"[-Infinity]", "application/json", "cut off or broken"),
        (b"[1e999]", "application/json", "a number that is too large"),
        (b"[" + b"9" * 400 + b"]", "application/json", "a number that is too large"),
        (b"{'a': 1}", "application/json", "cut off or broken"),
        (b"[1,]", "application/json", "cut off or broken"),
        (b"[" * 100_000, "application/json", "cut off or broken"),
        (b'{"a": "\xff"}', "application/json", "Its text is not UTF-8, and it does not say"),
    ],
)
def test_anything_but_strict_json_is_malformed(body: bytes, kind: str, words: str) -> None:
    with pytest.raises(Malformed, match=words) as caught:
        answered(body, kind).json()
    assert caught.value.status == 200


def test_the_start_of_the_answer_is_kept_beside_the_message_and_masked() -> None:
    answer = answered(b"<html>key hunter2 " + b"x" * 900, mask=lambda text: text.replace("hunter2", "•••"))
    with pytest.raises(Malformed) as caught:
        answer.json()
    assert caught.value.sample.startswith("<html>key ••• xxx")
    assert len(caught.value.sample) == 300
    assert "<html>" not in caught.value.message


def test_a_secret_is_masked_before_the_sample_is_cut() -> None:
    answer = answered(b"x" * 297 + b"hunter2", "text/plain", mask=lambda text: text.replace("hunter2", "•••"))
    assert answer.sample() == "x" * 297 + "•••"


def test_a_body_that_is_no_text_has_no_sample() -> None:
    assert answered(b"\x89PNG\r\n\x00\x00", "image/png").sample() == ""


def test_a_sample_is_decoded_by_its_byte_order_mark() -> None:
    assert answered("café".encode("utf-16"), "text/csv").sample() == "café"
    assert answered("café".encode("utf-16"), "text/csv; charset=utf-8").sample() == ""


def test_a_sample_of_an_unknown_character_set_is_still_readable() -> None:
    assert answered(b"caf\xe9", "text/plain; charset=klingon").sample() == "caf\ufffd"


def test_the_repr_shows_neither_body_nor_url() -> None:
    assert repr(answered(b"hunter2")) == "Answer(status=200, took=0.1, attempts=1)"

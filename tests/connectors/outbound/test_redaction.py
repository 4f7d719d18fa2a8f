"""No spelling of a secret is written down."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from connectors.outbound import MASK, Redaction

SECRETS = ["s3cr3t-key", 'p@ss w/rd&"quoted"+é', "line one\nline two", "sk_live_<tag>'x'"]


def in_json_of_php(secret: str) -> str:
    return json.dumps(secret)[1:-1].replace("/", "\\/")


SPELLINGS: list[Callable[[str], str]] = [
    str,
    quote,
    quote_plus,
    lambda secret: quote(secret, safe="").lower(),
    lambda secret: quote(secret, safe="&"),
    lambda secret: json.dumps(secret)[1:-1],
    lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    in_json_of_php,
    html.escape,
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("spell", SPELLINGS)
def test_a_secret_is_masked_however_it_is_written(secret: str, spell: Callable[[str], str]) -> None:
    assert Redaction(SECRETS).text(f"key={spell(secret)};") == f"key={MASK};"


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("before", ["", "u", "us", "user:", "some-longer-user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_is_masked_inside_base64(secret: str, before: str, encode: Callable[[bytes], bytes]) -> None:
    text = encode(f"{before}{secret}!".encode()).decode()
    masked = Redaction([secret]).text(text)
    assert MASK in masked
    left = masked.replace(MASK, "")
    assert len(left) <= len(base64.b64encode(before.encode())) + 8


@pytest.mark.parametrize("secret", ["+/=!", "é", " ", "7"])
def test_a_secret_without_anything_to_look_for_is_masked_too(secret: str) -> None:
    for text in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
        assert Redaction([secret]).text(f"[{text}]") == f"[{MASK}]"


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    assert Redaction(["abc", "abcdef"]).text("abcdef abc") == f"{MASK} {MASK}"


def test_other_text_stays() -> None:
    text = '{"visitors": 651, "note": "the key to success"}'
    assert Redaction(["s3cr3t-key", ""]).text(text) == text
    assert Redaction([]).text(text) == text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/p?day=1&q=s3cr3t-key", f"https://a.example/p?day=1&q={MASK}"),
        ("https://a.example/hooks/s3cr3t-key/x", f"https://a.example/hooks/{MASK}/x"),
        ("https://a.example/?api_key=other&page=2", f"https://a.example/?api_key={MASK}&page=2"),
        ("https://a.example/?page=2&access_token=other#top", f"https://a.example/?page=2&access_token={MASK}#top"),
        ("https://a.example/?Password=other&keyword=shoes", f"https://a.example/?Password={MASK}&keyword=shoes"),
        ("https://user:other@a.example/", "https://a.example/"),
        ("https://a.example/?page=2", "https://a.example/?page=2"),
    ],
)
def test_urls_show_neither_secrets_nor_what_is_named_like_one(url: str, shown: str) -> None:
    assert Redaction(["s3cr3t-key"]).url(url) == shown


@pytest.mark.parametrize(
    "name",
    ["Authorization", "authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "PRIVATE-TOKEN"],
)
def test_headers_named_like_secrets_are_masked_whole(name: str) -> None:
    assert Redaction([]).headers({name: "unheard of", "Accept": "text/csv"}) == {name: MASK, "Accept": "text/csv"}


def test_a_secret_in_an_ordinary_header_is_masked() -> None:
    assert Redaction(["s3cr3t-key"]).headers({"X-Team": "a s3cr3t-key b"}) == {"X-Team": f"a {MASK} b"}


def test_it_tells_whether_a_text_holds_a_secret() -> None:
    assert Redaction(["p/q r"]).finds("https://b.example/?x=p%2Fq+r")
    assert not Redaction(["p/q r"]).finds("https://b.example/?x=p")
    assert not Redaction([]).finds("anything")


def test_what_is_hidden_later_is_masked_from_then_on_beside_what_was_known() -> None:
    redaction = Redaction(["first secret"])
    assert redaction.text("first secret, a token 123") == f"{MASK}, a token 123"
    redaction.hide("a token 123", "", "first secret")
    assert redaction.text("first secret, a token 123") == f"{MASK}, {MASK}"
    assert redaction.finds("a%20token%20123")
    redaction.hide("a token")
    assert redaction.text("a token 123 and a token") == f"{MASK} and {MASK}"

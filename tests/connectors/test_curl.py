"""Curl commands, as documentation and browsers write them, become the same question."""

from __future__ import annotations

import pytest

from connectors import curl
from connectors.curl import Command

KEY = "sk-live-0123456789abcdef"
CHROME = """curl 'https://shop.example.com/api/orders?from=2026-11-01&to=2026-11-20' \\
  -H 'accept: application/json, text/plain, */*' \\
  -H 'accept-language: de-DE,de;q=0.9,en;q=0.8' \\
  -H 'authorization: Bearer sk-live-0123456789abcdef' \\
  -b 'session=abc123; theme=dark' \\
  -H 'priority: u=1, i' \\
  -H 'referer: https://shop.example.com/dashboard' \\
  -H 'sec-ch-ua: "Chromium";v="141", "Not?A_Brand";v="8"' \\
  -H 'sec-fetch-mode: cors' \\
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'"""
FIREFOX = """curl 'https://shop.example.com/graphql' --compressed -X POST \
-H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0' \
-H 'Accept: */*' -H 'Accept-Encoding: gzip, deflate, br, zstd' -H 'Content-Type: application/json' \
-H 'X-API-Key: sk-live-0123456789abcdef' -H 'Origin: https://shop.example.com' -H 'Connection: keep-alive' \
-H 'Sec-Fetch-Dest: empty' --data-raw '{"query":"{ orders { count } }"}'"""
CHROME_FOR_WINDOWS = (
    'curl ^"https://shop.example.com/api?a=1^&b=2^" ^\r\n  -H ^"accept: application/json^" ^\r\n'
    '  -H ^"x-api-key: sk-live-0123456789abcdef^" ^\r\n  --data-raw ^"^{^\\^"day^\\^":^\\^"2026-11-20^\\^"^}^"'
)
OLD_WINDOWS = (
    'curl "https://shop.example.com/api" ^\n  -H "Accept: text/csv" ^\n  --data-raw "{\\"a\\": 1}" --compressed'
)
CHROME_WITH_ESCAPES = r"""curl 'https://shop.example.com/q' -H 'content-type: application/json' \
  --data-raw $'{"name":"it\'s","tab":"\\t","euro":"\u20ac"}'"""


def signed(command: Command) -> tuple[dict[str, str], dict[str, str]]:
    return command.sign_in, command.credentials


@pytest.mark.parametrize(
    ("text", "address", "method", "headers", "body", "content_type"),
    [
        ("curl https://a.example/x", "https://a.example/x", "GET", (), "", ""),
        ("curl a.example/x", "https://a.example/x", "GET", (), "", ""),
        ("$ curl https://a.example/x", "https://a.example/x", "GET", (), "", ""),
        ("curl.exe https://a.example/x", "https://a.example/x", "GET", (), "", ""),
        ("curl --url https://a.example/x -sSL", "https://a.example/x", "GET", (), "", ""),
        ("curl -fsSL --http2 --max-time 5 -o out.json https://a.example/x", "https://a.example/x", "GET", (), "", ""),
        ("curl -XPOST https://a.example/x", "https://a.example/x", "POST", (), "", ""),
        ("curl --request=POST https://a.example/x", "https://a.example/x", "POST", (), "", ""),
        (
            "curl -H 'Accept-Language: en' -H 'X-Region: eu' https://a.example/x",
            "https://a.example/x",
            "GET",
            (("Accept-Language", "en"), ("X-Region", "eu")),
            "",
            "",
        ),
        ("curl -HX-Region:eu https://a.example/x", "https://a.example/x", "GET", (("X-Region", "eu"),), "", ""),
        ("curl https://a.example/x -d a=1 -d b=2", "https://a.example/x", "POST", (), "a=1&b=2", curl.FORM),
        (
            "curl https://a.example/x --data-urlencode 'q=a b&c'",
            "https://a.example/x",
            "POST",
            (),
            "q=a%20b%26c",
            curl.FORM,
        ),
        ("curl https://a.example/x --data-raw '@home'", "https://a.example/x", "POST", (), "@home", curl.FORM),
        (
            """curl https://a.example/x --json '{"a": 1}'""",
            "https://a.example/x",
            "POST",
            (("Accept", curl.JSON),),
            '{"a": 1}',
            curl.JSON,
        ),
        ("""curl https://a.example/x -d '{"a": 1}'""", "https://a.example/x", "POST", (), '{"a": 1}', curl.JSON),
        (
            "curl https://a.example/x -H 'Content-Type: text/plain; charset=utf-8' --data-binary hello",
            "https://a.example/x",
            "POST",
            (),
            "hello",
            "text/plain",
        ),
        ("curl -G https://a.example/x -d a=1 -d b=2", "https://a.example/x?a=1&b=2", "GET", (), "", ""),
        (
            "curl -G 'https://a.example/x?z=0' --data-urlencode 'q=a b'",
            "https://a.example/x?z=0&q=a+b",
            "GET",
            (),
            "",
            "",
        ),
        ("curl https://a.example:8443/x", "https://a.example:8443/x", "GET", (), "", ""),
        ("curl 'http://[2001:db8::1]:8080/x'", "http://[2001:db8::1]:8080/x", "GET", (), "", ""),
        ('curl "https://a.example/x?name=a\\"b"', "https://a.example/x?name=a%22b", "GET", (), "", ""),
        (
            "curl https://a.example/x \\\n  -H 'X-Region: eu'",
            "https://a.example/x",
            "GET",
            (("X-Region", "eu"),),
            "",
            "",
        ),
        (
            "curl https://a.example/x \\   -H 'X-Region: eu'",
            "https://a.example/x",
            "GET",
            (("X-Region", "eu"),),
            "",
            "",
        ),
        (OLD_WINDOWS, "https://shop.example.com/api", "POST", (("Accept", "text/csv"),), '{"a": 1}', curl.JSON),
        (
            CHROME_WITH_ESCAPES,
            "https://shop.example.com/q",
            "POST",
            (),
            '{"name":"it\'s","tab":"\\t","euro":"€"}',
            curl.JSON,
        ),
    ],
)
def test_a_command_becomes_a_request(
    text: str, address: str, method: str, headers: curl.Pairs, body: str, content_type: str
) -> None:
    command = curl.parse(text)
    assert (command.address, command.method, command.headers) == (address, method, headers)
    assert (command.body, command.content_type) == (body, content_type)
    assert signed(command) == ({"sign_in": "none"}, {})


@pytest.mark.parametrize(
    ("text", "sign_in", "credentials"),
    [
        (f"curl https://a.example -H 'Authorization: Bearer {KEY}'", {"sign_in": "bearer"}, {"key": KEY}),
        (f"curl https://a.example -H 'authorization: bearer {KEY}'", {"sign_in": "bearer"}, {"key": KEY}),
        (f"curl https://a.example --oauth2-bearer {KEY}", {"sign_in": "bearer"}, {"key": KEY}),
        (
            "curl https://a.example -H 'Authorization: Basic cm9ib3Q6cy1lY3JldA=='",
            {"sign_in": "basic"},
            {"user_name": "robot", "password": "s-ecret"},
        ),
        ("curl -u robot:s:e https://a.example", {"sign_in": "basic"}, {"user_name": "robot", "password": "s:e"}),
        (f"curl -u {KEY}: https://a.example", {"sign_in": "basic"}, {"user_name": KEY}),
        (
            "curl https://robot:s%3Ae@a.example/x",
            {"sign_in": "basic"},
            {"user_name": "robot", "password": "s:e"},
        ),
        (
            f"curl https://a.example -H 'Authorization: Token {KEY}'",
            {"sign_in": "header", "header_name": "Authorization"},
            {"key": f"Token {KEY}"},
        ),
        (
            f"curl https://a.example -H 'PRIVATE-TOKEN: {KEY}'",
            {"sign_in": "header", "header_name": "PRIVATE-TOKEN"},
            {"key": KEY},
        ),
        (
            f"curl 'https://a.example/x?m=1&api_key={KEY}'",
            {"sign_in": "query", "query_name": "api_key"},
            {"key": KEY},
        ),
        (
            f"curl -G https://a.example -d token={KEY}",
            {"sign_in": "query", "query_name": "token"},
            {"key": KEY},
        ),
        (
            "curl https://a.example --cookie 'session=abc; x=1'",
            {"sign_in": "header", "header_name": "Cookie"},
            {"key": "session=abc; x=1"},
        ),
    ],
)
def test_what_signs_in_is_set_apart(text: str, sign_in: dict[str, str], credentials: dict[str, str]) -> None:
    command = curl.parse(text)
    assert signed(command) == (sign_in, credentials)
    assert KEY not in f"{command.address} {command.headers} {command.body}"
    assert KEY not in repr(command)


def test_chrome_copies_a_command_that_is_understood() -> None:
    command = curl.parse(CHROME)
    assert command.address == "https://shop.example.com/api/orders?from=2026-11-01&to=2026-11-20"
    assert [name for name, _ in command.headers] == ["accept", "accept-language"], "what the browser says of itself"
    assert signed(command) == ({"sign_in": "bearer"}, {"key": KEY})
    assert command.left_out == ("Cookie",)


def test_firefox_copies_a_command_that_is_understood() -> None:
    command = curl.parse(FIREFOX)
    assert (command.method, command.content_type) == ("POST", "application/json")
    assert command.body == '{"query":"{ orders { count } }"}'
    assert command.headers == (("Accept", "*/*"),)
    assert signed(command) == ({"sign_in": "header", "header_name": "X-API-Key"}, {"key": KEY})


def test_chrome_for_windows_copies_a_command_that_is_understood() -> None:
    command = curl.parse(CHROME_FOR_WINDOWS)
    assert command.address == "https://shop.example.com/api?a=1&b=2"
    assert command.body == '{"day":"2026-11-20"}'
    assert signed(command) == ({"sign_in": "header", "header_name": "x-api-key"}, {"key": KEY})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("curl -k https://a.example", "Certificates are always checked here, so -k cannot be used. Leave it out."),
        ("curl --insecure https://a.example", "so --insecure cannot be used"),
        ("curl --proxy http://p https://a.example", "--proxy is not supported here. Leave it out."),
        ("curl -x http://p https://a.example", "-x is not supported here. Leave it out."),
        ("curl -F a=@b https://a.example", "-F is not supported here"),
        ("curl -I https://a.example", "-I is not supported here"),
        ("curl --no-such-thing https://a.example", "--no-such-thing is not supported here"),
        ("curl -X DELETE https://a.example", "DELETE is not supported here, only GET and POST."),
        ("curl -X GET https://a.example -d a=1", "This command sends a body with GET"),
        ("curl -d @body.json https://a.example", "@body.json names a file"),
        ("curl --data-urlencode q@file https://a.example", "q@file names a file"),
        ("curl -b cookies.txt https://a.example", "cookies.txt names a file"),
        ("curl -s", "This command has no address."),
        ("curl https://a.example https://b.example", "more than one address"),
        ("curl 'https://a.example", "A quotation mark is missing"),
        ("curl https://a.example -H", "Behind -H something is missing"),
        ("curl https://a.example:port/", "not complete"),
    ],
)
def test_what_would_change_the_answer_is_named(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        curl.parse(text)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("text", ["https://a.example/curl", "curly.example.com/x", "curl", "wget https://a.example"])
def test_an_address_is_no_command(text: str) -> None:
    assert curl.is_command(text) is False

"""What a request carries, and what the next one carries after a redirect."""

import base64

import pytest
from requests import PreparedRequest

from connectors.errors import Blocked, FetchError, Malformed, Misconfigured
from connectors.outbound import Redaction
from connectors.outbound.preparing import prepared, redirected

KEY = "hunter2-key"
REDACTION = Redaction([KEY])


def request(
    method: str = "GET", url: str = "https://a.example/v1", body: bytes | None = None, **headers: str
) -> PreparedRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return prepared(method, url, params=None, headers=named, body=body, auth=None)


def after(one: PreparedRequest, location: str, *, status: int = 302) -> PreparedRequest:
    return redirected(one, status=status, location=location, redaction=REDACTION)


def test_parameters_join_those_of_the_url() -> None:
    made = prepared(
        "get", "https://a.example/v1?b=2", params=[("q", "a b"), ("q", "é")], headers={}, body=None, auth=None
    )
    assert (made.method, made.url) == ("GET", "https://a.example/v1?b=2&q=a+b&q=%C3%A9")


def test_user_name_and_password_become_a_header_in_utf_8() -> None:
    made = prepared(
        "GET", "https://a.example/", params=None, headers={"authorization": "x"}, body=None, auth=("us", "zwölf")
    )
    assert made.headers["Authorization"] == "Basic " + base64.b64encode("us:zwölf".encode()).decode()
    assert len([name for name in made.headers if name.lower() == "authorization"]) == 1


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("TRACE", "https://a.example/", {}),
        ("CONNECT", "https://a.example/", {}),
        ("GET /evil", "https://a.example/", {}),
        ("GET", "", {}),
        ("GET", "a.example", {}),
        ("GET", "http://", {}),
        ("GET", "http://①②⑦.⓪.⓪.①.\u200b/", {}),
        ("GET", "https://a.example/", {"Host": "b.example"}),
        ("GET", "https://a.example/", {"content-length": "5"}),
        ("GET", "https://a.example/", {"Transfer-Encoding": "chunked"}),
        ("GET", "https://a.example/", {"X-Note": "a\r\nX-Evil: b"}),
        ("GET", "https://a.example/", {"X-Evil\r\nX-More": "b"}),
        ("GET", "https://a.example/", {"X-Note": " begins with a space"}),
        ("GET", "https://a.example/", {"X-Note": "✓"}),
    ],
)
def test_what_cannot_be_a_request_is_misconfigured(method: str, url: str, headers: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as caught:
        prepared(method, url, params=None, headers=headers, body=None, auth=None)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/v2", "https://a.example/v2"),
        ("v2?x=1#top", "https://a.example/v2?x=1#top"),
        ("//a.example/v2", "https://a.example/v2"),
        ("https://b.example", "https://b.example/"),
    ],
)
def test_a_redirect_may_be_relative(location: str, url: str) -> None:
    assert after(request(), location).url == url


@pytest.mark.parametrize(
    ("status", "method", "becomes"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (301, "PUT", "PUT"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (302, "GET", "GET"),
    ],
)
def test_some_redirects_turn_into_a_get_without_the_body(status: int, method: str, becomes: str) -> None:
    body = None if method in ("GET", "HEAD") else b"{}"
    following = after(request(method, body=body, Content_Type="application/json"), "/v2", status=status)
    assert following.method == becomes
    assert following.body == (body if becomes == method else None)
    if following.body is None and method != becomes:
        assert not {"Content-Type", "Content-Length"} & set(following.headers)


def test_the_same_origin_gets_the_credentials_again() -> None:
    following = after(request(Authorization=f"Bearer {KEY}"), f"/v2?key={KEY}")
    assert following.headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("location", ["https://b.example/", "https://a.example:8443/", "https://sub.a.example/"])
def test_another_origin_gets_only_harmless_headers(location: str) -> None:
    sent = request(
        Authorization=f"Bearer {KEY}",
        Cookie="session=1",
        X_Api_Key=KEY,
        Private_Token=KEY,
        X_Anything="else",
        Accept="text/csv",
        X_Request_Id="42",
    )
    assert dict(after(sent, location).headers) == {"Accept": "text/csv", "X-Request-Id": "42"}
    assert sent.headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("sent", "location", "status", "error"),
    [
        (request(), "http://a.example/", 302, Blocked),
        (request(), "http://b.example/", 302, Blocked),
        (request(), f"https://b.example/?k={KEY}", 302, Blocked),
        (request(), f"https://b.example/{KEY}", 302, Blocked),
        (request("POST", body=b"{}"), "https://b.example/", 307, Blocked),
        (request("PUT", body=b"{}"), "https://b.example/", 301, Blocked),
        (request(), "https://[::1", 302, Malformed),
    ],
)
def test_redirects_that_would_give_something_away_are_not_followed(
    sent: PreparedRequest, location: str, status: int, error: type[FetchError]
) -> None:
    with pytest.raises(error):
        after(sent, location, status=status)


def test_the_step_up_to_https_keeps_the_credentials() -> None:
    following = after(request(url="http://a.example/", Authorization=KEY), "https://a.example/")
    assert following.headers["Authorization"] == KEY

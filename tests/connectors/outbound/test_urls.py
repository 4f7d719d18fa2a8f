"""What is refused before anything is resolved."""

import pytest
from urllib3.util import parse_url

from connectors.errors import Blocked, FetchError, Misconfigured
from connectors.outbound import Policy
from connectors.outbound.urls import port_of, same_origin, vetted


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://api.example.com/v1?day=1", "api.example.com", 443),
        ("http://api.example.com", "api.example.com", 80),
        ("HTTPS://API.Example.com:8443/", "api.example.com", 8443),
        ("http://[2606:4700::1111]:8080/", "[2606:4700::1111]", 8080),
        ("https://bücher.example/", "xn--bcher-kva.example", 443),
    ],
)
def test_ordinary_urls_pass(url: str, host: str, port: int) -> None:
    parts = vetted(url, policy=Policy())
    assert (parts.host, port_of(parts)) == (host, port)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("ftp://files.example.com/", Blocked),
        ("file:///etc/passwd", Blocked),
        ("gopher://example.com:70/_x", Blocked),
        ("data:text/plain,1", Blocked),
        ("javascript:alert(1)", Blocked),
        ("//example.com/", Blocked),
        ("example.com/path", Blocked),
        ("https://user:password@example.com/", Blocked),
        ("https://user@example.com/", Blocked),
        ("https://@example.com/", Blocked),
        ("http://[fe80::1%25eth0]/", Blocked),
        ("http://example.com:22/", Blocked),
        ("http://example.com:25/", Blocked),
        ("http://example.com:1023/", Blocked),
        ("https://", Misconfigured),
        ("http:///path", Misconfigured),
        ("http://example.com:99999/", Misconfigured),
        ("http://[::1", Misconfigured),
        ("http://good.example.com\\@evil.example.com/", Misconfigured),
        ("http://example.com/\r\nHost: evil", Misconfigured),
        ("http://exa mple.com/", Misconfigured),
        ("http://example.com\t.evil.example/", Misconfigured),
        ("http://①②⑦.⓪.⓪.①/", Misconfigured),
    ],
)
def test_others_are_refused(url: str, error: type[FetchError]) -> None:
    with pytest.raises(error):
        vetted(url, policy=Policy())


def test_a_list_of_ports_closes_the_others() -> None:
    policy = Policy(ports=frozenset({443, 25}))
    vetted("https://example.com/", policy=policy)
    vetted("http://example.com:25/", policy=policy)
    with pytest.raises(Blocked, match="Port 8080"):
        vetted("http://example.com:8080/", policy=policy)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.example/x", "https://a.example/y?z", True),
        ("https://a.example", "https://a.example:443/", True),
        ("http://a.example", "https://a.example", True),
        ("https://a.example", "http://a.example", False),
        ("http://a.example:8080", "https://a.example", False),
        ("http://a.example", "https://a.example:8443", False),
        ("https://a.example", "https://a.example:8443", False),
        ("https://a.example", "https://b.a.example", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(one: str, other: str, same: bool) -> None:
    assert same_origin(parse_url(one), parse_url(other)) is same

"""Which URLs may be called, before anything is resolved."""

import re

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from connectors.errors import Blocked, Misconfigured
from connectors.outbound.addresses import INTERFACE
from connectors.outbound.policy import Policy
from connectors.problems import problem

DEFAULT_PORTS = {"http": 80, "https": 443}
UNUSABLE = problem("unusable_address")
# Characters on which parsers disagree about where the host ends.
AMBIGUOUS = re.compile(r"[\x00-\x20\x7f\\]")
USER_INFO = re.compile(r"[^/?#]*//[^/?#]*@")


def vetted(url: str, *, policy: Policy) -> Url:
    """Return the parts of `url`, or raise Blocked or Misconfigured.

    Refused are other schemes than http and https, user-info, zone ids, closed ports and characters on which parsers
    disagree. The parts returned are the ones to connect by: nothing parses the text a second time.
    """
    parts = _parsed(url)
    if parts.scheme not in DEFAULT_PORTS:
        raise Blocked(problem("other_scheme"))
    if USER_INFO.match(url):
        raise Blocked(problem("sign_in_in_address"))
    if not parts.host:
        raise Misconfigured(UNUSABLE)
    if "%" in parts.host:
        raise Blocked(INTERFACE)
    if not policy.allows_port(port_of(parts)):
        raise Blocked(problem("closed_port", port=port_of(parts)))
    return parts


def _parsed(url: str) -> Url:
    if AMBIGUOUS.search(url):
        raise Misconfigured(UNUSABLE)
    try:
        return parse_url(url)
    except LocationParseError:
        raise Misconfigured(UNUSABLE) from None


def port_of(parts: Url) -> int:
    """Return the port, also where the URL leaves it to the scheme."""
    return parts.port or DEFAULT_PORTS[parts.scheme or "http"]


def same_origin(one: Url, other: Url) -> bool:
    """Tell whether both are the same service; the step from http to https of one host on the usual ports counts."""
    if one.host != other.host or other.scheme not in DEFAULT_PORTS:
        return False
    if (one.scheme, port_of(one)) == (other.scheme, port_of(other)):
        return True
    return (one.scheme, port_of(one), other.scheme, port_of(other)) == ("http", 80, "https", 443)

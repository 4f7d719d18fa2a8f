"""Which addresses may be called. Judged is what a name resolves to, never how it is spelled.

The standard library's own flags are not enough: `is_global` is true for multicast, for NAT64 and 6to4 around a
loopback address, and for networks whose special use was registered after the interpreter was built.
"""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from queue import Empty, SimpleQueue

from connectors.errors import Blocked, Reason, Unreachable
from connectors.outbound.policy import Policy
from connectors.problems import problem

Resolver = Callable[[str, int], Sequence[str]]
Address = IPv4Address | IPv6Address

INSIDE = problem("inside_network")
METADATA = problem("metadata_service")
INTERFACE = problem("network_interface")

METADATA_HOSTS = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)
METADATA_NETWORKS: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(network)
    for network in (
        "169.254.0.0/16",  # every large cloud: .169.254, .170.2, .170.23, .42.42
        "100.100.100.200/32",
        "168.63.129.16/32",
        "192.0.0.192/32",
        "fd00:ec2::/32",
        "fd00:42::42/128",
        "fd20:ce::254/128",
    )
)
SPECIAL_NETWORKS: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays of 6to4
        "3fff::/20",  # documentation
    )
)
NAT64 = ip_network("64:ff9b::/96")
NAT64_LOCAL = ip_network("64:ff9b:1::/48")
COMPATIBLE = ip_network("::/96")


def faces(address: Address) -> tuple[Address, ...]:
    """Return every address that a packet to `address` may end at: itself, and those wrapped inside it.

    A v4-mapped address is its inner address and nothing else, for that is what the system connects to.
    """
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    return (address, *_wrapped(address))


def _wrapped(address: IPv6Address) -> Iterator[IPv4Address]:
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in NAT64 or (address in COMPATIBLE and not (address.is_loopback or address.is_unspecified)):
        yield IPv4Address(address.packed[12:])
    if address in NAT64_LOCAL:
        yield _behind_local_nat64(address.packed)


def _behind_local_nat64(packed: bytes) -> IPv4Address:
    """Read the inner address at the end (a /96 cut from the prefix) or, if that is empty, at the /48 of RFC 6052."""
    return IPv4Address(packed[12:] if any(packed[12:]) else packed[6:8] + packed[9:11])


def is_public(address: Address) -> bool:
    """Tell whether this one address (not what it wraps) is an ordinary address of the internet."""
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    if any(address in network for network in SPECIAL_NETWORKS):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def is_metadata(address: Address) -> bool:
    """Tell whether this one address can hand out a cloud machine's credentials."""
    return any(address in network for network in METADATA_NETWORKS)


def judge(address: Address, *, host: str, port: int, policy: Policy) -> None:
    """Raise Blocked unless `port` of `address`, which `host` resolved to, may be connected to under `policy`."""
    if isinstance(address, IPv6Address) and address.scope_id:
        raise Blocked(INTERFACE)
    for face in faces(address):
        if is_metadata(face):
            raise Blocked(METADATA)
        if not (is_public(face) or _is_allowed(face, host=host, port=port, policy=policy)):
            raise Blocked(INSIDE)


def _is_allowed(address: Address, *, host: str, port: int, policy: Policy) -> bool:
    return policy.allows_host(plain(host), port) or any(address in network for network in policy.allowed_networks)


def plain(host: str) -> str:
    """Return a host name in the one spelling that lists of hosts are written in."""
    return host.lower().rstrip(".")


def judged_addresses(
    host: str, port: int, *, policy: Policy, seconds: float, resolve: Resolver | None = None
) -> tuple[Address, ...]:
    """Resolve `host` once, within `seconds`, and return its addresses, all of which may be connected to.

    One bad address among several refuses them all. Raises Blocked or Unreachable. Whoever connects must connect to
    one of these and not to the name, which may resolve differently a moment later.
    """
    if plain(host) in METADATA_HOSTS:
        raise Blocked(METADATA)
    found = _literal(host) or _resolved(host, port, resolve=resolve or system_resolver, seconds=seconds)
    for address in found:
        judge(address, host=host, port=port, policy=policy)
    return found


def _literal(host: str) -> tuple[Address, ...]:
    try:
        return (ip_address(host),)
    except ValueError:
        return ()


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Ask the operating system; it also reads the decimal, octal, hexadecimal and short spellings of IPv4."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _resolved(host: str, port: int, *, resolve: Resolver, seconds: float) -> tuple[Address, ...]:
    """Resolve in a thread of its own, because the system's resolver knows no deadline."""
    answers: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(host, port))
        except (OSError, ValueError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        found = answers.get(timeout=max(seconds, 0))
    except Empty:
        raise Unreachable(problem("name_not_found_in_time", host=host), reason=Reason.TIMEOUT) from None
    if isinstance(found, Exception) or not found:
        raise Unreachable(problem("name_not_found", host=host))
    return tuple(dict.fromkeys(ip_address(text) for text in found))

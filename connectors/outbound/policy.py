"""What an outgoing call may do: the installation's word, never an organisation's."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

LOWEST_UNPRIVILEGED_PORT = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The limits of every call through one session.

    `allowed_networks` and `allowed_hosts` open addresses inside the network; the metadata services of clouds stay shut
    whatever is allowed. Hosts are in lower case without a trailing dot: `host` for every port, `host:port` for one.
    `ports` of None means 80, 443 and 1024 upward.

    `deadline` is in seconds and covers one attempt whole: name, connection, headers, body and redirects. `max_bytes`
    counts the body after decompression, `max_header_bytes` the headers as they come. `attempts` counts the first
    one; `longest_wait` is the longest pause in seconds between two of them.

    `first_turn` and `next_turn` are for how many seconds a request waits until limits let it out: the first one of a
    session, which may as well be made another time, and one that follows others, whose answers would be lost.

    `egress_proxy` is the URL of a forward proxy; proxies named by the environment are ignored. Behind a proxy the
    names that this server cannot resolve are the proxy's to judge. `ca_bundle` is the path of a PEM file that is
    trusted beside the system's certificates.
    """

    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    allowed_hosts: frozenset[str] = frozenset()
    ports: frozenset[int] | None = None
    deadline: float = 30.0
    max_bytes: int = 10_000_000
    max_header_bytes: int = 64_000
    attempts: int = 3
    longest_wait: float = 20.0
    first_turn: float = 5.0
    next_turn: float = 40.0
    max_redirects: int = 3
    egress_proxy: str | None = None
    ca_bundle: str | None = None
    user_agent: str = "Waymark"

    def allows_host(self, host: str, port: int) -> bool:
        """Tell whether a host (lower case, no trailing dot) was opened, for every port or for this one."""
        return not self.allowed_hosts.isdisjoint({host, f"{host}:{port}"})

    def allows_port(self, port: int) -> bool:
        """Tell whether a call may go to this port."""
        if self.ports is None:
            return port in (80, 443) or port >= LOWEST_UNPRIVILEGED_PORT
        return port in self.ports

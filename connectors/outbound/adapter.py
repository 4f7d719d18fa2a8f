"""The requests adapter whose pools are guarded."""

import ssl
from contextlib import suppress
from functools import cache, partial
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager, Timeout
from urllib3.util import Url, parse_url

from connectors.errors import Unreachable
from connectors.outbound.addresses import Resolver, judged_addresses
from connectors.outbound.certificates import ClientCertificate, showing
from connectors.outbound.policy import Policy
from connectors.outbound.transport import Door, GuardedHTTPPool, GuardedHTTPSPool
from connectors.outbound.urls import port_of, same_origin, vetted

ORIGINS_KEPT = 32
SECONDS_TO_RESOLVE_BESIDE_A_PROXY = 2.0


@cache
def trust(ca_bundle: str | None) -> ssl.SSLContext:
    """Return the TLS settings: the system's certificates and, beside them, those of the file `ca_bundle`.

    Shared, because reading the certificates takes longer than a call.
    """
    context = ssl.create_default_context()
    if ca_bundle is not None:
        context.load_verify_locations(cafile=ca_bundle)
    return context


class GuardedAdapter(HTTPAdapter):
    """Sends one prepared request through guarded pools: no redirects, retries, cookies or environment.

    The `certificate` is shown to its own service, and to no other that a redirect or a token's address leads to.
    """

    def __init__(
        self, *, policy: Policy, resolve: Resolver, pool_maxsize: int, certificate: ClientCertificate | None = None
    ) -> None:
        self.policy = policy
        self._certificate = certificate
        self._shown = showing(certificate, ca_bundle=policy.ca_bundle) if certificate else None
        self._door = Door(policy=policy, resolve=resolve)
        super().__init__(pool_connections=ORIGINS_KEPT, pool_maxsize=pool_maxsize)
        proxy = policy.egress_proxy
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._pools = self._guarded(
            self.proxy_manager_for(proxy, ssl_context=self._trust()) if proxy else self.poolmanager
        )

    def exchange(self, request: PreparedRequest, *, seconds: float) -> Response:
        """Send, and return the answer with its body unread. Raises FetchError and what requests raises."""
        timeout: Any = Timeout(total=max(seconds, 0.001))
        return self.send(request, stream=True, timeout=timeout, proxies=self._proxies)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._trust(), **pool_kwargs)

    def get_connection_with_tls_context(self, request: PreparedRequest, *_: Any, **__: Any) -> HTTPConnectionPool:
        parts = vetted(request.url or "", policy=self.policy)
        if self._proxies:
            self._judge_beside_the_proxy(parts)
        pool_kwargs = {"ssl_context": self._shown} if self._shows_to(parts) else None
        return self._pools.connection_from_host(
            parts.host, port=port_of(parts), scheme=parts.scheme, pool_kwargs=pool_kwargs
        )

    def _shows_to(self, parts: Url) -> bool:
        return self._certificate is not None and same_origin(parse_url(self._certificate.address), parts)

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Leave verification to the pools' TLS settings; the base class reads all certificates for each connection."""

    def _judge_beside_the_proxy(self, parts: Url) -> None:
        host, seconds = (parts.host or "").strip("[]"), SECONDS_TO_RESOLVE_BESIDE_A_PROXY
        with suppress(Unreachable):
            judged_addresses(host, port_of(parts), policy=self.policy, seconds=seconds, resolve=self._door.resolve)

    def _trust(self) -> ssl.SSLContext:
        return trust(self.policy.ca_bundle)

    def _guarded(self, manager: PoolManager) -> PoolManager:
        guarded: dict[str, Any] = {
            "http": partial(GuardedHTTPPool, door=self._door),
            "https": partial(GuardedHTTPSPool, door=self._door),
        }
        manager.pool_classes_by_scheme = guarded
        return manager

"""The guarded session: the only way out to the network."""

import time
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import random as fraction
from time import monotonic
from typing import Self, TypedDict, Unpack

from requests import PreparedRequest

from connectors.errors import Blocked, FetchError, HeldBack
from connectors.outbound.adapter import GuardedAdapter
from connectors.outbound.addresses import Resolver, system_resolver
from connectors.outbound.answer import Answer, sample_of
from connectors.outbound.certificates import ClientCertificate
from connectors.outbound.exchange import Outcome, exchange
from connectors.outbound.gate import OPEN, Gate, Leaving
from connectors.outbound.notes import SAMPLE, CallNote, ignore
from connectors.outbound.policy import Policy
from connectors.outbound.preparing import Params, prepared
from connectors.outbound.redaction import Redaction
from connectors.outbound.retries import IDEMPOTENT, pause_before_next
from connectors.problems import problem

CONNECTIONS_KEPT = 10
Stamp = Callable[[PreparedRequest], Mapping[str, str]]


class Options(TypedDict, total=False):
    """What may be said of a call beside its method and URL; see `GuardedSession.request`."""

    params: Params | None
    headers: Mapping[str, str] | None
    body: bytes | None
    auth: tuple[str, str] | None
    idempotent: bool | None
    stamp: Stamp | None
    private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """What all attempts of one call share."""

    correlation_id: str
    redaction: Redaction
    stamp: Stamp | None
    private: bool


class GuardedSession:
    """Calls other machines under a policy, again where that may help, and notes every attempt.

    `secrets` are masked in every note and every error. `now` returns the aware time in UTC. `log` is given a CallNote
    for each request on the wire, in the thread that makes it; each of them passes the `gate`.
    A `certificate` is shown to the service that it is for. `sleep`, `random` and `resolve` are for tests.
    May be shared by threads; `pool_maxsize` is how many connections to one origin are kept, so give the number of
    threads. Use it as a context manager, or close it.
    """

    def __init__(
        self,
        *,
        policy: Policy,
        now: Callable[[], datetime],
        secrets: Collection[str] = (),
        log: Callable[[CallNote], None] = ignore,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = fraction,
        resolve: Resolver = system_resolver,
        pool_maxsize: int = CONNECTIONS_KEPT,
        gate: Gate = OPEN,
        certificate: ClientCertificate | None = None,
    ) -> None:
        self._policy = policy
        self._now = now
        self._secrets = frozenset(secrets)
        self._redaction = Redaction(self._secrets)
        self._log = log
        self._sleep = sleep
        self._random = random
        self._gate = gate
        self._has_called = False
        self._adapter = GuardedAdapter(
            policy=policy, resolve=resolve, pool_maxsize=pool_maxsize, certificate=certificate
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept connections."""
        self._adapter.close()

    @property
    def redaction(self) -> Redaction:
        """What is masked, tokens that were obtained on the way included."""
        return self._redaction

    def hide(self, *secrets: str) -> None:
        """Mask further secrets from now on, such as a token that was just obtained."""
        self._secrets |= set(secrets)
        self._redaction.hide(*secrets)

    def now(self) -> datetime:
        """Return the time by the clock of this session."""
        return self._now()

    def get(self, url: str, **options: Unpack[Options]) -> Answer:
        """Call `request` with GET."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Unpack[Options]) -> Answer:
        """Call `request` with POST."""
        return self.request("POST", url, **options)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        auth: tuple[str, str] | None = None,
        idempotent: bool | None = None,
        stamp: Stamp | None = None,
        private: bool = False,
    ) -> Answer:
        """Return the answer, of status 2xx or 304. Raises FetchError for everything else.

        `auth` is a user name and a password. `idempotent` says that calling twice does no harm; without a word, POST
        and PATCH are taken to do harm and tried again only where the source said that it did nothing. `stamp` makes
        headers of each attempt as it goes out. A `private` answer is quoted nowhere: it brings secrets, which nobody
        knows yet.
        """
        redaction = self._redaction_for(auth)
        call = _Call(correlation_id=uuid.uuid4().hex, redaction=redaction, stamp=stamp, private=private)
        sent = {**self._usual_headers(), **(headers or {}), "X-Request-Id": call.correlation_id}
        request = prepared(method, url, params=params, headers=sent, body=body, auth=auth)
        harmless = request.method in IDEMPOTENT if idempotent is None else idempotent
        return self._with_retries(request, call=call, idempotent=harmless)

    def _usual_headers(self) -> dict[str, str]:
        return {"User-Agent": self._policy.user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}

    def _redaction_for(self, auth: tuple[str, str] | None) -> Redaction:
        return self._redaction if auth is None else Redaction(self._secrets | {auth[1]})

    def _with_retries(self, request: PreparedRequest, *, call: _Call, idempotent: bool) -> Answer:
        attempt = 0
        failed: FetchError | None = None
        while True:
            attempt += 1
            try:
                return self._attempt(request, attempt=attempt, call=call)
            except HeldBack as held:
                raise failed or held from None  # what came of it counts more than that it may not be repeated
            except FetchError as failure:
                failed = failure
                pause = pause_before_next(
                    failure,
                    attempt=attempt,
                    idempotent=idempotent,
                    policy=self._policy,
                    now=self._now(),
                    random=self._random,
                )
                if pause is None:
                    raise
            self._sleep(pause)

    def _attempt(self, request: PreparedRequest, *, attempt: int, call: _Call) -> Answer:
        """Send, and follow redirects, all within one deadline; waiting at the gate does not count."""
        took, stamp = 0.0, call.stamp
        for _ in range(self._policy.max_redirects + 1):
            seconds = self._policy.deadline - took
            outcome, more = self._noted_exchange(request, seconds=seconds, attempt=attempt, call=call, stamp=stamp)
            took, stamp = took + more, None
            if outcome.failure is not None:
                raise outcome.failure
            if outcome.following is None:
                return _answer(outcome, request, took=took, attempts=attempt, call=call)
            request = outcome.following
        raise Blocked(problem("redirects_too_often", times=self._policy.max_redirects))

    def _noted_exchange(
        self, request: PreparedRequest, *, seconds: float, attempt: int, call: _Call, stamp: Stamp | None
    ) -> tuple[Outcome, float]:
        with self._gate.passing(Leaving(wait=self._patience(), lasting=seconds, now=self._now)) as passage:
            self._has_called = True
            if stamp is not None:
                request.headers.update(stamp(request))
            at, started = self._now(), monotonic()
            outcome = exchange(self._adapter, request, seconds=seconds, redaction=call.redaction, now=at)
            took = monotonic() - started
            passage.ended(outcome.failure)
        self._log(
            CallNote(
                at=at,
                method=request.method or "",
                url=call.redaction.url(request.url or ""),
                status=outcome.status,
                took=took,
                size=len(outcome.body),
                attempt=attempt,
                problem=outcome.failure.problem if outcome.failure else None,
                reason=outcome.failure.reason.value if outcome.failure else "",
                correlation_id=call.correlation_id,
                request_headers=call.redaction.headers(request.headers),
                sample=_sample(outcome, call=call),
            )
        )
        return outcome, took

    def _patience(self) -> float:
        """Return how long a request can wait at the gate: a first one may as well be asked another time."""
        return self._policy.next_turn if self._has_called else self._policy.first_turn


def _sample(outcome: Outcome, *, call: _Call) -> str:
    if outcome.following is not None:
        return f"→ {call.redaction.url(outcome.following.url or '')}"[:SAMPLE]
    if call.private and outcome.failure is None:
        return ""
    return sample_of(outcome.body, headers=outcome.headers, mask=call.redaction.text, length=SAMPLE)


def _nothing(_: str) -> str:
    return ""


def _answer(outcome: Outcome, request: PreparedRequest, *, took: float, attempts: int, call: _Call) -> Answer:
    return Answer(
        status=outcome.status or 0,
        headers=outcome.headers,
        body=outcome.body,
        url=request.url or "",
        took=took,
        attempts=attempts,
        mask=_nothing if call.private else call.redaction.text,
    )

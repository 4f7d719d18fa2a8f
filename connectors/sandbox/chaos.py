"""The switch with which the pretend services misbehave, as real ones do.

By one call with `?chaos=…`, or for a share of all calls of a service by the switch. Some kinds come instead of an
answer, before anything is done or charged; the others spoil an answer that was already given and charged.
"""

from __future__ import annotations

import errno
import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from time import sleep

from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date

from connectors.sandbox import books, mischief

EVERY_SERVICE = "all"
WAIT = 2  # seconds that `Retry-After` asks for
SLOW = 3.0  # seconds
PIECES, PAUSE = 10, 0.3  # of an answer that drips, and the seconds between two
MAINTENANCE = "<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>"

Spoil = Callable[[HttpResponse], HttpResponseBase]


class NoSuchChaos(ValueError):
    """A name is none of a kind of chaos; the message names them all."""


def instead(kinds: list[str], now: datetime) -> HttpResponseBase | None:
    """Return what comes instead of an answer; None where an answer is given."""
    return next((INSTEAD[kind](now) for kind in kinds if kind in INSTEAD), None)


def spoilt(kinds: list[str], answer: HttpResponseBase) -> HttpResponseBase:
    """Return an answer after everything that happens to it on its way."""
    for kind in kinds:
        if kind in SPOILS and isinstance(answer, HttpResponse):
            answer = SPOILS[kind](answer)
    return answer


def chosen(asked: str, world: str, service: str) -> list[str]:
    """Return what happens to a call: what it asks for itself, else what the switch says. Raises NoSuchChaos."""
    if asked:
        return known(asked.split(","))
    for place in dict.fromkeys((world, books.COMMON)):
        switches = books.looked_up(place, "chaos")
        name = next((name for name in (service, EVERY_SERVICE) if name in switches), None)
        if name is not None:
            return _by_the_switch(place, name)
    return []


def switch(service: str, kinds: list[str], *, share: float = 1.0, world: str = books.COMMON) -> None:
    """Let a share of the calls of a service, or of all services, go wrong; no kinds: none. Raises NoSuchChaos."""
    if not 0 < share <= 1:
        raise ValueError("The share must be more than 0 and at most 1.")
    with books.held(world, "chaos") as switches:
        switches.pop(service, None)
        if known(kinds):
            switches[service] = {"kinds": kinds, "share": share, "calls": 0}


def switches(world: str = books.COMMON) -> dict[str, dict[str, object]]:
    """Return how the switch stands, by the name of the service."""
    return books.looked_up(world, "chaos")


def known(kinds: list[str]) -> list[str]:
    """Return the kinds as they are. Raises NoSuchChaos."""
    names = [*INSTEAD, *SPOILS]
    if strange := [kind for kind in kinds if kind not in names]:
        raise NoSuchChaos(f"{strange[0]} is no kind of chaos. Known: {', '.join(names)}.")
    return kinds


def _by_the_switch(world: str, service: str) -> list[str]:
    """Return what happens to this call; of a share of a third it is every third call, whoever counts."""
    with books.held(world, "chaos") as switches:
        found = switches.get(service)
        if found is None:
            return []
        found["calls"] += 1
        calls, share = found["calls"], found["share"]
        return list(found["kinds"]) if int(calls * share) > int((calls - 1) * share) else []


def _refused(status: int, message: str, retry_after: str = "") -> JsonResponse:
    return JsonResponse({"error": message}, status=status, headers={"Retry-After": retry_after} if retry_after else {})


def _slow(answer: HttpResponse) -> HttpResponse:
    sleep(SLOW)
    return answer


def _drips(answer: HttpResponse) -> StreamingHttpResponse:
    body, size = answer.content, max(1, -(-len(answer.content) // PIECES))
    return _streamed(answer, (body[place : place + size] for place in range(0, len(body), size)))


def _breaks(answer: HttpResponse) -> StreamingHttpResponse:
    def pieces() -> Iterator[bytes]:
        yield answer.content[: len(answer.content) // 2]
        raise BrokenPipeError(errno.EPIPE, "The pretend service hung up.")  # servers close the connection over this

    return _streamed(answer, pieces(), pause=0)


def _streamed(answer: HttpResponse, pieces: Iterator[bytes], *, pause: float = PAUSE) -> StreamingHttpResponse:
    """Return an answer that is sent piece by piece; it names its encoding, so that nobody collects and packs it."""

    def slowly() -> Iterator[bytes]:
        for piece in pieces:
            yield piece
            sleep(pause)

    kind = answer.headers["Content-Type"]
    headers = {"Content-Encoding": "identity"}
    return StreamingHttpResponse(slowly(), status=answer.status_code, content_type=kind, headers=headers)


def _with_body(change: Callable[[bytes], bytes], content_type: str = "") -> Spoil:
    def spoil(answer: HttpResponse) -> HttpResponse:
        answer.content = change(answer.content)
        if content_type:
            answer.headers["Content-Type"] = content_type
        return answer

    return spoil


def _with_rows(changed: Callable[[mischief.Rows], mischief.Rows]) -> Spoil:
    def spoil(answer: HttpResponse) -> HttpResponse:
        text = answer.content.decode()
        if answer.headers["Content-Type"].startswith("application/json"):
            answer.content = json.dumps(mischief.with_rows(json.loads(text), changed)).encode()
        elif "\n" in text:
            answer.content = mischief.with_lines(text, changed).encode()
        return answer

    return spoil


def _lost(_: HttpResponse) -> HttpResponse:
    return _refused(500, "It was done, but nobody hears of it.")


INSTEAD: dict[str, Callable[[datetime], HttpResponse]] = {
    "429": lambda _: _refused(429, "Too many calls.", str(WAIT)),
    "429-date": lambda now: _refused(429, "Too many calls.", http_date(now.timestamp() + WAIT)),
    "500": lambda _: _refused(500, "Something broke."),
    "503": lambda _: _refused(503, "Down for a moment.", str(WAIT)),
    "401": lambda _: _refused(401, "The key is not accepted any more."),
    "404": lambda _: _refused(404, "There is nothing here."),
}
SPOILS: dict[str, Spoil] = {
    "duplicate": _with_rows(mischief.duplicate),
    "late": _with_rows(mischief.late),
    "revised": _with_rows(mischief.revised),
    "shuffled": _with_rows(mischief.shuffled),
    "types": _with_rows(mischief.other_types),
    "nan": _with_rows(mischief.not_a_number),
    "huge": _with_rows(mischief.huge),
    "charset": _with_body(lambda body: body.decode().encode("utf-16"), "application/json; charset=utf-8"),
    "empty": _with_body(lambda _: b""),
    "garbage": _with_body(lambda body: random.Random(len(body)).randbytes(200)),  # noqa: S311  for show
    "html": _with_body(lambda _: MAINTENANCE.encode(), "text/html; charset=utf-8"),
    "cut": _with_body(lambda body: body[: len(body) // 2]),
    "lost": _lost,
    "slow": _slow,
    "drip": _drips,
    "broken": _breaks,
}

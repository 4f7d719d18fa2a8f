"""The door of every pretend service: chaos, the key, the limit, and the line in the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from connectors.sandbox import books, chaos, ledger, limits, repeats
from connectors.sandbox.limits import Rate
from connectors.sandbox.repeats import Use

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

FULL = "Too many ledgers are kept, or this one is full. `manage.py sandbox forget` makes room."


class Refusal(Exception):
    """A call is refused, with a status and what the answer says."""

    def __init__(self, status: int, said: str | dict[str, Any], **headers: str) -> None:
        super().__init__(str(said))
        self.status = status
        self.body = {"error": said} if isinstance(said, str) else said
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call of a service, and whose services they are."""

    request: HttpRequest
    now: datetime
    world: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a service answers: a document, or a text of another type; which rows it served, and what it charges."""

    document: Any = None
    text: str | None = None
    content_type: str = "text/plain"
    status: int = 200
    ids: Sequence[str | int] = ()
    charged: int = 0
    headers: dict[str, str] = field(default_factory=dict)


Service = Callable[[Asked], Served]
SignIn = Callable[[Asked], None]
SaysSo = Callable[[int, str], dict[str, Any]]  # how a service words a refusal of the door


def service(
    name: str,
    *,
    methods: Sequence[str] = ("GET",),
    sign_in: SignIn | None = None,
    rate: Rate | None = None,
    says: SaysSo = lambda _, message: {"error": message},
) -> Callable[[Service], Callable[[HttpRequest], HttpResponseBase]]:
    """Make a view of a service.

    `?chaos=` and the switch spoil its calls; `X-Ledger` names whose services are asked; `X-Sandbox-Limit: 5/60` takes
    the place of `rate`.
    """

    def made(serve: Service) -> Callable[[HttpRequest], HttpResponseBase]:
        @csrf_exempt
        @require_http_methods(list(methods))
        @wraps(serve)
        def view(request: HttpRequest) -> HttpResponseBase:
            now = timezone.now()
            try:
                world = books.checked(request.headers.get("X-Ledger", books.COMMON))
                asked = Asked(request=request, now=now, world=world)
                kinds = chaos.chosen(request.GET.get("chaos", ""), asked.world, name)
                answer = chaos.instead(kinds, now)
                line: dict[str, Any] = {"served": [], "charged": 0}
                if answer is None:
                    answer, line = _answered(asked, serve, name=name, sign_in=sign_in, rate=rate, says=says)
                ledger.note(asked.world, _line(asked, name, answer, kinds) | line)
            except (books.BadName, chaos.NoSuchChaos) as error:
                return JsonResponse(says(400, str(error)), status=400)
            except books.NoRoom:
                return JsonResponse(says(507, FULL), status=507)
            return chaos.spoilt(kinds, answer)

        return view

    return made


def key_in(header: str, key: str, *, before: str = "", says: SaysSo | None = None) -> SignIn:
    """Return a sign-in by a key in a header, after `before`."""
    message = f"Send the key in the header {header}." if not before else "Send the key as a bearer token."

    def sign_in(asked: Asked) -> None:
        if asked.request.headers.get(header, "") != f"{before}{key}":
            raise Refusal(401, says(401, message) if says else message)

    return sign_in


def _answered(
    asked: Asked, serve: Service, *, name: str, sign_in: SignIn | None, rate: Rate | None, says: SaysSo
) -> tuple[HttpResponse, dict[str, Any]]:
    """Return the answer of a service, and what its line in the ledger says of it."""
    headers: dict[str, str] = {}
    try:
        if sign_in is not None:
            sign_in(asked)
        headers = _limited(asked, name, rate, says)
        served = serve(asked)
    except Refusal as error:
        return _refused(error, headers), {"served": [], "charged": 0}
    line = {"served": list(served.ids), "charged": served.charged}
    return _response(served, headers), line


def _limited(asked: Asked, name: str, rate: Rate | None, says: SaysSo) -> dict[str, str]:
    """Count the call, and return the headers that tell how many are left. Raises Refusal where none is."""
    try:
        rate = limits.written(asked.request.headers["X-Sandbox-Limit"])
    except KeyError:
        if rate is None:
            return {}
    except ValueError as error:
        raise Refusal(400, says(400, str(error))) from None
    verdict = limits.taken(asked.world, name, rate, asked.now)
    told = {"X-RateLimit-Limit": str(rate.calls), "X-RateLimit-Remaining": str(verdict.left)}
    if not verdict.allowed:
        told["Retry-After"] = str(verdict.wait)
        raise Refusal(429, says(429, f"At most {rate.calls} calls in {rate.seconds} seconds."), **told)
    return told


def _response(served: Served, headers: dict[str, str]) -> HttpResponse:
    headers = {**headers, **served.headers}
    if served.text is not None:
        return HttpResponse(
            served.text, content_type=f"{served.content_type}; charset=utf-8", status=served.status, headers=headers
        )
    return JsonResponse(served.document, safe=False, status=served.status, headers=headers)


def _refused(error: Refusal, headers: dict[str, str]) -> HttpResponse:
    return JsonResponse(error.body, status=error.status, headers={**headers, **error.headers})


def _line(asked: Asked, name: str, answer: HttpResponseBase, kinds: list[str]) -> dict[str, Any]:
    return {
        "at": asked.now.isoformat(),
        "service": name,
        "method": asked.request.method,
        "path": asked.request.get_full_path(),
        "status": answer.status_code,
        "chaos": kinds,
        "key": asked.request.headers.get("Idempotency-Key", ""),
    }


def once(asked: Asked, name: str) -> tuple[bool, datetime]:
    """Say whether a call is the first under its `Idempotency-Key`, and when that one came. Raises Refusal."""
    key = asked.request.headers.get("Idempotency-Key", "")
    if not key:
        return True, asked.now
    use, at = repeats.used(asked.world, name, key, asked.request.body, asked.now)
    if use == Use.FOR_SOMETHING_ELSE:
        raise Refusal(422, "This Idempotency-Key was sent with something else before.")
    return use == Use.FIRST, at


def json_of(asked: Asked, says: SaysSo | None = None) -> dict[str, Any]:
    """Return the JSON object that was sent. Raises Refusal."""
    try:
        body = json.loads(asked.request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        message = "Send a JSON object."
        raise Refusal(400, says(400, message) if says else message)
    return body

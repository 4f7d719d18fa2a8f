"""A service whose tokens are fetched at an address of its own, and that takes no others."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Answering = Callable[[Request], Response]


def document(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json")


class Login:
    """Hands out tokens, numbered; `good` are those that the service takes. Keeps what it was asked."""

    def __init__(self, server: HTTPServer) -> None:
        self.address = server.url_for("/api")
        self.token_address = server.url_for("/oauth/token")
        self.granted: list[dict[str, str]] = []
        self.called: list[Request] = []
        self.good: set[str] = set()
        self.refresh = "refresh-token-0"
        self.life: Any = 3600
        self.rotates = True
        self.refusing: Answering | None = None
        self._lock = threading.Lock()
        server.expect_request("/oauth/token", method="POST").respond_with_handler(self._token)
        server.expect_request("/api/numbers").respond_with_handler(self._numbers)

    @property
    def settings(self) -> dict[str, Any]:
        return {"address": self.address, "token_address": self.token_address, "client_id": "our client"}

    def revoke(self) -> None:
        """Take no token any more that was handed out."""
        self.good.clear()

    def _token(self, request: Request) -> Response:
        with self._lock:
            form = dict(request.form)
            self.granted.append({**form, "authorization": request.headers.get("Authorization", "")})
            if self.refusing:
                return self.refusing(request)
            if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.refresh:
                return document({"error": "invalid_grant"}, 400)
            number = len(self.granted)
            token = f"access-token-number-{number}"
            self.good.add(token)
            answer = {"access_token": token, "token_type": "Bearer", "expires_in": self.life}
            if form["grant_type"] == "refresh_token" and self.rotates:
                self.refresh = answer["refresh_token"] = f"refresh-token-{number}"
            return document({name: value for name, value in answer.items() if value is not None})

    def _numbers(self, request: Request) -> Response:
        request.get_data()
        self.called.append(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.good:
            return document({"error": "no such token", "sent": token}, 401)
        return document([{"value": 7, "echo": token}])


def basic(header: str) -> tuple[str, str]:
    """Return name and secret of a header, decoded as RFC 6749 writes them."""
    name, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    return unquote(name), unquote(secret)

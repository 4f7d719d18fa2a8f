"""In which language somebody reads: their own choice, else the browser's cookie, else what the browser asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise


class ReaderMiddleware:
    """Activates the reader's language for one request, and says so in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the reader's language."""
        with speaking(language_of(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        patch_vary_headers(response, ("Accept-Language",))
        return response


def language_of(request: HttpRequest) -> str:
    """Return the language of a request: the person's, the cookie's, or the best of `Accept-Language`."""
    own: str = getattr(request.user, "language", "")
    return own or get_language_from_request(request)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything in one language for as long as the block lasts; mails and walls have their own."""
    with translation.override(language):
        yield


def in_every_language(words: _StrPromise) -> list[str]:
    """Return what words are in each language: how a name that was made in one of them is found again."""
    return [_said(words, code) for code, _name in settings.LANGUAGES]


def _said(words: _StrPromise, language: str) -> str:
    with speaking(language):
        return str(words)

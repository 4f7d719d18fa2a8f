"""How people come in: by invitation or as the first of a fresh installation, never by an open sign-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter

if TYPE_CHECKING:
    from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library is not annotated
    """Keeps the library's sign-up shut; invitations and the first run create people themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  the library's contract
        """Refuse open sign-up."""
        return False

"""How people come in: by invitation or as the first of a fresh installation, never by an open sign-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.http import HttpRequest

NO_MATCH = _("That e-mail and password do not match. Try again or reset the password.")
TOO_MANY = _("Too many attempts. Wait five minutes, or reset the password.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library is not annotated
    """Keeps the library's sign-up shut, and speaks in our words."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": NO_MATCH,
        "too_many_login_attempts": TOO_MANY,
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  the library's contract
        """Refuse open sign-up."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002  the library's contract
        """Return to the account page."""
        return reverse("account")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of the mail, under the installation's own address whatever the request said."""
        person, _, token = key.partition("-")
        return settings.SITE_URL + reverse("account_reset_password_from_key", args=[person, token])

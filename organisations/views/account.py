"""Signing in and out, passwords, and one's own account; the accounts library does the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account import views as library
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from organisations.account_forms import (
    AccountForm,
    FirstPasswordForm,
    ForgottenForm,
    NewPasswordForm,
    PasswordForm,
    SignInForm,
    only_organisation,
)
from organisations.models import User
from organisations.reader import language_of, speaking
from organisations.setup import is_fresh

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class SignIn(library.LoginView):  # type: ignore[misc]  # the library is not annotated
    """Every closed door leads here, and from here, in a fresh installation, to its first account."""

    form_class = SignInForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send the first person on to make the first account."""
        if request.method == "GET" and is_fresh():
            return redirect("start")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the organisation's name where there is only one."""
        return {**super().get_context_data(**kwargs), "only_organisation": only_organisation()}


sign_in = SignIn.as_view()
sign_out = library.logout
inactive = library.account_inactive
forgotten = library.PasswordResetView.as_view(form_class=ForgottenForm)
forgotten_sent = library.password_reset_done
new_password = library.PasswordResetFromKeyView.as_view(form_class=NewPasswordForm)
new_password_done = library.password_reset_from_key_done
password = library.PasswordChangeView.as_view(form_class=PasswordForm)
first_password = library.PasswordSetView.as_view(form_class=FirstPasswordForm)


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show a person their own account: name, language, theme, time zone."""
    assert isinstance(request.user, User)  # noqa: S101  for the type checker: login_required
    form = AccountForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        return _saved(request)
    if form.errors:
        request.user.refresh_from_db()  # the frame shows the person as they are, not as they would be
    return render(request, "organisations/account.html", {"form": form, "nav": "account"})


def _saved(request: HttpRequest) -> HttpResponse:
    """Lead back, in the language that has just been chosen; what this browser chose before is over."""
    request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)
    with speaking(language_of(request)):
        messages.success(request, _("Saved."))
    response = redirect("account")
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response

"""Forms about people themselves: coming in, passwords, names."""

from __future__ import annotations

import zoneinfo
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organisations.forms import ModelForm
from organisations.models import LANGUAGES, Organisation, User
from organisations.setup import zone_of_this_machine
from organisations.wanted import Form, SaysWhatToDo

CHOOSING_HINT = _("At least 10 characters, and not a common one.")
ZONE_HINT = _("Days and months begin here. You can change it later.")
ENTER_YOUR_NAME = _("Enter your name.")
ENTER_EMAIL = _("Enter your e-mail address.")
CHOOSE_PASSWORD = _("Choose a password.")
CHOOSE_ZONE = _("Choose a time zone.")
NAME = {"autocomplete": "name"}
EMAIL = {"autocomplete": "email"}


def zone_choices(*others: str) -> list[tuple[str, str]]:
    """Return the time zones of places, with UTC first and any other zone that is in use already."""
    places = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [(name, name.replace("_", " ")) for name in dict.fromkeys(["UTC", *others, *places])]


def new_password() -> forms.CharField:
    """Return the field in which somebody chooses a password."""
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=_("Password"), help_text=CHOOSING_HINT, strip=False, widget=widget)


def checked_password(form: Form, password: str, user: User) -> None:
    """Put what is wrong with a chosen password at its field; that there is none is said already."""
    if not password:
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        form.add_error("password", error)


class ZoneField(forms.ChoiceField):
    """A time zone, chosen from the time zone database; the browser's own is preselected by app.js."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Select(attrs={"data-time-zone": ""})
        super().__init__(
            label=_("Time zone"), choices=zone_choices, initial=zone_of_this_machine, widget=widget, **kwargs
        )


class OrganisationForm(Form):
    """A new organisation."""

    WANTED = {"time_zone": CHOOSE_ZONE}

    name = forms.CharField(label=_("Name"), max_length=100)
    time_zone = ZoneField(help_text=ZONE_HINT)


class StartForm(Form):
    """The first account of an installation, and its organisation."""

    WANTED = {
        "organisation": _("Enter the name of your organisation."),
        "name": ENTER_YOUR_NAME,
        "password": CHOOSE_PASSWORD,
        "time_zone": CHOOSE_ZONE,
    }

    organisation = forms.CharField(
        label=_("Name of your organisation"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    name = forms.CharField(label=_("Your name"), max_length=100, widget=forms.TextInput(attrs=NAME))
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs=EMAIL))
    password = new_password()
    time_zone = ZoneField(help_text=ZONE_HINT)

    def clean(self) -> dict[str, Any]:
        """Judge the password beside the name and the address."""
        data = super().clean() or self.cleaned_data
        checked_password(self, data.get("password", ""), User(email=data.get("email", ""), name=data.get("name", "")))
        return data


class JoinForm(Form):
    """The account of somebody who was invited."""

    WANTED = {"name": ENTER_YOUR_NAME, "password": CHOOSE_PASSWORD}

    name = forms.CharField(label=_("Your name"), max_length=100, widget=forms.TextInput(attrs=NAME))
    password = new_password()

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Judge the password beside the name and the address."""
        data = super().clean() or self.cleaned_data
        checked_password(self, data.get("password", ""), User(email=self.email, name=data.get("name", "")))
        return data


class AccountForm(ModelForm[User]):
    """What a person may change about themselves."""

    WANTED = {"name": ENTER_YOUR_NAME}

    name = forms.CharField(label=_("Your name"), max_length=100, widget=forms.TextInput(attrs=NAME))
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("What the browser asks for")), *LANGUAGES]
    )
    theme = forms.ChoiceField(
        label=_("Theme"),
        required=False,
        choices=[
            ("", pgettext_lazy("theme", "As the system is set")),
            ("light", pgettext_lazy("theme", "Light")),
            ("dark", pgettext_lazy("theme", "Dark")),
        ],
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("Times of day are shown in it. Days and months stay the organisation’s."),
    )

    class Meta:
        model = User
        fields = ["name", "language", "theme", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)  # noqa: S101  declared above
        own = [self.instance.time_zone] if self.instance.time_zone else []
        zone.choices = [("", _("The organisation’s")), *zone_choices(*own)]


class Plain(SaysWhatToDo):
    """Gives a form of the accounts library our labels, hints and words, and takes away its placeholders."""

    WANTED = {
        "login": ENTER_EMAIL,
        "email": ENTER_EMAIL,
        "password": _("Enter your password."),
        "oldpassword": _("Enter your current password."),
        "password1": CHOOSE_PASSWORD,
        "password2": _("Enter the new password once more."),
    }

    labels = {
        "login": _("E-mail"),
        "email": _("E-mail"),
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = CHOOSING_HINT if name == "password1" else ""
            field.widget.attrs.pop("placeholder", None)


class SignInForm(Plain, LoginForm):  # type: ignore[misc]  # the library is not annotated
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"  # what password managers fill in


class ForgottenForm(Plain, ResetPasswordForm):  # type: ignore[misc]  # the library is not annotated
    """Asks for the link that resets a password."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the link; to an address without an account, a mail that says so, since the page must not."""
        email: str = self.cleaned_data["email"]
        if self.users:
            super().save(request, **kwargs)
        else:
            get_adapter().send_mail("account/email/unknown_account", email, {})
        return email


class NewPasswordForm(Plain, ResetPasswordKeyForm):  # type: ignore[misc]  # the library is not annotated
    """The new password, after the link in the mail."""


class PasswordForm(Plain, ChangePasswordForm):  # type: ignore[misc]  # the library is not annotated
    """Another password, while signed in."""


class FirstPasswordForm(Plain, SetPasswordForm):  # type: ignore[misc]  # the library is not annotated
    """A password for an account that has none."""


def only_organisation() -> Organisation | None:
    """Return the organisation when the installation has just one: then the sign-in page can name it."""
    two = list(Organisation.objects.all()[:2])
    return two[0] if len(two) == 1 else None

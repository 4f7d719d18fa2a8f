"""The first two questions about a new connection: where the number lives, and whether a key is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import addressing, curl, signing
from connectors.fields import Choice, HeaderName, Lines, Text, pairs
from connectors.forms import UNTOUCHED, hidden
from connectors.kinds import http
from organisations.wanted import Form

LONGEST = 20_000  # characters of an address or a command
ENTER_IT = gettext_lazy("Enter it, or choose No.")


class AddressForm(Form):
    """Where the number lives: an address or a curl command as one pastes it, and the rarer parts of a request.

    A command is taken apart before anything is checked: what it says goes into the fields where one could have typed
    it. After `is_valid`, `typed` holds the parts of the address, `query` what a feed would ask, with the dates as
    typed, and `sign_in` how one signs in, where the address or the command said so.
    """

    WANTED = {"address": http.ENTER_ADDRESS}

    address = forms.CharField(
        label=gettext_lazy("Address (URL)"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"inputmode": "url", **UNTOUCHED}),
    )
    method = Choice(label=gettext_lazy("Method"), choices=[("GET", "GET"), ("POST", "POST")])
    params = Lines(
        label=gettext_lazy("Parameters"),
        separator="=",
        help_text=gettext_lazy("One a line, for example metric=visitors."),
    )
    headers = Lines(
        label=gettext_lazy("Headers"),
        separator=":",
        help_text=gettext_lazy("One a line, for example Accept-Language: en."),
    )
    body = forms.CharField(
        label=gettext_lazy("Body"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Only with POST."),
    )
    content_type = Text(label=gettext_lazy("Content type of the body"), initial="application/json", max_length=100)

    MORE = ("method", "params", "headers", "body")
    typed: addressing.Typed
    query: dict[str, Any]

    def __init__(self, data: Mapping[str, Any] | None = None, **options: Any) -> None:
        self.command: curl.Command | None = None
        self.refused = ""
        super().__init__(self._taken_apart(data) if data else None, **options)

    def clean_address(self) -> str:
        """Take the address apart, and return it without the key it may hold."""
        if self.refused:
            raise forms.ValidationError(self.refused)
        try:
            self.typed = addressing.take_apart(self.cleaned_data["address"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        return addressing.put_together(self.typed.origin, self.typed.path, self.typed.params)

    def clean(self) -> dict[str, Any]:
        """Refuse what the kind would refuse later."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        data = {**cleaned, "path": self.typed.path, "params": addressing.lines(self.all_params())}
        query = http.Query(data)
        for name, errors in query.errors.items():
            self.add_error(name if name in self.fields else "address", list(errors))
        self.query = query.cleaned_data
        return cleaned

    def all_params(self) -> addressing.Pairs:
        """Return the parameters of the address and those typed apart."""
        return (*self.typed.params, *pairs(self.cleaned_data.get("params", ""), separator="="))

    def sign_in(self) -> tuple[dict[str, str], dict[str, str]] | None:
        """Return the settings of the sign-in and its credentials; None where nothing was said about it."""
        if self.command and self.command.credentials:
            return self.command.sign_in, self.command.credentials
        if self.typed.key:
            name, value = self.typed.key
            return {"sign_in": signing.QUERY, "query_name": name}, {"key": value}
        return None

    def opens_more(self) -> bool:
        """Say whether the rarer parts are in use, so that they are not folded away."""
        return any(self[name].errors or self[name].value() not in ("", None, "GET") for name in self.MORE)

    def _taken_apart(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what was posted, a command put into the fields it speaks of; one that is refused stays as it was."""
        text = str(data.get("address", ""))
        if not curl.is_command(text) or len(text) > LONGEST:
            return data
        try:
            self.command = command = curl.parse(text)
        except ValueError as error:
            self.refused = str(error)
            return data
        said = {
            "address": command.address,
            "method": command.method,
            "params": "",
            "headers": "\n".join(f"{name}: {value}" for name, value in command.headers),
            "body": command.body,
            "content_type": command.content_type,
        }
        return {**{name: data.get(name, "") for name in self.base_fields}, **said}


class SignInForm(Form):
    """Whether a key is needed, and the key itself.

    `kept` names the sign-in whose credentials are under seal already, `masks` what may be shown of them.
    """

    WANTED = {"sign_in": gettext_lazy("Choose how to sign in, or No."), "key": ENTER_IT, "user_name": ENTER_IT}
    use_required_attribute = False  # what is required depends on the way that is chosen

    sign_in = forms.ChoiceField(
        label=gettext_lazy("Sign-in"), choices=signing.WAYS, initial=signing.NONE, widget=forms.RadioSelect
    )
    header_name = HeaderName(label=gettext_lazy("Header"), initial="X-API-Key", widget=forms.TextInput(attrs=UNTOUCHED))
    query_name = Text(
        label=gettext_lazy("Parameter"),
        initial="api_key",
        max_length=100,
        widget=forms.TextInput(attrs=UNTOUCHED),
    )
    key = forms.CharField(label=gettext_lazy("Key or token"), max_length=5000, widget=hidden())
    user_name = forms.CharField(
        label=gettext_lazy("User name"), max_length=500, widget=forms.TextInput(attrs=UNTOUCHED)
    )
    password = forms.CharField(
        label=gettext_lazy("Password"), max_length=500, required=False, strip=False, widget=hidden()
    )

    NEEDS = {signing.NONE: (), signing.BASIC: ("user_name", "password")}
    CREDENTIALS = ("key", "user_name", "password")

    def __init__(self, *args: Any, kept: str = "", masks: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.data.get("sign_in") if self.is_bound else None
        for name in self.CREDENTIALS:
            field = self.fields[name]
            if kept:
                field.required = False
            if kept and name in self.needed_for(kept):
                field.help_text = _("Empty keeps the one you entered.")
                field.widget.attrs["placeholder"] = (masks or {}).get(name, "")
            if chosen is not None and chosen != kept:
                field.required = name in self.needed_for(chosen) and name != "password"

    def needed_for(self, way: str) -> tuple[str, ...]:
        """Return the credentials that a way to sign in takes."""
        return self.NEEDS.get(way, ("key",))

    def entered(self) -> dict[str, str]:
        """Return the credentials that were typed for the chosen way."""
        names = self.needed_for(self.cleaned_data["sign_in"])
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}

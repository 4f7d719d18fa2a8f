"""The first question about a new connection: where the number lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from connectors import addressing, curl, signing
from connectors.fields import Choice, Lines, Text, pairs
from connectors.forms import UNTOUCHED
from connectors.kinds import http
from organisations.wanted import Form

if TYPE_CHECKING:
    from connectors.models import Connection

LONGEST = 20_000  # characters of an address or a command


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

    gateway = forms.ChoiceField(
        label=gettext_lazy("Through the gateway"),
        required=False,
        help_text=gettext_lazy("What follows its address is enough then, for example crm/deals."),
    )
    field_order = ["gateway"]  # by which the address is judged

    MORE = ("method", "params", "headers", "body", "gateway")
    typed: addressing.Typed
    query: dict[str, Any]

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, gateways: Sequence[Connection] = (), **options: Any
    ) -> None:
        self.command: curl.Command | None = None
        self.refused = ""
        self.gateways = {str(row.pk): row for row in gateways}
        super().__init__(self._taken_apart(data) if data else None, **options)
        choices = [("", pgettext_lazy("gateway", "None")), *((pk, row.name) for pk, row in self.gateways.items())]
        self.fields["gateway"].choices = choices  # type: ignore[attr-defined]  # a choice

    def clean_address(self) -> str:
        """Take the address apart, and return it without the key it may hold."""
        if self.refused:
            raise forms.ValidationError(self.refused)
        address, gateway = self.cleaned_data["address"], self.through()
        try:
            self.typed = (
                addressing.take_apart_behind(address, str(gateway.settings["address"]))
                if gateway
                else addressing.take_apart(address)
            )
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

    def through(self) -> Connection | None:
        """Return the gateway that was chosen."""
        return self.gateways.get(self.cleaned_data.get("gateway", ""))

    def all_params(self) -> addressing.Pairs:
        """Return the parameters of the address and those typed apart."""
        return (*self.typed.params, *pairs(self.cleaned_data.get("params", ""), separator="="))

    def sign_in(self) -> tuple[dict[str, str], dict[str, str]] | None:
        """Return the settings of the sign-in and its credentials; None where nothing was said about it."""
        if self.command and self.command.sign_in["sign_in"] != signing.NONE:
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

"""Forms about connections: the two questions of the wizard, and the settings of what is there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms

from connectors import addressing, signing, times
from connectors.fields import Choice, HeaderName, Lines, Path, Text, pairs
from connectors.kinds import http
from connectors.models import Connection, Feed
from connectors.models.feed import EVERY_CHOICES, Asks, RunningPeriod
from connectors.secrets import KeyLost
from organisations.forms import ModelForm, TenantForm

if TYPE_CHECKING:
    from organisations.access import Access

STAYS = "A stored key does not travel to another address. Enter the key for this one."
UNTOUCHED = {"autocomplete": "off", "spellcheck": "false"}


def hidden(**attributes: str) -> forms.PasswordInput:
    """Return a control whose value is never sent back to the browser."""
    return forms.PasswordInput(attrs={**UNTOUCHED, "autocomplete": "new-password", **attributes})


class AddressForm(forms.Form):
    """Where the number lives: an address as one pastes it, and the rarer parts of a request.

    After `is_valid`, `typed` holds the parts of the address and `query` what a feed would ask, with the dates as typed.
    """

    address = forms.CharField(
        label="Address (URL)", max_length=2000, widget=forms.TextInput(attrs={"inputmode": "url", **UNTOUCHED})
    )
    method = Choice(choices=[("GET", "GET"), ("POST", "POST")])
    params = Lines(label="Parameters", separator="=", help_text="One a line, for example metric=visitors.")
    headers = Lines(label="Headers", separator=":", help_text="One a line, for example Accept-Language: en.")
    body = forms.CharField(
        required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Only with POST."
    )

    MORE = ("method", "params", "headers", "body")
    typed: addressing.Typed
    query: dict[str, Any]

    def clean_address(self) -> str:
        """Take the address apart, and return it without the key it may hold."""
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

    def opens_more(self) -> bool:
        """Say whether the rarer parts are in use, so that they are not folded away."""
        return any(self[name].errors or self[name].value() not in ("", None, "GET") for name in self.MORE)


class SignInForm(forms.Form):
    """Whether a key is needed, and the key itself; `kept` names the sign-in whose key is under seal already."""

    use_required_attribute = False  # what is required depends on the way that is chosen

    sign_in = forms.ChoiceField(label="Sign-in", choices=signing.WAYS, initial=signing.NONE, widget=forms.RadioSelect)
    header_name = HeaderName(label="Header", initial="X-API-Key", widget=forms.TextInput(attrs=UNTOUCHED))
    query_name = Text(label="Parameter", initial="api_key", max_length=100, widget=forms.TextInput(attrs=UNTOUCHED))
    key = forms.CharField(label="Key or token", max_length=5000, widget=hidden())
    user_name = forms.CharField(label="User name", max_length=500, widget=forms.TextInput(attrs=UNTOUCHED))
    password = forms.CharField(label="Password", max_length=500, required=False, strip=False, widget=hidden())

    NEEDS = {signing.NONE: (), signing.BASIC: ("user_name", "password")}
    CREDENTIALS = ("key", "user_name", "password")

    def __init__(self, *args: Any, kept: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.data.get("sign_in") if self.is_bound else None
        for name in self.CREDENTIALS:
            field = self.fields[name]
            field.error_messages["required"] = "Enter it, or choose No."
            if kept:
                field.required, field.help_text = False, "Empty keeps the one you entered."
            if chosen is not None and chosen != kept:
                field.required = name in self.needed_for(chosen) and name != "password"

    def needed_for(self, way: str) -> tuple[str, ...]:
        """Return the credentials that a way to sign in takes."""
        return self.NEEDS.get(way, ("key",))

    def entered(self) -> dict[str, str]:
        """Return the credentials that were typed for the chosen way."""
        names = self.needed_for(self.cleaned_data["sign_in"])
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}


class NameForm(TenantForm[Connection]):
    """The name of a connection."""

    class Meta:
        model = Connection
        fields = ["name"]


class ConnectionForms:
    """The page that edits a connection: name, settings by its kind, and credentials, which can only be replaced."""

    def __init__(self, connection: Connection, *, access: Access, data: Mapping[str, Any] | None = None) -> None:
        kind = connection.kind_module
        self.connection = connection
        self.before = kind.address(connection.settings)
        self.name = NameForm(data, instance=connection, access=access)
        self.settings = kind.Settings(data, prefix="settings", initial=connection.settings)
        self.secrets = kind.Secrets(data, prefix="secrets")
        for name, mask in masks_of(connection).items():
            self.secrets.fields[name].help_text = f"Stored: {mask}. Empty keeps it."
        for field in self.secrets.fields.values():
            field.required = False
            field.widget = hidden()

    def all(self) -> list[forms.BaseForm]:
        """Return the forms in the order of the page."""
        return [self.name, self.settings, self.secrets]

    def is_valid(self) -> bool:
        """Say whether everything can be saved."""
        valid = [form.is_valid() for form in self.all()]  # each of them, so that the page shows every error
        if not all(valid):
            return False
        if self.connection.sealed and not self.entered() and self._moves():
            self.secrets.add_error(None, STAYS)
        return self.secrets.is_valid()

    def entered(self) -> dict[str, str]:
        """Return the credentials that are to replace the stored ones."""
        return {name: value for name, value in self.secrets.cleaned_data.items() if value}

    def save(self) -> Connection:
        """Save the connection; new credentials replace the old ones of the same name."""
        connection = self.name.save(commit=False)
        connection.settings = self.settings.cleaned_data
        if self._moves():
            connection.sealed = ""  # what was entered for another address stays behind
        replace_credentials(connection, self.entered())
        connection.save()
        return connection

    def _moves(self) -> bool:
        return origin(self.connection.kind_module.address(self.settings.cleaned_data)) != origin(self.before)


def masks_of(connection: Connection) -> dict[str, str]:
    """Return what may be shown of the stored credentials; nothing where they cannot be opened any more."""
    try:
        return connection.masked()
    except KeyLost:
        return {}


def replace_credentials(connection: Connection, entered: dict[str, str]) -> None:
    """Seal new credentials over the old ones of the same name; the row is not saved."""
    if not entered:
        return
    try:
        kept = connection.unseal()
    except KeyLost:
        kept = {}
    connection.seal({**kept, **entered})


def origin(address: str) -> tuple[str, str]:
    """Return whom an address belongs to: scheme and host with port."""
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()


class FeedRules(ModelForm[Feed]):
    """What makes a feed one that can be asked; shared by the page, the API and the admin."""

    def clean_at_path(self) -> str:
        """Refuse what is no path."""
        return str(Path().clean(self.cleaned_data["at_path"]))

    def clean_at_format(self) -> str:
        """Refuse what is no time format."""
        try:
            times.check_format(self.cleaned_data["at_format"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        return str(self.cleaned_data["at_format"])

    def clean(self) -> dict[str, Any]:
        """Keep a period only where the source is asked for the period so far."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("asks") != Asks.PERIOD:
            cleaned["running_period"] = ""
        elif not cleaned.get("running_period"):
            self.add_error("running_period", "Choose the period whose total the source reports.")
        return cleaned


class FeedForm(FeedRules, TenantForm[Feed]):
    """How often a feed asks, for which stretch of time, and where its rows say their time."""

    every = forms.TypedChoiceField(label="How often", coerce=int)

    class Meta:
        model = Feed
        fields = ["name", "every", "asks", "running_period", "at_path", "at_format", "history_days", "overlap_days"]
        labels = {
            "asks": "It asks for",
            "running_period": "Period",
            "history_days": "History",
            "overlap_days": "Overlap",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(EVERY_CHOICES)
        own = self.instance.every
        extra = [] if own in known else [(own, f"Every {own} minutes")]
        self.fields["every"].choices = [*EVERY_CHOICES, *extra]  # type: ignore[attr-defined]
        self.fields["running_period"].choices = [("", "None"), *RunningPeriod.choices]  # type: ignore[attr-defined]

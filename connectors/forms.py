"""Forms about what is connected already: a connection, its credentials, its feeds."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from connectors import signing, times
from connectors.fields import Path
from connectors.models import Connection, Feed
from connectors.models.feed import EVERY_CHOICES, Asks, RunningPeriod
from connectors.secrets import KeyLost
from organisations.forms import ModelForm, TenantForm
from organisations.wanted import Form

if TYPE_CHECKING:
    from django.forms import BoundField

    from organisations.access import Access

STAYS = _("A stored key does not travel to another address. Enter the key for this one.")
UNTOUCHED = {"autocomplete": "off", "spellcheck": "false"}


def hidden(**attributes: str) -> forms.PasswordInput:
    """Return a control whose value is never sent back to the browser."""
    return forms.PasswordInput(attrs={**UNTOUCHED, "autocomplete": "new-password", **attributes})


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
            self.secrets.fields[name].help_text = gettext("Stored: %(mask)s. Empty keeps it.") % {"mask": mask}
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
            self.secrets.add_error(None, str(STAYS))
        return self.secrets.is_valid()

    def fields(self) -> list[Placed]:
        """Return the fields of name and settings as they stand on the page."""
        return [*placed(self.name), *placed(self.settings)]

    def secret_fields(self) -> list[Placed]:
        """Return the fields of the credentials, each shown with the sign-in that takes it."""
        return placed(self.secrets, chosen_in=self.settings)

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


class KeyForm(Form):
    """New credentials for the sign-in that is chosen; nothing is filled in, and what is left empty stays stored."""

    use_required_attribute = False  # a key alone is required, of user name and password either may stay

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connection = connection
        names = self.names_for(connection)
        for name in names:
            field = deepcopy(connection.kind_module.Secrets.base_fields[name])
            field.widget, field.required = hidden(), len(names) == 1
            field.error_messages["required"] = _("Enter the new key.")
            field.help_text = "" if field.required else _("Empty keeps the stored one.")
            self.fields[name] = field

    @staticmethod
    def names_for(connection: Connection) -> list[str]:
        """Return which credentials a connection signs in with."""
        names = connection.kind_module.Secrets.base_fields
        way = connection.settings.get("sign_in")
        return [name for name in names if way is None or name in signing.TAKES.get(way, names)]

    def clean(self) -> dict[str, Any]:
        """Refuse a form with nothing in it."""
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Enter what is to be replaced."))
        return cleaned

    def save(self) -> None:
        """Seal what was entered over what was stored."""
        replace_credentials(self.connection, {name: value for name, value in self.cleaned_data.items() if value})
        self.connection.save(update_fields=["sealed"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A field on a page; `when` names the control, and `needs` its values, with which the field makes sense."""

    field: BoundField
    when: str = ""
    needs: str = ""

    @property
    def is_preset(self) -> bool:
        """Whether something stands there unless one chooses otherwise, so that nothing is left out."""
        return self.field.field.initial not in (None, "")


CHOSEN = {
    "header_name": ("sign_in", [signing.HEADER]),
    "query_name": ("sign_in", [signing.QUERY]),
    "key": ("sign_in", [way for way, names in signing.TAKES.items() if "key" in names]),
    "user_name": ("sign_in", [signing.BASIC]),
    "password": ("sign_in", [signing.BASIC]),
    "body": ("method", ["POST"]),
    "content_type": ("method", ["POST"]),
    "running_period": ("asks", [Asks.PERIOD.value]),
}


def placed(form: forms.BaseForm, *, chosen_in: forms.BaseForm | None = None) -> list[Placed]:
    """Return a form's fields with the choice that each depends on, made in the same form unless another is given.

    A field with an error depends on nothing, so that the error is seen.
    """
    return [_placed(field, chosen_in or form) for field in form]


def _placed(field: BoundField, chooser: forms.BaseForm) -> Placed:
    name, values = CHOSEN.get(field.name, ("", []))
    if name not in chooser.fields or field.errors:
        return Placed(field=field)
    return Placed(field=field, when=chooser.add_prefix(name), needs=" ".join(values))


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

    WANTED = {
        "connection": _("Choose a connection."),
        "asks": _("Choose what it asks for."),
        "at_format": _("Enter how times are written, such as auto."),
        "history_days": _("Enter a number of days."),
        "overlap_days": _("Enter a number of days."),
    }

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
            self.add_error("running_period", _("Choose the period whose total the source reports."))
        return cleaned


class FeedForm(FeedRules, TenantForm[Feed]):
    """How often a feed asks, for which stretch of time, and where its rows say their time."""

    WANTED = {"every": _("Choose how often it asks.")}

    every = forms.TypedChoiceField(label=_("How often"), coerce=int)

    class Meta:
        model = Feed
        fields = ["name", "every", "asks", "running_period", "at_path", "at_format", "history_days", "overlap_days"]
        labels = {
            "asks": _("It asks for"),
            "running_period": _("Period"),
            "history_days": _("History"),
            "overlap_days": _("Overlap"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(EVERY_CHOICES)
        own = self.instance.every
        words = ngettext("Every %(minutes)s minute", "Every %(minutes)s minutes", own) % {"minutes": own}
        extra = [] if own in known else [(own, words)]
        self.fields["every"].choices = [*EVERY_CHOICES, *extra]  # type: ignore[attr-defined]
        self.fields["running_period"].choices = [("", pgettext_lazy("period", "None")), *RunningPeriod.choices]  # type: ignore[attr-defined]

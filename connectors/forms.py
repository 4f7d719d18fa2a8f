"""Forms about what is connected already: a connection, its credentials, its feeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from connectors import answers, gateways, naming, signing
from connectors.addressing import origin as origin
from connectors.answers import paging
from connectors.fields import HiddenText
from connectors.models import Connection
from connectors.models.feed import Asks, Timing
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


def hidden_for(field: forms.Field) -> forms.PasswordInput:
    """Return such a control for a secret, of several lines where the secret has them."""
    return HiddenText() if isinstance(field.widget, HiddenText) else hidden()


CARE = [
    "gateway", "calls_limit", "calls_per", "most_at_once", "daily_quota",
    "keep_calls_days", "samples", "redacted_names",
]  # fmt: skip


class NameForm(TenantForm[Connection]):
    """The name of a connection."""

    class Meta:
        model = Connection
        fields = ["name"]


class KeepsWhatIsLeftOut:
    """A model form of which some fields may be left empty: they stay as they are, or as they are at first."""

    STAY: ClassVar[Sequence[str]] = ()
    fields: dict[str, forms.Field]
    instance: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self._staying():
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Fill in what was left empty."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data  # type: ignore[misc,attr-defined]  # a model form
        for name in self._staying():
            if cleaned.get(name, "") in (None, ""):
                cleaned[name] = getattr(self.instance, name)
        return cleaned

    def _staying(self) -> list[str]:
        return [name for name in self.STAY if name in self.fields]  # whoever may only look has no fields


class CareRules(KeepsWhatIsLeftOut, ModelForm[Connection]):
    """How a connection may be called, and what is logged of it; shared by the page, the API and the admin."""

    STAY = ("calls_per", "keep_calls_days", "samples")
    WANTED = {
        "calls_per": _("Choose in what time so many calls are taken."),
        "samples": _("Choose which answers are kept in part."),
    }

    def clean_gateway(self) -> Connection | None:
        """Refuse a gateway that stands behind another, and one for a connection that is a gateway itself."""
        gateway: Connection | None = self.cleaned_data["gateway"]
        if gateway is None:
            return None
        if not gateways.goes_through(gateway.kind_module):
            raise forms.ValidationError(_("Choose a connection that has an address."))
        if gateway.pk == self.instance.pk or gateway.gateway_id is not None:
            raise forms.ValidationError(_("Choose a connection that does not stand behind another."))
        if self.instance.pk and self.instance.behind.exists():
            raise forms.ValidationError(_("Others stand behind this connection, so it cannot stand behind one."))
        return gateway


class CareForm(CareRules, TenantForm[Connection]):
    """How a connection may be called, and what is logged of it."""

    class Meta:
        model = Connection
        fields = CARE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not gateways.goes_through(self.instance.kind_module):
            del self.fields["gateway"]
            return
        offered = self.fields["gateway"].queryset  # type: ignore[attr-defined]  # a choice of rows
        before = offered.filter(kind__in=gateways.kinds_that_go_through(), gateway=None).exclude(pk=self.instance.pk)
        self.fields["gateway"].queryset = before  # type: ignore[attr-defined]
        self.fields["gateway"].empty_label = pgettext_lazy("gateway", "None")  # type: ignore[attr-defined]


class ConnectionForms:
    """The page that edits a connection: name, settings by its kind, and credentials, which can only be replaced."""

    def __init__(self, connection: Connection, *, access: Access, data: Mapping[str, Any] | None = None) -> None:
        kind = connection.kind_module
        self.connection = connection
        self.before = gateways.origins_of(connection)
        self.keyless: list[str] = []  # connections behind this one whose credentials did not travel along
        self.name = NameForm(data, instance=connection, access=access)
        self.care = CareForm(data, instance=connection, access=access)
        self.settings = kind.Settings(data, prefix="settings", initial=connection.settings)
        naming.offer(self.settings, access, but=connection)
        self.secrets = kind.Secrets(data, prefix="secrets")
        for name, mask in masks_of(connection).items():
            self.secrets.fields[name].help_text = gettext("Stored: %(mask)s. Empty keeps it.") % {"mask": mask}
        for field in self.secrets.fields.values():
            field.required = False
            field.widget = hidden_for(field)

    def all(self) -> list[forms.BaseForm]:
        """Return the forms in the order of the page."""
        return [self.name, self.settings, self.secrets, self.care]

    def is_valid(self) -> bool:
        """Say whether everything can be saved."""
        valid = [form.is_valid() for form in self.all()]  # each of them, so that the page shows every error
        if not all(valid):
            return False
        for name, sentence in self._refusals():
            form = self.care if name in self.care.fields else self.settings
            form.add_error(name if name in form.fields else None, sentence)
        if self.connection.sealed and not self.entered() and self._moves():
            self.secrets.add_error(None, str(STAYS))
        return all(form.is_valid() for form in self.all())

    def fields(self) -> list[Placed]:
        """Return the fields of name and settings as they stand on the page."""
        return [*placed(self.name), *placed(self.settings)]

    def care_fields(self) -> list[Placed]:
        """Return the fields of limits and log."""
        return placed(self.care)

    def secret_fields(self) -> list[Placed]:
        """Return the fields of the credentials, each shown with the sign-in that takes it."""
        return placed(self.secrets, chosen_in=self.settings)

    @property
    def can_have_gateway(self) -> bool:
        """Whether the connection can stand behind a gateway."""
        return "gateway" in self.care.fields

    @property
    def secret_ways(self) -> str:
        """The ways of signing in that take any credentials, apart by blanks."""
        return " ".join(way for way, names in signing.TAKES.items() if names)

    def entered(self) -> dict[str, str]:
        """Return the credentials that are to replace the stored ones."""
        return {name: value for name, value in self.secrets.cleaned_data.items() if value}

    def save(self) -> Connection:
        """Save the connection; new credentials replace the old ones of the same name."""
        connection = self.name.save(commit=False)
        connection.settings = self.settings.cleaned_data
        if self._moves():
            self.keyless = gateways.drop_secrets(connection)
        replace_credentials(connection, self.entered())
        naming.follow(connection)
        connection.save()
        return connection

    def _refusals(self) -> Iterator[tuple[str, str]]:
        kind, settings = self.connection.kind_module, self.settings.cleaned_data
        yield from gateways.refusals(kind, settings, self.connection.gateway)
        yield from gateways.refusals_behind(self.connection, settings)

    def _moves(self) -> bool:
        now = gateways.origins(self.connection.kind_module, self.settings.cleaned_data, self.connection.gateway)
        return bool(now - self.before)


class KeyForm(Form):
    """New credentials for the sign-in that is chosen; nothing is filled in, and what is left empty stays stored."""

    use_required_attribute = False  # a key alone is required, of user name and password either may stay

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connection = connection
        names = self.names_for(connection)
        for name in names:
            field = deepcopy(connection.kind_module.Secrets.base_fields[name])
            field.widget, field.required = hidden_for(field), len(names) == 1
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
    **{name: ("sign_in", signing.ways_with(name)) for name in signing.FIELDS},
    "body": ("method", ["POST"]),
    "content_type": ("method", ["POST"]),
    "lists": ("answer", [answers.FOUND_OUT, answers.XML]),
    "cursor_format": ("cursor_use", [paging.LATEST]),
    "cursor_overlap": ("cursor_use", [paging.LATEST]),
    "pages": ("cursor_use", sorted(paging.OF_NEW)),
    "next": ("cursor_use", sorted(paging.OF_NEW)),
    "running_period": ("asks", [Asks.PERIOD.value]),
    "every": ("timing", [Timing.EVERY.value]),
    "cron": ("timing", [Timing.CRON.value]),
    "ready_by": ("timing", [Timing.READY_BY.value]),
    "lead_minutes": ("timing", [Timing.READY_BY.value, Timing.BEFORE_REPORT.value]),
}


def placed(form: forms.BaseForm, *, chosen_in: forms.BaseForm | None = None) -> list[Placed]:
    """Return a form's fields with the choice that each depends on, made in the same form unless another is given.

    A field with an error depends on nothing, so that the error is seen.
    """
    return [_placed(field, chosen_in or form) for field in form]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """A form's fields, the rarer ones folded away unless one of them is in use."""

    usual: list[Placed]
    rare: list[Placed]

    @property
    def is_open(self) -> bool:
        """Whether one of the rarer ones says something of its own, or is wrong."""
        return any(_is_in_use(each.field) for each in self.rare)


def folded(form: forms.BaseForm) -> Fold:
    """Return a form's fields; its class names the `RARE` ones, if there are such."""
    rare: frozenset[str] = getattr(form, "RARE", frozenset())
    fields = placed(form)
    return Fold(
        usual=[each for each in fields if each.field.name not in rare],
        rare=[each for each in fields if each.field.name in rare],
    )


def _is_in_use(field: BoundField) -> bool:
    usual = field.field.initial
    if usual is None and isinstance(field.field, forms.ChoiceField):
        usual = next(iter(field)).data["value"]
    return bool(field.errors) or str(field.value() or "") not in ("", str(usual or ""))


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

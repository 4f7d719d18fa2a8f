"""What a service asks, as a form; its sentences are in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import registry
from connectors.fields import Address
from connectors.forms import STAYS, UNTOUCHED, hidden, origin
from connectors.services.shapes import Ask, Service, Takes
from organisations.wanted import Form

WANTED = {
    Takes.ADDRESS: gettext_lazy("Enter an address, such as https://api.example.com/visitors."),
    Takes.SECRET: gettext_lazy("Enter the key or token."),
}


class ServiceForm(Form):
    """What a service asks. `said` are earlier answers, `masks` what may be shown of secrets that are under seal."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        service: Service,
        said: Mapping[str, str] | None = None,
        masks: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data)
        self.service, self.said, self.kept = service, dict(said or {}), set(masks or {})
        for name, ask in service.asks.items():
            field = _secret(service, ask) if ask.kind == Takes.SECRET else _field(ask)
            field.label, field.help_text = str(ask.label), str(ask.help)
            field.initial = self.said.get(name, ask.default)
            if ask.kind in WANTED:
                field.error_messages["required"] = WANTED[ask.kind]
            self.fields[name] = field
        self.show_kept(masks or {})

    def show_kept(self, masks: Mapping[str, str]) -> None:
        """Let secrets that are under seal stay where nothing else is entered; they are never shown again."""
        for name, mask in masks.items():
            field = self.fields[name]
            field.required = False
            field.widget.attrs["placeholder"] = mask
            self[name].help_text = field.help_text = _("Empty keeps the one you entered.")

    def clean(self) -> dict[str, Any]:
        """Refuse to send a secret that was entered for one address to another."""
        cleaned = super().clean() or self.cleaned_data
        if self.moves():
            for name in sorted(self.kept - {name for name, value in cleaned.items() if value}):
                self.add_error(name, str(STAYS))
        return cleaned

    def moves(self) -> bool:
        """Say whether an address leads to another service than the one that was entered before."""
        known = (name for name in self._of(Takes.ADDRESS) if self.said.get(name) and self.cleaned_data.get(name))
        return any(origin(self.said[name]) != origin(self.cleaned_data[name]) for name in known)

    def answers(self) -> dict[str, str]:
        """Return what was answered and may be shown again."""
        secret = self._of(Takes.SECRET)
        return {name: str(self.cleaned_data[name]) for name in self.fields if name not in secret}

    def secrets(self) -> dict[str, str]:
        """Return the secrets that were entered."""
        return {name: self.cleaned_data[name] for name in self._of(Takes.SECRET) if self.cleaned_data.get(name)}

    def _of(self, kind: Takes) -> list[str]:
        return [name for name, ask in self.service.asks.items() if ask.kind == kind]


def _secret(service: Service, ask: Ask) -> forms.Field:
    """Return the field of the kind's own form, so that a key of several lines has room; nothing shows it again."""
    field = deepcopy(registry.kind(service.kind).Secrets.base_fields[ask.credential])
    field.required = True
    if type(field.widget) is forms.PasswordInput:
        field.widget = hidden()
    return field


def _field(ask: Ask) -> forms.Field:
    if ask.kind == Takes.ADDRESS:
        return Address(widget=forms.TextInput(attrs={"inputmode": "url", **UNTOUCHED}))
    if ask.kind == Takes.CHOICE:
        return forms.ChoiceField(choices=[(value, str(said)) for value, said in ask.choices.items()])
    return forms.CharField(max_length=200, validators=[_looks_like(ask)], widget=forms.TextInput(attrs={**UNTOUCHED}))


def _looks_like(ask: Ask) -> Any:
    """Return a check that a text looks as the service wants it; so it holds no sign that would lead it astray."""

    def check(text: str) -> None:
        if not re.fullmatch(ask.pattern, text):
            raise ValidationError(_("This should look like %(example)s.") % {"example": ask.example})

    return check

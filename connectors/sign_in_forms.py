"""The second question about a new connection: whether a key is needed, and the key itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import signing
from connectors.fields import HeaderName, Text
from connectors.forms import UNTOUCHED, hidden_for
from connectors.signing.forms import SignInSecrets, SignInSettings

if TYPE_CHECKING:
    from django.forms import BoundField

ENTER_IT = gettext_lazy("Enter it, or choose No.")
COMMON = frozenset(way.SLUG for way in signing.ALL if way.IS_COMMON)


class SignInForm(SignInSecrets, SignInSettings):
    """Whether a key is needed, and the key itself.

    `kept` names the sign-in whose credentials are under seal already, `masks` what may be shown of them.
    """

    WANTED = {
        "sign_in": gettext_lazy("Choose how to sign in, or No."),
        **dict.fromkeys(SignInSecrets.base_fields, ENTER_IT),
    }
    use_required_attribute = False  # what is required depends on the way that is chosen

    address = None  # type: ignore[assignment]  # it was asked for before
    sign_in = forms.ChoiceField(  # type: ignore[assignment]  # here every way is seen at once
        label=gettext_lazy("Sign-in"),
        choices=signing.WITHOUT_STEPS,
        initial=signing.NONE,
        widget=forms.RadioSelect,
    )
    header_name = HeaderName(label=gettext_lazy("Header"), initial="X-API-Key")
    query_name = Text(label=gettext_lazy("Parameter"), initial="api_key", max_length=100)
    user_name = forms.CharField(label=gettext_lazy("User name"), required=False, max_length=500)

    def __init__(self, *args: Any, kept: str = "", masks: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = signing.BY_SLUG.get(str(self.data.get("sign_in"))) if self.is_bound else None
        for name, field in self.fields.items():
            if isinstance(field.widget, forms.TextInput | forms.Textarea):
                field.widget.attrs.update(UNTOUCHED)
            if name not in SignInSecrets.base_fields:
                continue
            if isinstance(field.widget, forms.PasswordInput):
                field.widget = hidden_for(field)
            if name in signing.TAKES.get(kept, ()):
                field.help_text = _("Empty keeps the one you entered.")
                field.widget.attrs["placeholder"] = (masks or {}).get(name, "")
            field.required = chosen is not None and kept != chosen.SLUG and name in chosen.NEEDED

    @property
    def common_ways(self) -> list[Any]:
        """The buttons of the ways that most services take."""
        return [button for button in self["sign_in"] if button.data["value"] in COMMON]

    @property
    def more_ways(self) -> list[Any]:
        """The buttons of all others."""
        return [button for button in self["sign_in"] if button.data["value"] not in COMMON]

    @property
    def opens_more(self) -> bool:
        """Whether one of the others is chosen, so that they are not folded away."""
        return self["sign_in"].value() not in COMMON

    @property
    def of_ways(self) -> list[tuple[BoundField, str, bool]]:
        """The other fields, the ways with which each is shown as classes, and whether one of them needs it."""
        return [(self[name], _classes(name), _is_asked(name)) for name in self.fields if name != "sign_in"]

    def settings(self) -> dict[str, str]:
        """Return the settings of the chosen way."""
        way = signing.BY_SLUG[self.cleaned_data["sign_in"]]
        return {name: self.cleaned_data[name] for name in ("sign_in", *way.SETTINGS)}

    def entered(self) -> dict[str, str]:
        """Return the credentials that were typed for the chosen way."""
        names = signing.TAKES[self.cleaned_data["sign_in"]]
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}


def _classes(name: str) -> str:
    return " ".join(f"for-{way}" for way in signing.ways_with(name))


def _is_asked(name: str) -> bool:
    """Say whether a field is not called optional: some way needs it, or it is filled in from the beginning."""
    known = {**SignInSettings.base_fields, **SignInSecrets.base_fields}[name]
    return any(name in way.NEEDED for way in signing.ALL) or known.initial not in (None, "")

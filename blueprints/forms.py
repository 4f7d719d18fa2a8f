"""What is asked before files are applied: how, the values they leave open, their secrets, and a name to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from blueprints.models import Blueprint
from organisations.languages import grouped
from organisations.roles import Permission
from organisations.wanted import Form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from organisations.access import Access

ANSWER, SECRET = "answer", "secret"  # what the names of their fields begin with
LONGEST = 5000
UNTOUCHED = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


class HowForm(Form):
    """How the files are applied."""

    WANTED = {"file": _("Enter a name for the file, such as growth.yaml.")}

    prune = forms.BooleanField(
        label=_("Remove what the file does not name"),
        required=False,
        help_text=_(
            "A file that manages removes what it managed until now; any other, whatever else stands in its sections. "
            "Samples stay, and so does what another file manages."
        ),
    )
    manages = forms.BooleanField(
        label=_("These files manage what they describe"),
        required=False,
        help_text=_("They are kept, pages say so, and what is changed by hand is told here."),
    )
    file = forms.CharField(
        label=_("Name of the file"),
        required=False,
        max_length=Blueprint._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs=UNTOUCHED),
    )
    locked = forms.BooleanField(
        label=_("Lock: only the file may change it"),
        required=False,
        help_text=_("Nobody changes it by hand until the file is unlocked."),
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not access.may(Permission.MANAGE):
            self.fields["locked"].disabled = True
            self.fields["locked"].help_text = gettext("An owner or admin can lock it.")
            self.initial = {**self.initial, "locked": self._is_locked(access)}

    def _is_locked(self, access: Access) -> bool:
        """Say whether the file is locked as it is kept: who may not lock it may not unlock it either."""
        name = (self.data if self.is_bound else self.initial).get("file", "")
        return access.rows(Blueprint).filter(name=str(name).strip(), is_locked=True).exists()

    def clean(self) -> dict[str, Any]:
        """Ask for a name where the files manage."""
        values = super().clean() or self.cleaned_data
        if values.get("manages") and not values.get("file") and "file" not in self.errors:
            self.add_error("file", str(self.WANTED["file"]))
        return values

    @property
    def managing_file(self) -> str:
        """The name by which the files manage what they describe; empty where they do not."""
        return str(self.cleaned_data.get("file", "")) if self.cleaned_data.get("manages") else ""


class AnswersForm(Form):
    """A field for each value that the files leave open, by its name, with where it stands."""

    def __init__(self, places: Mapping[str, str], data: Mapping[str, Any]) -> None:
        asked = bool(places) and all(f"{ANSWER}-{name}" in data for name in places)
        super().__init__(data if asked else None, prefix=ANSWER)
        for name, place in places.items():
            self.fields[name] = forms.CharField(
                label=name,
                help_text=place,
                max_length=LONGEST,
                initial=data.get(f"{ANSWER}-{name}", ""),
                widget=forms.TextInput(attrs=UNTOUCHED),
                error_messages={"required": gettext("Enter a value.")},
            )


class SecretsForm(Form):
    """A field for each secret that is needed, with what needs it; what is entered never comes back to a page."""

    def __init__(self, places: Mapping[str, str], data: Mapping[str, Any] | None) -> None:
        super().__init__(data, prefix=SECRET)
        for name, place in places.items():
            self.fields[name] = forms.CharField(
                label=name,
                help_text=place,
                max_length=LONGEST,
                strip=False,
                widget=forms.PasswordInput(attrs={**UNTOUCHED, "autocomplete": "new-password"}),
                error_messages={"required": gettext("Enter the secret.")},
            )


class ConfirmForm(Form):
    """Removing asks for the organisation's name, so that nobody does it by a slip."""

    confirm = forms.CharField(label=_("Name of the organisation"), widget=forms.TextInput(attrs=UNTOUCHED))

    def __init__(self, data: Mapping[str, Any] | None, *, name: str, removed: int) -> None:
        super().__init__(data)
        self.expected = name
        asked = ngettext(
            "%(count)s is removed, with everything that came from it. Type “%(name)s” to go on.",
            "%(count)s are removed, with everything that came from them. Type “%(name)s” to go on.",
            removed,
        )
        self.fields["confirm"].help_text = asked % {"name": name, "count": grouped(removed)}
        self.wrong = gettext("This is not its name. Type “%(name)s”.") % {"name": name}
        self.fields["confirm"].error_messages["required"] = self.wrong

    def clean_confirm(self) -> str:
        """Refuse any other name."""
        if self.cleaned_data["confirm"].strip() != self.expected:
            raise forms.ValidationError(self.wrong)
        return self.expected


def given(data: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return what was entered in the fields of a prefix, by the names of the values or secrets."""
    start = f"{prefix}-"
    return {name.removeprefix(start): data[name] for name in data if name.startswith(start) and data[name].strip()}

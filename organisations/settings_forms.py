"""Forms of the settings pages: the organisation itself, its people, its keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organisations.account_forms import CHOOSE_ZONE, zone_choices
from organisations.forms import ModelForm, TenantForm
from organisations.models import WEEKDAYS, ApiKey, Invitation, Membership, Organisation
from organisations.roles import LABELS, Role, grantable_by

if TYPE_CHECKING:
    from organisations.access import Access

EXPLAINED = {
    Role.OWNER: gettext_lazy("Owner: everything, also other owners and the end of the organisation"),
    Role.ADMIN: gettext_lazy("Admin: also people, API keys, reports and settings"),
    Role.EDITOR: gettext_lazy("Editor: also targets, metrics and connections"),
    Role.VIEWER: gettext_lazy("Viewer: sees everything but secrets"),
}
CHOOSE_ROLE = gettext_lazy("Choose a role.")
ENTER_CHANCE = gettext_lazy("Enter a chance in percent, such as 70.")
LASTS = [
    ("30", gettext_lazy("In 30 days")),
    ("90", gettext_lazy("In 90 days")),
    ("365", gettext_lazy("In a year")),
    ("never", gettext_lazy("Never")),
]


def role_choices(access: Access, *, hints: bool = True) -> list[tuple[str, str]]:
    """Return the roles this person may give, strongest first."""
    return [(role.value, str(EXPLAINED[role] if hints else LABELS[role])) for role in grantable_by(access.role)]


class SettingsForm(ModelForm[Organisation]):
    """What an organisation decides for all its targets."""

    WANTED = {
        "language": gettext_lazy("Choose a language."),
        "time_zone": CHOOSE_ZONE,
        "week_starts_on": gettext_lazy("Choose a weekday."),
        "fiscal_year_starts_in": gettext_lazy("Choose a month."),
        "working_days": gettext_lazy("Choose at least one weekday."),
        "on_track_from": ENTER_CHANCE,
        "at_risk_from": ENTER_CHANCE,
    }

    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), help_text=gettext_lazy("Days, weeks and months begin here.")
    )
    working_days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Working days"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Organisation
        fields = [
            "name",
            "language",
            "time_zone",
            "week_starts_on",
            "fiscal_year_starts_in",
            "working_days",
            "on_track_from",
            "at_risk_from",
        ]
        labels = {
            "fiscal_year_starts_in": gettext_lazy("The fiscal year begins in"),
        }
        help_texts = {
            "language": gettext_lazy("Of mails and walls. People choose their own under Account."),
            "on_track_from": gettext_lazy("Chance in percent from which a target is on track."),
            "at_risk_from": gettext_lazy("Chance in percent from which it is at risk; under it, it is behind."),
        }

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "instance": access.organisation})
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)  # noqa: S101  declared above
        zone.choices = zone_choices(access.organisation.time_zone)


class InvitationForm(TenantForm[Invitation]):
    """Whom to ask in, and as what."""

    WANTED = {"role": CHOOSE_ROLE}

    class Meta:
        model = Invitation
        fields = ["email", "role"]

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"), choices=role_choices(access), initial=Role.VIEWER.value
        )

    def validate_constraints(self) -> None:
        """Leave it to `invite`, which knows what to do about an open invitation."""


class RoleForm(TenantForm[Membership]):
    """Another role for a member."""

    WANTED = {"role": CHOOSE_ROLE}

    class Meta:
        model = Membership
        fields = ["role"]

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        self.fields["role"] = forms.ChoiceField(label=_("Role"), choices=role_choices(access, hints=False))


class KeyForm(TenantForm[ApiKey]):
    """A program's key: what it is for, what it may do, how long."""

    WANTED = {"role": CHOOSE_ROLE, "lasts": gettext_lazy("Choose when the key expires.")}

    lasts = forms.ChoiceField(label=gettext_lazy("Expires"), choices=LASTS, initial="365")

    class Meta:
        model = ApiKey
        fields = ["name", "role"]
        help_texts = {"name": gettext_lazy("Which program will use it.")}

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        self.fields["role"] = forms.ChoiceField(
            label=_("Role"), choices=role_choices(access), initial=Role.VIEWER.value
        )

    def expires_at(self, now: datetime) -> datetime | None:
        """Return the moment the key ends; None for never."""
        lasts = self.cleaned_data["lasts"]
        return None if lasts == "never" else now + timedelta(days=int(lasts))

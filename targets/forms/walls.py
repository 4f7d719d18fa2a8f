"""What is asked before a link for a wall is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organisations.forms import TenantForm
from targets.models import Tag, Target, Wall

if TYPE_CHECKING:
    from collections.abc import Iterable

    from organisations.access import Access


class WallForm(TenantForm[Wall]):
    """Where a screen hangs, and which targets it shows."""

    class Meta:
        model = Wall
        fields = ["name", "team", "tag"]
        help_texts = {"name": _("Where the screen hangs."), "team": "", "tag": ""}

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        teams = access.rows(Target).exclude(team="").order_by("team").values_list("team", flat=True).distinct()
        tags = access.rows(Tag).filter(targets__isnull=False).values_list("name", flat=True).distinct()
        self.fields["team"] = _one_of(_("Team"), _("All teams"), teams)
        self.fields["tag"] = _one_of(_("Tag"), _("All tags"), tags)


def _one_of(label: Any, everything: Any, names: Iterable[str]) -> forms.ChoiceField:
    choices = [("", everything), *((name, name) for name in names)]
    return forms.ChoiceField(label=label, required=False, choices=choices)

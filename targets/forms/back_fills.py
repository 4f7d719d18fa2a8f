"""What is asked before a past range is fetched again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organisations.wanted import Form


class BackFillForm(Form):
    """The first and the last day, in the organisation's zone."""

    WANTED = {
        "first_on": _("Enter the first day, such as 2026-01-01."),
        "last_on": _("Enter the last day, such as 2026-03-31."),
    }

    first_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last_on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        """Refuse a range that ends before it begins."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_on"), cleaned.get("last_on")
        if first and last and first > last:
            self.add_error("last_on", _("The last day lies before the first one."))
        return cleaned

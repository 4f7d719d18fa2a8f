"""What is asked before a rule of thumb about calls becomes a target; valid answers are filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organisations.wanted import Form
from targets.call_targets import LONGEST, free_name, name_of, usual_goal
from targets.domain.terms import PeriodKind
from targets.forms.readings import NumberField
from targets.models import Target
from targets.models.target import PERIODS

if TYPE_CHECKING:
    from connectors.models import Connection
    from organisations.access import Access
    from targets.call_targets import Rule


class CallTargetForm(Form):
    """The limit, the period over which it is judged, and a name."""

    WANTED = {
        "goal": gettext_lazy("Enter the value that is not to be passed."),
        "period": gettext_lazy("Choose a period."),
    }

    goal = NumberField(label=gettext_lazy("At most"), min_value=0)
    period = forms.ChoiceField(
        label=gettext_lazy("Period"), choices=[choice for choice in PERIODS if choice[0] != PeriodKind.RANGE]
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST)

    def __init__(self, *args: Any, rule: Rule, connection: Connection, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = access.rows(Target).values_list("name", flat=True)
        self.initial = {
            "goal": usual_goal(rule, connection),
            "period": rule.period.value,
            "name": free_name(name_of(rule, connection), taken=self.names),
        }
        unit = rule.reads.get("unit")
        if unit:
            self.fields["goal"].label = _("At most, in %(unit)s") % {"unit": unit}

    def clean_name(self) -> str:
        """Refuse a name that another target carries."""
        name: str = self.cleaned_data["name"]
        if self.names.filter(name=name).exists():
            raise ValidationError(_("There is another target of this name. Choose another."))
        return name

"""Forms about enrichments: through which connection, what is asked, what may be spent, and what old records become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import registry
from connectors.enriching.acts import Redo
from connectors.enriching.words import price, records
from connectors.forms import KeepsWhatIsLeftOut, folded, placed
from connectors.models import Connection, Enrichment
from connectors.protocol import Enriching, enriches
from organisations.forms import ModelForm, TenantForm
from organisations.wanted import Form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.enriching.acts import Estimate
    from connectors.forms import Fold, Placed
    from organisations.access import Access
    from organisations.tenancy import TenantQuerySet

FIELDS = ["connection", "batch", "daily_calls", "daily_cost"]


def enriching_kinds() -> list[str]:
    """Return the kinds of connections that records can be passed through."""
    return [slug for slug, kind in registry.all_kinds().items() if enriches(kind)]


def services(access: Access) -> TenantQuerySet[Connection]:
    """Return the connections that records can be passed through."""
    return access.rows(Connection).filter(kind__in=enriching_kinds())


class EnrichmentRules(KeepsWhatIsLeftOut, ModelForm[Enrichment]):
    """What makes an enrichment one that can be asked; shared by the page, the API and the admin."""

    STAY = ("batch",)
    WANTED = {"connection": gettext_lazy("Choose the service that is asked.")}

    def clean_connection(self) -> Connection:
        """Refuse a connection that enriches nothing."""
        connection: Connection = self.cleaned_data["connection"]
        if not enriches(connection.kind_module):
            raise forms.ValidationError(_("This kind of connection cannot enrich records. Choose another."))
        return connection

    def refuse_batch(self, query: Mapping[str, Any]) -> None:
        """Refuse several records a call where what is asked has room for one."""
        connection = self.cleaned_data.get("connection") or self.instance.connection
        kind = connection.kind_module
        if enriches(kind) and (self.cleaned_data.get("batch") or 1) > 1 and not kind.takes_several(query):
            self.add_error("batch", _("What is asked has room for one record: put {items} into the body for several."))


class EnrichmentForm(EnrichmentRules, TenantForm[Enrichment]):
    """Through which connection of one kind, how many records a call, and what may be spent in a day."""

    class Meta:
        model = Enrichment
        fields = FIELDS
        labels = {"connection": gettext_lazy("Service")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast("forms.ModelChoiceField[Connection]", self.fields["connection"])
        choice.empty_label = None
        if choice.queryset is not None:
            choice.queryset = choice.queryset.filter(kind=self.instance.connection.kind)


class RedoForm(Form):
    """What becomes of the records that are there already."""

    redo = forms.ChoiceField(label=gettext_lazy("Records that are there"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, estimate: Estimate, redoing: bool, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ChoiceField", self.fields["redo"])
        some = {"records": records(estimate.records)}
        field.choices = [
            *([(Redo.GO_ON.value, _("Go on with those that are being redone"))] if redoing else []),
            (
                Redo.NONE.value,
                _("Leave them as they are (%(records)s): only new ones are asked about like this") % some,
            ),
            (Redo.ALL.value, _all_words(is_new=is_new) % some),
        ]
        field.initial = (Redo.GO_ON if redoing else Redo.NONE).value
        field.help_text = price(estimate)

    def clean_redo(self) -> str:
        """Return what was chosen, or what is usual."""
        return str(self.cleaned_data["redo"] or self.fields["redo"].initial)


def _all_words(*, is_new: bool) -> str:
    if is_new:
        return _("Ask about all of them (%(records)s)")
    return _("Redo all of them (%(records)s): old answers stay until the new ones come")


class EnrichmentForms:
    """The page that sets an enrichment up or changes it: what is asked, by the kind of its connection."""

    def __init__(
        self, enrichment: Enrichment, *, access: Access, estimate: Estimate, data: Mapping[str, Any] | None = None
    ) -> None:
        self.kind = cast("Enriching", enrichment.connection.kind_module)
        self.form = EnrichmentForm(data, instance=enrichment, access=access)
        proposed = {name: _(text) for name, text in self.kind.PROPOSED.items()}
        self.query = self.kind.Enrichment(data, prefix="query", initial=enrichment.query or proposed)
        redoing = enrichment.redo_until is not None
        is_new = enrichment.pk is None
        self.redo = RedoForm(data, estimate=estimate, redoing=redoing, is_new=is_new) if estimate.records else None

    def all(self) -> list[forms.BaseForm]:
        """Return the forms in the order of the page."""
        return [self.form, self.query, *([self.redo] if self.redo else [])]

    def is_valid(self) -> bool:
        """Say whether everything can be saved."""
        valid = [form.is_valid() for form in self.all()]  # each of them, so that the page shows every error
        if all(valid):
            self.form.refuse_batch(self.query.cleaned_data)
        return all(valid) and self.form.is_valid()

    @property
    def wrong(self) -> Any:
        """The first form with something wrong, for the summary above the page."""
        return next((form for form in self.all() if form.errors), self.form)

    @property
    def chosen(self) -> Redo:
        """What becomes of the records that are there."""
        return Redo(self.redo.cleaned_data["redo"]) if self.redo else Redo.NONE

    def fields(self) -> list[Placed]:
        """Return the fields about the service and what may be spent."""
        return placed(self.form)

    def what(self) -> Fold:
        """Return the fields about what is asked."""
        return folded(self.query)

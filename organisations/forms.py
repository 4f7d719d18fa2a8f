"""The base of every form about tenant rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organisations.models import User
from organisations.tenancy import TenantQuerySet
from organisations.wanted import Form, SaysWhatToDo

if TYPE_CHECKING:
    from organisations.access import Access

RowT = TypeVar("RowT", bound="Any")

if TYPE_CHECKING:
    ModelForm = forms.ModelForm
else:

    class ModelForm(SaysWhatToDo, forms.ModelForm):
        """Django's own in our words. It may name its row: the stubs know `ModelForm[Row]`, Django does not."""

        def __class_getitem__(cls, row: object) -> type:
            """Return the form as it is."""
            return cls


def narrow(form: forms.BaseForm, access: Access) -> None:
    """Limit every choice of rows in a form to one organisation; a plain ModelForm would accept another tenant's."""
    for field in form.fields.values():
        if not isinstance(field, forms.ModelChoiceField) or field.queryset is None:
            continue
        if isinstance(field.queryset, TenantQuerySet):
            field.queryset = field.queryset.within(access.organisation)
        elif field.queryset.model is User:
            field.queryset = field.queryset.filter(memberships__organisation=access.organisation)
        else:
            raise TypeError(
                f"{type(form).__name__} offers rows of {field.queryset.model.__name__}, which has no tenant."
            )


class TenantForm(ModelForm[RowT]):
    """A model form whose choices and whose new row stay inside one organisation."""

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access = access
        narrow(self, access)
        if self.instance.pk is None and self.instance.tenant_path == "organisation":
            self.instance.organisation = access.organisation

    def _get_validation_exclusions(self) -> set[str]:
        """Validate within the parent row, or a name taken there would be refused only by the database."""
        parent = self.instance._meta.get_field(self.instance.tenant_path.split("__")[0])
        known = {parent.name} if getattr(self.instance, parent.attname) is not None else set()
        unchecked: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # Django's own, not in the stubs
        return unchecked - known


class DeleteForm(Form):
    """Deleting asks for the name, so that nobody does it by a slip."""

    name = forms.CharField(
        label=gettext_lazy("Name"), widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = name
        self.fields["name"].help_text = _("Type “%(name)s” to delete it.") % {"name": name}
        self.fields["name"].error_messages["required"] = self.fields["name"].help_text

    def clean_name(self) -> str:
        """Refuse any other name."""
        if self.cleaned_data["name"].strip() != self.expected:
            raise forms.ValidationError(_("This is not its name. Type “%(name)s”.") % {"name": self.expected})
        return self.expected

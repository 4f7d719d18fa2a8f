"""Serializers behind which the page's own form stands: API and pages refuse the same things in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.settings import api_settings

from organisations.api import TenantSerializer
from organisations.api_filters import refuse_unknown
from organisations.documents import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from organisations.forms import TenantForm

WHOLE = api_settings.NON_FIELD_ERRORS_KEY


class FormSerializer(TenantSerializer):
    """A serializer whose fields describe and answer, while a form judges what is sent.

    `Meta.form` is a TenantForm. What is not sent keeps its value, or the form's default in a new row. After validation
    `form` stands ready to be saved.
    """

    form: TenantForm[Any]

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return what the form makes of the values. Raises ValidationError with the form's sentences, by field."""
        if not isinstance(data, dict):
            raise serializers.ValidationError({WHOLE: [_("Send one object, with the fields by name.")]})
        refuse_unknown(data, self.fields, "field")
        untouched = self._form()
        sent = {name: value for name, value in data.items() if name in untouched.fields}
        _refuse_other_types(sent, untouched)
        self.form = self._form({**_as_it_is(untouched), **sent})
        if not self.form.is_valid():
            raise serializers.ValidationError(errors_of(self.form))
        return self.form.cleaned_data

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Leave it to the form, which has judged already."""
        return attrs

    def save(self, **kwargs: Any) -> Any:  # noqa: ARG002  the form knows its organisation
        """Save the form's row."""
        self.instance = self.form.save()
        return self.instance

    def _form(self, typed: Mapping[str, Any] | None = None) -> TenantForm[Any]:
        data = None if typed is None else {name: "" if value is None else value for name, value in typed.items()}
        form: TenantForm[Any] = self.Meta.form(data, instance=self.instance, access=self.context["access"])
        return form


def judged(serializer: serializers.BaseSerializer[Any], **more: Any) -> Any:
    """Save what a serializer was given. Raises Refused, the empty name standing for the whole."""
    if not serializer.is_valid():
        errors: Mapping[str, Any] = serializer.errors  # type: ignore[assignment]  # a mapping, unless many are judged
        raise Refused({"" if name == WHOLE else name: _sentences(said) for name, said in errors.items()})
    return serializer.save(**more)


def _sentences(said: Any) -> list[str]:
    return [str(each) for each in (said if isinstance(said, list) else [said])]


def errors_of(form: forms.BaseForm) -> dict[str, list[str]]:
    """Return a form's errors by field, as the API answers them."""
    return {
        WHOLE if name == NON_FIELD_ERRORS else name: [str(message) for message in messages]
        for name, messages in form.errors.items()
    }


def _as_it_is(form: TenantForm[Any]) -> dict[str, Any]:
    """Return the values a form starts from, exactly: as they are shown, long numbers would be rounded."""
    return {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}


def _refuse_other_types(sent: Mapping[str, Any], form: TenantForm[Any]) -> None:
    """Refuse what a form, made for texts, would take for something else: true for 1, "no" for true, 1.5 for an id."""
    errors = {name: [wanted] for name, value in sent.items() if (wanted := _wanted(form.fields[name], value))}
    fixed = {
        name: [str(form.fields[name].help_text) or _("This cannot be changed.")]
        for name, value in sent.items()
        if form.fields[name].disabled and value != form.get_initial_for_field(form.fields[name], name)
    }
    if errors or fixed:
        raise serializers.ValidationError(errors | fixed)


def _wanted(field: forms.Field, value: Any) -> str:
    """Return what should have been sent; nothing where the type is right."""
    if isinstance(field, forms.BooleanField):
        return "" if isinstance(value, bool) else _("Send true or false.")
    if value is None:
        return ""
    if isinstance(field, forms.ModelChoiceField):
        return "" if type(value) is int else _("Send an id, which is a whole number.")
    if isinstance(field, forms.IntegerField):
        return "" if type(value) in (int, float) else _("Send a number, without quotation marks.")
    if isinstance(field, forms.TypedChoiceField):
        return "" if type(value) in (int, str) else _("Send one of the choices.")
    return "" if isinstance(value, str) else _("Send a text, in quotation marks.")

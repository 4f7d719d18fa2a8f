"""Forms and serializers about tenant rows stay inside one organisation, and speak at the right field."""

from __future__ import annotations

import pytest
from django import forms
from django.contrib.sessions.models import Session

from organisations.access import Access
from organisations.forms import ModelForm, TenantForm, narrow
from organisations.models import ApiKey, Membership, User


class PlaceForm(TenantForm[Membership]):
    """A form with a person and a role."""

    class Meta:
        model = Membership
        fields = ["user", "role"]


def test_a_plain_form_would_take_a_foreign_row_and_ours_does_not(access: Access, outsider: User) -> None:
    class Plain(ModelForm[ApiKey]):
        class Meta:
            model = ApiKey
            fields = ["created_by"]

    form = Plain({"created_by": outsider.pk})
    assert form.is_valid()
    form = Plain({"created_by": outsider.pk})
    narrow(form, access)
    assert not form.is_valid()


def test_rows_without_a_tenant_cannot_be_offered(access: Access) -> None:
    class Loose(forms.Form):
        session = forms.ModelChoiceField(Session.objects.all())

    with pytest.raises(TypeError, match="has no tenant"):
        narrow(Loose(), access)


def test_what_is_taken_in_this_organisation_is_said_at_its_field(access: Access, owner: User) -> None:
    form = PlaceForm({"user": owner.pk, "role": "viewer"}, access=access)
    assert not form.is_valid()
    assert form.errors == {"user": ["This is taken already. Choose another."]}


def test_the_same_is_free_in_another_organisation(access: Access, owner: User, elsewhere) -> None:  # type: ignore[no-untyped-def]
    owner.memberships.all().delete()
    elsewhere.memberships.create(user=owner, role="viewer")
    access.organisation.memberships.create(user=User.objects.create_user("second@growth.example"), role="owner")
    form = PlaceForm({"user": owner.pk, "role": "viewer"}, access=access)
    form.fields["user"].queryset = User.objects.all()  # type: ignore[attr-defined]  # of a model choice
    assert form.is_valid()
    assert form.save().organisation == access.organisation

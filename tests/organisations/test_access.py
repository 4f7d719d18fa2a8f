"""Nobody holds a row without naming the organisation."""

from __future__ import annotations

import pytest
from django.http import Http404

from organisations.access import Access, access_for
from organisations.models import Membership, Organisation, User


def test_a_member_has_access_with_their_role(access: Access, owner: User, viewer: User) -> None:
    assert (access.user, access.role) == (owner, "owner")
    assert access_for(viewer, "growth").role == "viewer"


def test_missing_and_foreign_organisations_answer_alike(owner: User, elsewhere: Organisation) -> None:
    for slug in ("elsewhere", "nowhere"):
        with pytest.raises(Http404):
            access_for(owner, slug)


def test_a_row_of_another_organisation_is_not_there(access: Access, outsider: User) -> None:
    foreign = outsider.memberships.get()
    with pytest.raises(Http404):
        access.get(Membership, foreign.pk)
    assert foreign not in access.rows(Membership)

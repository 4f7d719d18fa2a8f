"""Nobody holds a row without naming the organisation."""

from __future__ import annotations

import pytest
from django.http import Http404

from connectors.models import Feed
from organisations.access import Access, access_for
from organisations.models import Membership, Organisation, User
from organisations.tenancy import rows_within


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


def test_of_several_who_try_at_the_same_time_one_wins(outsider: User) -> None:
    mine = Membership.unscoped.filter(pk=outsider.memberships.get().pk, role="owner")
    assert mine.won(role="editor")
    assert not mine.won(role="editor")


def test_rows_chosen_by_those_of_other_tables_are_won_by_nobody(organisation: Organisation) -> None:
    with pytest.raises(ValueError, match="Only columns of the rows themselves"):
        rows_within(organisation, Feed).won(name="Mine")

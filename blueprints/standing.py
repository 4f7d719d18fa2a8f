"""What is there: an organisation's rows as a blueprint would say them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from blueprints.registry import MEMBERS, sections
from organisations.documents import Body, Found

if TYPE_CHECKING:
    from organisations.access import Access

Standing = dict[str, dict[str, Found]]  # by section and name


def standing(access: Access) -> Standing:
    """Return every row of every section, in a constant number of queries."""
    return {name: {found.name: found for found in section.rows(access)} for name, section in sections().items()}


def bodies(there: Standing) -> dict[str, dict[str, Body]]:
    """Return the bodies alone."""
    return {name: {row: found.body for row, found in rows.items()} for name, rows in there.items()}


def members(access: Access) -> Mapping[str, int]:
    """Return the people of the organisation by their addresses."""
    people = access.organisation.memberships.filter(user__is_active=True)
    return {email.lower(): pk for email, pk in people.values_list("user__email", "user_id")}


def people_and(there: Standing, access: Access) -> dict[str, dict[str, int]]:
    """Return the ids of everything that a body can name."""
    ids = {name: {row: found.pk for row, found in rows.items()} for name, rows in there.items()}
    return {**ids, MEMBERS: dict(members(access))}

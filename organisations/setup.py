"""How an organisation begins, and the first account of a fresh installation."""

from __future__ import annotations

import zoneinfo
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import get_language

from organisations.addresses import free_slug
from organisations.models import Organisation, User
from organisations.roles import Role


class AlreadySetUp(Exception):
    """Somebody has made the first account already."""


def is_fresh() -> bool:
    """Say whether nobody has an account yet."""
    return not User.objects.exists()


def found(*, name: str, time_zone: str, owner: User) -> Organisation:
    """Create an organisation under a free address, with its first owner; its mails and walls speak as they read."""
    language = get_language() or settings.LANGUAGE_CODE
    with transaction.atomic():
        _one_at_a_time()
        organisation = Organisation.objects.create(
            name=name, slug=free_slug(name), time_zone=time_zone, language=language
        )
        organisation.memberships.create(user=owner, role=Role.OWNER.value)
    return organisation


def first_account(
    *, organisation: str, name: str, email: str, password: str, time_zone: str
) -> tuple[User, Organisation]:
    """Create the installation's administrator and their organisation. Raises AlreadySetUp when somebody was faster."""
    with transaction.atomic():
        _one_at_a_time()
        if not is_fresh():
            raise AlreadySetUp
        user = User.objects.create_superuser(email, password, name=name)
        return user, found(name=organisation, time_zone=time_zone, owner=user)


def zone_of_this_machine() -> str:
    """Return the time zone the server itself is set to; UTC where it does not say."""
    name = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    return name if name in zoneinfo.available_timezones() else "UTC"


def _one_at_a_time() -> None:
    """Wait until no other transaction founds anything: the lock is on a row that every installation has."""
    ContentType.objects.select_for_update().get(app_label="organisations", model="organisation")

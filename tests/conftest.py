"""What every test stands on: the cast, cheap hashes, and throttles and pretend services that start from nothing."""

from __future__ import annotations

import os

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck
from hypothesis import settings as property_settings
from pytest_django import Settings

from connectors.sandbox import books

pytest_plugins = ["tests.cast"]

# no test is about time: a slow machine must not fail one
property_settings.register_profile(
    "unhurried", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
property_settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    """Hash passwords once instead of a million times."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def fresh_throttles() -> None:
    """Forget what earlier tests counted."""
    cache.clear()


@pytest.fixture(autouse=True)
def fresh_sandbox() -> None:
    """Forget what the pretend services kept for earlier tests."""
    books.forget()


DATABASE_FIXTURES = frozenset({"db", "transactional_db", "live_server", "django_db_serialized_rollback"})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a second database, leave out what touches neither it nor anything outside: it says the same on every one."""
    if "TEST_DATABASE_URL" not in os.environ:
        return
    left_out = [item for item in items if not _touches_the_database(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if _touches_the_database(item)]


def _touches_the_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    marks = ("django_db", "processes", "postgresql", "outside", "thorough")
    return bool(fixtures & DATABASE_FIXTURES) or any(item.get_closest_marker(mark) for mark in marks)

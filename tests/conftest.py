"""What every test stands on: the cast, cheap password hashes, and throttles that start from nothing."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from pytest_django import Settings

pytest_plugins = ["tests.cast"]


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    """Hash passwords once instead of a million times."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def fresh_throttles() -> None:
    """Forget what earlier tests counted."""
    cache.clear()

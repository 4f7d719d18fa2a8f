"""The sample targets: whether they are there, and taking them out again. What they are is a blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.models import Connection
from targets.tags import drop_unused

if TYPE_CHECKING:
    from organisations.access import Access


def exists(access: Access) -> bool:
    """Say whether the samples are there."""
    return access.rows(Connection).filter(is_sample=True).exists()


def remove(access: Access) -> None:
    """Take the samples out again, with everything that hangs on them, and the tags that nothing carries any more."""
    access.rows(Connection).filter(is_sample=True).delete()
    drop_unused(access.organisation)

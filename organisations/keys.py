"""Making a program's key."""

from __future__ import annotations

from datetime import datetime

from organisations.access import Access
from organisations.models import KEY_PREFIX_LENGTH, ApiKey, hash_of, new_token
from organisations.people import require_reach
from organisations.roles import Role

KEY_BEGINS = "wm_"


def new_key(access: Access, *, name: str, role: Role, expires_at: datetime | None) -> tuple[ApiKey, str]:
    """Create a key and return it with its token, which is kept nowhere.

    Raises PermissionDenied for a role beyond one's own.
    """
    require_reach(access, role)
    token = KEY_BEGINS + new_token()
    key = access.organisation.api_keys.create(
        name=name,
        role=role.value,
        prefix=token[:KEY_PREFIX_LENGTH],
        token_hash=hash_of(token),
        created_by=access.user,
        expires_at=expires_at,
    )
    return key, token

"""Signing in with a token that has to be made or fetched first, and is kept until shortly before it runs out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.signing.contract import Sign

if TYPE_CHECKING:
    from connectors.protocol import Call, Token

ACCESS = "access_token"  # under which name the token itself is kept


def with_token(call: Call, obtain: Callable[[Mapping[str, str] | None], Token], *, made_from: Sequence[str]) -> Sign:
    """Return the header with the kept token, or with a new one that `obtain` brings; see `connectors.protocol.Tokens`.

    `made_from` names the settings and secrets that the token hangs on. Whatever comes with it is masked from now on.
    Raises FetchError.
    """
    sign_of_it, fresh = fingerprint(call, made_from), []

    def obtained(before: Mapping[str, str] | None) -> Token:
        token = obtain(before)
        fresh.append(token)
        return token

    values = call.tokens.get(sign_of_it, obtained)
    call.session.hide(*values.values())
    forget = None if fresh else partial(call.tokens.drop, sign_of_it)
    return Sign(headers={"Authorization": f"Bearer {values[ACCESS]}"}, forget=forget)


def fingerprint(call: Call, names: Sequence[str]) -> str:
    """Return what tells whether a token still fits: made of the services, and of settings and secrets by their names.

    It is to be kept like the secrets themselves: a short one could be guessed from it.
    """
    each = [call.settings, *([call.gateway.settings] if call.gateway else [])]
    services = [list(urlsplit(settings["address"])[:2]) for settings in each]
    values = [[name, call.settings.get(name, "") or call.secrets.get(name, "")] for name in names]
    return sha256(json.dumps([call.settings["sign_in"], services, values]).encode()).hexdigest()

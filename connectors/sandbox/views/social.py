"""A pretend social network: `q`, `count`, `since_id`, a key in `X-API-Key`."""

from __future__ import annotations

from connectors.sandbox import keys, social
from connectors.sandbox.limits import Rate
from connectors.sandbox.views.door import Asked, Refusal, Served, key_in, service

RATE = Rate(60, 60)
LONGEST_WORD, LONGEST_NUMBER = 60, 15


@service("social", sign_in=key_in("X-API-Key", keys.SOCIAL), rate=RATE)
def posts(asked: Asked) -> Served:
    """Answer with the posts about a word after `since_id`, oldest first, and with the newest id among them."""
    word = asked.request.GET.get("q", "").strip()
    if not word or len(word) > LONGEST_WORD:
        raise Refusal(400, f"Say in q what the posts are about, in at most {LONGEST_WORD} characters.")
    count = _number(asked, "count", 20)
    if not 1 <= count <= social.MOST_AT_ONCE:
        raise Refusal(400, f"count must be from 1 to {social.MOST_AT_ONCE}.")
    found = social.posts(word, asked.now, since_id=_number(asked, "since_id", 0), count=count)
    newest = found[-1]["id"] if found else None
    document = {"posts": found, "meta": {"newest_id": newest, "count": len(found)}}
    return Served(document=document, ids=[post["id"] for post in found])


def _number(asked: Asked, name: str, usual: int) -> int:
    text = asked.request.GET.get(name, "") or str(usual)
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise Refusal(400, f"{name} must be a whole number.")
    return int(text)

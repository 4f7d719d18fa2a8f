"""Keys and certificates as people paste them (PEM, RFC 7468), line breaks lost on the way put back."""

from __future__ import annotations

import re
import textwrap

BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
WIDTH = 64  # characters of a line (RFC 7468, section 2)


def blocks(text: str) -> list[str]:
    """Return the blocks of a text, each well formed; nothing where there is none.

    A key copied out of a JSON file has its line breaks written as `\\n`, one from a single line has none.
    """
    plain = text.replace("\\r", "").replace("\\n", "\n")
    return [_written(label, "".join(body.split())) for label, body in BLOCK.findall(plain)]


def kind_of(block: str) -> str:
    """Return what a block says it is, such as `PRIVATE KEY`."""
    found = BLOCK.match(block)
    return found[1] if found else ""


def _written(label: str, body: str) -> str:
    lines = textwrap.wrap(body, WIDTH)
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])

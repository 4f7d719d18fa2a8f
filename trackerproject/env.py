"""Reads the environment, once, and refuses what is unsafe outside debug.

Every setting can come from a variable `X`, from a file named by `X_FILE` (container secrets), or from the file `.env`
beside `manage.py`. Run as a program (`python -m trackerproject.env`) it writes such a file with fresh keys.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
ENV_FILE = ROOT / ".env"
SHORTEST_SECRET = 40
KEY_BYTES = 32

env = environ.FileAwareEnv()


def read_env_file() -> None:
    """Read `.env` where there is one; real environment variables win."""
    if ENV_FILE.is_file():
        env.read_env(ENV_FILE)


def var_folder() -> Path:
    """Return the folder of the embedded database and queue, made where it is missing."""
    folder = Path(env("VAR_DIR", default=str(ROOT / "var")))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def secret_key(*, debug: bool) -> str:
    """Return the key that signs sessions and links."""
    key = str(env("SECRET_KEY", default=""))
    if debug and not key:
        return "only-for-debug-" + "0" * SHORTEST_SECRET
    if len(key) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            f"SECRET_KEY must have at least {SHORTEST_SECRET} characters. "
            "`python -m trackerproject.env` writes a good one to .env."
        )
    return key


def encryption_keys(*, debug: bool) -> list[str]:
    """Return the ring that seals credentials, newest first, each `id:base64` of 32 bytes."""
    ring: list[str] = env.list("ENCRYPTION_KEYS", default=[])
    if debug and not ring:
        return ["debug:" + base64.urlsafe_b64encode(b"\0" * KEY_BYTES).decode()]
    if not ring:
        raise ImproperlyConfigured(
            "ENCRYPTION_KEYS is empty. `python -m trackerproject.env` writes a fresh key to .env."
        )
    for entry in ring:
        _checked_key(entry)
    return ring


def _checked_key(entry: str) -> None:
    name, _, text = entry.partition(":")
    try:
        length = len(base64.urlsafe_b64decode(text))
    except ValueError:
        length = 0
    if not name or length != KEY_BYTES:
        raise ImproperlyConfigured(
            "Each of ENCRYPTION_KEYS must read `name:key`, the key being 32 bytes in URL-safe base64."
        )


def site_url() -> str:
    """Return where people reach the product, without a slash at the end; links in mails start with it."""
    url = str(env("SITE_URL", default=f"http://localhost:{env('WEB_PORT', default='8000')}")).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(f"SITE_URL must be an address such as https://targets.example.org, not “{url}”.")
    return url


def names_of_site(url: str) -> list[str]:
    """Return the host names that mean this site; on one's own machine it has two."""
    name = str(urlsplit(url).hostname)
    return ["localhost", "127.0.0.1"] if name in {"localhost", "127.0.0.1"} else [name]


def allowed_hosts(url: str, *, debug: bool) -> list[str]:
    """Return the host names the product answers to."""
    hosts: list[str] = env.list("ALLOWED_HOSTS", default=names_of_site(url))
    if "*" in hosts and not debug:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name hosts; * is for debug only.")
    return hosts


def networks(name: str) -> list[str]:
    """Return a list of networks in CIDR form. Raises ImproperlyConfigured on anything else."""
    texts: list[str] = env.list(name, default=[])
    try:
        return [str(ipaddress.ip_network(text)) for text in texts]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from error


def count(name: str, *, default: int) -> int:
    """Return a whole number from 1 on. Raises ImproperlyConfigured on anything else."""
    text: str = env(name, default=str(default))
    if not text.isdecimal() or int(text) == 0:
        raise ImproperlyConfigured(f"{name} must be a whole number from 1 on, not “{text}”.")
    return int(text)


def queue() -> str:
    """Return the name of the queue at the broker. Raises ImproperlyConfigured on one that not every broker takes."""
    name: str = env("QUEUE", default="waymark")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise ImproperlyConfigured(f"QUEUE must be a name of letters, digits, - and _, not “{name}”.")
    return name


def fresh_env_file() -> str:
    """Return the text of a `.env` for a first installation on this machine."""
    key = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return (
        "# Written once for this installation. Keep it, and keep it secret:\n"
        "# without ENCRYPTION_KEYS stored credentials are lost.\n"
        f"SECRET_KEY={secrets.token_urlsafe(48)}\n"
        f"ENCRYPTION_KEYS=first:{key}\n"
        "SANDBOX=true\n"
    )


def main() -> None:
    """Write `.env` unless there is one."""
    if ENV_FILE.exists():
        return
    ENV_FILE.touch(mode=0o600)
    ENV_FILE.write_text(fresh_env_file())


if __name__ == "__main__":
    main()

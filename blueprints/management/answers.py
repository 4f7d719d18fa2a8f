"""What is filled into open values: from the environment or, where it is no secret, from the command line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from django.core.management.base import CommandError

from organisations.documents.shapes import nearest

# of the installation itself: a file from elsewhere could have them sent to an address of its own
OF_THE_INSTALLATION = {
    "BROKER_URL",
    "CACHE_URL",
    "DATABASE_URL",
    "EMAIL_URL",
    "ENCRYPTION_KEYS",
    "OUTBOUND_PROXY",
    "SECRET_KEY",
}
FILE = "_FILE"  # a variable NAME_FILE names a file that holds the value, as with settings


def answers_to(
    *, plain: Collection[str], secret: Collection[str], given: Iterable[str], environment: Mapping[str, str]
) -> dict[str, str]:
    """Return the answers that there are to the names that a file leaves open. Raises CommandError."""
    names = [*plain, *secret]
    _refuse_settings(names)
    from_line = dict(_parted(each) for each in given)
    for name in from_line:
        _refuse_strange(name, plain, secret)
    found = {name: value for name in names if (value := _value(name, environment))}
    return {**found, **from_line}


def _refuse_settings(names: Iterable[str]) -> None:
    for name in names:
        if name.removesuffix(FILE) in OF_THE_INSTALLATION:
            raise CommandError(f"${{{name}}} names a setting of this installation. Give the value another name.")


def _parted(given: str) -> tuple[str, str]:
    name, sign, value = given.partition("=")
    if not sign:
        raise CommandError(f"Write --answer NAME=VALUE, not “{given}”.")
    return name.strip().removeprefix("${").removesuffix("}"), value


def _refuse_strange(name: str, plain: Collection[str], secret: Collection[str]) -> None:
    if name in secret:
        said = "on a command line others could read it. Put it into the environment."
        raise CommandError(f"{name} is a secret: {said}")
    if name not in plain:
        meant = nearest(name, list(plain))
        raise CommandError(f"No file asks for {name}." + (f" Did you mean {meant}?" if meant else ""))


def _value(name: str, environment: Mapping[str, str]) -> str:
    """Return what the environment says; a file is read without the line's end."""
    if environment.get(name):
        return environment[name]
    file = environment.get(name + FILE)
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n") if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name + FILE}: {error}") from None

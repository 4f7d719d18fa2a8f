"""Whatever the apps declare in their `blueprint.py` is a section; sections that are named by others come first."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from organisations.documents import Section

MEMBERS = "members"  # people, by their e-mail addresses: named in bodies, but no section


@cache
def sections() -> dict[str, Section]:
    """Return every section by its name, each after those that its bodies name."""
    declared = {section.name: section for app in _apps() for section in import_module(f"{app}.blueprint").SECTIONS}
    ordered: dict[str, Section] = {}
    for name in declared:
        _place(name, declared, ordered)
    return ordered


def _place(name: str, declared: dict[str, Section], ordered: dict[str, Section]) -> None:
    """Put a section behind those that it names; apps and their files keep their order otherwise."""
    if name in ordered or name not in declared:
        return
    for earlier in declared[name].after:
        _place(earlier, declared, ordered)
    ordered[name] = declared[name]


def _apps() -> list[str]:
    return [config.name for config in apps.get_app_configs() if find_spec(f"{config.name}.blueprint")]

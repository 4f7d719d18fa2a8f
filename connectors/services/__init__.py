"""Well-known services in ready shapes: each is a file in this folder that says what to ask and what it measures.

A new file is a new service; the tests walk the folder.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from connectors.services.filling import cleaned, filled
from connectors.services.reading import BadService, read
from connectors.services.shapes import Service

FOLDER = Path(__file__).parent


@cache
def all_services() -> dict[str, Service]:
    """Return every service by its name, read once. Raises BadService for a file that cannot be used."""
    return {file.stem: checked(file.stem, file.read_text()) for file in sorted(FOLDER.glob("*.yaml"))}


def in_order() -> list[Service]:
    """Return the services by their names."""
    return sorted(all_services().values(), key=lambda service: service.name.casefold())


def checked(slug: str, text: str) -> Service:
    """Return what a file says, tried out with its own examples. Raises BadService."""
    service = read(slug, text)
    try:
        cleaned(filled(service, {name: ask.example for name, ask in service.asks.items()}))
    except ValueError as error:
        raise BadService(f"{slug}: {error}") from None
    return service


__all__ = ["BadService", "Service", "all_services", "checked", "filled", "in_order", "read"]

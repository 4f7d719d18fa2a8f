"""Connections, feeds and enrichments as sections of a blueprint."""

from connectors.blueprint import connections, enrichments, feeds

SECTIONS = [*connections.SECTIONS, *feeds.SECTIONS, *enrichments.SECTIONS]

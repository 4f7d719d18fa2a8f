"""Connections, what is asked of them, and what they answered."""

from connectors.models.call import CallRecord
from connectors.models.connection import Connection
from connectors.models.feed import Collection, Feed

__all__ = ["CallRecord", "Collection", "Connection", "Feed"]

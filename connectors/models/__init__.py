"""Connections, what is asked of them, and what they answered."""

from connectors.models.back_fill import BackFill
from connectors.models.call import CallRecord
from connectors.models.call_hour import CallHour
from connectors.models.connection import Connection
from connectors.models.feed import Collection, Feed
from connectors.models.record import Enrichment, Record
from connectors.models.set_aside import SetAside, ShapeChange
from connectors.models.throttle import Throttle
from connectors.models.token import SignInToken

__all__ = [
    "BackFill",
    "CallHour",
    "CallRecord",
    "Collection",
    "Connection",
    "Enrichment",
    "Feed",
    "Record",
    "SetAside",
    "ShapeChange",
    "SignInToken",
    "Throttle",
]

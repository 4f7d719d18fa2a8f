"""What the log leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import LogRecord

SERVER_ERROR = 500


def refused_in_one_line(record: LogRecord) -> bool:
    """Take the traceback from a request that was refused: nothing is broken, and one line says who asked for what."""
    if getattr(record, "status_code", SERVER_ERROR) < SERVER_ERROR:
        record.exc_info = record.exc_text = None
    return True

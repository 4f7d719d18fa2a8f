"""What stands in the log of the server."""

from __future__ import annotations

import logging
import sys

import pytest

from trackerproject.logs import refused_in_one_line


@pytest.mark.parametrize(("status", "traceback"), [(403, False), (404, False), (500, True)])
def test_only_what_is_broken_brings_its_traceback(status: int, traceback: bool) -> None:
    try:
        raise PermissionError
    except PermissionError:
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Forbidden", None, sys.exc_info())
    record.status_code = status
    assert refused_in_one_line(record)
    assert bool(record.exc_info) == traceback

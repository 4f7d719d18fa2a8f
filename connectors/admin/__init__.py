"""Admin screens of connections, what is asked of them, what they answered, and what was made of it."""

from connectors.admin import back_fills, calls, records, rows, sources, throttles

__all__ = ["back_fills", "calls", "records", "rows", "sources", "throttles"]

"""Pretend services over real HTTP, for a first look and for tests; served under `/sandbox/` where switched on."""

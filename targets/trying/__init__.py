"""Trying a way of reading on the last answer, before it is saved."""

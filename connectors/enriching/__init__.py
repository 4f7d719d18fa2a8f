"""Passing records to a service: what people and programs do about it, and the asking itself."""

"""Addresses of this app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

site: list[URLPattern | URLResolver] = []
pages: list[URLPattern | URLResolver] = []
api_site: list[URLPattern | URLResolver] = []
api: list[URLPattern | URLResolver] = []

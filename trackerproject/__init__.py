"""The wiring of the product: settings, addresses, Celery. Nothing else."""

from trackerproject.celery import app as celery_app

__all__ = ["celery_app"]

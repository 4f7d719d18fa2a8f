"""The Celery application; the broker is only a doorbell, the database holds the truth."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trackerproject.settings")

TRANSPORT_ALIASES["filesystem"] = "trackerproject.doorbell:Transport"

app = Celery("waymark")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["trackerproject"])

"""This app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BlueprintsConfig(AppConfig):
    """Everything as one document: checked, compared, applied, exported."""

    name = "blueprints"
    verbose_name = _("Blueprints")

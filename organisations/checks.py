"""Refuses to start with a model whose rows belong to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from organisations.models import Organisation
from organisations.tenancy import TenantModel

PROJECT_APPS = frozenset({"organisations", "connectors", "targets", "alerts"})
GLOBAL_MODELS = frozenset({"organisations.Organisation", "organisations.User"})


@register(Tags.models)
def every_row_has_an_organisation(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001  the framework's contract
    """Return an error for every project model that leads to no organisation."""
    return [error for model in apps.get_models() if _is_ours(model) for error in judge(model)]


def judge(model: type[models.Model]) -> Iterator[Error]:
    """Yield what is wrong with the way from a model to its organisation."""
    path = getattr(model, "tenant_path", None)
    if not issubclass(model, TenantModel) or not isinstance(path, str):
        yield Error(
            f"{model._meta.label} belongs to no organisation.",
            hint="Derive it from TenantModel and give it a tenant_path, or list it in GLOBAL_MODELS with a reason.",
            obj=model,
            id="organisations.E001",
        )
        return
    if end_of(model, path) is not Organisation:
        hint = "Each step of the path is a foreign key; the last one points to Organisation."
        yield Error(
            f"{model._meta.label}.tenant_path does not reach Organisation.",
            hint=hint,
            obj=model,
            id="organisations.E002",
        )
        return
    parent = model._meta.get_field(path.split("__")[0])
    if parent.null:
        hint = "A row without a parent would belong to nobody: take null=True off the first step of tenant_path."
        yield Error(f"{model._meta.label}.{parent.name} may be empty.", hint=hint, obj=model, id="organisations.E003")


def end_of(model: type[models.Model], path: str) -> type[models.Model] | None:
    """Follow foreign keys along a path and return the model at its end; None where a step is no foreign key."""
    current: type[models.Model] = model
    for name in path.split("__"):
        try:
            step = current._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        if not isinstance(step, models.ForeignKey):
            return None
        current = step.related_model
    return current


def _is_ours(model: type[models.Model]) -> bool:
    return (
        model._meta.app_label in PROJECT_APPS
        and model._meta.label not in GLOBAL_MODELS
        and not model._meta.auto_created
    )

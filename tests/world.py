"""A world for tests that walk everything: one row of every tenant model, with one word in each of its texts."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from organisations.models import Membership, Organisation, User
from organisations.tenancy import TenantModel
from targets.judging import judge_target
from targets.models import Target

GIVEN: dict[str, Any] = {
    "connectors.Connection.kind": "push",
    "connectors.Connection.sealed": "",
    "connectors.Connection.gateway": None,
    "connectors.SignInToken.sealed": "",
    "targets.Target.time_zone": "",
    "targets.Metric.rollup_zone": "",
    "targets.Metric.value_path": "value",
    "targets.Metric.segment_path": "",
    "targets.Metric.weight_path": "",
    "targets.Metric.row_filter": "",
    "connectors.Feed.at_path": "at",
    "connectors.Feed.cron": "",
    "connectors.Feed.ready_by": None,
    "connectors.Feed.row_filter": "",
    "blueprints.Blueprint.texts": {"growth.yaml": "blueprint: 1\n"},
}


def tenant_models() -> list[type[TenantModel]]:
    """Return every tenant model of the project."""
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


class World:
    """Everything an organisation can hold, with `word` in every text that takes any."""

    def __init__(self, organisation: Organisation, person: User, word: str) -> None:
        self.organisation, self.person, self.word, self.now = organisation, person, word, timezone.now()
        self.rows: dict[type[TenantModel], TenantModel] = {}
        for model in tenant_models():
            self.row(model)

    def row(self, model: type[TenantModel]) -> TenantModel:
        """Return the organisation's row of a model, made when first asked for, and its parents with it."""
        if model not in self.rows:
            values = {field.name: self._value(field) for field in model._meta.concrete_fields if self._is_filled(field)}
            self.rows[model] = self._known(model) or model.unscoped.create(**values)
            if model is Target:
                judge_target(self.rows[model].pk, self.now)
                self.rows[model].refresh_from_db()
        return self.rows[model]

    def _known(self, model: type[TenantModel]) -> TenantModel | None:
        """Return a row that came with others: the person's own place, or what the judgement of the target wrote."""
        rows: Any = model.unscoped.within(self.organisation)
        found: TenantModel | None = (rows.filter(user=self.person) if model is Membership else rows).first()
        return found

    @property
    def keys(self) -> dict[str, int]:
        """The keys of the rows by the name of their model."""
        return {str(model._meta.model_name): row.pk for model, row in self.rows.items()}

    def admin_key(self, model: type[models.Model]) -> int | None:
        """Return the key of the world's row of any model of ours; None for models that are not."""
        if issubclass(model, TenantModel):
            return int(self.rows[model].pk)
        return {Organisation: self.organisation.pk, User: self.person.pk}.get(model)

    @cached_property
    def evaluation(self) -> Any:
        """A verdict as it is kept."""
        return getattr(self.row(Target), "evaluation")  # noqa: B009  rows are any tenant model here

    def _is_filled(self, field: Any) -> bool:
        is_number_of_its_own = field.primary_key and not isinstance(field, models.ForeignKey)
        return (
            not is_number_of_its_own
            and not getattr(field, "auto_now_add", False)
            and self._value(field) is not Ellipsis
        )

    def _value(self, field: Any) -> Any:
        key = f"{field.model._meta.label}.{field.name}"
        if key in GIVEN:
            return GIVEN[key]
        if isinstance(field, models.ForeignKey):
            return self._related(field.related_model)
        if isinstance(field, models.JSONField):
            return ... if field.null or field.has_default() else self.evaluation
        if isinstance(field, models.CharField | models.TextField):
            return self._text(field)
        if field.null or field.has_default():
            return ...
        return self._plain(field)

    def _related(self, model: type[models.Model]) -> models.Model:
        if issubclass(model, TenantModel):
            return self.row(model)
        return self.organisation if model is Organisation else self.person

    def _text(self, field: Any) -> Any:
        if field.choices:
            return ... if field.has_default() or field.blank else field.choices[0][0]
        if field.has_default() and field.default:
            return ...
        if isinstance(field, models.EmailField):
            return f"{self.word}@{field.model._meta.model_name}.example"
        return f"{self.word}_{field.model._meta.model_name}_{field.name}"[: field.max_length]

    def _plain(self, field: Any) -> Any:
        if isinstance(field, models.DateTimeField):
            return self.now
        if isinstance(field, models.DateField):
            return self.now.date()
        if isinstance(field, models.TimeField):
            return dt.time(8)
        return 1

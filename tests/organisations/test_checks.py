"""A model whose rows belong to nobody is refused before anything starts."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import models
from django.test.utils import isolate_apps

from organisations.checks import GLOBAL_MODELS, PROJECT_APPS, end_of, every_row_has_an_organisation, judge
from organisations.models import Invitation, Membership, Organisation
from organisations.tenancy import TenantModel


def test_every_model_of_the_project_leads_to_an_organisation() -> None:
    assert every_row_has_an_organisation() == []
    assert (
        {label.split(".")[0] for label in GLOBAL_MODELS}
        <= PROJECT_APPS
        == {"alerts", "connectors", "organisations", "targets"}
    )
    assert all(apps.get_model(label) for label in GLOBAL_MODELS)


def test_a_model_without_a_path_is_refused() -> None:
    assert [error.id for error in judge(Group)] == ["organisations.E001"]


def test_a_path_that_ends_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("user", "role", "nothing"):
        monkeypatch.setattr(Membership, "tenant_path", path)
        assert [error.id for error in judge(Membership)] == ["organisations.E002"]


@isolate_apps("organisations")
def test_a_parent_that_may_be_empty_is_refused() -> None:
    class Loose(TenantModel):
        tenant_path = "organisation"
        organisation = models.ForeignKey(Organisation, models.CASCADE, null=True)

        class Meta:
            app_label = "organisations"

    assert [error.id for error in judge(Loose)] == ["organisations.E003"]


def test_the_check_reports_what_it_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Invitation, "tenant_path", "invited_by")
    assert [error.id for error in every_row_has_an_organisation()] == ["organisations.E002"]


def test_a_path_is_followed_to_its_end() -> None:
    assert end_of(Membership, "organisation") is Organisation

"""The picture of a target over the wire: only for members, and drawn anew only when there is something new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from organisations.models import Organisation, User
from targets import notes
from targets.models import Target
from tests.alerts import factories
from tests.alerts.factories import NOW

ClientOf = Callable[[User], Client]


@pytest.fixture
def target(organisation: Organisation) -> Target:
    return factories.target(organisation)


def address(target: Target) -> str:
    return reverse("target-png", args=[target.organisation.slug, target.pk])


def test_a_member_sees_the_picture(target: Target, viewer: User, client_of: ClientOf) -> None:
    response = client_of(viewer).get(address(target))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")
    assert "private" in response["Cache-Control"]


def test_the_same_picture_is_not_sent_twice(target: Target, viewer: User, client_of: ClientOf) -> None:
    browser = client_of(viewer)
    etag = browser.get(address(target))["ETag"]
    again = browser.get(address(target), headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("change", [{"evaluated_at": NOW + timedelta(hours=1)}, {"version": 2}])
def test_a_new_verdict_is_a_new_picture(
    target: Target, viewer: User, client_of: ClientOf, change: dict[str, object]
) -> None:
    browser = client_of(viewer)
    etag = browser.get(address(target))["ETag"]
    target.organisation.targets.update(**change)
    assert browser.get(address(target), headers={"If-None-Match": etag}).status_code == 200


def test_a_new_note_and_another_language_are_new_pictures(target: Target, viewer: User, client_of: ClientOf) -> None:
    browser = client_of(viewer)
    etag = browser.get(address(target))["ETag"]
    german = browser.get(address(target), headers={"If-None-Match": etag, "Accept-Language": "de"})
    assert german.status_code == 200
    notes.write(target, "The campaign began.", now=NOW)
    assert browser.get(address(target), headers={"If-None-Match": etag}).status_code == 200


def test_a_target_that_was_never_judged_has_no_picture(target: Target, viewer: User, client_of: ClientOf) -> None:
    target.organisation.targets.update(track=None)
    assert client_of(viewer).get(address(target)).status_code == 404


def test_nobody_else_sees_it(target: Target, outsider: User, client_of: ClientOf) -> None:
    assert client_of(outsider).get(address(target)).status_code == 404
    assert Client().get(address(target)).status_code == 302

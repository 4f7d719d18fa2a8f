"""What is unsafe is refused at the start, outside debug, with a sentence that says what to do."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from trackerproject import env

LONG = "x" * 40
GOOD_KEY = "first:" + "A" * 43 + "="


def test_a_fresh_file_holds_what_the_settings_accept(monkeypatch: pytest.MonkeyPatch) -> None:
    written = dict(line.split("=", 1) for line in env.fresh_env_file().splitlines() if not line.startswith("#"))
    for name, value in written.items():
        monkeypatch.setenv(name, value)
    assert env.secret_key(debug=False) == written["SECRET_KEY"]
    assert env.encryption_keys(debug=False) == [written["ENCRYPTION_KEYS"]]


def test_two_fresh_files_differ() -> None:
    assert env.fresh_env_file() != env.fresh_env_file()


@pytest.mark.parametrize("key", ["", "short", "x" * 39])
def test_a_weak_secret_key_is_refused(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(ImproperlyConfigured, match="at least 40 characters"):
        env.secret_key(debug=False)


def test_debug_needs_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.delenv("ENCRYPTION_KEYS")
    assert env.secret_key(debug=True)
    assert env.encryption_keys(debug=True)


@pytest.mark.parametrize(
    ("ring", "says"),
    [
        ("", "ENCRYPTION_KEYS is empty"),
        ("first:short", "32 bytes"),
        (":" + "A" * 43 + "=", "name:key"),
        (GOOD_KEY + ",second:nonsense", "32 bytes"),
    ],
)
def test_a_missing_or_broken_ring_is_refused(monkeypatch: pytest.MonkeyPatch, ring: str, says: str) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", ring)
    with pytest.raises(ImproperlyConfigured, match=says):
        env.encryption_keys(debug=False)


def test_hosts_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "*")
    with pytest.raises(ImproperlyConfigured, match="must name hosts"):
        env.allowed_hosts("https://targets.example.org", debug=False)


@pytest.mark.parametrize("url", ["targets.example.org", "ftp://targets.example.org", "https://"])
def test_an_address_of_the_site_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SITE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="SITE_URL must be an address"):
        env.site_url()


def test_a_network_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTBOUND_ALLOWED_NETWORKS", "10.0.0.0/8,intranet")
    with pytest.raises(ImproperlyConfigured, match="OUTBOUND_ALLOWED_NETWORKS"):
        env.networks("OUTBOUND_ALLOWED_NETWORKS")


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", ""])
def test_a_count_below_one_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("COLLECTING_ROOM", text)
    with pytest.raises(ImproperlyConfigured, match="COLLECTING_ROOM must be a whole number from 1 on"):
        env.count("COLLECTING_ROOM", default=4)


def test_a_count_that_is_not_given_is_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLLECTING_ROOM", raising=False)
    assert env.count("COLLECTING_ROOM", default=4) == 4


def test_a_secret_can_stand_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("secrets") / "key"
    file.write_text(LONG)
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))
    assert env.secret_key(debug=False) == LONG


@pytest.mark.parametrize("name", ["", "growth team", "growth/team", "growth.msg"])
def test_a_queue_that_not_every_broker_takes_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("QUEUE", name)
    with pytest.raises(ImproperlyConfigured, match="QUEUE must be a name of letters, digits"):
        env.queue()


def test_installations_that_share_a_broker_can_have_a_queue_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUEUE", raising=False)
    asks = "from trackerproject.celery import app; print(app.amqp.router.route({}, 'targets.collect')['queue'].name)"
    answers = [_said(asks, QUEUE="growth"), _said(asks)]
    assert answers == ["growth", "waymark"]


def _said(code: str, **environment: str) -> str:
    """Return what a fresh process prints."""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return ran.stdout.strip()

"""A client certificate, shown to a real server that asks for one, and to nobody else."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from connectors import fetching, registry
from connectors.errors import FetchError, Reason
from connectors.fetching import Place, clock_from
from connectors.outbound import ClientCertificate, GuardedSession, Policy, certificates
from connectors.outbound.verdicts import explain
from connectors.signing import certificate_of
from tests.connectors.asking import NOW, error_of, trial
from tests.connectors.outbound.authority import Authority, founded
from tests.connectors.signing.keys import rsa_pair

HOST = "localhost"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return founded(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HTTPServer]:
    """A server that demands a certificate of the authority."""
    folder = tmp_path_factory.mktemp("server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue(HOST, folder))
    context.load_verify_locations(authority.path)
    context.verify_mode = ssl.CERT_REQUIRED
    with HTTPServer(host=HOST, ssl_context=context) as running:
        running.expect_request("/numbers").respond_with_json([{"value": 7}])
        yield running


@pytest.fixture
def shown(authority: Authority, tmp_path: Path) -> dict[str, str]:
    """Return a certificate with its key, as somebody enters both."""
    text = authority.issue("client.example", tmp_path).read_text()
    certificate, begin, key = text.partition("-----BEGIN PRIVATE KEY-----")
    return {"certificate": certificate, "private_key": begin + key}


@pytest.fixture(autouse=True)
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the authority beside the system's."""
    with_ours = Policy(**{**_fields(fetching.policy()), "ca_bundle": str(authority.path), "attempts": 1})
    monkeypatch.setattr("connectors.fetching.policy", lambda: with_ours)


def _fields(known: Policy) -> dict[str, Any]:
    return {name: getattr(known, name) for name in Policy.__dataclass_fields__}


def tried(server: HTTPServer, secrets: dict[str, str], **settings: Any) -> Any:
    return trial(
        server.url_for(""), query={"path": "numbers"}, secrets=secrets, **{"sign_in": "certificate", **settings}
    )


def test_a_certificate_opens_the_door(server: HTTPServer, shown: dict[str, str]) -> None:
    answered = tried(server, shown)
    assert answered.error is None
    assert answered.page.rows == [{"value": 7}]


def test_without_one_the_door_stays_shut(server: HTTPServer) -> None:
    error = error_of(tried(server, {}, sign_in="none"))  # what is said depends on who is quicker to write or to hang up
    assert "client certificate" in error.message


def test_one_of_another_authority_is_not_taken(server: HTTPServer, tmp_path: Path) -> None:
    stranger = founded(tmp_path).issue("client.example", tmp_path).read_text()
    certificate, begin, key = stranger.partition("-----BEGIN PRIVATE KEY-----")
    error = error_of(tried(server, {"certificate": certificate, "private_key": begin + key}))
    assert "client certificate" in error.message


@pytest.mark.parametrize("alert", ["TLSV13_ALERT_CERTIFICATE_REQUIRED", "TLSV1_ALERT_UNKNOWN_CA"])
def test_a_server_that_says_so_is_believed(alert: str) -> None:
    said = ssl.SSLError(1, f"[SSL: {alert}] (_ssl.c:1006)")
    said.reason = alert
    error = explain(said, deadline=5.0)
    assert error.message == "It asks for a client certificate, or does not take the one that is shown."
    assert (error.reason, error.permanent) == (Reason.UNAUTHORISED, True)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda shown: {**shown, "private_key": rsa_pair().private},
        lambda shown: {**shown, "private_key": shown["certificate"]},
        lambda shown: {**shown, "certificate": shown["private_key"]},
        lambda shown: {**shown, "certificate": "no certificate"},
        lambda shown: {**shown, "private_key": shown["private_key"].replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")},
    ],
    ids=["another key", "no key", "no certificate", "nothing", "encrypted"],
)
def test_what_does_not_fit_is_said_before_anything_is_sent(
    server: HTTPServer, shown: dict[str, str], spoil: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    spoiled = spoil(shown)
    error = error_of(tried(server, spoiled))
    assert error.message.startswith("Certificate and private key cannot be used")
    assert not any(line in repr(error) for line in spoiled["private_key"].splitlines() if len(line) > 30)


@pytest.mark.parametrize("missing", ["certificate", "private_key"])
def test_what_was_not_entered_is_asked_for(server: HTTPServer, shown: dict[str, str], missing: str) -> None:
    assert error_of(tried(server, {**shown, missing: ""})).message == "The connection has no key yet. Enter it."


def test_it_is_shown_to_its_own_service_alone(server: HTTPServer, shown: dict[str, str]) -> None:
    chain = certificate_of({"sign_in": "certificate"}, shown)
    assert chain is not None
    certificate = ClientCertificate(chain=chain, address="https://elsewhere.example")
    with (
        GuardedSession(policy=fetching.policy(), now=clock_from(NOW), certificate=certificate) as session,
        pytest.raises(FetchError, match="client certificate"),
    ):
        session.get(server.url_for("/numbers"))


def test_a_gateway_is_shown_the_certificate_of_the_connection_where_it_has_none(
    server: HTTPServer, shown: dict[str, str]
) -> None:
    gateway = Place(kind=registry.kind("http"), settings={"address": server.url_for(""), "sign_in": "none"})
    answered = trial("numbers", secrets=shown, sign_in="certificate", gateway=gateway)
    assert answered.error is None


def test_the_key_is_left_in_no_file(shown: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    certificate = ClientCertificate(chain=certificate_of({"sign_in": "certificate"}, shown) or "", address="https://a")
    certificates.showing(certificate, ca_bundle=None)
    assert list(folder.iterdir()) == []
    monkeypatch.delattr(os, "memfd_create", raising=False)
    modes: list[int] = []
    load = ssl.SSLContext.load_cert_chain

    def noting(context: ssl.SSLContext, path: str, *more: Any) -> None:
        modes.append(Path(path).stat().st_mode & 0o777)
        load(context, path, *more)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", noting)
    certificates.showing(certificate, ca_bundle=None)
    assert modes == [0o600]
    assert list(folder.iterdir()) == []


def test_it_is_not_in_what_is_printed_of_it(shown: dict[str, str]) -> None:
    chain = certificate_of({"sign_in": "certificate"}, shown) or ""
    assert "PRIVATE" not in repr(ClientCertificate(chain=chain, address="https://a"))


def test_other_ways_show_none(shown: dict[str, str]) -> None:
    assert certificate_of({"sign_in": "bearer"}, shown) is None
    assert certificate_of({}, shown) is None
    with pytest.raises(FetchError):
        certificate_of({"sign_in": "certificate"}, {})

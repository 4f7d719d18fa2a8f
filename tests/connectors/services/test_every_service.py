"""Every file in the folder of services: what is asked, how it is signed, and the values that arrive."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.models import Connection, Feed
from connectors.models.feed import Health
from connectors.services import FOLDER, all_services, filled
from connectors.services.shapes import Service, Takes
from organisations.access import Access
from organisations.said import LANGUAGES
from targets import tasks
from targets.models import Metric
from targets.set_up.service_rows import set_up
from tests.connectors.services.answers import ALL, Asked, Known, Points, Talk

KEY = rsa.generate_private_key(65537, 2048)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SLUGS = sorted(file.stem for file in FOLDER.glob("*.yaml"))
TOKEN = {"access_token": "token-of-the-account", "expires_in": 3599, "token_type": "Bearer"}
FEEDS = [(slug, key) for slug in SLUGS for key in all_services()[slug].sources]


class Pretended:
    """Answers as a service does, and keeps what it is asked."""

    def __init__(self, server: HTTPServer, known: Known, talk: Talk) -> None:
        self.requests: list[Request] = []
        self.forms: list[dict[str, str]] = []
        self._token_path = known.account[0] if known.account else ""
        self._answers = chain(talk.answers, repeat(talk.answers[-1]))
        self._headers = chain(talk.headers, repeat({}))
        server.expect_request(re.compile("/.*")).respond_with_handler(self._handle)

    def asked(self, without: dict[str, str]) -> list[Asked]:
        """Return every request, its parameters without those of the sign-in."""
        return [(f"{each.method} {each.path}", _sent(each, without)) for each in self.requests]

    def _handle(self, request: Request) -> Response:
        if request.path == self._token_path:
            self.forms.append(dict(request.form.items()))
            return Response(json.dumps(TOKEN), content_type="application/json")
        self.requests.append(request)
        answer = next(self._answers)
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(text, headers={"Content-Type": "application/json", **next(self._headers)})


def _sent(request: Request, without: dict[str, str]) -> dict[str, Any]:
    if request.method == "POST":
        body: dict[str, Any] = json.loads(request.get_data())
        return body
    return {name: value for name, value in request.args.items(multi=True) if name not in without}


def made(slug: str, server: HTTPServer, access: Access) -> dict[str, Metric]:
    """Create everything of a service; its address is that of the server."""
    service = all_services()[slug]
    answers = {name: ask.example for name, ask in service.asks.items()}
    if ALL[slug].account:
        answers["KEY"] = pem(KEY)
    whole = filled(service, answers, address=server.url_for("/").rstrip("/"))
    metrics = set_up(whole, list(service.measures), access, now=NOW)
    Feed.unscoped.update(history_days=2)
    return dict(zip(service.measures, metrics, strict=True))


def pem(key: RSAPrivateKey) -> str:
    """Return a key as a key file of a service account holds it, its line breaks spelled out."""
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return text.replace("\n", "\\n")


def check_assertion(known: Known, pretended: Pretended) -> None:
    """Check that the account signed for itself, and only once for all calls."""
    assert known.account
    [form] = pretended.forms
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = jwt.decode(
        form["assertion"], KEY.public_key(), ["RS256"], options={"verify_aud": False, "verify_exp": False}
    )
    path, issuer, scope = known.account
    assert (claims["iss"], claims["scope"]) == (issuer, scope)
    assert claims["aud"].endswith(path)
    assert 0 < claims["exp"] - claims["iat"] <= 3600


def points(metric: Metric) -> Points:
    """Return what has arrived, to the minute."""
    rows = metric.observations.order_by("at", "segment")
    return [(row.at.astimezone(UTC).isoformat()[:16], row.segment, row.value) for row in rows]


def rounded(points: Points) -> Points:
    """Return points without the noise of binary fractions."""
    return [(at, segment, round(value, 6)) for at, segment, value in points]


def test_every_service_has_its_answers() -> None:
    assert sorted(ALL) == SLUGS
    for slug, known in ALL.items():
        service = all_services()[slug]
        assert set(known.talks) == set(service.sources)
        assert sorted(chain(*(talk.points for talk in known.talks.values()))) == sorted(service.measures)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("slug", "key"), FEEDS)
def test_it_is_asked_as_documented_and_its_values_arrive(
    slug: str, key: str, httpserver: HTTPServer, access: Access
) -> None:
    known: Known = ALL[slug]
    talk = known.talks[key]
    pretended = Pretended(httpserver, known, talk)
    with time_machine.travel(NOW, tick=False):
        metrics = made(slug, httpserver, access)
        feed = metrics[next(iter(talk.points))].feed
        tasks.collect_at_once(feed.pk, seconds=60)
    feed.refresh_from_db()
    assert feed.health == Health.FRESH, feed.message
    assert pretended.asked(known.signed_by) == talk.asked
    for request in pretended.requests:
        assert {name: request.headers.get(name) for name in known.signed} == known.signed
        assert {name: request.args.get(name) for name in known.signed_by} == known.signed_by
    if known.account:
        check_assertion(known, pretended)
    for name, expected in talk.points.items():
        assert rounded(points(metrics[name])) == rounded(expected), name


@pytest.mark.django_db
@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_created_is_named_limited_and_sealed(slug: str, httpserver: HTTPServer, access: Access) -> None:
    metrics, service = made(slug, httpserver, access), all_services()[slug]
    connection = Connection.unscoped.get()
    assert connection.name.startswith(service.name.split()[0])
    assert {name: getattr(connection, name) for name in service.limits} == service.limits
    assert set(connection.unseal()) == {ask.credential for ask in service.asks.values() if ask.kind == Takes.SECRET}
    assert not any(secret in str(connection.settings) for secret in connection.unseal().values())
    assert len({metric.name for metric in metrics.values()}) == len(service.measures)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_text_is_in_every_language_and_fits_its_place(slug: str) -> None:
    service: Service = all_services()[slug]
    names = [source.name for source in service.sources.values()]
    names += [measure.name for measure in service.measures.values()]
    helps = [ask.help for ask in service.asks.values()] + [each.summary for each in service.measures.values()]
    for said in [*names, *helps, service.summary, *(ask.label for ask in service.asks.values())]:
        assert set(said.texts) == set(LANGUAGES)
        assert all(said.texts.values())
    assert all(len(text) <= 60 for said in names for text in said.texts.values())
    assert all(len(text) <= 20 for each in service.measures.values() for text in each.unit.texts.values())
    assert all(text.endswith(".") for said in helps for text in said.texts.values())
    assert service.documented_at.startswith("https://")

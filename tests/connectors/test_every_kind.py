"""What every file in `connectors/kinds/` must offer: a new kind is tested by existing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django import forms

from connectors import kinds, registry
from connectors.calls.log import NoLog
from connectors.errors import FetchError
from connectors.fetching import policy
from connectors.outbound import GuardedSession
from connectors.protocol import Call, Kind, enriches, is_called
from connectors.tokens import TokensOfATry
from tests.connectors.asking import BERLIN, NOVEMBER, NOW

SLUGS = sorted(path.stem for path in Path(kinds.__path__[0]).glob("*.py") if path.stem != "__init__")
CREDENTIAL = ("key", "token", "password", "secret")
ADDRESSES = {"address": "https://api.example.com/x", "of": "Analytics"}


@pytest.fixture(params=SLUGS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return registry.kind(request.param)


def forms_of(kind: Kind) -> list[type[forms.Form]]:
    return [kind.Settings, kind.Secrets, kind.Query]


def filled(form_class: type[forms.Form], **changes: str) -> forms.Form:
    """Return the form as a page shows it first, with an address where one is asked for."""
    fields = form_class().fields
    given = {name: field.initial for name, field in fields.items() if field.initial is not None}
    return form_class(
        data={**given, **{name: value for name, value in {**ADDRESSES, **changes}.items() if name in fields}}
    )


def test_the_registry_is_what_lies_in_the_folder() -> None:
    assert list(registry.all_kinds()) == SLUGS
    assert [slug for slug, _ in registry.choices()] == SLUGS
    assert {"http", "push"} <= set(SLUGS)
    with pytest.raises(KeyError):
        registry.kind("nothing")


def test_it_says_what_it_is(kind: Kind) -> None:
    assert kind.LABEL
    assert kind.SUMMARY.endswith(".")
    assert isinstance(kind.COLLECTS, bool)
    assert kind.__doc__


def test_it_has_three_forms_with_labels(kind: Kind) -> None:
    for form_class in forms_of(kind):
        assert issubclass(form_class, forms.Form)
        assert form_class.__doc__
        assert all(bound.label for bound in form_class())


def test_its_forms_are_valid_as_they_are_shown_first(kind: Kind) -> None:
    for form_class in forms_of(kind):
        form = filled(form_class)
        assert form.is_valid(), form.errors


def test_only_settings_may_ask_for_something(kind: Kind) -> None:
    assert kind.Secrets(data={}).is_valid()
    assert kind.Query(data={}).is_valid()


def test_what_is_left_out_is_as_it_is_shown_first(kind: Kind) -> None:
    assert kind.Query(data={}).is_valid()
    for form_class in (kind.Settings, kind.Query):
        bare = form_class(data={name: value for name, value in ADDRESSES.items() if name in form_class().fields})
        shown = filled(form_class)
        assert bare.is_valid()
        assert shown.is_valid()
        assert bare.cleaned_data == shown.cleaned_data


def test_what_is_proposed_for_enriching_is_right_but_for_what_only_people_know(kind: Kind) -> None:
    if not enriches(kind):
        return
    form = kind.Enrichment(data={"model": "small", **kind.PROPOSED})
    assert form.is_valid(), form.errors
    stored = json.loads(json.dumps(form.cleaned_data))
    again = kind.Enrichment(data=stored)
    assert again.is_valid()
    assert again.cleaned_data == stored == form.cleaned_data
    assert kind.about(stored, {"text": "Hello"}) == {"text": "Hello"}
    assert all(bound.label for bound in kind.Enrichment())


def test_what_its_forms_return_can_be_stored_as_json_and_cleaned_again(kind: Kind) -> None:
    for form_class in (kind.Settings, kind.Query):
        form = filled(form_class)
        assert form.is_valid()
        stored = json.loads(json.dumps(form.cleaned_data))
        again = form_class(data=stored)
        assert again.is_valid()
        assert again.cleaned_data == stored == form.cleaned_data


def test_no_credential_is_among_what_is_shown(kind: Kind) -> None:
    sealed = set(kind.Secrets().fields)
    for form_class in (kind.Settings, kind.Query):
        assert not sealed & set(form_class().fields)
        assert not [name for name in form_class().fields if name.endswith(CREDENTIAL)]


def test_a_secret_is_not_drawn_into_a_page(kind: Kind) -> None:
    for field in kind.Secrets().fields.values():
        assert isinstance(field.widget, forms.PasswordInput)
        assert field.widget.get_context("key", "planted-secret", {})["widget"]["value"] is None


def test_its_secrets_are_texts(kind: Kind) -> None:
    form = kind.Secrets(data=dict.fromkeys(kind.Secrets().fields, "abc"))
    assert form.is_valid()
    assert all(isinstance(value, str) for value in form.cleaned_data.values())


def test_its_address_never_holds_a_secret_and_survives_old_settings(kind: Kind) -> None:
    assert kind.address({}) == ""
    form = filled(kind.Settings)
    assert form.is_valid()
    assert isinstance(kind.address(form.cleaned_data), str)


def test_fetching_from_nowhere_is_an_empty_page_or_a_fetch_error(kind: Kind) -> None:
    cleaned: list[dict[str, Any]] = []
    for form in (filled(kind.Settings, address="http://127.0.0.1:9/"), filled(kind.Secrets), filled(kind.Query)):
        assert form.is_valid()
        cleaned.append(form.cleaned_data)
    with GuardedSession(policy=policy(), now=lambda: NOW, sleep=lambda _: None) as session:
        call = Call(
            session=session,
            settings=cleaned[0],
            secrets=cleaned[1],
            query=cleaned[2],
            window=NOVEMBER,
            zone=BERLIN,
            tokens=TokensOfATry(),
            calls=NoLog(),
        )
        if not is_called(kind):
            assert kind.fetch(call).rows == []
            return
        with pytest.raises(FetchError):
            kind.fetch(call)

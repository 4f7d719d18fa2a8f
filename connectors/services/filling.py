"""A service with the answers of a person filled in: what is to be created. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from connectors import registry
from connectors.services.reading import OPEN
from connectors.services.shapes import Measure, Service, Source, Takes

Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledSource:
    """What is asked: the query as the kind's form takes it, and the fields of the feed."""

    key: str
    name: str
    query: Mapping[str, str]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledMeasure:
    """A metric: the key of what is asked for it, and its fields."""

    key: str
    source: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A connection with what is asked of it, by the names of their fields; `secrets` by those of the kind."""

    kind: str
    name: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    limits: Mapping[str, int]
    sources: Mapping[str, FilledSource]
    measures: Mapping[str, FilledMeasure]


def filled(service: Service, answers: Answers, *, address: str = "") -> Filled:
    """Return what `answers` make of a service; with `address` all of it is there, its tokens too."""
    settings = _value(dict(service.settings), answers)
    if address:
        settings |= {"address": address}
        if "token_address" in settings:
            settings["token_address"] = f"{address}{urlsplit(settings['token_address']).path}"
    secret = [ask for ask in service.asks.values() if ask.kind == Takes.SECRET]
    return Filled(
        kind=service.kind,
        name=str(_value(service.connection, answers)),
        settings=_as_typed(settings),
        secrets={ask.credential: answers[ask.name] for ask in secret if answers.get(ask.name)},
        limits=dict(service.limits),
        sources={key: _source(source, answers) for key, source in service.sources.items()},
        measures={key: _measure(measure, answers) for key, measure in service.measures.items()},
    )


def cleaned(filled: Filled) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return settings, and queries by their keys, as the kind's forms leave them. Raises ValueError."""
    kind = registry.kind(filled.kind)
    forms = {"settings": kind.Settings(filled.settings)}
    forms |= {key: kind.Query({**source.query}) for key, source in filled.sources.items()}
    wrong = [f"{part}: {form.errors.as_text()}" for part, form in forms.items() if not form.is_valid()]
    if wrong:
        raise ValueError("\n".join(wrong))
    return forms["settings"].cleaned_data, {key: forms[key].cleaned_data for key in filled.sources}


def _source(source: Source, answers: Answers) -> FilledSource:
    query = dict(source.query)
    path = _text(str(query.pop("path", "")), answers, as_part_of_path=True)
    return FilledSource(
        key=source.key,
        name=str(source.name),
        query={"path": path, **_as_typed(_value(query, answers))},
        values=_value(dict(source.values), answers),
    )


def _measure(measure: Measure, answers: Answers) -> FilledMeasure:
    named = {"name": str(measure.name), "unit": str(_value(str(measure.unit), answers))}
    return FilledMeasure(
        key=measure.key, source=measure.source, values={**named, **_value(dict(measure.values), answers)}
    )


def _value(value: Any, answers: Answers) -> Any:
    """Return a value with every open value in it filled."""
    if isinstance(value, dict):
        return {name: _value(part, answers) for name, part in value.items()}
    if isinstance(value, list):
        return [_value(part, answers) for part in value]
    return _text(value, answers) if isinstance(value, str) else value


def _text(text: str, answers: Answers, *, as_part_of_path: bool = False) -> str:
    def answer(name: str) -> str:
        return quote(answers[name], safe="") if as_part_of_path else answers[name]

    return OPEN.sub(lambda found: answer(found[1]), text)


def _as_typed(group: Mapping[str, Any]) -> dict[str, str]:
    """Return a group of fields as somebody would type them: a pair a line, a body as JSON."""
    separators = {"params": "=", "headers": ": "}
    typed = {name: _lines(value, separators[name]) for name, value in group.items() if name in separators}
    if isinstance(group.get("body"), dict | list):
        typed["body"] = json.dumps(group["body"], ensure_ascii=False)
    return {name: typed.get(name, str(value)) for name, value in group.items()}


def _lines(pairs: Mapping[str, Any], separator: str) -> str:
    listed = ((name, value if isinstance(value, list) else [value]) for name, value in pairs.items())
    return "\n".join(f"{name}{separator}{value}" for name, values in listed for value in values)

"""Reads a file about a service and says everything that is wrong with it at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from connectors import registry
from connectors.services.shapes import Ask, Measure, Service, Source, Takes
from organisations.said import LANGUAGES, Said

OPEN = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
OF_A_FILE = {"name", "summary", "documented_at", "kind", "asks", "connection", "feeds", "metrics"}
OF_AN_ASK = {"label", "help", "kind", "example", "default", "pattern", "choices", "credential"}
OF_A_CONNECTION = {"name", "settings", "calls_limit", "calls_per", "most_at_once", "daily_quota"}
LIMITS = OF_A_CONNECTION - {"name", "settings"}
OF_A_FEED = {
    "name", "query", "asks", "running_period", "every", "at_path", "at_format", "history_days", "overlap_days",
    "row_filter", "record_key",
}  # fmt: skip
OF_A_METRIC = {
    "feed", "name", "summary", "unit", "value_path", "segment_path", "value_kind", "decimals", "scale", "row_filter",
    "higher_is_better", "counts_distinct", "missing_is_zero", "number_format", "read_as", "weight_path", "can_fall",
}  # fmt: skip


class BadService(ValueError):
    """A file about a service cannot be used; the message lists why, one line each."""


def read(slug: str, text: str) -> Service:
    """Return what a file says. Raises BadService."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadService(f"{slug}: this is no YAML: {error}") from None
    if not isinstance(document, dict):
        raise BadService(f"{slug}: a service is a mapping of names and values.")
    return _Reader(slug, document).service()


class _Reader:
    """Reads one file, and collects what is wrong with it."""

    def __init__(self, slug: str, document: Mapping[str, Any]) -> None:
        self._slug, self._document = slug, document
        self._wrong: list[str] = []

    def service(self) -> Service:
        """Return the service. Raises BadService."""
        whole = self._fields(self._document, OF_A_FILE, OF_A_FILE, "")
        connection = self._fields(whole.get("connection"), OF_A_CONNECTION, {"name", "settings"}, "connection")
        read = Service(
            slug=self._slug,
            name=str(whole.get("name", "")),
            summary=self._said(whole, "summary", ""),
            documented_at=str(whole.get("documented_at", "")),
            kind=str(whole.get("kind", "")),
            asks={name: self._ask(name, given) for name, given in self._rows(whole, "asks")},
            connection=str(connection.get("name", "")),
            settings=connection.get("settings") or {},
            limits={name: connection[name] for name in sorted(LIMITS & set(connection))},
            sources={key: self._source(key, given) for key, given in self._rows(whole, "feeds")},
            measures={key: self._measure(key, given) for key, given in self._rows(whole, "metrics")},
        )
        self._wrong += _amiss(read)
        if self._wrong:
            raise BadService("\n".join(f"{self._slug}: {line}" for line in self._wrong))
        return read

    def _ask(self, name: str, given: Any) -> Ask:
        path = f"asks.{name}"
        fields = self._fields(given, OF_AN_ASK, {"label", "help", "example"}, path)
        kind = str(fields.get("kind", Takes.TEXT))
        if kind not in set(Takes):
            self._wrong.append(f"{path}.kind: one of {', '.join(Takes)}.")
        texts = {part: str(fields[part]) for part in ("example", "default", "pattern", "credential") if part in fields}
        return Ask(
            name=name,
            label=self._said(fields, "label", path),
            help=self._said(fields, "help", path),
            kind=Takes(kind) if kind in set(Takes) else Takes.TEXT,
            choices={key: self._said(fields["choices"], key, f"{path}.choices") for key in fields.get("choices") or {}},
            **{"example": "", **texts},
        )

    def _source(self, key: str, given: Any) -> Source:
        path = f"feeds.{key}"
        fields = self._fields(given, OF_A_FEED, {"name", "query"}, path)
        values = {name: value for name, value in fields.items() if name not in ("name", "query")}
        return Source(key=key, name=self._said(fields, "name", path), query=fields.get("query") or {}, values=values)

    def _measure(self, key: str, given: Any) -> Measure:
        path = f"metrics.{key}"
        fields = self._fields(given, OF_A_METRIC, {"feed", "name", "summary", "value_kind"}, path)
        apart = ("feed", "name", "summary", "unit")
        return Measure(
            key=key,
            source=str(fields.get("feed", "")),
            name=self._said(fields, "name", path),
            summary=self._said(fields, "summary", path),
            unit=self._said(fields, "unit", path) if "unit" in fields else Said(dict.fromkeys(LANGUAGES, "")),
            values={name: value for name, value in fields.items() if name not in apart},
        )

    def _fields(self, given: Any, known: set[str], needed: set[str], path: str) -> dict[str, Any]:
        if not isinstance(given, dict):
            self._wrong.append(f"{path}: write fields with their values below it.")
            return {}
        at = f"{path}." if path else ""
        self._wrong += [f"{at}{name}: there is no such field." for name in given if name not in known]
        self._wrong += [f"{at}{name}: is missing." for name in sorted(needed - set(given))]
        return given

    def _rows(self, whole: Mapping[str, Any], part: str) -> list[tuple[str, Any]]:
        given = whole.get(part)
        if not isinstance(given, dict):
            self._wrong.append(f"{part}: write names here, with what belongs to each below it.")
            return []
        return [(str(name), below) for name, below in given.items()]

    def _said(self, fields: Mapping[str, Any], part: str, path: str) -> Said:
        """Return a text in every language; one word for all of them may stand alone, such as °C."""
        given = fields.get(part)
        if isinstance(given, str):
            given = dict.fromkeys(LANGUAGES, given)
        if not isinstance(given, dict) or set(given) != set(LANGUAGES):
            self._wrong.append(f"{path}.{part}: write it in every language: {', '.join(LANGUAGES)}.".lstrip("."))
            return Said({})
        return Said({code: str(text).strip() for code, text in given.items()})


def open_values(value: Any) -> set[str]:
    """Return the names of the open values in a value, whatever is in it."""
    if isinstance(value, str):
        return set(OPEN.findall(value))
    if isinstance(value, dict | list):
        return set().union(*(open_values(part) for part in (value.values() if isinstance(value, dict) else value)))
    return set()


def _amiss(service: Service) -> Iterator[str]:
    """Yield what does not fit together."""
    if service.kind not in registry.all_kinds():
        yield f"kind: {service.kind} is none of {', '.join(registry.all_kinds())}."
        return
    yield from _amiss_in_asks(service)
    for key, measure in service.measures.items():
        if measure.source not in service.sources:
            yield f"metrics.{key}.feed: there is no feed {measure.source}."
    if idle := set(service.sources) - {measure.source for measure in service.measures.values()}:
        yield f"feeds: no metric reads {', '.join(sorted(idle))}."


def _amiss_in_asks(service: Service) -> Iterator[str]:
    secret = {name for name, ask in service.asks.items() if ask.kind == Takes.SECRET}
    used = open_values([service.connection, dict(service.settings)]) | _open_in_rows(service)
    for name in sorted(used - set(service.asks)):
        yield f"asks: ${{{name}}} is used and not asked for."
    for name in sorted(set(service.asks) - used - secret):
        yield f"asks.{name}: is asked for and not used."
    for name in sorted(used & secret):
        yield f"asks.{name}: a secret is sent by the sign-in alone."
    for name, ask in service.asks.items():
        yield from _amiss_in_ask(name, ask, registry.kind(service.kind).Secrets.base_fields)


def _amiss_in_ask(name: str, ask: Ask, credentials: Iterable[str]) -> Iterator[str]:
    if ask.kind == Takes.SECRET and ask.credential not in credentials:
        yield f"asks.{name}.credential: one of {', '.join(credentials)}."
    if ask.kind == Takes.TEXT and not re.fullmatch(ask.pattern, ask.example):
        yield f"asks.{name}.example: does not look like its own pattern."
    if (ask.kind == Takes.CHOICE) != bool(ask.choices) or (ask.choices and ask.example not in ask.choices):
        yield f"asks.{name}.choices: a choice has choices, its example among them, and nothing else has."


def _open_in_rows(service: Service) -> set[str]:
    sources = [[dict(source.query), dict(source.values)] for source in service.sources.values()]
    measures = [[dict(measure.unit.texts), dict(measure.values)] for measure in service.measures.values()]
    return open_values([*sources, *measures])

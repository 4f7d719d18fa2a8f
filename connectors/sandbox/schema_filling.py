"""How the pretend language model answers: JSON that fits a schema, computed from a text. Pure.

It is no model. The sentiment is VADER's; what else a schema asks for is taken from the text in a way that is the same
every time: an allowed value that the text names, its first sentence, its longest words, how many words it has.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from typing import Any

from connectors.sandbox import sentiment

DEEPEST = 12  # levels of a schema
SHORTEST_KEYWORD = 4
KEYWORDS = 5
SOUNDS = {"positive": ("positive", "pos", "good", "happy"), "negative": ("negative", "neg", "bad", "unhappy")}
FORMATS = {"date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z", "email": "team@example.com"}

Schema = Mapping[str, Any]


class BadSchema(ValueError):
    """A schema cannot be filled; the message says why."""


def filled(schema: Schema, text: str) -> Any:
    """Return a document that fits a JSON schema. Raises BadSchema."""
    return _Filling(schema, text).of(schema, name="", depth=0)


class _Filling:
    """Fills one schema from one text."""

    def __init__(self, root: Schema, text: str) -> None:
        self._root, self._text = root, text
        self._judged = sentiment.judged(text)

    def of(self, schema: Schema, *, name: str, depth: int) -> Any:
        """Return what fits a part of the schema; `name` is that of the member."""
        if depth > DEEPEST:
            raise BadSchema("The schema is too deep.")
        schema = self._led_to(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._one_of(schema["enum"])
        kind = _kind(schema)
        if kind == "object":
            members = schema.get("properties", {})
            return {key: self.of(part, name=key, depth=depth + 1) for key, part in members.items()}
        if kind == "array":
            return self._list(schema, name=name, depth=depth)
        return self._plain(kind, schema, name)

    def _led_to(self, schema: Schema) -> Schema:
        """Return the schema that a reference or a choice leads to."""
        for _ in range(DEEPEST):
            if "$ref" in schema:
                schema = _at(self._root, schema["$ref"])
            elif choice := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
                schema = next((part for part in choice if part.get("type") != "null"), choice[0])
            else:
                return schema
        raise BadSchema("A reference leads in circles.")

    def _one_of(self, allowed: list[Any]) -> Any:
        sounding = SOUNDS.get(self._judged["label"], ("neutral", "mixed", "unclear", "other"))
        named = [value for value in allowed if str(value).casefold() in self._words()]
        fitting = [value for value in allowed if str(value).casefold() in sounding]
        return (fitting or named or [allowed[zlib.crc32(self._text.encode()) % len(allowed)]])[0]

    def _list(self, schema: Schema, *, name: str, depth: int) -> list[Any]:
        items = self._led_to(schema.get("items") or {"type": "string"})
        fewest, most = schema.get("minItems", 0), schema.get("maxItems", 100)
        if texts := _texts_in(self._text):
            made = [_Filling(self._root, text).of(items, name=name, depth=depth + 1) for text in texts]
        elif _kind(items) == "string" and "enum" not in items:
            made = list(self._keywords())
        else:
            made = [self.of(items, name=name, depth=depth + 1)]
        spare = self.of(items, name=name, depth=depth + 1)
        return (made + [spare] * max(0, fewest - len(made)))[:most]

    def _plain(self, kind: str, schema: Schema, name: str) -> Any:
        if kind == "boolean":
            return self._judged["score"] > 0
        if kind in ("number", "integer"):
            return self._number(schema, name, whole=kind == "integer")
        return None if kind == "null" else self._string(schema, name)

    def _number(self, schema: Schema, name: str, *, whole: bool) -> float | int:
        """Return the score, put between the bounds; without bounds −1 to 1, and for whole numbers the words' count."""
        low, high = schema.get("minimum"), schema.get("maximum")
        if whole and (low is None or high is None):
            counted = len(self._words())
            return max(low or 0, counted) if high is None else min(high, counted)
        low = -1.0 if low is None else low
        high = max(1.0, low + 1) if high is None else high
        share = (self._judged["score"] + 1) / 2
        if "confidence" in name.casefold():
            share = 0.5 + abs(self._judged["score"]) / 2
        number = float(low + (high - low) * share)
        return round(number) if whole else round(number, 4)

    def _string(self, schema: Schema, name: str) -> str:
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]]
        if name.casefold() in ("label", "sentiment", "tone", "mood"):
            return str(self._judged["label"])
        sentence = re.split(r"(?<=[.!?])\s", self._text.strip(), maxsplit=1)[0]
        return sentence[: schema.get("maxLength", 200)].ljust(schema.get("minLength", 0), ".")

    def _words(self) -> list[str]:
        return re.findall(r"\w+", self._text.casefold())

    def _keywords(self) -> list[str]:
        words = dict.fromkeys(word for word in self._words() if len(word) >= SHORTEST_KEYWORD)
        return sorted(words, key=len, reverse=True)[:KEYWORDS]


def _kind(schema: Schema) -> str:
    """Return the type that is filled: of several the first that is not null."""
    kinds = schema.get("type") or ("object" if "properties" in schema else "string")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return str(next((kind for kind in kinds if kind != "null"), "null"))


def _at(root: Schema, reference: str) -> Schema:
    part: Any = root
    for step in reference.removeprefix("#").strip("/").split("/") if reference.strip("#/") else []:
        part = part.get(step) if isinstance(part, dict) else None
    if not isinstance(part, dict) or not reference.startswith("#"):
        raise BadSchema(f"The reference {reference} leads nowhere.")
    return part


def _texts_in(text: str) -> list[str]:
    """Return the texts of a JSON list, or of the list in a JSON object: a batch is answered one by one."""
    try:
        document = json.loads(text)
    except ValueError:
        return []
    if isinstance(document, dict):
        document = next((part for part in document.values() if isinstance(part, list)), [])
    return [str(part) for part in document] if isinstance(document, list) else []

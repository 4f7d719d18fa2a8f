"""A pretend language model behind the addresses that OpenAI made common: it reads messages and answers. Pure."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.sandbox import schema_filling, sentiment

SMALL, LARGE, SLOPPY = "sandbox-small", "sandbox-large", "sandbox-sloppy"
MODELS = (SMALL, LARGE, SLOPPY)
SLOPPY_ONE_IN, HOPELESS_ONE_IN = 3, 12  # texts at which the sloppy model goes wrong, at first and for good
CONTEXT = 8000  # tokens that are read
PIECE = re.compile(r"\w+|[^\w\s]")

Message = Mapping[str, Any]


class BadRequest(ValueError):
    """What is asked cannot be answered; the message says why, `param` where."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says, and what it costs in tokens."""

    text: str
    read: int
    written: int
    finish: str = "stop"


def answered(body: Mapping[str, Any]) -> Answer:
    """Return the answer to a request for a chat completion. Raises BadRequest."""
    messages = _messages(body)
    read = sum(tokens(_text(message)) for message in messages)
    if read > CONTEXT:
        raise BadRequest(f"The messages have {read} tokens; at most {CONTEXT} are read.", "messages")
    text = _said(body, messages)
    most = body.get("max_completion_tokens") or body.get("max_tokens")
    if isinstance(most, int) and tokens(text) > most:
        return Answer(_shortened(text, most), read, most, finish="length")
    return Answer(text, read, tokens(text))


def tokens(text: str) -> int:
    """Return the number of words and signs in a text: what a token is to this model."""
    return len(PIECE.findall(text))


def _messages(body: Mapping[str, Any]) -> list[Message]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(message, dict) for message in messages):
        raise BadRequest("Send a list of messages.", "messages")
    if body.get("stream"):
        raise BadRequest("This model does not stream.", "stream")
    return messages


def _said(body: Mapping[str, Any], messages: Sequence[Message]) -> str:
    asked = next((_text(message) for message in reversed(messages) if message.get("role") == "user"), "")
    wanted = body.get("response_format") or {}
    if wanted.get("type") == "json_object":
        return json.dumps(sentiment.judged(asked))
    if wanted.get("type") != "json_schema":
        judged = sentiment.judged(asked)
        return f"This sounds {judged['label']}; the score is {judged['score']}."
    text = json.dumps(_filled(wanted, _first_asked(messages)), ensure_ascii=False)
    return _sloppily(text, messages) if body.get("model") == SLOPPY else text


def _filled(wanted: Mapping[str, Any], text: str) -> Any:
    schema = (wanted.get("json_schema") or {}).get("schema")
    if not isinstance(schema, dict):
        raise BadRequest("Send the schema under json_schema.schema.", "response_format")
    try:
        return schema_filling.filled(schema, text)
    except (schema_filling.BadSchema, AttributeError, TypeError, KeyError, IndexError) as error:
        raise BadRequest(f"The schema cannot be used: {error}", "response_format") from None


def _first_asked(messages: Sequence[Message]) -> str:
    """Return what was asked first: a request to repair an answer is about the same text."""
    return next((_text(message) for message in messages if message.get("role") == "user"), "")


def _sloppily(text: str, messages: Sequence[Message]) -> str:
    """Spoil an answer, at the same texts every time; whoever shows the model its answer mostly gets a better one."""
    luck = zlib.crc32(_first_asked(messages).encode())
    is_repair = any(message.get("role") == "assistant" for message in messages)
    if luck % (HOPELESS_ONE_IN if is_repair else SLOPPY_ONE_IN):
        return text
    ways = (
        f"Of course! Here is what you asked for:\n\n```json\n{text}\n```\nLet me know if you need more.",
        text[: len(text) * 2 // 3],
        json.dumps({"answer": "It depends."}),
    )
    return ways[luck // HOPELESS_ONE_IN % len(ways)]


def _text(message: Message) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def _shortened(text: str, most: int) -> str:
    ends = [found.end() for found in PIECE.finditer(text)]
    return text[: ends[most - 1]] if most > 0 else ""

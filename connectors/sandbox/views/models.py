"""A pretend gateway to language models, at the addresses that OpenAI made common."""

from __future__ import annotations

import hashlib
from typing import Any

from connectors.sandbox import chat, keys
from connectors.sandbox.limits import Rate
from connectors.sandbox.views.door import Asked, Refusal, Served, json_of, key_in, once, service

RATE = Rate(120, 60)
MADE = 1_767_225_600  # when the models were made, in Unix time
KINDS = {401: "authentication_error", 429: "rate_limit_error"}
CODES = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


def says(status: int, message: str, param: str | None = None) -> dict[str, Any]:
    """Return a refusal in the form that clients of such gateways know."""
    kind = KINDS.get(status, "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": CODES.get(status)}}


signed_in = key_in("Authorization", keys.MODELS, before="Bearer ", says=says)


@service("ai", sign_in=signed_in, rate=RATE, says=says)
def models(asked: Asked) -> Served:  # noqa: ARG001  the shape of a service
    """Answer with the models there are."""
    rows = [{"id": name, "object": "model", "created": MADE, "owned_by": "sandbox"} for name in chat.MODELS]
    return Served(document={"object": "list", "data": rows}, ids=list(chat.MODELS))


@service("ai", methods=("POST",), sign_in=signed_in, rate=RATE, says=says)
def completions(asked: Asked) -> Served:
    """Answer messages; `response_format` with a JSON schema is kept to. Charges the tokens read and written."""
    body = json_of(asked, says)
    if body.get("model") not in chat.MODELS:
        raise Refusal(404, says(404, f"The model {body.get('model')!r} does not exist.", "model"))
    try:
        answer = chat.answered(body)
    except chat.BadRequest as error:
        raise Refusal(400, says(400, str(error), error.param)) from None
    is_first, at = once(asked, "ai")
    number = f"chatcmpl-{hashlib.sha256(asked.request.body).hexdigest()[:20]}"
    document = {
        "id": number,
        "object": "chat.completion",
        "created": int(at.timestamp()),
        "model": body["model"],
        "choices": [_choice(answer)],
        "usage": _usage(answer),
    }
    headers = {} if is_first else {"Idempotent-Replayed": "true"}
    charged = answer.read + answer.written if is_first else 0
    return Served(document=document, ids=[number], charged=charged, headers=headers)


def _choice(answer: chat.Answer) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.text, "refusal": None}
    return {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish}


def _usage(answer: chat.Answer) -> dict[str, int]:
    total = answer.read + answer.written
    return {"prompt_tokens": answer.read, "completion_tokens": answer.written, "total_tokens": total}

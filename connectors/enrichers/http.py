"""Passing records to any HTTP service: what is sent of each, and what of the answer is kept.

A record's values are put into the places that the templates name, and escaped for those places; nothing of a record is
ever read as a template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors import calling, templating
from connectors.calling import Request
from connectors.enrichers.fields import Amount, Named, as_text, names_in, taken
from connectors.errors import Malformed
from connectors.fields import Choice, Lines, Path, RelativePath, Text, pairs
from connectors.paths import look_up
from connectors.problems import Unreadable, problem
from connectors.protocol import Call, Enriched, Item, Row
from organisations.wanted import Form

if TYPE_CHECKING:
    from connectors.outbound import Answer

PROPOSED = {"sends": "text=text", "body": '{"text": "{text}"}'}
KEY, ITEMS = "key", "items"  # placeholders that are always there: the record's key, and all the records of a call
BY_ORDER, BY_KEY = "order", "key"


class Enrichment(Form):
    """What is sent of a record, and what of the answer is kept."""

    RARE = frozenset({"headers", "content_type", "item", "match", "key_path"})

    method = Choice(label=gettext_lazy("Method"), choices=[("POST", "POST"), ("GET", "GET")])
    path = RelativePath(
        label=gettext_lazy("Path"), help_text=gettext_lazy("Follows the connection's address. May hold {…} as below.")
    )
    sends = Named(
        label=gettext_lazy("What is taken of a record"),
        help_text=gettext_lazy(
            "One a line: a name, and where it stands in the record, such as text=text. Then {text} stands for it."
        ),
    )
    params = Lines(
        label=gettext_lazy("Parameters"),
        separator="=",
        help_text=gettext_lazy("One a line, for example text={text}."),
    )
    headers = Lines(
        label=gettext_lazy("Headers"), separator=":", help_text=gettext_lazy("Only for these calls, one a line.")
    )
    body = forms.CharField(
        label=gettext_lazy("Body"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea,
        help_text=gettext_lazy(
            'For example {"text": "{text}"}. For several records a call, "{items}" stands for the list of them.'
        ),
    )
    content_type = Text(label=gettext_lazy("Content type of the body"), initial="application/json", max_length=100)
    item = forms.CharField(
        label=gettext_lazy("One record in {items}"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy('JSON, for example {"id": "{key}", "text": "{text}"}, or "{text}" for a list of texts.'),
    )
    answers = Path(
        label=gettext_lazy("Answers"),
        help_text=gettext_lazy("Where they stand in what comes back, such as results. Empty: the whole of it."),
    )
    match = Choice(
        label=gettext_lazy("Which answer is whose"),
        choices=[
            (BY_ORDER, gettext_lazy("they come in the order of the records")),
            (BY_KEY, gettext_lazy("each says the key of its record")),
        ],
        help_text=gettext_lazy("Only for several records a call."),
    )
    key_path = Path(
        label=gettext_lazy("Key in an answer"), help_text=gettext_lazy("Where an answer says it, such as id.")
    )
    keeps = Named(
        label=gettext_lazy("What is kept of an answer"),
        help_text=gettext_lazy("One a line, such as score=sentiment.score. Empty: all of it."),
    )
    price = Amount(
        label=gettext_lazy("Price of a record"),
        initial=0.0,
        min_value=0.0,
        help_text=gettext_lazy("What one answer costs; 0 where it is free."),
    )
    currency = Text(label=gettext_lazy("Currency"), initial="€", max_length=10)

    def clean(self) -> dict[str, Any]:
        """Refuse templates that cannot be filled, and calls in which nothing of a record is sent."""
        query = super().clean() or {}
        if self.errors:
            return query
        if query["body"] and query["method"] == "GET":
            raise ValidationError({"body": _("A body goes with POST.")})
        used = self._used("body", query) | templating.placeholders(
            "\n".join([query["path"], query["params"], query["headers"]])
        )
        inside = self._used("item", query, is_json=True)
        self._check_items(query, used)
        self._check_names(query, used | inside)
        if query["match"] == BY_KEY and not query["key_path"]:
            raise ValidationError({"key_path": _("Say where an answer says the key of its record.")})
        return query

    def _used(self, name: str, query: Mapping[str, Any], *, is_json: bool = False) -> set[str]:
        """Return the placeholders of a template. Raises ValidationError for broken JSON."""
        text = query[name]
        if not text or not (is_json or templating.is_json(query["content_type"])):
            return templating.placeholders(text)
        try:
            return templating.placeholders_in_json(templating.parse_json(text))
        except ValueError as error:
            raise ValidationError({name: str(error)}) from None

    def _check_items(self, query: Mapping[str, Any], used: set[str]) -> None:
        if ITEMS not in used:
            if query["item"]:
                raise ValidationError({"item": _("The body has no {items}. Put it there, or leave this empty.")})
            return
        if not templating.is_json(query["content_type"]) or f'"{{{ITEMS}}}"' not in query["body"]:
            raise ValidationError({"body": _('Only a JSON body takes several records; write "{items}" for the list.')})
        if not query["item"]:
            raise ValidationError({"item": _("Say how one record is written in the list.")})
        if used & names_in(query["sends"]) or KEY in used:
            raise ValidationError({"body": _("Beside {items}, what is taken of a record stands in the list alone.")})

    def _check_names(self, query: Mapping[str, Any], used: set[str]) -> None:
        for name in sorted(used - names_in(query["sends"]) - {KEY, ITEMS}):
            sentence = _("%(placeholder)s is not taken of a record. Other braces need a space inside.")
            raise ValidationError(sentence % {"placeholder": f"{{{name}}}"})
        if not used:
            raise ValidationError({"sends": _("Nothing of a record is sent. Put {text} or the like somewhere.")})


def about(query: Mapping[str, Any], row: Row) -> Any:
    """Return what is taken of a row. Raises Unreadable."""
    return taken(query.get("sends", ""), row)


def takes_several(query: Mapping[str, Any]) -> bool:
    """Say whether the body holds a list of records."""
    return bool(query.get("item"))


def currency(settings: Mapping[str, Any], query: Mapping[str, Any]) -> str:  # noqa: ARG001  the contract of a kind
    """Return the sign of the money that an answer costs; empty where it is free."""
    return str(query.get("currency", "")) if query.get("price") else ""


def letter(call: Call, items: Sequence[Item]) -> str:
    """Return method, address and body as they would be sent. Raises Malformed for a record that cannot be sent."""
    try:
        request = _request(call, items, key="")
    except ValueError as error:
        raise Malformed(problem("value_cannot_be_sent", why=str(error))) from None
    params = "&".join(f"{name}={value}" for name, value in request.params)
    head = f"{request.method} {request.url}{'?' if params else ''}{params}"
    return f"{head}\n\n{request.body.decode()}" if request.body else head


def enrich(call: Call, items: Sequence[Item], *, key: str) -> list[Enriched]:
    """Ask about records in one call. Raises FetchError where no answer came, or one that cannot be shared out."""
    try:
        request = _request(call, items, key=key)
    except ValueError as error:
        found = problem("value_cannot_be_sent", why=str(error))
        return [Enriched(key=item.key, problem=found) for item in items]
    answer = calling.send(call, request)
    entries = _entries(call.query, answer, items)
    return [_enriched(call.query, item, entry) for item, entry in zip(items, entries, strict=True)]


def _request(call: Call, items: Sequence[Item], *, key: str) -> Request:
    """Return the call about records. Raises ValueError where a value cannot stand in its place."""
    query = call.query
    rows = [{**as_text(about(query, item.row)), KEY: item.key} for item in items]
    values: Mapping[str, Any] = {ITEMS: _listed(query["item"], rows)} if takes_several(query) else rows[0]
    headers = {
        "Accept": "application/json",
        **dict(pairs(call.settings["headers"], separator=":")),
        **_filled_headers(query["headers"], values),
        **({"Idempotency-Key": key} if key else {}),
    }
    body = None
    if query["body"]:
        headers = {"Content-Type": query["content_type"], **headers}
        body = templating.fill_body(query["body"], values, content_type=query["content_type"]).encode()
    return Request(
        method=query["method"],
        url=_url(calling.base(call), templating.fill_path(query["path"], values)),
        params=[
            (name, templating.fill(value, values, escaped=str)) for name, value in pairs(query["params"], separator="=")
        ],
        headers=headers,
        body=body,
        idempotent=True,  # whoever keeps to the key charges once, and without an answer it is asked again anyway
    )


def _listed(template: str, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    document = templating.parse_json(template)
    return [templating.fill_json(document, row) for row in rows]


def _filled_headers(lines: str, values: Mapping[str, Any]) -> dict[str, str]:
    return {name: templating.fill_line(value, values) for name, value in pairs(lines, separator=":")}


def _url(base: str, path: str) -> str:
    parts = urlsplit(base)
    whole = f"{parts.path.rstrip('/')}/{path}" if path else parts.path
    return urlunsplit((parts.scheme, parts.netloc, whole, parts.query, ""))


def _entries(query: Mapping[str, Any], answer: Answer, items: Sequence[Item]) -> list[Any]:
    """Return the answer about each record, None where there is none. Raises Malformed, with what the answers cost."""
    found: Any = None
    try:
        found = look_up(query["answers"])(answer.json())
        return _shared_out(query, found, items) if takes_several(query) else [found]
    except Unreadable as error:
        malformed = Malformed(error.problem, status=answer.status, sample=answer.sample())
        malformed.cost = float(query["price"]) * (len(found) if isinstance(found, list) else 0)
        raise malformed from None


def _shared_out(query: Mapping[str, Any], found: Any, items: Sequence[Item]) -> list[Any]:
    if not isinstance(found, list):
        raise Unreadable(problem("nothing_at_path", path=query["answers"]))
    if query["match"] == BY_KEY:
        by_key = {str(look_up(query["key_path"])(entry)): entry for entry in found}
        return [by_key.get(item.key) for item in items]
    if len(found) != len(items):
        raise Unreadable(problem("answers_other_count", answers=len(found), records=len(items)))
    return found


def _enriched(query: Mapping[str, Any], item: Item, entry: Any) -> Enriched:
    """Return what is kept of one answer. One that came is paid for, whatever is in it."""
    if entry is None:
        return Enriched(key=item.key, problem=problem("no_answer_for_record"))
    cost = float(query["price"])
    try:
        fields = taken(query["keeps"], entry) if query["keeps"] else _whole(entry)
    except Unreadable as error:
        return Enriched(key=item.key, problem=error.problem, cost=cost)
    if all(value is None for value in fields.values()):
        return Enriched(key=item.key, problem=problem("answer_keeps_nothing"), cost=cost)
    return Enriched(key=item.key, fields=fields, cost=cost)


def _whole(entry: Any) -> dict[str, Any]:
    return entry if isinstance(entry, dict) else {"answer": entry}

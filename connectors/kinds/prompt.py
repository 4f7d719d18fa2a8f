"""Any model behind a gateway that speaks OpenAI's chat completions: it enriches records and collects nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from connectors import calling, signing
from connectors.calling import Request
from connectors.enrichers import schema as enrich_schema
from connectors.enrichers.fields import Amount, Named, Whole, names_in
from connectors.enrichers.prompt import AS_JSON, IN_WORDS, STRICT
from connectors.enrichers.prompt import about as about
from connectors.enrichers.prompt import currency as currency
from connectors.enrichers.prompt import enrich as enrich
from connectors.enrichers.prompt import letter as letter
from connectors.enrichers.prompt import takes_several as takes_several
from connectors.fields import Address, Choice, Lines, Text, pairs
from connectors.protocol import Call, Page
from connectors.signing.forms import SignInSecrets, SignInSettings
from connectors.templating import placeholders
from organisations.wanted import Form

LABEL = gettext_lazy("AI model")
SUMMARY = gettext_lazy("Passes records to a model behind any gateway that speaks OpenAI's chat completions.")
COLLECTS = False
PROPOSED = {
    "prompt": gettext_noop("Say how the text in {text} sounds."),
    "sends": "text=text",
    "schema": """\
{
  "type": "object",
  "properties": {
    "label": {"type": "string", "enum": ["positive", "neutral", "negative"]},
    "score": {"type": "number", "minimum": -1, "maximum": 1}
  },
  "required": ["label", "score"],
  "additionalProperties": false
}""",
}


class Settings(SignInSettings):
    """Where the gateway is, how one signs in, and what it costs."""

    WANTED = {"address": gettext_lazy("Enter the address of the gateway, such as https://ai.example.com/v1.")}

    address = Address(
        may_be_path=True,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("What comes before /chat/completions, for example https://ai.example.com/v1."),
    )
    sign_in = Choice(
        label=gettext_lazy("Does it need a key?"),
        choices=sorted(signing.WITHOUT_STEPS, key=lambda way: way[0] != signing.BEARER),  # most do, so it comes first
    )
    headers = Lines(
        label=gettext_lazy("More headers"), separator=":", help_text=gettext_lazy("Sent with every call, one a line.")
    )
    price_in = Amount(
        label=gettext_lazy("Price of a million tokens read"),
        initial=0.0,
        min_value=0.0,
        help_text=gettext_lazy("0 where it is free."),
    )
    price_out = Amount(label=gettext_lazy("Price of a million tokens written"), initial=0.0, min_value=0.0)
    currency = Text(label=gettext_lazy("Currency"), initial="€", max_length=10)


class Secrets(SignInSecrets):
    """What the sign-in needs; the rest stays empty."""


class Query(Form):
    """Nothing to ask: a model brings no rows of its own."""


class Enrichment(Form):
    """What the model is asked about a record, and what its answer has to look like."""

    RARE = frozenset({"system", "schema_as", "most_tokens", "limit_as"})
    WANTED = {
        "model": gettext_lazy("Enter the name of the model."),
        "prompt": gettext_lazy("Say what the model is to find out about a record."),
        "schema": gettext_lazy("Enter the JSON schema of an answer."),
    }

    model = forms.CharField(label=gettext_lazy("Model"), max_length=200)
    prompt = forms.CharField(
        label=gettext_lazy("Prompt"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "What it is to find out. {text} names a field of the record; what stands in it is sent apart, as data."
        ),
    )
    system = forms.CharField(
        label=gettext_lazy("System text"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Whose part the model takes. That records are data and no orders is always said too."),
    )
    sends = Named(
        label=gettext_lazy("What is shown of a record"),
        help_text=gettext_lazy(
            "One a line: a name, and where it stands in the record, such as text=text. Empty: the whole record."
        ),
    )
    schema = forms.CharField(
        label=gettext_lazy("JSON schema of an answer"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy("Answers that do not fit are repaired once, and never kept."),
    )
    schema_as = Choice(
        label=gettext_lazy("The schema is sent"),
        choices=[
            (STRICT, gettext_lazy("as a schema that the gateway enforces")),
            (AS_JSON, gettext_lazy("in words, and the gateway enforces JSON")),
            (IN_WORDS, gettext_lazy("in words alone")),
        ],
    )
    temperature = Amount(
        label=gettext_lazy("Temperature"),
        initial=0.0,
        min_value=0.0,
        max_value=2.0,
        help_text=gettext_lazy("0 answers most alike. 1 is the usual one and is not sent."),
    )
    most_tokens = Whole(label=gettext_lazy("Most tokens of an answer"), initial=500, min_value=1, max_value=100_000)
    limit_as = Choice(
        label=gettext_lazy("That limit is sent as"),
        choices=[("max_tokens", "max_tokens"), ("max_completion_tokens", "max_completion_tokens")],
        help_text=gettext_lazy("Newer models of some makers take the second alone."),
    )

    def clean_schema(self) -> str:
        """Refuse what answers cannot be held against."""
        try:
            enrich_schema.read(self.cleaned_data["schema"])
        except ValueError as error:
            raise ValidationError(str(error)) from None
        return str(self.cleaned_data["schema"])

    def clean(self) -> dict[str, Any]:
        """Refuse a prompt that names fields which the model is not shown."""
        query = super().clean() or {}
        known = names_in(query.get("sends") or "")
        for name in sorted(placeholders(query.get("prompt") or "") - known) if known else []:
            sentence = _("%(placeholder)s is not shown. Other braces need a space inside.")
            self.add_error("prompt", sentence % {"placeholder": f"{{{name}}}"})
        return query


def address(settings: Mapping[str, Any]) -> str:
    """Return the address of the gateway."""
    return str(settings.get("address", ""))


def fetch(call: Call) -> Page:
    """Return the models that the gateway offers, to see whether it answers. Raises FetchError."""
    headers = {"Accept": "application/json", **dict(pairs(call.settings["headers"], separator=":"))}
    answer = calling.send(call, Request(url=f"{calling.base(call).rstrip('/')}/models", headers=headers))
    document = answer.json()
    found = document.get("data") if isinstance(document, dict) else document
    return Page(rows=found if isinstance(found, list) else [], answer=document)

"""The fields that ways of signing in go by: mixed into the forms of every kind that sends through `calling`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.fields import TOKEN, Address, Choice, HeaderName, HiddenText, Text
from connectors.signing import assertions, granting
from connectors.signing.registry import BY_SLUG, CHOICES
from connectors.signing.ways import signed_requests
from organisations.wanted import Form

LONGEST_KEY = 20_000  # characters of a key or a chain of certificates (PEM)
ENTER_ADDRESS = gettext_lazy("Enter an address, such as https://api.example.com.")
LIVES = [
    ("300", gettext_lazy("5 minutes")),
    ("60", gettext_lazy("1 minute")),
    ("900", gettext_lazy("15 minutes")),
    ("3600", gettext_lazy("1 hour")),
    ("86400", gettext_lazy("1 day")),
]
TEXT = "{method}\n{path}\n{query}\n{body_sha256}"


class MaybeHeader(Text):
    """The name of a header; empty for none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 100, "initial": "", **options})

    def clean(self, value: Any) -> str:
        """Return the name."""
        name = str(super().clean(value))
        if name and not TOKEN.fullmatch(name):
            raise ValidationError(_("“%(name)s” is not the name of a header.") % {"name": name})
        return name


class Claims(forms.CharField):
    """Further claims of a token, as a JSON object; empty for none."""

    def __init__(self, **options: Any) -> None:
        usual = {"required": False, "max_length": 5000, "widget": forms.Textarea(attrs={"rows": 3})}
        super().__init__(**{**usual, **options})

    def clean(self, value: Any) -> str:
        """Return the text as it was typed."""
        text = str(super().clean(value))
        try:
            claims = json.loads(text or "{}")
        except ValueError:
            claims = None
        if not isinstance(claims, dict):
            raise ValidationError(_('Write the claims as JSON, for example {"role": "reader"}.'))
        for name in sorted(assertions.OURS & set(claims)):
            raise ValidationError(_("The claim %(name)s has a field of its own. Leave it out here.") % {"name": name})
        return text


class Template(Text):
    """A text in which places such as {path} are filled in."""

    def __init__(self, *, places: frozenset[str], **options: Any) -> None:
        self.places = places
        super().__init__(**{"max_length": 1000, **options})

    def clean(self, value: Any) -> str:
        """Return the text, its lines ended as they are signed."""
        text = re.sub(r"\r\n?", "\n", str(super().clean(value)))
        for name in sorted(set(signed_requests.PLACE.findall(text)) - self.places):
            known = ", ".join(f"{{{place}}}" for place in sorted(self.places))
            sentence = _("%(placeholder)s is not known here, only %(known)s.")
            raise ValidationError(sentence % {"placeholder": f"{{{name}}}", "known": known})
        return text


class SignInSettings(Form):
    """Where a service is and how one signs in."""

    WANTED = {"address": ENTER_ADDRESS}

    address = Address(
        may_be_path=True,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("What all its addresses begin with; behind a gateway what follows the gateway's."),
    )
    sign_in = Choice(label=gettext_lazy("Does it need a key?"), choices=CHOICES)
    header_name = HeaderName(label=gettext_lazy("Header of the key"), initial="X-API-Key")
    query_name = Text(label=gettext_lazy("Parameter of the key"), initial="api_key", max_length=100)

    token_address = Address(
        label=gettext_lazy("Token address"),
        required=False,
        help_text=gettext_lazy("Where tokens are fetched, for example https://login.example.com/oauth2/token."),
    )
    client_id = Text(label=gettext_lazy("Client name (client_id)"), initial="", max_length=500)
    client_auth = Choice(
        label=gettext_lazy("The client's name and secret are sent"),
        choices=[
            (granting.IN_HEADER, gettext_lazy("in a header (basic)")),
            (granting.IN_BODY, gettext_lazy("in the form")),
        ],
    )
    scope = Text(
        label=gettext_lazy("Scope"),
        initial="",
        max_length=1000,
        help_text=gettext_lazy("What the token is to allow, apart by blanks. Empty: what is usual."),
    )

    algorithm = Choice(label=gettext_lazy("Signed with"), choices=assertions.ALGORITHMS)
    issuer = Text(
        label=gettext_lazy("Issuer (iss)"),
        initial="",
        max_length=500,
        help_text=gettext_lazy("Who signs, for example the address of a service account."),
    )
    subject = Text(
        label=gettext_lazy("Subject (sub)"),
        initial="",
        max_length=500,
        help_text=gettext_lazy("On whose behalf. Empty: nobody's."),
    )
    audience = Text(
        label=gettext_lazy("Audience (aud)"),
        initial="",
        max_length=500,
        help_text=gettext_lazy("For whom the token is. Empty where the service does not ask for it."),
    )
    key_id = Text(
        label=gettext_lazy("Name of the key (kid)"),
        initial="",
        max_length=200,
        help_text=gettext_lazy("Where the service knows several of your keys."),
    )
    life = Choice(label=gettext_lazy("A token lives"), choices=LIVES)
    claims = Claims(label=gettext_lazy("Further claims"), help_text=gettext_lazy('As JSON: {"role": "reader"}.'))

    hash_name = Choice(label=gettext_lazy("Hash"), choices=signed_requests.HASHES)
    signed_text = Template(
        places=signed_requests.IN_TEXT,
        label=gettext_lazy("What is signed"),
        initial=TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "A text that may hold {method}, {host}, {path}, {query}, {body}, {body_sha256}, {timestamp} and {nonce}."
        ),
    )
    signature_header = HeaderName(label=gettext_lazy("Header of the signature"), initial="X-Signature")
    signature_form = Template(
        places=signed_requests.IN_SIGNATURE,
        label=gettext_lazy("The header holds"),
        initial="{signature}",
        max_length=200,
        help_text=gettext_lazy("For example sha256={signature}. May hold {timestamp} and {nonce}, too."),
    )
    signature_code = Choice(label=gettext_lazy("The signature is written"), choices=signed_requests.CODES)
    timestamp_header = MaybeHeader(
        label=gettext_lazy("Header of the time"), help_text=gettext_lazy("Such as X-Timestamp. Empty: none.")
    )
    timestamp_form = Choice(label=gettext_lazy("The time is written in"), choices=signed_requests.TIMES)
    nonce_header = MaybeHeader(
        label=gettext_lazy("Header of the nonce"),
        help_text=gettext_lazy("Such as X-Nonce, a word that is used once. Empty: none."),
    )
    key_code = Choice(label=gettext_lazy("The signing key is entered"), choices=signed_requests.KEY_CODES)

    def clean(self) -> dict[str, Any]:
        """Refuse a sign-in that lacks something."""
        settings = super().clean() or {}
        if "sign_in" in settings:
            for name, sentence in lacking(settings):
                if name not in self.errors:
                    self.add_error(name, sentence)
        return settings


def lacking(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a way of signing in needs and is not entered, with a sentence for each."""
    way = BY_SLUG[settings["sign_in"]]
    for name in way.NEEDED:
        if name in way.SETTINGS and name in settings and not settings[name]:
            yield name, _("This sign-in needs it. Enter it.")
    if way.SLUG == signed_requests.SLUG:
        yield from _untold(settings)


def _untold(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is signed and told nowhere: the service could not check the signature."""
    for place, header in (("{timestamp}", "timestamp_header"), ("{nonce}", "nonce_header")):
        told = settings.get(header) or place in settings.get("signature_form", "")
        if place in settings.get("signed_text", "") and not told:
            yield header, _("%(placeholder)s is signed. Say in which header it is sent.") % {"placeholder": place}


class SignInSecrets(Form):
    """What the sign-in needs; the rest stays empty."""

    key = forms.CharField(
        label=gettext_lazy("Key or token"), required=False, max_length=5000, widget=forms.PasswordInput
    )
    user_name = forms.CharField(
        label=gettext_lazy("User name"), required=False, max_length=500, widget=forms.PasswordInput
    )
    password = forms.CharField(
        label=gettext_lazy("Password"), required=False, max_length=500, strip=False, widget=forms.PasswordInput
    )
    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"), required=False, max_length=5000, widget=forms.PasswordInput
    )
    refresh_token = forms.CharField(
        label=gettext_lazy("Refresh token"), required=False, max_length=5000, widget=forms.PasswordInput
    )
    signing_key = forms.CharField(
        label=gettext_lazy("Signing key"),
        required=False,
        max_length=LONGEST_KEY,
        widget=HiddenText,
        help_text=gettext_lazy("A shared secret, or for RS256 and ES256 the private key (PEM)."),
    )
    certificate = forms.CharField(
        label=gettext_lazy("Certificate"),
        required=False,
        max_length=LONGEST_KEY,
        widget=HiddenText,
        help_text=gettext_lazy("In PEM, with those between it and the authority below it."),
    )
    private_key = forms.CharField(
        label=gettext_lazy("Private key of the certificate"),
        required=False,
        max_length=LONGEST_KEY,
        widget=HiddenText,
        help_text=gettext_lazy("In PEM, without a passphrase."),
    )

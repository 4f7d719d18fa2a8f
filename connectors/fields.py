"""Form fields that kinds share. What they return can be cleaned again and stays the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from connectors.hints import words
from connectors.outbound.preparing import OURS_TO_SET
from connectors.paths import LONGEST, look_up
from connectors.problems import problem
from connectors.written import times

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
UNSPEAKABLE = re.compile(r"[\x00-\x20\x7f\\]")
# what the name of a header that carries a credential ends with: X-Auth-Token, Ocp-Apim-Subscription-Key
SECRET_WORDS = frozenset(
    {
        "apikey",
        "auth",
        "authorization",
        "credential",
        "credentials",
        "key",
        "passwd",
        "password",
        "pwd",
        "secret",
        "token",
    }
)
NO_SECRETS = frozenset({"csrf", "idempotency", "xsrf"})
COOKIES = frozenset({"cookie"})
CREDENTIAL_PARAMETERS = frozenset(
    {
        "access_key",
        "access_token",
        "api-key",
        "api_key",
        "api_token",
        "apikey",
        "app_key",
        "auth_key",
        "auth_token",
        "client_secret",
        "key",
        "password",
        "passwd",
        "private_token",
        "refresh_token",
        "secret",
        "secret_key",
        "subscription-key",
        "token",
        "token_auth",
    }
)
# a value that is filled by its name, such as {token} or Bearer {token}; in it stands no credential
BY_NAME = re.compile(r"(?:[A-Za-z]+[ =])?\{[A-Za-z_][A-Za-z0-9_]*\}")


class Choice(forms.ChoiceField):
    """One of several; nothing chosen means the first."""

    def __init__(self, *, choices: Sequence[tuple[str, StrOrPromise]], **options: Any) -> None:
        self.usual = choices[0][0]
        super().__init__(choices=choices, **{"required": False, "initial": self.usual, **options})

    def clean(self, value: Any) -> str:
        """Return the value chosen, or the first."""
        return str(super().clean(value)) or self.usual


class Text(forms.CharField):
    """A text that may be left out; nothing means the initial one."""

    def __init__(self, *, initial: str, **options: Any) -> None:
        super().__init__(**{"required": False, "initial": initial, "empty_value": initial, **options})


class HiddenText(forms.PasswordInput):
    """A control for a secret of several lines, whose value is never sent back to the browser."""

    template_name = "django/forms/widgets/textarea.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 4, "autocomplete": "off", "spellcheck": "false", **(attrs or {})})


class Address(forms.CharField):
    """An address that begins with http:// or https:// and holds no credentials; https:// may be left out.

    With `may_be_path` it may also be what follows a gateway's address; whether there is one is seen elsewhere.
    """

    def __init__(self, *, may_be_path: bool = False, **options: Any) -> None:
        self.may_be_path = may_be_path
        widget = forms.TextInput(attrs={"inputmode": "url"}) if may_be_path else forms.URLInput
        super().__init__(**{"max_length": 1500, "widget": widget, **options})

    def clean(self, value: Any) -> str:
        """Return the address without a fragment, or the path without the slash it may begin with."""
        text = str(super().clean(value))
        if not text:
            return ""
        if self.may_be_path and looks_like_path(text):
            return _gateway_path(text)
        try:
            parts = urlsplit(text if "://" in text else f"https://{text}")
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            usable = None
        if not usable or UNSPEAKABLE.search(text):
            raise ValidationError(
                _("This is not a complete address. It should look like https://api.example.com/path.")
            )
        if "{" in text:
            raise ValidationError(_("Placeholders go into what is asked, not into the address."))
        if "@" in parts.netloc or CREDENTIAL_PARAMETERS & {name.lower() for name, _ in parse_qsl(parts.query)}:
            raise ValidationError(_("The address holds a key. Enter it as the sign-in, where it is encrypted."))
        return urlunsplit((parts.scheme, parts.netloc, parts.path, parts.query, ""))


def looks_like_path(text: str) -> bool:
    """Say whether a text is a path and no host: `crm/deals` and `/v1.2/crm` are, `api.example.com` is not."""
    first = re.split(r"[/?#]", text)[0]
    is_host = first == "localhost" or re.search(r"[.:@]", first)
    return not UNSPEAKABLE.search(text) and not (first and is_host)


def _gateway_path(text: str) -> str:
    """Return a path as it is kept: without its slash, unless it would be taken for a host then."""
    refuse_no_path(text)
    if "{" in text:
        raise ValidationError(_("Placeholders go into what is asked, not into the address."))
    bare = text.lstrip("/")
    return bare if bare and looks_like_path(bare) else f"/{bare}"


def refuse_no_path(text: str) -> None:
    """Refuse what leads to another host, holds parameters, or leads upwards."""
    if "://" in text or text.startswith("//"):
        raise ValidationError(_("Write only what follows the connection's address. Another host needs a connection."))
    if "?" in text or "#" in text:
        raise ValidationError(_("Write what follows the question mark as parameters, one a line."))
    if UNSPEAKABLE.search(text) or {".", ".."} & set(text.split("/")):
        raise ValidationError(_("A path looks like reports/visitors, without spaces and without “..”."))


class RelativePath(forms.CharField):
    """What follows a connection's address; empty for the address itself."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": 1000, **options})

    def clean(self, value: Any) -> str:
        """Return the path without the slash it may begin with."""
        text = str(super().clean(value))
        refuse_no_path(text)
        return text.removeprefix("/")


class ConnectionName(forms.CharField):
    """The name of another connection of the organisation; who knows them offers them to choose from."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 100, **options})


class Lines(forms.CharField):
    """Names and values, one pair a line. They may not hold credentials, which belong under seal."""

    NAMES_ARE_SENT = True  # and not only names for what is found somewhere

    def __init__(self, *, separator: str, **options: Any) -> None:
        self.separator = separator
        usual = {"required": False, "max_length": 5000, "widget": forms.Textarea(attrs={"rows": 3})}
        super().__init__(**{**usual, **options})

    def clean(self, value: Any) -> str:
        """Return the lines with nothing but the pairs."""
        lines = [line.strip() for line in str(super().clean(value)).splitlines() if line.strip()]
        return "\n".join(self._pair(line) for line in lines)

    def _pair(self, line: str) -> str:
        name, separator, value = (part.strip() for part in line.partition(self.separator))
        if not name or not separator:
            example = "Accept-Language: en" if self.separator == ":" else "metric=visitors"
            raise ValidationError(_("“%(line)s” should look like %(example)s.") % {"line": line, "example": example})
        if self.separator == ":":
            check_header(name)
            return f"{name}: {value}"
        if "{" in name:
            raise ValidationError(_("“%(line)s”: placeholders stand to the right of the equals sign.") % {"line": line})
        if self.NAMES_ARE_SENT:
            check_parameter(name, value)
        return f"{name}={value}"


def pairs(lines: str, *, separator: str) -> list[tuple[str, str]]:
    """Return the pairs of a cleaned Lines field."""
    split = (line.partition(separator) for line in lines.splitlines())
    return [(name.strip(), value.strip()) for name, _, value in split]


def check_parameter(name: str, value: str) -> None:
    """Refuse a parameter that carries a credential, unless it is filled by its name."""
    if value and name.lower() in CREDENTIAL_PARAMETERS and not BY_NAME.fullmatch(value):
        raise _credential(name)


def check_header(name: str) -> None:
    """Refuse a text that names no header, headers that carry credentials, and those that no one may set."""
    if is_credential_header(name):
        raise _credential(name)
    check_header_name(name)


def check_header_name(name: str) -> None:
    """Refuse a text that names no header, and headers that each call sets by itself."""
    if not TOKEN.fullmatch(name):
        raise ValidationError(_("“%(name)s” is not the name of a header.") % {"name": name})
    if name.lower() in OURS_TO_SET:
        raise ValidationError(str(problem("own_header", name=name)))


def is_credential_header(name: str) -> bool:
    """Say whether a header carries a credential, by the last word of its name."""
    spoken = words(name)
    return bool(spoken) and spoken[-1] in SECRET_WORDS | COOKIES and not NO_SECRETS & set(spoken)


def _credential(name: str) -> ValidationError:
    sentence = _("%(name)s is a credential. Enter it as the sign-in, where it is encrypted.")
    return ValidationError(sentence % {"name": name})


class HeaderName(Text):
    """The name of a header; empty for the usual one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 100, **options})

    def clean(self, value: Any) -> str:
        """Return the name."""
        name = str(super().clean(value))
        check_header_name(name)
        return name


class Path(forms.CharField):
    """Where something stands in an answer: JMESPath, or empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": LONGEST, **options})

    def clean(self, value: Any) -> str:
        """Return the path."""
        path = str(super().clean(value))
        try:
            look_up(path)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        return path


class WrittenTime(Text):
    """How dates and times are sent, as `connectors.written.times` names it; empty for the usual way.

    With `reads` it says how they are read, for which `auto` will do.
    """

    def __init__(self, *, reads: bool = False, **options: Any) -> None:
        self.reads = reads
        super().__init__(**{"max_length": 40, **options})

    def clean(self, value: Any) -> str:
        """Return the format."""
        fmt = str(super().clean(value))
        if fmt == times.AUTO and not self.reads:
            sentence = _("Say how dates are sent: %(named)s or a pattern like %(example)s.")
            named = ", ".join(name for name in times.NAMED if name != times.AUTO)
            raise ValidationError(sentence % {"named": named, "example": "%d.%m.%Y"})
        try:
            times.check_format(fmt)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        return fmt

"""Form fields that kinds share. What they return can be cleaned again and stays the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from connectors import times
from connectors.paths import LONGEST, look_up

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
UNSPEAKABLE = re.compile(r"[\x00-\x20\x7f\\]")
CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})
CREDENTIAL_PARAMETERS = frozenset(
    {
        "access_token",
        "api-key",
        "api_key",
        "apikey",
        "auth_token",
        "client_secret",
        "key",
        "password",
        "secret",
        "token",
    }
)


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


class Address(forms.CharField):
    """An address that begins with http:// or https:// and holds no credentials; https:// may be left out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 1500, "widget": forms.URLInput, **options})

    def clean(self, value: Any) -> str:
        """Return the address without a fragment."""
        text = str(super().clean(value))
        if not text:
            return ""
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


class RelativePath(forms.CharField):
    """What follows a connection's address; empty for the address itself."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": 1000, **options})

    def clean(self, value: Any) -> str:
        """Return the path without the slash it may begin with."""
        text = str(super().clean(value))
        if "://" in text or text.startswith("//"):
            raise ValidationError(
                _("Write only what follows the connection's address. Another host needs a connection.")
            )
        if "?" in text or "#" in text:
            raise ValidationError(_("Write what follows the question mark as parameters, one a line."))
        if UNSPEAKABLE.search(text) or {".", ".."} & set(text.split("/")):
            raise ValidationError(_("A path looks like reports/visitors, without spaces and without “..”."))
        return text.removeprefix("/")


class Lines(forms.CharField):
    """Names and values, one pair a line. Header lines (`:`) may not hold credentials, which belong under seal."""

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
        return f"{name}={value}"


def pairs(lines: str, *, separator: str) -> list[tuple[str, str]]:
    """Return the pairs of a cleaned Lines field."""
    split = (line.partition(separator) for line in lines.splitlines())
    return [(name.strip(), value.strip()) for name, _, value in split]


def check_header(name: str) -> None:
    """Refuse a text that names no header, and headers that carry credentials."""
    if not TOKEN.fullmatch(name):
        raise ValidationError(_("“%(name)s” is not the name of a header.") % {"name": name})
    if name.lower() in CREDENTIAL_HEADERS:
        raise ValidationError(
            _("%(name)s is a credential. Enter it as the sign-in, where it is encrypted.") % {"name": name}
        )


class HeaderName(Text):
    """The name of a header; empty for the usual one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 100, **options})

    def clean(self, value: Any) -> str:
        """Return the name."""
        name = str(super().clean(value))
        if not TOKEN.fullmatch(name):
            raise ValidationError(_("“%(name)s” is not the name of a header.") % {"name": name})
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
    """How dates and times are sent: `date`, `datetime`, `unix`, `unix_ms` or a pattern; empty for the usual one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 40, **options})

    def clean(self, value: Any) -> str:
        """Return the format."""
        fmt = str(super().clean(value))
        if fmt == times.AUTO:
            raise ValidationError(
                _("Say how dates are sent: date, datetime, unix, unix_ms or a pattern like %(example)s.")
                % {"example": "%d.%m.%Y"}
            )
        try:
            times.check_format(fmt)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        return fmt

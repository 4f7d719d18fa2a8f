"""What is named: secrets, things in other sections, fields of a group."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from organisations.documents.shapes.contract import Shape, Wrong, unknown
from organisations.documents.shapes.values import Names, Text

MEMBERS = "members"  # people by their e-mail addresses, which are the same in whatever case
PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")  # a value that is asked for when the file is applied


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, of which a file holds only the name, such as `${ANALYTICS_KEY}`."""

    def read(self, given: Any) -> str:
        """Return the placeholder. Raises Wrong for a secret that stands in the file."""
        text = str(given).strip()
        if not PLACEHOLDER.fullmatch(text):
            sentence = _(
                "A secret does not stand in a file. "
                "Give it a name, such as ${ANALYTICS_KEY}: it is asked for when the file is applied."
            )
            raise Wrong(sentence)
        return text

    def schema(self) -> dict[str, Any]:
        """Describe a placeholder."""
        return {"type": "string", "pattern": r"^\$\{[A-Z][A-Z0-9_]*\}$"}


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of something in another section."""

    section: str

    def read(self, given: Any) -> str:
        """Return the name; whether there is one of it is seen where everything is known."""
        name = Text(longest=220).read(given)
        return name.lower() if self.section == MEMBERS else name

    def schema(self) -> dict[str, Any]:
        """Describe a name."""
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class References:
    """Names of several things in another section, in no order."""

    section: str

    def read(self, given: Any) -> list[str]:
        """Return the names."""
        names = Names(longest=254).read(given)
        return [name.lower() for name in names] if self.section == MEMBERS else names

    def schema(self) -> dict[str, Any]:
        """Describe names."""
        return Names(longest=254).schema()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields by name, such as the settings of a connection. Without a default a field has to be there."""

    shapes: Mapping[str, Shape]
    defaults: Mapping[str, Any]
    required: tuple[str, ...] = ()

    def read(self, given: Any) -> dict[str, Any]:
        """Return the fields that differ from their defaults. Raises Wrong at the first that is wrong."""
        if not isinstance(given, Mapping):
            raise Wrong(_("Write fields with their values below."))
        written = {name: self._one(name, value) for name, value in given.items()}
        return {
            name: written[name] for name in self.shapes if name in written and written[name] != self.defaults.get(name)
        }

    def _one(self, name: str, value: Any) -> Any:
        if name not in self.shapes:
            raise unknown(name, list(self.shapes))
        try:
            return self.shapes[name].read(value)
        except Wrong as error:
            raise Wrong(str(error), meant=error.meant, at=(name, *error.at)) from None

    def schema(self) -> dict[str, Any]:
        """Describe the fields."""
        inner = {name: shape.schema() for name, shape in self.shapes.items()}
        needed = {"required": list(self.required)} if self.required else {}
        return {"type": "object", "properties": inner, "additionalProperties": False, **needed}


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever is written; it is judged later, where more is known."""

    def read(self, given: Any) -> Any:
        """Return it."""
        return given

    def schema(self) -> dict[str, Any]:
        """Describe nothing."""
        return {}

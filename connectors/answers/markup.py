"""XML, read into plain values: elements by their names, attributes as `@name`, text beside them as `#text`. Pure.

An element that stands there once is a value, one that stands there several times a list. So that a list of one entry
stays a list, the names of all that are lists are said when the next answer is read. Entities that the document declares
are refused, as bombs are made of them and files are read by them; nothing is ever fetched.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from xml.parsers.expat import ExpatError
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

import jmespath
import xmltodict
from defusedxml import DefusedXmlException
from defusedxml.sax import parseString

from connectors.problems import Unreadable, problem

DEEPEST = 60  # elements within elements
BEGINNING = 1000  # characters in which a page for people shows itself
DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
CHOOSING = ("filter_projection", "flatten", "index_expression", "pipe", "projection")  # parts of a JMESPath
LEADING_ON = ("field", "subexpression", *CHOOSING)
FOR_PEOPLE = re.compile(r"<!doctype html|<html[\s>]", re.IGNORECASE)


def document(body: bytes, *, lists: Collection[str] = ()) -> dict[str, Any]:
    """Return what an XML document says. Raises Unreadable.

    It is in the character set that it declares itself, else in UTF-8. `lists` names the elements that are lists however
    often they stand there.
    """
    try:
        parseString(body, _Guard(), forbid_external=False)  # a document type elsewhere is not fetched, and does no harm
        found: dict[str, Any] = xmltodict.parse(body, force_list=tuple(lists))
    except DefusedXmlException:
        raise Unreadable(problem("xml_entities")) from None
    except Unreadable:
        raise
    except (SAXException, ExpatError, ValueError, LookupError):
        raise Unreadable(problem("no_xml")) from None
    return found


class _Guard(ContentHandler):
    """Refuses what lies too deep for whatever reads it later, and texts that would be missing."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: ARG002, N802  the contract of SAX
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unreadable(problem("xml_too_deep", most=DEEPEST))

    def endElement(self, name: str) -> None:  # noqa: ARG002, N802  the contract of SAX
        self._depth -= 1

    def skippedEntity(self, name: str) -> None:  # noqa: ARG002, N802  the contract of SAX
        raise Unreadable(problem("xml_entities"))  # a document type that is elsewhere declares it


def in_utf_8(text: str) -> bytes:
    """Return a document whose character set is known already as one that needs to declare none."""
    return DECLARATION.sub("", text, count=1).encode("utf-8", errors="replace")


def is_likely(text: str, *, kind: str) -> bool:
    """Say whether a text is XML and no page for people, by its beginning and its `Content-Type`."""
    start = text.lstrip("\ufeff \t\r\n")[:BEGINNING]
    if not start.startswith("<") or FOR_PEOPLE.search(start) or "html" in kind:
        return False
    return start.startswith("<?xml") or "xml" in kind or _can_be_read(text)


def _can_be_read(text: str) -> bool:
    try:
        document(in_utf_8(text))
    except Unreadable:
        return False
    return True


def names_in(path: str) -> tuple[str, ...]:
    """Return the elements that a path (JMESPath) leads along until it chooses; () where it begins otherwise."""
    return tuple(_names(jmespath.compile(path).parsed)) if path else ()


def _names(node: Any) -> Iterator[str]:
    if node["type"] == "field":
        yield node["value"]
    elif node["type"] in CHOOSING:
        yield from _names(node["children"][0])
    elif node["type"] == "subexpression" and all(child["type"] in LEADING_ON for child in node["children"]):
        yield from (name for child in node["children"] for name in _names(child))


def lists_in(found: Any) -> list[str]:
    """Return the names of the elements that stand several times beside each other, in order."""
    return sorted(set(_lists(found)))


def _lists(found: Any) -> Iterator[str]:
    waiting: list[Any] = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            yield from (name for name, child in value.items() if isinstance(child, list))
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def is_empty_at(found: Any, names: Sequence[str]) -> bool:
    """Say whether a list is empty: the element that would hold its entries is there, with nothing of them in it."""
    for name in names[:-1]:
        if not isinstance(found, Mapping) or name not in found:
            return False
        found = found[name]
    return (
        bool(names[1:]) and not isinstance(found, list) and (not isinstance(found, Mapping) or names[-1] not in found)
    )

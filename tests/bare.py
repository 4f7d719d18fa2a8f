"""Finds words for people that are not marked for translation: in templates, and in Python files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.template.base import Lexer, Token, TokenType

from trackerproject.catalogue.gathering import KEYWORDS

# --- templates -------------------------------------------------------------------------------------------------------
VALUE = "\ue000"  # stands where a template writes a value
NAMES = {"Waymark", "JSON", "CSV", "XML"}  # the same in every language
WORD = re.compile(r"(?<![\w&#./@-])[A-Za-z][a-z]+(?![\w@])")
SPOKEN = {"title", "aria-label", "aria-description", "aria-valuetext", "aria-roledescription", "placeholder", "alt"}
SPOKEN |= {"label", "summary"}
CODES = {"data-is", "data-when"}  # names of fields and of what may stand in them
BUTTONS = {"submit", "button", "reset"}
META = {"description", "og:title", "og:description", "og:image:alt", "twitter:title", "twitter:description"}
SILENT = {"code", "pre", "kbd", "samp", "script", "style"}  # what they hold is for machines
TRANSLATES = {"translate", "trans"}
HOLDS_WORDS = {"blocktranslate", "blocktrans", "comment", "verbatim"}
FOR_MACHINES = {"load", "url", "static", "extends", "if", "elif", "ifchanged", *TRANSLATES}
FILTERS_FOR_MACHINES = re.compile(r"""\|(?:date|time|stringformat|floatformat|cut|slice):("[^"]*"|'[^']*')""")
OF_ENGLISH = re.compile(r"\|(?:pluralize|lower|upper|title)\b")
STRING = re.compile(r"""(_\()?("[^"]*"|'[^']*')""")
READS_LIKE_WORDS = re.compile(r"^[A-Z][a-z]+\b|[A-Za-z]{2,} [A-Za-z]{2,}|^ [a-z]+|[a-z]{2,} $")

# --- Python ----------------------------------------------------------------------------------------------------------
MARKS = {*KEYWORDS, "_"}
READS_LIKE_A_SENTENCE = re.compile(
    r"^[A-Z][a-z]*( [a-z’']+){2,}|[a-z]+ [a-z]+ [a-z]+.*\.$|^[A-Z][a-z]+( [a-z]+)*[.!?]$"
)
SCHEMA = {"extend_schema", "extend_schema_view", "extend_schema_serializer", "extend_schema_field", "OpenApiExample"}
SCHEMA |= {"OpenApiParameter", "OpenApiResponse", "inline_serializer"}
LABELS = {"label", "help_text", "verbose_name", "verbose_name_plural", "empty_label", "description", "header"}
CODE = re.compile(r"[a-z][a-z_]*$")
PUT_TOGETHER = (ast.JoinedStr, ast.IfExp, ast.BoolOp, ast.BinOp)
LOGS = {"debug", "info", "warning", "error", "exception", "critical"}
ERRORS_OF_DEVELOPERS = {"ValueError", "TypeError", "RuntimeError", "LookupError", "KeyError", "AssertionError"}
ERRORS_OF_DEVELOPERS |= {"ImproperlyConfigured", "NotImplementedError", "Warning", "Error"}


class Page(HTMLParser):
    """Reads a page and keeps what people see or hear, with its lines: the texts, and the attributes that are spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[int, str]] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what an element says by its attributes."""
        given = {name: value or "" for name, value in attrs}
        self.said += [(self.getpos()[0], text) for text in spoken(tag, given)]
        if tag in SILENT:
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element that is for machines."""
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        if data.strip() and not self.silent:
            above = data[: len(data) - len(data.lstrip())].count("\n")
            self.said.append((self.getpos()[0] + above, " ".join(data.split())))


def spoken(tag: str, given: dict[str, str]) -> Iterator[str]:
    """Yield the attributes of an element that people see or hear, and those that read as if a script shows them."""
    names = set(SPOKEN)
    if tag == "input" and given.get("type") in BUTTONS:
        names.add("value")
    if tag == "meta" and given.get("name", given.get("property")) in META:
        names.add("content")
    for name, value in given.items():
        shown_by_script = (
            name.startswith("data-") and name not in CODES and READS_LIKE_WORDS.search(value) and value[0] not in "{["
        )
        if name in names or shown_by_script:
            yield value


def said_on(page: str) -> list[tuple[int, str]]:
    """Return line and text of everything that a page says."""
    reader = Page()
    reader.feed(page)
    reader.close()
    return reader.said


def bare_in_template(text: str, *, markup: bool = True) -> Iterator[str]:
    """Yield every place of a template where words stand outside the tags of translation."""
    tokens = Lexer(text).tokenize()
    yield from (f"{token.lineno}: {words}" for token in tokens for words in bare_in_tag(token))
    shell = "".join(without_translated(tokens))
    for line, said in said_on(shell) if markup else enumerate(shell.split("\n"), 1):
        if set(WORD.findall(said)) - NAMES:
            yield f"{line}: {said}"


def without_translated(tokens: list[Token]) -> Iterator[str]:
    """Yield the texts of a template outside its translated blocks, each line in its place."""
    waiting_for = ""
    for token in tokens:
        word = first_word(token)
        if waiting_for:
            yield "\n" * token.contents.count("\n") + (VALUE if word == waiting_for else "")
            waiting_for = "" if word == waiting_for else waiting_for
        elif word in HOLDS_WORDS:
            waiting_for = f"end{word}"
        elif token.token_type == TokenType.TEXT:
            yield token.contents
        elif token.token_type == TokenType.VAR or word in TRANSLATES:
            yield VALUE


def bare_in_tag(token: Token) -> Iterator[str]:
    """Yield the strings inside a tag or a variable that read as if people see them."""
    if token.token_type not in {TokenType.BLOCK, TokenType.VAR} or first_word(token) in FOR_MACHINES:
        return
    if OF_ENGLISH.search(token.contents):
        yield f"{token.contents}: other languages have other plurals and other capitals"
    for marked, string in STRING.findall(FILTERS_FOR_MACHINES.sub("", token.contents)):
        if not marked and READS_LIKE_WORDS.search(string[1:-1]):
            yield f"{token.contents}: {string}"


def first_word(token: Token) -> str:
    """Return the name of a block tag; empty for everything else."""
    return token.contents.split(maxsplit=1)[0] if token.token_type == TokenType.BLOCK else ""


def bare_in_python(tree: ast.Module, *, of_api: bool = False) -> Iterator[str]:
    """Yield every string of a module that reads like a sentence, is not marked, and is not for developers.

    What a module of the API tells about its fields is for them too.
    """
    passed = {id(inner) for node in ast.walk(tree) for part in passed_in(node, of_api) for inner in ast.walk(part)}
    labels = {id(label) for node in ast.walk(tree) for label in labels_in(node)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in passed else None
        if (
            isinstance(text, str)
            and text not in NAMES
            and (said_by(text) or (id(node) in labels and text[:1].isupper()))
        ):
            yield f"{getattr(node, 'lineno', 0)}: {text}"


def said_by(text: str) -> bool:
    """Say whether a string reads like a sentence."""
    return READS_LIKE_A_SENTENCE.search(text) is not None


def passed_in(node: ast.AST, of_api: bool) -> Iterator[ast.AST]:
    """Yield what is marked, or read by developers alone: docstrings, log lines, errors of theirs, keys, the schema."""
    if isinstance(node, ast.Dict):
        yield from (key for key in node.keys if key is not None)
    marked = isinstance(node, ast.Call) and called(node) in MARKS | LOGS | ERRORS_OF_DEVELOPERS | SCHEMA
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    code = isinstance(node, ast.keyword) and node.arg == "key"
    told = isinstance(node, ast.Assign) or (isinstance(node, ast.keyword) and node.arg in {"help_text", "help"})
    if marked or docstring or code or (of_api and told) or isinstance(node, ast.Assert):
        yield node


def labels_in(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what stands where a label goes: `label="Name"`, the choice `("day", "Day")`, the pair `{"day": "Day"}`."""
    if isinstance(node, ast.keyword) and node.arg in LABELS:
        yield node.value
    elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and is_code(node.elts[0]):
        yield node.elts[1]
    elif isinstance(node, ast.Dict):
        yield from (value for key, value in zip(node.keys, node.values, strict=True) if is_code(key))


def is_code(node: ast.expr | None) -> bool:
    """Say whether an expression is a word for machines, such as "at_least" or Status.MET."""
    return isinstance(node, ast.Attribute) or (isinstance(node, ast.Constant) and bool(CODE.match(str(node.value))))


def marked_badly(tree: ast.Module) -> Iterator[str]:
    """Yield every call that marks what nobody could put into a catalogue: strings put together inside of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in MARKS and node.args:
            rule: Any = KEYWORDS.get(called(node)) or (1,)  # a place is a number, or a number with its use
            places = [place[0] if isinstance(place, tuple) else place for place in rule]
            words = [node.args[place - 1] for place in places if place <= len(node.args)]
            if any(isinstance(word, PUT_TOGETHER) for word in words):
                yield f"{node.lineno}: {ast.unparse(node)}"


def called(call: ast.Call) -> str:
    """Return the last word of what is called."""
    return ast.unparse(call.func).rsplit(".", maxsplit=1)[-1]

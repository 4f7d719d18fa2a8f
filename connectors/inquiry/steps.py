"""Calls that go before what a feed asks, as they are written: sign in, keep the token; find the account, keep its id.

A block is one call, its lines say what is sent and what of the answer is kept; a blank line ends it:

    POST login
    header X-Version: 2
    param site=5
    body {"user": "{user_name}", "password": "{password}"}
    keep token = data.token

What is kept stands in braces for all that comes after. A body goes on in lines that begin with a blank. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import dedent
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from connectors.fields import BY_NAME, Lines, Path, RelativePath, check_header_name
from connectors.inquiry.composing import Template
from connectors.templating import is_json, parse_json

METHODS = ("GET", "POST", "PUT")
MOST = 10
LONGEST_NAME = 60
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
GOES_ON = re.compile(r"^[ \t]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call, and what of its answer is kept: names with the paths (JMESPath) at which it stands."""

    template: Template
    keeps: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> list[str]:
        """The names of what is kept."""
        return [name for name, _path in self.keeps]


def parsed(text: str) -> list[Step]:
    """Return the steps of a text. Raises ValidationError, whose sentence names the line."""
    blocks = list(_blocks(text))
    if len(blocks) > MOST:
        raise ValidationError(_("There can be at most %(most)s steps.") % {"most": MOST})
    return [_step(block) for block in blocks]


def spelled(steps: Sequence[Step]) -> str:
    """Write steps as they are read again."""
    return "\n\n".join("\n".join(_lines(step)) for step in steps)


def _lines(step: Step) -> Iterator[str]:
    template = step.template
    yield f"{template.method} {template.path}".rstrip()
    yield from (f"header {line}" for line in template.headers.splitlines())
    yield from (f"param {line}" for line in template.params.splitlines())
    if template.body:
        yield "body " + "\n  ".join(template.body.splitlines())
    yield from (f"keep {name} = {path}" for name, path in step.keeps)


Block = list[tuple[int, str]]  # lines with their numbers


def _blocks(text: str) -> Iterator[Block]:
    block: Block = []
    for number, line in enumerate(dedent(text).splitlines(), start=1):
        if not line.strip():
            yield from [block] if block else []
            block = []
        elif GOES_ON.match(line) and block and block[-1][1].startswith("body"):
            block[-1] = (block[-1][0], f"{block[-1][1]}\n{line.strip()}")
        else:
            block.append((number, line.strip()))
    yield from [block] if block else []


def _step(block: Block) -> Step:
    step = Step(template=_opened(*block[0]))
    for number, line in block[1:]:
        try:
            step = _with(step, line)
        except ValidationError as error:
            raise _in_line(number, error.messages[0]) from None
    _check_body(step.template, block[0][0])
    return step


def _in_line(number: int, sentence: str) -> ValidationError:
    return ValidationError(_("Line %(line)s: %(sentence)s") % {"line": number, "sentence": sentence})


def _opened(number: int, line: str) -> Template:
    """Read the line that begins a block: the method and the path."""
    method, _space, path = line.partition(" ")
    if method.upper() not in METHODS:
        raise _in_line(number, _("A step begins with its method and path, such as POST login."))
    try:
        return Template(method=method.upper(), path=RelativePath().clean(path.strip()))
    except ValidationError as error:
        raise _in_line(number, error.messages[0]) from None


def _with(step: Step, line: str) -> Step:
    """Return the step with one more line."""
    word, _space, rest = line.partition(" ")
    template = step.template
    if word == "keep":
        return replace(step, keeps=(*step.keeps, _kept(rest, step)))
    if word == "body":
        return replace(step, template=replace(template, body=rest.strip()))
    if word == "param":
        pair = Lines(separator="=").clean(rest)
        return replace(step, template=replace(template, params=_joined(template.params, pair)))
    if word == "header":
        pair = FilledHeaders().clean(rest)
        return replace(step, template=_with_header(template, pair))
    raise ValidationError(_("A line begins with header, param, body or keep; a blank line ends a step."))


def _joined(before: str, line: str) -> str:
    return f"{before}\n{line}" if before else line


def _with_header(template: Template, pair: str) -> Template:
    name, _colon, value = pair.partition(":")
    if name.strip().lower() == "content-type":
        template = replace(template, content_type=value.strip())
    return replace(template, headers=_joined(template.headers, pair))


def _kept(text: str, step: Step) -> tuple[str, str]:
    name, equals, path = (part.strip() for part in text.partition("="))
    if not equals or not path or not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise ValidationError(_("What is kept is written as a name and a path, such as keep token = data.token."))
    if name in step.names:
        raise ValidationError(_("“%(name)s” is kept twice.") % {"name": name})
    return name, Path().clean(path)


def _check_body(template: Template, number: int) -> None:
    if template.body and template.method == "GET":
        raise _in_line(number, _("A body goes with POST."))
    if template.body and is_json(template.content_type):
        try:
            parse_json(template.body)
        except ValueError as error:
            raise _in_line(number, str(error)) from None


class FilledHeaders(Lines):
    """Header lines in which a credential may stand by its name: `Authorization: Bearer {token}`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(separator=":", **options)

    def _pair(self, line: str) -> str:
        name, _colon, value = (part.strip() for part in line.partition(":"))
        if value and BY_NAME.fullmatch(value):
            check_header_name(name)
            return f"{name}: {value}"
        return super()._pair(line)


class Steps(forms.CharField):
    """Calls that go before, as text; returns them as they are read again."""

    def __init__(self, **options: Any) -> None:
        usual = {"required": False, "strip": False, "max_length": 10_000, "widget": forms.Textarea(attrs={"rows": 8})}
        super().__init__(**{**usual, **options})

    def clean(self, value: Any) -> str:
        """Return the steps. Refuses what cannot be read, with the line."""
        return spelled(parsed(str(super().clean(value))))


def check(steps: Sequence[Step], *, known: frozenset[str], reserved: frozenset[str]) -> set[str]:
    """Return the names that the steps keep. Raises ValidationError for a name that is taken or not known yet.

    `known` may be sent by any step; `reserved` means something else and may not be kept.
    """
    kept: set[str] = set()
    for number, step in enumerate(steps, start=1):
        for name in sorted(step.template.placeholders - known - kept):
            sentence = _("Step %(step)s: %(placeholder)s is not known there. A step before has to keep it.")
            raise ValidationError(sentence % {"step": number, "placeholder": f"{{{name}}}"})
        for name in step.names:
            if name in kept | reserved:
                sentence = _("Step %(step)s: “%(name)s” means something already. Keep it under another name.")
                raise ValidationError(sentence % {"step": number, "name": name})
            kept.add(name)
    return kept

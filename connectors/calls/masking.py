"""Masking fields by their names, in texts of any form: JSON, forms, XML, tables, lines. Pure, and linear in the text.

What the log holds is the start of an answer, which may end anywhere; so no document is read here. A name is found where
it stands before its value, and all is masked up to where the value ends, or up to the end of the text. Where it is not
sure where that is, rather more is masked than less.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from io import StringIO

from connectors.outbound.redaction import MASK

Names = tuple[str, ...]

USER_NAME = "user_name"  # what is sealed beside keys and is none
SHORTEST_USER_NAME = 4  # a shorter one stands in every text by chance

QUOTE = r"""\\*["'`]|&quot;|&\#3[49];|&\#x2[27];"""  # plain, inside a text that is quoted itself, or in HTML
NOT_WITHIN_A_WORD = (
    r"(?:(?<![\w-])|(?<=\\[nrt])|(?<=%[2-7][0-9a-f]))"  # what is escaped ends like a letter, and is none
)
BLANKS = r"(?:\s|\\+[nrt])*"
BEGINS_A_DOCUMENT = ("{", "[", "<")
DELIMITERS = ",;\t|"

OPENING = re.compile(QUOTE, re.VERBOSE)
SOME_QUOTE = re.compile(r"(?<!\\)\\*[\"'`]")
BRACKET_OR_QUOTE = re.compile(r"(?<!\\)\\*[\"'`]|[{}\[\]]")
PLAIN = re.compile(r"[^,}\]\r\n&<]*")  # a value without quotes after a name with them: 12, true, null
OF_A_FORM = re.compile(r"[^&\r\n\"<>]*")
OF_AN_ESCAPED_FORM = re.compile(r"(?:(?!%26)[^&\r\n\"<>])*", re.IGNORECASE)
OF_A_LINE = re.compile(r"(?:(?!\\[nr])[^\r\n])*")
OF_A_LINE_IN_JSON = re.compile(r"(?:(?!\\[nr]|(?<!\\)\"[,}\]])[^\r\n])+")


def hidden(sealed: Mapping[str, str]) -> list[str]:
    """Return which of the sealed values are masked wherever they stand: all but a very short user name."""
    return [value for name, value in sealed.items() if value and not (name == USER_NAME and _is_short(value))]


def _is_short(name: str) -> bool:
    return len(name) < SHORTEST_USER_NAME


def names_in(line: str) -> Names:
    """Return the names of a line, apart by commas."""
    return tuple(dict.fromkeys(name for part in line.split(",") if (name := part.strip())))


def masked(text: str, names: Names) -> str:
    """Return a text, or an address, with the values of all fields of these names masked, in whatever case."""
    if not text or not names:
        return text
    if text.lstrip()[:1] in BEGINS_A_DOCUMENT:
        return "".join(_parts(text, _pattern(names), line=OF_A_LINE_IN_JSON))
    return "".join(_parts(_without_columns(text, names), _pattern(names), line=OF_A_LINE))


@lru_cache(maxsize=256)
def _pattern(names: Names) -> re.Pattern[str]:
    """Return what finds a field: its name and what stands between that and the value, or the start of its tag."""
    spelt = "|".join(_spelt(name) for name in sorted(names, key=len, reverse=True))
    before_value = rf"""
        {NOT_WITHIN_A_WORD}(?:{spelt})(?:\]|%5d)?
        (?:(?P<quote>{QUOTE}){BLANKS}|[ \t]*)
        (?P<sign>=>|:|=|%3[ad])
        (?(quote){BLANKS}|[ \t]*)
    """
    tag = rf"<(?P<tag>(?:[\w.-]+:)?(?:{spelt}))(?=[\s/>]|\Z)"
    return re.compile(rf"{before_value}|{tag}", re.IGNORECASE | re.VERBOSE)


def _spelt(name: str) -> str:
    """Return a pattern of a name as it stands, or with characters escaped as in JSON and in addresses."""
    return "".join(f"(?:{'|'.join(_ways_to_write(character))})" for character in name)


def _ways_to_write(character: str) -> Iterator[str]:
    for each in dict.fromkeys((character, character.lower(), character.upper())):
        units = each.encode("utf-16-be")
        yield re.escape(each)
        yield "".join(rf"\\+u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
        yield "".join(f"%{octet:02x}" for octet in each.encode())
    if character == " ":
        yield r"\+"


def _parts(text: str, pattern: re.Pattern[str], *, line: re.Pattern[str]) -> Iterator[str]:
    at = 0
    while found := pattern.search(text, at):
        yield text[at : found.end()]
        at = found.end()
        end, mask = _element(text, found["tag"], at) if found["tag"] else _value(text, found, line)
        if end > at:
            yield mask
            at = end
    yield text[at:]


def _value(text: str, found: re.Match[str], line: re.Pattern[str]) -> tuple[int, str]:
    """Return where the value after a name ends, and what stands for it; `line` is what is left of one."""
    at, key_quote, sign = found.end(), found["quote"] or "", found["sign"]
    opening = OPENING.match(text, at)
    if opening and (key_quote or sign != ":"):
        return _quoted(text, opening)
    mask = f"{key_quote}{MASK}{key_quote}"
    if text[at : at + 1] in ("{", "["):
        end = _end_of_nested(text, at, quote=key_quote or '"')
        return end if key_quote else _end(line, text, end), mask
    return _end(PLAIN if key_quote else _unquoted(sign, line), text, at), mask


def _unquoted(sign: str, line: re.Pattern[str]) -> re.Pattern[str]:
    """Return what matches a value after a name without quotes: up to the next field of a form, or a whole line."""
    if sign == ":":
        return line
    return OF_A_FORM if sign.startswith("=") else OF_AN_ESCAPED_FORM


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _quoted(text: str, opening: re.Match[str]) -> tuple[int, str]:
    quote = opening[0]
    end = _end_of_quoted(text, opening.end(), quote)
    return (len(text), f"{quote}{MASK}") if end is None else (end, f"{quote}{MASK}{quote}")


def _end_of_quoted(text: str, at: int, quote: str) -> int | None:
    """Return where a quoted text is over; None where it is cut off."""
    if quote.startswith("&"):
        found = re.compile(re.escape(quote), re.IGNORECASE).search(text, at)
        return found.end() if found else None
    marks = (mark for mark in SOME_QUOTE.finditer(text, at) if mark[0][-1] == quote[-1])
    return next((mark.end() for mark in marks if _closes(mark[0], quote)), None)


def _closes(mark: str, opening: str) -> bool:
    """Say whether a quotation mark ends what another began, by the backslashes before each.

    Plain texts end at a mark with an even number of them. A text quoted within another has each of its own marks led by
    one, and those within it by three; so it goes on.
    """
    depth = len(opening) - 1
    return (len(mark) - 1) % (2 * (depth + 1)) <= depth


def _end_of_nested(text: str, at: int, *, quote: str) -> int:
    """Return where an object or a list is over; the end of the text where it is cut off."""
    depth, opened = 0, ""
    for found in BRACKET_OR_QUOTE.finditer(text, at):
        mark = found[0]
        if mark in ("{", "[", "}", "]"):
            depth += 0 if opened else (1 if mark in "{[" else -1)
            if depth == 0:
                return found.end()
        elif mark[-1] == quote[-1]:
            opened = ("" if _closes(mark, opened) else opened) if opened else mark
    return len(text)


def _element(text: str, tag: str, at: int) -> tuple[int, str]:
    """Return where an element of XML or HTML is over, and what stands for its attributes and all that is in it."""
    close = text.find(">", at)
    if close == -1:
        return len(text), f" {MASK}"
    if text[close - 1] == "/":
        return close + 1, f" {MASK}/>" if text[at : close - 1].strip() else text[at : close + 1]
    end = _end_of_element(text, tag, close + 1)
    return (len(text), f">{MASK}") if end is None else (end, f">{MASK}</{tag}>")


def _end_of_element(text: str, tag: str, at: int) -> int | None:
    depth = 1
    for found in re.compile(rf"<(/?){re.escape(tag)}(?=[\s/>])[^>]*(>|\Z)", re.IGNORECASE).finditer(text, at):
        if not found[0].endswith("/>"):
            depth += -1 if found[1] else 1
        if depth == 0:
            return found.end()
    return None


def _without_columns(text: str, names: Names) -> str:
    """Mask the columns of a table whose heads are of these names."""
    head = text.split("\n", 1)[0].rstrip("\r")
    if "\n" not in text:
        return text
    wanted = {name.lower() for name in names}
    for delimiter in DELIMITERS:
        cells = [cell.strip().strip('"').lower() for cell in head.split(delimiter)]
        if wanted & set(cells):
            return _masked_table(text, delimiter, {place for place, cell in enumerate(cells) if cell in wanted})
    return text


def _masked_table(text: str, delimiter: str, places: set[int]) -> str:
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    written = StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\n")
    writer.writerow(next(rows))
    try:
        writer.writerows([MASK if place in places and cell else cell for place, cell in enumerate(row)] for row in rows)
    except csv.Error:  # it is no table after all
        written.write(MASK)
    return written.getvalue()

"""Every sentence about a source that could not be read: a code with what the sentence names, said when it is shown.

What is stored is the code, never a sentence: it is read later, by people of several languages, and its wording may be
mended. A sentence says what happened and what to do. A kind of one's own may tell a sentence of its own (`told`), which
is shown as it is. What a sentence names may be a problem too, stored and said within it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisations.languages import size

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TOLD = "told"
LONGEST = 300  # characters kept of anything that a sentence names
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # signs that a source may send and a database cannot keep
SENTENCES: dict[str, StrOrPromise] = {
    TOLD: "%(text)s",
    # the address, before anything is sent
    "unusable_address": _("This is not a complete address. It should look like https://api.example.com/path."),
    "other_scheme": _("Only addresses that begin with http:// or https:// can be called."),
    "sign_in_in_address": _("The address holds a user name or password. Enter them as the sign-in instead."),
    "network_interface": _("The address names a network interface, which cannot be called."),
    "closed_port": _("Port %(port)s may not be called; an administrator must allow it."),
    "inside_network": _("This address is inside the network; an administrator must allow it."),
    "metadata_service": _("This address belongs to the cloud's metadata service, which may never be called."),
    # what is sent
    "unknown_method": _("This method is not known. Use GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS."),
    "broken_header": _("A header holds a line break or begins with a space. Mend it."),
    "own_header": _("The header %(name)s is set by the connection itself. Remove it."),
    "unwritable_header": _("The header %(name)s holds characters that a header cannot carry."),
    "unfit_setting": _("A setting does not fit any more: %(setting)s. Open it, and save it again."),
    "unfit_secret": _("A stored credential does not fit any more: %(setting)s. Enter it again."),
    "no_key": _("The connection has no key yet. Enter it."),
    "key_lost": _("The stored key cannot be opened any more. Enter it again."),
    # on the way
    "name_not_found": _("The name %(host)s was not found. Check the spelling."),
    "name_not_found_in_time": _(
        "The name %(host)s was not found in time. Is the name server reachable from this server?"
    ),
    "nothing_answers": _("Nothing answers at %(host)s, port %(port)s. Is the service running?"),
    "no_answer_in_time": _("No answer within %(seconds)s seconds. Is the address reachable from this server?"),
    "another_end": _("The connection ended at another address than it was meant for."),
    "proxy_refuses": _("The egress proxy does not let this call through. An administrator must look at it."),
    "untrusted_certificate": _("The certificate of this address is not trusted: %(why)s."),
    "certificate_of_another": _("The certificate of this address is not trusted: it is not for this name."),
    "no_secure_connection": _("No secure connection could be made. Does this address speak https?"),
    "broken_off": _("The connection broke before the answer was complete. We try again later."),
    "silent": _("It closed the connection without an answer. We try again later."),
    "not_http": _("It answered with something that is not HTTP. Check the scheme and the port."),
    # redirects
    "redirect_nowhere": _("It redirects to something that is not an address."),
    "redirect_in_the_open": _("It redirects from https to http, where everybody can listen. Check the address."),
    "redirect_elsewhere": _("It redirects this %(method)s to another host. Enter the new address instead."),
    "redirect_with_key": _("It redirects to another host and would take the key along. Enter the new address instead."),
    "redirects_too_often": _("It redirects more than %(times)s times. Enter the final address instead."),
    # the status
    "wants_fewer_calls": _("It answered %(status)s: it wants fewer calls. We wait as long as it asks."),
    "own_problem": _("It answered %(status)s: the service has a problem of its own. We try again later."),
    "key_refused": _("It answered %(status)s: the key is missing or wrong."),
    "nothing_lives_there": _("Nothing lives at this address (%(status)s). Check the path."),
    "not_accepted": _("It answered %(status)s: it does not accept this request. Check the address and its parameters."),
    "leads_nowhere": _("It answered %(status)s without saying where to go. Check the address."),
    # the answer
    "headers_too_large": _("The answer's headers are too large. Is this the right address?"),
    "answer_too_large": _("The answer is larger than %(bytes)s. A narrower address is faster."),
    "cannot_be_unpacked": _("It answered with a compressed body that cannot be unpacked. The source must mend that."),
    "other_charset": _("It says that its text is %(charset)s, but it is not. The source must mend that."),
    "html": _("It answered with HTML, not JSON. Many APIs need /api or an Accept header."),
    "not_json": _("It answered with something that is not JSON. Many APIs need /api or an Accept header."),
    "cut_off": _(
        "It answered with JSON that is cut off or broken (NaN and Infinity count as broken). Try again later."
    ),
    "empty": _("It answered with nothing, where JSON was expected. Check the path."),
    "unexpected": _("The answer could not be read: it is not what was expected. The details are in the server's log."),
    "ended_the_worker": _(
        "Collecting this feed ended the worker %(times)s times. Ask for less at once, then collect it again."
    ),
    # the rows
    "too_many_pages": _("There are more than %(pages)s pages, or they take too long. Ask for less at once."),
    "no_json_line": _("Line %(line)s of the answer is not JSON. It may have been cut off: test again."),
    "same_page_again": _("The next page is the same as the one before: this address does not count pages like this."),
    "nothing_in_answer": _("Nothing stands in the answer. Check where the rows are."),
    "nothing_at_path": _("Nothing stands at “%(path)s” in the answer. Check where the rows are."),
    "path_does_not_fit": _("The path “%(path)s” does not fit the answer. Check where the rows are."),
    "no_cursor_there": _("What stands at “%(path)s” in the answer is no cursor: neither text nor a number."),
    "cursor_unsendable": _("The cursor of the answer cannot be sent back: a value like this cannot stand there."),
    "next_page_elsewhere": _("The answer says that the next page is on another host. Connect that host instead."),
    "sign_in_page": _("It leads to a page on which people sign in: the key is missing or wrong."),
    "no_plain_number": _("The answer is no plain number, or one that can be read in two ways: “%(text)s”."),
    "empty_table": _("The answer is an empty table."),
    "broken_table": _("The table cannot be read: a cell is too long, or a quotation mark is missing."),
    "large_table": _("The table has more than %(rows)s rows or %(columns)s columns. Ask for less at once."),
    "no_prometheus_line": _("“%(line)s” is no line of Prometheus text."),
    "no_row_readable": _("No row of the answer can be read as %(metric)s. %(why)s"),
    "needs_time_of_day": _(
        "%(metric)s continues where it left off, so its amounts need a time of day, not only a date."
    ),
    # where to look in a row
    "no_path": _("“%(path)s” is no path we can follow. Write it like data.items; names with other signs go in quotes."),
    "long_path": _("A path has at most %(most)s characters."),
    "no_function": _("There is no function “%(name)s” in a path."),
    "no_time_format": _("“%(text)s” is no time format that can be read."),
    # why a row is refused: what follows “Row 3:”
    "row_refused": _("Row %(place)s: %(why)s."),
    "sum_too_large": _("%(count)s rows of %(day)s: their sum is too large."),
    "path_unfit_for_row": _("“%(path)s” does not fit what stands there"),
    "path_unfolds": _("it unfolds to too much; ask for less"),
    "value_missing": _("the value is missing, not a number"),
    "value_true_or_false": _("the value is true or false, not a number"),
    "value_object": _("the value is an object, not a number"),
    "value_list": _("the value is a list, not a number"),
    "value_something_else": _("the value is something else, not a number"),
    "value_not_finite": _("the value is not a finite number"),
    "value_too_large": _("the value is too large"),
    "value_empty": _("the value is empty"),
    "value_too_long": _("the value is too long for a number"),
    "value_ambiguous": _("the value “%(text)s” can be read in two ways; have it sent without a thousands sign"),
    "value_no_number": _("the value “%(text)s” is not a number"),
    "time_missing": _("the time is missing"),
    "time_true_or_false": _("the time is true or false"),
    "time_something_else": _("the time is neither text nor a number"),
    "time_empty": _("the time is empty"),
    "time_too_long": _("the time is too long"),
    "time_not_recognised": _("the time “%(text)s” is not one we recognise; set the time format"),
    "time_no_date": _("the time “%(text)s” is not a date such as %(example)s"),
    "time_no_datetime": _("the time “%(text)s” is not a time such as %(example)s"),
    "time_no_unix": _("the time “%(text)s” is not seconds since 1970"),
    "time_no_unix_ms": _("the time “%(text)s” is not milliseconds since 1970"),
    "time_written_otherwise": _("the time “%(text)s” is not written like %(example)s"),
    "time_before_1900": _("the time “%(text)s” lies before 1900"),
    "time_in_future": _("the time %(time)s UTC lies in the future"),
    "segment_something_else": _("the segment is neither text nor a number"),
    "segment_too_long": _("the segment is longer than %(most)s characters"),
    "segment_unshowable": _("the segment holds signs that cannot be shown"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, as it is stored: a code of SENTENCES, and what its sentence names.

    `str` says the sentence in the language that is active.
    """

    code: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.code not in SENTENCES:
            return gettext("Something went wrong that this version has no words for.")
        try:
            return str(SENTENCES[self.code]) % {name: _said(name, value) for name, value in self.data.items()}
        except KeyError:
            return gettext("Something went wrong that this version has no words for.")

    def masked(self, mask: Callable[[str], str]) -> Problem:
        """Put what the sentence names through `mask`, for it may quote a secret; our own words cannot."""
        return Problem(self.code, {name: _masked(value, mask) for name, value in self.data.items()})

    def as_stored(self) -> dict[str, Any]:
        """Return it as JSON, long quotations cut, without signs that no database keeps."""
        return {"code": self.code, "data": {name: _storable(value) for name, value in self.data.items()}}

    @classmethod
    def stored(cls, kept: Mapping[str, Any]) -> Self | None:
        """Return what was stored; None for nothing."""
        return cls(str(kept["code"]), kept.get("data", {})) if kept else None


class Unreadable(ValueError):
    """Something of an answer is not written as it should be; `problem` says why, and so does the text of the error."""

    def __init__(self, why: Problem) -> None:
        super().__init__(why)
        self.problem = why


def problem(code: str, **named: Any) -> Problem:
    """Return a problem with what its sentence names. Raises KeyError for a code without a sentence."""
    if code not in SENTENCES:
        raise KeyError(code)
    return Problem(code, named)


def told(text: str) -> Problem:
    """Return a problem whose sentence is already written, by a kind of one's own or before codes were stored."""
    return Problem(TOLD, {"text": text})


def sentence_of(kept: Mapping[str, Any]) -> str:
    """Return the sentence of what was stored, in the language that is active; empty for nothing."""
    return str(Problem.stored(kept) or "")


def code_of(kept: Mapping[str, Any]) -> str:
    """Return the code of what was stored; empty for nothing."""
    return str(kept.get("code", ""))


def _said(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return sentence_of(value)
    if name == "setting":
        return gettext(str(value))  # a form's label, stored in the words of the code
    if name == "bytes":
        return size(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    if isinstance(value, Problem):
        return value.masked(mask)
    return mask(value) if isinstance(value, str) else value


def _storable(value: Any) -> Any:
    if isinstance(value, Problem):
        return value.as_stored()
    return UNSTORABLE.sub("\ufffd", value[:LONGEST]) if isinstance(value, str) else value

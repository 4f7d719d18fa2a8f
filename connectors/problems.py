"""Every sentence about a source that could not be read: a code with what the sentence names, said when it is shown.

What is stored is the code, never a sentence: it is read later, by people of several languages, and its wording may be
mended. A sentence says what happened and what to do. A kind of one's own may tell a sentence of its own (`told`), which
is shown as it is. What a sentence names may be a problem too, stored and said within it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.utils.translation import gettext, ngettext, npgettext, pgettext
from django.utils.translation import gettext_lazy as _

from organisations.languages import day, grouped, size

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
    "no_call_log": _("There is no log of calls to read yet. Save the connection first."),
    "no_such_connection": _("There is no connection “%(name)s”. Choose another whose calls are read."),
    "signing_key_unfit": _(
        "The signing key does not fit %(algorithm)s: HS256 takes a secret, the others a key in PEM."
    ),
    "signing_key_unreadable": _("The signing key is not written as the settings say. Enter it again."),
    "certificate_unfit": _(
        "Certificate and private key cannot be used: enter both in PEM, belonging together and without a passphrase."
    ),
    "certificate_not_taken": _("It asks for a client certificate, or does not take the one that is shown."),
    "token_refused": _("The token address answered %(status)s: something of the sign-in is missing or wrong."),
    "token_refused_as": _(
        "The token address answered %(status)s, “%(error)s”: something of the sign-in is missing or wrong."
    ),
    "no_token_in_answer": _("The token address answered without a token. Check that address."),
    "token_awaited": _("Another worker is fetching the token and does not come back."),
    "no_gateway": _("The address is only a path, which needs a gateway before it. Choose one, or enter all of it."),
    "behind_elsewhere": _("The address leads past its gateway. Enter what follows the gateway's address, such as crm."),
    "sign_ins_clash": _(
        "The gateway signs in with %(place)s, and so does the connection behind it; the gateway's would be sent. "
        "Choose another place for one of them."
    ),
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
    "secure_connection_ended": _(
        "It ended the secure connection at once. Does this address speak https, or want a client certificate?"
    ),
    "broken_off": _("The connection broke before the answer was complete."),
    "silent": _("It closed the connection without an answer."),
    "not_http": _("It answered with something that is not HTTP. Check the scheme and the port."),
    # our own limits, and patience with a source that fails
    "held_by_pace": _("The limit of %(allowed)s %(per)s is used up."),
    "held_by_quota": _("Today’s quota of %(allowed)s is used up."),
    "held_at_once": _("As many calls are under way as may run at once: %(most)s."),
    "held_as_asked": _("It asked to be left alone for a while."),
    "held_at_gateway": _("The gateway %(name)s lets no call through. %(why)s"),
    "circuit_open": _(
        "It has failed %(times)s times in a row since %(since)s, so it is left alone. It is tried again %(when)s. "
        "What it said last: %(why)s"
    ),
    "circuit_on_trial": _(
        "It has failed %(times)s times in a row since %(since)s. One call is trying whether it works again. "
        "What it said last: %(why)s"
    ),
    # redirects
    "redirect_nowhere": _("It redirects to something that is not an address."),
    "redirect_in_the_open": _("It redirects from https to http, where everybody can listen. Check the address."),
    "redirect_elsewhere": _("It redirects this %(method)s to another host. Enter the new address instead."),
    "redirect_with_key": _("It redirects to another host and would take the key along. Enter the new address instead."),
    "redirects_too_often": _("It redirects more than %(times)s times. Enter the final address instead."),
    # the status
    "wants_fewer_calls": _("It answered %(status)s: it wants fewer calls."),
    "not_available": _("It answered %(status)s: it is not available for now."),
    "not_available_yet": _("It answered %(status)s: it is not available for now."),
    "own_problem": _("It answered %(status)s: the service has a problem of its own."),
    "key_refused": _("It answered %(status)s: the key is missing or wrong."),
    "nothing_lives_there": _("Nothing lives at this address (%(status)s). Check the path."),
    "other_method": _("It answered %(status)s: it does not take this method here. Check GET or POST, and the address."),
    "not_accepted": _("It answered %(status)s: it does not accept this request. Check the address and its parameters."),
    "leads_nowhere": _("It answered %(status)s without saying where to go. Check the address."),
    # the answer
    "headers_too_large": _("The answer's headers are too large. Is this the right address?"),
    "answer_too_large": _("The answer is larger than %(bytes)s. A narrower address is faster."),
    "cannot_be_unpacked": _("It answered with a compressed body that cannot be unpacked. The source must mend that."),
    "other_charset": _("It says that its text is %(charset)s, but it is not. The source must mend that."),
    "charset_unsaid": _("Its text is not UTF-8, and it does not say what it is. The source must mend that."),
    "html": _("It answered with HTML, not JSON. Many APIs need /api or an Accept header."),
    "not_json": _("It answered with something that is not JSON. Many APIs need /api or an Accept header."),
    "cut_off": _(
        "It answered with JSON that is cut off or broken (NaN and Infinity count as broken). Try again later."
    ),
    "number_too_large": _("It answered with a number that is too large to be read. The source must mend that."),
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
    "value_unsendable": _("A value of an answer cannot be sent: it does not fit the place where it is to stand."),
    "no_value_of_new": _("No row has a value at “%(path)s”, by which is known what is new."),
    "no_time_of_new": _("No row has a time at “%(path)s”, by which is known what is new: %(why)s."),
    "times_are_no_ids": _("“%(path)s” holds times, of which several can be alike. Choose the latest time of a field."),
    "newest_come_first": _(
        "%(rows)s rows came, as many as were asked for, the newest first: older ones may be missing. "
        "Choose that pages go back by {before}."
    ),
    "rest_comes_next": _("Only the first %(pages)s pages were read; the rest is asked for next."),
    "rest_held_up": _("Only the first %(pages)s pages were read; the rest is asked for next. %(why)s"),
    "step_failed": _("Step %(step)s: %(why)s"),
    "nothing_to_keep": _("Nothing that can be sent on stands at “%(path)s” in the answer."),
    "too_many_details": _("%(rows)s rows came, and details are asked of at most %(most)s. Ask for fewer rows at once."),
    "details_take_too_long": _("The details of %(rows)s rows take too long. Ask for fewer rows at once."),
    "details_failed": _("The details of row %(row)s, at %(path)s, could not be read. %(why)s"),
    "no_field_for_details": _("Row %(row)s has no “%(name)s”, by which its details are asked for."),
    "no_xml": _("The answer is no XML, or it is cut off."),
    "xml_entities": _(
        "The answer declares entities of its own, which are not taken: they can do harm. "
        "The source must leave them out."
    ),
    "xml_too_deep": _("The elements of the answer stand more than %(most)s deep within each other."),
    "cursor_unsendable": _("The cursor of the answer cannot be sent back: a value like this cannot stand there."),
    "next_page_elsewhere": _("The answer says that the next page is on another host. Connect that host instead."),
    "sign_in_page": _("It leads to a page on which people sign in: the key is missing or wrong."),
    "no_plain_number": _("The answer is no plain number, or one that can be read in two ways: “%(text)s”."),
    "table_in_two_ways": _(
        "“%(text)s” can be read in two ways, and nothing in the table shows which. "
        "Choose how numbers in text are written."
    ),
    "empty_table": _("The answer is an empty table."),
    "broken_table": _("The table cannot be read: a cell is too long, or a quotation mark is missing."),
    "large_table": _("The table has more than %(rows)s rows or %(columns)s columns. Ask for less at once."),
    "no_prometheus_line": _("“%(line)s” is no line of Prometheus text."),
    "no_row_readable": _("No row of the answer can be read as %(metric)s. %(why)s"),
    "needs_time_of_day": _(
        "%(metric)s continues where it left off, so its amounts need a time of day, not only a date. "
        "Or have the feed keep its rows as records."
    ),
    # where to look in a row
    "no_path": _("“%(path)s” is no path we can follow. Write it like data.items; names with other signs go in quotes."),
    "broken_path": _("“%(path)s” is no path we can follow: %(why)s."),
    "path_name_missing": _("after “%(before)s” a name is missing"),
    "path_something_missing": _("after “%(before)s” something is missing"),
    "path_unclosed": _("“%(sign)s” is not closed"),
    "path_unexpected": _("“%(sign)s” cannot stand after “%(before)s”"),
    "path_begins": _("it cannot begin with “%(sign)s”"),
    "path_one_equals": _("one = compares nothing; write =="),
    "path_dollar": _("$ is not needed; begin with the first name"),
    "path_sign": _("“%(sign)s” means nothing here; names with such signs stand in quotes, like %(example)s"),
    "path_digit": _("a name that begins with a digit stands in quotes, like %(example)s"),
    "path_number": _("a number to compare with stands in backticks, like %(example)s"),
    "path_too_deep": _("it is nested too deeply"),
    "function_takes": _("The function “%(name)s” is given %(given)s values in a path, and takes %(count)s."),
    "long_path": _("A path has at most %(most)s characters."),
    "no_function": _("There is no function “%(name)s” in a path."),
    "no_time_format": _("“%(text)s” is no time format that can be read."),
    # enriching records
    "value_cannot_be_sent": _("A value of this record cannot be sent: %(why)s."),
    "answers_other_count": _(
        "The number of answers (%(answers)s) is not that of the records sent (%(records)s). "
        "Check where the answers stand."
    ),
    "no_answer_for_record": _("There is nothing about this record in the answer."),
    "answer_keeps_nothing": _("Nothing that is to be kept stands in the answer. Check the names and paths."),
    "answer_too_much": _("The answer is larger than the %(bytes)s that are kept of one. Keep less of it."),
    "no_chat_answer": _("This is not the answer of a chat model. Does the address end with /v1?"),
    "nothing_to_tell": _("Nothing stands in what is to be sent of this record (%(names)s), so nobody was asked."),
    "gateway_complains": _("The gateway of the model answered with an error: %(why)s"),
    "answer_refused": _("The model refused to answer: %(why)s"),
    "answer_cut_short": _("The answer was cut off at the most tokens that are allowed. Allow more."),
    "answer_unfit": _("The answer does not fit the schema, even after one repair: %(why)s"),
    "calls_used_up": _("The %(calls)s calls of this day are used up. It goes on tomorrow."),
    "cost_used_up": _("The budget of this day, %(cost)s, is used up. It goes on tomorrow."),
    "cannot_enrich": _("This kind of connection cannot enrich records. Choose another connection."),
    # why a row is refused: what follows “Row 3:”
    "row_refused": _("Row %(place)s: %(why)s."),
    "filter_undecided": _("whether “%(path)s” holds cannot be told: something that it compares is missing"),
    "filter_no_condition": _("“%(path)s” gives neither true nor false; compare it with something"),
    "counter_below_zero": _("the value is below zero, and a counter never is"),
    "weight_unreadable": _("of what it is divided by: %(why)s"),
    "weight_not_positive": _("it is divided by %(value)s; only what is above zero can stand there"),
    "sum_overflows": _("%(count)s rows of %(day)s are too large together"),
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
    "value_ambiguous": _("the value “%(text)s” can be read in two ways; say how numbers are written"),
    "value_no_number": _("the value “%(text)s” is not a number"),
    "value_no_point": _("the value “%(text)s” is not written with a decimal point, like 1,234.5"),
    "value_no_comma": _("the value “%(text)s” is not written with a decimal comma, like 1.234,5"),
    "value_no_percent": _("the value “%(text)s” has no per cent sign"),
    "value_no_money": _("the value “%(text)s” is not an amount of money"),
    "value_other_currency": _("the value “%(text)s” is not in %(unit)s"),
    "value_no_duration": _("the value “%(text)s” is not a duration, like 1:30, 1h 30m or PT5M"),
    "value_of_months": _("the value “%(text)s” counts months or years, which have no fixed length"),
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
    "row_no_object": _("it has no named fields, so it cannot be kept as a record"),
    "row_too_large": _("it is larger than the %(bytes)s that a record may have"),
    "key_missing": _("there is no key at “%(path)s”"),
    "key_something_else": _("the key is neither text nor a number"),
    "key_too_long": _("the key is longer than %(most)s characters"),
    "segment_something_else": _("the segment is neither text nor a number"),
    "segment_too_long": _("the segment is longer than %(most)s characters"),
    "segment_unshowable": _("the segment holds signs that cannot be shown"),
}
LATER = (_("We try again later."), _("Test again in a minute."))
AS_ASKED = (_("We wait as long as it asks."), _("Wait a while, then test again."))
# what follows a sentence: what we do about it, and what a person does who was only trying, for nobody tries for them
AFTERWARDS: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "token_awaited": LATER,
    "broken_off": LATER,
    "silent": LATER,
    "own_problem": LATER,
    "not_available": LATER,
    "not_available_yet": AS_ASKED,
    "wants_fewer_calls": AS_ASKED,
    "held_by_pace": (_("Its turn comes %(when)s."), _("Test again %(when)s.")),
    "held_by_quota": (_("The next call goes out after midnight."), _("Test again after midnight.")),
    "held_at_once": (_("The next goes out when one has ended."), LATER[1]),
    "held_as_asked": (_("The next call goes out %(when)s."), _("Test again %(when)s.")),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, as it is stored: a code of SENTENCES, and what its sentence names.

    `str` says the sentence in the language that is active.
    """

    code: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self._sentence()

    def to_whoever_tries(self) -> str:
        """Say the sentence to a person who was trying: what they do next, and no promise of ours, for none is kept."""
        return self._sentence(in_a_trial=True)

    def _sentence(self, *, in_a_trial: bool = False) -> str:
        parts = [SENTENCES[self.code]] if self.code in SENTENCES else []
        parts += [AFTERWARDS[self.code][in_a_trial]] if self.code in AFTERWARDS else []
        named = {name: _said(name, value, in_a_trial=in_a_trial) for name, value in self.data.items()}
        try:
            said = " ".join(str(part) % named for part in parts)
        except KeyError:
            said = ""
        return said or gettext("Something went wrong that this version has no words for.")

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


def _said(name: str, value: Any, *, in_a_trial: bool = False) -> str:
    within = Problem.stored(value) if isinstance(value, Mapping) else value
    if isinstance(within, Problem):
        return within.to_whoever_tries() if in_a_trial else str(within)
    if name == "setting":
        return gettext(str(value))  # a form's label, stored in the words of the code
    if name == "bytes":
        return size(value)
    if name in SAID:
        return SAID[name](value)
    if name in MOMENTS:
        return MOMENTS[name](str(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def calls_words(allowed: int) -> str:
    """Say how many calls a limit allows."""
    return npgettext("a limit", "%(allowed)s call", "%(allowed)s calls", allowed) % {"allowed": grouped(allowed)}


def per_words(seconds: int) -> str:
    """Say in what time: a minute, in 5 seconds."""
    named = {1: gettext("a second"), 60: gettext("a minute"), 3600: gettext("an hour"), 86400: gettext("a day")}
    return named.get(seconds) or ngettext("in %(seconds)s second", "in %(seconds)s seconds", seconds) % {
        "seconds": grouped(seconds)
    }


def _when(moment: str) -> str:
    """Say when something is to be: a time of today (10:42), or a local moment of another day (ISO)."""
    if "T" not in moment:
        return gettext("at %(time)s") % {"time": moment}
    return gettext("on %(day)s at %(time)s") % _day_and_time(moment)


def _since(moment: str) -> str:
    return moment if "T" not in moment else pgettext("a moment in a table", "%(day)s %(time)s") % _day_and_time(moment)


def _day_and_time(moment: str) -> dict[str, str]:
    local = datetime.fromisoformat(moment)
    return {"day": day(local.date(), today=local.date()), "time": f"{local:%H:%M}"}


SAID: dict[str, Callable[[int], str]] = {"allowed": calls_words, "per": per_words}
MOMENTS: dict[str, Callable[[str], str]] = {"when": _when, "since": _since}


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    if isinstance(value, Problem):
        return value.masked(mask)
    return mask(value) if isinstance(value, str) else value


def _storable(value: Any) -> Any:
    if isinstance(value, Problem):
        return value.as_stored()
    return UNSTORABLE.sub("\ufffd", value[:LONGEST]) if isinstance(value, str) else value

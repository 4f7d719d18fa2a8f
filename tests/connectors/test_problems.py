"""What went wrong is a code that is said when it is shown; only what it quotes can hold a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils.translation import override

from connectors.errors import Broken, Refused
from connectors.fetching import Trial
from connectors.outbound import Redaction
from connectors.problems import AFTERWARDS, LONGEST, SENTENCES, Problem, code_of, problem, sentence_of, told
from connectors.trials import result_of
from tests.alerts.factories import NOW

ROOT = Path(__file__).parents[2]
CALLED = re.compile(r'\bproblem\(\s*"(\w+)"')


def codes_in_use() -> set[str]:
    """Return every code that is named where something goes wrong."""
    files = [file for app in ("connectors", "targets") for file in (ROOT / app).rglob("*.py")]
    return {code for file in files for code in CALLED.findall(file.read_text())}


def test_every_code_in_use_has_a_sentence() -> None:
    assert codes_in_use() - set(SENTENCES) == set()
    assert len(codes_in_use()) > 30


def test_a_code_without_a_sentence_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        problem("nobody_knows")


def test_a_problem_is_stored_as_a_code_and_said_when_it_is_read() -> None:
    kept = problem("own_problem", status=503).as_stored()
    assert kept == {"code": "own_problem", "data": {"status": 503}}
    assert code_of(kept) == "own_problem"
    assert sentence_of(kept).startswith("It answered 503: the service has a problem of its own.")
    assert (sentence_of({}), code_of({})) == ("", "")


def test_a_problem_within_another_is_said_with_it() -> None:
    inner = problem("no_plain_number", text="12 or so")
    kept = problem("no_row_readable", metric="Visitors", why=inner).as_stored()
    assert "Visitors" in sentence_of(kept)
    assert "12 or so" in sentence_of(kept)


def test_a_refused_row_is_read_by_each_reader_in_his_own_language() -> None:
    row = problem("row_refused", place=3, why=problem("value_no_number", text="12 apples"))
    with override("de"):  # the language of whoever collects
        kept = json.loads(json.dumps(problem("no_row_readable", metric="Visitors", why=row).as_stored()))
    with override("en-gb"):
        assert sentence_of(kept) == (
            "No row of the answer can be read as Visitors. Row 3: the value “12 apples” is not a number."
        )
    with override("de"):
        assert sentence_of(kept) == (
            "Keine Zeile der Antwort lässt sich als Visitors lesen. Zeile 3: Der Wert „12 apples“ ist keine Zahl."
        )


@pytest.mark.parametrize("code", AFTERWARDS)
def test_whoever_tries_is_told_what_to_do_and_promised_nothing(code: str) -> None:
    found = problem(code, status=503, when="10:42", allowed=3, per=60, most=2)
    promise, advice = AFTERWARDS[code]
    assert str(found) == f"{SENTENCES[code]} {promise}" % stands_for(found)
    assert found.to_whoever_tries() == f"{SENTENCES[code]} {advice}" % stands_for(found)
    assert "est again" in found.to_whoever_tries()


def stands_for(found: Problem) -> dict[str, object]:
    """Return what the words of a sentence are filled with, as people read it."""
    return {**found.data, "when": "at 10:42", "allowed": "3 calls", "per": "a minute"}


def test_a_promise_within_another_problem_is_not_made_to_whoever_tries_either() -> None:
    inner = problem("own_problem", status=500)
    for why in (inner, inner.as_stored()):
        found = problem("step_failed", step=2, why=why)
        assert str(found).endswith("a problem of its own. We try again later.")
        assert found.to_whoever_tries().endswith("a problem of its own. Test again in a minute.")


def test_a_trial_says_what_to_do_next() -> None:
    failed = Trial(page=None, error=Broken(problem("not_available", status=503)), notes=())
    assert result_of(failed, NOW).message == "It answered 503: it is not available for now. Test again in a minute."


def test_a_reason_that_was_stored_as_a_sentence_is_shown_as_it_is() -> None:
    kept = {"code": "no_row_readable", "data": {"metric": "Visitors", "why": "Zeile 1: Die Zeit fehlt."}}
    assert sentence_of(kept) == "No row of the answer can be read as Visitors. Zeile 1: Die Zeit fehlt."


def test_a_size_is_written_as_the_reader_writes_it() -> None:
    kept = problem("answer_too_large", bytes=4_200_000).as_stored()
    assert "larger than 4.2 MB." in sentence_of(kept)
    with override("de"):
        assert "größer als 4,2 MB." in sentence_of(kept).replace("\u00a0", " ")


def test_signs_that_no_database_keeps_are_not_stored() -> None:
    inner = problem("value_no_number", text="1\0\ud800é")
    kept = problem("row_refused", place=1, why=inner).as_stored()
    assert kept["data"]["why"]["data"]["text"] == "1\ufffd\ufffdé"


def test_a_sentence_of_a_kind_s_own_is_shown_as_it_is() -> None:
    assert sentence_of(told("100% of it is gone.").as_stored()) == "100% of it is gone."


@pytest.mark.parametrize("kept", [{"code": "of_tomorrow", "data": {}}, {"code": "own_problem"}])
def test_what_another_version_stored_does_not_break_a_page(kept: dict[str, object]) -> None:
    assert sentence_of(kept) == "Something went wrong that this version has no words for."


def test_long_quotations_are_cut_before_they_are_stored() -> None:
    kept = told("x" * 1000).as_stored()
    assert kept["data"]["text"] == "x" * LONGEST


@pytest.mark.parametrize("key", ["answered", "the", "key", "It"])
def test_a_key_that_is_a_common_word_leaves_our_sentences_alone(key: str) -> None:
    error = Refused(problem("key_refused", status=401), sample=f"wrong: {key}")
    error.masked(Redaction([key]).text)
    assert error.message == "It answered 401: the key is missing or wrong."
    assert error.sample == "wrong: •••"


def test_what_a_sentence_quotes_is_masked() -> None:
    mask: Callable[[str], str] = Redaction(["hunter2"]).text
    inner = problem("no_plain_number", text="hunter2")
    masked = problem("no_row_readable", metric="Visitors", why=inner).masked(mask)
    assert "hunter2" not in f"{masked} {masked!r}"


def test_every_sentence_can_be_said_in_every_language() -> None:
    for code, sentence in SENTENCES.items():
        parts = f"{sentence} {AFTERWARDS.get(code, '')}"
        named = dict.fromkeys(re.findall(r"%\((\w+)\)s", parts), 1)
        for language in ("en-gb", "de"):
            with override(language):
                assert "no words for" not in str(Problem(code, named)), code

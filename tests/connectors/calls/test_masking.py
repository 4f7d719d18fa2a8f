"""What the log never shows: values of named fields, however they are written, wherever the text ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.calls.masking import masked, names_in
from connectors.calls.rules import kept
from connectors.models import Connection
from connectors.outbound import CallNote
from connectors.problems import problem

NAMES = ("email", "phone", "home address")
SECRET = "jo@example.com"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # JSON, at any depth, of any kind of value
        ('{"id":1,"email":"jo","n":{"phone":[1,{"x":"]"}],"y":2}}', '{"id":1,"email":"•••","n":{"phone":"•••","y":2}}'),
        ('{"email": 12, "b": 3}', '{"email": "•••", "b": 3}'),
        ('{"email": null}', '{"email": "•••"}'),
        ('{"EMail":\n  "jo"}', '{"EMail":\n  "•••"}'),
        ('{"email":"a\\"b","c":1}', '{"email":"•••","c":1}'),
        ('{"email":"a\\\\","c":1}', '{"email":"•••","c":1}'),
        ('{"user.email":"jo"}', '{"user.email":"•••"}'),
        ('{"home address":"jo"}', '{"home address":"•••"}'),
        ('{"\\u0065mail":"jo"}', '{"\\u0065mail":"•••"}'),
        # JSON within JSON
        (r'{"body":"{\"email\":\"a\\\"b\",\"q\":1}","k":2}', r'{"body":"{\"email\":\"•••\",\"q\":1}","k":2}'),
        ('{"body":"{\\"phone\\":{\\"a\\":\\"}\\"},\\"q\\":1}"}', '{"body":"{\\"phone\\":\\"•••\\",\\"q\\":1}"}'),
        # cut off
        ('{"a":1,"email":"jo@exam', '{"a":1,"email":"•••'),
        ('{"a":{"phone":{"home":"12', '{"a":{"phone":"•••"'),
        ('{"a":1,"email":41', '{"a":1,"email":"•••"'),
        ('{"a":1,"ema', '{"a":1,"ema'),
        # forms and addresses
        ("a=1&email=jo%40x&b=2", "a=1&email=•••&b=2"),
        ("https://x.example/p?Email=jo&b=2", "https://x.example/p?Email=•••&b=2"),
        ("user%5Bemail%5D=jo&x=1", "user%5Bemail%5D=•••&x=1"),
        ("user[email]=jo&x=1", "user[email]=•••&x=1"),
        ("?next=%2Fp%3Femail%3Djo%26b%3D1&c=2", "?next=%2Fp%3Femail%3D•••%26b%3D1&c=2"),
        ("%65mail=jo&x=1", "%65mail=•••&x=1"),
        ("home+address=jo&x=1", "home+address=•••&x=1"),
        ("→ https://x.example/?email=jo&x=1", "→ https://x.example/?email=•••&x=1"),
        # XML and HTML
        ('<r><email type="x">jo</email><id>3</id></r>', "<r><email>•••</email><id>3</id></r>"),
        ("<r><a:Email>jo<b/></a:Email><id>3", "<r><a:Email>•••</a:Email><id>3"),
        ("<email><email>1</email>2</email>3", "<email>•••</email>3"),
        ("<r><email>jo", "<r><email>•••"),
        ('<r><email kind="jo', "<r><email •••"),
        ('<email/><email of="jo"/>x', "<email/><email •••/>x"),
        ('<p email="jo" id="3">', '<p email="•••" id="3">'),
        ("&quot;email&quot;:&quot;jo&quot;,&quot;b&quot;:1", "&quot;email&quot;:&quot;•••&quot;,&quot;b&quot;:1"),
        # lines, tables, and what programs print
        ("email: jo, and more\nnext: 1", "email: •••\nnext: 1"),
        ('{"text":"see\\nemail: jo\\nbye","id":1}', '{"text":"see\\nemail: •••\\nbye","id":1}'),
        ('{"text":"email: jo","id":1}', '{"text":"email: •••","id":1}'),
        ('visitors{email="jo"} 3', 'visitors{email="•••"} 3'),
        ("{'email': 'jo', 'b': 2}", "{'email': '•••', 'b': 2}"),
        ('id,email,n\n1,jo,"a\nb"\n2,"a@b,c', 'id,email,n\n1,•••,"a\nb"\n2,•••\n'),
        ("phone;n\n12;1\n;2\n", "phone;n\n•••;1\n;2\n"),
        ("email\njo\nmo", "email\n•••\n•••\n"),
        # what is named otherwise stays
        ('{"workemail":"a","email-x":"b","emails":"c"}', '{"workemail":"a","email-x":"b","emails":"c"}'),
        ("the email of jo", "the email of jo"),
        ("email=&b=1", "email=&b=1"),
    ],
)  # fmt: skip
def test_values_of_named_fields_are_masked(text: str, expected: str) -> None:
    assert masked(text, NAMES) == expected


def test_names_are_those_of_a_line_with_commas() -> None:
    assert names_in(" email, phone ,, email,home address") == NAMES
    assert masked('{"email": 1}', names_in("")) == '{"email": 1}'


def documents() -> st.SearchStrategy[Any]:
    """Return any JSON document with the secret under a masked name, at any depth."""
    plain = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    names = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
        ["email", "id", 'a"b', "\\"]
    )
    secret = st.recursive(
        st.just(SECRET),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
        max_leaves=3,
    )
    leaf = plain | st.fixed_dictionaries({"email": secret}) | st.fixed_dictionaries({"x": plain, "EMAIL": secret})
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=6
    )


@given(documents(), st.booleans(), st.sampled_from([None, 2]), st.floats(0, 1), st.integers(0, 2))
def test_no_json_document_shows_a_masked_value_wherever_it_is_cut(
    document: Any, ascii_only: bool, indent: int | None, share: float, wrapped: int
) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    for _ in range(wrapped):  # a document that is a text within another
        text = json.dumps({"body": text})
    shown = masked(text[: int(len(text) * share)], NAMES)
    assert SECRET[:6] not in shown


@given(documents(), st.sampled_from([None, 2]))
def test_a_whole_json_document_stays_one(document: Any, indent: int | None) -> None:
    assert json.loads(masked(json.dumps(document, indent=indent), NAMES)) is not ...


@pytest.mark.parametrize(
    "part",
    ['"email":', "[", '{"email":{"a":', "<email>", "<email ", "email" + " " * 50, "email\\", "email'", '"email": "\\',
     "email: ", " email:\n", "&quot;email&quot;:&quot;", 'id,email\n1,"x\n', '{"a":"email: '],
)  # fmt: skip
def test_the_time_it_takes_grows_with_the_text_and_no_faster(part: str) -> None:
    text = part * (400_000 // len(part))
    began = perf_counter()
    masked(text, NAMES)
    assert perf_counter() - began < 5, "400 kB take tenths of a second; this looks as if it grew with the square"


def note(**fields: Any) -> CallNote:
    """Return the note of a call that went well, but for what is given."""
    usual: dict[str, Any] = {
        "at": datetime(2026, 11, 20, tzinfo=UTC),
        "method": "GET",
        "url": "https://x.example/?email=jo",
        "status": 200,
        "took": 0.2,
        "size": 10,
        "attempt": 1,
        "problem": None,
        "correlation_id": "1",
        "request_headers": {},
        "sample": '{"email": "jo", "visitors": 5}',
    }
    return CallNote(**usual | fields)


FAILURE = problem("no_prometheus_line", line='email="jo"')


@pytest.mark.parametrize(
    ("samples", "failure", "expected"),
    [
        ("all", None, '{"email": "•••", "visitors": 5}'),
        ("all", FAILURE, '{"email": "•••", "visitors": 5}'),
        ("failures", None, ""),
        ("failures", FAILURE, '{"email": "•••", "visitors": 5}'),
        ("none", None, ""),
        ("none", FAILURE, ""),
    ],
)
def test_the_rules_of_a_connection_say_what_is_kept(samples: str, failure: Any, expected: str) -> None:
    connection = Connection(samples=samples, redacted_names="email")
    found = kept(note(problem=failure), connection)
    assert found.sample == expected
    assert found.url == "https://x.example/?email=•••"
    assert found.problem is None or "jo" not in str(found.problem)
    assert (found.status, found.took, found.size) == (200, 0.2, 10)

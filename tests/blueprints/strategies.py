"""Documents made up by Hypothesis, as far as possible from what the sections declare."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from blueprints.registry import sections
from connectors.blueprint.feeds import feed_fields_of
from connectors.blueprint.kinds import Path
from organisations.documents import Field
from organisations.documents.sections import joined
from organisations.documents.shapes import (
    SPOKEN,
    UNITS,
    WEEKDAYS,
    Choice,
    Clock,
    Day,
    Flag,
    Names,
    Number,
    Pairs,
    Rhythm,
    Secret,
    Text,
    Weekdays,
)
from targets.blueprint.aims import Aim
from targets.blueprint.sections import METRIC_FIELDS, TARGET_FIELDS
from targets.domain.terms import PeriodKind

Rows = dict[str, dict[str, dict[str, Any]]]

# texts that YAML, placeholders and joined names could take for something else
TRAPS = [
    "no", "true", "~", "5", "0x1F", "1e3", "08:00", "2026-11-20", "- a", "a: b", "a #b", "#", "'", '"', "*a", "&a",
    "{since}", "${GOAL}", "$${GOAL}", "$", "a / b", "a // b", "/", "//", "é ß 漢 🎯", "\u2028", "=", "<<", "%TAG", "?",
    "|", "!a", "a\u00a0b", "...", "---",
]  # fmt: skip
SIGNS = st.characters(exclude_categories=["Cs", "Cc"])
LINES = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t")
NUMBERS = st.integers(-(10**12), 10**12) | st.floats(-1e12, 1e12, allow_nan=False).map(lambda number: round(number, 6))


def line(longest: int = 20, least: int = 1) -> SearchStrategy[str]:
    """Return texts of one line without blanks around them."""
    made = st.text(SIGNS, min_size=least, max_size=longest) | st.sampled_from(TRAPS)
    return made.map(lambda text: text[:longest].strip()).filter(lambda text: len(text) >= least)


def block() -> SearchStrategy[str]:
    """Return texts of several lines."""
    return st.text(LINES, max_size=60) | st.sampled_from(["a\nb", "a\n\n", "\n", " a\n b\n", "a\n\n\nb: c\n", "{}"])


def anything(deepest: int = 3) -> SearchStrategy[Any]:
    """Return whatever YAML can say."""
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(TRAPS) | block()
    scalars = (
        st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
    )
    leaves = scalars | texts
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
    ).filter(lambda value: depth(value) <= 8 or deepest > 8)


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return 1 + max((depth(each) for each in inner), default=0)


def days() -> SearchStrategy[str]:
    return st.dates().filter(lambda day: day.year >= 1000).map(str)


def weekdays() -> SearchStrategy[Any]:
    short = st.sampled_from(["monday to friday", "every day", "Saturday to monday", "friday"])
    return st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7) | short


def rhythms(most: int = 44_640) -> SearchStrategy[Any]:
    said = st.tuples(st.integers(1, 4), st.sampled_from([*UNITS])).map(lambda pair: f"{pair[0]} {pair[1]}s")
    return st.integers(1, most) | said | st.sampled_from([*SPOKEN, "hour", "every 15 minutes"])


def aims() -> SearchStrategy[Any]:
    """Return goals above zero, which every metric takes, said in every way."""
    goal = st.integers(1, 10**9) | st.floats(0.01, 1e9).map(lambda number: round(number, 2))
    when = st.sampled_from([kind.value for kind in PeriodKind if kind != PeriodKind.RANGE]).map("per {}".format)
    either = st.sampled_from(["at least", "at most", ">=", "<=", "At Least"])
    one_sided = st.tuples(either, goal, when).map(lambda parts: " ".join(map(str, parts)))
    between = st.tuples(goal, st.integers(1, 1000), when).map(
        lambda parts: f"between {parts[0]} and {parts[0] + parts[1]} {parts[2]}"
    )
    fixed = st.just("at most 5 from 2026-01-01 to 2026-12-31")
    long = goal.map(lambda number: {"comparison": "at most", "goal": number, "period": "week"})
    return one_sided | between | fixed | long


def of(shape: Any) -> SearchStrategy[Any]:
    """Return values that a shape takes."""
    if isinstance(shape, Path):
        return st.sampled_from(["", "date", "data.items", '"Net Sales"', "@", "a[0].b"])
    if isinstance(shape, Text):
        return block() if shape.many_lines else line(min(shape.longest, 20), least=0) | st.integers(0, 99)
    if isinstance(shape, Number):
        return number_of(shape)
    if isinstance(shape, Choice):
        return st.sampled_from(shape.names)
    if isinstance(shape, Names):
        return st.lists(line().filter(lambda text: "," not in text and text.isprintable()), max_size=4)
    if isinstance(shape, Pairs):
        return pairs(shape.separator)
    made: dict[type, SearchStrategy[Any]] = {
        Flag: st.booleans(),
        Day: days(),
        Clock: st.times().map(lambda time: f"{time:%H:%M}"),
        Rhythm: rhythms(),
        Weekdays: weekdays(),
        Secret: st.sampled_from(["${A_KEY}", "${B_KEY_2}"]),
        Aim: aims(),
    }
    return made[type(shape)]


def number_of(shape: Number) -> SearchStrategy[Any]:
    least, most = int(shape.least or 0), int(shape.most or 10**6)
    whole = st.integers(least, most)
    return whole if shape.whole else whole | NUMBERS if shape.least is None else whole


def pairs(separator: str) -> SearchStrategy[Any]:
    words = line().filter(lambda text: separator not in text and not set("\u2028{") & set(text))
    values = (
        line(least=0).filter(lambda text: "\u2028" not in text and "{GOAL" not in text)
        | st.integers(0, 9)
        | st.booleans()
    )
    return st.dictionaries(words, values, max_size=3)


def some_of(fields: dict[str, Field], *names: str) -> SearchStrategy[dict[str, Any]]:
    """Return bodies with some of the fields that are named, or of all."""
    chosen = {name: of(fields[name].shape) for name in names}
    return st.fixed_dictionaries({}, optional=chosen)


SIGN_INS: list[dict[str, Any]] = [
    {"settings": {"sign_in": "none"}},
    {"settings": {"sign_in": "bearer"}, "secrets": {"key": "${A_KEY}"}},
    {"settings": {"sign_in": "header", "header_name": "X-Key"}, "secrets": {"key": "${B_KEY}"}},
    {"settings": {"sign_in": "basic"}, "secrets": {"user_name": "${USER_NAME}", "password": "${PASSWORD}"}},
]
HEADERS = st.dictionaries(
    st.from_regex(r"[A-Z][a-z]{1,8}", fullmatch=True), st.sampled_from(["a", "1", "no"]), max_size=2
)


@st.composite
def connection(draw: Any) -> dict[str, Any]:
    """Make up a connection."""
    if draw(st.booleans()):
        return {"kind": "push"}
    sign_in = draw(st.sampled_from(SIGN_INS))
    address = draw(
        st.sampled_from(["https://a.example.com", "https://b.example.com/api", "http://c.example.com:8080/x"])
    )
    settings = {"address": address, **sign_in["settings"], "headers": draw(HEADERS)}
    return {"kind": "http", **sign_in, "settings": settings}


@st.composite
def feed(draw: Any, kind: str) -> dict[str, Any]:
    """Make up a feed of a connection of this kind."""
    body: dict[str, Any] = draw(some_of(feed_fields_of(kind), "every", "paused"))
    if kind == "http":
        body |= draw(some_of(feed_fields_of(kind), "at_path", "history_days", "overlap_days"))
        query = {"path": draw(st.sampled_from(["", "orders", "v1/a"])), "params": draw(pairs("="))}
        posted = {"method": "POST", "body": draw(block()), "content_type": "text/plain"} if draw(st.booleans()) else {}
        body["query"] = query | posted
        body |= draw(st.sampled_from([{}, {"asks": "window"}, {"asks": "period", "running_period": "month"}]))
    return body


HOW_READ = ["read_as", "weight_path", "missing_is_zero"]
AS_IT_STANDS: list[dict[str, Any]] = [{}, {"read_as": "value"}, {"missing_is_zero": True}, {"missing_is_zero": False}]
WAYS = {
    "flow": [*AS_IT_STANDS, {"read_as": "counter"}],
    "level": [*AS_IT_STANDS, {"read_as": "ratio", "weight_path": "data.items"}],
    "running": AS_IT_STANDS,
}


@st.composite
def metric(draw: Any, feed: dict[str, Any]) -> dict[str, Any]:
    """Make up a metric of a feed."""
    names = [name for name in METRIC_FIELDS if name not in ("feed", "value_kind", "scale_min", "scale_max", *HOW_READ)]
    body: dict[str, Any] = draw(some_of(METRIC_FIELDS, *names))
    kind = draw(st.sampled_from(["running"] if feed.get("running_period") else ["flow", "level"]))
    way: dict[str, Any] = draw(st.sampled_from(WAYS[kind] if "query" in feed else AS_IT_STANDS))
    return body | way | {"value_kind": kind}


@st.composite
def target(draw: Any, metric: dict[str, Any], feed: dict[str, Any]) -> dict[str, Any]:
    """Make up a target of a metric."""
    body: dict[str, Any] = draw(some_of(TARGET_FIELDS, "team", "tags", "profile", "paused"))
    body["goal"] = draw(aims()) if metric["value_kind"] != "running" else "at least 5 per month"
    body |= draw(st.sampled_from([{}, {"time_zone": "Asia/Tokyo"}]))
    if metric["value_kind"] == "level":
        body |= draw(st.sampled_from([{}, {"start_value": 7}, {"aggregation": "mean"}, {"aggregation": "latest"}]))
    return body


@st.composite
def rows(draw: Any, owner: str) -> Rows:
    """Make up an organisation's rows; `owner` is a member."""
    connections = draw(st.dictionaries(line(), connection(), min_size=1, max_size=3))
    made: Rows = {"connections": connections, **{name: {} for name in sections() if name != "connections"}}
    for name, body in connections.items():
        for place in draw(st.lists(line(), max_size=2, unique_by=str.lower)):
            made["feeds"][joined(name, place)] = draw(feed(body["kind"]))
    for place, body in made["feeds"].items():
        for name in draw(st.lists(line(), max_size=2)):
            made["metrics"][name] = {"feed": place, **draw(metric(body))}
    for name, body in made["metrics"].items():
        for place in draw(st.lists(line(), max_size=2)):
            owned = draw(st.sampled_from([{}, {"owner": owner}]))
            made["targets"][place] = {"metric": name, **draw(target(body, made["feeds"][body["feed"]])), **owned}
    fields = sections()["reports"].variants()[""]
    for name in draw(st.lists(line(), max_size=1)):
        body = draw(some_of(dict(fields), "at", "weekdays", "team", "tag", "active"))
        made["reports"][name] = {**body, **draw(st.sampled_from([{}, {"people": [owner]}]))}
    return made

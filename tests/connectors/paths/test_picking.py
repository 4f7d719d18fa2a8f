"""Numbers in an answer: how they are drawn, named and found again."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import hints, ways
from connectors.paths import look_up, picking
from connectors.paths.picking import Node
from connectors.ways import How, Way

VISITORS = [{"date": "2026-11-01", "uniqueVisitors": 310}, {"date": "2026-11-02", "uniqueVisitors": 295}]
PLANS = {
    "plans": [{"name": "Starter", "new": 338, "price_cents": 900}, {"name": "Team", "new": 247, "price_cents": 2900}]
}

texts = st.text(max_size=6) | st.sampled_from(
    ["a.b", 'say "x"', "it's", "`tick`", "back\\slash", "größe", "名前", "", "@", "1"]
)
values = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(-1e9, 1e9) | texts | st.just("12.50")
answers = st.recursive(
    values, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=20
)


def seen_in(answer: Any) -> list[Node]:
    """Return everything that is drawn of an answer, as a table or as a tree."""
    tree = picking.tree(answer)
    return [node for row in tree.table.rows for node in row] if tree.table else drawn(tree.root)


def drawn(node: Node) -> list[Node]:
    """Return the node and everything under it."""
    below = [child for _, child in (*node.entries, *node.folded)]
    return [node, *(each for child in below for each in drawn(child))]


def pick(answer: Any, path: str) -> ways.Pick:
    """Pick the number that stands at a path."""
    trail = picking.trail_of(answer, path)
    assert trail is not None
    return ways.picked(answer, trail)


def way_by(how: How, answer: Any, path: str) -> Way:
    """Return the way of one sort to a number."""
    return next(way for way in pick(answer, path).ways if way.how == how)


def rows_of(answer: Any, way: Way) -> list[Any]:
    """Return the rows that a feed would get: a list is its entries, anything else is one row."""
    found = look_up(way.rows)(answer)
    return found if isinstance(found, list) else [found]


def values_of(answer: Any, way: Way) -> list[Any]:
    """Return what a metric would read from the answer."""
    return [look_up(way.value)(row) for row in rows_of(answer, way)]


@settings(max_examples=300)
@given(answers)
def test_every_path_that_is_drawn_finds_its_number_again(answer: Any) -> None:
    for trail, value in picking.numbers(answer):
        assert look_up(picking.spelled(trail))(answer) == value


@settings(max_examples=300)
@given(answers)
def test_every_way_offered_finds_the_number_again(answer: Any) -> None:
    for trail, value in picking.numbers(answer):
        number = picking.number_in(value)
        for way in ways.picked(answer, trail).ways:
            found = values_of(answer, way)
            if way.how in (How.SUM, How.COUNT):
                assert len(found) == 1
                assert picking.shown(float(found[0])) == way.total
            elif way.how == How.LATEST:
                assert len(found) == 1
            elif way.how == How.ROWS:
                assert number in found
            else:
                assert found == [number]


@given(st.text(min_size=1, max_size=8))
def test_an_entry_is_found_by_any_name(entry: str) -> None:
    answer = {"all": [{"name": "other", "n": 1}, {"name": "x" + entry, "n": 2}]}
    way = way_by(How.MATCH, answer, "all[1].n")
    assert values_of(answer, way) == [2]


@given(answers)
def test_what_is_drawn_is_what_can_be_picked(answer: Any) -> None:
    paths = [node.path for node in seen_in(answer) if node.path]
    assert sorted(paths) == sorted(picking.spelled(trail) for trail, _ in picking.numbers(answer))


def test_dated_rows_are_a_history_of_one_reading_a_day() -> None:
    best = pick(VISITORS, "[1].uniqueVisitors").ways[0]
    assert best == Way(how=How.ROWS, rows="", value="uniqueVisitors", at="date", daily=True, length=2)


def test_dated_rows_are_found_inside_an_answer() -> None:
    best = pick({"data": {"days": VISITORS}}, "data.days[0].uniqueVisitors").ways[0]
    assert (best.rows, best.value, best.at) == ("data.days", "uniqueVisitors", "date")


def test_rows_of_text_with_dates_among_values_are_a_history() -> None:
    rows = [
        {"dimensions": [{"value": "20261101"}], "metrics": [{"value": "123"}]},
        {"dimensions": [{"value": "20261102"}], "metrics": [{"value": "150"}]},
    ]
    best = pick({"rows": rows}, "rows[0].metrics[0].value").ways[0]
    assert (best.at, best.value) == ("dimensions[0].value", "to_number(metrics[0].value)")


@pytest.mark.parametrize(
    ("dates", "written", "daily"),
    [
        (["01.11.2026", "02.11.2026"], "%d.%m.%Y", True),
        (["2026-11-01T10:00:00Z", "2026-11-01T11:00:00Z"], "auto", False),
        ([1793527200, 1793530800], "auto", False),
    ],
)
def test_dates_are_recognised_as_sources_write_them(dates: list[Any], written: str, daily: bool) -> None:
    best = pick([{"timestamp": date, "n": 1} for date in dates], "[0].n").ways[0]
    assert (best.how, best.at_format, best.daily) == (How.ROWS, written, daily)


def test_several_rows_a_day_are_told_apart_by_a_text() -> None:
    rows = [{"date": "2026-11-01", "shop": shop, "sold": 5} for shop in ("north", "south")]
    best = pick(rows, "[0].sold").ways[0]
    assert (best.how, best.segment) == (How.ROWS, "shop")


def test_several_rows_a_day_that_nothing_tells_apart_are_no_history() -> None:
    rows = [{"date": "2026-11-01", "sold": 5}, {"date": "2026-11-01", "sold": 7}]
    assert How.ROWS not in [way.how for way in pick(rows, "[0].sold").ways]


def test_a_name_is_better_than_a_sum_and_a_sum_than_a_place() -> None:
    found = pick(PLANS, "plans[1].new").ways
    assert [way.how for way in found] == [How.MATCH, How.SUM, How.COUNT, How.PLACE]
    assert found[0].value == "plans[?name=='Team'].new | [0]"
    assert (found[1].value, found[1].total) == ("sum(plans[*].new)", "585")
    assert (found[2].value, found[2].total) == ("length(plans)", "2")
    assert (found[3].value, found[3].place, found[3].length) == ("plans[1].new", 2, 2)


def test_a_name_that_two_entries_share_is_not_offered() -> None:
    twins = [{"name": "Team", "n": 1}, {"name": "Team", "n": 2}]
    assert [way.how for way in pick(twins, "[0].n").ways] == [How.SUM, How.COUNT, How.LATEST, How.PLACE]


def test_a_number_outside_lists_has_one_way() -> None:
    found = pick({"subscriptions": {"new": 651}}, "subscriptions.new")
    assert [(way.how, way.rows, way.value, way.length) for way in found.ways] == [
        (How.PLACE, "", "subscriptions.new", 0)
    ]
    assert found.title == "Subscriptions new"


def test_text_that_looks_like_a_number_is_converted() -> None:
    answer = {"total": "12.50", "note": "12 apples"}
    seen = picking.tree(answer)
    assert (seen.numbers, seen.texts) == (1, 1)
    assert [node.as_text for node in drawn(seen.root) if node.path] == [True]
    assert values_of(answer, pick(answer, "total").ways[0]) == [12.5]


@pytest.mark.parametrize(
    ("answer", "path", "expected"),
    [
        ({"price_cents": 2900}, "price_cents", True),
        ({"revenue": 87386900, "currency": "eur"}, "revenue", True),
        ({"revenue": 873, "currency": "eur"}, "revenue", False),
        ({"revenue": 87386900}, "revenue", False),
        ({"centre": 5}, "centre", False),
    ],
)
def test_money_in_cents_is_noticed(answer: Any, path: str, expected: bool) -> None:
    assert pick(answer, path).cents is expected


@pytest.mark.parametrize(
    ("answer", "path", "expected"),
    [
        ({"payment_success_rate": 0.9873}, "payment_success_rate", True),
        ({"bounceRate": 0.3}, "bounceRate", True),
        ({"rate": 98.7}, "rate", False),
        ({"strategy": 0.5}, "strategy", False),
    ],
)
def test_shares_are_noticed(answer: Any, path: str, expected: bool) -> None:
    assert pick(answer, path).share is expected


def test_names_are_split_into_words() -> None:
    assert hints.words("uniqueVisitors2") == ["unique", "visitors", "2"]
    assert hints.words("HTTPStatus_code") == ["http", "status", "code"]
    assert pick(VISITORS, "[0].uniqueVisitors").title == "Unique visitors"
    assert pick(VISITORS, "[0].uniqueVisitors").people is True


def test_the_likeliest_number_is_not_an_id() -> None:
    assert ways.likeliest({"id": 5, "page": 1, "orders": 12}) == ("orders",)
    assert ways.likeliest({"id": 5}) == ("id",)
    assert ways.likeliest({"note": "none"}) is None


def test_long_lists_fold_after_twenty_entries() -> None:
    root = picking.tree(list(range(25))).root
    assert (len(root.entries), len(root.folded)) == (20, 5)


def test_a_huge_answer_is_cut_but_counted_whole() -> None:
    seen = picking.tree({"all": [{"n": n} for n in range(50_000)]})
    assert seen.numbers == 50_000
    assert seen.cut is True
    assert len(drawn(seen.root)) < 2 * picking.MOST_VALUES


def test_depth_without_end_is_cut_and_not_an_error() -> None:
    deep: Any = 5
    for _ in range(500):
        deep = {"d": deep}
    seen = picking.tree(deep)
    assert seen.numbers == 0
    assert any(node.text == "…" for node in drawn(seen.root))


@pytest.mark.parametrize("value", [True, None, "", "1_000", "inf", "NaN", "1e5", "٣", " 1"])
def test_only_plain_numbers_can_be_picked(value: Any) -> None:
    assert picking.number_in(value) is None


@pytest.mark.parametrize(
    ("number", "text"), [(651, "651"), (2900.0, "2,900"), (-1234.5, "−1,234.5"), (0.1 + 0.2, "0.3"), (0.9873, "0.9873")]
)
def test_numbers_are_written_for_people(number: float, text: str) -> None:
    assert picking.shown(float(number)) == text

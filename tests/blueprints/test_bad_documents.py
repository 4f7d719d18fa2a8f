"""Documents that are wrong, and what is said of each: the sentence, the line, and what was probably meant.

Whatever is wrong, nothing of the document is applied.
"""

# ruff: noqa: E501  one line of the table is one document
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from alerts.models import Report
from blueprints.applying import Order, apply, prepare
from blueprints.mistakes import Mistaken
from connectors.models import Connection, Feed
from organisations.access import Access, access_for
from organisations.models import Organisation, User
from targets.models import Metric, Tag, Target

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db

GOOD = """\
blueprint: 1
connections:
  Shop:
    kind: http
    settings:
      address: https://shop.example.com
      sign_in: bearer
    secrets:
      key: ${SHOP_KEY}
feeds:
  Shop / Orders:
    query:
      path: orders
    every: 1 hour
    at_path: date
metrics:
  Sales:
    feed: Shop / Orders
    value_path: amount
targets:
  Sales a month:
    metric: Sales
    goal: at least 1000 per month
    tags: [Growth]
reports:
  Weekly:
    weekdays: [monday]
    people: [owner@growth.example]
"""
ANSWERS = {"SHOP_KEY": "s3cret", "SALES": "1000"}


def with_(before: str, after: str) -> str:
    """Return the good document with one thing made wrong."""
    assert GOOD.count(before) == 1, before
    return GOOD.replace(before, after)


BAD = [
    # what YAML is
    ("a: [", "line 2: This is not readable as YAML: did not find expected node content."),
    ("a: b: c", "line 1: This is not readable as YAML: mapping values are not allowed in this context."),
    ("blueprint: 1\n\ttargets: {}", "line 2: This is not readable as YAML:"),
    ('blueprint: 1\ndescription: "x', "This is not readable as YAML: found unexpected end of stream."),
    ("blueprint: 1\ndescription: \x00", "This is not readable as YAML"),
    ("blueprint: 1\n---\nblueprint: 1\n", "line 2: A file holds one document. Put the second into a file of its own."),
    ("- blueprint: 1", "line 1: A blueprint begins with the names of its sections, such as “targets:”."),
    ("just words", "line 1: A blueprint begins with the names of its sections, such as “targets:”."),
    ("blueprint: 1\ndescription: !!python/object:os.system x", "line 2: “tag:yaml.org,2002:python/object:os.system”"),
    ("blueprint: 1\ndescription: !secret x", "line 2: “!secret”: tags are not taken here."),
    ("blueprint: 1\ntargets: *nowhere", "line 2: “*nowhere” stands for nothing above."),
    ("blueprint: 1\n" + "description: " + "[" * 20 + "]" * 20, "line 2: This goes deeper, or is more, than any blueprint."),
    (
        "blueprint: 1\na: &a [" + "x, " * 60 + "]\n"
        + "".join(f"b{n}: &b{n} [" + f"*{'a' if not n else f'b{n - 1}'}, " * 60 + "]\n" for n in range(6)),
        "This goes deeper, or is more, than any blueprint.",
    ),
    ("blueprint: 1\n? [a, b]\n: c", "line 2: A name is a text. A text with braces or brackets needs quotation marks."),
    (with_("    goal:", "    goal: at least 5 per day\n    goal:"), "line 24: “goal” stands twice, first in line 23."),
    (with_("reports:\n", "  Sales a month:\n    metric: Sales\nreports:\n"), "“Sales a month” stands twice, first in line 21."),
    (with_("blueprint: 1\n", "blueprint: 1\ntargets: {}\n"), "“targets” stands twice, first in line 2."),
    # its head and its sections
    (with_("blueprint: 1", "blueprint: 2"), "line 1, blueprint: Begin with “blueprint: 1”, the version of its form."),
    (with_("blueprint: 1", 'blueprint: "1"'), "line 1, blueprint: Begin with “blueprint: 1”, the version of its form."),
    (with_("blueprint: 1\n", ""), "line 1, blueprint: Begin with “blueprint: 1”, the version of its form."),
    (with_("targets:", "tragets:"), "line 20: “tragets” is no section. Did you mean “targets”?"),
    (with_("reports:", "walls:"), "line 25: “walls” is no section."),
    (with_("targets:\n", "targets:\n  - name: x\n"), "This is not readable as YAML: did not find expected"),
    ("blueprint: 1\ntargets: [x]", "line 2, targets: Write names here, with what belongs to each below it."),
    ("blueprint: 1\ntargets:\n  X: 5", "line 3, targets → X: Write fields with their values below the name."),
    # names
    (with_("  Sales a month:", f"  {'S' * 101}:"), "A name has at most 100 characters."),
    (with_("  Sales a month:", '  "Sales\\na month":'), "A name is a line of text without blanks around it."),
    (with_("  Sales a month:", '  " Sales":'), "A name is a line of text without blanks around it."),
    (with_("  Sales a month:", '  "":'), "A name is a line of text without blanks around it."),
    (with_("  Shop / Orders:", "  Orders:"), "Write its name as “Connection / Feed”: the connection's first."),
    (with_("  Shop / Orders:", "  Shop / Orders / Today:"), "Write its name as “Connection / Feed”: the connection's first."),
    # fields
    (with_("    goal:", "    gaol:"), "line 23, targets → Sales a month → gaol: “gaol” is not known here. Did you mean “goal”?"),
    (with_("    goal: at least 1000 per month\n", ""), "line 21, targets → Sales a month: “goal” is missing."),
    (with_("    metric: Sales\n", ""), "line 21, targets → Sales a month: “metric” is missing."),
    (with_("kind: http", "kind: htpp"), "line 4, connections → Shop → kind: “htpp” is none of:"),
    (with_("      sign_in: bearer", "      singin: bearer"), "“singin” is not known here. Did you mean “sign_in”?"),
    (with_("sign_in: bearer", "sign_in: baerer"), "“baerer” is none of: "),
    (with_("      address: https://shop.example.com\n", ""), "connections → Shop → settings"),
    (with_("address: https://shop.example.com", "address: not an address"), "connections → Shop → settings → address"),
    (with_("    value_path: amount", "    decimals: many"), "line 19, metrics → Sales → decimals: Write a number, such as 1200 or 0.5."),
    (with_("    value_path: amount", "    decimals: 9"), "line 19, metrics → Sales → decimals: Write at most 6."),
    (with_("    value_path: amount", "    decimals: 1.5"), "line 19, metrics → Sales → decimals: Write a whole number."),
    (with_("    value_path: amount", "    higher_is_better: no"), "metrics → Sales → higher_is_better: Write true or false."),
    (with_("    value_path: amount", "    unit: [€]"), "metrics → Sales → unit: Write a text here."),
    (with_("    value_path: amount", f"    unit: {'x' * 21}"), "metrics → Sales → unit: At most 20 characters; these are 21."),
    (with_("    value_path: amount", '    value_path: "a["'), "metrics → Sales → value_path"),
    (with_("    value_path: amount", "    value_kind: running"), "A running total needs a feed that asks for the period so far."),
    (with_("    value_path: amount", "    scale_min: 5\n    scale_max: 1"), "metrics → Sales → scale_max: Enter a value above the lower end."),
    (with_("every: 1 hour", "every: often"), "line 14, feeds → Shop / Orders → every: Write how often, such as “15 minutes”"),
    (with_("every: 1 hour", "every: 0 minutes"), "feeds → Shop / Orders → every: Write how often"),
    (with_("every: 1 hour", "asks: windw"), "“windw” is none of: now, window, period. Did you mean “window”?"),
    # goals and times
    (with_("at least 1000 per month", "lots"), "Write what is to be reached, and by when, such as “at least 10000 per month”."),
    (with_("at least 1000 per month", "at least many per month"), "line 23, targets → Sales a month → goal: “many” is not a number."),
    (with_("at least 1000 per month", "at least 1000€ per month"), "“1000€” is not a number. Write it without a unit"),
    (with_("at least 1000 per month", "at least 1000 per mnth"), "“per mnth” is no period. Write per day, week, month, quarter, year, or from one day to another. Did you mean “month”?"),
    (with_("at least 1000 per month", "at least 1000 from 2026-02-30 to 2026-03-01"), "Write a day as 2026-11-20."),
    (with_("at least 1000 per month", "at least 1000 from 2026-03-02 to 2026-03-01"), "targets → Sales a month"),
    (with_("at least 1000 per month", "between 5 and 3 per month"), "targets → Sales a month"),
    (with_("at least 1000 per month", "at least 0 per month"), "targets → Sales a month → goal: Enter a value above 0."),
    (with_("at least 1000 per month", "{goal: 5, perod: month}"), "“perod” is not known here. Did you mean “period”?"),
    (with_("    tags: [Growth]", "    start_value: 5"), "start_value: Only a level has a starting value."),
    (with_("    tags: [Growth]", "    aggregation: average"), "“average” is none of: sum, mean, latest, maximum, minimum."),
    (with_("    tags: [Growth]", "    time_zone: Europe/Nowhere"), "targets → Sales a month → time_zone"),
    (with_("[Growth]", '["a, b"]'), "tags: A tag has no comma."),
    (with_("[Growth]", "[" + ", ".join(f"t{n}" for n in range(21)) + "]"), "A target has at most 20 tags; these are 21."),
    (with_("[monday]", "[mondey]"), "line 27, reports → Weekly → weekdays: “mondey” is no weekday. Did you mean “monday”?"),
    (with_("[monday]", "[]"), "reports → Weekly → weekdays: Name at least one weekday."),
    (with_("weekdays: [monday]", "at: 25:00"), "line 27, reports → Weekly → at: Write a time of day as 08:00."),
    # secrets
    (with_("${SHOP_KEY}", "hunter2"), "connections → Shop → secrets → key: A secret does not stand in a file."),
    (with_("${SHOP_KEY}", "Bearer ${SHOP_KEY}"), "connections → Shop → secrets → key: A secret does not stand in a file."),
    (with_("path: orders", "path: orders/${SHOP_KEY}"), "line 13: “${SHOP_KEY}” is a secret: it cannot stand anywhere else."),
    (with_("      key:", "      kye:"), "“kye” is not known here. Did you mean “key”?"),
    (with_("${SHOP_KEY}", "${OTHER_KEY}"), "The secret ${OTHER_KEY} is missing."),
    (with_("1000 per", "${MOST} per"), "A value for ${MOST} is missing."),
    # names that lead nowhere
    (with_("metric: Sales", "metric: Slaes"), "line 22, targets → Sales a month → metric: There is no “Slaes” under metrics. Did you mean “Sales”?"),
    (with_("feed: Shop / Orders", "feed: Shop / Order"), "There is no “Shop / Order” under feeds. Did you mean “Shop / Orders”?"),
    (with_("  Shop / Orders:", "  Shpo / Orders:"), "line 11, feeds → Shpo / Orders: There is no “Shpo” under connections. Did you mean “Shop”?"),
    (with_("owner@growth", "owner@elsewhere"), "reports → Weekly → people: “owner@elsewhere.example” is no member of this organisation."),
    (with_("    tags: [Growth]", "    owner: nobody@growth.example"), "owner: “nobody@growth.example” is no member of this organisation."),
]  # fmt: skip


def rows_of(organisation: Organisation) -> dict[str, int]:
    models = (Connection, Feed, Metric, Target, Tag, Report)
    return {model.__name__: model.unscoped.within(organisation).count() for model in models}


def said_of(access: Access, text: str) -> str:
    """Return what is said of a document, one mistake a line."""
    with pytest.raises(Mistaken) as error:
        apply(access, Order(texts={"growth.yaml": text}, answers=ANSWERS, file="growth.yaml"), now=NOW)
    return str(error.value)


def test_the_good_document_is_good(access: Access) -> None:
    apply(access, Order(texts={"growth.yaml": GOOD}, answers=ANSWERS), now=NOW)
    assert rows_of(access.organisation) == dict.fromkeys(("Connection", "Feed", "Metric", "Target", "Tag", "Report"), 1)


@pytest.mark.parametrize(("text", "said"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_what_is_wrong_is_said_and_nothing_is_applied(access: Access, text: str, said: str) -> None:
    assert said in said_of(access, text)
    assert set(rows_of(access.organisation).values()) == {0}
    assert not access.organisation.blueprints.exists()


@pytest.mark.parametrize(("text", "said"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_nothing_that_was_there_changes_either(access: Access, text: str, said: str) -> None:
    apply(access, Order(texts={"growth.yaml": GOOD}, answers=ANSWERS, file="growth.yaml"), now=NOW)
    before = list(access.rows(Target).values_list("version", "goal", "judge_at"))
    order = Order(texts={"growth.yaml": text}, answers={"SALES": "1"}, prune=True, file="growth.yaml")
    if "OTHER_KEY" in text:  # what is stored under seal stays, whatever the file calls it
        assert prepare(access, order).plan.changes == []
        return
    with pytest.raises(Mistaken):
        apply(access, order, now=NOW)
    assert list(access.rows(Target).values_list("version", "goal", "judge_at")) == before
    assert set(rows_of(access.organisation).values()) == {1}


def test_every_mistake_is_told_at_once(access: Access) -> None:
    text = with_("every: 1 hour", "evry: 1 hour").replace("metric: Sales", "metrc: Sales").replace("[monday]", "[x]")
    lines = said_of(access, text).splitlines()
    assert [line.split(",")[1] for line in lines] == [" line 14", " line 22", " line 27"]


def test_a_row_in_two_files_is_refused_with_both_places(access: Access) -> None:
    texts = {"a.yaml": GOOD, "b.yaml": "blueprint: 1\n\ntargets:\n  Sales a month:\n    metric: Sales\n"}
    with pytest.raises(Mistaken) as error:
        apply(access, Order(texts=texts, answers=ANSWERS), now=NOW)
    said = "b.yaml, line 4, targets → Sales a month: This stands in a.yaml already, line 21."
    assert str(error.value) == said


def test_a_viewer_is_refused(organisation: Organisation, viewer: User) -> None:
    said = said_of(access_for(viewer, organisation.slug), GOOD.replace("    people: [owner@growth.example]\n", ""))
    assert said.count("Your role does not allow changes here. Ask an owner or admin.") == 5
    assert set(rows_of(organisation).values()) == {0}


def test_mistakes_in_tens_of_thousands_are_cut(access: Access) -> None:
    text = "blueprint: 1\ntargets:\n" + "".join(f"  T{number}: {{}}\n" for number in range(20_000))
    with pytest.raises(Mistaken) as error:
        apply(access, Order(texts={"x": text}), now=NOW)
    assert len(error.value.mistakes) == 100


def shuffled(text: str) -> Iterator[str]:
    """Yield a document with each of its lines left out in turn, and with each indented once more."""
    lines = text.splitlines(keepends=True)
    for place in range(len(lines)):
        yield "".join(lines[:place] + lines[place + 1 :])
        yield "".join([*lines[:place], f" {lines[place]}", *lines[place + 1 :]])


def test_a_document_with_any_line_lost_or_shifted_is_read_or_refused_and_never_breaks(access: Access) -> None:
    for text in shuffled(GOOD):
        assert looked_at(access, text)


def looked_at(access: Access, text: str) -> object:
    """Return what comes of a document: what would change, or what is wrong."""
    try:
        plan = prepare(access, Order(texts={"x": text}, answers=ANSWERS)).plan
    except Mistaken as error:
        return error.mistakes
    return plan.changes or plan.mistakes

"""docs/blueprints.md: its example can be applied, its tables are the program's, its calls run as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from blueprints.applying import Order, apply, prepare, validate
from blueprints.describing import is_needed
from blueprints.exporting import export
from blueprints.nodes import read
from blueprints.registry import sections
from blueprints.telling import short
from connectors.blueprint.feeds import feed_fields_of
from organisations.access import Access, access_for
from organisations.documents import Field, Section
from organisations.documents.shapes import Choice, Group
from organisations.keys import new_key
from organisations.models import Organisation
from organisations.roles import Role
from targets.models import Target
from tests.cast import member
from tests.targets.api.test_docs import Shell

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "blueprints.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]
CALLS: list[str] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)[1:]
FIELDS = re.compile(r"<!-- fields.*?-->\n(.*?)<!-- end of fields -->", re.DOTALL)
ANSWERS = {"GOAL": "10000", "ANALYTICS_KEY": "s3cret"}
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def tables() -> str:
    """Return every section with its fields, as the page has to show them."""
    return "\n".join(line for section in sections().values() for line in table(section)) + "\n"


def table(section: Section) -> Iterator[str]:
    forms = section.variants()
    yield from (f"### {section.name}", "", str(section.help), "", "| Field | | Default |", "|---|---|---|")
    fields: dict[str, Field] = {name: each for form in forms.values() for name, each in form.items()}
    for name, field in fields.items():
        inside = [part for kind, form in forms.items() if name in form for part in group(kind, form[name])]
        told = " ".join([str(field.help), *words(field), *inside])
        yield f"| `{name}` | {told} | {default(field)} |".replace("  ", " ")
    yield ""


def words(field: Field) -> Iterator[str]:
    """Yield the words between which one chooses, where the sentence does not name them."""
    if isinstance(field.shape, Choice) and not all(word in str(field.help) for word in field.shape.names if word):
        yield f"One of {', '.join(f'`{word}`' for word in field.shape.names if word)}."


def group(kind: str, field: Field) -> Iterator[str]:
    """Yield what a group of fields holds for one kind."""
    if isinstance(field.shape, Group) and field.shape.shapes:
        yield f"{kind}: {', '.join(f'`{name}`' for name in field.shape.shapes)}."


def default(field: Field) -> str:
    if is_needed(field) and not isinstance(field.shape, Group):
        return "needed"
    return "–" if field.default in (None, "", [], {}) or isinstance(field.shape, Group) else f"`{short(field.default)}`"


def test_the_example_is_right_and_can_be_applied_to_an_organisation(access: Access) -> None:
    member(access.organisation, Role.EDITOR, email="marketing@growth.example")
    assert validate({"growth.yaml": EXAMPLE}) == []
    apply(access, Order(texts={"growth.yaml": EXAMPLE}, answers=ANSWERS), now=NOW)
    assert sorted(access.rows(Target).values_list("name", "goal")) == [
        ("10,000 visitors a month", 10000),
        ("A pleasant room", 21),
    ]
    assert prepare(access, Order(texts={"x": export(access)})).plan.changes == []


def test_the_example_of_a_mistake_is_what_is_said(access: Access) -> None:
    wrong = EXAMPLE.replace("    goal: at least", "    gaol: at least")
    assert str(validate({"growth.yaml": wrong})[0]) in PAGE


def test_every_section_and_field_stands_on_the_page() -> None:
    found = FIELDS.search(PAGE)
    assert found is not None
    assert found[1].strip() == tables().strip(), f"Put this between the marks of docs/blueprints.md:\n\n{tables()}"


def forms_of_values() -> list[str]:
    """Return every long and short form that the page shows: `every: 1 hour`."""
    lines = PAGE.split("### Short forms")[1].split("###")[0].splitlines()
    return [said for line in lines if line.startswith("| `") for said in re.findall(r"`(\w+: .*?)`", line)]


@pytest.mark.parametrize("said", forms_of_values())
def test_every_form_on_the_page_is_taken(said: str) -> None:
    ((name, value),) = read(said).plain().items()
    forms = [form for section in sections().values() for form in section.variants().values()]
    shapes: dict[str, Any] = {each: field.shape for form in forms for each, field in form.items()}
    shapes |= feed_fields_of("http")["query"].shape.shapes  # type: ignore[attr-defined]  # a group
    assert shapes[name].read(value)


@pytest.mark.django_db(transaction=True)
def test_the_calls_run_as_they_stand(live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    growth = Organisation.objects.create(name="Growth", slug="growth", time_zone="Europe/Berlin")
    access = access_for(member(growth, Role.OWNER), "growth")
    _, token = new_key(access, name="Documentation", role=Role.EDITOR, expires_at=None)
    shell = Shell(tmp_path, {"http://localhost:8000": live_server.url, "wm_…": token})
    exported, looked_at, applied = CALLS
    assert shell.run(exported) == [{"blueprint": 1}]
    assert [answer["mistakes"] for answer in shell.run(looked_at)] == [[], []]
    done, kept = shell.run(applied)
    assert done["summary"] == "4 are created."
    assert kept["results"][0]["drift"]["changes"] == 0

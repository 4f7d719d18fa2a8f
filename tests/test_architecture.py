"""Rules of the house that a reader would have to remember, as tests that explain themselves.

Each rule reads one file and returns its offences; each is also shown an offence of its own, because a guard that never
fails guards nothing. The order of the apps and floors is in `pyproject.toml` (import-linter).
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["organisations", "connectors", "targets", "alerts", "blueprints", "trackerproject"]

MAY_LEAVE_THE_ORGANISATION = {
    "organisations/access.py": "makes the key to one organisation",
    "organisations/admin.py": "asks what would be left of organisations when people go",
    "organisations/admin_scope.py": "narrows every admin screen to what one may see",
    "organisations/api_callers.py": "finds an API key by its prefix, before anybody is signed in",
    "organisations/invitations.py": "finds an invitation by its token, before anybody is signed in",
    "connectors/management/commands/rotate_keys.py": "seals every credential anew",
    "connectors/calls/hours.py": "adds up the calls of everybody's connections",
    "connectors/stored_tokens.py": "keeps the token of whichever connection signs in",
    "connectors/throttling.py": "keeps to the limits of whichever connection is called",
    "targets/enriching.py": "enriches the records of a feed for whomever it belongs to",
    "targets/back_filling.py": "fetches a past range for whomever it belongs to",
    "targets/collecting.py": "runs a feed for whomever it belongs to",
    "targets/judging.py": "judges targets for whomever they belong to",
    "targets/retention.py": "thins everybody's old rows",
    "targets/schedule.py": "finds what is due, everywhere",
    "targets/tasks.py": "runs what is due, everywhere",
    "targets/walls.py": "finds a wall by its token, for whoever holds it",
    "alerts/notify.py": "tells about changes, for whomever they belong to",
    "alerts/reporting.py": "finds reports that are due, and recipients by their token",
    "alerts/sending.py": "sends what is due, for whomever it belongs to",
}
MAY_READ_THE_CLOCK = re.compile(
    r"(^|/)(tasks|views|endpoints|admin)\.py$|/(views|endpoints|admin|management)/"
    r"|^organisations/api_callers\.py$"  # the door, which judges whether a key has expired
)
ONLY_WAY_OUT = "connectors/outbound/"
NETWORK = {"requests", "socket", "httpx", "aiohttp", "http.client", "urllib.request"}
HEAVY = {"pandas", "matplotlib"}
BUILDS_MARKUP = "targets/templatetags/targets_tags.py"
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals", "allauth.account.signals")
MANAGERS = {"unscoped", "_default_manager", "_base_manager"}
OF_THE_DOMAIN = sys.stdlib_module_names | {"numpy", "pandas", "_typeshed"}

Rule = Callable[[str, ast.Module], Iterator[str]]


def leaves_the_organisation(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield every use of a manager that knows no organisation; `.none()` gives nobody's rows."""
    if name in {*MAY_LEAVE_THE_ORGANISATION, "organisations/tenancy.py"}:
        return
    harmless = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "none"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS and id(node) not in harmless:
            yield f"{node.lineno}: .{node.attr}"


def looks_up_in_every_organisation(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield every shortcut that looks a row up by its class, whomever it belongs to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in {"get_object_or_404", "get_list_or_404"}:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Name | ast.Attribute) and _last(first)[:1].isupper():
                yield f"{node.lineno}: {_called(node)}({_last(first)}, …)"


def reads_the_clock(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield every call of a clock outside the places that own it."""
    clocks = {"timezone.now", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not MAY_READ_THE_CLOCK.search(name):
            words = ast.unparse(node.func).split(".")
            if ".".join(words[-2:]) in clocks:
                yield f"{node.lineno}: {ast.unparse(node.func)}()"


def computes_while_saving(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield every `save` or `delete` that a model overrides."""
    if not re.search(r"(^|/)models(\.py$|/)", name):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}:
            yield f"{node.lineno}: def {node.name}"


def decides_by_an_update(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield every update whose count says who won."""
    for node in ast.walk(tree):
        asked = [node.test] if isinstance(node, ast.If | ast.IfExp | ast.While) else []
        if isinstance(node, ast.Call) and _called(node) == "bool":
            asked = node.args
        for each in (inner for part in asked for inner in ast.walk(part)):
            if isinstance(each, ast.Call) and _called(each) == "update" and name != "organisations/tenancy.py":
                yield f"{each.lineno}: .update(…)"


def locks_in_its_own_order(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield every lock on rows beside the one that takes them in everybody's order; a single row has none."""
    if name == "organisations/tenancy.py":
        return
    gets = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) == "get"]
    single = {id(inner) for chain in gets for inner in ast.walk(chain)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == "select_for_update" and id(node) not in single:
            yield f"{node.lineno}: .select_for_update(…)"


def uses_signals(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield every import of Django's signals."""
    for line, module in imports(tree):
        if module.startswith(SIGNALS):
            yield f"{line}: {module}"


def impure(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield what the domain imports beside the standard library, numpy, pandas and itself."""
    if not name.startswith("targets/domain/"):
        return
    for line, module in imports(tree):
        if module.split(".")[0] not in OF_THE_DOMAIN and not module.startswith("targets.domain"):
            yield f"{line}: {module}"


def calls_out(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield every import with which something could be called past the guarded session."""
    for line, module in imports(tree):
        if any(module == way or module.startswith(f"{way}.") for way in NETWORK) and not name.startswith(ONLY_WAY_OUT):
            yield f"{line}: {module}"


def starts_slowly(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield heavy libraries imported at the top of a module."""
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for line, module in imports(ast.Module([statement], [])):
                if module.split(".")[0] in HEAVY:
                    yield f"{line}: {module}"


def trusts_text(name: str, tree: ast.Module) -> Iterator[str]:
    """Yield every place that declares text to be markup."""
    if name == BUILDS_MARKUP:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in {"mark_safe", "SafeString", "format_html"}:
            yield f"{node.lineno}: {_called(node)}"


@dataclass(frozen=True)
class Lesson:
    """A rule, what to do instead, and an offence it must notice."""

    rule: Rule
    instead: str
    offence: str
    where: str = "targets/anything.py"


LESSONS = [
    Lesson(
        leaves_the_organisation,
        "Start from `access.rows(Model)`, `access.get(Model, pk)` or a related manager. A file that truly works for "
        "every organisation is listed in MAY_LEAVE_THE_ORGANISATION with its reason.",
        "rows = Target.unscoped.filter(pk=1)",
    ),
    Lesson(
        looks_up_in_every_organisation,
        "It finds other organisations' rows. Use `access.get(Model, pk)`.",
        "row = get_object_or_404(Target, pk=1)",
    ),
    Lesson(
        reads_the_clock,
        "Take `now` as an argument. Only tasks, views, endpoints, admin screens and commands read the clock, once, and "
        "hand it down.",
        "from django.utils import timezone\nnow = timezone.now()",
    ),
    Lesson(
        computes_while_saving,
        "Saving only saves: bulk writes would miss what it computes. Compute in a verb and save its result.",
        "class Target:\n    def save(self): ...",
        "targets/models/anything.py",
    ),
    Lesson(
        decides_by_an_update,
        "Of several who update a row at the same moment only `.won(…)` lets one win: it refuses conditions on other "
        "tables.",
        "if not Feed.objects.filter(pk=1, lease_until=None).update(lease_until=now): ...",
    ),
    Lesson(
        locks_in_its_own_order,
        "Two who lock rows in different orders wait for each other. `.held()` locks them in one order for everybody.",
        "rows = Feed.objects.filter(due_at=None).select_for_update()",
    ),
    Lesson(
        uses_signals,
        "Call what should happen where it happens; nobody finds a receiver by reading.",
        "from django.db.models.signals import post_save",
    ),
    Lesson(
        impure,
        "The domain takes values and gives values: the standard library, numpy and pandas, nothing else.",
        "from django.utils import timezone",
        "targets/domain/anything.py",
    ),
    Lesson(
        calls_out,
        "Everything goes out through connectors/outbound, which judges addresses, limits and logs.",
        "import requests",
    ),
    Lesson(
        starts_slowly,
        "Import pandas and matplotlib inside the function that needs them: they take seconds and 100 MB.",
        "import pandas as pd",
    ),
    Lesson(
        trusts_text,
        f"Text from users and sources is escaped by the templates. Markup is built only in {BUILDS_MARKUP}.",
        "from django.utils.safestring import mark_safe\nmark_safe(name)",
    ),
]
NAMES = [lesson.rule.__name__ for lesson in LESSONS]

MARKUP = {
    r"<script(?![^>]*\bsrc=)": "an inline script, which the content security policy refuses: put it under static/js",
    r"<style\b|\sstyle\s*=": "an inline style, which the content security policy refuses: give it a class",
    r"\son[a-z]+\s*=\s*[\"']": "an inline handler, which the content security policy refuses: listen in static/js",
    r"javascript:": "a script as an address",
    r"\|\s*safe\b|\{%\s*autoescape\s+off": "text declared to be markup: let the template escape it",
}
OFFENDING_MARKUP = [
    "<script>go()</script>",
    '<p style="color:red">',
    "<style>p {}</style>",
    '<a onclick="go()">',
    '<a href="javascript:go()">',
    "{{ name|safe }}",
    "{% autoescape off %}",
]


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and full name of every absolute import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@cache
def modules() -> list[tuple[str, ast.Module]]:
    """Return name and tree of every module of the project; migrations are written by Django."""
    paths = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]
    return [(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())) for path in paths]


def pages() -> Iterator[tuple[str, str]]:
    """Yield name and text of every template of a page; mail clients know neither stylesheets nor classes."""
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if not {"mail", "email"} & set(path.parts):
            yield path.relative_to(ROOT).as_posix(), path.read_text()


def markup_offences(text: str) -> list[str]:
    """Return what is wrong with a template's markup."""
    return [
        f"{text[: found.start()].count(chr(10)) + 1}: {lesson}"
        for rule, lesson in MARKUP.items()
        for found in re.finditer(rule, text)
    ]


def _last(node: ast.expr) -> str:
    return ast.unparse(node).rsplit(".", maxsplit=1)[-1]


def _called(node: ast.Call) -> str:
    return _last(node.func)


@pytest.mark.parametrize("lesson", LESSONS, ids=NAMES)
def test_the_house_keeps_its_rules(lesson: Lesson) -> None:
    offences = [f"{name}:{offence}" for name, tree in modules() for offence in lesson.rule(name, tree)]
    assert not offences, "\n".join([lesson.instead, *offences])


@pytest.mark.parametrize("lesson", LESSONS, ids=NAMES)
def test_each_rule_notices_an_offence(lesson: Lesson) -> None:
    assert list(lesson.rule(lesson.where, ast.parse(lesson.offence)))


def test_whoever_may_leave_the_organisation_still_does() -> None:
    said = {
        name
        for name, tree in modules()
        if re.search(r"\.(unscoped|_default_manager|_base_manager)\b", ast.unparse(tree))
    }
    idle = set(MAY_LEAVE_THE_ORGANISATION) - said
    assert not idle, f"These no longer need their place in MAY_LEAVE_THE_ORGANISATION: {sorted(idle)}"


def test_pages_hold_no_inline_script_style_or_unescaped_text() -> None:
    offences = [f"{name}:{offence}" for name, text in pages() for offence in markup_offences(text)]
    assert not offences, "\n".join(offences)


@pytest.mark.parametrize("markup", OFFENDING_MARKUP)
def test_offending_markup_is_noticed(markup: str) -> None:
    assert markup_offences(markup)


def test_scripts_write_text_and_never_markup() -> None:
    scripts = sorted((ROOT / "static" / "js").glob("*.js"))
    assert scripts
    risky = re.compile(r"\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(")
    assert [path.name for path in scripts if risky.search(path.read_text())] == []

"""`manage.py blueprint`: what it says, what it asks, and what it does."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper

from blueprints.management.answers import OF_THE_INSTALLATION, answers_to
from blueprints.management.difference import progress_on
from organisations.access import Access
from organisations.models import User
from targets.models import Target
from tests.blueprints.files import ANSWERS, WHOLE
from trackerproject.env import ROOT


@dataclass
class Said:
    """What the command wrote, and the words with which it failed."""

    out: str
    err: str
    failed: str


Blueprint = Callable[..., Said]


@pytest.fixture
def blueprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Blueprint:
    """Run the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ANSWERS:
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, **options: Any) -> Said:
        out, err, failed = StringIO(), StringIO(), ""
        try:
            call_command("blueprint", *words, stdout=out, stderr=err, no_color=True, **options)
        except CommandError as error:
            failed = str(error)
        return Said(out.getvalue(), err.getvalue(), failed)

    return run


@pytest.fixture
def growth(tmp_path: Path) -> Path:
    file = tmp_path / "growth.yaml"
    file.write_text(WHOLE, encoding="utf-8")
    return file


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ANSWERS.items():
        monkeypatch.setenv(name, value)


def test_a_file_is_validated_without_a_database(blueprint: Blueprint, growth: Path) -> None:
    assert blueprint("validate", "growth.yaml").out == "Nothing is wrong with growth.yaml.\n"


def test_mistakes_are_told_with_file_and_line(blueprint: Blueprint, growth: Path) -> None:
    growth.write_text(WHOLE.replace("goal:", "gaol:"), encoding="utf-8")
    said = blueprint("validate", "growth.yaml")
    told = (
        "growth.yaml, line 44, targets → 10,000 visitors a month → gaol: “gaol” is not known here. Did you mean “goal”?"
    )
    assert told in said.err.splitlines()
    assert said.failed == "2 mistakes. Nothing has happened."


def test_a_folder_is_all_its_files(blueprint: Blueprint, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    head, targets = WHOLE.split("targets:")
    (folder / "numbers.yaml").write_text(head, encoding="utf-8")
    (folder / "targets.yml").write_text(f"blueprint: 1\ntargets:{targets}", encoding="utf-8")
    (folder / "notes.txt").write_text("not: [YAML", encoding="utf-8")
    assert blueprint("validate", "parts").out == "Nothing is wrong with numbers.yaml, targets.yml.\n"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: (folder / "x.yaml").mkdir(), "x.yaml holds no files that end in .yaml or .yml."),
        (lambda folder: (folder / "x.yaml").write_bytes(b"\xff\xfe"), "x.yaml is not written in UTF-8."),
        (lambda _folder: None, "x.yaml: No such file or directory."),
    ],
)
def test_what_cannot_be_read_is_said(
    blueprint: Blueprint, tmp_path: Path, make: Callable[[Path], object], sentence: str
) -> None:
    make(tmp_path)
    assert blueprint("validate", "x.yaml").failed == sentence


def test_a_plan_is_told_and_changes_nothing(blueprint: Blueprint, growth: Path, access: Access, answered: None) -> None:
    said = blueprint("plan", "growth", "growth.yaml")
    assert said.out.splitlines()[:2] == ["+ connections  Analytics", "+ connections  Typed in"]
    assert said.out.splitlines()[-1] == "9 are created."
    assert access.rows(Target).count() == 0


def test_every_missing_answer_is_named_before_anything_happens(
    blueprint: Blueprint, growth: Path, access: Access
) -> None:
    said = blueprint("apply", "growth", "growth.yaml", "--yes")
    assert "GOAL, ANALYTICS_KEY" in said.failed
    said = blueprint("apply", "growth", "growth.yaml", "--yes", "--answer", "GOAL=5")
    assert said.failed == "Nothing has happened. Put into the environment first: ANALYTICS_KEY."
    assert access.rows(Target).count() == 0


def test_a_plan_needs_no_secrets_and_names_them(blueprint: Blueprint, growth: Path, access: Access) -> None:
    said = blueprint("plan", "growth", "growth.yaml", "--answer", "GOAL=5")
    assert said.failed == ""
    assert said.out.splitlines()[-1] == "Before it is applied, put into the environment: ANALYTICS_KEY."


@pytest.mark.parametrize(("answer", "applied"), [("y", 2), ("", 0), ("n", 0)])
def test_it_asks_before_it_applies(
    blueprint: Blueprint,
    growth: Path,
    access: Access,
    answered: None,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    applied: int,
) -> None:
    monkeypatch.setattr(builtins, "input", lambda _question: answer)
    said = blueprint("apply", "growth", "growth.yaml")
    assert access.rows(Target).count() == applied
    assert said.failed == ("" if applied else "Nothing has happened.")


def test_it_applies_says_what_it_did_and_then_nothing_changes(
    blueprint: Blueprint, growth: Path, access: Access, answered: None
) -> None:
    said = blueprint("apply", "growth", "growth.yaml", "--yes")
    assert said.out.splitlines()[-1] == "Done. 9 are created."
    assert "9 of 9" in said.out
    again = blueprint("apply", "growth", "growth.yaml", "--yes")
    assert again.out.splitlines()[-1] == "Done. Nothing changes: everything is as the file says."


def test_a_difference_shows_both_values(blueprint: Blueprint, growth: Path, access: Access, answered: None) -> None:
    blueprint("apply", "growth", "growth.yaml", "--yes", "--manage", "growth")
    growth.write_text(WHOLE.replace("every: daily", "every: 15 minutes"), encoding="utf-8")
    said = blueprint("plan", "growth", "growth.yaml", "--prune")
    assert said.out.splitlines()[:2] == ["~ feeds  Typed in / Daily", "    every: 1 day → 15 minutes"]


def test_what_hangs_on_something_goes_with_it(
    blueprint: Blueprint, growth: Path, access: Access, answered: None
) -> None:
    blueprint("apply", "growth", "growth.yaml", "--yes")
    growth.write_text("blueprint: 1\nfeeds: {}\n", encoding="utf-8")
    said = blueprint("plan", "growth", "growth.yaml", "--prune")
    assert "− targets  A pleasant room  (It goes with Room temperature.)" in said.out.splitlines()


def test_files_are_kept_and_locked_by_a_name(
    blueprint: Blueprint, growth: Path, access: Access, answered: None
) -> None:
    blueprint("apply", "growth", "growth.yaml", "--yes", "--manage", "growth.yaml", "--lock")
    kept = access.organisation.blueprints.get()
    assert (kept.name, kept.is_locked, kept.answers) == ("growth.yaml", True, {"GOAL": "10000"})
    blueprint("apply", "growth", "growth.yaml", "--yes", "--manage", "growth.yaml")
    assert access.organisation.blueprints.get().is_locked, "it stays as it was"
    blueprint("apply", "growth", "growth.yaml", "--yes", "--manage", "growth.yaml", "--unlocked")
    assert not access.organisation.blueprints.get().is_locked
    assert "--manage" in blueprint("apply", "growth", "growth.yaml", "--yes", "--lock").failed


def test_it_is_applied_as_a_member_whose_role_holds(
    blueprint: Blueprint, growth: Path, access: Access, viewer: User, editor: User, answered: None
) -> None:
    said = blueprint("apply", "growth", "growth.yaml", "--yes", "--as", viewer.email)
    assert "Your role does not allow changes here." in said.err
    said = blueprint("apply", "growth", "growth.yaml", "--yes", "--as", editor.email)
    assert said.err.splitlines() == ["reports: Your role does not allow changes here. Ask an owner or admin."]
    assert access.rows(Target).count() == 0


def test_nobody_of_elsewhere_is_let_in(blueprint: Blueprint, growth: Path, access: Access, outsider: User) -> None:
    assert blueprint("export", "growth", "--as", outsider.email).failed.endswith("is no member of Growth.")
    assert blueprint("export", "nowhere").failed == "There is no organisation “nowhere”."


def test_an_export_is_written_and_can_leave_people_out(
    blueprint: Blueprint, growth: Path, access: Access, answered: None, tmp_path: Path
) -> None:
    blueprint("apply", "growth", "growth.yaml", "--yes")
    text = blueprint("export", "growth").out
    assert "owner@growth.example" in text
    blueprint("export", "growth", "--output", "out.yaml", "--without-people")
    assert "owner@growth.example" not in (tmp_path / "out.yaml").read_text(encoding="utf-8")
    assert "s3cret" not in text


def test_what_was_clicked_is_taken_into_the_file(
    blueprint: Blueprint, growth: Path, access: Access, answered: None
) -> None:
    blueprint("apply", "growth", "growth.yaml", "--yes")
    assert blueprint("export", "growth", "--into", "growth.yaml").failed == ""
    access.rows(Target).filter(name="A pleasant room").update(team="Facilities")
    blueprint("export", "growth", "--into", "growth.yaml")
    text = growth.read_text(encoding="utf-8")
    assert "# where the numbers live" in text
    assert "team: Facilities" in text
    assert "${GOAL}" in text
    assert blueprint("plan", "growth", "growth.yaml").out.startswith("Nothing changes")


def test_a_secret_is_not_taken_from_the_command_line() -> None:
    with pytest.raises(CommandError, match="KEY is a secret"):
        answers_to(plain=[], secret=["KEY"], given=["KEY=x"], environment={})
    with pytest.raises(CommandError, match=r"No file asks for GAOL\. Did you mean GOAL\?"):
        answers_to(plain=["GOAL"], secret=[], given=["GAOL=x"], environment={})


def test_answers_come_from_the_line_then_the_environment_then_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n", encoding="utf-8")
    environment = {"A": "1", "B": "2", "KEY_FILE": str(tmp_path / "key"), "OTHER": "never read"}
    found = answers_to(plain=["A", "B"], secret=["KEY"], given=["A=3"], environment=environment)
    assert found == {"A": "3", "B": "2", "KEY": "from a file"}


@pytest.mark.parametrize("name", ["SECRET_KEY", "ENCRYPTION_KEYS", "DATABASE_URL_FILE"])
def test_a_file_cannot_ask_for_a_setting_of_the_installation(name: str) -> None:
    with pytest.raises(CommandError, match="a setting of this installation"):
        answers_to(plain=[name], secret=[], given=[], environment={name: "x"})


def test_no_setting_that_is_secret_is_forgotten() -> None:
    text = (ROOT / "trackerproject" / "settings.py").read_text() + (ROOT / "trackerproject" / "env.py").read_text()
    assert all(name in text for name in OF_THE_INSTALLATION)
    for word in ("KEY", "KEYS", "URL"):
        named = {part for part in text.replace('"', " ").split() if part.endswith(f"_{word}") and part.isupper()}
        assert named - {"SITE_URL", "STATIC_URL", "LOGIN_URL"} - OF_THE_INSTALLATION - _other(named) == set()


def _other(named: set[str]) -> set[str]:
    """Return names of settings that Django knows and the environment does not."""
    return {name for name in named if name.startswith(("CELERY_", "LOGIN_", "LOGOUT_"))}


def test_a_terminal_gets_a_bar() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    show = progress_on(OutputWrapper(out))
    for done in (0, 5, 10):
        show(done, 10)
    assert out.getvalue().split("\r")[-1] == f"{'█' * 30} 100%  10 of 10\n"

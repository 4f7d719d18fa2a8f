"""What the documentation says of files is true of the tree."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
FILE = re.compile(r"`([\w/]+\.py)`")


def files() -> list[str]:
    """Return every module of the project, its path after a slash."""
    rooms = [path for path in ROOT.iterdir() if (path / "__init__.py").exists()]
    return ["/manage.py", *(f"/{path.relative_to(ROOT)}" for room in rooms for path in room.rglob("*.py"))]


def test_every_module_that_the_documentation_names_is_there() -> None:
    modules = files()
    named = [(page.name, word) for page in DOCS for word in FILE.findall(page.read_text(encoding="utf-8"))]
    gone = [(page, word) for page, word in named if not any(module.endswith(f"/{word}") for module in modules)]
    assert len(named) > 20
    assert gone == []

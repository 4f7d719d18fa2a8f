"""What others wrote is kept whole, with its licence, and points to nothing that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

VENDOR = Path(__file__).resolve().parents[1] / "static" / "vendor"
PACKAGES = sorted(folder for folder in VENDOR.iterdir() if folder.is_dir())


def test_there_are_packages() -> None:
    assert {"chart.js", "htmx"} <= {package.name for package in PACKAGES}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_package_has_its_licence_and_a_line_that_says_where_it_is_from(package: Path) -> None:
    assert list(package.glob("LICENSE*"))
    assert package.name in (VENDOR / "README.md").read_text()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_package_points_to_no_map_that_is_not_there(package: Path) -> None:
    scripts = list(package.glob("*.js"))
    assert scripts
    assert [script.name for script in scripts if "sourceMappingURL" in script.read_text()] == []

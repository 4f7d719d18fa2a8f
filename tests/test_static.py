"""How files are packed for delivery: what every reader loads as tightly as can be, the rest fast."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from trackerproject.static import OWN, HashedFiles, Packer

STATIC = Path(__file__).resolve().parents[1] / "static"


@pytest.mark.parametrize(
    ("folder", "packed"), [("css", [".br", ".gz"]), ("vendor", [".br", ".gz"]), ("admin", [".gz"])]
)
def test_readers_files_are_packed_by_brotli_too(folder: str, packed: list[str], tmp_path: Path) -> None:
    file = tmp_path / folder / "deep" / "page.css"
    file.parent.mkdir(parents=True)
    file.write_text("a { color: var(--ink); }\n" * 500)
    written = Packer(tmp_path, quiet=True).compress(str(file))
    assert [Path(path).suffix for path in written] == packed
    assert all(Path(path).stat().st_size < file.stat().st_size / 10 for path in written)


def test_every_folder_of_our_own_is_there() -> None:
    assert {folder.name for folder in STATIC.iterdir() if folder.is_dir()} >= OWN


def test_our_own_files_are_served_shorter_and_whole_under_their_hashed_names(tmp_path: Path) -> None:
    source, storage = FileSystemStorage(tmp_path / "from"), HashedFiles(location=tmp_path / "to", base_url="/static/")
    sheet, vendored = "css/page.css", "vendor/page.css"
    written = "/* why */\na {\n    color: var(--ink);\n}\n"
    for name in (sheet, vendored):
        source.save(name, ContentFile(written.encode()))
        with source.open(name) as file:
            storage.save(name, file)
    paths = {name: (source, name) for name in (sheet, vendored)}
    done = {name: hashed for name, hashed, _ in storage.post_process(paths)}
    assert (tmp_path / "to" / done[sheet]).read_text() == "a{color:var(--ink)}"
    assert (tmp_path / "to" / done[vendored]).read_text() == written

"""Keeps the catalogues: `python -m trackerproject.catalogue check | update [file.po …] | compile`.

check      what is missing; ends with 1 if anything is
update     write the catalogues anew from the code; translations are kept, also those in the files named
compile    what the program reads, where a catalogue is newer
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

from trackerproject.catalogue.checking import gaps
from trackerproject.catalogue.files import LANGUAGES, compile_stale, update
from trackerproject.catalogue.gathering import APPS

CATALOGUES = [(app, language) for app in APPS for language in LANGUAGES]


def main() -> int:
    """Do one errand; returns what the shell is told."""
    parser = ArgumentParser(prog="python -m trackerproject.catalogue", description="Keep the catalogues of words.")
    parser.add_argument("errand", choices=["check", "update", "compile"])
    parser.add_argument("files", nargs="*", type=Path, help="further translations for update")
    asked = parser.parse_args()
    if asked.errand == "update":
        for app, language in CATALOGUES:
            update(app, language, asked.files)
    if asked.errand != "check":
        compile_stale()
    missing = [gap for each in CATALOGUES for gap in gaps(*each)] if asked.errand != "compile" else []
    sys.stdout.writelines(f"{gap}\n" for gap in missing)
    return int(asked.errand == "check" and bool(missing))


if __name__ == "__main__":
    sys.exit(main())

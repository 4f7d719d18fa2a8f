"""A difference as lines for a terminal, and how far applying it has come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from blueprints.planning import Plan, Verb
from blueprints.telling import Told, ToldLine, told
from organisations.languages import grouped

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.management.base import OutputWrapper

WIDTH, TENTHS = 30, 10


def lines_of(plan: Plan, *, whole: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the verb and the text of every line; the fields of what is new stand there only where `whole` says so."""
    for row in told(plan):
        yield row.verb, _head(row)
        if row.verb == Verb.CHANGE or whole:
            yield from (("", f"    {_line(line)}") for line in row.lines)


def _head(row: Told) -> str:
    return f"{row.sign} {row.section}  {row.name}" + (f"  ({row.because})" if row.because else "")


def _line(line: ToldLine) -> str:
    return f"{line.path}: {line.before} → {line.after}" if line.before else f"{line.path}: {line.after}"


def progress_on(out: OutputWrapper) -> Callable[[int, int], None]:
    """Return what shows progress: a bar on a terminal, elsewhere a line for every tenth."""
    shown: set[int] = set()

    def show(done: int, total: int) -> None:
        tenth = done * TENTHS // max(total, 1)
        if not total:
            return
        if out.isatty():
            out.write(f"\r{_bar(done, total)}", ending="\n" if done >= total else "")
            out.flush()
        elif tenth and tenth not in shown:
            shown.add(tenth)
            out.write(f"{grouped(done)} of {grouped(total)}")

    return show


def _bar(done: int, total: int) -> str:
    share = done / total
    full = int(share * WIDTH)
    return f"{'█' * full}{'░' * (WIDTH - full)} {share:4.0%}  {grouped(done)} of {grouped(total)}"

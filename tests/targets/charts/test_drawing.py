"""The picture of a track: really drawn, decoded and looked at."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import numpy as np
import pytest
from django.utils.translation import override
from PIL import Image

from targets.charts.drawing import EndLabel, Picture, draw, flag_rows, pushed_apart, tick_days, tick_heights
from targets.domain.terms import Comparison
from targets.domain.verdict import Track
from targets.models import Note
from targets.notes import Lettered
from targets.numbers import Numbers

DAYS = 92
AT_LEAST, AT_MOST, WITHIN = Comparison.AT_LEAST, Comparison.AT_MOST, Comparison.WITHIN
HATCHED, SHADED, FAN, LINE = (0xD9, 0xD7, 0xCD), (0xE9, 0xF4, 0xEF), (0xD3, 0xDF, 0xF8), (0x1F, 0x4F, 0xC0)


def total(*, days: int = DAYS, today: int | None = 50, value: float = 651, goal: float = 1200) -> Track:
    """Return a total that grew evenly, with a fan to the period's end."""
    read = 0 if today is None else today + 1
    ahead = days - read
    rows = [
        (*[None] * (read - 1), *(value + 12 * step + spread * step / max(ahead, 1) for step in range(ahead + 1)))
        for spread in (-90, -45, 0, 45, 90)
    ]
    return Track(
        starts_on=date(2026, 10, 1),
        today=today,
        goal=goal,
        goal_upper=None,
        cumulative=True,
        actual=(*(value * (day + 1) / read for day in range(read)), *[None] * ahead),
        pace=tuple(goal * (day + 1) / days for day in range(days)),
        bands=tuple(rows) if read else (),
    )


def level(*, goal: float, upper: float | None = None) -> Track:
    """Return a level that moves a little, on a flat pace, without a forecast."""
    return replace(
        total(),
        goal=goal,
        goal_upper=upper,
        cumulative=False,
        actual=(*(22 + 0.5 * np.sin(day / 5) for day in range(51)), *[None] * 41),
        pace=(goal,) * DAYS,
        bands=(),
    )


def pixels(png: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Decode a picture."""
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"))


def share(png: bytes, colour: tuple[int, int, int]) -> float:
    """Return how much of a picture has exactly this colour."""
    return float((pixels(png) == colour).all(axis=-1).mean())


def test_a_picture_is_a_png_of_twice_the_shown_size_on_white() -> None:
    png = draw(total(), Numbers(), comparison=AT_LEAST, mark="Today")
    assert png.startswith(b"\x89PNG")
    assert pixels(png).shape == (560, 1200, 3)
    assert (pixels(png)[[0, -1]] == 255).all()
    assert len(png) < 120_000


@pytest.mark.parametrize(
    ("name", "track", "comparison"),
    [
        ("a total", total(), AT_LEAST),
        ("a limit", total(), AT_MOST),
        ("a level", level(goal=21), AT_LEAST),
        ("a range", level(goal=21, upper=23), WITHIN),
        ("a period that is over", total(today=DAYS - 1), AT_LEAST),
        ("before the first reading", total(today=None), AT_LEAST),
        ("the first day", total(today=0), AT_LEAST),
        ("a period of one day", total(days=1, today=0), AT_LEAST),
        ("a period of a week", total(days=7, today=3), AT_LEAST),
        ("three years", total(days=1096, today=400), AT_LEAST),
        ("nothing at all", replace(total(value=0, goal=0), bands=()), AT_MOST),
        ("a falling total", total(value=-300), AT_LEAST),
        ("no pace", replace(total(), pace=(None,) * DAYS), AT_LEAST),
        ("a hole", replace(total(), actual=(10.0, None, 30.0, *[None] * 89), today=2, bands=()), AT_LEAST),
    ],
)
def test_every_kind_of_track_is_drawn(name: str, track: Track, comparison: Comparison) -> None:
    drawn = pixels(draw(track, Numbers(), comparison=comparison, mark="Today"))
    assert 0.001 < (drawn < 250).any(axis=-1).mean() < 0.9, name


def test_the_layers_are_there_when_they_are_meant() -> None:
    numbers = Numbers()
    plain, limit = (draw(total(), numbers, comparison=comparison) for comparison in (AT_LEAST, AT_MOST))
    within = draw(level(goal=21, upper=23), numbers, comparison=WITHIN)
    assert share(plain, FAN) > 0.005
    assert share(plain, LINE) > 0.002
    assert share(plain, HATCHED) < share(limit, HATCHED)
    assert share(within, SHADED) > 0.05
    assert share(within, FAN) == 0


def test_the_picture_follows_the_numbers() -> None:
    first, same, other = (draw(total(value=value), Numbers(), comparison=AT_LEAST) for value in (651, 651, 700))
    assert first == same
    assert first != other
    assert draw(total(), Numbers(unit="€"), comparison=AT_LEAST) != first


def test_a_unit_full_of_signs_is_no_formula() -> None:
    assert draw(total(), Numbers(unit="$\\nosuch$"), comparison=AT_LEAST).startswith(b"\x89PNG")


def test_eight_threads_draw_at_once_and_do_not_mix() -> None:
    tracks = [total(value=100.0 * number) for number in range(1, 9)]
    alone = [draw(track, Numbers(), comparison=AT_LEAST, mark="Today") for track in tracks]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda track: draw(track, Numbers(), comparison=AT_LEAST, mark="Today"), tracks))
    assert together == alone


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("far apart, nothing moves", [0, 50, 90], [0, 50, 90]),
        ("the upper one gives way", [50, 52], [50, 60]),
        ("a pile keeps its order", [50, 50, 50], [50, 60, 70]),
        ("nothing is pushed over the top", [98, 99], [90, 100]),
    ],
)
def test_end_labels_are_pushed_apart(name: str, values: list[float], expected: list[float]) -> None:
    labels = [EndLabel(value=value, text="", colour="") for value in values]
    assert [height for height, _ in pushed_apart(labels, step=10, top=100)] == expected, name


@pytest.mark.parametrize(
    ("starts_on", "days", "expected"),
    [
        (date(2026, 11, 20), 1, [0]),
        (date(2026, 11, 16), 7, [0, 1, 2, 3, 4, 5, 6]),
        (date(2026, 11, 1), 30, [1, 8, 15, 22, 29]),
        (date(2026, 10, 1), 92, [0, 14, 31, 45, 61, 75]),
        (date(2026, 1, 1), 365, [0, 59, 120, 181, 243, 304]),
    ],
)
def test_days_under_the_plot(starts_on: date, days: int, expected: list[int]) -> None:
    assert tick_days(starts_on, days) == expected


@pytest.mark.parametrize(
    ("low", "high", "decimals", "expected"),
    [
        (0, 3.2, 0, ["0", "1", "2", "3"]),
        (3.8, 4.6, 1, ["3.8", "4.0", "4.2", "4.4", "4.6"]),
        (0, 12_800, 0, ["0", "3,000", "6,000", "9,000", "12,000"]),
    ],
)
def test_a_height_beside_the_plot_is_what_its_label_says(
    low: float, high: float, decimals: int, expected: list[str]
) -> None:
    numbers = Numbers(unit="", decimals=decimals, short=False)
    assert [numbers.value(height) for height in tick_heights(low, high, decimals)] == expected


def flags(*days: int) -> list[Lettered]:
    """Return a note on each of these days of the period, A on the first."""
    start = total().starts_on
    return [
        Lettered(letter=letter, note=Note(on=start + timedelta(days=day), text="x"))
        for letter, day in zip("ABCDEFG", days, strict=False)
    ]


def test_flags_that_would_overlap_stand_on_each_other() -> None:
    picture = Picture(track=total(), numbers=Numbers(), comparison=AT_LEAST, mark="", notes=flags(10, 11, 11, 40, 41))
    assert flag_rows(picture) == [(10, 0, "A"), (11, 1, "B"), (11, 2, "C"), (40, 0, "D"), (41, 1, "E")]


def test_a_note_is_drawn_at_the_foot_of_its_day() -> None:
    plain, noted = (draw(total(), Numbers(), comparison=AT_LEAST, notes=notes) for notes in ((), flags(40)))
    changed = (pixels(plain) != pixels(noted)).any(axis=-1)
    rows, columns = np.nonzero(changed)
    assert rows.min() > 400  # of 560: near the axis
    assert 400 < columns.min() < columns.max() < 600  # of 1200, about the 40th of 92 days


def test_a_picture_speaks_the_readers_language() -> None:
    with override("de"):
        german = draw(total(), Numbers(), comparison=AT_LEAST)
    assert german != draw(total(), Numbers(), comparison=AT_LEAST)

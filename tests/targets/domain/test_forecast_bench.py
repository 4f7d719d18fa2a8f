"""The project's own scoring of its forecast."""

import gzip
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bench import forecast as bench
from targets.domain.forecast import seed

Row = tuple[str, np.datetime64 | str, float | str]


def write(path: Path, rows: list[Row]) -> None:
    with gzip.open(path, "wt") as lines:
        lines.write("series,date,value\n")
        lines.writelines(f"{series},{date},{value}\n" for series, date, value in rows)


def days(count: int, series: str = "visitors") -> list[Row]:
    values = 100 + 10 * seed(series).standard_normal(count)
    dates = np.datetime64("2025-01-01") + np.arange(count)
    return [(series, date, value) for date, value in zip(dates, values, strict=True)]


def run(monkeypatch: pytest.MonkeyPatch, *options: object) -> None:
    monkeypatch.setattr(sys, "argv", ["forecast", *map(str, options)])
    bench.main()


def test_the_score_of_samples_is_the_one_of_its_definition() -> None:
    samples = seed("crps").standard_normal(40)
    pairs = np.abs(samples[:, None] - samples).mean()
    assert bench.crps(samples, 0.3) == pytest.approx(np.abs(samples - 0.3).mean() - pairs / 2)
    assert bench.crps(np.array([5.0]), 3.0) == 2.0


def test_a_perfect_forecast_scores_nothing_and_a_wrong_one_what_it_is_wrong_by(tmp_path: Path) -> None:
    write(tmp_path / "one.csv.gz", days(200))
    case = next(bench.cases(bench.read(tmp_path / "one.csv.gz", Counter()), 1, Counter()))
    perfect = bench.score(case, lambda case: case.actual[None, :])
    wrong = bench.score(case, lambda case: case.actual[None, :] + case.typical / len(case.actual))
    assert (perfect.mae, perfect.crps, perfect.in_80, perfect.in_95, perfect.brier) == (0, 0, 1, 1, 0)
    assert wrong.mae == pytest.approx(1)
    assert wrong.crps == pytest.approx(1)
    assert (wrong.in_80, wrong.in_95) == (0, 0)
    assert wrong.brier > 0


def test_the_report_compares_with_the_straight_line_and_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    signups = days(200, "signups")
    write(tmp_path / "good.csv.gz", [*days(200), *signups[:150], *signups[175:], ("visitors", "2025-07-20", "n/a")])
    write(tmp_path / "short.csv.gz", days(40))
    run(monkeypatch, "--data", tmp_path, "--months", 3)
    said = capsys.readouterr().out
    assert "good.csv.gz: 12 forecasts" in said
    assert "short.csv.gz: no month to score" in said
    assert said.count("straight line") == said.count("waymark") == 2
    assert "1 rows without a number" in said
    assert "months with too many missing days" in said
    assert "months with too little history" in said


def test_a_folder_without_data_is_said_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"No data: .* holds no \*\.csv\.gz"):
        run(monkeypatch, "--data", tmp_path)

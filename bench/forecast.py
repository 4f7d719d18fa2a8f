"""Score the forecast against the straight line on real daily series: `python -m bench.forecast --data FOLDER`.

FOLDER holds `*.csv.gz` files with a header and the columns series, date (YYYY-MM-DD) and value. Of every file some
calendar months are taken, and each is forecast when 10, 25, 50 and 75 % of it have passed, from the days before.
What is forecast is the month's total over its observed days. The figures:

    MAE      |median of the totals − actual|                                         in % of a typical month's total
    CRPS     mean |X − actual| − ½ · mean |X − X′| over the simulated totals X, X′   in % of a typical month's total
             (Gneiting & Raftery, JASA 102, 2007); of a single number it is the absolute error
    in 80 %  how often the actual total lay between the 10 % and the 90 % quantile; 80 would be perfect
    in 95 %  the same between 2.5 % and 97.5 %
    Brier    mean (P(total ≥ goal) − (1 if it was, else 0))² over goals of 0.8, 0.9, 1, 1.1 and 1.2 × the usual total
    ms       milliseconds for one forecast

A typical month's total is the mean size of a day over the year before the month and the month itself × days; the usual
total is the mean of the 60 days before the month × days. Every file counts the same, however many series it has.
"""

import argparse
import csv
import gzip
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from targets.domain.forecast import quantiles, seed, simulate

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
Series = dict[str, dict[str, float]]

ELAPSED = (0.10, 0.25, 0.50, 0.75)
GOALS = np.array([0.8, 0.9, 1.0, 1.1, 1.2])
LEAST_HISTORY = 60  # observed days before the month; their mean is the usual day
LEAST_REPORTED = 0.8  # of the month's days: a total over fewer is not the month's total
LONGEST_HISTORY = 1200  # observed days handed to a forecaster
HEADER = f"{'':14}{'MAE':>8}{'CRPS':>8}{'in 80 %':>9}{'in 95 %':>9}{'Brier':>8}{'ms':>8}"


@dataclass(frozen=True, slots=True)
class Case:
    """One month of one series at one moment; the arrays are of observed days only."""

    name: str
    month: np.datetime64
    history: Floats
    history_days: Dates
    actual: Floats
    actual_days: Dates
    elapsed: float  # total of the month so far
    typical: float  # size of a month's total, for percentages
    usual: float  # the total that the last 60 days would give


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one forecast, or the mean of many; errors as shares of the typical total."""

    mae: float
    crps: float
    in_80: float
    in_95: float
    brier: float
    ms: float


Forecaster = Callable[[Case], Floats]


def waymark(case: Case) -> Floats:
    """(paths, h) The project's forecast; its generator depends on the case alone."""
    rng = seed(case.name, str(case.month), len(case.history))
    start = case.month.astype("datetime64[D]")
    return simulate(case.history, case.history_days, case.actual_days, rng, period_start=start)


def straight_line(case: Case) -> Floats:
    """(1, h) The month goes on as it went: total so far ÷ days so far, on each remaining day."""
    so_far = case.history[case.history_days >= case.month]
    return np.full((1, len(case.actual)), so_far.mean())


FORECASTERS: dict[str, Forecaster] = {"straight line": straight_line, "waymark": waymark}


def read(path: Path, missing: Counter[str]) -> Series:
    """Days and values by series; what cannot be used is counted in `missing`."""
    series: Series = {}
    with gzip.open(path, "rt", newline="") as lines:
        for row in csv.DictReader(lines):
            try:
                value = float(row["value"])
            except (TypeError, ValueError):
                value = np.nan
            if np.isfinite(value):
                series.setdefault(row["series"], {})[row["date"]] = value
            else:
                missing["rows without a number"] += 1
    return series


def cases(series: Series, months: int, missing: Counter[str]) -> Iterator[Case]:
    """The moments of `months` months, drawn evenly by a fixed seed from all months that can be scored."""
    usable = [found for name in sorted(series) for found in usable_months(name, series[name], missing)]
    for place in sorted(seed("months").permutation(len(usable))[:months]):
        yield from moments(*usable[place])


def usable_months(
    name: str, by_day: dict[str, float], missing: Counter[str]
) -> Iterator[tuple[str, np.datetime64, Dates, Floats]]:
    """(name, month, days, values) for each month with enough history, enough reports and something to forecast."""
    days = np.array(sorted(by_day), "datetime64[D]")
    values = np.array([by_day[str(day)] for day in days])
    for month in np.unique(days.astype("datetime64[M]"))[1:]:
        first, last = np.searchsorted(days, [month, month + 1])
        recent = values[max(first - 90, 0) : first]
        if first < LEAST_HISTORY:
            missing["months with too little history"] += 1
        elif last - first < LEAST_REPORTED * month_length(month):
            missing["months with too many missing days"] += 1
        elif not recent.any() or recent.min() == recent.max():
            missing["months after a time in which nothing changed"] += 1
        else:
            yield name, month, days, values


def month_length(month: np.datetime64) -> int:
    """Days of the calendar month."""
    return int(((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(int))


def moments(name: str, month: np.datetime64, days: Dates, values: Floats) -> Iterator[Case]:
    """The month as it stood at each of the elapsed shares, where days lie on both sides."""
    first, last = np.searchsorted(days, [month, month + 1])
    for share in ELAPSED:
        today = month.astype("datetime64[D]") + max(round(share * month_length(month)), 1)
        now = int(np.searchsorted(days, today))
        if not first < now < last:
            continue
        yield Case(
            name=name,
            month=month,
            history=values[max(first - LONGEST_HISTORY, 0) : now],
            history_days=days[max(first - LONGEST_HISTORY, 0) : now],
            actual=values[now:last],
            actual_days=days[now:last],
            elapsed=float(values[first:now].sum()),
            typical=float(np.abs(values[max(first - 365, 0) : last]).mean() * (last - first)),
            usual=float(values[first - LEAST_HISTORY : first].mean() * (last - first)),
        )


def score(case: Case, forecaster: Forecaster) -> Score:
    """Run the forecaster on the case and hold its totals against the actual one."""
    begun = time.perf_counter()
    paths = forecaster(case)
    ms = 1e3 * (time.perf_counter() - begun)
    totals, actual = case.elapsed + paths.sum(axis=1), case.elapsed + float(case.actual.sum())
    slack = 1e-9 * (1.0 + abs(actual))  # sums of the same numbers in another order may differ by as much
    low_95, low_80, median, high_80, high_95 = quantiles(totals, (0.025, 0.1, 0.5, 0.9, 0.975))
    goals = case.usual * GOALS - slack
    chances = (totals[:, None] >= goals).mean(axis=0)
    return Score(
        mae=abs(median - actual) / case.typical,
        crps=crps(totals, actual) / case.typical,
        in_80=float(low_80 - slack <= actual <= high_80 + slack),
        in_95=float(low_95 - slack <= actual <= high_95 + slack),
        brier=float(((chances - (actual >= goals)) ** 2).mean()),
        ms=ms,
    )


def crps(samples: Floats, actual: float) -> float:
    """Continuous ranked probability score of (n,) equally likely samples, in their unit; lower is better.

    Over sorted samples mean |X − X′| is 2 ÷ n² · Σ (2i − n − 1) · x(i), i from 1.
    """
    ordered, n = np.sort(samples), len(samples)
    spread = float(((2 * np.arange(1, n + 1) - n - 1) * ordered).sum()) / n**2
    return float(np.abs(ordered - actual).mean()) - spread


def mean(scores: list[Score]) -> Score:
    """The mean of each figure."""
    return Score(*(float(np.mean([getattr(one, field.name) for one in scores])) for field in fields(Score)))


def line(name: str, figures: Score) -> str:
    """One row of the table under HEADER."""
    percent = f"{100 * figures.mae:8.1f}{100 * figures.crps:8.1f}{100 * figures.in_80:9.1f}{100 * figures.in_95:9.1f}"
    return f"{name:14}{percent}{figures.brier:8.4f}{figures.ms:8.2f}"


def report(folder: Path, months: int) -> None:
    """Score every file of the folder and print the tables."""
    missing: Counter[str] = Counter()
    means: dict[str, list[Score]] = {name: [] for name in FORECASTERS}
    for path in sorted(folder.glob("*.csv.gz")):
        chosen = list(cases(read(path, missing), months, missing))
        print(f"\n{path.name}: {len(chosen)} forecasts\n{HEADER}" if chosen else f"\n{path.name}: no month to score")
        for name, forecaster in FORECASTERS.items() if chosen else ():
            means[name].append(mean([score(case, forecaster) for case in chosen]))
            print(line(name, means[name][-1]))
    print("\nMean over the files\n" + HEADER)
    print("\n".join(line(name, mean(of_files)) for name, of_files in means.items() if of_files))
    print("\nMissing: " + ("; ".join(f"{count} {what}" for what, count in sorted(missing.items())) or "nothing"))


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description="Score the forecast against the straight line on real daily series.")
    parser.add_argument("--data", type=Path, required=True, help="folder of *.csv.gz files: series,date,value")
    parser.add_argument("--months", type=int, default=25, help="months to score per file, four forecasts each")
    options = parser.parse_args()
    if not any(options.data.glob("*.csv.gz")):
        sys.exit(f"No data: {options.data} holds no *.csv.gz file with the columns series,date,value.")
    report(options.data, options.months)


if __name__ == "__main__":
    main()

"""What a forecast promises whoever asks for one: shapes, refusals, and that it has learned what the history shows."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from targets.domain.forecast import DEFAULT, Settings, quantiles, seed, simulate

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
World = Callable[[np.random.Generator], Floats]

FIRST = np.datetime64("2025-01-06")  # a Monday


def calendar(count: int, first: np.datetime64 = FIRST) -> Dates:
    return first + np.arange(count)


def forecast(
    values: npt.ArrayLike,
    ahead: int = 28,
    days: Dates | None = None,
    settings: Settings = DEFAULT,
    period_start: np.datetime64 | None = None,
) -> Floats:
    """Paths for the days right after the history, drawn from a fixed seed."""
    days = calendar(len(np.asarray(values))) if days is None else days
    horizon = days[-1] + 1 + np.arange(ahead)
    return simulate(values, days, horizon, seed("test"), settings, period_start=period_start)


def noisy(count: int, level: float = 100.0, noise: float = 0.1, key: str = "noise") -> Floats:
    return level * (1 + noise * seed(key, count).standard_normal(count))


def test_every_row_is_one_future_of_the_asked_days() -> None:
    assert forecast(noisy(90), ahead=17).shape == (400, 17)
    assert forecast(noisy(90), ahead=17, settings=Settings(paths=25)).shape == (25, 17)


def test_a_horizon_with_gaps_takes_its_days_from_the_same_futures() -> None:
    values, days = noisy(90), calendar(90)
    whole = days[-1] + 1 + np.arange(20)
    picked = [2, 3, 11, 19]
    np.testing.assert_array_equal(
        simulate(values, days, whole[picked], seed("test")), simulate(values, days, whole, seed("test"))[:, picked]
    )


def test_the_same_generator_gives_the_same_futures_and_another_gives_others() -> None:
    values, days, horizon = noisy(60), calendar(60), calendar(10, FIRST + 60)
    first, again, other = (simulate(values, days, horizon, seed(name)) for name in ("a", "a", "b"))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_history_is_left_as_it_was() -> None:
    values, days = noisy(60), calendar(60)
    values.flags.writeable = days.flags.writeable = False
    assert forecast(values, days=days).shape == (400, 28)


@pytest.mark.parametrize(
    ("values", "days", "horizon", "said"),
    [
        ([], [], ["2025-02-01"], "days: one or more"),
        ([1.0], ["2025-01-01"], [], "horizon: one or more"),
        ([1.0, 2.0], ["2025-01-01"], ["2025-02-01"], "one value per day"),
        ([[1.0]], ["2025-01-01"], ["2025-02-01"], "one value per day"),
        ([np.nan], ["2025-01-01"], ["2025-02-01"], "finite"),
        ([np.inf], ["2025-01-01"], ["2025-02-01"], "finite"),
        ([-1e200], ["2025-01-01"], ["2025-02-01"], "finite"),
        ([1.0, 2.0], ["2025-01-02", "2025-01-01"], ["2025-02-01"], "days: .*in order"),
        ([1.0, 2.0], ["2025-01-01", "2025-01-01"], ["2025-02-01"], "days: .*repetition"),
        ([1.0, 2.0], ["2025-01-01", "NaT"], ["2025-02-01"], "days: .*known"),
        ([1.0], ["NaT"], ["2025-02-01"], "days: .*known"),
        ([1.0], ["2025-01-01"], ["2025-02-02", "2025-02-01"], "horizon: .*in order"),
        ([1.0], ["2025-01-01"], ["2025-01-01"], "horizon: must begin after"),
    ],
)
def test_unusable_input_is_refused_with_a_reason(
    values: list[float], days: list[str], horizon: list[str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        simulate(values, np.array(days, "datetime64[D]"), np.array(horizon, "datetime64[D]"), seed("test"))


@pytest.mark.parametrize("ahead", [1, 30, 400])
@pytest.mark.parametrize(
    "values",
    [
        pytest.param([7.5], id="one day"),
        pytest.param([0.0], id="one day of nothing"),
        pytest.param([3.0, 5.0], id="two days"),
        pytest.param(np.zeros(200), id="nothing ever"),
        pytest.param(np.full(200, 22.5), id="always the same"),
        pytest.param(np.full(200, -4.0), id="always the same, negative"),
        pytest.param(noisy(200) - 100, id="around zero"),
        pytest.param([1.0, -1.0] * 60, id="cancelling out"),
        pytest.param(1e15 * noisy(200), id="very large"),
        pytest.param(1e-300 * noisy(200), id="very small"),
        pytest.param([5e-324, 0.0, 0.0] * 30, id="the smallest there is"),
        pytest.param([1e150, 1.0] * 30, id="the largest allowed beside a small one"),
        pytest.param([0.0] * 200 + [1e6] + [0.0] * 20, id="a single spike"),
        pytest.param([1.0] + [0.0] * 100, id="once and never again"),
        pytest.param(noisy(1300), id="longer than is looked at"),
    ],
)
def test_any_history_gives_finite_futures(values: npt.ArrayLike, ahead: int) -> None:
    paths = forecast(np.asarray(values), ahead=ahead)
    assert paths.shape == (400, ahead)
    assert np.isfinite(paths).all()
    assert np.min(values) < 0 or paths.min() >= 0


def test_a_history_of_nothing_promises_nothing() -> None:
    assert not forecast(np.zeros(40)).any()


@pytest.mark.parametrize("value", [22.5, 5.0, -4.0])
def test_what_never_changed_is_expected_to_stay(value: float) -> None:
    np.testing.assert_allclose(forecast(np.full(90, value)), value, rtol=1e-4)


def test_a_single_day_gives_a_wide_band_around_it() -> None:
    low, median, high = quantiles(forecast([40.5], ahead=30).sum(axis=1), (0.1, 0.5, 0.9))
    assert 0.7 * 40.5 * 30 < median < 1.3 * 40.5 * 30
    assert high - low > 0.5 * 40.5 * 30


def test_the_band_narrows_as_days_come_in() -> None:
    def width(count: int) -> float:
        low, high = quantiles(forecast(noisy(count)).sum(axis=1), (0.1, 0.9))
        return float(high - low)

    assert width(1) > width(6) > width(25) > width(120)


def test_small_counts_stay_whole_and_keep_their_mean() -> None:
    counts = seed("counts").poisson(0.7, 300)
    paths = forecast(counts)
    assert (paths == np.rint(paths)).all()
    assert paths.mean() == pytest.approx(0.7, abs=0.15)


@pytest.mark.parametrize("values", [noisy(90, level=5), np.rint(noisy(90, level=5000)), np.rint(noisy(90) - 100)])
def test_other_values_are_not_rounded(values: Floats) -> None:
    paths = forecast(values)
    assert (paths != np.rint(paths)).any()


@pytest.mark.parametrize("shift", [0.0, -700.0], ids=["factors", "differences"])
def test_the_shape_of_the_week_is_learned(shift: float) -> None:
    shape = np.array([1.3, 1.2, 1.1, 1.2, 1.4, 0.5, 0.3])
    values = 1000 * shape[np.arange(84) % 7] * noisy(84, level=1.0, noise=0.05) + shift
    by_weekday = np.median(forecast(values), axis=0).reshape(4, 7)
    np.testing.assert_allclose(by_weekday, np.tile(1000 * shape + shift, (4, 1)), atol=120)


def test_a_week_of_data_has_no_shape_yet() -> None:
    values = np.array([130.0, 120, 110, 120, 140, 50, 30])
    expected = forecast(values, settings=Settings(paths=4000)).mean(axis=0)
    assert expected.max() < 1.25 * expected.min()


def test_growth_goes_on_but_not_for_ever() -> None:
    values = np.linspace(100, 300, 200) * noisy(200, level=1.0, noise=0.02)
    assert 300 < forecast(values).mean() < 330
    assert forecast(values, ahead=365)[:, -30:].mean() < 450


def test_a_missing_day_is_not_a_zero() -> None:
    values, kept = noisy(120, level=200.0), seed("kept").permutation(120)[:70]
    kept.sort()
    paths = forecast(values[kept], days=calendar(120)[kept])
    assert np.median(paths.sum(axis=1)) == pytest.approx(200 * 28, rel=0.08)
    assert quantiles(paths.ravel(), (0.02,))[0] > 100


@pytest.mark.parametrize("shift", [0.0, -100.0])
def test_a_long_silence_does_not_pull_the_level_to_zero(shift: float) -> None:
    values, days = noisy(160) + shift + 20, np.concatenate([calendar(150), calendar(10, FIRST + 700)])
    expected = forecast(values, days=days).mean()
    assert expected == pytest.approx(120 + shift, abs=15)


def test_an_outlier_hardly_moves_the_forecast() -> None:
    values = noisy(120)
    spoilt = values.copy()
    spoilt[-9] *= 10
    usual, moved = (np.median(forecast(series).sum(axis=1)) for series in (values, spoilt))
    assert moved == pytest.approx(usual, rel=0.25)


@pytest.mark.parametrize("shift", [0.0, -100.0])
def test_bands_widen_with_the_distance(shift: float) -> None:
    walk = 100 + shift + np.cumsum(seed("walk").standard_normal(300))
    low, high = quantiles(forecast(walk, ahead=90), (0.1, 0.9))
    width = high - low
    assert width[:10].mean() < width[25:35].mean() < width[80:].mean()


def test_the_level_of_the_running_period_counts_where_periods_differ() -> None:
    def error(shift: int, key: int) -> float:
        levels = np.repeat(100 * np.exp(0.8 * seed("levels", key).standard_normal(40)), 7)
        values = levels * noisy(280, level=1.0, noise=0.05, key=f"weeks {key}")
        paths = forecast(values[:276], ahead=4, period_start=FIRST + 273 - shift)
        return float(abs(np.median(paths.sum(axis=1)) / values[276:].sum() - 1))

    aligned, shifted = (np.mean([error(shift, key) for key in range(30)]) for shift in (0, 4))
    assert aligned < 0.75 * shifted


@pytest.mark.parametrize("start", ["1990-01-01", "2025-01-06", "2025-03-01", "2025-04-06", "2030-01-01"])
def test_a_period_may_begin_anywhere(start: str) -> None:
    paths = forecast(noisy(90), period_start=np.datetime64(start))
    assert np.median(paths.sum(axis=1)) == pytest.approx(2800, rel=0.1)


def test_without_a_start_the_period_is_the_calendar_month() -> None:
    values, days = noisy(90), calendar(90)
    april = np.datetime64("2025-04")
    horizon = np.arange(days[-1] + 1, np.datetime64("2025-05-01"))
    given, default = (simulate(values, days, horizon, seed("test"), period_start=start) for start in (april, None))
    assert np.median(given.sum(axis=1)) == pytest.approx(np.median(default.sum(axis=1)), rel=0.02)


def steady(rng: np.random.Generator) -> Floats:
    return 100 * (1 + 0.3 * rng.standard_normal(220)).clip(0)


def weekly_counts(rng: np.random.Generator) -> Floats:
    return rng.poisson(12 * np.array([1.4, 1.3, 1.2, 1.3, 1.2, 0.4, 0.2])[np.arange(220) % 7]).astype(float)


def wandering(rng: np.random.Generator) -> Floats:
    return 100 * np.exp(np.cumsum(0.03 * rng.standard_normal(220)) + 0.1 * rng.standard_normal(220))


def both_signs(rng: np.random.Generator) -> Floats:
    return np.cumsum(0.2 * rng.standard_normal(220)) + rng.standard_normal(220)


@pytest.mark.parametrize(
    ("world", "history", "least", "most"),
    [
        (wandering, 30, 0.75, 0.90),
        (wandering, 120, 0.72, 0.88),
        (wandering, 200, 0.66, 0.86),
        (both_signs, 30, 0.80, 0.97),
        (both_signs, 200, 0.74, 0.88),
        (steady, 200, 0.80, 0.97),  # nothing ever changes here; most series are not so, and bands are made for them
        (weekly_counts, 200, 0.80, 0.99),
    ],
)
def test_the_eighty_percent_band_holds_about_eight_in_ten_totals(
    world: World, history: int, least: float, most: float
) -> None:
    inside = 0
    for case in range(200):
        values = world(seed(world.__name__, case))[: history + 20]
        totals = forecast(values[:history], ahead=20).sum(axis=1)
        low, high = quantiles(totals, (0.1, 0.9))
        inside += low <= values[history:].sum() <= high
    assert least <= inside / 200 <= most

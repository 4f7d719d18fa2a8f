"""The steps of the forecast, each held against a slower or simpler way to the same number."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from targets.domain.forecast import DEFAULT, Settings, quantiles, seed
from targets.domain.forecast.candidates import Levels, Outlooks, find_levels, look_ahead
from targets.domain.forecast.grid import Floats, Grid, lay_out
from targets.domain.forecast.paths import _cut_at_zero, draw_paths
from targets.domain.forecast.profile import Profile, weekday_profile
from targets.domain.forecast.replay import Replay, choose_origins, error_scale
from targets.domain.forecast.replay import replay as replay_errors
from targets.domain.forecast.smoothing import eve_before, running_mean, running_sums
from targets.domain.forecast.track import Track, follow

FIRST = np.datetime64("2025-01-06")


def laid_out(
    values: npt.ArrayLike,
    ahead: int = 14,
    places: npt.ArrayLike | None = None,
    period_start: np.datetime64 | None = None,
) -> Grid:
    days = FIRST + (np.arange(len(np.asarray(values))) if places is None else np.asarray(places))
    return lay_out(values, days, days[-1] + 1 + np.arange(ahead), period_start)


def known_until(grid: Grid, count: int) -> Grid:
    """The grid as it was after its first `count` days, in the same units."""
    parts = {name: getattr(grid, name)[:count] for name in ("values", "present", "weekdays", "period_starts")}
    return replace(grid, **parts)


def judged(grid: Grid) -> tuple[Profile, Track, Levels]:
    profile = weekday_profile(grid)
    track = follow(grid, profile)
    return profile, track, find_levels(grid, profile, track)


def season(count: int, shift: float = 0.0) -> Floats:
    """A year's wave with a weekday shape and noise."""
    days, noise = np.arange(count), seed("season").standard_normal(count)
    return 100 * (1 + 0.5 * np.sin(2 * np.pi * days / 364)) * (1 - 0.5 * (days % 7 > 4)) + 5 * noise + shift


def test_the_grid_keeps_missing_days_missing() -> None:
    grid = laid_out([2.0, 4.0, 6.0], places=[0, 1, 4])
    np.testing.assert_allclose(grid.values * grid.unit, [2, 4, 0, 0, 6])
    np.testing.assert_array_equal(grid.present, [1, 1, 0, 0, 1])
    np.testing.assert_array_equal(np.diff(grid.weekdays) % 7, 1)
    assert (grid.days, grid.reports, grid.unit, grid.length) == (5, 3, 4.0, 14)


def test_the_grid_looks_back_three_years_and_begins_with_an_observed_day() -> None:
    grid = laid_out(np.arange(1.0, 1301.0), places=[*range(100), *range(200, 1400)])
    assert grid.days == 1150
    assert grid.present[0] == 1
    assert laid_out([1.0, 2.0, 3.0], places=[0, 500, 1600]).days == 1101


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (None, [0, 0, 0, 0, 26]),  # the grid runs from 6 January to 2 February, the horizon to 16 February
        ("2025-02-01", [0, 0, 10, 10, 26]),  # 16 days: before it 16 to 31 January
        ("2025-01-28", [0, 2, 2, 2, 22]),  # 20 days: before it 8 to 27 January
        ("2025-01-01", [0, 0, 0, 0, 0]),
    ],
)
def test_earlier_periods_are_as_long_as_the_running_one(start: str | None, expected: list[int]) -> None:
    grid = laid_out(np.ones(28), period_start=None if start is None else np.datetime64(start))
    np.testing.assert_array_equal(grid.period_starts[[0, 9, 10, 21, 27]], expected)


@pytest.mark.parametrize("half_life", [0.5, 3.0, 112.0])
@pytest.mark.parametrize("count", [1, 63, 64, 65, 300])
def test_running_sums_are_what_a_loop_gives(half_life: float, count: int) -> None:
    columns, expected, kept = seed("columns").standard_normal((count, 2)), np.zeros((count, 2)), np.zeros(2)
    for day in range(count):
        expected[day] = kept = kept * 0.5 ** (1 / half_life) + columns[day]
    np.testing.assert_allclose(running_sums(columns, half_life), expected, atol=1e-12)


def test_a_running_mean_holds_its_value_over_any_silence() -> None:
    weights = np.zeros(1100)
    weights[:5] = 1
    assert running_mean(7.0 * weights, weights, 3.0)[-1] == pytest.approx(7)


def test_the_eve_before_is_one_day_late() -> None:
    np.testing.assert_array_equal(eve_before(np.array([1.0, 2.0, 3.0])), [1, 1, 2])


def test_factors_average_one_and_differences_zero() -> None:
    factors, differences = (weekday_profile(laid_out(season(100, shift))).effects for shift in (0.0, -500.0))
    mondays_only = weekday_profile(laid_out(np.arange(400) % 7 == 0)).effects
    np.testing.assert_allclose(factors.mean(axis=1), 1)
    np.testing.assert_allclose(mondays_only.mean(axis=1), 1)
    assert mondays_only.min() > 0
    np.testing.assert_allclose(differences.mean(axis=1), 0, atol=1e-12)


def test_noise_alone_makes_no_weekdays() -> None:
    flat = weekday_profile(laid_out(100 + 10 * seed("flat").standard_normal(400))).effects[-1]
    np.testing.assert_allclose(flat, 1, atol=0.03)


def test_a_profile_fades_in_with_the_second_week() -> None:
    spread = weekday_profile(laid_out(season(40))).effects.std(axis=1)
    assert not spread[:6].any()
    assert spread[6] < spread[8] < spread[30]
    assert spread[30] > 0.15


@pytest.mark.parametrize("shift", [0.0, -400.0])
def test_what_is_expected_of_a_day_does_not_know_the_day(shift: float) -> None:
    grid = laid_out(season(60, shift))
    other = replace(grid, values=np.append(grid.values[:-1], 5.0))
    (profile, track, _), (other_profile, other_track, _) = judged(grid), judged(other)
    assert profile.today[-1] == other_profile.today[-1]
    assert track.expected[-1] == other_track.expected[-1]


@pytest.mark.parametrize("shift", [0.0, -400.0])
@pytest.mark.parametrize("known", [1, 8, 100, 450])
def test_nothing_at_a_past_day_knows_what_came_after_it(shift: float, known: int) -> None:
    grid = laid_out(season(500, shift))
    then = known_until(grid, known)
    (profile, track, levels), (old_profile, old_track, old_levels) = judged(grid), judged(then)
    np.testing.assert_allclose(profile.effects[:known], old_profile.effects, atol=1e-9)
    for name in ("expected", "surprise", "volatility", "clipped"):
        np.testing.assert_allclose(getattr(track, name)[:known], getattr(old_track, name), atol=1e-9)
    np.testing.assert_allclose(levels.values[:, :known], old_levels.values, atol=1e-9)
    np.testing.assert_allclose(levels.slopes[:, :known], old_levels.slopes, atol=1e-9)


@pytest.mark.parametrize("shift", [0.0, -400.0])
@pytest.mark.parametrize("ahead", [14, 90, 400])
def test_a_replayed_outlook_is_the_one_that_was_given_then(shift: float, ahead: int) -> None:
    grid = laid_out(season(900, shift), ahead=ahead)
    then, origin = known_until(grid, 460), np.array([459])
    now_seen = look_ahead(grid, *judged(grid), origin)
    then_seen = look_ahead(then, *judged(then), origin)
    np.testing.assert_allclose(now_seen.values, then_seen.values, atol=1e-9)


@pytest.mark.parametrize("shift", [0.0, -400.0])
def test_a_candidate_repeats_last_years_rise(shift: float) -> None:
    wave = season(1000, shift)
    grid = laid_out(wave[:740], ahead=60)
    outlooks = look_ahead(grid, *judged(grid), np.array([739])).values[:, 0].mean(axis=1) * grid.unit
    actual, steady = wave[740:800].mean(), outlooks[3]
    assert abs(outlooks[-1] - actual) < 0.6 * abs(steady - actual)
    assert steady < outlooks[-2] < outlooks[-1]


def test_candidates_without_a_year_behind_them_are_fewer() -> None:
    young, old = (laid_out(season(count)) for count in (409, 410))
    young_seen, old_seen = (look_ahead(grid, *judged(grid), np.array([grid.days - 1])) for grid in (young, old))
    assert len(old_seen.values) == len(young_seen.values) + 2
    for seen in (young_seen, old_seen):
        assert len(seen.beliefs) == len(seen.values)
        assert seen.beliefs.sum() == pytest.approx(1)


def test_a_falling_trend_does_not_end_below_a_tenth_of_the_level() -> None:
    grid = laid_out(np.linspace(1000, 10, 100), ahead=120)
    _, _, levels = judged(grid)
    lowest = look_ahead(grid, *judged(grid), np.array([99])).values.min()
    assert lowest >= 0.09 * min(levels.steady[7][-1], levels.steady[28][-1])


def test_a_slope_wears_off() -> None:
    grid = laid_out(np.linspace(100, 300, 200), ahead=300)
    rising = look_ahead(grid, *judged(grid), np.array([199])).values[-1, 0] * grid.unit
    assert 10 < rising[29] - rising[0] < 20
    assert rising[299] - rising[149] < 2


def test_a_slope_is_not_believed_after_three_days() -> None:
    _, _, levels = judged(laid_out([50.0, 100.0, 150.0]))
    assert 0 < levels.slopes.max() < 0.002


def test_outliers_are_moved_to_the_edge_but_not_at_the_start() -> None:
    values = 100 + seed("calm").standard_normal(60)
    values[[4, 40]] = 1000
    grid = laid_out(values)
    clipped = judged(grid)[1].clipped * grid.unit
    assert clipped[4] == pytest.approx(1000)
    assert clipped[40] < 400


@pytest.mark.parametrize(
    ("days", "ahead", "origins"),
    [(5, 3, 0), (24, 14, 0), (25, 14, 1), (26, 14, 2), (400, 14, 60), (1150, 14, 60), (100, 365, 0)],
)
def test_origins_have_their_whole_horizon_behind_them(days: int, ahead: int, origins: int) -> None:
    chosen = choose_origins(laid_out(np.ones(days), ahead=ahead), DEFAULT)
    assert len(chosen) == origins
    assert not origins or (chosen[0] >= 10 and chosen[-1] == days - 1 - ahead and days - chosen[0] <= 732)


def replayed(
    values: Floats, ahead: int = 14, settings: Settings = DEFAULT, places: npt.ArrayLike | None = None
) -> tuple[Grid, Replay]:
    grid = laid_out(values, ahead, places)
    profile, track, levels = judged(grid)
    origins = choose_origins(grid, settings)
    outlooks = look_ahead(grid, profile, track, levels, np.append(origins, grid.days - 1))
    return grid, replay_errors(grid, outlooks, error_scale(grid, track, levels), origins, settings)


def test_the_blend_follows_the_candidate_that_was_right() -> None:
    grid = laid_out(100 + 10 * seed("blend").standard_normal(300))
    origins, scale = choose_origins(grid, DEFAULT), np.full(300, 0.1)
    actual = grid.values[np.append(origins, 0)[:, None] + grid.ahead]
    outlooks = Outlooks(np.array([actual * 1.3, actual, actual * 0.5]), np.ones_like(actual), np.full(3, 1 / 3))
    result = replay_errors(grid, outlooks, scale, origins, DEFAULT)
    np.testing.assert_allclose(result.expected, actual[-1], rtol=1e-6)
    even = replay_errors(grid, outlooks, scale, origins, replace(DEFAULT, rivalry=0.0))
    np.testing.assert_allclose(even.expected, actual[-1] * 2.8 / 3, rtol=1e-6)


def test_a_missing_day_holds_the_mean_error_of_its_origin() -> None:
    kept = np.delete(np.arange(120), [100, 110])
    _, result = replayed(season(120)[kept], places=kept)
    last_origin = 119 - 14
    hole = 110 - last_origin - 1
    others = np.delete(result.errors[-1], hole)
    assert result.errors[-1, hole] == pytest.approx(others.mean())
    assert result.misses[-1] == pytest.approx(abs(others.sum()))


def test_errors_of_a_much_calmer_time_are_not_blown_up_without_end() -> None:
    calm, wild = 100 + 0.01 * seed("calm").standard_normal(150), 100 + 30 * seed("wild").standard_normal(60)
    _, result = replayed(np.concatenate([calm, wild]))
    assert np.abs(result.errors).max() < 30 * np.median(np.abs(result.errors[-10:]))
    spike = np.concatenate([np.zeros(200), [1e6], np.zeros(20)])
    grid, result = replayed(spike, ahead=30)
    assert quantiles(draw_paths(grid, result, DEFAULT, seed("draw")).sum(axis=1), (0.975,))[0] * grid.unit < 2e7


def test_recent_origins_have_more_say() -> None:
    _, result = replayed(season(400))
    assert result.weights.sum() == pytest.approx(1)
    assert (np.diff(result.weights) > 0).all()


def test_repeated_and_drawn_futures_agree_on_the_middle_and_the_width() -> None:
    walk = 100 * np.exp(np.cumsum(0.03 * seed("walk").standard_normal(500)))
    totals = []
    for share in (0.0, 1.0):
        settings = replace(DEFAULT, paths=2000, replayed_share=share)
        grid, result = replayed(walk, settings=settings)
        totals.append(draw_paths(grid, result, settings, seed("draw")).sum(axis=1))
    assert np.median(totals[1]) == pytest.approx(np.median(totals[0]), rel=0.05)
    assert totals[1].std() == pytest.approx(totals[0].std(), rel=0.5)


def test_widening_stretches_the_repeated_errors() -> None:
    grid, result = replayed(100 + 10 * seed("wide").standard_normal(500) - 100)
    settings = [replace(DEFAULT, replayed_share=1.0, widening=factor) for factor in (1.0, 2.0)]
    narrow, wide = (draw_paths(grid, result, each, seed("draw")).std() for each in settings)
    assert wide > 1.5 * narrow


def test_the_order_of_the_futures_says_nothing() -> None:
    grid, result = replayed(season(500))
    paths = draw_paths(grid, replace(result, errors=result.errors + 100.0), DEFAULT, seed("draw"))
    shifted = paths.mean(axis=1) > np.median(result.expected) + 5
    assert 0.1 < shifted[:100].mean() < 0.8
    assert 0.1 < shifted[-100:].mean() < 0.8


def test_cutting_at_zero_does_not_raise_the_mean() -> None:
    paths = 1 + 2 * seed("cut").standard_normal((500, 30))
    cut = _cut_at_zero(paths)
    assert cut.min() == 0
    assert cut.sum(axis=1).mean() == pytest.approx(paths.sum(axis=1).mean())


@pytest.mark.parametrize("shift", [0.0, -100.0])
def test_drawn_days_are_as_noisy_as_the_days_before(shift: float) -> None:
    values = 100 + shift + 10 * seed("noisy").standard_normal(300)
    settings = replace(DEFAULT, replayed_share=0.0)
    grid, result = replayed(values, settings=settings)
    steps = np.diff(draw_paths(grid, result, settings, seed("draw")), axis=1) * grid.unit
    assert steps.std() == pytest.approx(np.diff(values).std(), rel=0.25)

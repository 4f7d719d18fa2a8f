"""What holds for every history, tried on many."""

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from targets.domain.forecast import quantiles, seed, simulate

AMOUNTS = st.floats(min_value=-1e15, max_value=1e15, allow_subnormal=True)
POSITIVE = st.floats(min_value=0.25, max_value=1e6)
COUNTS = st.integers(min_value=0, max_value=12).map(float)
GAPS = st.lists(st.integers(min_value=1, max_value=9), min_size=119, max_size=119)
AHEAD = st.lists(st.integers(min_value=1, max_value=40), min_size=1, max_size=12)
Dates = npt.NDArray[np.datetime64]
few = settings(max_examples=60)


def histories(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[list[float]]:
    return st.lists(numbers, min_size=1, max_size=120)


def days_of(values: list[float], gaps: list[int], ahead: list[int]) -> tuple[Dates, Dates]:
    """Days with the gaps between them, and a horizon that begins after them."""
    days = np.datetime64("2024-02-20") + np.cumsum([0, *gaps])[: len(values)]
    return days, days[-1] + np.cumsum(ahead)


@few
@given(values=histories(AMOUNTS) | histories(POSITIVE) | histories(COUNTS), gaps=GAPS, ahead=AHEAD)
def test_futures_have_the_asked_shape_and_are_finite(values: list[float], gaps: list[int], ahead: list[int]) -> None:
    days, horizon = days_of(values, gaps, ahead)
    paths = simulate(values, days, horizon, seed("any"))
    assert paths.shape == (400, len(ahead))
    assert np.isfinite(paths).all()


@few
@given(values=histories(POSITIVE) | histories(COUNTS), gaps=GAPS, ahead=AHEAD)
def test_futures_are_not_negative_where_the_history_is_not(
    values: list[float], gaps: list[int], ahead: list[int]
) -> None:
    assert simulate(values, *days_of(values, gaps, ahead), seed("any")).min() >= 0


@few
@given(values=histories(COUNTS), gaps=GAPS, ahead=AHEAD)
def test_futures_of_small_counts_are_whole(values: list[float], gaps: list[int], ahead: list[int]) -> None:
    paths = simulate(values, *days_of(values, gaps, ahead), seed("any"))
    assert (paths == np.rint(paths)).all()


@few
@given(values=histories(AMOUNTS) | histories(COUNTS), gaps=GAPS, ahead=AHEAD, key=st.integers())
def test_futures_depend_on_the_generator_alone(
    values: list[float], gaps: list[int], ahead: list[int], key: int
) -> None:
    days, horizon = days_of(values, gaps, ahead)
    first, again = (simulate(values, days, horizon, seed("metric", key)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


@few
@given(
    values=histories(st.floats(min_value=-1e6, max_value=1e6, allow_subnormal=False)),
    gaps=GAPS,
    ahead=AHEAD,
    power=st.integers(min_value=-20, max_value=20),
)
def test_another_unit_changes_nothing_but_the_unit(
    values: list[float], gaps: list[int], ahead: list[int], power: int
) -> None:
    history = np.array(values) + 0.123456789  # no whole numbers: counts are rounded in their own unit
    days, horizon = days_of(values, gaps, ahead)
    paths, scaled = (simulate(factor * history, days, horizon, seed("any")) for factor in (1.0, 2.0**power))
    np.testing.assert_array_equal(scaled, paths * 2.0**power)


@few
@given(values=histories(AMOUNTS), gaps=GAPS, weeks=st.integers(min_value=-2000, max_value=2000))
def test_only_the_weekday_matters_and_not_the_date(values: list[float], gaps: list[int], weeks: int) -> None:
    days, horizon = days_of(values, gaps, [1, 1, 5])
    start, shift = np.datetime64("2024-02-01"), 7 * weeks
    paths, moved = (
        simulate(values, days + by, horizon + by, seed("any"), period_start=start + by) for by in (0, shift)
    )
    np.testing.assert_array_equal(moved, paths)


@few
@given(samples=st.lists(AMOUNTS, min_size=1, max_size=50), share=st.floats(min_value=0, max_value=1))
def test_quantiles_rise_and_stay_among_the_samples(samples: list[float], share: float) -> None:
    low, middle, high = quantiles(samples, (0.0, share, 1.0))
    assert low == min(samples)
    assert high == max(samples)
    assert low <= middle <= high

"""Read-offs from samples, and generators that do not change."""

import numpy as np
import pytest

from targets.domain.forecast import quantiles, seed


def test_quantiles_of_totals_are_one_number_each() -> None:
    np.testing.assert_allclose(quantiles(np.arange(101.0), (0.025, 0.1, 0.5, 0.9)), [2.5, 10, 50, 90])


def test_quantiles_of_paths_are_taken_day_by_day() -> None:
    paths = np.column_stack([np.arange(11.0), 100 - np.arange(11.0)])
    np.testing.assert_allclose(quantiles(paths, (0.0, 0.5, 1.0)), [[0, 90], [5, 95], [10, 100]])


def test_a_quantile_of_nothing_or_beyond_everything_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        quantiles(np.empty((0, 3)), (0.5,))
    with pytest.raises(ValueError, match="range"):
        quantiles([1.0, 2.0], (1.5,))


def test_a_generator_is_the_same_on_every_machine_and_for_ever() -> None:
    assert seed("visitors", "2025-04", 17).integers(10**9, size=3).tolist() == [280753337, 253515885, 680406142]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("visitors", 1), ("visitors", 2)),
        (("visitors", 1), ("visitors", "1")),
        (("visitors", 12), ("visitors1", 2)),
        (("a", "b"), ("b", "a")),
        (("a", "b"), ("ab",)),
        (("a",), ("a", "")),
    ],
)
def test_other_parts_give_another_generator(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> None:
    assert seed(*one).integers(2**60) != seed(*other).integers(2**60)

"""What a caller may vary about the forecast; everything else is a constant beside the formula it belongs to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How much work a forecast does and how it weighs what it has seen."""

    paths: int = 400  # simulated futures; more make smoother probabilities and cost time in proportion
    origins: int = 60  # past days from which the candidates are replayed, at most
    rivalry: float = 10.0  # exponent of the candidates' errors: 0 believes all alike, large only the best
    replayed_share: float = 0.5  # of the paths that repeat past errors when there are any number of them; 0…1
    widening: float = 1.12  # of the replayed errors: the blend was chosen by the same errors, so they flatter it


DEFAULT = Settings()

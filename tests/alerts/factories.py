"""Targets as the judgement leaves them: what mails are written from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from organisations.models import Organisation, User
from targets.domain.terms import URGENCY, Comparison, Status
from targets.domain.verdict import Evaluation, Forecast, Track
from targets.models import Metric, StatusChange, Target

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)  # a Friday, 08:00 in Berlin
STARTS_ON, ENDS_ON = date(2026, 10, 1), date(2027, 1, 1)
DAYS, TODAY = 92, 50

FORECAST = Forecast(
    median=1178,
    q025=1050,
    q10=1088,
    q25=1130,
    q75=1225,
    q90=1275,
    q975=1310,
    chance=0.37,
    early=False,
    expected_rate=12.9,
)
AT_RISK = Evaluation(
    at=NOW,
    status=Status.AT_RISK,
    period_starts_on=STARTS_ON,
    period_ends_on=ENDS_ON,
    days_left=41,
    elapsed=0.55,
    read_until=NOW,
    last_read_at=NOW,
    value=651,
    share=0.54,
    pace=665,
    gap=-14,
    gap_share=-0.012,
    required_rate=13.4,
    recent_rate=12.8,
    forecast=FORECAST,
    days_of_data=51,
    zone="Europe/Berlin",
)
EVALUATIONS = {
    Status.AT_RISK: AT_RISK,
    Status.BEHIND: replace(AT_RISK, status=Status.BEHIND, forecast=replace(FORECAST, chance=0.004)),
    Status.ON_TRACK: replace(AT_RISK, status=Status.ON_TRACK, gap=20, forecast=replace(FORECAST, chance=0.83)),
    Status.MET: replace(AT_RISK, status=Status.MET, value=1201, settled_on=date(2026, 11, 18), forecast=None),
    Status.MISSED: replace(AT_RISK, status=Status.MISSED, value=1300, settled_on=date(2026, 11, 19), forecast=None),
    Status.NO_DATA: replace(AT_RISK, status=Status.NO_DATA, last_read_at=NOW - timedelta(days=3), forecast=None),
}


def track(*, goal: float = 1200, days: int = DAYS, today: int | None = TODAY, value: float = 651) -> Track:
    """Return a total that grew evenly to `value`, with a forecast that widens to the period's end."""
    read = 0 if today is None else today + 1
    ahead = days - read
    rows = []
    for spread in (-90.0, -48.0, 0.0, 47.0, 97.0):
        fan = [value + 12.9 * step + spread * (step / max(ahead, 1)) for step in range(ahead + 1)]
        rows.append((*[None] * (read - 1), *fan))
    return Track(
        starts_on=STARTS_ON,
        today=today,
        goal=goal,
        goal_upper=None,
        cumulative=True,
        actual=(*(value * (day + 1) / read for day in range(read)), *[None] * ahead),
        pace=tuple(goal * (day + 1) / days for day in range(days)),
        bands=tuple(rows) if read else (),
    )


def metric(organisation: Organisation, name: str, *, unit: str = "", is_sample: bool = False) -> Metric:
    """Create a metric on a connection and a feed of its own."""
    connection = organisation.connections.create(name=name, kind="push", is_sample=is_sample)
    return organisation.metrics.create(name=name, feed=connection.feeds.create(name=name), unit=unit)


def target(
    organisation: Organisation,
    name: str = "New paid subscriptions",
    *,
    status: Status = Status.AT_RISK,
    owner: User | None = None,
    goal: float = 1200,
    unit: str = "",
    comparison: Comparison = Comparison.AT_LEAST,
    is_sample: bool = False,
) -> Target:
    """Create a judged target."""
    found = EVALUATIONS[status]
    return organisation.targets.create(
        metric=metric(organisation, name, unit=unit, is_sample=is_sample),
        name=name,
        owner=owner,
        goal=goal,
        comparison=comparison,
        period="quarter",
        tracking_since=STARTS_ON,
        status=status,
        urgency=URGENCY[status],
        chance=found.forecast.chance if found.forecast else None,
        value=found.value,
        gap_share=found.gap_share,
        period_starts_on=STARTS_ON,
        period_ends_on=ENDS_ON,
        evaluation=found.as_plain(),
        track=track(goal=goal).as_plain(),
        evaluated_at=NOW,
    )


def change(of: Target, *, old: Status, new: Status, at: datetime = NOW) -> StatusChange:
    """Create a change of status of a target, as its judgement writes it."""
    return of.changes.create(
        at=at, old_status=old, new_status=new, period_starts_on=STARTS_ON, evaluation=EVALUATIONS[new].as_plain()
    )

"""The chart of a target's period, and everything that says the same without it: a sentence, a readout, a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from targets import wording
from targets.charts.data import ChartRow, chart_data, chart_table, has_gap, is_flat, mark_of, table_step
from targets.domain.terms import Aggregation, Comparison
from targets.presenting import Line

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from targets.domain.plan import Plan
    from targets.domain.series import Series
    from targets.domain.verdict import Track
    from targets.notes import Lettered
    from targets.numbers import Numbers

# what the line is, and what the dots beside it are, where the value of a period is not that of its last day
SO_FAR: dict[Aggregation, StrOrPromise] = {
    Aggregation.MEAN: gettext_lazy("Mean so far"),
    Aggregation.MAXIMUM: gettext_lazy("Highest so far"),
    Aggregation.MINIMUM: gettext_lazy("Lowest so far"),
}
OF_EACH_DAY: dict[Aggregation, StrOrPromise] = {
    Aggregation.MEAN: gettext_lazy("Mean of each day"),
    Aggregation.MAXIMUM: gettext_lazy("Highest of each day"),
    Aggregation.MINIMUM: gettext_lazy("Lowest of each day"),
    Aggregation.LATEST: gettext_lazy("Last reading of each day"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """What the marks of the chart stand for; an empty word where there is no such mark."""

    actual: str
    daily: str
    pace: str
    forecast: str
    fan: str
    goal: str
    hatch: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The chart and what says the same without it."""

    data: dict[str, Any]
    heading: str
    text: str
    readout: list[Line]
    legend: Legend
    rows: list[ChartRow]
    step: str
    has_gap: bool

    @property
    def last_point(self) -> int:
        """The index of the last day drawn."""
        return len(self.data["at"]) - 1

    @property
    def has_notes(self) -> bool:
        """Whether a column of letters stands in the table."""
        return any(row.notes for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is drawn: the judged track of one period, its readings by day, its notes, and how numbers are written."""

    name: str
    plan: Plan
    track: Track
    numbers: Numbers
    today_on: date
    series: Series | None = None
    notes: Sequence[Lettered] = ()

    @property
    def mark(self) -> str:
        """The word over the line at the last day read."""
        return mark_of(self.track, self.today_on)

    @property
    def actual_word(self) -> str:
        """What the line of values is called."""
        return str(SO_FAR.get(self.plan.kind, "")) or _("Actual")

    def daily(self) -> list[float | None]:
        """The value of each single day, where the line shows something else; None on days without a reading."""
        if self.series is None or self.plan.kind not in SO_FAR:
            return []
        by_day = dict(zip(self.series.days.tolist(), day_values(self.plan, self.series), strict=True))
        return [by_day.get(self.track.starts_on + timedelta(days=index)) for index in range(len(self.track.pace))]


def day_values(plan: Plan, series: Series) -> list[float]:
    """Return the value of each day of a series, as the target's aggregation forms it."""
    values = {
        Aggregation.SUM: series.total,
        Aggregation.MEAN: series.means(),
        Aggregation.LATEST: series.last,
        Aggregation.MAXIMUM: series.maximum,
        Aggregation.MINIMUM: series.minimum,
    }[plan.kind]
    return [float(value) for value in values]


def drawing_of(scene: Scene) -> Drawing:
    """Return the chart of a period and what says the same."""
    plan, track, daily = scene.plan, scene.track, scene.daily()
    data = chart_data(
        track,
        scene.numbers,
        comparison=plan.comparison,
        mark=scene.mark,
        daily=daily,
        notes=scene.notes,
        words={"actual": scene.actual_word},
    )
    return Drawing(
        data=data,
        heading=heading_of(plan),
        text=_chart_text(scene),
        readout=list(_readout(scene, daily)),
        legend=_legend(scene, data),
        rows=chart_table(
            track,
            scene.numbers,
            today_on=scene.today_on,
            week_starts_on=plan.calendar.week_starts_on,
            notes=scene.notes,
        ),
        step=table_step(track),
        has_gap=has_gap(track),
    )


def heading_of(plan: Plan) -> str:
    """Return what the chart shows."""
    if plan.cumulative:
        return _("Progress against pace")
    if plan.comparison == Comparison.WITHIN:
        return _("Value within the range")
    return _("Value against the limit") if plan.comparison == Comparison.AT_MOST else _("Value against the goal")


def _legend(scene: Scene, data: dict[str, Any]) -> Legend:
    plan, moves = scene.plan, has_gap(scene.track) and not is_flat(scene.track)
    is_limit = plan.comparison == Comparison.AT_MOST
    return Legend(
        actual=scene.actual_word,
        daily=str(OF_EACH_DAY[plan.kind]) if data["daily"] else "",
        pace=(_("Pace needed") if plan.comparison == Comparison.AT_LEAST else _("Pace")) if moves else "",
        forecast=_("Forecast, middle") if data["bands"] else "",
        fan=_fan_words(plan) if data["bands"] else "",
        goal=_("Range") if plan.goal_upper is not None else _("Limit") if is_limit else _("Target"),
        hatch=_hatch_words(data["hatch"], plan),
        note=_("Note") if scene.notes else "",
    )


def _fan_words(plan: Plan) -> str:
    """Say what the fan is a forecast of."""
    if plan.kind == Aggregation.MEAN:
        return _("5 in 10 and 8 in 10 outcomes of the mean")
    if plan.kind == Aggregation.MAXIMUM:
        return _("5 in 10 and 8 in 10 outcomes of the highest value")
    if plan.kind == Aggregation.MINIMUM:
        return _("5 in 10 and 8 in 10 outcomes of the lowest value")
    return _("5 in 10 and 8 in 10 outcomes")


def _hatch_words(hatch: str | None, plan: Plan) -> str:
    if hatch is None:
        return ""
    if hatch == "outside":
        return _("Out of range")
    return _("Over the limit") if plan.comparison == Comparison.AT_MOST else _("Over the range")


def _readout(scene: Scene, daily: Sequence[float | None]) -> Iterator[Line]:
    """Yield the line above the chart as it stands before anybody points at a day."""
    track, numbers = scene.track, scene.numbers
    index = track.today or 0
    actual, pace = track.actual[index], track.pace[index] if has_gap(track) else None
    on = track.starts_on + timedelta(days=index)
    yield Line(label="", value=scene.mark or wording.day(on, today=scene.today_on))
    yield Line(label=scene.actual_word, value=numbers.value(actual))
    if daily and daily[index] is not None:
        yield Line(label=_("That day"), value=numbers.value(daily[index]))
    if pace is not None and not is_flat(track):
        yield Line(label=_("Pace"), value=numbers.value(pace))
    if actual is not None and pace is not None:
        yield Line(label=_("Gap"), value=numbers.gap(actual - pace))


def _chart_text(scene: Scene) -> str:
    """Say the chart for those who cannot see it."""
    parts = [_span_words(scene), _value_words(scene), _forecast_words(scene), _goal_words(scene), _notes_words(scene)]
    return " ".join(part for part in parts if part)


def _span_words(scene: Scene) -> str:
    track = scene.track
    last_on = track.starts_on + timedelta(days=len(track.pace) - 1)
    first, last = (wording.full_day(on, today=last_on) for on in (track.starts_on, last_on))
    return _("Line chart of %(name)s, %(first)s to %(last)s %(year)s.") % {
        "name": scene.name,
        "first": first,
        "last": last,
        "year": last_on.year,
    }


def _value_words(scene: Scene) -> str:
    track, numbers = scene.track, scene.numbers
    if track.today is None:
        return ""
    value, pace = numbers.value(track.actual[track.today]), track.pace[track.today]
    if pace is None or is_flat(track) or not has_gap(track):
        return _("The value is %(value)s.") % {"value": value}
    return _("The value is %(value)s against a pace of %(pace)s.") % {"value": value, "pace": numbers.value(pace)}


def _forecast_words(scene: Scene) -> str:
    if not scene.track.bands:
        return ""
    low, middle, high = (scene.numbers.value(scene.track.bands[row][-1]) for row in (0, 2, 4))
    return _("In 8 of 10 outcomes it ends between %(low)s and %(high)s, most likely at %(middle)s.") % {
        "low": low,
        "middle": middle,
        "high": high,
    }


def _goal_words(scene: Scene) -> str:
    return _("The target is %(goal)s.") % {"goal": wording.goal(scene.plan, scene.numbers.unit)}


def _notes_words(scene: Scene) -> str:
    return " ".join(
        pgettext("in the description of a chart", "Note %(letter)s, %(day)s: %(text)s")
        % {
            "letter": each.letter,
            "day": wording.day(each.note.on, today=scene.today_on),
            "text": each.note.text,
        }
        for each in scene.notes
    )

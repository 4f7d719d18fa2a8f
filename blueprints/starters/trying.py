"""Asking the sources of a starter before there is a row of it: what they answer, and what was found in the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from blueprints.planning import Plan
from blueprints.registry import sections
from connectors import registry
from connectors.blueprint.kinds import sent
from connectors.errors import FetchError, Malformed, Refused
from connectors.extract import Reading, extract_placed
from connectors.fetching import Place, Trial, place_of, try_out
from connectors.models import Connection
from connectors.models.feed import Asks
from connectors.problems import problem
from connectors.protocol import Kind, Window
from connectors.sifting import sift
from connectors.trials import Remedy, Result, result_of, trial_window
from organisations.documents import REQUIRED
from organisations.documents.sections import SECRETS, parted
from organisations.documents.shapes import PLACEHOLDER
from targets.domain.periods import PeriodRule, period_at
from targets.domain.terms import PeriodKind, ReadAs, ValueKind
from targets.plans import calendar_of
from targets.record_rows import named_in
from targets.set_up.drafts import remember, said_to

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.extract import Point
    from organisations.access import Access
    from organisations.documents import Body
    from targets.set_up.drafts import Draft

Values = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one metric found in an answer; `latest` is its newest reading."""

    metric: str
    count: int
    latest: Point | None
    decimals: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of asking one feed: the answer itself is not kept, only how it came and what was found."""

    connection: str
    feed: str
    result: Result
    found: tuple[Found, ...] = ()


def last_tried(draft: Draft, plan: Plan, access: Access, now: datetime) -> list[Tried]:
    """Return what the sources said last; they are asked where nothing is kept in the reader's language."""
    kept: list[Tried] | None = said_to(draft)
    return tried_anew(draft, plan, access, now) if kept is None else kept


def tried_anew(draft: Draft, plan: Plan, access: Access, now: datetime) -> list[Tried]:
    """Ask the sources once, and keep what came of it for the page that shows it."""
    found = tried(plan, access, draft.whole(), now=now)
    remember(draft, found)
    return found


def tried(plan: Plan, access: Access, answers: Mapping[str, str], *, now: datetime) -> list[Tried]:
    """Ask each source that a plan would create, once. Must not run inside a transaction."""
    attempt = _Attempt(plan=plan, access=access, answers=answers, now=now)
    return [attempt.ask(name) for name in attempt.named("feeds") if attempt.kind_of(parted(name)[0]).COLLECTS]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """One try of everything that would be created."""

    plan: Plan
    access: Access
    answers: Mapping[str, str]
    now: datetime

    def named(self, section: str) -> dict[str, Body]:
        """Return the rows of a section that would be created."""
        return {change.name: change.after for change in self.plan.changes if change.section == section}

    def kind_of(self, connection: str) -> Kind:
        """Return what is at the other end."""
        return registry.kind(self.named("connections")[connection]["kind"])

    def ask(self, name: str) -> Tried:
        """Ask for one feed, and look for each of its metrics."""
        connection, feed = parted(name)
        asked = self._whole("feeds", name)
        try:
            trial = self._tried(self._whole("connections", connection), self.kind_of(connection), asked)
        except Refused as error:  # the gateway is there, and its seal cannot be opened
            return Tried(connection=connection, feed=feed, result=Result(message=error.message, remedy=Remedy.SIGN_IN))
        result = replace(result_of(trial, self.now), answer=None)
        told = Tried(connection=connection, feed=feed, result=result)
        try:
            return replace(told, found=tuple(self._found(name, trial.page.rows))) if trial.page else told
        except FetchError as error:
            return replace(told, result=replace(result, message=error.message, remedy=Remedy.ADDRESS))

    def _tried(self, place: Values, kind: Kind, asked: Values) -> Trial:
        called = self._place(place, kind)
        return try_out(
            kind=kind,
            settings=called.settings,
            secrets=called.secrets,
            gateway=self._gateway(place),
            query=sent(kind.Query, asked["query"]),
            window=self._window(asked),
            zone=self.access.organisation.zone,
            now=self.now,
        )

    def _place(self, body: Values, kind: Kind) -> Place:
        """Return a connection of the plan as a place to call."""
        secrets = {field: self.answers[_bare(sign)] for field, sign in body[SECRETS].items()}
        return Place(kind=kind, settings=sent(kind.Settings, body["settings"]), secrets=secrets)

    def _gateway(self, body: Values) -> Place | None:
        """Return the gateway of a connection, whether it would be created or is there. Raises Refused."""
        name = body.get("gateway", "")
        if not name:
            return None
        if name in self.named("connections"):
            return self._place(self._whole("connections", name), self.kind_of(name))
        return place_of(self.access.rows(Connection).get(name=name), now=self.now)

    def _window(self, feed: Values) -> Window:
        """Return the stretch of time that is asked for: the period so far, or the last days."""
        if feed["asks"] != Asks.PERIOD:
            return trial_window(self.access.organisation.zone, self.now)
        rule = PeriodRule(kind=PeriodKind(feed["running_period"]))
        calendar = calendar_of(self.access.organisation)
        return Window(since=period_at(rule, calendar, self.now).starts_at, until=self.now)

    def _found(self, feed: str, answered: list[Any]) -> Iterator[Found]:
        """Yield what each metric of a feed found. Raises FetchError where rows came and none of them can be read."""
        for name in self.named("metrics"):
            metric = self._whole("metrics", name)
            if metric["feed"] != feed or named_in(metric["value_path"], metric["segment_path"]):
                continue  # what rows are enriched with comes later than the rows
            whole = self._whole("feeds", feed)
            meant = sift(answered, row_filter=whole["row_filter"], key_path=whole["record_key"])
            extracted = extract_placed(meant.rows, self._reading(metric, whole), now=self.now)
            if extracted.refused and not extracted.points:
                raise Malformed(problem("no_row_readable", metric=name, why=extracted.refused[0]))
            yield Found(
                metric=name,
                count=len(extracted.points),
                latest=max(extracted.points, key=lambda point: point.at, default=None),
                decimals=metric["decimals"],
                unit=metric["unit"],
            )

    def _reading(self, metric: Values, feed: Values) -> Reading:
        return Reading(
            at_path=feed["at_path"],
            at_format=feed["at_format"],
            value_path=metric["value_path"],
            weight_path=metric["weight_path"],
            number_format=metric["number_format"],
            segment_path=metric["segment_path"],
            row_filter=metric["row_filter"],
            scale=metric["scale"],
            unit=metric["unit"],
            zone=self.access.organisation.zone,
            adds_up=metric["value_kind"] == ValueKind.FLOW and metric["read_as"] != ReadAs.COUNTER,
            only_grows=metric["read_as"] == ReadAs.COUNTER,
        )

    def _whole(self, section: str, name: str) -> Values:
        """Return a row with what is meant where it says nothing."""
        body = self.named(section)[name]
        fields = sections()[section].fields(name, body, lambda other, row: self.named(other).get(row))
        return {field: each.default for field, each in fields.items() if each.default is not REQUIRED} | dict(body)


def _bare(sign: str) -> str:
    """Return the name within a placeholder."""
    found = PLACEHOLDER.fullmatch(sign)
    return found[1] if found else ""

"""Reports as a section of a blueprint: what can stand in a file, and the roads to the rows and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from alerts import reporting
from alerts.models import Report
from alerts.serializers import ReportSerializer
from organisations.api_forms import judged
from organisations.documents import Body, Field, Found, Section, Wanted
from organisations.documents.sections import LookUp
from organisations.documents.shapes import WORKDAYS, Clock, Flag, References, Text, Weekdays, weekdays
from organisations.models import User
from organisations.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from organisations.access import Access

FIELDS = {
    "at": Field(shape=Clock(), help="The time of day, in the organisation's time zone.", default="08:00"),
    "weekdays": Field(shape=Weekdays(), help="On which days: “monday to friday”.", default=WORKDAYS),
    "team": Field(shape=Text(longest=60), help="Of one team's targets; else of all.", default=""),
    "tag": Field(shape=Text(longest=40), help="Of the targets with one tag; else of all.", default=""),
    "people": Field(
        shape=References("members"),
        help="The e-mail addresses of the members who get it.",
        default=[],
    ),
    "active": Field(shape=Flag(), help="False: the schedule rests.", default=True),
}


def fields(name: str, body: Body, known: LookUp) -> dict[str, Field]:  # noqa: ARG001  the contract of a section
    """Return the fields of a report."""
    return FIELDS


def rows(access: Access) -> Iterator[Found]:
    """Yield the organisation's reports."""
    for row in access.rows(Report).prefetch_related("recipients__user").order_by("name"):
        whole = {
            "at": f"{row.at:%H:%M}",
            "weekdays": weekdays(row.weekdays),
            "team": row.team,
            "tag": row.tag,
            "people": sorted(place.user.email.lower() for place in row.recipients.all()),
            "active": row.is_active,
        }
        body = {name: value for name, value in whole.items() if value != FIELDS[name].default}
        yield Found(name=row.name, pk=row.pk, body=body)


@dataclass(slots=True)
class Reports:
    """Writes reports."""

    access: Access
    now: datetime
    ids: dict[str, int] = field(default_factory=dict)

    def put(self, wanted: Wanted) -> None:
        """Create or change a report with its recipients, and say when it is due."""
        row = self.access.get(Report, wanted.pk) if wanted.pk else None
        values = wanted.values
        data: dict[str, Any] = {
            "name": wanted.name,
            "at": values["at"],
            "weekdays": Weekdays().numbers(values["weekdays"]),
            "team": values["team"],
            "tag": values["tag"],
            "is_active": values["active"],
        }
        serializer = ReportSerializer(row, data=data, context={"access": self.access})
        saved: Report = judged(serializer, organisation=self.access.organisation)
        people = User.objects.filter(pk__in=wanted.ids.get("people", []))
        reporting.arrange(saved, people, now=self.now)
        self.ids[wanted.name] = saved.pk

    def remove(self, pks: list[int]) -> None:
        """Remove reports with their issues."""
        self.access.rows(Report).filter(pk__in=pks).delete()

    def finish(self) -> dict[str, int]:
        """Return the ids: each report is written and due already."""
        return self.ids


SECTIONS = [
    Section(
        name="reports",
        help="Scheduled summaries by mail.",
        permission=Permission.MANAGE,
        after=("members",),
        fields=fields,
        rows=rows,
        writer=Reports,
        variants=lambda: {"": FIELDS},
    )
]

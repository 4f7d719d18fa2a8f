"""What somebody chose to see of a feed's records, as it stands in an address."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from connectors.models import Record
from organisations.chosen import Chosen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters(Chosen):
    """What somebody chose to see; empty means everything. `q` is said in a row, its answer or key; days are dates."""

    q: str = ""
    state: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        """Read them from what stands behind the question mark of an address; what is no date or state counts not."""
        said = super(Filters, cls).of(asked)
        state = said.state if said.state in set(Record.State) else ""
        days = {name: day if _day(day) else "" for name, day in (("since", said.since), ("until", said.until))}
        return replace(said, state=state, **days)

    def apply(self, records: QuerySet[Record], zone: tzinfo) -> QuerySet[Record]:
        """Narrow the records; days begin and end in `zone`."""
        if self.state:
            records = records.filter(state=self.state)
        if (first := _day(self.since)) is not None:
            records = records.filter(_since(first, zone))
        if (last := _day(self.until)) is not None:
            records = records.exclude(_since(last + timedelta(days=1), zone))
        return _saying(records, self.q) if self.q else records


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _since(day: date, zone: tzinfo) -> Q:
    """Return the condition for what stands on a day or after it; what is for a whole day has no zone."""
    timed = Q(whole_day=False, at__gte=datetime.combine(day, time(), zone))
    return timed | Q(whole_day=True, at__gte=datetime.combine(day, time(), UTC))


def _saying(records: QuerySet[Record], text: str) -> QuerySet[Record]:
    """Narrow to records that say something; the database may keep letters beyond ASCII as escapes."""
    found = records.annotate(
        row_text=Cast("raw", output_field=TextField()), answer_text=Cast("enriched", output_field=TextField())
    )
    said = Q(key__icontains=text)
    for form in {text, *(json.dumps(each)[1:-1] for each in (text, text.lower(), text.upper(), text.capitalize()))}:
        said |= Q(row_text__icontains=form) | Q(answer_text__icontains=form)
    return found.filter(said)

"""What somebody chose to see of the call log, as it stands in an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from organisations.chosen import Chosen

if TYPE_CHECKING:
    from connectors.models import CallRecord
    from organisations.tenancy import TenantQuerySet

LONGEST_ID = 18  # digits that fit into any database
STATUSES = {"2xx": (200, 300), "3xx": (300, 400), "4xx": (400, 500), "5xx": (500, 600)}
NO_ANSWER = "none"
FAILED = Q(reason__gt="")  # written so, an index finds them


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters(Chosen):
    """What somebody chose to see; empty means everything. `feed` is an id, `q` stands in the address."""

    status: str = ""
    failed: str = ""
    reason: str = ""
    feed: str = ""
    q: str = ""

    def apply(self, calls: TenantQuerySet[CallRecord]) -> TenantQuerySet[CallRecord]:
        """Narrow the calls."""
        if self.status in STATUSES:
            first, last = STATUSES[self.status]
            calls = calls.filter(status__gte=first, status__lt=last)
        elif self.status == NO_ANSWER:
            calls = calls.filter(status=None)
        if self.failed:
            calls = calls.filter(FAILED)
        if self.reason:
            calls = calls.filter(reason=self.reason)
        if self.feed.isdecimal() and len(self.feed) <= LONGEST_ID:
            calls = calls.filter(collection__feed=int(self.feed))
        return calls.filter(url__icontains=self.q) if self.q else calls


def status_choices() -> list[tuple[str, str]]:
    """Return the statuses that can be chosen, with their words."""
    return [
        ("2xx", _("2xx: answered")),
        ("3xx", _("3xx: elsewhere, or unchanged")),
        ("4xx", _("4xx: refused")),
        ("5xx", _("5xx: a problem of the service")),
        (NO_ANSWER, _("No answer")),
    ]

"""What somebody chose to see of the targets, as it stands in an address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organisations.chosen import Chosen
from targets import wording
from targets.domain.terms import Status

if TYPE_CHECKING:
    from organisations.tenancy import TenantQuerySet
    from targets.models import Target

# what is said where nothing was found: whether a status, a team and a tag were chosen
IN_VAIN = {
    (False, False, False): _("No target was found."),
    (False, False, True): _("No target carries the tag “%(tag)s”."),
    (False, True, False): _("No target was found in %(team)s."),
    (False, True, True): _("No target in %(team)s carries the tag “%(tag)s”."),
    (True, False, False): _("No target is “%(status)s”."),
    (True, False, True): _("No target with the tag “%(tag)s” is “%(status)s”."),
    (True, True, False): _("No target is “%(status)s” in %(team)s."),
    (True, True, True): _("No target with the tag “%(tag)s” is “%(status)s” in %(team)s."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters(Chosen):
    """What somebody chose to see; empty means everything. Teams and tags are named, statuses and periods are codes."""

    LONGEST = 100

    status: str = ""
    q: str = ""
    team: str = ""
    tag: str = ""
    period: str = ""

    @property
    def address(self) -> str:
        """The address of the list that shows the same, from where the list is."""
        return f"?{self.query}"

    @property
    def everywhere(self) -> Filters:
        """The same, but any status."""
        return replace(self, status="")

    def with_status(self, status: str) -> Filters:
        """Return the same, but another status."""
        return replace(self, status=status)

    def apply(self, targets: TenantQuerySet[Target]) -> TenantQuerySet[Target]:
        """Narrow the targets."""
        chosen = {"status": self.status, "team": self.team, "tags__name": self.tag, "period": self.period}
        targets = targets.filter(**{name: value for name, value in chosen.items() if value})
        if self.q:
            words = Q(name__icontains=self.q) | Q(team__icontains=self.q) | Q(metric__name__icontains=self.q)
            targets = targets.filter(words)
        return targets

    def in_vain(self) -> str:
        """Say that nothing was found."""
        status = wording.status_word(Status(self.status)) if self.status in set(Status) else ""
        words = str(IN_VAIN[bool(status), bool(self.team), bool(self.tag)])
        return words % {"status": status, "team": self.team, "tag": self.tag}

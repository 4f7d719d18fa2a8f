"""What enriching costs and how far it has come, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organisations.languages import active, grouped, with_unit

if TYPE_CHECKING:
    from connectors.enriching.acts import Estimate

MOST_DECIMALS = 6


def money(amount: float, currency: str) -> str:
    """Write an amount with its currency: two digits count of one below 1, for an answer may cost next to nothing."""
    decimals = 2
    if 0 < amount < 1:
        decimals = min(MOST_DECIMALS, max(2, 1 - math.floor(math.log10(amount))))
    return with_unit(grouped(amount, decimals), currency, active())


def records(count: int) -> str:
    """Count records."""
    return ngettext("%(count)s record", "%(count)s records", count) % {"count": grouped(count)}


def price(estimate: Estimate) -> str:
    """Say what asking about old records would come to."""
    if not estimate.currency and estimate.tokens is None:
        return _("No answer has come yet, so nothing is known of the price.")
    if not estimate.currency:
        return _("Answers are free.")
    if estimate.cost is None:
        return _("No answer has come yet, so the price is not known. Try one record to see it.")
    about = {"cost": money(estimate.cost, estimate.currency), "records": records(estimate.records)}
    return _("About %(cost)s for %(records)s, by what answers have cost until now.") % about

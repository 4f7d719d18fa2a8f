"""A rule of thumb about the calls of a connection becomes a target: one small form, filled in."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from connectors.calls.log import by_day, hours, logged_with, makes_calls
from connectors.models import Connection
from connectors.protocol import Window
from organisations.pages import organisation_page
from organisations.roles import Permission
from targets import tasks
from targets.call_targets import RULES, Rule, name_of, set_up, unsaved
from targets.forms.call_targets import CallTargetForm
from targets.judging import judge_target
from targets.models import Metric, Target
from targets.numbers import numbers_of
from targets.views.picking import PATIENCE

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access

LOOKED_BACK = timedelta(days=30)


@organisation_page(Permission.EDIT)
def call_target(request: HttpRequest, access: Access, pk: int, rule: str) -> HttpResponse:
    """Ask for the limit of a rule of thumb, with the usual one filled in, and judge by it from now on."""
    connection, now, thumb = access.get(Connection, pk), timezone.now(), RULES.get(rule)
    if thumb is None or not makes_calls(connection):
        raise Http404
    form = CallTargetForm(request.POST or None, rule=thumb, connection=connection, access=access)
    if request.method == "POST" and form.is_valid() and (target := _made(form, thumb, connection, access, now)):
        messages.success(request, _("Tracking. It is judged again every hour."))
        return redirect("target", access.organisation.slug, target.pk)
    page = {
        "nav": "connections",
        "connection": connection,
        "rule": thumb,
        "form": form,
        "lately": _lately(thumb, connection, access, now),
    }
    return render(request, "targets/call_target.html", page)


def _made(form: CallTargetForm, rule: Rule, connection: Connection, access: Access, now: datetime) -> Target | None:
    """Make the target once its readings are there, so that its first verdict is a real one.

    None where the same was sent twice at once, and the other one was first.
    """
    try:
        metric = set_up(rule, connection, access, now)
        with suppress(OperationalError):  # without a broker the scheduler finds the feed by its due time
            tasks.collect_at_once(metric.feed_id, seconds=PATIENCE)
        with transaction.atomic():
            target = unsaved(rule, metric, access, now, form.cleaned_data)
            target.save()
            judge_target(target.pk, now)
        return target
    except IntegrityError:
        form.add_error("name", _("There is another target of this name. Choose another."))
        return None


def _lately(rule: Rule, connection: Connection, access: Access, now: datetime) -> str:
    """Say what the number was lately, written as its metric would; empty where there was no call."""
    window = Window(since=now - LOOKED_BACK, until=now)
    days = by_day(hours(access.organisation, logged_with(connection), window), access.organisation.zone)
    if not any(tally.calls for tally in days.values()):
        return ""
    metric = Metric(organisation=access.organisation, name=name_of(rule, connection), **rule.reads)
    return str(rule.said) % {"value": numbers_of(metric).value(rule.lately(list(days.values())))}

"""The form of a feed: what is asked for, how often, and what becomes of its rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from connectors.fields import Path
from connectors.forms import KeepsWhatIsLeftOut
from connectors.models import Feed
from connectors.models.feed import EVERY_CHOICES, Asks, RunningPeriod, Timing
from connectors.rhythms import check_cron, usual_gap
from connectors.written import times
from organisations.forms import ModelForm, TenantForm

BEFORE_REPORT_GAP = timedelta(days=7)  # until the first report has shown how often they come
OF_THE_SCHEDULE = ["timing", "cron", "ready_by", "lead_minutes", "working_days_only"]


class FeedRules(KeepsWhatIsLeftOut, ModelForm[Feed]):
    """What makes a feed one that can be asked; shared by the page, the API and the admin."""

    STAY = ("timing", "lead_minutes", "keep_records_days")
    WANTED = {
        "connection": _("Choose a connection."),
        "timing": _("Choose when it asks."),
        "asks": _("Choose what it asks for."),
        "at_format": _("Enter how times are written, such as auto."),
        "history_days": _("Enter a number of days."),
        "overlap_days": _("Enter a number of days."),
    }

    def clean_at_path(self) -> str:
        """Refuse what is no path."""
        return str(Path().clean(self.cleaned_data["at_path"]))

    def clean_at_format(self) -> str:
        """Refuse what is no time format."""
        try:
            times.check_format(self.cleaned_data["at_format"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        return str(self.cleaned_data["at_format"])

    def clean_row_filter(self) -> str:
        """Refuse what is no condition."""
        return str(Path().clean(self.cleaned_data["row_filter"]))

    def clean_record_key(self) -> str:
        """Refuse what is no path."""
        return str(Path().clean(self.cleaned_data["record_key"]))

    def clean(self) -> dict[str, Any]:
        """Keep of the period and the schedule only what belongs to what is chosen."""
        cleaned = super().clean()
        self._clean_schedule(cleaned)
        if cleaned.get("keeps_records") and not cleaned.get("record_key") and "record_key" not in self.errors:
            self.add_error("record_key", _("Say where a row holds its key, such as id: records are told apart by it."))
        if cleaned.get("keeps_records") and self._counts():
            self.add_error("keeps_records", _("A metric of this feed is a counter, which needs its rows as they come."))
        if cleaned.get("asks") != Asks.PERIOD:
            cleaned["running_period"] = ""
        elif not cleaned.get("running_period"):
            self.add_error("running_period", _("Choose the period whose total the source reports."))
        return cleaned

    def _counts(self) -> bool:
        """Say whether a metric of the feed is a counter; of records those of one time are read, in no order."""
        return bool(self.instance.pk) and self.instance.metrics.filter(read_as="counter").exists()

    def clean_cron(self) -> str:
        """Refuse what is no schedule by the clock."""
        text = str(self.cleaned_data["cron"])
        try:
            return check_cron(text) if text else ""
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def _clean_schedule(self, cleaned: dict[str, Any]) -> None:
        timing = cleaned.get("timing")
        if timing != Timing.CRON:
            cleaned["cron"] = ""
        elif not cleaned.get("cron") and "cron" not in self.errors:
            self.add_error("cron", _("Enter when it asks, such as 30 6 * * 1-5."))
        if timing != Timing.READY_BY:
            cleaned["ready_by"] = None
        elif cleaned.get("ready_by") is None and "ready_by" not in self.errors:
            self.add_error("ready_by", _("Enter the time by which the numbers are to be there, such as 09:00."))
        if not self.errors and timing != Timing.EVERY:
            self._take_gap(cleaned)

    def _take_gap(self, cleaned: dict[str, Any]) -> None:
        """Keep how long the usual gap is, which says from when on the feed is silent."""
        connection = cleaned.get("connection") or self.instance.connection
        probe = Feed(connection=connection, **{name: cleaned.get(name) for name in OF_THE_SCHEDULE})
        try:
            gap = usual_gap(probe.rhythm) if probe.rhythm else BEFORE_REPORT_GAP
        except ValueError:
            self.add_error("cron", _("With the working days of the organisation this never comes. Choose other days."))
            return
        cleaned["every"] = max(int(gap / timedelta(minutes=1)), 1)


OF_THE_ROWS = ["at_path", "at_format", "row_filter", "record_key", "keeps_records", "keep_records_days"]
FEED_FIELDS = [
    "name", "timing", "every", "cron", "ready_by", "lead_minutes", "working_days_only", "asks", "running_period",
    "history_days", "overlap_days", *OF_THE_ROWS,
]  # fmt: skip


class FeedForm(FeedRules, TenantForm[Feed]):
    """How often a feed asks, for which stretch of time, and where its rows say their time."""

    WANTED = {"every": _("Choose how often it asks.")}

    every = forms.TypedChoiceField(label=_("How often"), coerce=int)

    class Meta:
        model = Feed
        fields = FEED_FIELDS
        labels = {
            "asks": _("It asks for"),
            "running_period": _("Period"),
            "history_days": _("History"),
            "overlap_days": _("Overlap"),
        }
        widgets = {"ready_by": forms.TimeInput(format="%H:%M", attrs={"type": "time"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(EVERY_CHOICES)
        own = self.instance.every
        words = ngettext("Every %(minutes)s minute", "Every %(minutes)s minutes", own) % {"minutes": own}
        extra = [] if own in known else [(own, words)]
        self.fields["every"].choices = [*EVERY_CHOICES, *extra]  # type: ignore[attr-defined]
        self.fields["running_period"].choices = [("", pgettext_lazy("period", "None")), *RunningPeriod.choices]  # type: ignore[attr-defined]

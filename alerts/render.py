"""Writes letters: what is stored about targets, as a mail in HTML, the same as text, and pictures. Judges nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from alerts.lines import Line, changed, line_of, needed, table
from alerts.schedule import in_words
from targets.charts import mark_of
from targets.domain import wording
from targets.domain.evaluation import Track
from targets.domain.terms import NEEDS_ATTENTION, Comparison, Status
from targets.drawing import draw
from targets.numbers import numbers_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from alerts.models import Recipient, Report
    from connectors.models import Feed
    from organisations.models import Organisation
    from targets.models import StatusChange, Target

MOST_SECTIONS = 5  # charts in one report


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG and the name by which the HTML asks for it (`cid:`)."""

    cid: str
    png: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail without its envelope. `thread` names the conversation that mails of one report, or one target, make up."""

    subject: str
    html: str
    text: str
    thread: str
    pictures: tuple[Picture, ...] = ()
    stop_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a status is shown in a mail: a sign beside its word, on a ground of its own."""

    sign: str
    fill: str
    ink: str


LOOKS = {
    Status.MISSED: Look(sign="✕", fill="#84123a", ink="#ffffff"),
    Status.BEHIND: Look(sign="↘", fill="#fde5d8", ink="#963100"),
    Status.AT_RISK: Look(sign="!", fill="#fdf0d3", ink="#734700"),
    Status.NO_DATA: Look(sign="–", fill="#efefe9", ink="#474b52"),
    Status.ON_TRACK: Look(sign="↗", fill="#dff3eb", ink="#005c44"),
    Status.MET: Look(sign="✓", fill="#005f46", ink="#ffffff"),
    Status.UPCOMING: Look(sign="·", fill="#efefe9", ink="#474b52"),
    Status.PAUSED: Look(sign="‖", fill="#efefe9", ink="#474b52"),
}

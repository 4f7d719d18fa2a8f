"""Writing a note on a target's day, changing it, and taking it away again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from organisations.pages import organisation_page
from organisations.roles import Permission
from targets import wording
from targets.forms.notes import NoteForm
from targets.models import Note, Target
from targets.notes import today_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from organisations.access import Access

PLACE = "#notes"


@organisation_page(Permission.EDIT)
def note_new(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Write a note on one of the target's days; `?on=` proposes another than today."""
    target = _target(access, pk)
    note = Note(target=target, author=access.user)
    form = NoteForm(request.POST or None, instance=note, access=access, now=timezone.now(), initial=_proposed(request))
    return _written(request, access, form, _("The note is on the chart."))


@organisation_page(Permission.EDIT)
def note_edit(request: HttpRequest, access: Access, pk: int, note: int) -> HttpResponse:
    """Change a note's day or words; who wrote it stays."""
    form = NoteForm(request.POST or None, instance=_note(access, pk, note), access=access, now=timezone.now())
    return _written(request, access, form, _("Saved."))


@organisation_page(Permission.EDIT)
def note_delete(request: HttpRequest, access: Access, pk: int, note: int) -> HttpResponse:
    """Delete a note, once somebody has seen which one it is."""
    row = _note(access, pk, note)
    back = _back(access, pk)
    if request.method == "POST":
        row.delete()
        messages.success(request, _("The note is deleted."))
        return redirect(back)
    day = wording.full_day(row.on, today=today_of(row.target, timezone.now()))
    context = {"nav": "targets", "target": row.target, "note": row, "day": day, "back": back}
    return render(request, "targets/note_delete.html", context)


def _written(request: HttpRequest, access: Access, form: NoteForm, sentence: str) -> HttpResponse:
    target = form.instance.target
    back = _back(access, target.pk)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, sentence)
        return redirect(back)
    context = {"nav": "targets", "target": target, "form": form, "back": back}
    return render(request, "targets/note_form.html", context)


def _proposed(request: HttpRequest) -> dict[str, object]:
    try:
        on = parse_date(request.GET.get("on", ""))
    except ValueError:  # a day that no calendar has
        on = None
    return {"on": on} if on else {}


def _back(access: Access, target: int) -> str:
    return reverse("target", args=[access.organisation.slug, target]) + PLACE


def _target(access: Access, pk: int) -> Target:
    row = access.rows(Target).select_related("organisation", "metric").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _note(access: Access, target: int, pk: int) -> Note:
    """Return one of the target's notes; 404 whether it is missing, another target's or another organisation's."""
    rows = access.rows(Note).select_related("target__organisation", "target__metric", "author")
    row = rows.filter(target=target, pk=pk).first()
    if row is None:
        raise Http404
    return row

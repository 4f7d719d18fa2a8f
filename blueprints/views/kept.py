"""Files that were kept, and the organisation as one: to download, to lock, to let go of."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from blueprints import drifting
from blueprints.exporting import export
from blueprints.models import Blueprint
from organisations.forms import DeleteForm
from organisations.pages import organisation_page
from organisations.roles import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest

    from organisations.access import Access

YAML = "application/yaml; charset=utf-8"


@require_safe
@never_cache
@organisation_page(Permission.VIEW)
def blueprint_export(request: HttpRequest, access: Access) -> HttpResponse:
    """Hand out the organisation as a file; `?people=no` leaves people's addresses out."""
    text = export(access, people=request.GET.get("people") != "no")
    return _file(f"waymark-{access.organisation.slug}.yaml", text.encode(), YAML)


@require_safe
@never_cache
@organisation_page(Permission.VIEW)
def blueprint_download(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Hand out a kept file as it was applied, or with things `?as=now`; several together are packed."""
    kept = access.get(Blueprint, pk)
    texts = drifting.as_it_is_now(access, kept) if request.GET.get("as") == "now" else dict(kept.texts)
    name, text = next(iter(texts.items()), (kept.name, ""))
    if len(texts) <= 1:
        return _file(name, text.encode(), YAML)
    return _file(f"{kept.name}.zip", _packed(texts), "application/zip")


def _packed(texts: dict[str, str]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as folder:
        for name, text in texts.items():
            folder.writestr(name, text)
    return packed.getvalue()


def _file(name: str, content: bytes, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return response


@require_POST
@organisation_page(Permission.MANAGE)
def blueprint_lock(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Let only the file change what it describes, or anybody again."""
    kept, locked = access.get(Blueprint, pk), request.POST.get("locked") == "yes"
    drifting.lock(access, kept, locked=locked)
    said = (
        _("%(file)s is locked: only the file changes what it describes.")
        if locked
        else _("%(file)s is unlocked: what it describes can be changed by hand.")
    )
    messages.success(request, said % {"file": kept.name})
    return redirect("blueprint", access.organisation.slug)


@organisation_page(Permission.MANAGE)
def blueprint_forget(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Let go of a file, once its name was typed; what it described stays."""
    kept = access.get(Blueprint, pk)
    form = DeleteForm(request.POST or None, name=kept.name)
    form.fields["name"].help_text = _("Type “%(name)s” to let go of it.") % {"name": kept.name}
    if request.method == "POST" and form.is_valid():
        drifting.forget(access, kept)
        messages.success(request, _("%(file)s is let go of. What it described stays.") % {"file": kept.name})
        return redirect("blueprint", access.organisation.slug)
    context = {"form": form, "kept": kept, "nav": "settings", "section": "blueprint"}
    return render(request, "blueprints/forget.html", context)

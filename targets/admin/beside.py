"""The admin's screens of what stands beside targets: notes, tags and walls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils import timezone

from organisations.admin import OnlySeen
from organisations.admin_scope import TenantAdmin
from organisations.forms import TenantForm
from organisations.models import User
from targets.admin.rules import AsOnThePage, ByTheForm
from targets.forms.notes import NoteRules
from targets.models import Note, Tag, Wall

if TYPE_CHECKING:
    from django.http import HttpRequest


class TagForm(TenantForm[Tag]):
    """A word, once in any case."""

    class Meta:
        model = Tag
        fields = ["name"]


class TagRules(AsOnThePage):
    """The rules for a tag."""

    page_form = TagForm


@admin.register(Note)
class NoteAdmin(TenantAdmin):
    """What happened on the days of targets."""

    form = NoteRules
    list_display = ["target", "on", "text", "author", "created_at"]
    list_filter = ["on", "target__organisation"]
    list_select_related = ["target", "author"]
    search_fields = ["text", "target__name", "author__email", "target__organisation__name"]
    autocomplete_fields = ["target"]
    date_hierarchy = "on"
    fields = ["target", "on", "text", "author", "created_at"]
    readonly_fields = ["author", "created_at"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the form what time it is."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.now = timezone.now()
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep a note at its target."""
        return [*super().get_readonly_fields(request, obj), *(["target"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Note, form: Any, change: bool) -> None:
        """Sign a new note."""
        if not change and isinstance(request.user, User):
            obj.author = request.user
        super().save_model(request, obj, form, change)


@admin.register(Tag)
class TagAdmin(ByTheForm):
    """Words that gather targets."""

    form = TagRules
    list_display = ["name", "organisation"]
    list_filter = ["organisation"]
    list_select_related = ["organisation"]
    search_fields = ["name", "organisation__name"]
    fields = ["organisation", "name"]


@admin.register(Wall)
class WallAdmin(OnlySeen):
    """Links for screens, without the link."""

    list_display = ["name", "organisation", "team", "tag", "created_by", "created_at", "shown_at"]
    list_filter = ["organisation", "shown_at"]
    list_select_related = ["organisation", "created_by"]
    search_fields = ["name", "team", "tag", "organisation__name"]
    fields = ["organisation", "name", "team", "tag", "created_by", "created_at", "shown_at"]

"""Admin forms in which the pages' own forms judge, and the screens that use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext

from connectors import asking
from connectors.models import Feed
from organisations.access import Access
from organisations.admin_logs import KeepsLogs
from organisations.admin_scope import all_rows, rows_with
from organisations.forms import ModelForm, TenantForm
from organisations.roles import Permission, Role
from targets.forms.readings import NumberField

if TYPE_CHECKING:
    from django.http import HttpRequest

    from organisations.models import Organisation, User


class AsOnThePage(ModelForm[Any]):
    """An admin form in which the page's own form judges, within the organisation that was chosen."""

    page_form: ClassVar[type[TenantForm[Any]]]
    user: ClassVar[User]
    judged: TenantForm[Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            page = self._on_the_page(self.instance.organisation)
            for name in {name for name, field in page.fields.items() if field.disabled} & set(self.fields):
                self.fields[name].disabled, self.fields[name].help_text = True, page.fields[name].help_text

    def clean(self) -> dict[str, Any]:
        """Take over what the page's form makes of the values, and its errors."""
        values = super().clean() or self.cleaned_data
        organisation = self.instance.organisation if self.instance.pk else values.get("organisation")
        if organisation is None:
            return values
        self.judged = self._on_the_page(organisation, self.data)
        if self.judged.is_valid():
            return {
                **values,
                **{name: self.judged.cleaned_data[name] for name in self.fields if name in self.judged.fields},
            }
        for name, sentences in self.judged.errors.items():
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, list(sentences))
        return values

    def _on_the_page(self, organisation: Organisation, data: Any = None) -> TenantForm[Any]:
        access = Access(self.user, organisation, Role.EDITOR)
        return self.page_form(data, instance=self.instance, access=access)


class ByTheForm(KeepsLogs):
    """A screen whose rows are saved by the page's form."""

    formfield_overrides = {models.FloatField: {"form_class": NumberField}}  # as the page's form reads them
    readonly_when_there: ClassVar[list[str]] = ["organisation"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the form who is asking."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep a row where it is."""
        return [*super().get_readonly_fields(request, obj), *(self.readonly_when_there if obj else [])]


def ask_feeds(screen: admin.ModelAdmin[Any], request: HttpRequest, wanted: Any) -> None:
    """Make feeds due at once that one may change, but for those that are paused or that nobody can ask."""
    now = timezone.now()
    feeds = rows_with(all_rows(Feed), request.user, Permission.EDIT).filter(pk__in=wanted, paused_at=None)
    asked = [feed for feed in feeds.select_related("connection") if feed.collects]
    with transaction.atomic():
        for feed in asked:
            asking.now(feed, now)
    screen.message_user(
        request, gettext("Feeds asked within seconds: %(number)s.") % {"number": len(asked)}, messages.SUCCESS
    )

"""Admin screens of organisations, people and keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from organisations.account_forms import CHOOSE_PASSWORD
from organisations.addresses import not_reserved
from organisations.admin_logs import Log
from organisations.admin_scope import InOrganisation, TenantAdmin, TenantInline, roles_of
from organisations.forms import ModelForm
from organisations.models import ApiKey, Invitation, Managed, Membership, Organisation, User
from organisations.people import LAST_OWNER, dismiss, left_without_owner
from organisations.roles import Permission, Role, grantable_by
from organisations.wanted import SaysWhatToDo

if TYPE_CHECKING:
    from django.http import HttpRequest

    AddsPerson = AdminUserCreationForm[User]
    ChangesPerson = UserChangeForm[User]
    PersonAdmin = UserAdmin[User]
else:
    AddsPerson, ChangesPerson, PersonAdmin = AdminUserCreationForm, UserChangeForm, UserAdmin

__all__ = ["TenantAdmin", "TenantInline"]

# sentences of Django's own screens that its catalogues do not have in every language of ours: it finds them in ours
OF_DJANGO = (
    gettext_noop("After you’ve created a user, you’ll be able to edit more user options."),
    gettext_noop("Raw passwords are not stored, so there is no way to see the user’s password."),
    gettext_noop("Reset password"),
    gettext_noop("Set password"),
    gettext_noop(
        "Whether the user will be able to authenticate using a password or not. If disabled, they may still be able to "
        "authenticate using other backends, such as Single Sign-On or LDAP."
    ),
)

# one sign-in for pages and admin: the throttled one
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as the library asks for
admin.site.site_header = admin.site.site_title = gettext_lazy("Administration")
admin.site.index_title = gettext_lazy("Everything in this installation")
admin.site.unregister(Group)  # rights come from the table of roles; Django's groups of permissions are asked by nobody


class KeepsAnOwner:
    """Refuses, before anything is deleted, what would leave an organisation without an owner."""

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> tuple[Any, Any, Any, list[str]]:
        """Add the organisations that would be left to what protects the rows."""
        found, counts, lacking, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]  # of the admin
        left = left_without_owner(self.memberships_of(objs))
        return found, counts, lacking, [*protected, *(f"{organisation}: {LAST_OWNER}" for organisation in left)]

    def memberships_of(self, objs: Iterable[Any]) -> list[Membership]:
        """Return the memberships that end with these rows."""
        return list(objs)


class OrganisationForm(ModelForm[Organisation]):
    """An organisation, at an address that hides no page."""

    slug = forms.SlugField(
        max_length=50,
        validators=[not_reserved],
        help_text=gettext_lazy("Stands in every address of the organisation."),
        error_messages={"unique": gettext_lazy("This is taken already. Choose another.")},
    )


@admin.register(Organisation)
class OrganisationAdmin(TenantAdmin):
    """Organisations; making one and its address are for superusers, ending one for owners."""

    form = OrganisationForm
    edit_permission = Permission.MANAGE
    list_display = ["name", "slug", "time_zone", "created_at"]
    search_fields = ["name", "slug"]
    readonly_fields = ["created_at"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the base's contract
        """Leave it to superusers: here nobody becomes the owner; the pages do that."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask for an owner."""
        return self.role_allows(request, Permission.OWN, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002  the base's contract
        """Let only superusers move an organisation to another address."""
        return ["created_at"] if request.user.is_superuser else ["created_at", "slug"]


class MembershipForm(ModelForm[Membership]):
    """A membership, whose role is within one's own strength and which leaves an owner."""

    roles: dict[int | None, Role] | None = None

    def clean(self) -> dict[str, Any]:
        """Refuse what the page of people refuses."""
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        self._within_reach(data.get("organisation") or self.instance.organisation, data["role"])
        before = Membership.unscoped.filter(pk=self.instance.pk).first()
        if before and data["role"] != Role.OWNER and left_without_owner([before]):
            raise ValidationError(LAST_OWNER)
        return data

    def _within_reach(self, organisation: Organisation, *roles: str) -> None:
        if self.roles is None:
            return
        reach = [role.value for role in grantable_by(self.roles[organisation.pk])]
        if not {*roles, self.initial.get("role", Role.VIEWER.value)} <= set(reach):
            raise ValidationError(_("Nobody can give or take a role stronger than their own."))


@admin.register(Membership)
class MembershipAdmin(KeepsAnOwner, TenantAdmin):
    """Who belongs where, as what."""

    form = MembershipForm
    edit_permission = Permission.MANAGE
    list_display = ["user", "organisation", "role", "created_at"]
    list_filter = ["role", "organisation"]
    list_select_related = ["user", "organisation"]
    search_fields = ["user__email", "user__name", "organisation__name"]
    fields = ["organisation", "user", "role"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002  the base's contract
        """Keep a place where it is and whose it is."""
        return ["organisation", "user"] if obj else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Tell the form how strong the person is; superusers need no limit."""
        form = super().get_form(request, obj, change, **kwargs)
        form.roles = None if request.user.is_superuser else roles_of(request)  # type: ignore[attr-defined]  # of MembershipForm
        return form

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask also for strength over the role that would end."""
        if not super().has_delete_permission(request, obj):
            return False
        own = None if obj is None or request.user.is_superuser else roles_of(request)[obj.organisation_id]
        return own is None or Role(obj.role) in grantable_by(own)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:  # noqa: ARG002  the base's contract
        """End it with its API keys, as the page does."""
        dismiss(obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:  # noqa: ARG002  the base's contract
        """End them with their API keys, as the page does."""
        for member in queryset:
            dismiss(member)


class OnlySeen(TenantAdmin):
    """Rows that are made on the pages, which show a secret once; here they are seen and withdrawn."""

    edit_permission = Permission.MANAGE

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask for what their page asks for."""
        return self.role_allows(request, Permission.MANAGE, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the base's contract
        """Refuse: it is done on the page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002  the base's contract
        """Refuse: it is done on the page."""
        return False


@admin.register(Invitation)
class InvitationAdmin(OnlySeen):
    """Who has been asked in."""

    list_display = ["email", "organisation", "role", "invited_by", "created_at", "expires_at", "accepted_at"]
    list_filter = ["role", "organisation", "accepted_at"]
    list_select_related = ["organisation", "invited_by"]
    search_fields = ["email", "organisation__name"]
    fields = ["organisation", "email", "role", "invited_by", "created_at", "expires_at", "accepted_at"]


@admin.register(ApiKey)
class ApiKeyAdmin(OnlySeen):
    """Programs' keys, known by their first characters."""

    list_display = ["name", "prefix", "organisation", "role", "created_by", "last_used_at", "expires_at"]
    list_filter = ["role", "organisation", "expires_at"]
    list_select_related = ["organisation", "created_by"]
    search_fields = ["name", "prefix", "organisation__name"]
    fields = ["organisation", "name", "prefix", "role", "created_by", "created_at", "expires_at", "last_used_at"]


@admin.register(Managed)
class ManagedAdmin(Log):
    """Which rows a file describes; applying the file writes these."""

    list_display = ["section", "row_id", "file", "is_locked", "organisation"]
    list_filter = ["section", "file", "is_locked", "organisation"]
    list_select_related = ["organisation"]
    search_fields = ["file", "organisation__name"]


class NewPersonForm(SaysWhatToDo, AddsPerson):
    """An account made by an administrator."""

    WANTED = {"password1": CHOOSE_PASSWORD, "password2": gettext_lazy("Enter the new password once more.")}

    class Meta:
        model = User
        fields = ["email", "name"]

    def clean_email(self) -> str:
        """Keep addresses in one case; people sign in by them in any."""
        return str(self.cleaned_data["email"]).lower()


class PersonForm(SaysWhatToDo, ChangesPerson):
    """An account, which is not switched off while an organisation has no other owner."""

    class Meta:
        model = User
        fields = [
            "email",
            "name",
            "password",
            "language",
            "theme",
            "time_zone",
            "is_active",
            "is_staff",
            "is_superuser",
        ]

    def clean_email(self) -> str:
        """Keep addresses in one case; people sign in by them in any."""
        return str(self.cleaned_data["email"]).lower()

    def clean_is_active(self) -> bool:
        """Refuse to switch off the only owner of anything."""
        is_active: bool = self.cleaned_data["is_active"]
        if not is_active and left_without_owner(list(self.instance.memberships.all())):
            raise ValidationError(LAST_OWNER)
        return is_active


@admin.register(User)
class PeopleAdmin(KeepsAnOwner, InOrganisation, PersonAdmin):
    """Accounts; staff see those they share an organisation with, superusers change them."""

    form, add_form = PersonForm, NewPersonForm
    list_display = ["email", "name", "is_active", "is_staff", "is_superuser", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        (gettext_lazy("As this person reads"), {"fields": ["language", "theme", "time_zone"]}),
        (gettext_lazy("Rights in this installation"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (gettext_lazy("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]

    def role_allows(self, request: HttpRequest, permission: Permission, obj: Any = None) -> bool:
        """Let staff see, and superusers change, accounts: they reach beyond one organisation."""
        if request.user.is_superuser or permission is not Permission.VIEW:
            return bool(request.user.is_active and request.user.is_superuser)
        return super().role_allows(request, permission) and (obj is None or self.get_queryset(request).contains(obj))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show people to staff who are members of anything."""
        return self.role_allows(request, Permission.VIEW)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the name and the address to staff, the rest to superusers."""
        return (
            super().get_fieldsets(request, obj)
            if request.user.is_superuser
            else [(None, {"fields": ["email", "name"]})]
        )

    def memberships_of(self, objs: Iterable[Any]) -> list[Membership]:
        """Return the places that end with these people."""
        return list(Membership.unscoped.filter(user__in=list(objs)))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and forget former addresses, under which the accounts library would still let the person in."""
        super().save_model(request, obj, form, change)
        EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()

"""What the API says about organisations, people and keys; secrets are not among it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers

from organisations.models import ROLE_CHOICES, ApiKey, Invitation, Membership, Organisation
from organisations.roles import Role, grantable_by
from organisations.setup import found


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    """An organisation and what it decides for all its targets."""

    class Meta:
        model = Organisation
        fields = [
            "slug",
            "name",
            "time_zone",
            "week_starts_on",
            "fiscal_year_starts_in",
            "working_days",
            "on_track_from",
            "at_risk_from",
            "created_at",
        ]
        read_only_fields = ["slug"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what the settings page refuses, in the same words."""
        row = self.instance or Organisation(slug="new")
        for name, value in attrs.items():
            setattr(row, name, value)
        try:
            row.full_clean(exclude=None if self.instance else {"slug"})
        except DjangoValidationError as error:
            raise serializers.ValidationError(serializers.as_serializer_error(error)) from error
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Organisation:
        """Found an organisation under a free address; `owner` is its first."""
        organisation = found(
            name=validated_data.pop("name"),
            time_zone=validated_data.pop("time_zone", "UTC"),
            owner=validated_data.pop("owner"),
        )
        for name, value in validated_data.items():
            setattr(organisation, name, value)
        organisation.save()
        return organisation


class GrantableRole(serializers.ChoiceField):
    """A role the caller may give: never one stronger than their own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=ROLE_CHOICES, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """Return the role's word. Raises ValidationError for an unknown or a stronger one."""
        role = str(super().to_internal_value(data))
        if Role(role) not in grantable_by(self.context["access"].role):
            raise serializers.ValidationError(_("Nobody can give a role stronger than their own."))
        return role


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A person's place in the organisation."""

    name = serializers.CharField(source="user.name", read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    role = GrantableRole()

    class Meta:
        model = Membership
        fields = ["id", "name", "email", "role", "created_at"]


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """An offer of a place, sent by e-mail."""

    role = GrantableRole()

    class Meta:
        model = Invitation
        fields = ["id", "email", "role", "created_at", "expires_at", "accepted_at"]
        read_only_fields = ["expires_at"]


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    """A program's key: its prefix, never the key."""

    role = GrantableRole()
    created_by = serializers.EmailField(source="created_by.email", read_only=True)

    class Meta:
        model = ApiKey
        fields = ["id", "name", "role", "prefix", "created_by", "created_at", "expires_at", "last_used_at"]


class NewKeySerializer(KeySerializer):
    """The answer to the making of a key, the only one that holds it."""

    key = serializers.CharField(read_only=True, help_text="Shown once. Keep it where the program finds it.")

    class Meta(KeySerializer.Meta):
        fields = [*KeySerializer.Meta.fields, "key"]

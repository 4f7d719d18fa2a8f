"""The tenant and its people."""

from __future__ import annotations

import hashlib
import secrets
import zoneinfo
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import dates
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organisations.roles import LABELS, Role
from organisations.tenancy import TenantModel

LANGUAGES = settings.LANGUAGES
THEMES = [("light", _("Light")), ("dark", _("Dark"))]
ROLE_CHOICES = [(role.value, LABELS[role]) for role in Role]
WEEKDAYS = list(dates.WEEKDAYS.items())
MONTHS = list(dates.MONTHS.items())
INVITATION_LASTS = timedelta(days=14)
KEY_PREFIX_LENGTH = 12


def known_time_zone(name: str) -> None:
    """Refuse a name that the time zone database does not hold."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            gettext("“%(name)s” is not a time zone. Use a name such as Europe/Berlin.") % {"name": name}
        )


def some_weekdays(days: object) -> None:
    """Refuse anything but a non-empty list of different weekdays, Monday being 0."""
    known = isinstance(days, list) and all(type(day) is int and 0 <= day <= 6 for day in days)
    if not known or not isinstance(days, list) or not days or len(set(days)) != len(days):
        raise ValidationError(gettext("Choose at least one weekday."))


def monday_to_friday() -> list[int]:
    """Return the usual working days."""
    return [0, 1, 2, 3, 4]


class UserManager(BaseUserManager["User"]):
    """Creates people by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person who can log in; addresses differ by more than case."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create the installation's administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person, known by e-mail address."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(
        _("e-mail"), unique=True, error_messages={"unique": _("This address has an account already.")}
    )
    name = models.CharField(_("name"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=7, blank=True, choices=LANGUAGES)  # empty: the browser's
    theme = models.CharField(_("theme"), max_length=5, blank=True, choices=THEMES)  # empty: the system's
    time_zone = models.CharField(  # of clock times on pages; days and periods stay the organisation's. Empty: its own
        _("time zone"), max_length=64, blank=True, validators=[known_time_zone]
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]  # people have no user name here

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="organisations_user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return what to call this person."""
        return str(self)

    def get_short_name(self) -> str:
        """Return what to call this person, briefly."""
        return str(self).split("@")[0]


class Organisation(models.Model):
    """The tenant: everything else stands under one."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(
        _("address"), max_length=50, unique=True, help_text=_("Stands in every address, for example /growth-team/.")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[known_time_zone])
    week_starts_on = models.PositiveSmallIntegerField(_("first day of the week"), choices=WEEKDAYS, default=0)
    fiscal_year_starts_in = models.PositiveSmallIntegerField(
        _("first month of the fiscal year"),
        choices=MONTHS,
        default=1,
        help_text=_("Quarters and years are counted from this month."),
    )
    language = models.CharField(
        _("language"),
        max_length=7,
        choices=LANGUAGES,
        default=settings.LANGUAGE_CODE,
        help_text=_("Of mails and walls."),
    )
    working_days = models.JSONField(_("working days"), default=monday_to_friday, validators=[some_weekdays])
    on_track_from = models.PositiveSmallIntegerField(
        _("on track from"),
        default=70,
        validators=[MinValueValidator(2), MaxValueValidator(99)],
        help_text=_("Chance in percent."),
    )
    at_risk_from = models.PositiveSmallIntegerField(
        _("at risk from"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(98)],
        help_text=_("Chance in percent."),
    )
    created_at = models.DateTimeField(_("made on"), auto_now_add=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(at_risk_from__lt=models.F("on_track_from")), name="organisations_thresholds_in_order"
            ),
            models.CheckConstraint(
                condition=models.Q(fiscal_year_starts_in__range=(1, 12)), name="organisations_fiscal_month"
            ),
            models.CheckConstraint(condition=models.Q(week_starts_on__range=(0, 6)), name="organisations_week_start"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse thresholds in the wrong order, in words that a person can act on."""
        super().clean()
        if self.at_risk_from >= self.on_track_from:
            raise ValidationError({"at_risk_from": gettext("“At risk from” must be below “on track from”.")})

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.time_zone)


class Membership(TenantModel):
    """A person's place in an organisation."""

    tenant_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="memberships", verbose_name=_("organisation")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=10, choices=ROLE_CHOICES, default=Role.VIEWER.value)
    created_at = models.DateTimeField(_("made on"), auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "user"], name="organisations_member_once")]

    def __str__(self) -> str:
        return gettext("%(person)s in %(organisation)s") % {"person": self.user, "organisation": self.organisation}


class Invitation(TenantModel):
    """A signed, one-time offer of a place, sent by e-mail; only the token's hash is kept."""

    tenant_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="invitations", verbose_name=_("organisation")
    )
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=10, choices=ROLE_CHOICES, default=Role.VIEWER.value)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("made on"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires on"))
    accepted_at = models.DateTimeField(_("accepted on"), null=True, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=models.Q(accepted_at=None),
                name="organisations_one_open_invitation",
            )
        ]

    def __str__(self) -> str:
        return gettext("%(email)s to %(organisation)s") % {"email": self.email, "organisation": self.organisation}


class ApiKey(TenantModel):
    """A program's key to one organisation: found by its prefix, compared by its hash, shown once."""

    tenant_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="api_keys", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=100)
    role = models.CharField(_("role"), max_length=10, choices=ROLE_CHOICES, default=Role.VIEWER.value)
    prefix = models.CharField(_("begins with"), max_length=KEY_PREFIX_LENGTH, unique=True, editable=False)
    token_hash = models.CharField(max_length=64, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_keys", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("made on"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires on"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_live(self, now: datetime) -> bool:
        """Say whether the key still opens anything."""
        return self.expires_at is None or now < self.expires_at


class Managed(TenantModel):
    """The mark of a row that a file describes, by section and id; a locked one is changed by that file alone."""

    tenant_path = "organisation"

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="managed", verbose_name=_("organisation")
    )
    section = models.CharField(_("section"), max_length=30)
    row_id = models.BigIntegerField(_("row"))
    file = models.CharField(_("file"), max_length=100)
    is_locked = models.BooleanField(_("is locked"), default=False)

    class Meta:
        verbose_name = _("managed row")
        verbose_name_plural = _("managed rows")
        ordering = ["section", "row_id"]  # a connection before what hangs on it
        constraints = [
            # the key of every upsert, and the index behind every look at a row's mark
            models.UniqueConstraint(fields=["organisation", "section", "row_id"], name="organisations_managed_once")
        ]
        indexes = [models.Index(fields=["organisation", "file"], name="organisations_managed_by_file")]

    def __str__(self) -> str:
        return f"{self.file}: {self.section} {self.row_id}"


def new_token() -> str:
    """Return a fresh secret of 256 bits, safe in addresses."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return the SHA-256 of a token in hex; tokens are random, so no salt or stretching is needed."""
    return hashlib.sha256(token.encode()).hexdigest()

"""What is asked of a password, in our words: what to do instead."""

from __future__ import annotations

from django.contrib.auth import password_validation as theirs
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class LongEnough(theirs.MinimumLengthValidator):
    """Refuses what is too short."""

    def get_error_message(self) -> str:
        """Say how long it has to be."""
        sentence = ngettext(
            "Choose a password of at least %(least)s character.",
            "Choose a password of at least %(least)s characters.",
            self.min_length,
        )
        return sentence % {"least": self.min_length}


class NotOneself(theirs.UserAttributeSimilarityValidator):
    """Refuses what resembles a name or an address."""

    def get_error_message(self) -> str:
        """Say what it resembles; the validator puts the attribute's name in."""
        return _("Choose a password that does not resemble this: %(verbose_name)s.")


class NotCommon(theirs.CommonPasswordValidator):
    """Refuses what is guessed first."""

    def get_error_message(self) -> str:
        """Say why another is needed."""
        return _("This password is one of the first to be guessed. Choose another.")


class NotDigitsAlone(theirs.NumericPasswordValidator):
    """Refuses digits alone."""

    def get_error_message(self) -> str:
        """Say what to add."""
        return _("Digits alone are guessed quickly. Add letters or signs.")

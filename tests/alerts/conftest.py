"""A real mail server on a free port, which takes, defers or refuses as it is told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings


class Inbox:
    """What a mail server was given, and what it answers next: `replies` to data, `recipient_replies` to an address."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.sizes: list[int] = []
        self.replies: list[str] = []
        self.recipient_replies: list[str] = []

    async def handle_RCPT(  # noqa: N802  the library's contract
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        reply = self.recipient_replies.pop(0) if self.recipient_replies else "250 ok"
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = self.replies.pop(0) if self.replies else "250 taken"
        if reply.startswith("250"):
            content = cast("bytes", envelope.content)
            self.mails.append(message_from_bytes(content, policy=policy.default))
            self.sizes.append(len(content))
        return reply

    @property
    def addresses(self) -> list[str]:
        """To whom mails came, in order of addresses."""
        return sorted(str(mail["To"]) for mail in self.mails)


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def use_server(settings: Settings, port: int) -> None:
    """Have mails handed to a server on this machine."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False


@pytest.fixture
def inbox(settings: Settings) -> Iterator[Inbox]:
    """A mail server that is up."""
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    use_server(settings, controller.port)
    yield handler
    controller.stop()


@pytest.fixture
def dead_server(settings: Settings) -> None:
    """A mail server that is down."""
    use_server(settings, free_port())

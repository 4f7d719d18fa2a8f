"""Sets the switch with which the pretend services misbehave, shows their ledgers, and forgets what they keep."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors.sandbox import books, chaos, ledger


class Command(BaseCommand):
    """`sandbox chaos social 429 slow --share 0.3`, `sandbox chaos social`, `sandbox ledger NAME`, `sandbox forget`."""

    help = "Let the pretend services misbehave, show what they served and charged, or forget what they keep."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one of three words and what belongs to it."""
        words = parser.add_subparsers(dest="word", required=True)
        switch = words.add_parser("chaos", help="set the switch of a service; without kinds it is switched off")
        switch.add_argument("service", help=f"its name in the ledger, or {chaos.EVERY_SERVICE}")
        switch.add_argument("kinds", nargs="*", help="what goes wrong")
        switch.add_argument("--share", type=float, default=1.0, help="of all calls, more than 0 and at most 1")
        switch.add_argument("--ledger", default=books.COMMON, help="only for calls that name this ledger")
        words.add_parser("ledger", help="show a ledger").add_argument("name")
        words.add_parser("forget", help="forget a ledger and its services, or all").add_argument("name", nargs="?")

    def handle(self, *_: Any, word: str, **options: Any) -> None:
        """Do what the word says."""
        if not settings.SANDBOX:
            raise CommandError("The pretend services are switched off here: set SANDBOX=true.")
        try:
            {"chaos": self._chaos, "ledger": self._ledger, "forget": self._forget}[word](options)
        except ValueError as error:
            raise CommandError(str(error)) from None

    def _chaos(self, options: dict[str, Any]) -> None:
        world = books.checked(options["ledger"])
        chaos.switch(options["service"], options["kinds"], share=options["share"], world=world)
        self._show(chaos.switches(world))

    def _ledger(self, options: dict[str, Any]) -> None:
        self._show(ledger.told(books.checked(options["name"])))

    def _forget(self, options: dict[str, Any]) -> None:
        books.forget(books.checked(options["name"]) if options["name"] else None)

    def _show(self, document: Any) -> None:
        self.stdout.write(json.dumps(document, indent=2))

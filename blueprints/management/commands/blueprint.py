"""An organisation as files: looked at, compared, applied, written."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import Http404
from django.utils import timezone

from blueprints import documents
from blueprints.applying import Order, Outdated, Prepared, apply, prepare, validate
from blueprints.describing import schema
from blueprints.exporting import export, rows_of
from blueprints.keeping import kept_in
from blueprints.management.answers import answers_to
from blueprints.management.difference import lines_of, progress_on
from blueprints.management.folders import files_of, text_of, texts_of
from blueprints.mistakes import Mistake, Mistaken
from blueprints.planning import Verb
from blueprints.standing import standing
from blueprints.telling import summary
from organisations.access import Access, access_for
from organisations.models import Membership, Organisation, User
from organisations.roles import Role


class Command(BaseCommand):
    """`validate`, `plan`, `apply`, `export` and `schema`; docs/blueprints.md explains the files."""

    help = "Connections, feeds, metrics, targets and reports as YAML files: validate, plan, apply, export."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one of the words, each with its own options."""
        words = parser.add_subparsers(dest="word", required=True, metavar="validate | plan | apply | export | schema")
        _files(words.add_parser("validate", help="say what is wrong with files, without looking at any organisation"))
        plan = words.add_parser("plan", help="say what applying files would change, and change nothing")
        applied = words.add_parser("apply", help="make an organisation what files say; all of it or nothing")
        for each in (plan, applied):
            _organisation(each)
            _files(each)
            _how(each)
        applied.add_argument("--yes", action="store_true", help="do not ask before applying")
        applied.add_argument(
            "--lock",
            action=BooleanOptionalAction,
            default=None,
            help="with --manage: only the files may change what they describe, or anybody (else: as it was)",
        )
        applied.add_argument("--unlocked", action="store_false", dest="lock", help="the same as --no-lock")
        words.add_parser("schema", help="print the description of files for editors, as JSON Schema")
        exported = words.add_parser("export", help="write an organisation as a file")
        _organisation(exported)
        exported.add_argument("--output", metavar="FILE", help="where to write it (else to standard output)")
        exported.add_argument(
            "--into", metavar="FILE", help="a file or folder that takes up what differs, comments stay"
        )
        exported.add_argument("--without-people", action="store_true", help="leave e-mail addresses out")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do what is asked; mistakes go to standard error, and the exit code says that there were some."""
        try:
            getattr(self, options["word"])(options)
        except Mistaken as error:
            self._tell(error.mistakes)

    def validate(self, options: dict[str, Any]) -> None:
        """Say what is wrong with files."""
        texts = texts_of(options["files"])
        mistakes = validate(texts)
        if mistakes:
            self._tell(mistakes)
        self.stdout.write(f"Nothing is wrong with {', '.join(texts)}.")

    def plan(self, options: dict[str, Any]) -> None:
        """Say what would change."""
        prepared = prepare(_access(options), self._order(options))
        self._show(prepared, options)
        if prepared.plan.missing_secrets:
            self.stdout.write(f"Before it is applied, put into the environment: {_listed(prepared)}.")

    def apply(self, options: dict[str, Any]) -> None:
        """Ask, and make it so."""
        access, order = _access(options), self._order(options)
        prepared = prepare(access, order)
        self._show(prepared, options)
        if prepared.plan.missing_secrets:
            raise CommandError(f"Nothing has happened. Put into the environment first: {_listed(prepared)}.")
        if not (options["yes"] or self._agreed()):
            raise CommandError("Nothing has happened.")
        seen = prepared.plan.fingerprint
        try:
            done = apply(access, order, now=timezone.now(), progress=progress_on(self.stdout), seen=seen)
        except Outdated:
            raise CommandError("Somebody changed something meanwhile. Nothing has happened; look again.") from None
        self.stdout.write(f"Done. {summary(done)}")

    def export(self, options: dict[str, Any]) -> None:
        """Write the organisation, into files that are there already or as one of its own."""
        access, people = _access(options), not options["without_people"]
        if options["into"]:
            self._take_into(options["into"], rows_of(standing(access), people=people))
            return
        text = export(access, people=people)
        if options["output"]:
            Path(options["output"]).write_text(text, encoding="utf-8")
            self.stdout.write(f"Written to {options['output']}.")
        else:
            self.stdout.write(text, ending="")

    def _take_into(self, into: str, rows: Any) -> None:
        """Write into files only what differs; values that they leave open come from the environment."""
        paths = files_of([into])
        texts = {name: text_of(path) for name, path in paths.items()}
        plain, _secret = documents.read(texts).names()
        answers = answers_to(plain=plain, secret=[], given=[], environment=os.environ)
        for name, text in kept_in(texts, rows, answers).items():
            if text != texts[name]:
                paths[name].write_text(text, encoding="utf-8")
                self.stdout.write(f"Written to {paths[name]}.")

    def schema(self, options: dict[str, Any]) -> None:  # noqa: ARG002  like the other words
        """Print what editors check files by."""
        self.stdout.write(json.dumps(schema(), indent=2, ensure_ascii=False))

    def _order(self, options: dict[str, Any]) -> Order:
        """Return what is to be applied, with every answer that there is. Raises Mistaken and CommandError."""
        texts = texts_of(options["files"])
        plain, secret = documents.read(texts).names()
        answers = answers_to(plain=plain, secret=secret, given=options["answer"], environment=os.environ)
        name, lock = options["manage"], options.get("lock")
        if lock is not None and not name:
            raise CommandError("--lock and --unlocked need --manage NAME: a lock belongs to a name.")
        kept = _organisation_of(options).blueprints.filter(name=name).first() if name else None
        locked = bool(kept and kept.is_locked) if lock is None else lock
        return Order(texts=texts, answers=answers, prune=options["prune"], file=name, locked=locked)

    def _show(self, prepared: Prepared, options: dict[str, Any]) -> None:
        """Print the difference; raises CommandError where something stands in the way."""
        plan = prepared.plan
        if plan.missing:
            raise CommandError(
                f"Nothing has happened. These values are open: {_listed(prepared)}. "
                "Put them into the environment, or give those that are no secrets by --answer NAME=VALUE."
            )
        colours = {
            Verb.CREATE: self.style.SUCCESS,
            Verb.CHANGE: self.style.WARNING,
            Verb.REMOVE: self.style.ERROR,
        }
        for verb, line in lines_of(plan, whole=options["verbosity"] > 1):
            self.stdout.write(colours[Verb(verb)](line) if verb else line)
        self.stdout.write(summary(plan))
        if plan.mistakes:
            self._tell(plan.mistakes)

    def _agreed(self) -> bool:
        try:
            return input("Apply? [y/N] ").strip().lower() in {"y", "yes"}
        except EOFError:
            raise CommandError("Nobody can be asked here. Nothing has happened; say --yes to apply it.") from None

    def _tell(self, mistakes: list[Mistake]) -> None:
        for mistake in mistakes:
            self.stderr.write(str(mistake))
        count = f"{len(mistakes)} mistakes" if len(mistakes) > 1 else "1 mistake"
        raise CommandError(f"{count}. Nothing has happened.")


def _files(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file, or a folder with files (.yaml, .yml)")


def _organisation(parser: ArgumentParser) -> None:
    parser.add_argument("organisation", help="the organisation's name in addresses, such as growth")
    parser.add_argument(
        "--as", dest="person", default="", metavar="EMAIL", help="the member who does it (else: the first owner)"
    )


def _how(parser: ArgumentParser) -> None:
    parser.add_argument("--prune", action="store_true", help="remove what the files name no more")
    parser.add_argument("--manage", default="", metavar="NAME", help="keep the files by this name and mark their rows")
    parser.add_argument(
        "--answer", action="append", default=[], metavar="NAME=VALUE", help="the value for ${NAME}; not for secrets"
    )


def _organisation_of(options: dict[str, Any]) -> Organisation:
    organisation = Organisation.objects.filter(slug=options["organisation"]).first()
    if organisation is None:
        raise CommandError(f"There is no organisation “{options['organisation']}”.")
    return organisation


def _access(options: dict[str, Any]) -> Access:
    """Return the access of the member as whom it is done. Raises CommandError for nobody."""
    organisation = _organisation_of(options)
    try:
        return access_for(_person(organisation, options["person"]), organisation.slug)
    except Http404:
        raise CommandError(f"{options['person']} is no member of {organisation}.") from None


def _person(organisation: Organisation, email: str) -> User:
    places = organisation.memberships.select_related("user").filter(user__is_active=True).order_by("pk")
    place: Membership | None = (
        places.filter(user__email__iexact=email) if email else places.filter(role=Role.OWNER)
    ).first()
    if place is None:
        raise CommandError(f"{email or 'An owner'} is no member of {organisation}.")
    return place.user


def _listed(prepared: Prepared) -> str:
    return ", ".join([*prepared.plan.missing, *prepared.plan.missing_secrets])

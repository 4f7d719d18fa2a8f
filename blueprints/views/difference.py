"""Files become rows: what would happen is shown first, and what was shown is what is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from blueprints import applying, taking
from blueprints.applying import Order, Outdated, Prepared, prepare
from blueprints.forms import ANSWER, SECRET, AnswersForm, ConfirmForm, HowForm, SecretsForm, given
from blueprints.mistakes import MOST, Mistake, Mistaken
from blueprints.models import Blueprint
from blueprints.planning import Plan, Verb
from blueprints.shown import kept_files, parts_of, places_of_secrets, places_of_values
from blueprints.telling import summary
from organisations.pages import organisation_page
from organisations.roles import Permission

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpRequest, HttpResponse, QueryDict

    from blueprints.taking import Taken
    from organisations.access import Access

FRAME = {"nav": "settings", "section": "blueprint"}
APPLY = "apply"


@never_cache
@organisation_page(Permission.VIEW, post=Permission.EDIT)
def blueprint(request: HttpRequest, access: Access) -> HttpResponse:
    """Show what is kept and the way in; and for files that are sent, what would happen, or do it."""
    if request.method != "POST":
        return _front(request, access)
    taken = taking.taken(request.POST, request.FILES)
    if not taken.texts:
        return _front(request, access, problems=taken.problems)
    sent = Sent(access, taken, request.POST)
    return _apply(request, sent) if request.POST.get("do") == APPLY else _shown(request, sent)


@never_cache
@organisation_page(Permission.EDIT)
def blueprint_again(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Show what would happen if a kept file were applied again, its answers filled in."""
    kept = access.get(Blueprint, pk)
    return _shown(request, Sent(access, taking.Taken(texts=dict(kept.texts)), _as_sent(kept, request)))


def _as_sent(kept: Blueprint, request: HttpRequest) -> QueryDict:
    """Return what somebody would have sent to apply a kept file as it was applied last."""
    data = request.GET.copy()
    data.update({f"{ANSWER}-{name}": value for name, value in kept.answers.items()})
    data.update({"file": kept.name, "manages": "on", **({"locked": "on"} if kept.is_locked else {})})
    return data


def _front(request: HttpRequest, access: Access, *, problems: list[str] | None = None) -> HttpResponse:
    found = [(problem, "files") for problem in problems or []]
    context = {"kept": kept_files(access, timezone.now()), "problems": found, **FRAME}
    return render(request, "blueprints/blueprint.html", context)


@dataclass(slots=True)
class Sent:
    """What somebody sent: files, how they are to be applied, and answers."""

    access: Access
    taken: Taken
    data: QueryDict
    how: HowForm = field(init=False)

    def __post_init__(self) -> None:
        asked = "asked" in self.data or "manages" in self.data
        proposed = {"file": next(iter(self.taken.texts))}
        self.how = HowForm(self.data if asked else None, initial=proposed, access=self.access)
        self.how.is_valid()

    def order(self, *, secrets: bool) -> Order:
        """Return what is to be applied; without secrets where it is only looked at."""
        chosen = self.how.cleaned_data if self.how.is_bound else {}
        answers = given(self.data, ANSWER) | (given(self.data, SECRET) if secrets else {})
        return Order(
            texts=self.taken.texts,
            answers=answers,
            prune=bool(chosen.get("prune")),
            file=self.how.managing_file if self.how.is_bound else "",
            locked=bool(chosen.get("locked")),
        )


def _apply(request: HttpRequest, sent: Sent) -> HttpResponse:
    """Do what was shown, or say why not."""
    removed = int(number) if (number := request.POST.get("removes", "")).isdecimal() else 0
    confirm = ConfirmForm(request.POST, name=sent.access.organisation.name, removed=removed)
    has_secrets = all(request.POST[name].strip() for name in request.POST if name.startswith(f"{SECRET}-"))
    if sent.taken.problems or sent.how.errors or not has_secrets or (removed and not confirm.is_valid()):
        return _shown(request, sent, is_refused=True)
    try:
        plan = applying.apply(
            sent.access, sent.order(secrets=True), now=timezone.now(), seen=request.POST.get("seen", "")
        )
    except Outdated:
        return _shown(request, sent, is_outdated=True)
    except Mistaken as error:
        return _shown(request, sent, mistakes=error.mistakes)
    messages.success(request, _("Applied: %(what)s") % {"what": summary(plan)})
    return redirect("overview" if plan.of(Verb.CREATE) else "blueprint", sent.access.organisation.slug)


def _shown(
    request: HttpRequest,
    sent: Sent,
    *,
    mistakes: list[Mistake] | None = None,
    is_refused: bool = False,
    is_outdated: bool = False,
) -> HttpResponse:
    """Show what would happen, with everything that was sent except secrets."""
    prepared, found = _prepared(sent)
    plan = prepared.plan if prepared else Plan()
    mistakes = mistakes or found or plan.mistakes
    asked = _asked(request, sent, prepared, is_refused=is_refused)
    problems = [*_problems(sent, mistakes), *_of_forms([sent.how, *asked.values()])]
    is_open = bool(mistakes or sent.taken.problems)
    context = {
        **asked,
        "how": sent.how,
        "plan": plan,
        "summary": summary(plan),
        "parts": [] if is_open or plan.missing else parts_of(plan),
        "removed": len(plan.of(Verb.REMOVE)),
        "problems": problems,
        "more_problems": max(len(mistakes) - MOST, 0),
        "is_outdated": is_outdated and not problems,
        "may_apply": not (is_open or plan.missing),
        "files": list(enumerate(sent.taken.texts.items())),
        "files_are_open": is_open,
        **FRAME,
    }
    return render(request, "blueprints/difference.html", context)


def _prepared(sent: Sent) -> tuple[Prepared | None, list[Mistake]]:
    """Return what would happen, and what is wrong with the files, which shows before their open values are answered."""
    order = sent.order(secrets=False)
    try:
        prepared = prepare(sent.access, order)
    except Mistaken as error:
        return None, error.mistakes
    return prepared, applying.validate(order.texts) if prepared.plan.missing else []


def _asked(request: HttpRequest, sent: Sent, prepared: Prepared | None, *, is_refused: bool) -> dict[str, Form]:
    """Return the forms for what the files leave open, their secrets, and the name to go on."""
    refused = request.POST if is_refused else None
    removed = len(prepared.plan.of(Verb.REMOVE)) if prepared else 0
    return {
        "answers": AnswersForm(places_of_values(prepared) if prepared else {}, sent.data),
        "secrets": SecretsForm(places_of_secrets(prepared) if prepared else {}, refused),
        "confirm": ConfirmForm(refused if removed else None, name=sent.access.organisation.name, removed=removed),
    }


def _problems(sent: Sent, mistakes: list[Mistake]) -> list[tuple[str, str]]:
    """Return sentences about the files, each with the place where it can be mended."""
    places = {name: f"text-{number}" for number, name in enumerate(sent.taken.texts)}
    first = next(iter(places.values()), "")
    of_files = [(problem, "instead") for problem in sent.taken.problems]
    return of_files + [(str(mistake), places.get(mistake.file, first)) for mistake in mistakes[:MOST]]


def _of_forms(forms: list[Any]) -> list[tuple[str, str]]:
    return [
        (f"{field.label}: {error}", field.auto_id)
        for form in forms
        if form.is_bound
        for field in form
        for error in field.errors
    ]

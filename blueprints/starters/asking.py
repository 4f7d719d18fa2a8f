"""The questions of a starter as a form; its sentences and choices are in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blueprints.starters.filling import members, questions, usual
from blueprints.starters.head import Asks
from connectors.fields import Address
from connectors.forms import STAYS, UNTOUCHED, hidden, origin
from organisations.documents.shapes import plain
from organisations.wanted import Form
from targets.forms.readings import NumberField

if TYPE_CHECKING:
    from blueprints.starters.head import Question
    from blueprints.starters.shelf import Starter
    from organisations.access import Access

LONGEST = 200  # characters of a text
LONGEST_SECRET = 5000
WANTED = {
    Asks.ADDRESS: gettext_lazy("Enter an address, such as https://api.example.com/visitors."),
    Asks.SECRET: gettext_lazy("Enter the key or password."),
    Asks.TEXT: gettext_lazy("Enter a text."),
    Asks.PERSON: gettext_lazy("Choose a person."),
}


class AnswersForm(Form):
    """What a starter asks. `said` are earlier answers, `masks` what may be shown of secrets that are under seal."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        starter: Starter,
        access: Access,
        said: Mapping[str, str] | None = None,
        masks: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data)
        self.said, self.kept = dict(said or {}), set(masks or {})
        self.questions = {question.name: question for question in questions(starter, access)}
        for name, question in self.questions.items():
            field = MAKERS[question.kind](question, access)
            field.label, field.help_text = str(question.ask), str(question.hint or "")
            if question.kind in WANTED:
                field.error_messages["required"] = WANTED[question.kind]
            field.initial = as_typed(question, self.said.get(name) or usual(question, access))
            self.fields[name] = field
        self._propose_secrets()
        self.show_kept(masks or {})

    def _propose_secrets(self) -> None:
        """Fill the key of the pretend services in, which everybody may know, before anything else was entered."""
        for name in self.of_kind(Asks.SECRET):
            if not self.is_bound and self.fields[name].initial:
                self.fields[name].widget = forms.PasswordInput(attrs=UNTOUCHED, render_value=True)

    def show_kept(self, masks: Mapping[str, str]) -> None:
        """Let secrets that are under seal stay where nothing else is entered; they are never shown again."""
        for name, mask in masks.items():
            field = self.fields.get(name)
            if field is not None:
                field.required, field.initial, field.widget = False, None, hidden(placeholder=mask)
                self[name].help_text = field.help_text = _("Empty keeps the one you entered.")

    def of_kind(self, kind: Asks) -> list[str]:
        """Return the names of the questions of a kind."""
        return [name for name, question in self.questions.items() if question.kind == kind]

    def clean(self) -> dict[str, Any]:
        """Refuse to send a secret that was entered for one address to another."""
        cleaned = super().clean() or self.cleaned_data
        if self.moves():
            for name in self.kept & set(self.of_kind(Asks.SECRET)):
                if not cleaned.get(name):
                    self.add_error(name, str(STAYS))
        return cleaned

    def moves(self) -> bool:
        """Say whether an address leads to another service than the one that was entered before."""
        known = (name for name in self.of_kind(Asks.ADDRESS) if self.said.get(name) and self.cleaned_data.get(name))
        return any(origin(self.said[name]) != origin(self.cleaned_data[name]) for name in known)

    def answers(self) -> dict[str, str]:
        """Return what was answered and may be shown again, as a file would say it."""
        names = [name for name in self.questions if name not in self.of_kind(Asks.SECRET)]
        return {name: _written(self.cleaned_data[name]) for name in names if self.cleaned_data.get(name) is not None}

    def secrets(self) -> dict[str, str]:
        """Return the secrets that were entered."""
        names = self.of_kind(Asks.SECRET)
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}


def as_typed(question: Question, answer: str) -> str | float:
    """Return an answer as its field takes and shows it: a number with the reader's sign before its decimals."""
    return float(answer) if question.kind == Asks.NUMBER and answer else answer


def _written(value: Any) -> str:
    return f"{plain(value)}" if isinstance(value, float) else f"{value}"


def _address(question: Question, access: Access) -> forms.Field:  # noqa: ARG001  one contract for all kinds
    return Address(widget=forms.TextInput(attrs={"inputmode": "url", **UNTOUCHED}))


def _secret(question: Question, access: Access) -> forms.Field:  # noqa: ARG001  one contract for all kinds
    return forms.CharField(max_length=LONGEST_SECRET, widget=hidden())


def _number(question: Question, access: Access) -> forms.Field:  # noqa: ARG001  one contract for all kinds
    return NumberField()


def _text(question: Question, access: Access) -> forms.Field:  # noqa: ARG001  one contract for all kinds
    return forms.CharField(max_length=LONGEST)


def _choice(question: Question, access: Access) -> forms.Field:  # noqa: ARG001  one contract for all kinds
    choices = [(value, str(said)) for value, said in question.choices.items()]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect)


def _person(question: Question, access: Access) -> forms.Field:  # noqa: ARG001  one contract for all kinds
    return forms.ChoiceField(choices=list(members(access).items()))


MAKERS: dict[Asks, Callable[[Question, Access], forms.Field]] = {
    Asks.ADDRESS: _address,
    Asks.SECRET: _secret,
    Asks.NUMBER: _number,
    Asks.TEXT: _text,
    Asks.CHOICE: _choice,
    Asks.PERSON: _person,
}

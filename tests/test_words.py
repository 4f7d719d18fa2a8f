"""Every word for people is marked, gathered and translated; nobody has to remember it.

Templates are read whole: a word outside the tags of translation fails. Of Python files, whatever reads like a sentence
has to be marked, save in the files that speak to programs or to whoever runs the installation.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from tests.bare import bare_in_python, bare_in_template, marked_badly
from trackerproject.catalogue.checking import gaps
from trackerproject.catalogue.files import LANGUAGES, as_po, forms, key_of, messages, path_of, read
from trackerproject.catalogue.gathering import APPS, ROOT, files_of, gathered_in

CATALOGUES = [(app, language) for app in APPS for language in LANGUAGES]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.*") if path.suffix in {".html", ".txt"})
MODULES = sorted(file for app in APPS for file in files_of(app) if file.suffix == ".py")
# files whose sentences no reader of pages or mails meets, and who does
FOR_OTHERS = {
    r"^connectors/enrichers/prompt\.py$": "for AI models, in English",
    r"^connectors/services/reading\.py$": "for whoever writes the file of a service",
    r"^connectors/sandbox/": "a pretend service, which answers in its own words",
    r"/management/": "for whoever runs the installation",
    r"^trackerproject/(settings|env|schema|catalogue/.*)\.py$": "for operators and programs",
    r"^blueprints/describing\.py$": "the schema of files, in English",
    r"^organisations/(checks|api_callers)\.py$": "for developers, and the API's schema",
}
# their descriptions of fields are the schema of the API, or of files, in English
OF_API = re.compile(r"/(\w*serializers|endpoints|blueprint)(\.py$|/)")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
STRAY_PERCENT = re.compile(r"%(?!\(\w+\)[sd]|[sd%])")
ELEMENT = re.compile(r"</?\w+[^>]*>")
END = re.compile(r"[.?!:…,]?\s*$")
# markup, and examples of JSON with the places that are filled in
FOR_MACHINES = re.compile(r"<[^>]+>|\{(?:[^{}]|\{[^{}]*\})*\}|\"\{\w+\}\"")
# what no German text of ours holds: the English quotation marks, straight ones, the familiar form of address
NOT_GERMAN = re.compile(r"”|\"|\b([Dd]u|[Dd]ein(e[mnrs]?)?|[Dd]ich|[Dd]ir|[Ee]uch|[Ee]uer)\b")


def translations() -> Iterator[tuple[str, Message]]:
    """Yield app and message of everything that has a translation."""
    for app, language in CATALOGUES:
        yield from ((app, message) for message in messages(read(path_of(app, language), language)) if message.string)


def pairs(message: Message) -> Iterator[tuple[str, str]]:
    """Yield each form of a translation beside the form of the English that it stands for."""
    english, said = forms(message.id), forms(message.string)
    yield from ((english[min(place, len(english) - 1)], form) for place, form in enumerate(said) if form)


def none_of(found: list[str], advice: str) -> None:
    """Fail with all offences at once, and say what to do."""
    assert not found, "\n".join([advice, *found])


@pytest.mark.parametrize(("app", "language"), CATALOGUES)
def test_every_message_has_its_translation_and_none_is_left_over(app: str, language: str) -> None:
    none_of(list(gaps(app, language)), "`make words` writes the catalogues anew; then translate what is empty.")


def test_catalogues_read_and_write_the_same() -> None:
    for app, language in CATALOGUES:
        file = path_of(app, language)
        assert as_po(read(file, language), language) == file.read_text(), "`make words` writes the usual form."


def test_a_translation_keeps_what_is_filled_in() -> None:
    found = []
    for app, message in translations():
        most = set(PLACEHOLDER.findall(" ".join(forms(message.id))))
        for english, said in pairs(message):
            filled = set(PLACEHOLDER.findall(said))
            # “One target” may become “%(count)s Ziel”, never the other way round
            if not set(PLACEHOLDER.findall(english)) <= filled <= most:
                found.append(f"{app}: {english!r} → {said!r}")
    none_of(found, "These lose or invent a placeholder.")


def test_a_translation_is_filled_in_without_an_accident() -> None:
    found = [
        f"{app}: {said!r}"
        for app, message in translations()
        for english, said in pairs(message)
        if message.python_format and STRAY_PERCENT.search(said) and not STRAY_PERCENT.search(english)
    ]
    none_of(found, "A percent sign beside placeholders is written twice.")


def test_a_translation_keeps_markup_space_and_the_end_of_a_sentence() -> None:
    found = []
    for app, message in translations():
        for english, said in pairs(message):
            kept = sorted(ELEMENT.findall(english)) == sorted(ELEMENT.findall(said))
            # “1.2M” may be “1,2 Mio.”, and what leads over to choices may end with a colon
            ends = (
                END.findall(said)[0] in {END.findall(english)[0], END.findall(english)[0] or ":"} or " " not in english
            )
            if not (kept and ends and english[0].isspace() == said[0].isspace()):
                found.append(f"{app}: {english!r} → {said!r}")
    none_of(found, "These differ in elements, in the space around them, or in how they end.")


def test_the_same_english_has_the_same_translation_everywhere() -> None:
    said: dict[object, set[tuple[str, ...]]] = defaultdict(set)
    for _app, message in translations():
        said[key_of(message)].add(forms(message.string))
    found = [f"{key}: {sorted(different)}" for key, different in said.items() if len(different) > 1]
    none_of(found, "Give the English a context (pgettext) where it has two meanings; else choose one.")


def test_german_is_polite_and_quotes_as_germans_do() -> None:
    found = [
        f"{app}: {said}"
        for app, message in translations()
        for _, said in pairs(message)
        if NOT_GERMAN.search(FOR_MACHINES.sub("", said))
    ]
    none_of(found, "Quotes are „…“, and people are addressed as Sie.")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_no_template_holds_a_word_that_is_not_marked(template: Path) -> None:
    found = list(bare_in_template(template.read_text(), markup=template.suffix == ".html"))
    none_of(found, "Wrap these in {% translate %} or {% blocktranslate trimmed %}.")


def test_no_module_holds_a_sentence_that_is_not_marked() -> None:
    found = []
    for file in MODULES:
        name = file.relative_to(ROOT).as_posix()
        if not any(re.search(place, name) for place in FOR_OTHERS):
            of_api = OF_API.search(name) is not None
            found += [f"{name}:{bare}" for bare in bare_in_python(ast.parse(file.read_text()), of_api=of_api)]
    none_of(found, "Wrap these in gettext, or gettext_lazy outside of functions.")


def test_one_singular_has_one_plural() -> None:
    plurals: dict[tuple[str | None, str], set[str]] = defaultdict(set)
    for app in APPS:
        for words, context, _remarks in (each for file in files_of(app) for each in gathered_in(file)):
            if isinstance(words, tuple):
                plurals[context, words[0]].add(words[1])
    found = [f"{key}: {sorted(said)}" for key, said in plurals.items() if len(said) > 1]
    none_of(found, "A catalogue is read by the singular: give each plural a context of its own (npgettext).")


def test_only_plain_strings_are_marked() -> None:
    found = [f"{file.relative_to(ROOT)}:{bad}" for file in MODULES for bad in marked_badly(ast.parse(file.read_text()))]
    none_of(found, "A catalogue holds whole strings: neither f-strings nor choices inside of the call.")


def test_whoever_speaks_to_others_still_does() -> None:
    names = [file.relative_to(ROOT).as_posix() for file in MODULES]
    assert [place for place in FOR_OTHERS if not any(re.search(place, name) for name in names)] == []


@pytest.mark.parametrize(
    "template",
    [
        "<p>Nothing here</p>",
        '<a aria-label="Close {{ name }}">×</a>',
        '<input type="submit" value="Save">',
        '<button data-done="Copied to the clipboard">{% translate "Copy" %}</button>',
        '<meta name="description" content="All targets">',
        '{% include "part.html" with label="Pages of calls" %}',
        '{{ name|default:"Nobody" }}',
        "{{ n }} row{{ n|pluralize }}",
        "{{ word|lower }}",
        "{% if a %}{% translate 'Yes' %}{% else %}No way{% endif %}",
        "{% blocktranslate %}Fine{% endblocktranslate %} rest",
    ],
)
def test_a_bare_word_in_a_template_is_noticed(template: str) -> None:
    assert list(bare_in_template(template))


@pytest.mark.parametrize(
    "template",
    [
        '<p class="lede">{% translate "Nothing here" %} <code>curl</code> {{ name }} · 14:30</p>',
        "{% blocktranslate trimmed count n=rows %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}",
        '<title>{% block title %}{% endblock %} · Waymark</title><meta name="robots" content="noindex nofollow">',
        '<i data-theme="dark" data-words=\'{"a": "b c"}\'></i>{% include "part.html" with label=_("Pages of calls") %}',
        '{% comment %}Why this is so{% endcomment %}{# and so #}{{ day|date:"j F Y" }}{% url "target" pk=1 %}',
    ],
)
def test_a_marked_template_is_left_alone(template: str) -> None:
    assert list(bare_in_template(template)) == []


@pytest.mark.parametrize(
    "code",
    [
        'say("There is nothing here.")',
        'say(f"{n} rows are kept.")',
        'label = "Where the number stands"',
        'say("Saved.")',
    ],
)
def test_a_bare_sentence_in_python_is_noticed(code: str) -> None:
    assert list(bare_in_python(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        '"""Return what is there."""',
        'say(_("There is nothing here."))',
        'log.warning("There is nothing here.")',
        'raise ValueError("There is nothing here.")',
        'say(ngettext("%(n)s row is kept.", "%(n)s rows are kept.", n))',
        'name = "some_code"',
        '{"Object missing required field": code}',
        'extend_schema(summary="Show the targets of one team.")',
    ],
)
def test_a_marked_sentence_in_python_is_left_alone(code: str) -> None:
    assert list(bare_in_python(ast.parse(code))) == []


def test_the_help_of_a_field_is_schema_in_modules_of_the_api_alone() -> None:
    described = ast.parse('goal = Field(help_text="Without the unit, please.")')
    assert list(bare_in_python(described, of_api=True)) == []
    assert list(bare_in_python(described))


@pytest.mark.parametrize("code", ['_(f"{n} rows")', '_("a" if x else "b")', '_("a" + b)', 'ngettext("a", f"{n}", n)'])
def test_what_no_catalogue_can_hold_is_noticed(code: str) -> None:
    assert list(marked_badly(ast.parse(code)))


def test_words_of_templates_are_gathered_exactly(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(
        """{% load i18n %}<p title="it's">{% translate "May" context "month" as m %} 08 ( "
        {% blocktranslate trimmed count n=rows %}
            {{ n }} row,
            100%
        {% plural %}
            {{ n }} rows
        {% endblocktranslate %}{{ name|default:_("None") }}{% blocktranslate asvar w %}As {{ n }}{% endblocktranslate %}
        """
    )
    assert [(words, context) for words, context, _ in gathered_in(file)] == [
        ("May", "month"),
        (("%(n)s row, 100%%", "%(n)s rows"), None),
        ("None", None),
        ("As %(n)s", None),
    ]

"""What stands in a mail: parsed as a mail program would, in HTML and as text."""

from __future__ import annotations

from datetime import time, timedelta
from html.parser import HTMLParser

import pytest

from alerts import render, reporting, words
from alerts.models import Report
from alerts.render import Letter
from connectors.models.feed import Health
from organisations.models import Organisation, User
from organisations.reader import speaking
from targets.domain.terms import Status
from targets.models import StatusChange, Target
from tests.alerts import factories
from tests.alerts.factories import NOW

VOID = {"meta", "br", "img", "base"}
FORBIDDEN = {"script", "form", "style", "link", "svg", "iframe", "input"}


class Reader(HTMLParser):
    """Reads HTML strictly: every tag is closed, and nothing is there that mail programs drop."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in FORBIDDEN
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def values(self, tag: str, attribute: str) -> list[str]:
        """Return an attribute of every tag of a name."""
        return [str(attrs[attribute]) for name, attrs in self.tags if name == tag and attribute in attrs]

    @property
    def text(self) -> str:
        """Everything that is read."""
        return " ".join(word for word in self.words if word)


@pytest.fixture
def report(organisation: Organisation, owner: User) -> Report:
    return reporting.ensure_default(organisation, NOW)


def letter_of(report: Report, *, changes: list[StatusChange] | None = None) -> Letter:
    """Write the report as its owner gets it."""
    targets = list(reporting.shown_targets(report))
    recipient = report.recipients.select_related("user").get()
    return render.report(report, targets, changes=changes, recipient=recipient, now=NOW)


def six_of_seven(organisation: Organisation) -> dict[str, Target]:
    """Create six targets that need attention and one that is fine."""
    statuses = [Status.MISSED, Status.BEHIND, Status.BEHIND, Status.AT_RISK, Status.AT_RISK, Status.NO_DATA, Status.MET]
    targets = [factories.target(organisation, f"Target {n}", status=status) for n, status in enumerate(statuses)]
    return {target.name: target for target in targets}


@pytest.mark.parametrize(
    ("attention", "total", "expected"),
    [
        (6, 12, "6 of 12 targets need attention"),
        (1, 12, "1 of 12 targets needs attention"),
        (12, 12, "12 of 12 targets need attention"),
        (0, 12, "All 12 targets are fine"),
        (1, 1, "The target needs attention"),
        (0, 1, "The target is fine"),
    ],
)
def test_the_headline(attention: int, total: int, expected: str) -> None:
    assert words.headline(attention, total) == expected


@pytest.mark.parametrize(
    ("weekdays", "expected"),
    [
        (range(7), "every day at 08:00"),
        ([0, 1, 2, 3, 4], "Monday to Friday at 08:00"),
        ([6, 3, 4, 5], "Thursday to Sunday at 08:00"),
        ([0, 4], "Monday and Friday at 08:00"),
        ([0, 2, 4], "Monday, Wednesday and Friday at 08:00"),
        ([4], "every Friday at 08:00"),
    ],
)
def test_a_schedule_in_words(weekdays: list[int], expected: str) -> None:
    assert words.schedule(time(8), weekdays) == expected


@pytest.mark.parametrize(
    ("team", "tag", "expected"),
    [
        ("", "", "all targets"),
        ("Growth", "", "the targets of Growth"),
        ("", "launch", "the targets tagged “launch”"),
        ("Growth", "launch", "the targets of Growth tagged “launch”"),
    ],
)
def test_what_a_report_covers(team: str, tag: str, expected: str) -> None:
    assert words.covered(team, tag) == expected


def test_a_report_of_a_team_or_a_tag_holds_its_targets_alone(report: Report) -> None:
    growth, launch, both = (factories.target(report.organisation, name) for name in ("Growth", "Launch", "Both"))
    growth.team = both.team = "Growth & more"
    for target in (growth, both):
        target.save()
    tag = report.organisation.tags.create(name="launch")
    launch.tags.add(tag)
    both.tags.add(tag)
    changes = [factories.change(target, old=Status.ON_TRACK, new=Status.AT_RISK) for target in (growth, launch, both)]
    for team, name, expected in (
        ("Growth & more", "", {"Growth", "Both"}),
        ("", "launch", {"Launch", "Both"}),
        ("Growth & more", "launch", {"Both"}),
        ("", "", {"Growth", "Launch", "Both"}),
    ):
        report.team, report.tag = team, name
        assert {target.name for target in reporting.shown_targets(report)} == expected
        told = reporting.changes_since(report, NOW - timedelta(days=1), NOW)
        assert {change.target.name for change in told} == expected
    assert len(changes) == 3
    report.team, report.tag = "Growth & more", "launch"
    letter = letter_of(report)
    assert "Growth · Growth & more · launch · Friday" in letter.text
    assert "/growth/?team=Growth+%26+more&tag=launch" in letter.text


def test_a_test_says_that_it_is_one(report: Report, viewer: User) -> None:
    factories.target(report.organisation)
    letter = reporting.letter_now(report, NOW, address=viewer.email)
    assert letter is not None
    assert "because you asked for a test of “Daily report”" in letter.text


def test_a_report_names_every_target_and_shows_five_charts(report: Report) -> None:
    targets = six_of_seven(report.organisation)
    letter = letter_of(report)
    page = Reader(letter.html)
    assert letter.subject == "6 of 7 targets need attention"
    assert all(name in page.text and name in letter.text for name in targets)
    assert [f"cid:{picture.cid}" for picture in letter.pictures] == page.values("img", "src")
    assert len(letter.pictures) == 5
    assert all(picture.png.startswith(b"\x89PNG") for picture in letter.pictures)
    assert all(page.values("img", "alt"))
    assert len(letter.html.encode()) < 60_000


def test_html_and_text_say_the_same_in_the_same_order(report: Report) -> None:
    six_of_seven(report.organisation)
    changes = [factories.change(report.organisation.targets.get(name="Target 6"), old=Status.ON_TRACK, new=Status.MET)]
    letter = letter_of(report, changes=changes)
    html = Reader(letter.html).text
    said = ["20 November 2026", letter.subject, "Target 0 is missed", "Since the last report", "Likely finish", "Stop"]
    for text in (html.partition("Growth · ")[2], letter.text):
        places = [text.index(word) for word in said]
        assert places == sorted(places)


def test_the_texts_columns_stand_under_each_other(report: Report) -> None:
    six_of_seven(report.organisation)
    lines = letter_of(report).text.splitlines()
    head = next(line for line in lines if line.startswith("Target  "))
    rows = lines[lines.index(head) + 2 :][:7]
    assert all(row[head.index("Status") - 1] == " " and row[head.index("Status")] != " " for row in rows)


def test_numbers_are_written_as_on_the_pages(report: Report) -> None:
    factories.target(report.organisation)
    letter = letter_of(report)
    for text in (Reader(letter.html).text, letter.text):
        for said in (
            "651",
            "of at least 1,200",
            "1,178",
            "37% chance",
            "14 behind pace",
            "8 in 10 outcomes: 1,088 to 1,275",
        ):
            assert said in text


def test_a_phone_breaks_neither_a_number_nor_a_word_of_the_table(report: Report) -> None:
    visits = factories.target(report.organisation, name="Visits")
    visits.metric.unit = "people"
    visits.metric.save()
    warm = factories.target(report.organisation, name="Warmth")
    warm.metric.unit = "°C"
    warm.metric.save()
    page = Reader(letter_of(report).html)
    assert "651 people" in page.words  # a line may end before a word, …
    assert "651\u00a0°C" in page.words  # … and never within a quantity
    styles = [*page.values("table", "style"), *page.values("td", "style")]
    assert not [style for style in styles if "anywhere" in style or "break-word" in style]


def test_words_of_a_narrow_column_are_hyphenated_in_html_alone(report: Report) -> None:
    factories.target(report.organisation)
    with speaking("de"):
        letter = letter_of(report)
    assert "Wahrschein\u00adlichkeit" in letter.html
    assert "\u00ad" not in letter.text.partition("\n\n")[2].partition("Ziel ")[2]


def test_links_lead_to_the_site(report: Report) -> None:
    six_of_seven(report.organisation)
    letter = letter_of(report)
    assert all(address.startswith("http://localhost:8000/") for address in Reader(letter.html).values("a", "href"))
    token = report.recipients.get().token
    assert letter.stop_url == f"http://localhost:8000/stop/{token}/"
    assert letter.stop_url in letter.text
    assert letter.stop_url in letter.html


def test_names_are_text_and_nothing_else(report: Report) -> None:
    report.organisation.name = "<b>Growth</b>"
    factories.target(report.organisation, "<script>alert(1)</script> {{ 7 }} & “more”", unit="<i>")
    page = Reader(letter_of(report).html)
    assert "<script>alert(1)</script> {{ 7 }} & “more”" in page.text


def test_the_chart_of_a_single_target_that_is_fine_is_there_too(report: Report) -> None:
    factories.target(report.organisation, status=Status.ON_TRACK)
    assert len(letter_of(report).pictures) == 1


def test_a_target_that_was_never_judged_is_listed(report: Report) -> None:
    target = factories.target(report.organisation, status=Status.NO_DATA)
    target.evaluation = target.track = target.chance = None
    target.save()
    letter = letter_of(report)
    assert "Nothing has been read yet." in letter.text
    assert letter.pictures == ()


def test_the_first_issue_says_nothing_of_changes(report: Report) -> None:
    factories.target(report.organisation)
    assert "last report" not in letter_of(report, changes=None).text
    assert "No status has changed since the last report." in letter_of(report, changes=[]).text


@pytest.mark.parametrize(
    ("name", "moves", "expected"),
    [
        ("one step", [(Status.ON_TRACK, Status.AT_RISK)], "A moved from on track to at risk."),
        (
            "steps in a row are one",
            [(Status.ON_TRACK, Status.AT_RISK), (Status.AT_RISK, Status.BEHIND)],
            "A moved from on track to behind.",
        ),
        (
            "there and back",
            [(Status.ON_TRACK, Status.AT_RISK), (Status.AT_RISK, Status.ON_TRACK)],
            "No status has changed",
        ),
    ],
)
def test_what_changed(organisation: Organisation, name: str, moves: list[tuple[Status, Status]], expected: str) -> None:
    target = factories.target(organisation, "A")
    changes = [factories.change(target, old=old, new=new) for old, new in moves]
    assert expected in words.changed(changes), name


def test_many_changes_are_counted(organisation: Organisation) -> None:
    changes = [
        factories.change(factories.target(organisation, f"Target {n}"), old=Status.ON_TRACK, new=Status.AT_RISK)
        for n in range(7)
    ]
    assert words.changed(changes).endswith("; and 3 more.")


def test_a_change_says_what_is_needed_and_shows_the_chart(organisation: Organisation, owner: User) -> None:
    target = factories.target(organisation, owner=owner)
    letter = render.change(factories.change(target, old=Status.ON_TRACK, new=Status.AT_RISK), now=NOW)
    page = Reader(letter.html)
    assert letter.subject == "New paid subscriptions: at risk"
    for text in (page.text, letter.text):
        assert "37% chance of reaching 1,200 by 31 December." in text
        assert "It was on track until now." in text
        assert "from here" in text
    assert page.values("img", "src") == [f"cid:target-{target.pk}"]
    assert f"http://localhost:8000/growth/targets/{target.pk}/" in letter.text
    assert letter.thread == f"target-{target.pk}"


def test_good_news_is_called_good_news(organisation: Organisation) -> None:
    change = factories.change(
        factories.target(organisation, status=Status.ON_TRACK), old=Status.AT_RISK, new=Status.ON_TRACK
    )
    letter = render.change(change, now=NOW)
    assert letter.subject == "New paid subscriptions: back on track"
    assert "Good news: it was at risk until now." in letter.text


def test_a_change_of_a_closed_period_shows_that_periods_chart(organisation: Organisation) -> None:
    target = factories.target(organisation)
    change = factories.change(target, old=Status.AT_RISK, new=Status.MISSED)
    target.period_starts_on = factories.ENDS_ON
    target.track = None
    target.save()
    assert render.change(change, now=NOW).pictures == ()
    target.results.create(
        starts_on=factories.STARTS_ON,
        ends_on=factories.ENDS_ON,
        status=Status.MISSED,
        goal=1200,
        evaluation=change.evaluation,
        track=factories.track(today=factories.DAYS - 1).as_plain(),
        closed_at=NOW,
    )
    assert len(render.change(change, now=NOW).pictures) == 1


def test_a_lost_key_says_who_refuses_and_what_to_do(organisation: Organisation) -> None:
    feed = factories.metric(organisation, "Billing API").feed
    feed.problem = {"code": "key_refused", "data": {"status": 401}}
    feed.health, feed.failing_since = Health.UNAUTHORISED, NOW - timedelta(hours=3)
    letter = render.lost_key(feed, now=NOW)
    assert letter.subject == "Billing API needs a new key"
    for text in (Reader(letter.html).text, letter.text):
        assert "Billing API has refused the stored key since today" in text
        assert "It answered 401: the key is missing or wrong." in text
        assert "Enter a new key" in text
    assert f"/growth/connections/{feed.connection_id}/key/" in letter.text

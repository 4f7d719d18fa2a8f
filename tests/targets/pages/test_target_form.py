"""Setting a target: defaults that hold, errors that keep what was typed, and a look at what it would mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from connectors.models.feed import Asks
from organisations.models import Organisation, User
from targets.models import Metric, Tag, Target
from tests.targets.stage import TODAY, a_feed, a_metric, a_target, friday  # noqa: F401  a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("friday")]
STEADY = [10.0] * 120
Browser = Callable[[User], Client]


@pytest.fixture
def signups(organisation: Organisation) -> Metric:
    """Ten a day, for four months."""
    return a_metric(organisation, days=STEADY)


@pytest.fixture
def visitor(owner: User, client_of: Browser) -> Client:
    return client_of(owner)


def typed(metric: Metric, **changes: Any) -> dict[str, Any]:
    """Return a form as somebody fills it in."""
    return {
        "metric": metric.pk,
        "name": "Sign-ups",
        "comparison": "at_least",
        "goal": "400",
        "period": "month",
        "aggregation": "",
        "profile": "",
    } | changes


def test_the_defaults_can_be_saved_as_they_stand(visitor: Client, signups: Metric) -> None:
    form = visitor.get(f"/growth/targets/new/?metric={signups.pk}").context["form"]
    offered = {field.name: "" if field.value() is None else field.value() for field in form}
    assert (offered["goal"], offered["period"], offered["aggregation"]) == ("300", "month", "sum")
    response = visitor.post("/growth/targets/new/", offered, follow=True)
    assert "Tracking." in response.content.decode()
    assert Target.unscoped.get().tracking_since == TODAY


def test_a_saved_target_is_judged_at_once(visitor: Client, signups: Metric) -> None:
    visitor.post("/growth/targets/new/", typed(signups, goal="1,400"))
    target = Target.unscoped.get()
    assert (target.goal, target.status, target.aggregation) == (1400, "behind", "sum")
    assert target.results.count() == 3  # the month in which the readings begin is not judged


def test_a_second_target_on_a_metric_gets_a_free_name(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=400)
    assert visitor.get("/growth/targets/new/").context["form"]["name"].value() == "Sign-ups 2"


def test_without_a_metric_one_is_led_to_making_one(visitor: Client, organisation: Organisation) -> None:
    response = visitor.get("/growth/targets/new/", follow=True)
    assert "A target needs a number first" in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"goal": ""}, "goal", "Enter the value that is to be reached."),
        ({"goal": "many"}, "goal", "Write a number, such as 1200 or 99.9."),
        ({"goal": "0"}, "goal", "Enter a value above 0."),
        ({"comparison": "within"}, "goal_upper", "Enter the upper end of the range."),
        ({"comparison": "within", "goal_upper": "300"}, "goal_upper", "Enter a value above the lower one."),
        ({"period": "range"}, "starts_on", "Enter the first day."),
        ({"period": "range", "starts_on": "2026-11-01"}, "ends_on", "Enter the last day."),
        (
            {"period": "range", "starts_on": "2026-11-02", "ends_on": "2026-11-01"},
            "ends_on",
            "The last day must not be before the first.",
        ),
        (
            {"period": "range", "starts_on": "2026-01-01", "ends_on": "2046-01-01"},
            "ends_on",
            "The last day must be within ten years of the first.",
        ),
        (
            {"period": "range", "starts_on": "9999-12-30", "ends_on": "9999-12-31"},
            "ends_on",
            "Enter a day in this century or the next.",
        ),
        ({"time_zone": "Mars/Base"}, "time_zone", "“Mars/Base” is not a time zone."),
    ],
)
def test_a_mistake_is_named_at_its_field(
    visitor: Client, signups: Metric, changes: dict[str, str], field: str, sentence: str
) -> None:
    response = visitor.post("/growth/targets/new/", typed(signups, team="Kept", **changes))
    html = response.content.decode()
    assert sentence in str(response.context["form"].errors[field])
    assert "<title>Error: " in html
    assert "There is a problem" in html
    assert f'href="#id_{field}"' in html
    assert 'value="Kept"' in html
    assert not Target.unscoped.exists()


def test_a_name_is_given_once(visitor: Client, signups: Metric) -> None:
    a_target(signups, goal=400, name="Taken")
    response = visitor.post("/growth/targets/new/", typed(signups, name="Taken"))
    assert "There is another target of this name." in response.content.decode()


def test_fixed_dates_include_their_last_day(visitor: Client, signups: Metric) -> None:
    dates = {"period": "range", "starts_on": "2026-11-01", "ends_on": "2026-12-15"}
    visitor.post("/growth/targets/new/", typed(signups, **dates))
    target = Target.unscoped.get()
    assert (target.ends_on, target.period_ends_on) == (date(2026, 12, 15), date(2026, 12, 16))


def test_a_level_is_not_added_up(visitor: Client, organisation: Organisation) -> None:
    level = a_metric(organisation, "Uptime", days=[99.9] * 30, value_kind="level")
    response = visitor.post("/growth/targets/new/", typed(level, goal="99", aggregation="sum"))
    assert "its readings do not add up" in response.content.decode()
    visitor.post("/growth/targets/new/", typed(level, goal="99"))
    assert Target.unscoped.get().aggregation == "latest"


def test_a_running_total_is_judged_by_its_own_period_alone(visitor: Client, organisation: Organisation) -> None:
    feed = a_feed(organisation, asks=Asks.PERIOD, running_period="month")
    metric = a_metric(
        organisation, "Visitors", days=[float(day) for day in range(1, 31)], feed=feed, value_kind="running"
    )
    response = visitor.post("/growth/targets/new/", typed(metric, period="quarter", aggregation="sum"))
    html = response.content.decode()
    assert "only a month can be judged" in html
    assert "only its latest value counts" in html
    assert visitor.get(f"/growth/targets/new/?metric={metric.pk}").context["form"]["period"].value() == "month"
    visitor.post("/growth/targets/new/", typed(metric))
    assert Target.unscoped.get().aggregation == "latest"


def test_another_organisations_metric_cannot_be_chosen(visitor: Client, elsewhere: Organisation) -> None:
    foreign = a_metric(elsewhere, "Theirs", days=STEADY)
    mine = Organisation.objects.get(slug="growth")
    a_metric(mine, days=STEADY)
    response = visitor.post("/growth/targets/new/", typed(foreign))
    assert "metric" in response.context["form"].errors
    assert "Theirs" not in visitor.get(f"/growth/targets/new/?metric={foreign.pk}").content.decode()


def test_what_it_means_is_shown_before_anything_is_saved(visitor: Client, signups: Metric) -> None:
    response = visitor.post("/growth/targets/new/", typed(signups, goal="305", preview="1"))
    meaning = response.context["meaning"]
    assert not Target.unscoped.exists()
    assert {line.label: line.value for line in meaning.lines} == {
        "This period": "November 2026",
        "Pace": "10 a day, 71 a week",
        "By now it should be": "193; it is 190",
        "Forecast": "300 likely, <1% chance",
    }
    assert [(row.label, row.word, row.value) for row in meaning.earlier] == [
        ("October 2026", "Met", "310"),
        ("September 2026", "Missed", "300"),
        ("August 2026", "Met", "310"),
    ], "readings begin in the middle of July, so nothing can be said about it"
    assert "Would have been" in response.content.decode()


def lines(visitor: Client, form: dict[str, Any]) -> dict[str, str]:
    """Return what the form would mean, line by line."""
    response = visitor.post("/growth/targets/new/", form | {"preview": "1"})
    return {line.label: line.value for line in response.context["meaning"].lines}


def test_the_pace_of_working_days_is_said_by_the_working_day(visitor: Client, signups: Metric) -> None:
    found = lines(visitor, typed(signups, goal="420", profile="working_days"))
    assert found["Pace"] == "20 a working day, 100 a week"  # November 2026 has 21


def test_the_pace_of_a_range_is_a_range(visitor: Client, organisation: Organisation) -> None:
    level = a_metric(organisation, "Temperature", days=[20.0] * 60, value_kind="level", unit="°C", decimals=1)
    found = lines(visitor, typed(level, comparison="within", goal="21", goal_upper="25"))
    assert (found["Pace"], found["By now it should be"]) == (
        "21.0 to 25.0\u00a0°C throughout",
        "21.0 to 25.0\u00a0°C; it is 20.0\u00a0°C",
    )


def test_what_it_means_is_summed_up_in_one_line(visitor: Client, signups: Metric) -> None:
    meaning = visitor.post("/growth/targets/new/", typed(signups, goal="305", preview="1")).context["meaning"]
    assert meaning.summary == ["met 2 of 3", "median 310", "today: behind, <1% chance"]


def test_goals_are_proposed_and_can_be_taken_over(visitor: Client, signups: Metric) -> None:
    response = visitor.post("/growth/targets/new/", typed(signups, goal="", name="Kept", preview="1"))
    proposed = response.context["meaning"].proposed
    assert [(each.name, each.goal, each.met) for each in proposed] == [
        ("Realistic", "at least 300", "met 3 of 3"),
        ("Ambitious", "at least 310", "met 2 of 3"),
    ]
    taken = visitor.post("/growth/targets/new/", typed(signups, goal="", name="Kept", take=proposed[1].take))
    assert not Target.unscoped.exists()
    assert 'name="goal" value="310"' in taken.content.decode()
    assert 'value="Kept"' in taken.content.decode()
    assert taken.context["meaning"].summary[0] == "met 2 of 3"


def test_both_ends_of_a_proposed_range_are_taken_over(visitor: Client, signups: Metric) -> None:
    form = typed(signups, comparison="within", goal="", goal_upper="", preview="1")
    proposed = visitor.post("/growth/targets/new/", form).context["meaning"].proposed
    taken = visitor.post("/growth/targets/new/", form | {"take": proposed[0].take})
    bound = taken.context["form"]
    assert [bound["goal"].value(), bound["goal_upper"].value()] == proposed[0].take.split("|")
    assert bound.is_valid()


def test_what_is_posted_as_a_proposal_is_only_a_number(visitor: Client, signups: Metric) -> None:
    taken = visitor.post("/growth/targets/new/", typed(signups, goal="5", take="<script>"))
    assert 'name="goal" value="5"' in taken.content.decode()


def test_too_few_periods_propose_nothing_and_say_so(visitor: Client, organisation: Organisation) -> None:
    young = a_metric(organisation, "Young", days=[10.0] * 20)
    page = visitor.get(f"/growth/targets/new/?metric={young.pk}")
    assert page.context["meaning"].proposed == []
    assert "Fewer than 3 earlier periods are known whole, so no goal is proposed." in page.content.decode()
    dates = {"period": "range", "starts_on": "2026-11-01", "ends_on": "2026-12-15", "preview": "1"}
    page = visitor.post("/growth/targets/new/", typed(young, **dates))
    assert "Fixed dates have no earlier periods, so no goal is proposed." in page.content.decode()


def test_half_a_form_still_proposes_goals(visitor: Client, signups: Metric) -> None:
    meaning = visitor.post("/growth/targets/new/", typed(signups, goal="", preview="1")).context["meaning"]
    assert (meaning.lines, meaning.earlier, meaning.summary) == ([], [], [])
    assert len(meaning.proposed) == 2
    response = visitor.post("/growth/targets/new/", typed(signups, period="", preview="1"))
    assert response.context["meaning"] is None
    assert "Enter a value and a period" in response.content.decode()


def test_a_missing_name_does_not_hide_what_it_means(visitor: Client, signups: Metric) -> None:
    response = visitor.post("/growth/targets/new/", typed(signups, name="", preview="1"))
    assert response.context["meaning"].status == "behind"


def test_the_page_previews_by_htmx_and_without_a_script(visitor: Client, signups: Metric) -> None:
    html = visitor.get(f"/growth/targets/new/?metric={signups.pk}").content.decode()
    assert 'hx-target="#meaning" hx-select="#meaning"' in html
    assert 'hx-vals=\'{"preview": "1"}\'' in html
    assert '<button class="btn no-js" name="preview" value="1" formnovalidate>Preview</button>' in html


def test_editing_speaks_of_today_and_not_of_a_beginning(visitor: Client, signups: Metric) -> None:
    html = visitor.get(f"/growth/targets/{a_target(signups, goal=400).pk}/edit/").content.decode()
    assert "Status today" in html
    assert "First period" not in html
    assert "First status" not in html


# --- tags, and why --------------------------------------------------------------------------------------------------


def tags_of(target: Target) -> list[str]:
    """Return the tags of a target as they stand in the database."""
    return list(target.tags.values_list("name", flat=True))


def test_tags_are_typed_with_commas_and_each_stands_once(visitor: Client, signups: Metric) -> None:
    visitor.post("/growth/targets/new/", typed(signups, tags=" Autumn  campaign, shop ,Shop,, "))
    assert tags_of(Target.unscoped.get()) == ["Autumn campaign", "shop"]


def test_a_tag_keeps_the_case_it_was_first_written_in(visitor: Client, signups: Metric) -> None:
    visitor.post("/growth/targets/new/", typed(signups, tags="Shop"))
    visitor.post("/growth/targets/new/", typed(signups, name="Other", tags="sHOP, new"))
    assert tags_of(Target.unscoped.get(name="Other")) == ["new", "Shop"]
    assert Tag.unscoped.count() == 2


def test_the_edit_page_shows_the_tags_and_takes_them_off(visitor: Client, signups: Metric) -> None:
    visitor.post("/growth/targets/new/", typed(signups, tags="shop, autumn"))
    target = Target.unscoped.get()
    address = f"/growth/targets/{target.pk}/edit/"
    assert 'name="tags" value="autumn, shop"' in visitor.get(address).content.decode()
    visitor.post(address, typed(signups, tags="autumn"))
    assert tags_of(target) == ["autumn"]
    assert list(Tag.unscoped.values_list("name", flat=True)) == ["autumn"], "what nothing carries vanishes"
    assert target.version == 1


def test_deleting_a_target_takes_its_tags_along(visitor: Client, signups: Metric) -> None:
    visitor.post("/growth/targets/new/", typed(signups, tags="shop"))
    target = Target.unscoped.get()
    visitor.post(f"/growth/targets/{target.pk}/delete/", {"name": target.name})
    assert not Tag.unscoped.exists()


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        ("x" * 41, "A tag has at most 40 characters"),
        (", ".join(f"tag {number}" for number in range(21)), "A target has at most 20 tags; these are 21."),
    ],
)
def test_tags_that_cannot_be_kept_are_refused_and_stay_typed(
    visitor: Client, signups: Metric, tags: str, sentence: str
) -> None:
    html = visitor.post("/growth/targets/new/", typed(signups, tags=tags)).content.decode()
    assert sentence in html
    assert f'value="{tags}"' in html
    assert not Target.unscoped.exists()


def test_tags_and_teams_in_use_are_suggested(visitor: Client, signups: Metric, elsewhere: Organisation) -> None:
    Tag.unscoped.create(organisation=elsewhere, name="theirs")
    visitor.post("/growth/targets/new/", typed(signups, team="Growth team", tags="shop, autumn"))
    html = visitor.get("/growth/targets/new/").content.decode()
    assert '<datalist id="known-teams"><option value="Growth team"></option></datalist>' in html
    assert '<datalist id="known-tags"><option value="autumn"></option><option value="shop"></option></datalist>' in html
    html = visitor.post("/growth/targets/new/", typed(signups, name="B", tags="shop, ", preview="1")).content.decode()
    assert '<datalist id="known-tags"><option value="shop, autumn"></option></datalist>' in html


def test_why_it_was_changed_becomes_a_note(visitor: Client, signups: Metric, owner: User) -> None:
    target = a_target(signups, goal=400)
    visitor.post(f"/growth/targets/{target.pk}/edit/", typed(signups, goal="250", why=" Two people left. "))
    note = target.notes.get()
    assert (note.text, note.on, note.author) == ("Two people left.", TODAY, owner)


def test_without_a_reason_there_is_no_note(visitor: Client, signups: Metric) -> None:
    target = a_target(signups, goal=400)
    visitor.post(f"/growth/targets/{target.pk}/edit/", typed(signups, goal="250", why="  "))
    assert not target.notes.exists()
    assert "why" not in visitor.get("/growth/targets/new/").context["form"].fields


def test_a_changed_goal_is_a_new_question(visitor: Client, signups: Metric) -> None:
    target = a_target(signups, goal=400)
    october = target.results.get(starts_on="2026-10-01")
    visitor.post(f"/growth/targets/{target.pk}/edit/", typed(signups, goal="250"))
    target.refresh_from_db()
    assert (target.version, target.status) == (2, "on_track")
    assert target.results.get(pk=october.pk).goal == 400


def test_a_new_name_is_the_same_question(visitor: Client, signups: Metric) -> None:
    target = a_target(signups, goal=400, aggregation="sum")
    visitor.post(
        f"/growth/targets/{target.pk}/edit/", typed(signups, name="Another", aggregation="sum", profile="linear")
    )
    target.refresh_from_db()
    assert (target.name, target.version) == ("Another", 1)


def test_a_viewer_sets_no_target(viewer: User, client_of: Browser, signups: Metric) -> None:
    assert client_of(viewer).get("/growth/targets/new/").status_code == 403
    assert client_of(viewer).post("/growth/targets/new/", typed(signups)).status_code == 403

"""What templates draw with: numbers become geometry, and nobody's text ever does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from organisations.access import Access, access_for
from organisations.models import Organisation, User
from targets.domain.terms import Status
from targets.presenting import Bullet, Spark
from targets.templatetags.frame import at_page, control, grouped, may
from targets.templatetags.targets_tags import MOST_POINTS, bullet, spark, trend


def a_bullet(**changes: Any) -> Bullet:
    fields: dict[str, Any] = {
        "status": Status.AT_RISK,
        "low": 0.0,
        "high": 200.0,
        "is_dot": False,
        "goals": (100.0,),
        "value": 50.0,
    }
    return Bullet(**(fields | changes))


def test_a_total_is_a_bar_as_long_as_its_share_of_the_scale() -> None:
    assert '<rect class="bar" x="0.0%" y="8" width="25.0%"' in bullet(a_bullet())
    assert "circle" not in bullet(a_bullet())


def test_a_level_is_a_dot() -> None:
    drawn = bullet(a_bullet(is_dot=True))
    assert '<circle class="dot" cx="25.0%"' in drawn
    assert 'class="bar"' not in drawn


def test_a_dot_on_the_goal_does_not_hide_it() -> None:
    drawn = bullet(a_bullet(is_dot=True, value=100.0))
    assert re.findall(r'class="(\w+)"', drawn)[-2:] == ["dot", "goal"]


def test_the_likely_finish_never_leaves_the_scale() -> None:
    drawn = bullet(a_bullet(likely=(150.0, 190.0, 900.0)))
    assert '<rect class="range" x="75.0%" y="8" width="25.0%"' in drawn


def test_a_pace_at_the_goal_is_not_drawn_twice() -> None:
    assert 'class="pace"' in bullet(a_bullet(pace=60.0))
    assert 'class="pace"' not in bullet(a_bullet(pace=100.5))


def test_without_a_value_only_the_goal_stands() -> None:
    drawn = bullet(a_bullet(value=None, status=Status.NO_DATA))
    assert re.findall(r'class="(\w+)"', drawn) == ["track", "goal"]


def test_both_ends_of_a_range_are_hatched() -> None:
    drawn = bullet(a_bullet(goals=(80.0, 120.0), outside=((0.0, 80.0), (120.0, 200.0))))
    assert drawn.count('class="over"') == 2
    assert drawn.count('class="goal"') == 2


def test_a_gap_line_runs_through_zero_and_ends_in_a_dot() -> None:
    drawn = spark(Spark(status=Status.BEHIND, gaps=(1.0, 0.0, -1.0)))
    assert 'class="spark behind-c"' in drawn
    assert '<path class="line" d="M2 4l56.00 11l56.00 11"/><circle class="end" cx="114" cy="26" r="3.2"/>' in drawn
    assert '<path class="area" d="M2 15V4l56.00 11l56.00 11V15z"/>' in drawn
    assert '<line class="zero" x2="120" y1="15" y2="15"/>' in drawn


def test_a_long_line_keeps_sixty_points_and_its_last() -> None:
    drawn = trend([float(value) for value in range(365)])
    assert drawn.count("l1.90") == MOST_POINTS - 1
    assert re.search(r'cx="114" cy="4"', drawn)


def test_a_line_ends_where_its_last_value_stands() -> None:
    drawn = trend([float(value * 7 % 13) for value in range(40)])
    steps = [float(step) for step in re.findall(r"l[\d.]+ ?(-?[\d.]+)", drawn)]
    first = re.search(r'd="M2 ([\d.]+)', drawn)
    last = re.search(r'cy="([\d.]+)"', drawn)
    assert first is not None
    assert last is not None
    assert float(first[1]) + sum(steps) == float(last[1])


@pytest.mark.parametrize("values", [(), (1.0,)])
def test_one_point_is_no_line(values: tuple[float, ...]) -> None:
    assert spark(Spark(status=Status.MET, gaps=values)) == ""
    assert trend(values) == ""


def test_a_flat_line_is_drawn() -> None:
    assert '<path class="line" d="M2 4l112.00 0"/>' in trend([5.0, 5.0])
    assert 'class="line"' in spark(Spark(status=Status.MET, gaps=(0.0, 0.0)))


def test_nothing_drawn_carries_a_style() -> None:
    drawn = bullet(a_bullet(likely=(1.0, 2.0, 3.0), pace=9.0)) + spark(Spark(status=Status.MET, gaps=(1.0, 2.0)))
    assert "style" not in drawn


@pytest.mark.django_db
def test_a_role_is_asked_before_a_button_is_shown(access: Access, viewer: User, organisation: Organisation) -> None:
    assert may(access, "own")
    assert not may(access_for(viewer, organisation.slug), "edit")
    assert not may(None, "view")


class Sample(forms.Form):
    name = forms.CharField(help_text="What it is called.")
    kind = forms.ChoiceField(choices=[("a", "A")])
    many = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)
    sure = forms.BooleanField()
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"class": "code"}))


def test_controls_wear_the_products_classes() -> None:
    form = Sample()
    assert 'class="input"' in control(form["name"])
    assert 'class="select"' in control(form["kind"])
    assert 'class="input text code"' in control(form["note"])


def drawn_field(form: forms.Form, name: str) -> str:
    return Template('{% include "parts/field.html" %}').render(Context({"field": form[name]}))


def test_a_wrong_field_says_so_to_eyes_and_screen_readers() -> None:
    drawn = drawn_field(Sample({}), "name")
    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="id_name_helptext id_name_error"' in drawn
    assert 'id="id_name_helptext"' in drawn
    assert 'id="id_name_error"' in drawn


def test_sets_of_choices_are_named_by_a_legend() -> None:
    drawn = drawn_field(Sample({}), "many")
    assert "<legend" in drawn
    assert 'id="id_many_error"' in drawn


def test_the_summary_leads_to_the_field() -> None:
    drawn = Template('{% include "parts/form_errors.html" %}').render(Context({"form": Sample({})}))
    assert 'href="#id_name"' in drawn
    assert "There is a problem" in drawn


def test_what_a_field_is_called_is_escaped(rf: RequestFactory) -> None:
    form = Sample({"kind": "<script>"})
    assert "<script>" not in drawn_field(form, "kind")


def test_the_next_page_keeps_the_filters(rf: RequestFactory) -> None:
    assert at_page(rf.get("/", {"q": "a b", "page": "1"}), 2) == "?q=a+b&page=2"


@pytest.mark.parametrize(("number", "text"), [(4896, "4,896"), (0, "0")])
def test_counts_are_grouped(number: int, text: str) -> None:
    assert grouped(number) == text

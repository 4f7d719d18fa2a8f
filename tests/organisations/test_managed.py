"""Marks say which file describes a row; a locked row is changed by its file alone, and so is what it stands under."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied

from organisations import managed
from organisations.managed import Locked
from organisations.models import Managed, Organisation
from organisations.tenancy import TenantModel
from tests.targets.stage import a_metric, a_target

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from targets.models import Target

FILE = "growth.yaml"
SECTIONS = ["connections", "feeds", "enrichments", "metrics", "targets", "reports"]


def put(
    organisation: Organisation, *row_ids: int, section: str = "targets", file: str = FILE, locked: bool = True
) -> None:
    """Mark rows as described by a file, and lock them."""
    managed.put(organisation, section=section, row_ids=row_ids, file=file, locked=locked)


def everything(organisation: Organisation) -> list[tuple[str, int, str, bool]]:
    """Return every mark of an organisation."""
    return list(organisation.managed.values_list("section", "row_id", "file", "is_locked"))


@pytest.fixture
def target(organisation: Organisation) -> Target:
    return a_target(a_metric(organisation, "Visitors"), goal=100)


def test_each_section_describes_the_rows_of_one_model() -> None:
    described = [model.described_in for model in apps.get_models() if issubclass(model, TenantModel)]
    assert sorted(filter(None, described)) == sorted(SECTIONS)
    assert [managed.model_of(section).described_in for section in SECTIONS] == SECTIONS


@pytest.mark.parametrize("section", ["people", ""])
def test_a_section_that_no_file_has_marks_nothing(organisation: Organisation, section: str) -> None:
    with pytest.raises(LookupError):
        put(organisation, 1, section=section)


def test_a_row_that_no_file_describes_has_no_mark(organisation: Organisation) -> None:
    assert managed.mark_of(organisation, "targets", 1) is None
    assert managed.marks_of(organisation, "targets") == {}


def test_a_mark_names_its_file_and_whether_it_is_locked(organisation: Organisation) -> None:
    put(organisation, 7, locked=False)
    mark = managed.mark_of(organisation, "targets", 7)
    assert mark is not None
    assert (mark.file, mark.is_locked) == (FILE, False)
    assert managed.marks_of(organisation, "targets") == {7: mark}


def test_marks_stay_in_their_section_and_their_organisation(
    organisation: Organisation, elsewhere: Organisation
) -> None:
    put(organisation, 7)
    assert managed.mark_of(organisation, "metrics", 7) is None
    assert managed.mark_of(elsewhere, "targets", 7) is None
    managed.refuse_locked(elsewhere, "targets", 7)


def test_the_newest_file_wins(organisation: Organisation) -> None:
    put(organisation, 1, 2)
    put(organisation, 2, 3, file="team.yaml", locked=False)
    assert everything(organisation) == [
        ("targets", 1, FILE, True),
        ("targets", 2, "team.yaml", False),
        ("targets", 3, "team.yaml", False),
    ]


def test_a_row_named_twice_is_marked_once(organisation: Organisation) -> None:
    put(organisation, 1, 1)
    assert len(everything(organisation)) == 1


def test_many_rows_are_marked_in_few_statements(
    organisation: Organisation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(40):  # SQLite takes a few hundred rows in one
        put(organisation, *range(5000))
    assert organisation.managed.count() == 5000


def test_a_file_releases_some_rows_a_section_or_all(organisation: Organisation) -> None:
    put(organisation, 1, 2)
    put(organisation, 1, 2, section="metrics")
    put(organisation, 3, file="team.yaml")
    managed.release(organisation, file=FILE, section="targets", row_ids=[1, 3])
    assert [mark[:2] for mark in everything(organisation)] == [
        ("metrics", 1),
        ("metrics", 2),
        ("targets", 2),
        ("targets", 3),
    ]
    managed.release(organisation, file=FILE, section="metrics")
    assert [mark[:2] for mark in everything(organisation)] == [("targets", 2), ("targets", 3)]
    managed.release(organisation, file=FILE)
    assert everything(organisation) == [("targets", 3, "team.yaml", True)]


def test_a_file_is_unlocked_and_locked_as_a_whole(organisation: Organisation) -> None:
    put(organisation, 1)
    put(organisation, 2, section="metrics")
    put(organisation, 3, file="team.yaml")
    managed.set_lock(organisation, FILE, locked=False)
    assert [mark[3] for mark in everything(organisation)] == [False, False, True]
    managed.set_lock(organisation, FILE, locked=True)
    assert [mark[3] for mark in everything(organisation)] == [True, True, True]


def test_marks_of_rows_of_several_models_come_in_one_query(
    organisation: Organisation, target: Target, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    metric, feed = target.metric, target.metric.feed
    put(organisation, target.pk)
    put(organisation, feed.pk, section="feeds")
    with django_assert_num_queries(1):
        marks = managed.marks_at(organisation, [target, metric, feed])
    assert set(marks) == {target, feed}
    assert marks[feed].section == "feeds"
    assert managed.marks_at(organisation, []) == {}


def test_a_locked_row_is_refused_in_a_sentence_that_says_what_to_do(organisation: Organisation, target: Target) -> None:
    put(organisation, target.pk)
    with pytest.raises(Locked) as refused:
        managed.refuse_locked(organisation, "targets", target.pk)
    assert str(refused.value) == (
        "“Visitors” is managed by growth.yaml and locked. Change it in the file and apply it, or unlock the file."
    )
    assert isinstance(refused.value, PermissionDenied)


def test_an_unlocked_row_may_be_changed_at_the_price_of_one_query(
    organisation: Organisation, target: Target, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    put(organisation, target.pk, locked=False)
    connection = target.metric.feed.connection_id
    with django_assert_num_queries(1):
        managed.refuse_locked(organisation, "targets", target.pk)
    with django_assert_num_queries(1):
        managed.refuse_deletion(organisation, "connections", connection)


@pytest.mark.parametrize("parent", ["connections", "feeds", "metrics", "targets"])
def test_what_would_take_a_locked_row_along_stays(organisation: Organisation, target: Target, parent: str) -> None:
    feed = target.metric.feed
    keys = {"connections": feed.connection_id, "feeds": feed.pk, "metrics": target.metric_id, "targets": target.pk}
    managed.refuse_deletion(organisation, parent, keys[parent])
    put(organisation, target.pk)
    with pytest.raises(Locked, match=r"“Visitors” .*is managed by growth\.yaml and locked\."):
        managed.refuse_deletion(organisation, parent, keys[parent])


def test_a_locked_row_elsewhere_keeps_nothing(organisation: Organisation, target: Target) -> None:
    other = a_target(a_metric(organisation, "Orders"), goal=10)  # from the same feed
    put(organisation, other.pk)
    managed.refuse_deletion(organisation, "metrics", target.metric_id)
    with pytest.raises(Locked, match="“Orders” would go with it"):
        managed.refuse_deletion(organisation, "connections", target.metric.feed.connection_id)


def test_a_mark_reads_as_its_file_and_its_row(organisation: Organisation) -> None:
    put(organisation, 7)
    assert str(Managed.unscoped.get()) == "growth.yaml: targets 7"

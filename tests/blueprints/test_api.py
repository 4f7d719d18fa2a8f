"""Blueprints by the API: exported, looked at, compared, applied; kept files and their locks."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from blueprints import nodes
from blueprints.exporting import export
from connectors.models import Connection
from organisations.access import Access, access_for
from organisations.models import Organisation, User
from targets.models import Target
from tests.blueprints.files import ANSWERS, WHOLE

Program = Callable[[User], APIClient]
FILES = {"growth.yaml": WHOLE}
AT = "/api/v1/growth/blueprint/"
KEPT = "/api/v1/growth/blueprints/"


@pytest.fixture
def program(api: Program, owner: User, access: Access) -> APIClient:
    return api(owner)


@pytest.fixture
def applied(program: APIClient) -> dict[str, Any]:
    """Growth as the file says, which manages it."""
    answer = program.post(f"{AT}apply/", {"files": FILES, "answers": ANSWERS, "manage": "growth.yaml"})
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_files_are_applied_and_the_answer_says_what_was_done(applied: dict[str, Any], access: Access) -> None:
    assert applied["summary"] == "9 are created."
    assert {"section": "targets", "name": "A pleasant room", "verb": "create"}.items() <= applied["changes"][-2].items()
    assert access.rows(Target).count() == 2
    assert access.rows(Connection).get(name="Analytics").unseal() == {"key": ANSWERS["ANALYTICS_KEY"]}


def test_an_export_is_yaml_unless_json_is_asked_for(program: APIClient, applied: object, access: Access) -> None:
    text = export(access)
    answer = program.get(AT)
    assert answer["Content-Type"] == "application/yaml; charset=utf-8"
    assert answer.content.decode() == text
    for as_json in (program.get(f"{AT}?form=json"), program.get(AT, headers={"accept": "application/json"})):
        assert as_json["Content-Type"] == "application/json"
        assert as_json.json() == nodes.read(text).plain()
    assert program.get(f"{AT}?form=yaml", headers={"accept": "application/json"}).content.decode() == text
    assert "owner@growth.example" not in program.get(f"{AT}?people=false").content.decode()


@pytest.mark.parametrize("query", ["people=maybe", "poeple=false"])
def test_a_strange_question_is_refused_as_a_problem(program: APIClient, query: str) -> None:
    answer = program.get(f"{AT}?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert next(iter(answer.json()["errors"])) == query.split("=")[0]


def test_a_form_that_there_is_not_is_not_found(program: APIClient) -> None:
    assert program.get(f"{AT}?form=xml").status_code == 404


def test_what_was_exported_can_be_sent_back_as_it_came(program: APIClient, applied: object) -> None:
    text = program.get(AT).content
    for kind in ("application/yaml", "text/yaml"):
        answer = program.post(f"{AT}plan/", data=text, content_type=kind)
        assert answer.json()["changes"] == []
    answer = program.post(f"{AT}plan/", {"files": {"x.yaml": program.get(f"{AT}?form=json").content.decode()}})
    assert answer.json()["changes"] == []


def test_mistakes_are_answered_with_their_places(program: APIClient) -> None:
    wrong = WHOLE.replace("    every: 1 hour", "    evry: 1 hour")
    answer = program.post(f"{AT}validate/", {"files": {"growth.yaml": wrong}})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["mistakes"] == [
        {
            "file": "growth.yaml",
            "line": 24,
            "path": ["feeds", "Analytics / Visitors", "evry"],
            "sentence": "“evry” is not known here.",
            "meant": "every",
        }
    ]
    assert program.post(f"{AT}plan/", {"files": {"a.yaml": "- no"}}).status_code == 400


def test_open_values_stay_open_when_files_are_looked_at(program: APIClient) -> None:
    answer = program.post(f"{AT}validate/", {"files": FILES})
    assert (answer.status_code, answer.json()) == (200, {"mistakes": []})


def test_a_plan_says_what_differs_and_what_is_missing(program: APIClient, applied: object, access: Access) -> None:
    changed = WHOLE.replace("every: 1 hour", "every: 15 minutes")
    plan = program.post(f"{AT}plan/", {"files": {"x": changed}, "answers": {"GOAL": "10000"}}).json()
    assert plan["changes"] == [
        {
            "section": "feeds",
            "name": "Analytics / Visitors",
            "verb": "change",
            "goes_with": "",
            "lines": [{"path": ["every"], "before": None, "after": "15 minutes"}],
        }
    ]
    assert plan["is_ready"]
    plan = program.post(f"{AT}plan/", {"files": {"x": changed}}).json()
    assert (plan["missing"], plan["is_ready"]) == (["GOAL"], False)


def test_another_plan_than_the_one_that_was_seen_is_not_applied(
    program: APIClient, applied: object, access: Access
) -> None:
    body = {"files": {"x": WHOLE.replace("every: 1 hour", "every: 15 minutes")}, "answers": {"GOAL": "10000"}}
    seen = program.post(f"{AT}plan/", body).json()["fingerprint"]
    access.rows(Target).filter(name="A pleasant room").update(team="Facilities")
    answer = program.post(f"{AT}apply/", {**body, "seen": seen})
    assert answer.status_code == 409
    seen = program.post(f"{AT}plan/", body).json()["fingerprint"]
    assert program.post(f"{AT}apply/", {**body, "seen": seen}).status_code == 200


def test_missing_answers_are_told_and_nothing_happens(program: APIClient, access: Access) -> None:
    answer = program.post(f"{AT}apply/", {"files": FILES, "answers": {"GOAL": "1"}})
    assert answer.status_code == 400
    assert [mistake["sentence"] for mistake in answer.json()["mistakes"]] == ["The secret ${ANALYTICS_KEY} is missing."]
    assert access.rows(Connection).count() == 0


def test_the_environment_is_never_read(program: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ANSWERS.items():
        monkeypatch.setenv(name, value)
    assert os.environ["GOAL"]
    assert program.post(f"{AT}apply/", {"files": FILES}).status_code == 400


def test_whoever_looks_does_not_learn_whether_a_guess_at_a_secret_is_right(
    program: APIClient, applied: object, api: Program, viewer: User
) -> None:
    for person in (program, api(viewer)):
        plans = [
            person.post(f"{AT}plan/", {"files": FILES, "answers": {"GOAL": "10000", "ANALYTICS_KEY": guess}}).json()
            for guess in ("wrong", ANSWERS["ANALYTICS_KEY"])
        ]
        assert plans[0] == plans[1]


def test_a_viewer_looks_and_changes_nothing(api: Program, viewer: User, applied: object, access: Access) -> None:
    program = api(viewer)
    assert program.get(AT).status_code == 200
    assert program.post(f"{AT}validate/", {"files": FILES}).status_code == 200
    assert program.post(f"{AT}plan/", {"files": FILES, "answers": {"GOAL": "10000"}}).status_code == 200
    assert program.post(f"{AT}apply/", {"files": FILES, "answers": ANSWERS}).status_code == 403


def test_an_editor_is_refused_the_sections_of_those_who_manage(
    api: Program, editor: User, access: Access, program: APIClient
) -> None:
    answer = api(editor).post(f"{AT}apply/", {"files": FILES, "answers": ANSWERS})
    assert answer.status_code == 409
    assert answer.json()["mistakes"][0]["path"] == ["reports"]
    assert access.rows(Target).count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "files"),
        ({"files": {}}, "files"),
        ({"files": []}, "files"),
        ({"files": {"a\nb": ""}}, "files"),
        ({"files": {"x": "y"}, "prune": "maybe"}, "prune"),
        ({"files": {"x": "y"}, "answer": {}}, "answer"),
        ({"files": {"x": "y"}, "locked": True}, "locked"),
        ({"files": {"x": "y"}, "manage": "m" * 101}, "manage"),
        ({"files": {"x": "y"}, "answers": {"A": {}}}, "answers"),
    ],
)
def test_a_strange_body_is_refused_by_its_field(program: APIClient, body: dict[str, Any], field: str) -> None:
    answer = program.post(f"{AT}apply/", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_a_body_that_is_no_text_or_too_large_is_refused(program: APIClient) -> None:
    assert program.post(f"{AT}validate/", data=b"\xff\xfe", content_type="text/yaml").status_code == 400
    assert program.post(f"{AT}validate/", data=b"\0", content_type="text/yaml").status_code == 400
    assert program.post(f"{AT}validate/", data=b" " * 5_300_000, content_type="text/yaml").status_code == 413
    assert program.post(f"{AT}validate/", data=b"a", content_type="text/plain").status_code == 415


def test_four_megabytes_of_yaml_are_taken(program: APIClient) -> None:
    text = WHOLE + "# " + "x" * 4_000_000 + "\n"
    assert program.post(f"{AT}validate/", data=text.encode(), content_type="application/yaml").status_code == 200


def test_kept_files_are_listed_with_how_far_things_have_drifted(
    program: APIClient, applied: object, access: Access
) -> None:
    row = program.get(KEPT).json()["results"][0]
    assert (row["name"], row["is_locked"], row["applied_by"]) == ("growth.yaml", False, "owner@growth.example")
    assert row["drift"] == {
        "summary": "Nothing changes: everything is as the file says.",
        "changes": 0,
        "mistakes": [],
    }
    access.rows(Target).filter(name="A pleasant room").update(team="Facilities")
    row = program.get(f"{KEPT}{row['id']}/").json()
    assert row["drift"]["changes"] == 1
    assert row["texts"] == FILES
    assert row["answers"] == {"GOAL": "10000"}, "and no secret"


def test_a_kept_file_is_locked_unlocked_and_forgotten(
    program: APIClient, applied: object, access: Access, api: Program, editor: User
) -> None:
    kept = f"{KEPT}{program.get(KEPT).json()['results'][0]['id']}/"
    target = f"/api/v1/growth/targets/{access.rows(Target).get(name='A pleasant room').pk}/"
    assert api(editor).patch(kept, {"is_locked": True}).status_code == 403
    assert program.patch(kept, {"is_locked": True}).json()["is_locked"]
    assert program.patch(target, {"team": "Facilities"}).status_code == 409
    assert program.patch(kept, {"is_locked": False}).status_code == 200
    assert program.patch(target, {"team": "Facilities"}).status_code == 200
    assert program.patch(kept, {"name": "other"}).json()["name"] == "growth.yaml"
    assert program.delete(kept).status_code == 204
    assert access.rows(Target).count() == 2
    assert not access.organisation.managed.exists()


def test_a_lock_stays_where_nothing_is_said_of_it(program: APIClient, applied: object, access: Access) -> None:
    body = {"files": FILES, "answers": ANSWERS, "manage": "growth.yaml"}
    program.post(f"{AT}apply/", {**body, "locked": True})
    assert program.post(f"{AT}apply/", body).status_code == 200
    assert access.organisation.blueprints.get().is_locked
    other = program.post(
        f"{AT}apply/",
        {
            "files": {
                "x": "blueprint: 1\ntargets:\n  A pleasant room:\n"
                "    metric: Room temperature\n    goal: at least 1 per day\n"
            }
        },
    )
    assert other.status_code == 409, "what another file holds under lock"
    assert program.post(f"{AT}apply/", {**body, "locked": False}).status_code == 200
    assert not access.organisation.blueprints.get().is_locked


def test_another_organisation_is_never_reached(
    program: APIClient, applied: object, api: Program, outsider: User, elsewhere: Organisation
) -> None:
    stranger = api(outsider)
    assert stranger.get(AT).status_code == 404
    assert stranger.post(f"{AT}plan/", {"files": FILES}).status_code == 404
    theirs = "/api/v1/elsewhere/"
    kept = program.get(KEPT).json()["results"][0]["id"]
    assert stranger.get(f"{theirs}blueprints/{kept}/").status_code == 404
    assert stranger.delete(f"{theirs}blueprints/{kept}/").status_code == 404
    assert "Analytics" not in stranger.get(f"{theirs}blueprint/").content.decode()
    lost = "blueprint: 1\ntargets:\n  X:\n    metric: Website visitors\n    goal: at least 1 per day\n"
    plan = stranger.post(f"{theirs}blueprint/plan/", {"files": {"x": lost}}).json()
    assert plan["mistakes"][0]["sentence"] == "There is no “Website visitors” under metrics."
    assert plan["mistakes"][0]["meant"] == ""
    pruned = stranger.post(f"{theirs}blueprint/apply/", {"files": {"x": "blueprint: 1\ntargets: {}\n"}, "prune": True})
    assert pruned.json()["changes"] == []
    mine = access_for(User.objects.get(email="owner@growth.example"), "growth")
    assert mine.rows(Target).count() == 2

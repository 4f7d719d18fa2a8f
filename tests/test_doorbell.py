"""The queue of an installation without a broker: every message comes once, oldest first, to whoever takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from trackerproject import doorbell

Open = Callable[[], doorbell.Channel]


@pytest.fixture
def open_channel(tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens the queue as another worker does."""
    folders = {name: tmp_path / name for name in ("messages", "processed", "control")}
    for folder in folders.values():
        folder.mkdir()
    options = {
        "data_folder_in": str(folders["messages"]),
        "data_folder_out": str(folders["messages"]),
        "processed_folder": str(folders["processed"]),
        "control_folder": str(folders["control"]),
    }
    with ExitStack() as stack:

        def opened() -> Any:
            connection = Connection(transport=doorbell.Transport, transport_options=options)
            return stack.enter_context(connection).default_channel

        yield opened


@pytest.fixture(autouse=True)
def always_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "LOOK_EVERY", 0.0)


def all_of(channel: doorbell.Channel, queue: str = "celery") -> list[Any]:
    found: list[Any] = []
    while True:
        try:
            found.append(channel._get(queue))
        except Empty:
            return found


def test_messages_come_oldest_first_and_once(open_channel: Open) -> None:
    channel = open_channel()
    for number in range(20):
        channel._put("celery", {"number": number})
    assert [message["number"] for message in all_of(channel)] == list(range(20))
    assert all_of(channel) == []


def test_each_queue_gets_its_own(open_channel: Open) -> None:
    channel = open_channel()
    channel._put("celery", "work")
    channel._put("celery@host.celery.pidbox", "a question")
    assert all_of(channel, "celery@host.celery.pidbox") == ["a question"]
    assert all_of(channel) == ["work"]


def test_what_another_worker_took_meanwhile_is_passed_over(open_channel: Open) -> None:
    one, other = open_channel(), open_channel()
    for number in range(4):
        one._put("celery", number)
    taken = [one._get("celery"), other._get("celery"), one._get("celery"), other._get("celery")]
    assert taken == [0, 1, 2, 3]
    assert all_of(one) == all_of(other) == []


def test_what_comes_after_a_look_is_found_by_the_next(open_channel: Open) -> None:
    channel = open_channel()
    assert all_of(channel) == []
    channel._put("celery", "late")
    assert all_of(channel) == ["late"]


def test_a_torn_message_holds_nobody_up(open_channel: Open, tmp_path: Path) -> None:
    channel = open_channel()
    (tmp_path / "messages" / "1_torn.celery.msg").write_text('{"half": ')
    channel._put("celery", "whole")
    assert all_of(channel) == ["whole"]

"""The queue of an installation without a broker: a folder of files, in which a message appears whole or not at all.

kombu's own transport writes a message under the name that a worker looks for, and a worker that reads the half of it
stops for good. Here a message is written aside and renamed into place, and renaming decides which worker takes it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """Puts and takes messages by renaming them; `processed_folder` holds those that are on their way in or out."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # two stubs disagree
        """Write a message aside, then put it into place."""
        name = f"{time_ns()}_{uuid4().hex}.{queue}.msg"
        aside = Path(self.processed_folder, name)
        aside.write_text(dumps(payload))
        aside.replace(Path(self.data_folder_out, name))

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002  the contract
        """Take the oldest message. Raises Empty where there is none."""
        for place in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            aside = Path(self.processed_folder, place.name)
            try:
                place.rename(aside)
            except FileNotFoundError:  # another worker was faster
                continue
            text = aside.read_text()
            aside.unlink()
            with suppress(ValueError):  # torn by a full disk; the next tick rings again
                return loads(text)
        raise Empty


class Transport(filesystem.Transport):
    """kombu's transport, with the channel above."""

    Channel = Channel

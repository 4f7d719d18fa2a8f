"""The queue of an installation without a broker: a folder of files, in which a message appears whole or not at all.

kombu's own transport writes a message under the name that a worker looks for, and a worker that reads the half of it
stops for good. Here a message is written aside and renamed into place, and deleting it decides which worker takes it.
"""

from __future__ import annotations

import os
from collections import defaultdict, deque
from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import monotonic, time_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

LOOK_EVERY = 0.1  # seconds


class Channel(filesystem.Channel):
    """Puts messages by renaming them and takes them by deleting; `processed_folder` holds those on their way in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Remember nothing yet."""
        super().__init__(*args, **kwargs)
        self._seen: dict[str, deque[str]] = defaultdict(deque)
        self._looked_at = -LOOK_EVERY

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # two stubs disagree
        """Write a message aside, then put it into place."""
        name = f"{time_ns()}_{uuid4().hex}.{queue}.msg"
        aside = Path(self.processed_folder, name)
        aside.write_text(dumps(payload))
        aside.replace(Path(self.data_folder_out, name))

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002  the contract
        """Take the oldest message. Raises Empty where there is none."""
        if not self._seen[queue]:
            self._look()
        names = self._seen[queue]
        while names:
            text = self._taken(names.popleft())
            if text is not None:
                with suppress(ValueError):  # torn by a full disk; the next tick rings again
                    return loads(text)
        raise Empty

    def _look(self) -> None:
        """Remember which messages there are, of all queues: a worker asks for several, and each look sees thousands."""
        if monotonic() - self._looked_at < LOOK_EVERY:
            return
        self._seen.clear()
        for name in sorted(os.listdir(self.data_folder_in)):  # noqa: PTH208  a Path for each of thousands takes long
            self._seen[name.partition(".")[2].removesuffix(".msg")].append(name)
        self._looked_at = monotonic()

    def _taken(self, name: str) -> str | None:
        """Return the text of a message that is this worker's now; None where another worker was faster."""
        path = f"{self.data_folder_in}/{name}"  # no Path, which takes as long as the calls together
        try:
            with open(path) as message:  # noqa: PTH123
                text = message.read()
            os.unlink(path)  # noqa: PTH108
        except FileNotFoundError:
            return None
        return text


class Transport(filesystem.Transport):
    """kombu's transport, with the channel above."""

    Channel = Channel

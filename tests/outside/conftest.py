"""Starts the servers of others, each on a port of its own, and ends them again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SECONDS_TO_START = 100.0
# none of our own settings, which a server of others might take for its own
SURROUNDINGS = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


@dataclass(frozen=True, slots=True)
class Outsider:
    """A running server that is not ours."""

    address: str
    folder: Path

    def read(self, name: str) -> str:
        """Return a file that it wrote."""
        return (self.folder / name).read_text(encoding="utf-8")


def program(name: str, variable: str) -> str:
    """Return where a program is; the test is skipped where `.ci/run` did not put it."""
    found = os.environ.get(variable) or shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not here; .ci/run installs it and names it in {variable}")
    return found


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[Outsider]:
    """Start a server, wait until it listens, and end it."""
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=SURROUNDINGS, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_until_it_listens(process, port, folder)
            yield Outsider(f"http://127.0.0.1:{port}", folder)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with socket.socket() as sock:
            sock.settimeout(0.2)
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)  # a server of others says in no other way that it is there
    pytest.fail(f"It did not start:\n{(folder / 'output').read_text()[-2000:]}")

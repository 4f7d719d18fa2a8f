"""A whole installation in a folder of its own, with real processes that can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0  # seconds to wait for something that should come soon
LEASE = 4  # seconds; short, so that a killed worker's feed is taken over within the test


@dataclass
class Installation:
    """Processes of one installation; `stop()` ends what it started and nothing else."""

    folder: Path
    database: str = ""
    environment: dict[str, str] = field(init=False)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.environment = {
            **os.environ,
            "VAR_DIR": str(self.folder),
            "DATABASE_URL": self.database or f"sqlite:///{self.folder / 'waymark.sqlite3'}",
            "BROKER_URL": os.environ.get("TEST_BROKER_URL", "filesystem://"),
            "QUEUE": uuid.uuid4().hex,  # tests beside each other share a broker, and a killed worker leaves messages
            "CACHE_URL": "locmemcache://",
            "COLLECTION_LEASE": str(LEASE),
            "MPLCONFIGDIR": str(self.folder / "matplotlib"),
        }

    def manage(self, *words: str) -> None:
        """Run a management command to its end."""
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, check=True, timeout=120)

    def worker(self, pool: str = "threads") -> subprocess.Popen[bytes]:
        """Start a worker."""
        return self._start("worker", "--pool", pool, "--concurrency", "4", "--loglevel", "ERROR", "--without-mingle")

    def beat(self) -> subprocess.Popen[bytes]:
        """Start a scheduler."""
        return self._start("beat", "--loglevel", "ERROR", "--pidfile=", "--max-interval", "1")

    def web(self) -> str:
        """Start a web server, the pretend services among its pages; returns its address."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        words = ("trackerproject.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "8", "--log-level", "error")
        self._run("gunicorn", *words, "--no-control-socket")
        address = f"http://localhost:{port}"
        wait_for(lambda: _answers(port))
        return address

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        return self._run("celery", "-A", "trackerproject", *words)

    def _run(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", *words]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process and its children at once, as the kernel does when memory runs out."""
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
        self.running.remove(process)

    def stop(self) -> None:
        """End everything this installation started."""
        for process in list(self.running):
            self.kill(process)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def wait_for(what: Callable[[], Any], *, patience: float = PATIENCE) -> None:
    """Return once something is so; fail after a minute."""
    deadline = time.monotonic() + patience
    while not what():
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {patience:.0f} seconds in vain.")
        time.sleep(0.05)

"""The whole product as somebody runs it: web server, worker, beat and a mail server, on ports of their own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from aiosmtpd.controller import Controller

from tests import environment
from tests.alerts.conftest import Inbox, free_port
from tests.processes.installation import ROOT, Installation, wait_for

HOST = "localhost"
BIND = "127.0.0.1"
USUAL_PORT = 8000


@dataclass
class Product(Installation):
    """An installation that also serves pages and sends mails; its mails land in `inbox`."""

    port: int = 0
    hashed_static: bool = False
    inbox: Inbox = field(default_factory=Inbox)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.mail = Controller(self.inbox, hostname=BIND, port=free_port())
        self.environment |= environment.FIXED | {
            "SITE_URL": self.address,
            "HASHED_STATIC": str(self.hashed_static),
            "STATIC_DIR": str(self.static),
            "OUTBOUND_ALLOWED_NETWORKS": "",  # the sandbox has to be reachable by its own rule, …
            "OUTBOUND_ALLOWED_HOSTS": BIND,  # … and by its name; this is for services that tests play
            "CACHE_URL": "dbcache://waymark_cache",
            "EMAIL_URL": f"smtp://{BIND}:{self.mail.port}",
            "COLLECTION_LEASE": "300",
            "MPLCONFIGDIR": str(ROOT / ".cache" / "matplotlib"),
        }
        del self.environment["ALLOWED_HOSTS"]  # as after `make run`: the names of the site

    @property
    def address(self) -> str:
        """Where the product is reached."""
        return f"http://{HOST}:{self.port}"

    @property
    def static(self) -> Path:
        """Where its collected files are, if it serves such."""
        return self.folder / "static"

    def start(self) -> None:
        """Prepare the database, start every process, and return once pages are served."""
        self.mail.start()
        self.manage("migrate", "--verbosity", "0")
        self.manage("createcachetable", "--verbosity", "0")
        self.serve()
        self.worker()
        self.beat()
        wait_for(self.answers)

    def serve(self) -> None:
        """Start the web server."""
        command = [sys.executable, "-m", "gunicorn", "trackerproject.wsgi", "--bind", f"{BIND}:{self.port}"]
        options = ["--workers", "2", "--threads", "8", "--no-control-socket", "--log-level", "warning"]
        process = subprocess.Popen([*command, *options], cwd=ROOT, env=self.environment, start_new_session=True)
        self.running.append(process)

    def answers(self) -> bool:
        """Say whether pages are served."""
        try:
            return requests.get(self.address, timeout=5).ok
        except requests.RequestException:
            return False

    def shell(self, program: str) -> str:
        """Run a few lines inside the installation, and return what they print."""
        command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", program]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=True, timeout=120, stdout=subprocess.PIPE)
        return done.stdout.decode()

    def stop(self) -> None:
        """End everything this installation started."""
        super().stop()
        self.mail.stop()


def usual_port() -> int:
    """Return the port of `make run`, or a free one where that is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((BIND, USUAL_PORT))
        except OSError:
            return free_port()
    return USUAL_PORT


def collect(into: Path) -> None:
    """Have the static files collected as `make run` does, unless none has changed since, and copy them.

    Whoever works on them meanwhile changes nothing for a product that runs.
    """
    subprocess.run(["make", "--silent", "staticfiles/.collected"], cwd=ROOT, check=True, timeout=300)
    shutil.copytree(ROOT / "staticfiles", into)


@contextmanager
def running(folder: Path, *, port: int | None = None, hashed_static: bool = False) -> Iterator[Product]:
    """Run the product in a folder for as long as the block lasts, on a free port unless one is given.

    With `hashed_static` its files come hashed, shortened and packed, as in a real installation.
    """
    product = Product(folder, port=port or free_port(), hashed_static=hashed_static)
    if hashed_static:
        collect(product.static)
    try:
        product.start()
        yield product
    finally:
        product.stop()

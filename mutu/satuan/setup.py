"""Makes the database ready, so that no command asks a person to set it up first."""

from __future__ import annotations

import os

import django
from django.apps import apps


def start_django() -> None:
    """Load the settings and the models, once, for a command that does not come through the web server."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mutu.web.settings")
    if not apps.ready:
        django.setup()


def ensure_database() -> None:
    """Bring the database named by DATABASE_URL to the present schema; quick when it is there already.

    Raises `django.db.OperationalError` when the database cannot be reached.
    """
    start_django()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


def sqlite_wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset bug (3.51.3, and the back-ports 3.50.7 and 3.44.6).

    Older ones can lose commits when two connections write and checkpoint at once, so they keep a rollback journal.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)

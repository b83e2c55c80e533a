"""Connects the ledger to the database as soon as there is one."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class SatuanConfig(AppConfig):
    name = "mutu.satuan"
    verbose_name = "Satuan pendidikan"

    def ready(self) -> None:
        from mutu.satuan import ledger

        connection_created.connect(ledger.connect_functions, dispatch_uid="ledger")
        post_migrate.connect(ledger.install, sender=self, dispatch_uid="ledger")

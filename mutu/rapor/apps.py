"""The report card subject."""

from django.apps import AppConfig


class RaporConfig(AppConfig):
    name = "mutu.rapor"
    verbose_name = "Rapor"

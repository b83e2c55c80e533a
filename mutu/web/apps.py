"""The face of Mutu: templates, tokens, home."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "mutu.web"

from django.apps import AppConfig


class KinerjaConfig(AppConfig):
    name = "mutu.kinerja"
    label = "kinerja"
    verbose_name = "Penilaian kinerja guru"

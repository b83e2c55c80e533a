"""Addresses of the assessment of teachers. No address holds a person's name or number."""

from django.urls import path

from mutu.kinerja.views import rencana

urlpatterns = [
    path("", rencana.overview, name="kinerja"),
]

"""Addresses of the assessment of teachers. No address holds a person's name or number."""

from django.urls import path

from mutu.kinerja.views import penilaian, rencana

urlpatterns = [
    path("", rencana.overview, name="kinerja"),
    path("tahun/<int:pk>/", rencana.year, name="kinerja-tahun"),
    path("tahun/<int:pk>/pangkat/", rencana.ranks, name="kinerja-pangkat"),
    path("tahun/<int:pk>/penilai/", rencana.assessors, name="kinerja-penilai"),
    path("penilai/<int:pk>/", rencana.assessor, name="kinerja-penilai-ubah"),
    path("rencana/<int:pk>/", rencana.assignments, name="kinerja-rencana"),
    path("penilaian/<int:pk>/", penilaian.page, name="kinerja-penilaian"),
]

"""Addresses of the assessment of teachers. No address holds a person's name or number."""

from django.urls import path

from mutu.kinerja.views import hasil, pengamatan, penilaian, rencana

urlpatterns = [
    path("", rencana.overview, name="kinerja"),
    path("tahun/<int:pk>/", rencana.year, name="kinerja-tahun"),
    path("tahun/<int:pk>/pangkat/", rencana.ranks, name="kinerja-pangkat"),
    path("tahun/<int:pk>/penilai/", rencana.assessors, name="kinerja-penilai"),
    path("penilai/<int:pk>/", rencana.assessor, name="kinerja-penilai-ubah"),
    path("rencana/<int:pk>/", rencana.assignments, name="kinerja-rencana"),
    path("penilaian/<int:pk>/", penilaian.page, name="kinerja-penilaian"),
    path("penilaian/<int:pk>/nilai/", pengamatan.progress, name="kinerja-nilai"),
    path("penilaian/<int:pk>/nilai/<int:nomor>/", pengamatan.competency, name="kinerja-kompetensi"),
    path("penilaian/<int:pk>/hasil/", hasil.page, name="kinerja-hasil"),
    path("penilaian/<int:pk>/keberatan/", hasil.objection, name="kinerja-keberatan"),
    path("bukti/<int:pk>/", pengamatan.evidence_file, name="kinerja-bukti"),
]

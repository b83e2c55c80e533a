"""Addresses of the rapor. No address holds a person's name or number."""

from django.urls import path

from mutu.rapor.views import marking, printing, settings, sheets, workbook

urlpatterns = [
    path("", marking.overview, name="rapor"),
    path("pembelajaran/<int:pk>/<int:nomor>/", marking.grid, name="rapor-kisi"),
    path("pembelajaran/<int:pk>/<int:nomor>/kolom/", marking.columns, name="rapor-kolom"),
    path("pembelajaran/<int:pk>/<int:nomor>/buku-kerja/", workbook.upload, name="rapor-buku-kerja"),
    path("pembelajaran/<int:pk>/<int:nomor>/nilai.xlsx", workbook.download, name="rapor-nilai-xlsx"),
    path("kolom/<int:pk>/", marking.column, name="rapor-kolom-ubah"),
    path("riwayat/<int:pk>/<int:anggota>/", marking.history, name="rapor-riwayat"),
    path("kenapa/<int:pk>/", marking.why, name="rapor-kenapa"),
    path("deskripsi/<int:pk>/", marking.description, name="rapor-deskripsi"),
    path("kelas/<int:pk>/<int:nomor>/", printing.board, name="rapor-kelas"),
    path("kelas/<int:pk>/<int:nomor>/ketidakhadiran/", printing.absences, name="rapor-ketidakhadiran"),
    path("kelas/<int:pk>/<int:nomor>/cetak/", printing.print_class, name="rapor-cetak-kelas"),
    path("kelas/<int:pk>/<int:nomor>/lembar/", sheets.class_sheet, name="rapor-lembar"),
    path("anggota/<int:pk>/<int:nomor>/", printing.preview, name="rapor-pratinjau"),
    path("anggota/<int:pk>/<int:nomor>/rapor.pdf", printing.single_pdf, name="rapor-pdf"),
    path("semester/<int:pk>/ketentuan/", settings.terms_page, name="rapor-ketentuan"),
    path("tahun/<int:pk>/kkm/", settings.kkm_list, name="rapor-kkm"),
    path("tahun/<int:pk>/kkm/<int:mapel>/<int:tingkat>/", settings.kkm_page, name="rapor-kkm-ubah"),
    path("mapel/<int:pk>/sk/", settings.sk_list, name="rapor-sk"),
    path("sk/<int:pk>/", settings.sk_page, name="rapor-sk-ubah"),
]

"""Addresses of places, schools, people, imports and jobs. No address holds a person's name or number."""

from django.urls import path

from mutu.satuan.views import imports, jobs, people, schools, setup, waiting

urlpatterns = [
    path("sekolah/", schools.search, name="sekolah-cari"),
    path("sekolah/impor/", imports.upload_schools, name="sekolah-impor"),
    path("sekolah/impor/templat.xlsx", imports.school_template, name="sekolah-templat"),
    path("sekolah/<str:npsn>/", schools.school, name="sekolah"),
    path("sekolah/<str:npsn>/ubah/", schools.edit, name="sekolah-ubah"),
    path("sekolah/<str:npsn>/tahun/", setup.year_new, name="tahun-baru"),
    path("sekolah/<str:npsn>/mapel/", setup.subjects, name="mapel-daftar"),
    path("sekolah/<str:npsn>/guru/", setup.teachers, name="guru-daftar"),
    path("sekolah/<str:npsn>/guru/dapodik/", imports.upload_teachers, name="guru-dapodik"),
    path("sekolah/<str:npsn>/akun/", people.school_accounts, name="akun-sekolah"),
    path("sekolah/<str:npsn>/akun/<int:pk>/", people.account_change, name="akun-ubah"),
    path("mapel/<int:pk>/", setup.subject_edit, name="mapel-ubah"),
    path("guru/<int:pk>/", setup.teacher_edit, name="guru-ubah"),
    path("guru/<int:pk>/akun/", people.teacher_account, name="guru-akun"),
    path("wali/<int:pk>/akun/", people.guardian_account, name="wali-akun"),
    path("tahun/<int:pk>/", setup.year, name="tahun"),
    path("tahun/<int:pk>/semester/", setup.semesters, name="tahun-semester"),
    path("tahun/<int:pk>/kelas/", setup.class_new, name="kelas-baru"),
    path("tahun/<int:pk>/dapodik/", imports.fetch_dapodik, name="dapodik-layanan"),
    path("tahun/<int:pk>/peserta/", people.pupils, name="peserta-daftar"),
    path("tahun/<int:pk>/peserta/baru/", people.pupil_new, name="peserta-baru"),
    path("tahun/<int:pk>/peserta/impor/", imports.upload_pupils, name="peserta-impor"),
    path("tahun/<int:pk>/peserta/dapodik/", imports.upload_dapodik_pupils, name="peserta-dapodik"),
    path("tahun/<int:pk>/peserta/templat.xlsx", imports.template, name="peserta-templat"),
    path("kelas/<int:pk>/", setup.class_page, name="kelas"),
    path("kelas/<int:pk>/ubah/", setup.class_edit, name="kelas-ubah"),
    path("kelas/<int:pk>/hapus/", setup.class_delete, name="kelas-hapus"),
    path("kelas/<int:pk>/pembelajaran/", setup.lessons, name="kelas-pembelajaran"),
    path("peserta/<int:pk>/", people.pupil, name="peserta"),
    path("peserta/<int:pk>/ubah/", people.pupil_edit, name="peserta-ubah"),
    path("peserta/<int:pk>/tahun/<int:tahun>/", people.seat, name="peserta-kelas"),
    path("peserta/<int:pk>/wali/", people.guardian_new, name="wali-baru"),
    path("peserta/<int:pk>/wali/<int:perwalian>/lepas/", people.guardian_remove, name="wali-lepas"),
    path("impor/<uuid:pk>/", imports.page, name="impor"),
    path("impor/<uuid:pk>/terapkan/", imports.confirm, name="impor-terapkan"),
    path("impor/<uuid:pk>/batal/", imports.discard, name="impor-batal"),
    path("impor/<uuid:pk>/ditolak.csv", imports.refused_rows, name="impor-ditolak"),
    path("impor/<uuid:pk>/perbaikan.xlsx", imports.error_workbook, name="impor-perbaikan"),
    path("pekerjaan/<uuid:pk>/", jobs.job, name="pekerjaan"),
    path("pekerjaan/<uuid:pk>/kemajuan/", jobs.progress, name="pekerjaan-kemajuan"),
    path("pekerjaan/<uuid:pk>/batal/", jobs.stop, name="pekerjaan-batal"),
    path("pekerjaan/<uuid:pk>/hasil/", jobs.result, name="pekerjaan-hasil"),
]

# Importing it registers what waits for operators.
__all__ = ["urlpatterns", "waiting"]

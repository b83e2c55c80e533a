"""What a program reads: a lesson's marks with their versions, one mark, and who may open a rapor."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor.models import Nilai, NilaiRapor, Penilaian
from mutu.rapor.services.keadaan import kunci_nilai
from mutu.rapor.services.marks import result_row, show_mark, show_time
from mutu.satuan.models import AnggotaKelas, Pembelajaran, Semester


def released(semester: Semester) -> bool:
    """Whether guardians may open the rapor of this semester: from the day it is handed over."""
    return semester.tanggal_rapor is not None and semester.tanggal_rapor <= timezone.localdate()


def lesson_sheet(pembelajaran: Pembelajaran, semester: Semester) -> dict[str, Any]:
    """The marks of a lesson and semester: columns, pupils, each mark that has a row, and the results. Four queries.

    A cell that is not listed has never had a mark: its version is 0.
    """
    columns = list(Penilaian.objects.filter(pembelajaran=pembelajaran, semester=semester).select_related("sk"))
    columns.sort(key=lambda column: (column.ranah, Penilaian.Jenis.values.index(column.jenis), column.nomor))
    for column in columns:
        column.semester = semester
    members = AnggotaKelas.objects.filter(kelas_id=pembelajaran.kelas_id, keluar__isnull=True)
    pupils = list(members.values_list("pk", "peserta__nama", "peserta__nis"))
    marks = (
        Nilai.objects.filter(penilaian__in=[column.pk for column in columns], anggota__keluar__isnull=True)
        .order_by("penilaian_id", "anggota_id")
        .values_list("penilaian_id", "anggota_id", "nilai", "versi")
    )
    results = NilaiRapor.objects.filter(
        pembelajaran=pembelajaran, semester=semester, anggota__keluar__isnull=True
    ).order_by("anggota_id")
    return {
        "pembelajaran": pembelajaran.pk,
        "semester": semester.nomor,
        "kolom": [
            {
                "penilaian": column.pk,
                "judul": column.judul,
                "jenis": column.jenis,
                "sk": column.sk.nomor if column.sk else None,
            }
            for column in columns
        ],
        "peserta": [{"anggota": pk, "nama": name, "nis": nis} for pk, name, nis in pupils],
        "sel": [
            {"penilaian": column, "anggota": pupil, "nilai": show_mark(value), "versi": version}
            for column, pupil, value, version in marks
        ],
        "hasil": [result_row(row) for row in results.defer("langkah", "peringatan")],
    }


def one_mark(penilaian: Penilaian, anggota: int) -> dict[str, Any]:
    """One mark with its version, author and time, and why it cannot be changed, if so. Version 0: never a mark."""
    mark = Nilai.objects.select_related("oleh").filter(penilaian=penilaian, anggota_id=anggota).first()
    return {
        "penilaian": penilaian.pk,
        "anggota": anggota,
        "nilai": show_mark(mark.nilai) if mark else "",
        "versi": mark.versi if mark else 0,
        "oleh": str(mark.oleh or _("akun yang sudah dihapus")) if mark else None,
        "pada": show_time(mark.pada) if mark else None,
        "terkunci": kunci_nilai(penilaian.pembelajaran, penilaian.semester).pesan(anggota),
    }

"""What a program reads: a lesson's marks with their versions, one mark, and who may open a rapor."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor.models import MapelTingkat, Nilai, NilaiRapor, Penilaian, StandarKompetensi
from mutu.rapor.services.keadaan import kunci_nilai
from mutu.rapor.services.marks import result_row, show_mark, show_time
from mutu.satuan import rows
from mutu.satuan.models import AnggotaKelas, Pembelajaran, Semester


def released(semester: Semester) -> bool:
    """Whether guardians may open the rapor of this semester: from the day it is handed over."""
    return semester.tanggal_rapor is not None and semester.tanggal_rapor <= timezone.localdate()


@dataclass(frozen=True, slots=True)
class GridContent:
    """What the mark grid of a lesson and semester shows.

    `kolom`: the columns with their SK, in no order; `peserta`: key and name of each pupil, as in class lists; `nilai`:
    (column, pupil) -> mark and version of each mark that has a row; `hasil`: pupil -> stored result, without steps and
    warnings; `kkm`: None while nobody has set it.
    """

    kolom: list[Penilaian]
    peserta: list[tuple[int, str]]
    nilai: dict[tuple[int, int], tuple[Decimal | None, int]]
    hasil: dict[int, NilaiRapor]
    kkm: int | None


_RESULT = [
    one.attname
    for one in NilaiRapor._meta.concrete_fields
    if one.name not in ("langkah", "peringatan", "aturan", "pada")
]


def grid_content(pembelajaran: Pembelajaran, semester: Semester) -> GridContent:
    """The content of the grid in five queries, which are ready: it is the page that is opened most."""
    kelas = pembelajaran.kelas
    results = (
        NilaiRapor.from_db(DEFAULT_DB_ALIAS, _RESULT, row) for row in rows.read(_results, pembelajaran.pk, semester.pk)
    )
    marks = rows.read(_marks, pembelajaran.pk, semester.pk)
    subject = rows.read(_kkm, semester.tahun_id, pembelajaran.mapel_id, kelas.tingkat)
    return GridContent(
        kolom=[_column(semester, *row) for row in rows.read(_columns, pembelajaran.pk, semester.pk)],
        peserta=rows.read(_pupils, kelas.pk),
        nilai={(column, pupil): (value, version) for column, pupil, value, version in marks},
        hasil={row.anggota_id: row for row in results},
        kkm=subject[0][0] if subject else None,
    )


def _columns(pembelajaran: int, semester: int) -> Any:
    return Penilaian.objects.filter(pembelajaran_id=pembelajaran, semester_id=semester).values_list(
        "pk", "jenis", "ranah", "nomor", "keterangan", "sk_id", "sk__nomor", "sk__uraian"
    )


def _column(
    semester: Semester, pk: int, jenis: str, ranah: str, nomor: int, about: str, sk: int | None, number: int, unit: str
) -> Penilaian:
    return Penilaian(
        pk=pk,
        semester=semester,
        jenis=jenis,
        ranah=ranah,
        nomor=nomor,
        keterangan=about,
        sk=None if sk is None else StandarKompetensi(pk=sk, nomor=number, uraian=unit),
    )


def _pupils(kelas: int) -> Any:
    return AnggotaKelas.objects.filter(kelas_id=kelas, keluar__isnull=True).values_list("pk", "peserta__nama")


def _marks(pembelajaran: int, semester: int) -> Any:
    return Nilai.objects.filter(penilaian__pembelajaran_id=pembelajaran, penilaian__semester_id=semester).values_list(
        "penilaian_id", "anggota_id", "nilai", "versi"
    )


def _results(pembelajaran: int, semester: int) -> Any:
    return NilaiRapor.objects.filter(pembelajaran_id=pembelajaran, semester_id=semester).values_list(*_RESULT)


def _kkm(tahun: int, mapel: int, tingkat: int) -> Any:
    return MapelTingkat.objects.filter(tahun_id=tahun, mapel_id=mapel, tingkat=tingkat).values_list("kkm")


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

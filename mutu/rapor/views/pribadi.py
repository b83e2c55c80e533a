"""What the pages beside the marks share, and the overview of a class: activities, character, absence, achievements."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor import rules
from mutu.rapor.models import Ketidakhadiran, NilaiPengembangan, Prestasi, Sikap
from mutu.rapor.services.pribadi import Outcome
from mutu.rapor.views.marking import semester_of
from mutu.satuan.access import on_object
from mutu.satuan.models import AnggotaKelas, Kelas, Semester

CLASS = ("tahun__sekolah", "wali_kelas")


def crumbs(kelas: Kelas, semester: Semester, title: str, *, board: bool = True) -> list[tuple[str, str]]:
    """The way to a page of a class; without `board` for a teacher who may not open the class board."""
    name = _("Kelas {nama}").format(nama=kelas.nama)
    middle = [(name, reverse("rapor-kelas", args=[kelas.pk, semester.nomor]))] if board else []
    return [(pgettext("banyak", "Rapor"), reverse("rapor")), *middle, (title, "")]


def heading(kelas: Kelas, semester: Semester) -> str:
    """The small line above a page's title."""
    return _("Kelas {nama}, {tahun}, semester {n}").format(nama=kelas.nama, tahun=kelas.tahun.label, n=semester.nomor)


def present(kelas: Kelas) -> list[AnggotaKelas]:
    """The pupils who sit in a class now, by name."""
    return list(AnggotaKelas.objects.filter(kelas=kelas, keluar__isnull=True).select_related("peserta"))


def version(request: HttpRequest, name: str) -> int:
    """The version a form was shown with; 404 for a value that no form of ours sends."""
    value = request.POST.get(name, "0")
    if not value.isdigit() or len(value) > 9:
        raise Http404
    return int(value)


def keeps_stored(request: HttpRequest, key: str) -> bool:
    """Whether the visitor, shown both values of a conflict, chose the stored one."""
    return request.POST.get(f"pilih-{key}") == "tersimpan"


def seen(request: HttpRequest, key: str) -> int:
    """The version a row was typed over. After a conflict it stays the old one, and conflicts again, until the visitor

    chooses the own value: that choice carries the version whose value was shown beside it.
    """
    return version(request, f"pilih-{key}" if f"pilih-{key}" in request.POST else f"versi-{key}")


def faults(outcome: Outcome, members: list[AnggotaKelas], control: str = "") -> list[tuple[str, str]]:
    """The rows left alone, for the error summary; `control` (or the row's part) begins the id of the field to mend."""
    names = {member.pk: member.peserta.nama for member in members}
    return [(f"{one.bagian or control}-{one.anggota}", f"{names[one.anggota]}: {one.pesan}") for one in outcome.tolakan]


@on_object("cetak", Kelas, related=CLASS)
def overview(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """Pupil by pupil, what will stand on the rapor beside the marks."""
    semester = semester_of(kelas, nomor)
    aturan = rules.aturan_untuk(kelas.kurikulum, semester.selesai)
    members = present(kelas)
    aspects = rules.aspek_sikap(aturan)
    letters: dict[int, list[rules.Kegiatan]] = {}
    of_class = {"semester": semester, "anggota__kelas": kelas}
    for row in NilaiPengembangan.objects.filter(**of_class).select_related("kegiatan"):
        activity = rules.Kegiatan(row.kegiatan.nama, row.nilai, row.kegiatan.urutan, row.keterangan)
        letters.setdefault(row.anggota_id, []).append(activity)
    character = {(row.anggota_id, row.aspek): row for row in Sikap.objects.filter(**of_class)}
    days = {row.anggota_id: row for row in Ketidakhadiran.objects.filter(**of_class)}
    achievements: dict[int, list[Prestasi]] = {}
    for one in Prestasi.objects.filter(**of_class):
        achievements.setdefault(one.anggota_id, []).append(one)
    rows: list[dict[str, Any]] = []
    for member in members:
        absence = days.get(member.pk)
        counted = [getattr(absence, name) if absence else None for name in ("sakit", "izin", "tanpa_keterangan")]
        rows.append(
            {
                "anggota": member,
                "kegiatan": rules.kegiatan_terbaik(letters.get(member.pk, []), aturan),
                "sikap": [character.get((member.pk, aspek)) for aspek in aspects],
                "hari": [None if value is None else rules.ketidakhadiran_cetak(value, aturan) for value in counted],
                "prestasi": achievements.get(member.pk, []),
            }
        )
    context = {
        "kelas": kelas,
        "semester": semester,
        "atas": heading(kelas, semester),
        "aspek": aspects,
        "rows": rows,
        "jejak": crumbs(kelas, semester, _("Ringkasan di luar nilai")),
    }
    return render(request, "rapor/pribadi.html", context)

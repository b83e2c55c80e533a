"""Rapor week: the school's readiness, whom it waits for, and what each person still owes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor.models import KegiatanPengembangan, NilaiPengembangan
from mutu.rapor.services import cards, kesiapan
from mutu.rapor.services.kesiapan import Gap
from mutu.satuan.access import can, on_object, roles_of, visible_to
from mutu.satuan.menunggu import Line, waiting_for
from mutu.satuan.models import Akun, Kelas, Pembelajaran, Semester

SHOWN_NAMES = 5


@dataclass
class Doors:
    """Which of the pages that mend a gap this visitor may open, and their addresses.

    `kelola`: sets KKM and SK; `sahkan`: the head; `wali`: the homeroom teacher. Whoever may not open the page itself
    is led to the nearest one that shows the matter, or nowhere.
    """

    kelola: bool = False
    sahkan: bool = False
    wali: bool = False
    pembelajaran: frozenset[int] = frozenset()
    _made: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def url(self, gap: Gap, kelas: int, nomor: int) -> str:
        """The address for one gap; empty when the visitor may open none."""
        route, args = gap["tautan"]
        kind, lesson = gap["jenis"], gap["pembelajaran"]
        if kind in ("remedial", "ajuan") and lesson not in self.pembelajaran:
            route, args = "rapor-kisi", (lesson, nomor)
        elif kind in ("ketidakhadiran", "sikap") and not self.wali:
            route, args = ("rapor-pribadi", (kelas, nomor)) if self.sahkan else ("", ())
        elif (
            (kind == "kkm" and not self.kelola)
            or (kind == "keputusan" and not (self.sahkan or self.wali))
            or (route == "rapor-pribadi" and not (self.sahkan or self.wali))
        ):
            return ""
        if not route:
            return ""
        key = (route, *args)
        if key not in self._made:
            try:
                self._made[key] = reverse(route, args=args)
            except NoReverseMatch:
                self._made[key] = ""
        return self._made[key]


def doors_of(request: HttpRequest, kelas: Kelas, lessons: list[Pembelajaran]) -> Doors:
    """What the visitor of a class board may open. One query beside those of the roles."""
    roles = roles_of(request.user)
    school = kelas.tahun.sekolah_id
    return Doors(
        kelola=school in roles.schools.get("operator_sekolah", ()),
        sahkan=school in roles.schools.get("kepala_sekolah", ()),
        wali=can(request.user, "wali", kelas),
        pembelajaran=frozenset(
            lesson.pk for lesson in lessons if lesson.guru and lesson.guru.akun_id == request.user.pk
        ),
    )


def _names(names: list[str]) -> str:
    if len(names) <= SHOWN_NAMES:
        return ", ".join(names)
    return _("{nama}, dan {n} lainnya").format(nama=", ".join(names[:SHOWN_NAMES]), n=len(names) - SHOWN_NAMES)


@on_object("pantau", Semester, related=("tahun__sekolah",))
def school(request: HttpRequest, semester: Semester) -> HttpResponse:
    """Every class: how many rapor are complete, what is missing, and whom each gap waits for."""
    roles = roles_of(request.user)
    sekolah = semester.tahun.sekolah_id
    head = sekolah in roles.schools.get("kepala_sekolah", ())
    doors = Doors(kelola=sekolah in roles.schools.get("operator_sekolah", ()), sahkan=head)
    board = kesiapan.school_board(semester)
    rows, owing = [], dict[str, dict[str, Any]]()
    for one in board:
        pk, nomor = one.kelas.pk, semester.nomor
        lines: list[dict[str, Any]] = [
            {
                "hal": tally.hal,
                "rincian": ", ".join(tally.hal["rincian"]),
                "n": len(tally.nama),
                "nama": _names(tally.nama),
                "url": doors.url(tally.hal, pk, nomor),
            }
            for tally in one.hal
        ]
        handing: list[dict[str, Any]] = [{"hal": gap, "url": doors.url(gap, pk, nomor)} for gap in one.belum_diajukan]
        rows.append({"satu": one, "hal": lines, "ajuan": handing})
        for line in lines:
            person = owing.setdefault(line["hal"]["siapa"], {"n": 0, "kelas": {}})
            person["n"] += line["n"]
            person["kelas"][one.kelas.nama] = (pk, person["kelas"].get(one.kelas.nama, (pk, 0))[1] + line["n"])
        for one_ajuan in handing:
            owing.setdefault(one_ajuan["hal"]["siapa"], {"n": 0, "kelas": {}})["ajuan"] = True
    total = sum(one.jumlah for one in board)
    complete = sum(one.lengkap for one in board)
    context = {
        "semester": semester,
        "rows": rows,
        "orang": sorted(owing.items(), key=lambda item: (-item[1]["n"], item[0])),
        "total": total,
        "lengkap": complete,
        "boleh_ingatkan": head,
        "pengingat": kesiapan.last_reminder(semester),
        "batas_pesan": kesiapan.LONGEST_MESSAGE,
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor")), (_("Kesiapan rapor"), "")],
    }
    return render(request, "rapor/kesiapan.html", context)


# What waits, on the home page


def running(akun: Akun, role: str) -> Semester | None:
    """The semester that runs in the schools where the account holds this role."""
    return cards.running_semester(akun, role)


@waiting_for("guru")
def owed_remedial(akun: Akun) -> list[Line]:
    """Lessons with marks under the KKM that still wait for a remedial or a reason."""
    semester = running(akun, "guru")
    if semester is None:
        return []
    own = visible_to(akun, "isi", Pembelajaran).filter(kelas__tahun_id=semester.tahun_id)
    lessons = list(own.select_related("kelas", "mapel"))
    owed = kesiapan.owing_remedial(lessons, semester)
    return [
        Line(
            _("Remedial {mapel} {kelas}").format(mapel=lesson.mapel.nama, kelas=lesson.kelas.nama),
            reverse("rapor-remedial", args=[lesson.pk, semester.nomor]),
            count=owed[lesson.pk],
            due=semester.tanggal_rapor,
            detail=_("nilai di bawah batas tuntas tanpa remedial dan tanpa alasan"),
        )
        for lesson in lessons
        if owed.get(lesson.pk)
    ]


@waiting_for("guru")
def empty_activities(akun: Akun) -> list[Line]:
    """Activities that this teacher leads and in which nobody has a letter yet this semester."""
    semester = running(akun, "guru")
    if semester is None:
        return []
    rows = visible_to(akun, "isi", KegiatanPengembangan).filter(sekolah_id=semester.tahun.sekolah_id)
    filled = NilaiPengembangan.objects.filter(semester=semester, kegiatan__in=rows.values("pk"))
    return [
        Line(
            _("Nilai kegiatan {nama}").format(nama=activity.nama),
            reverse("rapor-pembina", args=[activity.pk]),
            due=semester.tanggal_rapor,
            detail=_("belum ada peserta didik yang bernilai"),
        )
        for activity in rows.exclude(pk__in=filled.values("kegiatan_id"))
    ]


@waiting_for("kepala_sekolah")
def readiness(akun: Akun) -> list[Line]:
    """How many rapor of the head's school are not complete."""
    semester = running(akun, "kepala_sekolah")
    if semester is None:
        return []
    board = kesiapan.school_board(semester)
    total = sum(one.jumlah for one in board)
    left = total - sum(one.lengkap for one in board)
    if not left:
        return []
    return [
        Line(
            _("Kesiapan rapor semester {n}").format(n=semester.nomor),
            reverse("rapor-kesiapan", args=[semester.pk]),
            count=left,
            due=semester.tanggal_rapor,
            detail=_("{n} dari {total} rapor belum lengkap").format(n=left, total=total),
        )
    ]

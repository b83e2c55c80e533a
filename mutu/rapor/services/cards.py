"""What the homeroom teacher adds to the marks: absences; and the teacher's own words; and which semester is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import Ketidakhadiran, NilaiRapor
from mutu.rapor.services.keadaan import kunci_nilai, kunci_pribadi
from mutu.rapor.services.marks import lock_lesson
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.access import roles_of
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Semester

ABSENCE = ("sakit", "izin", "tanpa_keterangan")
MAX_DAYS = 200


@dataclass(frozen=True)
class Absence:
    """Days absent of one pupil as typed; None is "not recorded", which differs from 0 (R31). `versi` as seen."""

    anggota: int
    sakit: int | None
    izin: int | None
    tanpa_keterangan: int | None
    versi: int


def parse_days(typed: str) -> int | None:
    """Days as a person typed them; None for an empty cell, 0 for `0` or a dash. Raises InputError otherwise."""
    text = typed.strip()
    if not text:
        return None
    if text in ("-", "–"):
        return 0
    if not (text.isascii() and text.isdigit()) or int(text[:6]) > MAX_DAYS:
        raise InputError.at(
            "hari",
            _("“{isi}” bukan jumlah hari; isi bilangan bulat 0 sampai {batas}.").format(isi=text[:20], batas=MAX_DAYS),
        )
    return int(text)


def save_absences(*, kelas: Kelas, semester: Semester, rows: Sequence[Absence], by: Akun) -> list[dict[str, str]]:
    """Save the absences of a class. Returns the rows left alone, each with the reason.

    Left alone are rows that somebody else changed meanwhile, those of a locked rapor, and those added up from daily
    attendance, which are changed on the day itself.
    Source: Petunjuk Pengelolaan Rapor SMP 2007, Bab II.C, Ketidakhadiran.
    """
    conflicts: list[dict[str, str]] = []
    with ledger.record("rapor.simpan_ketidakhadiran", by=by, details={"kelas": kelas.pk}) as notes:
        Kelas.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=kelas.pk)
        members = {
            member.pk: member
            for member in AnggotaKelas.objects.filter(kelas=kelas, keluar__isnull=True).select_related("peserta")
        }
        stored = {
            row.anggota_id: row for row in Ketidakhadiran.objects.filter(semester=semester, anggota_id__in=members)
        }
        locked = kunci_pribadi(semester, members)
        saved = 0
        for wanted in rows:
            member = members.get(wanted.anggota)
            if member is None:
                raise InputError.at("anggota", _("Peserta didik ini tidak ada di kelas; muat ulang halaman."))
            row = stored.get(wanted.anggota) or Ketidakhadiran(anggota=member, semester=semester, versi=0)
            values = {name: getattr(wanted, name) for name in ABSENCE}
            if all(getattr(row, name) == value for name, value in values.items()):
                continue
            if fault := locked.get(member.pk) or (row.dari_harian and _added_up()):
                conflicts.append({"jalur": str(member.pk), "pesan": f"{member.peserta.nama}: {fault}"})
                continue
            if row.versi != wanted.versi:
                conflicts.append(
                    {
                        "jalur": str(wanted.anggota),
                        "pesan": _(
                            "Ketidakhadiran {nama} sudah diubah orang lain menjadi {isi}; muat ulang lalu isi lagi."
                        ).format(
                            nama=member.peserta.nama,
                            isi=" / ".join("" if getattr(row, n) is None else str(getattr(row, n)) for n in ABSENCE),
                        ),
                    }
                )
                continue
            for name, value in values.items():
                setattr(row, name, value)
            row.versi += 1
            row.save()
            saved += 1
        notes["baris"] = saved
    return conflicts


def _added_up() -> str:
    return _("angka ini dijumlahkan dari kehadiran harian; ubah pada harinya.")


def write_description(*, row: NilaiRapor, text: str, versi: int, by: Akun) -> tuple[str, ...]:
    """Let the teacher's own words stand on the rapor; empty text brings the computed sentence back (R24).

    Returns advice on the length. Raises InputError at `versi` when somebody changed the row meanwhile, at `teks` when
    it is locked.
    """
    words = " ".join(text.split())
    with ledger.record("rapor.tulis_deskripsi", by=by, details={"nilai_rapor": row.pk}):
        lock_lesson(row.pembelajaran)
        current = NilaiRapor.objects.select_for_update().get(pk=row.pk)
        if current.versi != versi:
            raise InputError.at(
                "versi", _("Baris ini sudah berubah sejak Anda membukanya; muat ulang, lalu tulis lagi.")
            )
        if reason := kunci_nilai(current.pembelajaran, current.semester).pesan(current.anggota_id):
            raise InputError.at("teks", reason)
        current.deskripsi_manual = words
        current.versi += 1
        current.pada = timezone.now()
        current.save(update_fields=["deskripsi_manual", "versi", "pada"])
    return rules.saran_panjang(words, rules.aturan_dengan_id(current.aturan)) if words else ()


def semester_of(kelas: Kelas, nomor: int) -> Semester | None:
    """Semester 1 or 2 of a class's year, with school and terms fetched along; None when the school has not made it."""
    return (
        Semester.objects.filter(tahun_id=kelas.tahun_id, nomor=nomor)
        .select_related("tahun__sekolah__kabkota", "tahun__sekolah__kecamatan", "ketentuan")
        .first()
    )


def open_semester(sekolah_ids: Any = None, *, tahun_id: int | None = None, today: Any = None) -> Semester | None:
    """The semester that runs today, else the last one that began; for one year or for the newest of some schools."""
    day = today or timezone.localdate()
    rows = Semester.objects.select_related("tahun__sekolah__kabkota", "tahun__sekolah__kecamatan")
    rows = rows.filter(tahun_id=tahun_id) if tahun_id else rows.filter(tahun__sekolah_id__in=sekolah_ids)
    begun = rows.filter(mulai__lte=day).order_by("-mulai").first()
    return begun or rows.order_by("mulai").first()


def running_semester(akun: Akun, role: str) -> Semester | None:
    """`open_semester` of the schools where the account holds this role, read once per request as its roles are."""
    schools = roles_of(akun).schools[role]
    found: dict[frozenset[int], Semester | None] = akun.__dict__.setdefault("_semester", {})
    if schools not in found:
        found[schools] = open_semester(schools)
    return found[schools]


def lesson_progress(lessons: Any, semester: Semester) -> dict[int, tuple[int, int]]:
    """Complete and expected rapor marks of each lesson: pembelajaran id -> (complete, pupils). Two queries."""
    ids = [lesson.pk for lesson in lessons]
    done = dict(
        NilaiRapor.objects.filter(
            pembelajaran_id__in=ids, semester=semester, anggota__keluar__isnull=True, nilai__isnull=False, kurang=[]
        )
        .order_by()
        .values_list("pembelajaran_id")
        .annotate(n=Count("pk"))
    )
    pupils = dict(
        Kelas.objects.filter(pembelajaran__in=ids)
        .order_by()
        .values_list("pembelajaran")
        .annotate(n=Count("anggota", filter=Q(anggota__keluar__isnull=True), distinct=True))
    )
    return {pk: (done.get(pk, 0), pupils.get(pk, 0)) for pk in ids}

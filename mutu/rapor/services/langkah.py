"""The steps of a rapor before it is final (R51): marks handed over, checked by the homeroom teacher, given back.

Which step leads where, who takes it and whether it needs a reason stands in the rule set (`alur_rapor`). Every step
locks the lessons and the class first, so that steps and saves of marks follow one another; each may be asked twice
without a second effect.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import AjuanNilai, NilaiRapor, Rapor
from mutu.rapor.services import kesiapan, remedial
from mutu.rapor.services.keadaan import LOCKED
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.access import roles_of
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Pembelajaran, Semester

Status = Rapor.Status
LONGEST_LIST = 12


@dataclass(frozen=True)
class Tertahan:
    """A pupil whose rapor did not take the step, and every reason."""

    anggota: int
    nama: str
    sebab: tuple[str, ...]


@dataclass
class Hasil:
    """What became of a step: pupils who took it now, who had taken it before, and who could not."""

    berubah: list[int] = field(default_factory=list)
    sudah: list[int] = field(default_factory=list)
    tertahan: list[Tertahan] = field(default_factory=list)


def kunci_kelas(kelas: Kelas) -> None:
    """One step of a class at a time, and none beside a save of its marks. Lessons first, then the class, as saves do.

    SQLite has one writer anyway: the transaction began with BEGIN IMMEDIATE.
    """
    if connection.features.has_select_for_update:
        list(Pembelajaran.objects.select_for_update(of=("self",)).filter(kelas=kelas).order_by("pk").values_list("pk"))
        Kelas.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=kelas.pk)


def wajib_berhak(nama: str, semester: Semester, by: Akun, *, kelas: Kelas, guru: Pembelajaran | None = None) -> None:
    """Raises InputError at `oleh` when this account does not stand in the relation that the step asks for."""
    relation = rules.alur(rules.aturan_pada(semester.selesai))[nama].oleh
    if relation == "guru_mapel":
        teacher = guru.guru.akun_id if guru and guru.guru else None
        # Marks of a teacher who left would hold the class for ever: the homeroom teacher stands in.
        holds = teacher == by.pk if teacher else bool(kelas.wali_kelas and kelas.wali_kelas.akun_id == by.pk)
    elif relation == "wali_kelas":
        holds = bool(kelas.wali_kelas and kelas.wali_kelas.akun_id == by.pk)
    else:
        holds = kelas.tahun.sekolah_id in roles_of(by).schools.get(relation, frozenset())
    if not holds:
        raise InputError.at(
            "oleh", _("Langkah ini bukan wewenang Anda; hubungi {siapa}.").format(siapa=siapa(relation))
        )


def siapa(relation: str) -> str:
    """Who stands in a relation, as a person says it."""
    names = {"guru_mapel": _("guru mata pelajaran"), "wali_kelas": _("wali kelas")}
    return names.get(relation, _("kepala sekolah"))


def pindahkan(row: Rapor, nama: str, by: Akun, alasan: str = "") -> None:
    """Let a rapor take a step: the state the table gives, a new version. Raises InputError as `rules.langkah_alur`."""
    row.status = rules.langkah_alur(nama, row.status, rules.aturan_pada(row.semester.selesai), alasan)
    row.versi += 1
    row.oleh, row.pada = by, timezone.now()


def rapor_kelas(kelas: Kelas, semester: Semester, anggota_ids: Collection[int] | None = None) -> dict[int, Rapor]:
    """The rapor of the pupils who sit in the class, made as draft where there is none, in the order of the class."""
    members = AnggotaKelas.objects.filter(kelas=kelas, keluar__isnull=True).select_related("peserta")
    if anggota_ids is not None:
        members = members.filter(pk__in=anggota_ids)
    stored = {row.anggota_id: row for row in Rapor.objects.filter(semester=semester, anggota__kelas=kelas)}
    found = {}
    for member in members:
        row = stored.get(member.pk) or Rapor(status=Status.DRAF, versi=0, pada=timezone.now())
        row.anggota, row.semester = member, semester
        found[member.pk] = row
    return found


# Handing over the marks of a lesson


def ajukan_nilai(*, pembelajaran: Pembelajaran, semester: Semester, by: Akun) -> AjuanNilai:
    """Hand the marks of a lesson to the homeroom teacher. Asked twice it stays handed over.

    Raises InputError at `nilai` with every pupil whose mark is not complete.
    """
    kelas = pembelajaran.kelas
    with ledger.record("rapor.ajukan_nilai", by=by, details={"pembelajaran": pembelajaran.pk, "semester": semester.pk}):
        kunci_kelas(kelas)
        wajib_berhak("ajukan", semester, by, kelas=kelas, guru=pembelajaran)
        row = AjuanNilai.objects.filter(pembelajaran=pembelajaran, semester=semester).first()
        if row is not None and row.status == AjuanNilai.Status.DIAJUKAN:
            return row
        if galat := kurang_pembelajaran(pembelajaran, semester):
            raise InputError([{"jalur": "nilai", "pesan": pesan} for pesan in galat])
        row = row or AjuanNilai(pembelajaran=pembelajaran, semester=semester, versi=0)
        _set(row, AjuanNilai.Status.DIAJUKAN, "", by)
        _follow(kelas, semester, by)
    return row


def kurang_pembelajaran(pembelajaran: Pembelajaran, semester: Semester) -> list[str]:
    """What a lesson still lacks before it can be handed over, a sentence per pupil: marks, and remedial (R16).

    Once handed over neither can be entered. Three queries.
    """
    owing = {pupil for pupil, lesson in remedial.owing(pembelajaran.kelas, semester) if lesson == pembelajaran.pk}
    rows = {
        anggota: (nilai, kurang)
        for anggota, nilai, kurang in NilaiRapor.objects.filter(pembelajaran=pembelajaran, semester=semester)
        .order_by()
        .values_list("anggota_id", "nilai", "kurang")
    }
    members = AnggotaKelas.objects.filter(kelas_id=pembelajaran.kelas_id, keluar__isnull=True)
    sentences = []
    for anggota, nama in members.values_list("pk", "peserta__nama"):
        nilai, kurang = rows.get(anggota, (None, []))
        if kurang or nilai is None:
            sentences.append(f"{nama}: {', '.join(kurang) or _('belum ada nilai')}")
        elif anggota in owing:
            sentences.append(_("{nama}: di bawah KKM, belum remedial dan belum ada alasannya").format(nama=nama))
    return sentences


def tarik_ajuan(*, pembelajaran: Pembelajaran, semester: Semester, by: Akun) -> None:
    """Take a lesson back to change its marks. Raises InputError at `ajuan` once a rapor of the class is checked."""
    _give_back("tarik_ajuan", pembelajaran, semester, "", by)


def kembalikan_ajuan(*, pembelajaran: Pembelajaran, semester: Semester, alasan: str, by: Akun) -> None:
    """Let the homeroom teacher give a lesson back, with a reason that the teacher reads. Raises as `tarik_ajuan`."""
    _give_back("kembalikan", pembelajaran, semester, alasan, by)


def _give_back(nama: str, pembelajaran: Pembelajaran, semester: Semester, alasan: str, by: Akun) -> None:
    kelas, words = pembelajaran.kelas, " ".join(alasan.split())
    with ledger.record(f"rapor.{nama}", by=by, details={"pembelajaran": pembelajaran.pk, "semester": semester.pk}):
        kunci_kelas(kelas)
        wajib_berhak(nama, semester, by, kelas=kelas, guru=pembelajaran)
        rules.langkah_alur(nama, Status.DIAJUKAN, rules.aturan_pada(semester.selesai), words)
        row = AjuanNilai.objects.filter(
            pembelajaran=pembelajaran, semester=semester, status=AjuanNilai.Status.DIAJUKAN
        ).first()
        if row is None:
            return
        if (
            Rapor.objects.filter(semester=semester, anggota__kelas=kelas)
            .exclude(status__in=(Status.DRAF, Status.DIAJUKAN))
            .exists()
        ):
            raise InputError.at(
                "ajuan",
                _("Sebagian rapor kelas ini sudah diperiksa; wali kelas membuka pemeriksaannya dahulu, atau kepala "
                  "sekolah membuka revisi untuk satu peserta didik."),
            )  # fmt: skip
        _set(row, AjuanNilai.Status.DIKEMBALIKAN, words, by)
        _follow(kelas, semester, by)


def _set(row: AjuanNilai, status: str, alasan: str, by: Akun) -> None:
    row.status, row.alasan, row.oleh, row.pada = status, alasan[:300], by, timezone.now()
    row.versi += 1
    row.save()


def belum_diajukan(kelas: Kelas, semester: Semester) -> list[str]:
    """Lessons of a class that are not handed over, each with its teacher."""
    handed = AjuanNilai.objects.filter(semester=semester, status=AjuanNilai.Status.DIAJUKAN)
    missing = (
        Pembelajaran.objects.filter(kelas=kelas)
        .exclude(pk__in=handed.values("pembelajaran_id"))
        .select_related("mapel", "guru")
    )
    return [
        _("{mapel} belum diajukan ({guru})").format(
            mapel=lesson.mapel.nama, guru=lesson.guru.nama if lesson.guru else _("guru belum ditetapkan")
        )
        for lesson in missing
    ]


def _follow(kelas: Kelas, semester: Semester, by: Akun) -> None:
    """Let the drafts of a class follow its lessons: handed over when all are, draft again when one comes back."""
    complete = Pembelajaran.objects.filter(kelas=kelas).exists() and not belum_diajukan(kelas, semester)
    before, step = (Status.DRAF, "ajukan") if complete else (Status.DIAJUKAN, "tarik_ajuan")
    for row in rapor_kelas(kelas, semester).values():
        if row.status == before:
            pindahkan(row, step, by)
            row.save()


# The homeroom teacher's check


def periksa(*, kelas: Kelas, semester: Semester, by: Akun, anggota_ids: Collection[int] | None = None) -> Hasil:
    """Check the rapor of these pupils (all of the class without `anggota_ids`).

    Each stands for itself: whoever is complete is checked; the others come back with all that is missing.
    """
    hasil = Hasil()
    with ledger.record("rapor.periksa", by=by, details={"kelas": kelas.pk, "semester": semester.pk}) as notes:
        kunci_kelas(kelas)
        wajib_berhak("periksa", semester, by, kelas=kelas)
        _follow(kelas, semester, by)
        gaps = kurang_kelas(kelas, semester)
        waiting = belum_diajukan(kelas, semester)
        for pk, row in rapor_kelas(kelas, semester, anggota_ids).items():
            nama = row.anggota.peserta.nama
            if row.status in LOCKED:
                hasil.sudah.append(pk)
                continue
            late = waiting if row.status == Status.DRAF else []
            if sebab := [*late, *gaps.get(pk, [])]:
                hasil.tertahan.append(Tertahan(pk, nama, tuple(sebab[:LONGEST_LIST])))
                continue
            pindahkan(row, "periksa", by)
            row.save()
            hasil.berubah.append(pk)
        notes["diperiksa"] = len(hasil.berubah)
    return hasil


def kurang_kelas(kelas: Kelas, semester: Semester) -> dict[int, list[str]]:
    """What each pupil's rapor still lacks, as sentences that name the thing and whom it waits for."""
    board = kesiapan.class_board(kelas, semester)
    return {pupil.anggota.pk: [_gap(one) for one in pupil.kurang] for pupil in board.pupils if pupil.kurang}


def _gap(one: dict[str, Any]) -> str:
    details: Sequence[str] = one.get("rincian") or []
    return f"{one['apa']}: {', '.join(map(str, details))} ({one.get('siapa') or '–'})"


def buka_pemeriksaan(
    *, kelas: Kelas, semester: Semester, alasan: str, by: Akun, anggota_ids: Collection[int] | None = None
) -> Hasil:
    """Take the check back, so that the rapor can be changed again. Not for a final one: that takes a revision."""
    hasil = Hasil()
    with ledger.record("rapor.buka_pemeriksaan", by=by, details={"kelas": kelas.pk, "semester": semester.pk}):
        kunci_kelas(kelas)
        wajib_berhak("buka_pemeriksaan", semester, by, kelas=kelas)
        for pk, row in rapor_kelas(kelas, semester, anggota_ids).items():
            if row.status == Status.FINAL:
                hasil.tertahan.append(
                    Tertahan(pk, row.anggota.peserta.nama, (_("sudah final; kepala sekolah membuka revisinya"),))
                )
            elif row.status == Status.DIPERIKSA:
                pindahkan(row, "buka_pemeriksaan_revisi" if row.revisi else "buka_pemeriksaan", by, alasan)
                row.save()
                hasil.berubah.append(pk)
            else:
                hasil.sudah.append(pk)
    return hasil

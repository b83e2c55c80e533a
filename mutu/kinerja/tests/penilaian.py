"""One assessment of a made-up teacher, and the way through it, for tests of services and pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from mutu.kinerja.models import PangkatGuru, Penilai, PenilaianKinerja, RencanaKinerja
from mutu.kinerja.services import hasil
from mutu.kinerja.services.catatan import Isian, simpan_catatan
from mutu.kinerja.services.menulis import instrumen_dari
from mutu.kinerja.services.nilai import SkorBaru, simpan_skor
from mutu.satuan import ledger
from mutu.satuan.models import Akun, Guru
from tests.contoh import Contoh

HARI = date(2026, 8, 3)


@dataclass
class Kasus:
    """The assessment and its people: teacher, assessor, head, somebody to moderate, and a teacher beside."""

    penilaian: PenilaianKinerja
    guru: Akun
    penilai: Akun
    kepala: Akun
    moderator: Akun
    lain: Akun

    def segar(self) -> PenilaianKinerja:
        """The assessment as the database has it now."""
        return PenilaianKinerja.objects.select_related("rencana__tahun__sekolah", "guru").get(pk=self.penilaian.pk)


def kasus(
    contoh: Contoh, *, instrumen: str = "guru-mapel", jenis: str = "sumatif", status: str = "berjalan", jam: int = 24
) -> Kasus:
    """An assessment whose observation runs; the homeroom teacher assesses the teacher of mathematics."""
    with ledger.record("uji.kinerja", by=ledger.SYSTEM):
        luar, _new = Akun.objects.get_or_create(username="pengawas-uji", defaults={"nama": "Pak Pengawas"})
        for akun in (luar, contoh.akun["wali"]):
            appointed = {"sk_nomor": "SK-1", "sk_tanggal": date(2026, 7, 1), "pelatihan": date(2026, 6, 1)}
            Penilai.objects.get_or_create(sekolah=contoh.sekolah, akun=akun, dari=date(2026, 7, 1), defaults=appointed)
        plan, _new = RencanaKinerja.objects.get_or_create(
            tahun=contoh.tahun, jenis=jenis, defaults={"mulai": date(2026, 7, 13), "selesai": date(2026, 12, 18)}
        )
        guru = Guru.objects.get(akun=contoh.akun["guru"])
        PangkatGuru.objects.get_or_create(guru=guru, tmt=date(2020, 4, 1), defaults={"golongan": "III/a"})
        row = PenilaianKinerja.objects.create(
            rencana=plan, guru=guru, penilai=contoh.akun["wali"], instrumen=instrumen, golongan="III/a", jam=jam,
            status=status, pada=timezone.now(),
        )  # fmt: skip
    return Kasus(row, contoh.akun["guru"], contoh.akun["wali"], contoh.akun["kepala"], luar, contoh.akun["guru_lain"])


def catat(satu: Kasus, kompetensi: int, by: Akun | None = None, kecuali: str = "") -> None:
    """All notes that the competency needs, without one stage."""
    for tahap in ("sebelum", "selama", "setelah", "pemantauan"):
        if tahap != kecuali:
            simpan_catatan(
                penilaian=satu.segar(), kompetensi=kompetensi, isian=Isian(tahap, HARI, f"Catatan {tahap}."),
                by=by or satu.penilai,
            )  # fmt: skip


def skor(satu: Kasus, kompetensi: int, nilai: list[int] | int, by: Akun | None = None, versi: int = 0) -> None:
    """Scores of a whole competency: one for all its indicators, or one each."""
    banyak = instrumen_dari(satu.segar()).nomor(kompetensi).banyak
    given = [nilai] * banyak if isinstance(nilai, int) else nilai
    rows = [SkorBaru(urutan, isi, versi) for urutan, isi in enumerate(given, start=1)]
    simpan_skor(penilaian=satu.segar(), kompetensi=kompetensi, skor=rows, by=by or satu.penilai)


def nilai_semua(satu: Kasus, nilai: int = 2) -> None:
    """Notes and the same score for every indicator of every competency."""
    for komponen in instrumen_dari(satu.segar()).komponen:
        catat(satu, komponen.nomor)
        skor(satu, komponen.nomor, nilai)


def sampai_dibahas(satu: Kasus, nilai: int = 2) -> None:
    """Scored, closed and told."""
    nilai_semua(satu, nilai)
    hasil.tetapkan(penilaian=satu.segar(), by=satu.penilai)
    hasil.bahas(penilaian=satu.segar(), refleksi="Kami sepakat memperkuat penilaian harian.", by=satu.penilai)


def sampai_final(satu: Kasus) -> None:
    """Told and signed by all three."""
    sampai_dibahas(satu)
    for sebagai, akun in (("guru", satu.guru), ("penilai", satu.penilai), ("kepala", satu.kepala)):
        hasil.tanda_tangan(penilaian=satu.segar(), sebagai=sebagai, by=akun)

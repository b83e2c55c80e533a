"""The sheet of an assessment, gathered once for the assessor's screen, the teacher's page and the forms 1B and 2B.

Per competency: indicators with their scores, notes, evidence, and what is still missing. Five queries.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mutu.kinerja import rules
from mutu.kinerja.models import Bukti, Catatan, PenilaianKinerja, Skor
from mutu.kinerja.services.akses import aturan_dari
from mutu.kinerja.services.menulis import Status, diulang, instrumen_dari
from mutu.kinerja.services.nilai import Kompetensi, ringkas
from mutu.satuan.models import Akun


@dataclass
class Butir:
    """One indicator or criterion: its wording (empty while it is not loaded), and both people's scores."""

    nomor: int
    kata: str
    skor: Skor | None = None
    ulang: Skor | None = None


@dataclass
class Lembar:
    """One competency with all that belongs to it. `ulang` holds what the moderator made of it, once that may be read.

    `kurang` lists the stages whose note is missing before it may be scored. `nilai` and `nilai_ulang` are the values
    by the assessor's and by the moderator's scores (see `nilai.ringkas`).
    """

    komponen: rules.Komponen
    butir: list[Butir]
    nilai: Kompetensi
    nilai_ulang: Kompetensi | None = None
    catatan: list[Catatan] = field(default_factory=list)
    catatan_ulang: list[Catatan] = field(default_factory=list)
    bukti: list[Bukti] = field(default_factory=list)
    kurang: tuple[str, ...] = ()
    kurang_ulang: tuple[str, ...] = ()
    diulang: bool = False

    @property
    def nomor(self) -> int:
        return self.komponen.nomor

    @property
    def terisi(self) -> int:
        """How many indicators the assessor has scored."""
        return sum(satu.skor is not None for satu in self.butir)

    @property
    def terisi_ulang(self) -> int:
        return sum(satu.ulang is not None for satu in self.butir)


def lihat_moderasi(penilaian: PenilaianKinerja, akun: Akun | None) -> bool:
    """Whether the moderator's notes and scores may be read now: by the moderator, and by the parties once decided."""
    return penilaian.status == Status.FINAL or (akun is not None and akun.pk == penilaian.moderator_id)


def bukti_moderator(bukti: Bukti, penilaian: PenilaianKinerja) -> bool:
    """Whether the moderator put in this evidence; what an account that is gone put in was not a moderator's."""
    return penilaian.moderator_id is not None and bukti.oleh_id == penilaian.moderator_id


def lembar(penilaian: PenilaianKinerja, akun: Akun | None = None) -> list[Lembar]:
    """The sheet as this account may read it (without one: as anybody may). Raises InputError as `instrumen_dari`."""
    instrumen, aturan = instrumen_dari(penilaian), aturan_dari(penilaian)
    terbuka, contested = lihat_moderasi(penilaian, akun), diulang(penilaian)
    scores = {
        (one.moderasi, one.kompetensi, one.indikator): one
        for one in Skor.objects.filter(penilaian=penilaian).select_related("oleh").order_by()
    }
    notes = list(Catatan.objects.filter(penilaian=penilaian).select_related("oleh"))
    evidence = list(Bukti.objects.filter(penilaian=penilaian).select_related("oleh"))
    if not terbuka:
        evidence = [one for one in evidence if not bukti_moderator(one, penilaian)]
    return [
        _one(komponen, instrumen, aturan, scores, notes, evidence, terbuka, komponen.nomor in contested)
        for komponen in instrumen.komponen
    ]


def _one(
    komponen: rules.Komponen,
    instrumen: rules.Instrumen,
    aturan: rules.AturanKinerja,
    scores: dict[tuple[bool, int, int], Skor],
    notes: list[Catatan],
    evidence: list[Bukti],
    terbuka: bool,
    contested: bool,
) -> Lembar:
    nomor, again = komponen.nomor, terbuka and contested
    butir = [
        Butir(
            urutan,
            komponen.butir[urutan - 1] if urutan <= len(komponen.butir) else "",
            scores.get((False, nomor, urutan)),
            scores.get((True, nomor, urutan)) if again else None,
        )
        for urutan in range(1, komponen.banyak + 1)
    ]
    mine = [one for one in notes if one.kompetensi == nomor and not one.moderasi]
    theirs = [one for one in notes if one.kompetensi == nomor and one.moderasi] if again else []

    def value(moderasi: bool) -> Kompetensi:
        found = {satu.nomor: satu.ulang if moderasi else satu.skor for satu in butir}
        given = {urutan: one.nilai for urutan, one in found.items() if one is not None}
        return ringkas(komponen, instrumen, aturan, given)

    def missing(stages: set[str]) -> tuple[str, ...]:
        return rules.catatan_kurang(instrumen.jenis, komponen.cara, stages, aturan)

    return Lembar(
        komponen=komponen,
        butir=butir,
        nilai=value(False),
        nilai_ulang=value(True) if again else None,
        catatan=mine,
        catatan_ulang=theirs,
        bukti=[one for one in evidence if one.kompetensi == nomor],
        kurang=missing({one.tahap for one in mine}),
        kurang_ulang=missing({one.tahap for one in theirs}) if again else (),
        diulang=contested,
    )

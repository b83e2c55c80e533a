"""What a school decides before marking: weights, KKM, SK. A change renews the marks it touches, in one transaction."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import Ketentuan, MapelTingkat, Nilai, StandarKompetensi
from mutu.rapor.services.keadaan import wajib_terbuka_ketentuan
from mutu.rapor.services.results import recompute, weights_of
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, EntriLedger, Kelas, MataPelajaran, Pembelajaran, Semester, TahunPelajaran


def set_terms(
    *,
    semester: Semester,
    cara: str,
    bobot_uh: Decimal | None = None,
    bobot_uts: Decimal | None = None,
    bobot_uas: Decimal | None = None,
    bulat_rata_uh: str = "",
    bulat_akhir: str = "",
    kosong: str = "tolak",
    remedial: str = "tertinggi",
    predikat: str = "",
    peringkat: bool = False,
    tanggal_rapor: Any = None,
    alasan: str = "",
    by: Akun,
) -> tuple[Ketentuan, tuple[str, ...]]:
    """Set how marks of one semester are computed; returns the terms and the guideline's advice (R9, R10).

    `tanggal_rapor` is the day on which the rapor is handed over (R35); it may not lie before the semester begins.
    The terms were told to the pupils at the start of the semester (Bab I.B.4): from the first mark on, what decides a
    mark changes only with `alasan`, which the history shows (R50). Raises InputError at `alasan`, `bobot`, `bobot.uh`,
    `pembulatan.akhir` and so on for terms that make no sense, such as percentages that total 99.
    """
    aturan = rules_of(semester)
    wanted = Ketentuan(
        semester=semester,
        aturan=aturan.id,
        cara=cara,
        bobot_uh=bobot_uh if bobot_uh is not None else Decimal(0),
        bobot_uts=bobot_uts if bobot_uts is not None else Decimal(0),
        bobot_uas=bobot_uas if bobot_uas is not None else Decimal(0),
        bulat_rata_uh=bulat_rata_uh,
        bulat_akhir=bulat_akhir,
        kosong=kosong,
        remedial=remedial,
        predikat=predikat,
        peringkat=peringkat,
    )
    if predikat and predikat not in letter_choices(semester):
        raise InputError.at("predikat", _("Pilih cara predikat dari daftar."))
    if bulat_akhir == Ketentuan.Pembulatan.TIDAK:
        raise InputError.at(
            "pembulatan.akhir", _("Nilai rapor dicetak sebagai bilangan bulat; pilih cara pembulatan akhir.")
        )
    if tanggal_rapor is not None and tanggal_rapor < semester.mulai:
        raise InputError.at("tanggal_rapor", _("Rapor tidak mungkin dibagikan sebelum semester dimulai."))
    bobot = weights_of(wanted, aturan)
    rules.Pembulatan(bulat_rata_uh or aturan.pembulatan.rata_uh, bulat_akhir or aturan.pembulatan.akhir)  # type: ignore[arg-type]
    fields = [
        "aturan", "cara", "bobot_uh", "bobot_uts", "bobot_uas", "bulat_rata_uh", "bulat_akhir", "kosong", "remedial",
        "predikat",
    ]  # fmt: skip
    with ledger.record("rapor.tetapkan_ketentuan", by=by, details={"semester": semester.pk}) as notes:
        row = Ketentuan.objects.select_for_update().filter(semester=semester).first()
        # A school without a row computes by the defaults of one: to write them down changes nothing.
        current = row or Ketentuan(semester=semester, aturan=aturan.id)
        changed = any(getattr(current, name) != getattr(wanted, name) for name in fields)
        lessons = Pembelajaran.objects.filter(kelas__tahun_id=semester.tahun_id)
        if changed:
            # The day of handing over is no term of marking; a final rapor keeps the one it was made with.
            wajib_terbuka_ketentuan("ketentuan", lessons, pk=semester.pk)
            notes.update(_reason_once_marked(alasan, Nilai.objects.filter(penilaian__semester=semester)))
        if row is None:
            wanted.save()
            row = wanted
        elif changed or row.peringkat != peringkat:
            for name in (*fields, "peringkat"):
                setattr(row, name, getattr(wanted, name))
            row.versi += 1
            row.save()
        if semester.tanggal_rapor != tanggal_rapor:
            semester.tanggal_rapor = tanggal_rapor
            semester.save(update_fields=["tanggal_rapor"])
        if changed:
            for lesson in lessons.filter(penilaian__semester=semester).distinct():
                recompute(pembelajaran=lesson, semester=semester)
    return row, weight_advice(bobot, aturan)


def rules_of(semester: Semester) -> rules.AturanRapor:
    """The rule set whose own weights and names a school starts from: that of its classes, or KTSP where they differ."""
    found = _curricula(semester)
    return rules.aturan_untuk(found.pop() if len(found) == 1 else rules.KURIKULUM_UTAMA, semester.selesai)


def letter_choices(semester: Semester) -> dict[str, str]:
    """The ways to letters that the school's classes of this year leave open, with their titles; empty without any."""
    choices: dict[str, str] = {}
    for curriculum in sorted(_curricula(semester)):
        choices |= rules.cara_predikat(rules.aturan_untuk(curriculum, semester.selesai))
    return choices


def _curricula(semester: Semester) -> set[str]:
    found = Kelas.objects.filter(tahun_id=semester.tahun_id).order_by().values_list("kurikulum", flat=True)
    return set(found.distinct())


SHORTEST_REASON = 5


def _reason_once_marked(alasan: str, marked: QuerySet[Nilai]) -> dict[str, Any]:
    """The reason for the ledger when marks exist already. Raises InputError at `alasan` without one."""
    if not marked.exists():
        return {}
    words = " ".join(alasan.split())
    if len(words) < SHORTEST_REASON:
        raise InputError.at(
            "alasan",
            _("Sudah ada nilai, dan ketentuan ini sudah disampaikan kepada peserta didik; tulis alasan perubahannya."),
        )
    return {"alasan": words[:300]}


def term_changes(semester: Semester) -> list[dict[str, Any]]:
    """Changes of the terms after the first mark, newest first: when, who, and why. Read from the ledger."""
    entries = EntriLedger.objects.filter(
        perbuatan="rapor.tetapkan_ketentuan",
        aksi="kerja",
        sesudah__semester=semester.pk,
        sesudah__has_key="alasan",
    ).order_by("-pk")
    found = list(entries[:50])
    numbers = {int(one.pelaku.removeprefix("akun:")) for one in found if one.pelaku.startswith("akun:")}
    names = {f"akun:{akun.pk}": str(akun) for akun in Akun.objects.filter(pk__in=numbers)}
    return [
        {"pada": one.waktu, "oleh": names.get(one.pelaku, one.pelaku), "alasan": (one.sesudah or {})["alasan"]}
        for one in found
    ]


def weight_advice(bobot: rules.Bobot, aturan: rules.AturanRapor) -> tuple[str, ...]:
    """The guideline's advice on weights: UH at least as much as UTS and UAS together (Bab II.B.2). Never refused."""
    if bobot.cara == "rata":
        return ()
    sample = rules.nilai_rapor(
        uh=[Fraction(0)], uts=Fraction(0), uas=Fraction(0), bobot=bobot, kkm=None, pembulatan=None, aturan=aturan
    )
    return sample.peringatan


def set_kkm(
    *,
    tahun: TahunPelajaran,
    mapel: MataPelajaran,
    tingkat: int,
    kkm: int,
    rapat_tanggal: Any = None,
    rapat_nomor: str = "",
    alasan: str = "",
    by: Akun,
) -> MapelTingkat:
    """Set the KKM (0..100) of a subject in one grade, with the meeting that decided it (Bab I.B.5, R13).

    From the first mark on a KKM changes only with `alasan` (R50). Raises InputError at `kkm` off the scale, at
    `alasan`, and at `mapel` for a subject of another school.
    """
    aturan = rules.aturan_terbaru()
    if galat := rules.galat_kkm(kkm, aturan):
        raise InputError(galat)
    if mapel.sekolah_id != tahun.sekolah_id:
        raise InputError.at("mapel", _("Mata pelajaran ini milik sekolah lain."))
    with ledger.record(
        "rapor.tetapkan_kkm", by=by, details={"mapel": mapel.pk, "tingkat": tingkat, "kkm": kkm}
    ) as notes:
        row = MapelTingkat.objects.select_for_update().filter(tahun=tahun, mapel=mapel, tingkat=tingkat).first()
        before = row.kkm if row else None
        if row is None:
            row = MapelTingkat(tahun=tahun, mapel=mapel, tingkat=tingkat, versi=0)
        if row.kkm != kkm:
            wajib_terbuka_ketentuan("kkm", _lessons(row), tahun=tahun)
        if before is not None and before != kkm:
            marked = Nilai.objects.filter(penilaian__pembelajaran__in=_lessons(row))
            notes.update(_reason_once_marked(alasan, marked) | {"sebelum": before})
        row.kkm, row.rapat_tanggal, row.rapat_nomor = kkm, rapat_tanggal, rapat_nomor
        row.versi += 1
        row.save()
        _renew(row)
    return row


def save_sk(
    *,
    mapel_tingkat: MapelTingkat,
    semester: int,
    nomor: int,
    uraian: str,
    by: Akun,
    sk: StandarKompetensi | None = None,
) -> StandarKompetensi:
    """Add an SK, or change one. Raises InputError at `nomor` when the number is taken and at `uraian` when empty."""
    row = sk or StandarKompetensi(mapel_tingkat=mapel_tingkat)
    touched = {semester, row.semester or semester}
    row.semester, row.nomor, row.uraian = semester, nomor, uraian.strip()
    try:
        row.clean_fields()
    except ValidationError as error:
        raise InputError(
            [{"jalur": name, "pesan": " ".join(messages)} for name, messages in error.message_dict.items()]
        ) from None
    if nomor < 1:
        raise InputError.at("nomor", _("Nomor SK mulai dari 1."))
    try:
        with ledger.record("rapor.simpan_sk", by=by, details={"mapel_tingkat": mapel_tingkat.pk, "nomor": nomor}):
            wajib_terbuka_ketentuan("nomor", _lessons(mapel_tingkat), tahun=mapel_tingkat.tahun_id, nomor__in=touched)
            row.save()
            _renew(mapel_tingkat)
    except IntegrityError:
        raise InputError.at(
            "nomor", _("SK {nomor} sudah ada di semester ini; pakai nomor lain.").format(nomor=nomor)
        ) from None
    return row


def remove_sk(*, sk: StandarKompetensi, by: Akun) -> None:
    """Remove an SK that no assessment uses. Raises InputError at `sk` otherwise."""
    with ledger.record("rapor.hapus_sk", by=by, details={"sk": sk.pk}):
        subject = sk.mapel_tingkat
        wajib_terbuka_ketentuan("sk", _lessons(subject), tahun=subject.tahun_id, nomor=sk.semester)
        if sk.penilaian.exists():
            raise InputError.at("sk", _("SK ini dipakai kolom penilaian; pindahkan kolom itu ke SK lain dahulu."))
        sk.delete()
        _renew(subject)


def _lessons(subject: MapelTingkat) -> QuerySet[Pembelajaran]:
    return Pembelajaran.objects.filter(
        kelas__tahun_id=subject.tahun_id, kelas__tingkat=subject.tingkat, mapel_id=subject.mapel_id
    )


def _renew(subject: MapelTingkat) -> None:
    for lesson in _lessons(subject).select_related("kelas"):
        for semester in Semester.objects.filter(tahun_id=subject.tahun_id, penilaian__pembelajaran=lesson).distinct():
            recompute(pembelajaran=lesson, semester=semester)

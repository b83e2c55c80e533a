"""What a school decides before marking: weights, KKM, SK. A change renews the marks it touches, in one transaction."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import Ketentuan, MapelTingkat, StandarKompetensi
from mutu.rapor.services.results import recompute, weights_of
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, MataPelajaran, Pembelajaran, Semester, TahunPelajaran


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
    tanggal_rapor: Any = None,
    by: Akun,
) -> tuple[Ketentuan, tuple[str, ...]]:
    """Set how marks of one semester are computed; returns the terms and the guideline's advice (R9, R10).

    `tanggal_rapor` is the day on which the rapor is handed over (R35); it may not lie before the semester begins.
    Raises InputError at `bobot`, `bobot.uh`, `pembulatan.akhir` and so on for terms that make no sense, such as
    percentages that total 99.
    """
    aturan = rules.aturan_pada(semester.selesai)
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
    )
    if bulat_akhir == Ketentuan.Pembulatan.TIDAK:
        raise InputError.at(
            "pembulatan.akhir", _("Nilai rapor dicetak sebagai bilangan bulat; pilih cara pembulatan akhir.")
        )
    if tanggal_rapor is not None and tanggal_rapor < semester.mulai:
        raise InputError.at("tanggal_rapor", _("Rapor tidak mungkin dibagikan sebelum semester dimulai."))
    bobot = weights_of(wanted, aturan)
    rules.Pembulatan(bulat_rata_uh or aturan.pembulatan.rata_uh, bulat_akhir or aturan.pembulatan.akhir)  # type: ignore[arg-type]
    fields = ["aturan", "cara", "bobot_uh", "bobot_uts", "bobot_uas", "bulat_rata_uh", "bulat_akhir", "kosong"]
    with ledger.record("rapor.tetapkan_ketentuan", by=by, details={"semester": semester.pk}):
        row = Ketentuan.objects.select_for_update().filter(semester=semester).first()
        if row is None:
            wanted.save()
            row = wanted
        elif any(getattr(row, name) != getattr(wanted, name) for name in fields):
            for name in fields:
                setattr(row, name, getattr(wanted, name))
            row.versi += 1
            row.save()
        if semester.tanggal_rapor != tanggal_rapor:
            semester.tanggal_rapor = tanggal_rapor
            semester.save(update_fields=["tanggal_rapor"])
        for lesson in Pembelajaran.objects.filter(
            kelas__tahun_id=semester.tahun_id, penilaian__semester=semester
        ).distinct():
            recompute(pembelajaran=lesson, semester=semester)
    return row, weight_advice(bobot, aturan)


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
    by: Akun,
) -> MapelTingkat:
    """Set the KKM (0..100) of a subject in one grade, with the meeting that decided it (Bab I.B.5, R13).

    Raises InputError at `kkm` off the scale and at `mapel` for a subject of another school.
    """
    aturan = rules.aturan_terbaru()
    if galat := rules.galat_kkm(kkm, aturan):
        raise InputError(galat)
    if mapel.sekolah_id != tahun.sekolah_id:
        raise InputError.at("mapel", _("Mata pelajaran ini milik sekolah lain."))
    with ledger.record("rapor.tetapkan_kkm", by=by, details={"mapel": mapel.pk, "tingkat": tingkat, "kkm": kkm}):
        row = MapelTingkat.objects.select_for_update().filter(tahun=tahun, mapel=mapel, tingkat=tingkat).first()
        if row is None:
            row = MapelTingkat(tahun=tahun, mapel=mapel, tingkat=tingkat, versi=0)
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
        if sk.penilaian.exists():
            raise InputError.at("sk", _("SK ini dipakai kolom penilaian; pindahkan kolom itu ke SK lain dahulu."))
        subject = sk.mapel_tingkat
        sk.delete()
        _renew(subject)


def _renew(subject: MapelTingkat) -> None:
    lessons = Pembelajaran.objects.filter(
        kelas__tahun_id=subject.tahun_id, kelas__tingkat=subject.tingkat, mapel_id=subject.mapel_id
    ).select_related("kelas")
    for lesson in lessons:
        for semester in Semester.objects.filter(tahun_id=subject.tahun_id, penilaian__pembelajaran=lesson).distinct():
            recompute(pembelajaran=lesson, semester=semester)

"""A teacher's objection and the moderator's decision. Once only, and the decision is final.

The moderator is neither the assessor nor the teacher, notes and scores the contested competencies again beside the old
rows, and decides; with the decision the mandate ends. Source: Pedoman PK Guru, keberatan.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.kinerja.models import HasilKinerja, Keberatan, Penilai, PenilaianKinerja, TandaTangan
from mutu.kinerja.services import alur
from mutu.kinerja.services.hasil import Sebagai, kunci_isi
from mutu.kinerja.services.lembar import lembar
from mutu.kinerja.services.menulis import SEMUA, Status, instrumen_dari
from mutu.kinerja.services.nilai import hitung
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, Peran

LONGEST = 1000


def ajukan(*, penilaian: PenilaianKinerja, alasan: Mapping[int, str], by: Akun, seluruhnya: str = "") -> Keberatan:
    """Object to the result: a reason for each contested competency, or one reason for all of them (`seluruhnya`).

    Signatures that stand on the result are taken back, for the values may change. Raises InputError at `keberatan`
    for a second one or one after the teacher's own signature, at `kompetensi` for an unknown number, at `alasan` and
    `alasan[n]`, and as `alur.langkah`.
    """
    with ledger.record("kinerja.ajukan_keberatan", by=by, details={"penilaian": penilaian.pk}):
        row = alur.kunci(penilaian)
        if by.pk == row.guru.akun_id and Keberatan.objects.filter(penilaian=row).exists():
            raise InputError.at("keberatan", _("Keberatan diajukan sekali saja, dan yang Anda ajukan sudah tercatat."))
        reasons = _reasons(row, alasan, seluruhnya)
        signs = TandaTangan.objects.filter(hasil__penilaian=row)
        if signs.filter(sebagai=Sebagai.GURU).exists():
            raise InputError.at("keberatan", _("Anda sudah menandatangani hasil ini, jadi sudah menyetujuinya."))
        alur.langkah(penilaian, "keberatan", by=by, alasan=" ".join(reasons.values()))
        signs.delete()
        return Keberatan.objects.create(
            penilaian=row, alasan=reasons, seluruhnya=bool(seluruhnya.strip()), oleh=by, pada=timezone.now()
        )


def _reasons(row: PenilaianKinerja, alasan: Mapping[int, str], seluruhnya: str) -> dict[str, str]:
    numbers = {satu.nomor for satu in instrumen_dari(row).komponen}
    galat = [
        {"jalur": "kompetensi", "pesan": _("Kompetensi {n} tidak ada pada instrumen ini.").format(n=nomor)}
        for nomor in alasan
        if nomor not in numbers
    ]
    words = {str(nomor): " ".join(text.split()) for nomor, text in sorted(alasan.items())}
    if seluruhnya.strip():
        words[SEMUA] = " ".join(seluruhnya.split())
    if not words:
        galat.append({"jalur": "alasan", "pesan": _("Pilih sedikitnya satu kompetensi, dan tulis alasannya.")})
    for nomor, text in words.items():
        if not text:
            pesan = _("Tulis alasan keberatan atas kompetensi {n}.").format(n=nomor)
            galat.append({"jalur": f"alasan[{nomor}]", "pesan": pesan})
        elif len(text) > LONGEST:
            galat.append({"jalur": f"alasan[{nomor}]", "pesan": _("Paling panjang {n} huruf.").format(n=LONGEST)})
    if galat:
        raise InputError(galat)
    return words


def calon_moderator(penilaian: PenilaianKinerja) -> list[Akun]:
    """Who can be appointed: heads and appointed assessors of the school, without the two parties."""
    sekolah, today = penilaian.rencana.tahun.sekolah_id, timezone.localdate()
    open_ended = Q(sampai__isnull=True) | Q(sampai__gte=today)
    assessors = Penilai.objects.filter(open_ended, sekolah_id=sekolah, dari__lte=today).values("akun")
    heads = Peran.objects.filter(
        open_ended, jenis=Peran.Jenis.KEPALA_SEKOLAH, sekolah_id=sekolah, dari__lte=today
    ).values("akun")
    parties = [pk for pk in (penilaian.penilai_id, penilaian.guru.akun_id) if pk]
    found = Akun.objects.filter(Q(pk__in=assessors) | Q(pk__in=heads), is_active=True)
    return list(found.exclude(pk__in=parties).order_by("nama"))


def tunjuk_moderator(*, penilaian: PenilaianKinerja, moderator: Akun | None, by: Akun) -> None:
    """Appoint the moderator; once. Raises InputError at `moderator` for a party or somebody who may not assess."""
    with ledger.record("kinerja.tunjuk_moderator", by=by, details={"penilaian": penilaian.pk}):
        alur.langkah(penilaian, "tunjuk_moderator", by=by, moderator=moderator)
        if moderator not in calon_moderator(penilaian):
            raise InputError.at(
                "moderator", _("Moderator haruslah kepala sekolah atau penilai yang ditetapkan pada sekolah ini.")
            )


def putuskan(*, penilaian: PenilaianKinerja, putusan: str, by: Akun) -> HasilKinerja:
    """Decide: the moderator's values count for what was contested, the result is final, and the mandate ends.

    Raises InputError at `skor` while a contested competency is not scored again, at `putusan` for empty words, and as
    `alur.langkah`.
    """
    with ledger.record("kinerja.putuskan_keberatan", by=by, details={"penilaian": penilaian.pk}):
        row = alur.kunci(penilaian)
        words = putusan.strip()
        if row.status == Status.MODERASI and by.pk == row.moderator_id:
            if not words or len(words) > 4 * LONGEST:
                raise InputError.at(
                    "putusan", _("Tulis putusan dan pertimbangannya, paling panjang {n} huruf.").format(n=4 * LONGEST)
                )
            belum = [
                str(satu.nomor)
                for satu in lembar(row, by)
                if satu.nilai_ulang is not None and satu.nilai_ulang["nilai"] is None
            ]
            if belum:
                raise InputError.at("skor", _("Kompetensi {n} belum selesai dinilai ulang.").format(n=", ".join(belum)))
        alur.langkah(penilaian, "putuskan", by=by)
        case = Keberatan.objects.get(penilaian=row)
        case.putusan, case.selesai = words, timezone.now()
        case.save()
        hasil = hitung(penilaian)
        kunci_isi(penilaian, hasil)
        return hasil

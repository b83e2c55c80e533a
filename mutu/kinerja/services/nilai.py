"""Scores of indicators and criteria, and the result they lead to, stored in the same transaction.

Nothing is scored without the notes it rests on. Every stored result carries its steps, its warnings and the id of the
rule set; the credit computed at school is an estimate, and only a sumatif has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.kinerja import rules
from mutu.kinerja.models import HasilKinerja, PangkatGuru, PenilaianKinerja, RencanaKinerja, Skor
from mutu.kinerja.services.akses import aturan_dari
from mutu.kinerja.services.alur import kunci
from mutu.kinerja.services.catatan import tahap_ada, wajib_bercatatan
from mutu.kinerja.services.menulis import (
    Beda,
    Bentrok,
    Status,
    diulang,
    instrumen_dari,
    sebagai_moderator,
    siapa_mengubah,
)
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun

PERKIRAAN = "Angka kredit ini perkiraan sekolah; yang menetapkan tim penilai angka kredit."


@dataclass(frozen=True)
class SkorBaru:
    """The score that somebody gives to one indicator; None takes it back. `versi` as seen, 0 for no score yet."""

    indikator: int
    nilai: int | None
    versi: int


def simpan_skor(
    *, penilaian: PenilaianKinerja, kompetensi: int, skor: Sequence[SkorBaru], by: Akun
) -> HasilKinerja | None:
    """Keep scores of one competency, all or none, and compute the result anew; returns it.

    A competency may stay half scored; it has a value once every indicator has a score. What the moderator writes
    counts from the decision on (`keberatan.putuskan`), so until then the result stays as it was told and None is
    returned. Raises InputError at `oleh`, `status`, `kompetensi`, at `catatan` when a mandatory note is missing, at
    `skor[n]` (n: number of the indicator) for one that the rules do not know, and `Bentrok` at `skor[n]` where
    somebody wrote meanwhile. Source: Pedoman PK Guru, F.c.
    """
    with ledger.record("kinerja.simpan_skor", by=by, details={"penilaian": penilaian.pk, "kompetensi": kompetensi}):
        row = kunci(penilaian)
        instrumen = instrumen_dari(row)
        komponen = instrumen.nomor(kompetensi, "kompetensi")
        moderasi = sebagai_moderator(row, by, kompetensi)
        _judge(skor, komponen, instrumen, row)
        if any(satu.nilai is not None for satu in skor):
            ada = tahap_ada(row, kompetensi, moderasi=moderasi)
            wajib_bercatatan(row, instrumen, kompetensi, ada, "catatan")
        _write(row, kompetensi, skor, moderasi, by)
        return None if moderasi else hitung(row)


def boleh_skor(instrumen: rules.Instrumen, aturan: rules.AturanKinerja) -> list[int]:
    """The scores one may give: 0, 1, 2 for an indicator, 1 to 4 for a criterion."""
    if instrumen.jenis == "indikator":
        return list(aturan.isi("skor_indikator"))
    bawah, atas = aturan.skala_kompetensi
    return list(range(bawah, atas + 1))


def _judge(
    skor: Sequence[SkorBaru], komponen: rules.Komponen, instrumen: rules.Instrumen, row: PenilaianKinerja
) -> None:
    boleh = boleh_skor(instrumen, aturan_dari(row))
    galat = []
    for satu in skor:
        if not 1 <= satu.indikator <= komponen.banyak:
            pesan = _("Kompetensi {k} mempunyai indikator 1 sampai {n}.").format(k=komponen.nomor, n=komponen.banyak)
            galat.append({"jalur": f"skor[{satu.indikator}]", "pesan": pesan})
        elif satu.nilai is not None and satu.nilai not in boleh:
            pesan = _("Skor {s} tidak ada; pilih {boleh}.").format(s=satu.nilai, boleh=", ".join(map(str, boleh)))
            galat.append({"jalur": f"skor[{satu.indikator}]", "pesan": pesan})
    if galat:
        raise InputError(galat)


def _write(row: PenilaianKinerja, kompetensi: int, skor: Sequence[SkorBaru], moderasi: bool, by: Akun) -> None:
    rows = Skor.objects.filter(penilaian=row, kompetensi=kompetensi, moderasi=moderasi).select_related("oleh")
    stored = {one.indikator: one for one in rows}
    galat, beda = [], []
    for satu in skor:
        old = stored.get(satu.indikator)
        now = old.nilai if old else None
        if now == satu.nilai or (old.versi if old else 0) == satu.versi:
            continue
        jalur, kini = f"skor[{satu.indikator}]", _("kosong") if now is None else str(now)
        siapa = siapa_mengubah(old.oleh, old.pada) if old else _("orang lain")
        pesan = _("Indikator {i} sudah diubah {siapa} menjadi {kini}; Anda memilih {baru}.").format(
            i=satu.indikator, siapa=siapa, kini=kini, baru=_("kosong") if satu.nilai is None else satu.nilai
        )
        galat.append({"jalur": jalur, "pesan": pesan})
        beda.append(Beda(jalur, "" if now is None else str(now), old.versi if old else 0))
    if galat:
        raise Bentrok(galat, beda)
    for satu in skor:
        old = stored.get(satu.indikator)
        if (old.nilai if old else None) == satu.nilai:
            continue
        if satu.nilai is None:
            if old:
                old.delete()
            continue
        one = old or Skor(penilaian=row, kompetensi=kompetensi, indikator=satu.indikator, moderasi=moderasi, versi=0)
        one.nilai, one.oleh, one.pada = satu.nilai, by, timezone.now()
        one.versi += 1
        one.save()


# The result


def hitung(penilaian: PenilaianKinerja) -> HasilKinerja:
    """Compute the result from the stored scores and keep it; the caller has locked the assessment and the ledger.

    Where the objection is decided, the moderator's values count for what was contested, and the assessor's stand
    beside them (`semula`). Until every competency is scored, total, mark and name stay empty.
    """
    instrumen, aturan = instrumen_dari(penilaian), aturan_dari(penilaian)
    per, lengkap = _per_kompetensi(penilaian, instrumen, aturan)
    old = HasilKinerja.objects.filter(penilaian=penilaian).first()
    row = old or HasilKinerja(penilaian=penilaian, versi=0)
    row.nilai, row.aturan = per, aturan.id
    row.total = row.nilai_100 = row.sebutan = row.angka_kredit = ""
    row.persen, row.langkah = 0, []
    if lengkap is None:
        belum = [satu["nomor"] for satu in per if satu["nilai"] is None]
        row.peringatan = [f"Belum lengkap: kompetensi {', '.join(map(str, belum))} belum selesai diberi skor."]
    else:
        nama = "skor" if instrumen.jenis == "indikator" else "kriteria"
        rekap = rules.rekap(instrumen, aturan, **{nama: lengkap})  # type: ignore[arg-type]
        kredit, langkah, peringatan = _kredit(penilaian, instrumen, aturan, rekap.total)
        row.total, row.nilai_100 = str(rekap.total), str(rekap.nilai_100)
        row.sebutan, row.persen, row.angka_kredit = rekap.sebutan, rekap.persen, kredit
        steps = [satu.as_dict() for satu in rekap.langkah]
        row.langkah = [*steps, *(satu for satu in langkah if satu not in steps)]
        row.peringatan = [*rekap.peringatan, *(satu for satu in peringatan if satu not in rekap.peringatan)]
    row.versi += 1
    row.pada = timezone.now()
    row.save()
    return row


Kompetensi = dict[str, Any]


def _per_kompetensi(
    penilaian: PenilaianKinerja, instrumen: rules.Instrumen, aturan: rules.AturanKinerja
) -> tuple[list[Kompetensi], list[list[int]] | None]:
    own: dict[tuple[bool, int], dict[int, int]] = {}
    for one in Skor.objects.filter(penilaian=penilaian).order_by():
        own.setdefault((one.moderasi, one.kompetensi), {})[one.indikator] = one.nilai
    # What a moderator wrote counts from the decision on.
    moderated = diulang(penilaian) if penilaian.status == Status.FINAL else set()
    per, counted = [], []
    for komponen in instrumen.komponen:
        first = ringkas(komponen, instrumen, aturan, own.get((False, komponen.nomor), {}))
        satu = first
        if komponen.nomor in moderated:
            again = ringkas(komponen, instrumen, aturan, own.get((True, komponen.nomor), {}))
            if again["nilai"] is not None:
                satu = {**again, "moderasi": True, "semula": first["nilai"]}
        per.append(satu)
        counted.append(satu["skor"])
    return per, None if any(satu["nilai"] is None for satu in per) else counted


def ringkas(
    komponen: rules.Komponen, instrumen: rules.Instrumen, aturan: rules.AturanKinerja, skor: Mapping[int, int]
) -> Kompetensi:
    """One competency as it is stored and shown: scores, total of maximum, percentage, value, steps.

    Figures are exact, as text where they are no whole numbers (`7/2`); all None while a score is missing.
    """
    urut = [skor.get(nomor) for nomor in range(1, komponen.banyak + 1)]
    found: Kompetensi = {
        "nomor": komponen.nomor,
        "nama": komponen.nama,
        "skor": urut,
        "total": None,
        "maksimum": None,
        "persen": None,
        "nilai": None,
        "moderasi": False,
        "langkah": [],
        "peringatan": [],
    }
    terisi = [satu for satu in urut if satu is not None]
    if len(terisi) < len(urut) or not urut:
        return found
    if instrumen.jenis == "indikator":
        hasil = rules.nilai_kompetensi(terisi, aturan, jalur="skor", nama=f"Kompetensi {komponen.nomor}")
        return found | {
            "total": hasil.total,
            "maksimum": hasil.maksimum,
            "persen": str(hasil.persen),
            "nilai": str(hasil.nilai),
            "langkah": [satu.as_dict() for satu in hasil.langkah],
            "peringatan": list(hasil.peringatan),
        }
    nilai, langkah = rules.nilai_komponen(terisi, komponen, aturan)
    puncak = len(terisi) * aturan.skala_kompetensi[1]
    return found | {
        "total": sum(terisi),
        "maksimum": puncak,
        "persen": str(Fraction(100 * sum(terisi), puncak)),
        "nilai": str(nilai),
        "langkah": [langkah.as_dict()],
    }


def tampil(angka: str | int | None, penilaian: PenilaianKinerja) -> str:
    """A stored exact figure as printed (`50`, `89,29`, `10,50`); “–” where there is none."""
    if angka in (None, ""):
        return "–"
    exact = Fraction(str(angka))
    return str(exact) if exact.denominator == 1 else rules.tampil(exact, aturan_dari(penilaian))


Kredit = tuple[str, list[dict[str, int | str]], list[str]]


def _kredit(
    penilaian: PenilaianKinerja, instrumen: rules.Instrumen, aturan: rules.AturanKinerja, total: Fraction
) -> Kredit:
    """The estimated credit of the year. A missing rank or load gives none, and a warning that names it."""
    if penilaian.rencana.jenis != RencanaKinerja.Jenis.SUMATIF or instrumen.kode not in aturan.isi("beban"):
        return "", [], []
    golongan, peringatan = pangkat_saat(penilaian)
    if not golongan:
        return "", [], [*peringatan, "Golongan guru belum diisi, jadi angka kreditnya belum dapat diperkirakan."]
    if penilaian.jam is None:
        return "", [], [*peringatan, "Beban mengajar belum diisi, jadi angka kreditnya belum dapat diperkirakan."]
    tambahan, pesan = _tambahan(penilaian, aturan)
    try:
        hasil = rules.angka_kredit(
            golongan,
            instrumen.kode,
            int(total),
            penilaian.jam,
            aturan,
            kompetensi=len(instrumen.komponen),
            tambahan=tambahan,
        )
    except InputError as error:
        return "", [], [*peringatan, *pesan, *(satu["pesan"] for satu in error.galat)]
    masa = rules.peringatan_masa(golongan, penilaian.rencana.selesai, aturan)
    langkah = [satu.as_dict() for satu in hasil.langkah]
    return str(hasil.angka_kredit), langkah, [*peringatan, *pesan, *hasil.peringatan, *masa, PERKIRAAN]


def pangkat_saat(penilaian: PenilaianKinerja) -> tuple[str, list[str]]:
    """The rank by which the credit counts, and what to know of it: it changed while the round ran."""
    ranks = PangkatGuru.objects.filter(guru_id=penilaian.guru_id, tmt__lte=penilaian.rencana.selesai).order_by("-tmt")
    stored = list(ranks[:2])
    golongan = penilaian.golongan or (stored[0].golongan if stored else "")
    changed = [one for one in stored if one.tmt > penilaian.rencana.mulai]
    if not changed or len(stored) < 2:
        return golongan, []
    return golongan, [
        f"Golongan berubah menjadi {changed[0].golongan} pada {changed[0].tmt.isoformat()}, di tengah masa penilaian; "
        f"yang dipakai {golongan}."
    ]


def _tambahan(penilaian: PenilaianKinerja, aturan: rules.AturanKinerja) -> tuple[rules.TugasTambahan | None, list[str]]:
    """The mark of the same teacher's additional task in the same round, where one is assessed."""
    other = (
        PenilaianKinerja.objects.filter(
            rencana_id=penilaian.rencana_id, guru_id=penilaian.guru_id, instrumen__in=list(aturan.isi("tambahan"))
        )
        .select_related("hasil")
        .first()
    )
    if other is None:
        return None, []
    hasil = getattr(other, "hasil", None)
    if hasil is None or not hasil.nilai_100:
        return None, ["Tugas tambahannya belum selesai dinilai; angka ini baru dari pembelajaran atau pembimbingan."]
    return rules.TugasTambahan(other.instrumen, Fraction(hasil.nilai_100)), []


def wajib_lengkap(hasil: HasilKinerja | None) -> HasilKinerja:
    """The result, once every competency has a value. Raises InputError at `skor` with what is missing."""
    if hasil is None:
        raise InputError.at("skor", _("Belum ada skor; beri skor setiap kompetensi dahulu."))
    if not hasil.total:
        raise InputError.at("skor", " ".join(hasil.peringatan))
    return hasil

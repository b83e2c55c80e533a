"""Notes of an observation and the evidence beside them (form 1B and 2B): what scores rest on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.kinerja import rules
from mutu.kinerja.models import Bukti, Catatan, PenilaianKinerja, Skor
from mutu.kinerja.services import berkas
from mutu.kinerja.services.akses import aturan_dari
from mutu.kinerja.services.alur import kunci
from mutu.kinerja.services.menulis import Beda, Bentrok, instrumen_dari, sebagai_moderator, siapa_mengubah
from mutu.kinerja.services.rencana import batas_tahun
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun

Tahap = Catatan.Tahap
LONGEST = 4000
MOST_EVIDENCE = 30


@dataclass(frozen=True)
class Isian:
    """What an assessor notes: stage, day, what was seen or said, documents looked at, what follows."""

    tahap: str
    tanggal: date
    isi: str
    dokumen: str = ""
    tindak_lanjut: str = ""


def simpan_catatan(
    *,
    penilaian: PenilaianKinerja,
    kompetensi: int,
    isian: Isian,
    by: Akun,
    catatan: int | None = None,
    versi: int = 0,
) -> Catatan:
    """Keep a note; a new one, or a change of `catatan`, whose `versi` is the one that its writer saw.

    Sent twice (an answer was lost) a new note is kept once: the same words on the same day are the same note. Raises
    InputError at `oleh`, `status`, `kompetensi`, `tahap`, `tanggal`, `isi`, `catatan`; `Bentrok` at `isi` when
    somebody changed it meanwhile, with the words that stand there.
    """
    with ledger.record("kinerja.simpan_catatan", by=by, details={"penilaian": penilaian.pk, "kompetensi": kompetensi}):
        row = kunci(penilaian)
        instrumen_dari(row).nomor(kompetensi, "kompetensi")
        moderasi = sebagai_moderator(row, by, kompetensi)
        words = _judged(row, isian)
        own = Catatan.objects.filter(penilaian=row, kompetensi=kompetensi, moderasi=moderasi)
        if catatan is None:
            same = own.filter(**words).first()
            if same is not None:
                return same
            note = Catatan(penilaian=row, kompetensi=kompetensi, moderasi=moderasi, versi=0)
        else:
            note = _unchanged(own, catatan, versi, words)
            if _says(note, words):
                return note
            if note.tahap != words["tahap"]:
                _keep_mandatory(row, note)
        for name, value in words.items():
            setattr(note, name, value)
        note.versi += 1
        note.oleh, note.pada = by, timezone.now()
        note.save()
        return note


def hapus_catatan(*, catatan: Catatan, versi: int, by: Akun) -> None:
    """Take a note back. Raises as `simpan_catatan`, and at `catatan` when scores rest on it."""
    with ledger.record("kinerja.hapus_catatan", by=by, details={"penilaian": catatan.penilaian_id}):
        row = kunci(catatan.penilaian)
        moderasi = sebagai_moderator(row, by, catatan.kompetensi)
        own = Catatan.objects.filter(penilaian=row, kompetensi=catatan.kompetensi, moderasi=moderasi)
        note = _unchanged(own, catatan.pk, versi, {})
        _keep_mandatory(row, note)
        note.delete()


def _judged(row: PenilaianKinerja, isian: Isian) -> dict[str, object]:
    words = {
        name: "\n".join(line.rstrip() for line in str(getattr(isian, name)).strip().splitlines())
        for name in ("isi", "dokumen", "tindak_lanjut")
    }
    galat = [
        {"jalur": name, "pesan": _("Paling panjang {n} huruf; bagi menjadi dua catatan.").format(n=LONGEST)}
        for name, text in words.items()
        if len(text) > LONGEST
    ]
    if not words["isi"]:
        galat.append({"jalur": "isi", "pesan": _("Catatan masih kosong; tulis yang diamati atau ditanggapi.")})
    if isian.tahap not in Tahap.values:
        galat.append({"jalur": "tahap", "pesan": _("Pilih tahapnya: sebelum, selama, setelah, atau pemantauan.")})
    if isian.tanggal > timezone.localdate():
        galat.append({"jalur": "tanggal", "pesan": _("Tanggal ini belum tiba; isi hari pengamatannya.")})
    elif isian.tanggal < batas_tahun(row.rencana.tahun)[0]:
        pesan = _("Tanggal ini sebelum tahun pelajaran {tahun}; periksa hari dan bulannya.")
        galat.append({"jalur": "tanggal", "pesan": pesan.format(tahun=row.rencana.tahun.label)})
    if galat:
        raise InputError(galat)
    return {"tahap": isian.tahap, "tanggal": isian.tanggal, **words}


def _unchanged(own: object, catatan: int, versi: int, words: dict[str, object]) -> Catatan:
    """The note as its writer saw it. A retry of what already stands there passes as well."""
    note: Catatan | None = own.filter(pk=catatan).select_related("oleh").first()  # type: ignore[attr-defined]
    if note is None:
        raise InputError.at("catatan", _("Catatan ini sudah tidak ada; muat ulang halaman ini."))
    if note.versi != versi and not (words and _says(note, words)):
        pesan = _("Diubah {siapa} menjadi: {isi}. Pilih yang berlaku, lalu simpan lagi.").format(
            siapa=siapa_mengubah(note.oleh, note.pada), isi=note.isi
        )
        raise Bentrok([{"jalur": "isi", "pesan": pesan}], [Beda("isi", note.isi, note.versi)])
    return note


def _says(note: Catatan, words: dict[str, object]) -> bool:
    return all(getattr(note, name) == value for name, value in words.items())


def tahap_ada(penilaian: PenilaianKinerja, kompetensi: int, *, moderasi: bool) -> set[str]:
    """The stages of which a competency has a note, of the assessor's or of the moderator's own."""
    rows = Catatan.objects.filter(penilaian=penilaian, kompetensi=kompetensi, moderasi=moderasi)
    return set(rows.order_by().values_list("tahap", flat=True))


def wajib_bercatatan(
    penilaian: PenilaianKinerja, instrumen: rules.Instrumen, kompetensi: int, ada: set[str], jalur: str
) -> None:
    """Raises InputError at `jalur`, naming each stage whose note is still missing. Source: stages of observation."""
    satu = instrumen.nomor(kompetensi, "kompetensi")
    kurang = rules.catatan_kurang(instrumen.jenis, satu.cara, ada, aturan_dari(penilaian))
    if kurang:
        raise InputError.at(
            jalur,
            _("Kompetensi {n} belum mempunyai catatan {tahap}; tulis catatannya dahulu, lalu beri skor.").format(
                n=kompetensi, tahap=sebut_tahap(kurang)
            ),
        )


def sebut_tahap(kurang: Sequence[str]) -> str:
    """The missing stages as a person says them."""
    if tuple(kurang) == (rules.APA_SAJA,):
        return _("apa pun")
    return ", ".join(str(Tahap(satu).label).lower() for satu in kurang)


def _keep_mandatory(row: PenilaianKinerja, note: Catatan) -> None:
    """Refuse to take away the note that scores rest on."""
    scored = Skor.objects.filter(penilaian=row, kompetensi=note.kompetensi, moderasi=note.moderasi)
    if not scored.exists():
        return
    left = Catatan.objects.filter(penilaian=row, kompetensi=note.kompetensi, moderasi=note.moderasi)
    ada = set(left.exclude(pk=note.pk).order_by().values_list("tahap", flat=True))
    instrumen = instrumen_dari(row)
    satu = instrumen.nomor(note.kompetensi)
    if rules.catatan_kurang(instrumen.jenis, satu.cara, ada, aturan_dari(row)):
        raise InputError.at(
            "catatan",
            _("Skor kompetensi {n} bersandar pada catatan ini; tarik skornya dahulu, atau ubah isinya saja.").format(
                n=note.kompetensi
            ),
        )


# Evidence


def simpan_bukti(
    *,
    penilaian: PenilaianKinerja,
    kompetensi: int,
    indikator: Sequence[int],
    jenis: str,
    keterangan: str,
    by: Akun,
    kiriman: berkas.Berkas | None = None,
) -> Bukti:
    """Keep one piece of evidence, linked to indicators; `kiriman` is its file, which only a tangible one may have.

    The same file twice for a competency is kept once. Raises InputError at `oleh`, `status`, `kompetensi`,
    `indikator`, `jenis`, `keterangan` and `berkas`.
    """
    akhiran = berkas.kenali(kiriman) if kiriman else ""
    sidik = hashlib.sha256(kiriman.isi).hexdigest() if kiriman else ""
    nama = ""
    try:
        with ledger.record(
            "kinerja.simpan_bukti", by=by, details={"penilaian": penilaian.pk, "kompetensi": kompetensi}
        ):
            row = kunci(penilaian)
            komponen = instrumen_dari(row).nomor(kompetensi, "kompetensi")
            sebagai_moderator(row, by, kompetensi)
            text = " ".join(keterangan.split())
            _judge_evidence(komponen, indikator, jenis, text, bool(kiriman))
            own = Bukti.objects.filter(penilaian=row, kompetensi=kompetensi)
            if sidik and (same := own.filter(sha256=sidik, oleh=by).first()):
                return same
            if own.count() >= MOST_EVIDENCE:
                raise InputError.at(
                    "berkas", _("Sudah ada {n} bukti pada kompetensi ini; pilih yang penting.").format(n=MOST_EVIDENCE)
                )
            if kiriman:
                nama = berkas.simpan(kiriman, akhiran)
            return Bukti.objects.create(
                penilaian=row,
                kompetensi=kompetensi,
                indikator=sorted(set(indikator)),
                jenis=jenis,
                keterangan=text,
                berkas=nama,
                nama_berkas=berkas.nama_aman(kiriman.nama, akhiran) if kiriman else "",
                sha256=sidik,
                oleh=by,
                pada=timezone.now(),
            )
    except BaseException:
        # The row is not there, so the file must not stay either.
        berkas.buang(nama)
        raise


def _judge_evidence(komponen: rules.Komponen, indikator: Sequence[int], jenis: str, text: str, file: bool) -> None:
    galat = []
    if asing := [satu for satu in indikator if not 1 <= satu <= komponen.banyak]:
        pesan = _("Kompetensi {k} mempunyai indikator 1 sampai {n}, bukan {i}.").format(
            k=komponen.nomor, n=komponen.banyak, i=asing[0]
        )
        galat.append({"jalur": "indikator", "pesan": pesan})
    if jenis not in Bukti.Jenis.values:
        galat.append({"jalur": "jenis", "pesan": _("Pilih teramati atau tak teramati.")})
    elif jenis == Bukti.Jenis.TAK_TERAMATI and file:
        galat.append(
            {"jalur": "berkas", "pesan": _("Bukti tak teramati tidak berberkas; pilih teramati atau lepas berkasnya.")}
        )
    if not text:
        galat.append({"jalur": "keterangan", "pesan": _("Tulis apa yang ditunjukkan bukti ini.")})
    elif len(text) > Bukti._meta.get_field("keterangan").max_length:  # type: ignore[operator]
        galat.append({"jalur": "keterangan", "pesan": _("Keterangan paling panjang 300 huruf.")})
    if galat:
        raise InputError(galat)


def hapus_bukti(*, bukti: Bukti, by: Akun) -> None:
    """Take back a piece of evidence that one has put in oneself. Raises InputError at `oleh` and `status`."""
    with ledger.record("kinerja.hapus_bukti", by=by, details={"penilaian": bukti.penilaian_id}):
        row = kunci(bukti.penilaian)
        sebagai_moderator(row, by, bukti.kompetensi)
        if bukti.oleh_id != by.pk:
            raise InputError.at("oleh", _("Bukti ini dimasukkan orang lain; hanya ia yang dapat menghapusnya."))
        nama = bukti.berkas
        Bukti.objects.filter(pk=bukti.pk).delete()
        transaction.on_commit(lambda: berkas.buang(nama))

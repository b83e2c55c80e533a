"""The result told, talked about, signed and locked (forms 1C, 2C).

The assessor tells it and writes down what both reflected on; teacher, assessor and head sign with their accounts. With
the last signature the content gets its one canonical spelling and a SHA-256; from then on nothing of it changes.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.kinerja import rules
from mutu.kinerja.models import Bukti, Catatan, HasilKinerja, Keberatan, PenilaianKinerja, Skor, TandaTangan
from mutu.kinerja.services import alur
from mutu.kinerja.services.akses import aturan_dari
from mutu.kinerja.services.menulis import Beda, Bentrok, Status, instrumen_dari
from mutu.kinerja.services.nilai import hitung, wajib_lengkap
from mutu.regulation.canonical import canonical, digest
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, Peran

Sebagai = TandaTangan.Sebagai
LONGEST = 4000
FORMAT = "MUTU kinerja hasil 1"


def tetapkan(*, penilaian: PenilaianKinerja, by: Akun) -> HasilKinerja:
    """Close the scoring: every competency has a value. Raises InputError at `skor`, and as `alur.langkah`."""
    with ledger.record("kinerja.tetapkan", by=by, details={"penilaian": penilaian.pk}):
        alur.langkah(penilaian, "tetapkan", by=by)
        return wajib_lengkap(hitung(penilaian))


def bahas(*, penilaian: PenilaianKinerja, refleksi: str = "", by: Akun) -> HasilKinerja:
    """Tell the teacher the result with its evidence; from now on the teacher reads it. Raises as `tetapkan`."""
    with ledger.record("kinerja.bahas", by=by, details={"penilaian": penilaian.pk}):
        alur.langkah(penilaian, "bahas", by=by)
        hasil = wajib_lengkap(hitung(penilaian))
        if refleksi.strip():
            _reflect(hasil, refleksi)
        return hasil


def simpan_refleksi(*, penilaian: PenilaianKinerja, refleksi: str, versi: int, by: Akun) -> HasilKinerja:
    """Write down what teacher and assessor reflected on together. The assessor writes while it is talked about.

    Raises InputError at `oleh`, `status`, `refleksi`, and `Bentrok` at `refleksi` when it changed meanwhile.
    """
    with ledger.record("kinerja.simpan_refleksi", by=by, details={"penilaian": penilaian.pk}):
        row = alur.kunci(penilaian)
        if by.pk != row.penilai_id:
            raise InputError.at("oleh", _("Refleksi bersama ditulis oleh penilai."))
        if row.status != Status.DIBAHAS:
            raise InputError.at("status", _("Refleksi bersama ditulis selagi hasilnya dibahas."))
        hasil = HasilKinerja.objects.get(penilaian=row)
        if hasil.versi != versi and hasil.refleksi != refleksi.strip():
            pesan = _("Refleksi sudah diubah menjadi: {isi}. Pilih yang berlaku, lalu simpan lagi.").format(
                isi=hasil.refleksi or _("kosong")
            )
            raise Bentrok([{"jalur": "refleksi", "pesan": pesan}], [Beda("refleksi", hasil.refleksi, hasil.versi)])
        if hasil.tanda_tangan.exists():
            raise InputError.at("refleksi", _("Hasil ini sudah ada yang menandatangani, jadi isinya tetap."))
        _reflect(hasil, refleksi)
        return hasil


def _reflect(hasil: HasilKinerja, refleksi: str) -> None:
    if len(refleksi) > LONGEST:
        raise InputError.at("refleksi", _("Paling panjang {n} huruf.").format(n=LONGEST))
    hasil.refleksi = refleksi.strip()
    hasil.versi += 1
    hasil.save()


# Signatures


def wajib_tanda(penilaian: PenilaianKinerja) -> tuple[TandaTangan.Sebagai, ...]:
    """Who has to sign. A head who is assessed does not sign as head as well."""
    akun_id = penilaian.guru.akun_id
    if akun_id is not None and _is_head(penilaian, akun_id):
        return (Sebagai.GURU, Sebagai.PENILAI)
    return (Sebagai.GURU, Sebagai.PENILAI, Sebagai.KEPALA)


def _is_head(penilaian: PenilaianKinerja, akun_id: int) -> bool:
    today = timezone.localdate()
    rows = Peran.objects.filter(
        akun_id=akun_id,
        jenis=Peran.Jenis.KEPALA_SEKOLAH,
        sekolah_id=penilaian.rencana.tahun.sekolah_id,
        dari__lte=today,
    )
    return rows.exclude(sampai__lt=today).exists()


def boleh_tanda(penilaian: PenilaianKinerja, akun: Akun) -> list[str]:
    """As what this account may sign now, in the order of the form; the head signs after the two others.

    A head who assesses signs twice: as assessor, then as head.
    """
    if penilaian.status != Status.DIBAHAS:
        return []
    signed = set(TandaTangan.objects.filter(hasil__penilaian=penilaian).values_list("sebagai", flat=True))
    turn = {
        Sebagai.GURU: akun.pk == penilaian.guru.akun_id,
        Sebagai.PENILAI: akun.pk == penilaian.penilai_id,
        Sebagai.KEPALA: {Sebagai.GURU, Sebagai.PENILAI} <= signed and _is_head(penilaian, akun.pk),
    }
    return [sebagai for sebagai in wajib_tanda(penilaian) if sebagai not in signed and turn[sebagai]]


def tanda_tangan(*, penilaian: PenilaianKinerja, sebagai: str, by: Akun) -> TandaTangan:
    """Sign the result with one's account; the last signature makes it final. Asked twice the first one stays.

    Raises InputError at `sebagai` for somebody whose turn it is not, at `status` outside the discussion, and at
    `refleksi` while the joint reflection is not written. Source: forms 1C and 2C.
    """
    with ledger.record("kinerja.tanda_tangan", by=by, details={"penilaian": penilaian.pk, "sebagai": sebagai}):
        row = alur.kunci(penilaian)
        old = TandaTangan.objects.filter(hasil__penilaian=row, sebagai=sebagai, akun=by).first()
        if old is not None:
            return old
        if row.status != Status.DIBAHAS:
            raise InputError.at("status", _("Hasil ditandatangani setelah dibahas dengan guru, dan sekali saja."))
        if sebagai not in boleh_tanda(row, by):
            raise InputError.at(
                "sebagai", _("Bukan giliran Anda: guru dan penilai menandatangani dahulu, kemudian kepala sekolah.")
            )
        hasil = wajib_lengkap(HasilKinerja.objects.filter(penilaian=row).first())
        if not hasil.refleksi:
            raise InputError.at("refleksi", _("Tulis refleksi bersama dahulu; penilai yang menuliskannya."))
        sign = TandaTangan.objects.create(hasil=hasil, sebagai=sebagai, akun=by, pada=timezone.now())
        if set(wajib_tanda(row)) <= set(hasil.tanda_tangan.values_list("sebagai", flat=True)):
            alur.langkah(penilaian, "setujui", by=by)
            kunci_isi(penilaian, hasil)
        return sign


def kunci_isi(penilaian: PenilaianKinerja, hasil: HasilKinerja) -> None:
    """Store the canonical text of a final result and its SHA-256; the caller holds the transaction."""
    hasil.isi = canonical(_content(penilaian, hasil))
    hasil.sidik = digest(hasil.isi)
    hasil.versi += 1
    hasil.save()


def utuh(hasil: HasilKinerja) -> bool:
    """Whether a final result still has its hash, and still says what the row beside it says."""
    if not hasil.sidik or digest(hasil.isi) != hasil.sidik:
        return False
    told = json.loads(hasil.isi)
    names = ("nilai", "total", "nilai_100", "sebutan", "persen", "angka_kredit", "refleksi")
    return all(told[name] == getattr(hasil, name) for name in names)


def _moment(moment: datetime) -> str:
    return moment.astimezone().isoformat(timespec="seconds")


def _content(penilaian: PenilaianKinerja, hasil: HasilKinerja) -> dict[str, Any]:
    plan, guru, case = penilaian.rencana, penilaian.guru, Keberatan.objects.filter(penilaian=penilaian).first()
    instrumen = instrumen_dari(penilaian)
    people = Akun.objects.in_bulk([pk for pk in (penilaian.penilai_id, penilaian.moderator_id) if pk])
    return {
        "format": FORMAT,
        "penilaian": penilaian.pk,
        "sekolah": {"npsn": plan.tahun.sekolah.npsn, "nama": plan.tahun.sekolah.nama},
        "rencana": {"tahun": plan.tahun.label, "jenis": plan.jenis, "mulai": plan.mulai.isoformat(),
                    "selesai": plan.selesai.isoformat()},
        "guru": {"nama": guru.nama, "nip": guru.nip, "nuptk": guru.nuptk},
        "penilai": people[penilaian.penilai_id].nama,
        "moderator": people[penilaian.moderator_id].nama if penilaian.moderator_id else None,
        "instrumen": instrumen.id,
        "bidang": penilaian.bidang,
        "golongan": penilaian.golongan,
        "jam": penilaian.jam,
        "aturan": {"id": hasil.aturan, "sidik": rules.sidik_aturan(aturan_dari(penilaian).id),
                   "instrumen": rules.sidik_aturan(instrumen.id)},
        "nilai": hasil.nilai,
        "total": hasil.total,
        "nilai_100": hasil.nilai_100,
        "sebutan": hasil.sebutan,
        "persen": hasil.persen,
        "angka_kredit": hasil.angka_kredit,
        "langkah": hasil.langkah,
        "peringatan": hasil.peringatan,
        "refleksi": hasil.refleksi,
        "catatan": [
            {"kompetensi": one.kompetensi, "tahap": one.tahap, "tanggal": one.tanggal.isoformat(), "isi": one.isi,
             "dokumen": one.dokumen, "tindak_lanjut": one.tindak_lanjut, "moderasi": one.moderasi}
            for one in Catatan.objects.filter(penilaian=penilaian)
        ],
        "skor": [
            [one.kompetensi, one.indikator, one.nilai, one.moderasi]
            for one in Skor.objects.filter(penilaian=penilaian).order_by("moderasi", "kompetensi", "indikator")
        ],
        "bukti": [
            {"kompetensi": one.kompetensi, "indikator": one.indikator, "jenis": one.jenis,
             "keterangan": one.keterangan, "nama_berkas": one.nama_berkas, "sha256": one.sha256}
            for one in Bukti.objects.filter(penilaian=penilaian)
        ],
        "tanda_tangan": [
            {"sebagai": one.sebagai, "nama": one.akun.nama, "pada": _moment(one.pada)}
            for one in hasil.tanda_tangan.select_related("akun").order_by("pada", "pk")
        ],
        "keberatan": None if case is None else {
            "alasan": case.alasan, "seluruhnya": case.seluruhnya, "putusan": case.putusan, "pada": _moment(case.pada),
            "selesai": _moment(case.selesai) if case.selesai else None,
        },
    }  # fmt: skip

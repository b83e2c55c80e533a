"""Notes and evidence: judged, versioned, kept once, and only by whom they belong to."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from mutu.kinerja.models import Bukti, Catatan
from mutu.kinerja.services import berkas
from mutu.kinerja.services.berkas import Berkas
from mutu.kinerja.services.catatan import Isian, hapus_bukti, hapus_catatan, simpan_bukti, simpan_catatan
from mutu.kinerja.services.menulis import Bentrok
from mutu.kinerja.tests.penilaian import HARI, Kasus, catat, kasus, skor
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import EntriLedger
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n...\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 40


@pytest.fixture
def satu(contoh: Contoh, settings: Any, tmp_path: Path) -> Kasus:
    settings.DATA_DIR = tmp_path
    return kasus(contoh)


def note(satu: Kasus, isi: str = "Guru menyapa tiap kelompok.", tahap: str = "selama", **more: Any) -> Catatan:
    given = {"penilaian": satu.segar(), "kompetensi": 1, "by": satu.penilai} | more
    hari = given.pop("tanggal", HARI)
    return simpan_catatan(isian=Isian(tahap, hari, isi, "RPP", "Diulang"), **given)


def paths(error: Any) -> list[str]:
    return [one["jalur"] for one in error.value.galat]


def container(*names: str, **content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as wadah:
        for name in names:
            wadah.writestr(name, content.get(name, b"x"))
    return made.getvalue()


DOCX = container("[Content_Types].xml", "word/document.xml")


def test_several_observations_are_noted_each_with_its_day(satu: Kasus) -> None:
    note(satu)
    note(satu, "Kelas kedua.", tanggal=date(2026, 8, 10))
    assert [one.tanggal.day for one in Catatan.objects.all()] == [3, 10]
    assert {one.oleh for one in Catatan.objects.select_related("oleh")} == {satu.penilai}


def test_a_note_that_comes_twice_is_kept_once(satu: Kasus) -> None:
    assert note(satu).pk == note(satu, "  Guru menyapa tiap kelompok. ").pk
    assert Catatan.objects.count() == 1


@pytest.mark.parametrize(
    ("faulty", "place"),
    [
        ({"isi": "   "}, "isi"),
        ({"isi": "x" * 4001}, "isi"),
        ({"tahap": "kapan-saja"}, "tahap"),
        ({"tanggal": "besok"}, "tanggal"),
        ({"tanggal": date(2026, 6, 30)}, "tanggal"),
        ({"kompetensi": 15}, "nomor"),
    ],
)
def test_what_is_wrong_with_a_note_is_said_at_its_place(satu: Kasus, faulty: dict[str, Any], place: str) -> None:
    if faulty.get("tanggal") == "besok":
        faulty = {"tanggal": timezone.localdate() + timedelta(days=1)}
    with pytest.raises(InputError) as error:
        note(satu, **faulty)
    assert paths(error) == ["kompetensi" if place == "nomor" else place]
    assert not Catatan.objects.exists()


def test_a_stale_note_shows_what_stands_there(satu: Kasus) -> None:
    old = note(satu)
    note(satu, "Kata baru.", catatan=old.pk, versi=1)
    with pytest.raises(Bentrok) as error:
        note(satu, "Kata saya.", catatan=old.pk, versi=1)
    assert error.value.beda[0].kini == "Kata baru."
    assert error.value.beda[0].versi == 2
    assert "Wati Wali" in str(error.value)
    assert note(satu, "Kata baru.", catatan=old.pk, versi=1).versi == 2, "a retry of what stands there is no conflict"
    with pytest.raises(Bentrok):
        hapus_catatan(catatan=old, versi=1, by=satu.penilai)


def test_nobody_else_writes(satu: Kasus) -> None:
    for akun in (satu.guru, satu.kepala, satu.lain, satu.moderator):
        with pytest.raises(InputError) as error:
            note(satu, by=akun)
        assert paths(error) == ["oleh"]


def test_the_note_that_scores_rest_on_stays(satu: Kasus) -> None:
    catat(satu, 1)
    skor(satu, 1, 2)
    row = Catatan.objects.get(tahap="setelah")
    with pytest.raises(InputError) as error:
        hapus_catatan(catatan=row, versi=1, by=satu.penilai)
    assert paths(error) == ["catatan"]
    with pytest.raises(InputError) as error:
        note(satu, "Pindah tahap.", "selama", catatan=row.pk, versi=1)
    assert paths(error) == ["catatan"]
    second = note(satu, "Pertemuan kedua.", "setelah")
    hapus_catatan(catatan=second, versi=1, by=satu.penilai)
    note(satu, "Kata lain.", "setelah", catatan=row.pk, versi=1)


def test_the_words_of_a_note_are_not_copied_into_the_ledger(satu: Kasus) -> None:
    note(satu, "Rahasia sekali.")
    assert not any("Rahasia" in str(one.sesudah) for one in EntriLedger.objects.all())
    assert EntriLedger.objects.filter(perbuatan="kinerja.simpan_catatan").exists()


def evidence(satu: Kasus, **more: Any) -> Bukti:
    given: dict[str, Any] = {
        "penilaian": satu.segar(),
        "kompetensi": 1,
        "indikator": [2, 1, 2],
        "jenis": "teramati",
        "keterangan": "Daftar kemajuan  siswa",
        "by": satu.penilai,
    }
    return simpan_bukti(**given | more)


@pytest.mark.parametrize(
    ("isi", "akhiran"),
    [
        (PDF, "pdf"),
        (JPEG, "jpg"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 9, "png"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (DOCX, "docx"),
        (container("mimetype", "content.xml", mimetype=b"application/vnd.oasis.opendocument.text"), "odt"),
    ],
)
def test_the_content_of_a_file_decides_its_kind(satu: Kasus, isi: bytes, akhiran: str) -> None:
    row = evidence(satu, kiriman=Berkas("C:\\foto\\../kelas saya.exe", isi))
    assert row.nama_berkas == f"kelas saya.{akhiran}"
    assert row.indikator == [1, 2]
    assert row.keterangan == "Daftar kemajuan siswa"
    assert row.berkas.endswith(f".{akhiran}")
    assert "kelas" not in row.berkas
    assert berkas.letak(row.berkas).read_bytes() == isi
    assert evidence(satu, kiriman=Berkas("lagi.pdf", isi)).pk == row.pk, "the same file is kept once"


@pytest.mark.parametrize(
    "isi",
    [
        b"",
        b"MZ\x90\0program",
        b"<html><script>alert(1)</script>",
        b"\0\0\0\x18ftypheic",
        container("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        container("a.exe"),
        DOCX[:40],
        PDF + b"x" * berkas.LARGEST,
    ],
)
def test_other_files_are_refused_and_leave_nothing(satu: Kasus, isi: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        evidence(satu, kiriman=Berkas("bukti.pdf", isi))
    assert paths(error) == ["berkas"]
    assert not Bukti.objects.exists()
    assert not list(tmp_path.rglob("*.*"))


def test_a_refused_row_leaves_no_file(satu: Kasus, tmp_path: Path) -> None:
    for faulty, place in (
        ({"indikator": [7]}, "indikator"),
        ({"jenis": "tak_teramati"}, "berkas"),
        ({"jenis": "lain"}, "jenis"),
        ({"keterangan": " "}, "keterangan"),
        ({"by": satu.lain}, "oleh"),
    ):
        with pytest.raises(InputError) as error:
            evidence(satu, kiriman=Berkas("bukti.pdf", PDF), **faulty)
        assert paths(error) == [place]
    assert not list(tmp_path.rglob("*.pdf"))


def test_evidence_without_a_file_and_taking_it_back(
    satu: Kasus, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    assert evidence(satu, jenis="tak_teramati", keterangan="Suasana kelas hangat").berkas == ""
    row = evidence(satu, kiriman=Berkas("bukti.pdf", PDF))
    assert len(list(tmp_path.rglob("*.pdf"))) == 1
    with pytest.raises(InputError) as error:
        hapus_bukti(bukti=row, by=satu.guru)
    assert paths(error) == ["oleh"]
    with django_capture_on_commit_callbacks(execute=True):
        hapus_bukti(bukti=row, by=satu.penilai)
    assert not list(tmp_path.rglob("*.pdf"))


def test_nothing_is_written_once_the_result_is_told(satu: Kasus) -> None:
    row = note(satu)
    with ledger.record("uji.status", by=ledger.SYSTEM):
        satu.penilaian.status = "dibahas"
        satu.penilaian.save()
    for act in (
        lambda: note(satu, "Lagi."),
        lambda: hapus_catatan(catatan=row, versi=1, by=satu.penilai),
        lambda: evidence(satu),
    ):
        with pytest.raises(InputError) as error:
            act()
        assert paths(error) == ["status"]

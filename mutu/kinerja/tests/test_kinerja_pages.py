"""The pages of an assessment: who finds them, what they say, and what a refused step leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mutu.kinerja.models import Bukti, Catatan, Dilihat, HasilKinerja, Keberatan, Skor
from mutu.kinerja.tests.penilaian import Kasus, catat, kasus, sampai_dibahas, skor
from mutu.satuan.models import Akun
from tests.contoh import Contoh, sekolah_kecil

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\nisi\n%%EOF\n"


@pytest.fixture
def satu(contoh: Contoh, settings: Any, tmp_path: Path) -> Kasus:
    settings.DATA_DIR = tmp_path
    return kasus(contoh)


def masuk(akun: Akun) -> Client:
    client = Client()
    client.force_login(Akun.objects.get(pk=akun.pk))
    return client


def alamat(satu: Kasus, bagian: str) -> str:
    return f"/kinerja/penilaian/{satu.penilaian.pk}/{bagian}"


def note(client: Client, satu: Kasus, nomor: int = 1, **more: str) -> Any:
    given = {"aksi": "catatan", "tahap": "selama", "tanggal": "2026-08-03", "isi": "Guru menyapa tiap kelompok."}
    headers = {"Accept": more.pop("accept")} if "accept" in more else {}
    return client.post(alamat(satu, f"nilai/{nomor}/"), given | more, headers=headers)


def upload(client: Client, satu: Kasus, isi: bytes = PDF, nama: str = "rpp.pdf") -> Any:
    given = {"aksi": "bukti", "b-jenis": "teramati", "b-keterangan": "RPP pekan 3", "b-indikator": ["1", "3"]}
    return client.post(alamat(satu, "nilai/1/"), given | {"b-berkas": SimpleUploadedFile(nama, isi)})


def test_the_assessor_notes_scores_and_reads_why(satu: Kasus) -> None:
    client = masuk(satu.penilai)
    page = client.get(alamat(satu, "nilai/1/")).content.decode()
    assert "Skor terbuka setelah ada catatan sebelum pengamatan" in page
    refused = client.post(alamat(satu, "nilai/1/"), {"aksi": "skor", "s-1": "2", "v-1": "0"})
    assert refused.status_code == 422
    assert "belum mempunyai catatan" in refused.content.decode()
    for tahap in ("sebelum", "selama", "setelah", "pemantauan"):
        assert note(client, satu, tahap=tahap).status_code == 302
    given = {f"s-{n}": str(nilai) for n, nilai in enumerate([1, 2, 2, 0, 0, 2], start=1)}
    given |= {f"v-{n}": "0" for n in range(1, 7)}
    assert client.post(alamat(satu, "nilai/1/"), given | {"aksi": "skor"}).status_code == 302
    page = client.get(alamat(satu, "nilai/1/")).content.decode()
    assert "58,33%" in page
    assert "Tabel 9" in page
    assert "1 dari 14 kompetensi selesai" in client.get(alamat(satu, "nilai/")).content.decode()
    assert not Dilihat.objects.exists()


def test_a_wrong_or_stale_score_stays_typed_beside_its_reason(satu: Kasus) -> None:
    catat(satu, 12)
    skor(satu, 12, [2, 2, 1])
    client = masuk(satu.penilai)
    given = {"aksi": "skor", "s-1": "0", "v-1": "0", "s-2": "2", "v-2": "1", "s-3": "1", "v-3": "1"}
    page = client.post(alamat(satu, "nilai/12/"), given)
    assert page.status_code == 422
    text = page.content.decode()
    assert "menjadi 2; Anda memilih 0" in text
    assert 'name="v-1" value="1"' in text, "the newer version, so that saving again is a choice"
    assert 'name="s-1" value="0" checked' in text
    assert client.post(alamat(satu, "nilai/12/"), given | {"v-1": "1"}).status_code == 302
    assert Skor.objects.get(indikator=1).nilai == 0
    assert client.post(alamat(satu, "nilai/12/"), given | {"s-2": "9"}).status_code == 422


def test_a_stale_note_is_shown_with_both_words(satu: Kasus) -> None:
    client = masuk(satu.penilai)
    note(client, satu)
    row = Catatan.objects.get()
    note(client, satu, catatan=str(row.pk), versi="1", isi="Kata baru.")
    page = note(client, satu, catatan=str(row.pk), versi="1", isi="Kata saya.")
    assert page.status_code == 422
    text = page.content.decode()
    assert "menjadi: Kata baru." in text
    assert "Kata saya.</textarea>" in text
    assert 'name="versi" value="2"' in text


def test_a_script_hears_whether_it_is_kept(satu: Kasus) -> None:
    client = masuk(satu.penilai)
    kept = note(client, satu, accept="application/json")
    assert (kept.status_code, kept.json()) == (200, {"url": alamat(satu, "nilai/1/")})
    assert note(client, satu, accept="application/json").status_code == 200, "sent again after a lost answer"
    assert Catatan.objects.count() == 1
    assert note(client, satu, isi=" ", accept="application/json").status_code == 422


def test_evidence_is_handed_out_as_a_file_to_the_parties_alone(satu: Kasus, contoh: Contoh) -> None:
    client = masuk(satu.penilai)
    assert upload(client, satu, b"<html>", "rpp.pdf").status_code == 422
    assert upload(client, satu).status_code == 302
    url = f"/kinerja/bukti/{Bukti.objects.get().pk}/"
    answer = client.get(url)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    for akun in (satu.guru, satu.lain, satu.moderator, contoh.akun["admin"], contoh.akun["operator"]):
        assert masuk(akun).get(url).status_code == 404
    assert masuk(satu.kepala).get(url).status_code == 200
    assert Dilihat.objects.filter(akun=satu.kepala, apa="bukti").exists()


def test_nobody_else_opens_the_screen(satu: Kasus, contoh: Contoh) -> None:
    others = [satu.guru, satu.kepala, satu.lain, satu.moderator, contoh.akun["admin"], contoh.akun["operator"]]
    others += list(sekolah_kecil("69900102", prefix="lain-").akun.values())
    for akun in others:
        client = masuk(akun)
        for part in ("nilai/", "nilai/1/"):
            assert client.get(alamat(satu, part)).status_code == 404, akun
        assert note(client, satu).status_code == 404
    assert not Catatan.objects.exists()
    assert masuk(satu.penilai).get(alamat(satu, "nilai/15/")).status_code == 404


def test_the_teacher_reads_it_once_it_is_told_and_a_third_never(satu: Kasus) -> None:
    catat(satu, 1)
    skor(satu, 1, 2)
    assert masuk(satu.guru).get(alamat(satu, "hasil/")).status_code == 404
    assert masuk(satu.kepala).get(alamat(satu, "hasil/")).status_code == 200
    for nomor in range(2, 15):
        catat(satu, nomor)
        skor(satu, nomor, 2)
    client = masuk(satu.penilai)
    assert client.post(alamat(satu, "nilai/"), {"aksi": "tetapkan"}).status_code == 302
    assert masuk(satu.guru).get(alamat(satu, "hasil/")).status_code == 404, "scored, not told"
    client.post(alamat(satu, "nilai/"), {"aksi": "bahas"})
    page = masuk(satu.guru).get(alamat(satu, "hasil/"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Amat baik" in text
    assert "Perkiraan angka kredit 13,13" in text
    assert "Catatan selama." in text
    assert "Tabel 9" in text
    assert "Kus Kepala: hasil" in text
    for akun in (satu.lain, satu.moderator):
        assert masuk(akun).get(alamat(satu, "hasil/")).status_code == 404
        assert masuk(akun).get(alamat(satu, "keberatan/")).status_code == 404


def test_reflection_and_three_signatures_by_clicking(satu: Kasus) -> None:
    sampai_dibahas(satu)
    row = HasilKinerja.objects.get()
    client = masuk(satu.penilai)
    stale = client.post(alamat(satu, "hasil/"), {"aksi": "refleksi", "refleksi": "Kata saya", "versi": "1"})
    assert stale.status_code == 422
    assert "menjadi: Kami sepakat" in stale.content.decode()
    assert "Kata saya</textarea>" in stale.content.decode()
    given = {"aksi": "refleksi", "refleksi": "Belajar kelompok.", "versi": str(row.versi)}
    assert client.post(alamat(satu, "hasil/"), given).status_code == 302
    for sebagai, akun in (("guru", satu.guru), ("penilai", satu.penilai), ("kepala", satu.kepala)):
        own = masuk(akun)
        assert f'value="{sebagai}"' in own.get(alamat(satu, "hasil/")).content.decode()
        own.post(alamat(satu, "hasil/"), {"aksi": "tanda", "sebagai": sebagai})
    assert satu.segar().status == "final"
    text = masuk(satu.guru).get(alamat(satu, "hasil/")).content.decode()
    assert "utuh sejak ditetapkan final" in text
    assert "Belajar kelompok." in text
    assert "Saya tidak sepakat" not in text
    assert note(masuk(satu.penilai), satu).status_code == 422
    assert masuk(satu.guru).get(alamat(satu, "keberatan/")).status_code == 404


def test_an_objection_by_clicking(satu: Kasus) -> None:
    sampai_dibahas(satu, nilai=1)
    teacher, head, moderator = masuk(satu.guru), masuk(satu.kepala), masuk(satu.moderator)
    assert head.get(alamat(satu, "keberatan/")).status_code == 404
    assert teacher.post(alamat(satu, "keberatan/"), {}).status_code == 422
    assert teacher.post(alamat(satu, "keberatan/"), {"alasan-12": "Bukti belum dilihat."}).status_code == 302
    assert Keberatan.objects.get().alasan == {"12": "Bukti belum dilihat."}
    assert teacher.get(alamat(satu, "keberatan/")).status_code == 404, "once only"
    page = head.get(alamat(satu, "keberatan/")).content.decode()
    assert "Pak Pengawas" in page
    assert "Wati Wali</label>" not in page
    faulty = head.post(alamat(satu, "keberatan/"), {"moderator": str(satu.penilai.pk)})
    assert faulty.status_code == 422
    assert moderator.get(alamat(satu, "nilai/")).status_code == 404
    head.post(alamat(satu, "keberatan/"), {"moderator": str(satu.moderator.pk)})
    assert moderator.get(alamat(satu, "nilai/12/")).status_code == 200
    assert moderator.get(alamat(satu, "nilai/1/")).status_code == 404, "not contested"
    for tahap in ("pemantauan", "sebelum", "selama", "setelah"):
        note(moderator, satu, 12, tahap=tahap, isi="Rahasia moderator.")
    given = {f"s-{n}": "2" for n in (1, 2, 3)} | {f"v-{n}": "0" for n in (1, 2, 3)} | {"aksi": "skor"}
    assert moderator.post(alamat(satu, "nilai/12/"), given).status_code == 302
    assert "Rahasia moderator" not in teacher.get(alamat(satu, "hasil/")).content.decode()
    assert moderator.post(alamat(satu, "keberatan/"), {"putusan": ""}).status_code == 422
    assert moderator.post(alamat(satu, "keberatan/"), {"putusan": "Dinaikkan."}).status_code == 302
    text = teacher.get(alamat(satu, "hasil/")).content.decode()
    assert "semula 2" in text
    assert "Dinaikkan." in text
    assert "Rahasia moderator." in text
    assert moderator.get(alamat(satu, "hasil/")).status_code == 404
    assert moderator.get(alamat(satu, "nilai/12/")).status_code == 404

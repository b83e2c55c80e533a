"""Scores rest on notes; the result stands in the same transaction; told, signed, locked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mutu.kinerja import rules
from mutu.kinerja.models import HasilKinerja, PangkatGuru, Skor, TandaTangan
from mutu.kinerja.services import hasil
from mutu.kinerja.services.catatan import Isian, simpan_catatan
from mutu.kinerja.services.lembar import lembar
from mutu.kinerja.services.menulis import Bentrok
from mutu.kinerja.services.nilai import SkorBaru, simpan_skor, tampil
from mutu.kinerja.tests.penilaian import HARI, catat, kasus, nilai_semua, sampai_dibahas, sampai_final, skor
from mutu.regulation.canonical import digest
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db


def paths(error: Any) -> list[str]:
    return [satu["jalur"] for satu in error.value.galat]


@pytest.mark.parametrize("tahap", ["sebelum", "selama", "setelah", "pemantauan"])
def test_a_score_without_its_note_is_refused_and_the_note_is_named(contoh: Contoh, tahap: str) -> None:
    satu = kasus(contoh)
    catat(satu, 1, kecuali=tahap)
    with pytest.raises(InputError) as error:
        skor(satu, 1, 2)
    assert paths(error) == ["catatan"]
    assert tahap in str(error.value)
    assert not Skor.objects.exists()
    simpan_catatan(penilaian=satu.penilaian, kompetensi=1, isian=Isian(tahap, HARI, "Lengkap."), by=satu.penilai)
    skor(satu, 1, 2)
    assert Skor.objects.count() == 6


def test_one_note_is_enough_where_the_way_of_assessing_is_unknown(contoh: Contoh) -> None:
    satu = kasus(contoh, instrumen="guru-bk", jam=150)
    with pytest.raises(InputError) as error:
        skor(satu, 1, 1)
    assert "apa pun" in str(error.value)
    simpan_catatan(penilaian=satu.penilaian, kompetensi=1, isian=Isian("selama", HARI, "Layanan."), by=satu.penilai)
    skor(satu, 1, 1)


def test_a_score_that_the_rules_do_not_know_is_refused(contoh: Contoh) -> None:
    satu = kasus(contoh)
    catat(satu, 1)
    for faulty, place in (([2, 3, 2, 2, 2, 2], "skor[2]"), ([2, 2, 2, 2, 2, 2, 2], "skor[7]")):
        with pytest.raises(InputError) as error:
            skor(satu, 1, faulty)
        assert paths(error) == [place]
    with pytest.raises(InputError):
        skor(satu, 15, [2])
    assert not Skor.objects.exists()
    other = kasus(contoh, instrumen="kepala-sekolah")
    catat(other, 1)
    with pytest.raises(InputError) as error:
        skor(other, 1, [0, 1, 1, 1, 1, 1, 1])
    assert paths(error) == ["skor[1]"]


def test_a_retired_instrument_is_refused(contoh: Contoh) -> None:
    satu = kasus(contoh)
    with ledger.record("uji.rencana", by=ledger.SYSTEM):
        plan = satu.penilaian.rencana
        plan.mulai, plan.selesai = date(2009, 8, 1), date(2010, 6, 1)
        plan.save()
    with pytest.raises(InputError) as error:
        simpan_catatan(penilaian=satu.segar(), kompetensi=1, isian=Isian("selama", HARI, "X"), by=satu.penilai)
    assert paths(error) == ["tanggal"]


def test_the_result_follows_each_score(contoh: Contoh) -> None:
    satu = kasus(contoh)
    catat(satu, 1)
    skor(satu, 1, [1, 2, 2, 0, 0, 2])
    row = HasilKinerja.objects.get()
    assert (row.total, row.sebutan, row.angka_kredit) == ("", "", "")
    assert row.nilai[0]["nilai"] == "3", "7 of 12 is 58,33%: the example of the guideline"
    assert row.nilai[0]["persen"] == "175/3"
    assert row.nilai[0]["langkah"][-1]["sumber"]
    assert "2, 3, 4" in row.peringatan[0]
    for nomor in range(2, 15):
        catat(satu, nomor)
        skor(satu, nomor, 2)
    row.refresh_from_db()
    assert (row.total, row.nilai_100, row.sebutan, row.persen) == ("55", "1375/14", "Amat baik", 125)
    assert row.angka_kredit == "105/8", "42 x 24/24 x 125% / 4"
    assert tampil(row.nilai_100, satu.segar()) == "98,21"
    assert any("perkiraan" in satu_pesan for satu_pesan in row.peringatan)
    assert row.aturan == "pkguru-2010"


def test_a_formatif_has_no_credit(contoh: Contoh) -> None:
    satu = kasus(contoh, jenis="formatif")
    nilai_semua(satu)
    row = HasilKinerja.objects.get()
    assert (row.total, row.sebutan, row.angka_kredit) == ("56", "Amat baik", "")
    assert not any(
        "kredit" in langkah["nama"].lower() and "Persentase" not in langkah["nama"] for langkah in row.langkah
    )


@pytest.mark.parametrize(("jam", "ada"), [(0, "1 sampai 40"), (41, "1 sampai 40"), (None, "Beban")])
def test_a_wrong_load_gives_no_credit_and_says_so(contoh: Contoh, jam: int | None, ada: str) -> None:
    satu = kasus(contoh)
    with ledger.record("uji.jam", by=ledger.SYSTEM):
        satu.penilaian.jam = jam
        satu.penilaian.save()
    nilai_semua(satu)
    row = HasilKinerja.objects.get()
    assert row.total == "56"
    assert row.angka_kredit == ""
    assert any(ada in pesan for pesan in row.peringatan)


def test_a_rank_that_changes_in_the_round_warns(contoh: Contoh) -> None:
    satu = kasus(contoh)
    with ledger.record("uji.pangkat", by=ledger.SYSTEM):
        PangkatGuru.objects.create(guru=satu.penilaian.guru, golongan="III/b", tmt=date(2026, 10, 1))
    nilai_semua(satu)
    assert any("Golongan berubah menjadi III/b" in pesan for pesan in HasilKinerja.objects.get().peringatan)


def test_an_additional_task_counts_beside_teaching(contoh: Contoh) -> None:
    teaching = kasus(contoh, jam=6)
    head = kasus(contoh, instrumen="kepala-sekolah")
    nilai_semua(head, 4)
    assert HasilKinerja.objects.get().nilai_100 == "100"
    nilai_semua(teaching)
    row = HasilKinerja.objects.get(penilaian=teaching.penilaian)
    assert row.angka_kredit == "105/8", "25% x 13,125 + 75% x 13,125"


def test_a_stale_score_shows_both_values_and_writes_none(contoh: Contoh) -> None:
    satu = kasus(contoh)
    catat(satu, 12)
    skor(satu, 12, [2, 2, 1])
    before = HasilKinerja.objects.get().versi
    rows = [SkorBaru(1, 0, 0), SkorBaru(2, 2, 0), SkorBaru(3, 0, 1)]
    with pytest.raises(Bentrok) as error:
        simpan_skor(penilaian=satu.segar(), kompetensi=12, skor=rows, by=satu.penilai)
    assert [(one.jalur, one.kini, one.versi) for one in error.value.beda] == [("skor[1]", "2", 1)]
    assert "menjadi 2" in str(error.value)
    assert "memilih 0" in str(error.value)
    assert HasilKinerja.objects.get().versi == before
    assert list(Skor.objects.values_list("nilai", flat=True)) == [2, 2, 1], "all or none"


def test_only_the_assessor_scores_and_only_while_it_runs(contoh: Contoh) -> None:
    satu = kasus(contoh)
    catat(satu, 12)
    for akun in (satu.guru, satu.kepala, satu.lain, satu.moderator):
        with pytest.raises(InputError) as error:
            skor(satu, 12, 2, by=akun)
        assert paths(error) == ["oleh"]
    with ledger.record("uji.status", by=ledger.SYSTEM):
        satu.penilaian.status = "disepakati"
        satu.penilaian.save()
    with pytest.raises(InputError) as error:
        skor(satu, 12, 2)
    assert paths(error) == ["status"]


def test_it_is_not_closed_while_a_competency_is_open(contoh: Contoh) -> None:
    satu = kasus(contoh)
    catat(satu, 1)
    skor(satu, 1, 2)
    with pytest.raises(InputError) as error:
        hasil.tetapkan(penilaian=satu.segar(), by=satu.penilai)
    assert paths(error) == ["skor"]
    assert satu.segar().status == "berjalan"


def test_three_signatures_make_it_final_and_nothing_changes_after(contoh: Contoh) -> None:
    satu = kasus(contoh)
    sampai_dibahas(satu)
    with pytest.raises(InputError) as error:
        hasil.tanda_tangan(penilaian=satu.segar(), sebagai="kepala", by=satu.kepala)
    assert paths(error) == ["sebagai"], "the head signs last"
    with pytest.raises(InputError):
        hasil.tanda_tangan(penilaian=satu.segar(), sebagai="guru", by=satu.penilai)
    for sebagai, akun in (("guru", satu.guru), ("penilai", satu.penilai), ("penilai", satu.penilai)):
        hasil.tanda_tangan(penilaian=satu.segar(), sebagai=sebagai, by=akun)
    assert satu.segar().status == "dibahas"
    hasil.tanda_tangan(penilaian=satu.segar(), sebagai="kepala", by=satu.kepala)
    assert satu.segar().status == "final"
    row = HasilKinerja.objects.get()
    assert digest(row.isi) == row.sidik
    assert TandaTangan.objects.count() == 3
    assert hasil.utuh(row)
    row.total = "14"
    assert not hasil.utuh(row)
    for act in (
        lambda: skor(satu, 1, 0, versi=1),
        lambda: catat(satu, 1, kecuali="x"),
        lambda: hasil.simpan_refleksi(penilaian=satu.segar(), refleksi="Lain", versi=row.versi, by=satu.penilai),
        lambda: hasil.tanda_tangan(penilaian=satu.segar(), sebagai="kepala", by=satu.lain),
    ):
        with pytest.raises(InputError) as error:
            act()
        assert paths(error) == ["status"]


def test_nobody_signs_without_the_joint_reflection(contoh: Contoh) -> None:
    satu = kasus(contoh)
    nilai_semua(satu)
    hasil.tetapkan(penilaian=satu.segar(), by=satu.penilai)
    row = hasil.bahas(penilaian=satu.segar(), by=satu.penilai)
    with pytest.raises(InputError) as error:
        hasil.tanda_tangan(penilaian=satu.segar(), sebagai="guru", by=satu.guru)
    assert paths(error) == ["refleksi"]
    with pytest.raises(InputError):
        hasil.simpan_refleksi(penilaian=satu.segar(), refleksi="X", versi=row.versi, by=satu.guru)
    stale = row.versi
    row = hasil.simpan_refleksi(penilaian=satu.segar(), refleksi="Sepakat.", versi=stale, by=satu.penilai)
    with pytest.raises(Bentrok) as conflict:
        hasil.simpan_refleksi(penilaian=satu.segar(), refleksi="Lain.", versi=stale, by=satu.penilai)
    assert conflict.value.beda[0].kini == "Sepakat."
    hasil.tanda_tangan(penilaian=satu.segar(), sebagai="guru", by=satu.guru)


def test_a_head_who_is_assessed_does_not_sign_as_head(contoh: Contoh) -> None:
    satu = kasus(contoh)
    with ledger.record("uji.kepala", by=ledger.SYSTEM):
        satu.penilaian.guru.akun.peran.create(jenis="kepala_sekolah", sekolah=contoh.sekolah, dari=date(2020, 1, 1))
    assert hasil.wajib_tanda(satu.segar()) == ("guru", "penilai")


def test_the_sheet_takes_few_queries(contoh: Contoh, django_assert_max_num_queries: Any) -> None:
    satu = kasus(contoh)
    sampai_final(satu)
    penilaian = satu.segar()
    with django_assert_max_num_queries(5):
        sheet = lembar(penilaian)
    assert len(sheet) == 14
    assert sum(one.terisi for one in sheet) == 78
    assert rules.APA_SAJA not in sheet[0].kurang

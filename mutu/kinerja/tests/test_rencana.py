"""The plan: ranks, assessors, rounds, who assesses whom, the agreed window, and everything that is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mutu.kinerja import rules
from mutu.kinerja.models import PangkatGuru, Penilai, PenilaianKinerja, RencanaKinerja
from mutu.kinerja.services import rencana
from mutu.kinerja.services.rencana import Baris
from mutu.regulation.explain import InputError
from mutu.satuan import ledger, menunggu
from mutu.satuan.models import Akun, EntriLedger, Guru, Peran
from tests.contoh import Contoh, akun_baru, sekolah_kecil

pytestmark = pytest.mark.django_db


@pytest.fixture
def contoh(db: None) -> Contoh:
    made = sekolah_kecil()
    for akun in ("guru", "guru_lain", "wali"):
        rencana.catat_pangkat(
            guru=Guru.objects.get(akun=made.akun[akun]), golongan="III/b", tmt=date(2020, 4, 1), by=made.akun["kepala"]
        )
    return made


def plan_of(contoh: Contoh, jenis: str = "formatif") -> RencanaKinerja:
    row, _advice = rencana.simpan_rencana(
        tahun=contoh.tahun, jenis=jenis, mulai=date(2026, 7, 13), selesai=date(2026, 8, 20), by=contoh.akun["kepala"]
    )
    return row


def appoint(contoh: Contoh, akun: str = "guru_lain", **more: Any) -> Penilai:
    given: dict[str, Any] = {
        "sk_nomor": "7/SK",
        "sk_tanggal": date(2026, 7, 1),
        "pelatihan": date(2026, 6, 1),
        "dari": date(2026, 7, 1),
    }
    return rencana.simpan_penilai(
        sekolah=contoh.sekolah, akun=contoh.akun[akun], by=contoh.akun["kepala"], **(given | more)
    )


def guru(contoh: Contoh, akun: str = "guru") -> int:
    return Guru.objects.get(akun=contoh.akun[akun]).pk


def assign(contoh: Contoh, plan: RencanaKinerja, *rows: Baris) -> rencana.Tersimpan:
    return rencana.simpan_penugasan(rencana=plan, baris=rows, by=contoh.akun["kepala"])


def refused(act: Callable[[], object], path: str, word: str) -> None:
    """The act is refused at this path with this word, and stores nothing."""
    before = (PenilaianKinerja.objects.count(), Penilai.objects.count(), RencanaKinerja.objects.count())
    with pytest.raises(InputError) as found:
        act()
    assert [one["jalur"] for one in found.value.galat] == [path], found.value.galat
    assert word in found.value.galat[0]["pesan"]
    assert before == (PenilaianKinerja.objects.count(), Penilai.objects.count(), RencanaKinerja.objects.count())


def announced(contoh: Contoh) -> PenilaianKinerja:
    plan = plan_of(contoh)
    appoint(contoh)
    assign(contoh, plan, Baris(guru(contoh), contoh.akun["guru_lain"].pk, "guru-mapel", 24))
    rencana.umumkan_semua(rencana=plan, by=contoh.akun["kepala"])
    return fresh()


def fresh() -> PenilaianKinerja:
    return PenilaianKinerja.objects.select_related("rencana__tahun__sekolah", "guru").get()


# Ranks


def test_a_rank_of_no_table_is_refused_and_a_later_one_ends_the_first(contoh: Contoh) -> None:
    teacher = Guru.objects.get(akun=contoh.akun["guru"])
    refused(
        lambda: rencana.catat_pangkat(guru=teacher, golongan="V/a", tmt=date(2024, 1, 1), by=contoh.akun["kepala"]),
        "golongan",
        "tidak dikenal",
    )
    rencana.catat_pangkat(guru=teacher, golongan="III/c", tmt=date(2024, 4, 1), by=contoh.akun["kepala"])
    held = {day: rencana.pangkat_pada([teacher.pk], day) for day in (date(2024, 3, 31), date(2024, 4, 1))}
    assert [found[teacher.pk].golongan for found in held.values()] == ["III/b", "III/c"]
    assert rencana.pangkat_pada([teacher.pk], date(2019, 1, 1)) == {}
    tomorrow = timezone.localdate() + timedelta(days=1)
    refused(
        lambda: rencana.catat_pangkat(guru=teacher, golongan="III/d", tmt=tomorrow, by=contoh.akun["kepala"]),
        "tmt",
        "belum tiba",
    )


def test_a_rank_that_changes_within_the_round_is_pointed_out(contoh: Contoh) -> None:
    row = announced(contoh)
    assert rencana.pangkat_berubah(row) is None
    with ledger.record("uji", by=ledger.SYSTEM):
        PangkatGuru.objects.create(guru=row.guru, golongan="III/c", tmt=date(2026, 8, 1))
    found = rencana.pangkat_berubah(row)
    assert found is not None
    assert (row.golongan, found.golongan) == ("III/b", "III/c")


# Assessors


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"sampai": date(2026, 6, 30)}, "sampai"),
        ({"sk_tanggal": None}, "sk_tanggal"),
        ({"sk_nomor": ""}, "sk_nomor"),
        ({"pelatihan": date(2100, 1, 1)}, "pelatihan"),
    ],
)
def test_an_appointment_that_makes_no_sense_is_refused(contoh: Contoh, given: dict[str, Any], path: str) -> None:
    with pytest.raises(InputError) as found:
        appoint(contoh, **given)
    assert [one["jalur"] for one in found.value.galat] == [path]
    assert not Penilai.objects.exists()


def test_one_person_is_appointed_once_at_a_time(contoh: Contoh) -> None:
    row = appoint(contoh, sampai=date(2026, 12, 31))
    refused(lambda: appoint(contoh, dari=date(2026, 10, 1)), "akun", "sudah bertugas")
    appoint(contoh, dari=date(2027, 1, 1))
    changed = {"penilai": row, "sekolah": row.sekolah, "akun": row.akun, "dari": row.dari, "by": contoh.akun["kepala"]}
    rencana.simpan_penilai(**changed, sampai=date(2026, 11, 30), versi=1)
    refused(lambda: rencana.simpan_penilai(**changed, sampai=date(2026, 10, 31), versi=1), "versi", "orang lain")


# Rounds


def test_a_round_outside_the_advised_weeks_is_stored_with_advice(contoh: Contoh) -> None:
    given = {"tahun": contoh.tahun, "by": contoh.akun["kepala"]}
    _row, advice = rencana.simpan_rencana(jenis="formatif", mulai=date(2026, 7, 13), selesai=date(2026, 8, 23), **given)
    assert advice == []
    _row, advice = rencana.simpan_rencana(jenis="formatif", mulai=date(2026, 7, 13), selesai=date(2026, 8, 24), **given)
    assert "23 Agustus 2026" in advice[0]
    row, advice = rencana.simpan_rencana(jenis="sumatif", mulai=date(2027, 4, 1), selesai=date(2027, 6, 18), **given)
    assert "17 April 2027" in advice[0]
    assert RencanaKinerja.objects.count() == 2, "the same kind again moves its window"
    assert rencana.saran_rencana(row) == advice
    with pytest.raises(InputError) as found:
        rencana.simpan_rencana(jenis="kemajuan", mulai=date(2026, 6, 1), selesai=date(2027, 7, 30), **given)
    assert [one["jalur"] for one in found.value.galat] == ["mulai", "selesai"]


def test_a_window_is_not_moved_away_from_what_teachers_were_told(contoh: Contoh) -> None:
    row = announced(contoh)
    with pytest.raises(InputError, match="1 guru sudah diberi jadwal"):
        rencana.simpan_rencana(
            tahun=contoh.tahun,
            jenis="formatif",
            mulai=date(2026, 8, 1),
            selesai=date(2026, 8, 20),
            by=contoh.akun["kepala"],
        )
    assert fresh().rencana.mulai == row.rencana.mulai == date(2026, 7, 13)


# Who assesses whom: what is refused


def test_whoever_may_not_assess_is_refused_with_the_reason(contoh: Contoh) -> None:
    plan, one = plan_of(contoh), guru(contoh)
    people = contoh.akun

    def by(akun: str) -> Callable[[], object]:
        return lambda: assign(contoh, plan, Baris(one, people[akun].pk, "guru-mapel", 24))

    refused(by("guru"), "baris[0].penilai", "dirinya sendiri")
    refused(by("guru_lain"), "baris[0].penilai", "belum ditugaskan")
    row = appoint(contoh, sk_nomor="", sk_tanggal=None)
    refused(by("guru_lain"), "baris[0].penilai", "belum mempunyai SK")
    given = {"penilai": row, "sekolah": row.sekolah, "akun": row.akun, "dari": row.dari, "by": people["kepala"]}
    letter = {"sk_nomor": "7/SK", "sk_tanggal": date(2026, 7, 1)}
    rencana.simpan_penilai(**given, **letter)
    refused(by("guru_lain"), "baris[0].penilai", "pelatihan")
    letter["pelatihan"] = date(2026, 6, 1)
    rencana.simpan_penilai(**given, **letter, sampai=date(2026, 8, 19))
    refused(by("guru_lain"), "baris[0].penilai", "berakhir 19 Agustus 2026")
    rencana.simpan_penilai(**(given | {"dari": date(2026, 8, 21)}), **letter)
    refused(by("guru_lain"), "baris[0].penilai", "baru mulai")
    rencana.simpan_penilai(**given, **letter, sampai=date(2026, 8, 20))
    assert by("guru_lain")() == rencana.Tersimpan(baru=1)


def test_the_head_assesses_without_a_letter_and_is_assessed_by_a_supervisor(contoh: Contoh) -> None:
    plan = plan_of(contoh)
    head = contoh.akun["kepala"]
    assign(contoh, plan, Baris(guru(contoh), head.pk, "guru-mapel", 24))
    with ledger.record("uji", by=ledger.SYSTEM):
        Peran.objects.create(akun=head, jenis="guru", sekolah=contoh.sekolah, dari=date(2020, 1, 1))
        teacher = Guru.objects.create(sekolah=contoh.sekolah, nama="Kus Kepala, M.Pd.", akun=head)
        PangkatGuru.objects.create(guru=teacher, golongan="IV/a", tmt=date(2020, 1, 1))
        supervisor = Akun.objects.create(username="pengawas", nama="Pak Pengawas")
    appoint(contoh)
    other = Baris(teacher.pk, contoh.akun["guru_lain"].pk, "kepala-sekolah", 6)
    refused(lambda: assign(contoh, plan, other), "baris[0].penilai", "pengawas")
    itself = Baris(teacher.pk, head.pk, "kepala-sekolah", 6)
    refused(lambda: assign(contoh, plan, itself), "baris[0].penilai", "dirinya sendiri")
    rencana.simpan_penilai(
        sekolah=contoh.sekolah, akun=supervisor, pengawas=True, dari=date(2026, 7, 1), by=contoh.akun["kepala"]
    )
    assert assign(contoh, plan, Baris(teacher.pk, supervisor.pk, "kepala-sekolah", 6)).baru == 1


@pytest.mark.parametrize(
    ("instrumen", "jam", "bidang", "path", "word"),
    [
        ("guru-mapel", 0, "", "jam", "1 sampai 40"),
        ("guru-mapel", 41, "", "jam", "1 sampai 40"),
        ("guru-mapel", None, "", "jam", "Isi beban"),
        ("guru-bk", 251, "", "jam", "1 sampai 250"),
        ("wakil-kepala-sekolah", 12, "", "bidang", "Pilih bidang"),
        ("wakil-kepala-sekolah", 12, "taman", "bidang", "tidak ada"),
        ("guru-mapel", 24, "kurikulum", "bidang", "tidak ada"),
        ("guru-2005", 24, "", "instrumen", "guru-2005"),
    ],
)
def test_load_field_and_instrument_are_checked(
    contoh: Contoh, instrumen: str, jam: int | None, bidang: str, path: str, word: str
) -> None:
    row = Baris(guru(contoh), contoh.akun["kepala"].pk, instrumen, jam, bidang)
    plan = plan_of(contoh)
    refused(lambda: assign(contoh, plan, row), f"baris[0].{path}", word)


@pytest.mark.parametrize("jam", [1, 24, 40])
def test_loads_within_the_limits_are_taken(contoh: Contoh, jam: int) -> None:
    assign(contoh, plan_of(contoh), Baris(guru(contoh), contoh.akun["kepala"].pk, "guru-mapel", jam))
    assert fresh().jam == jam


def test_a_retired_instrument_is_refused_on_the_day_of_the_round(
    contoh: Contoh, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = rules.instrumen_pada

    def retired(kode: str, tanggal: date, *rest: Any) -> rules.Instrumen:
        if kode == "guru-mapel" and tanggal > date(2026, 8, 1):
            raise InputError.at("tanggal", "Instrumen ini berlaku sampai 2026-08-01.")
        return there(kode, tanggal, *rest)

    monkeypatch.setattr(rules, "instrumen_pada", retired)
    plan = plan_of(contoh)
    row = Baris(guru(contoh), contoh.akun["kepala"].pk, "guru-mapel", 24)
    refused(lambda: assign(contoh, plan, row), "baris[0].instrumen", "berlaku sampai")


def test_a_teacher_without_rank_or_account_or_who_left_is_refused(contoh: Contoh) -> None:
    plan, head = plan_of(contoh), contoh.akun["kepala"].pk
    row = Baris(guru(contoh), head, "guru-mapel", 24)
    with ledger.record("uji", by=ledger.SYSTEM):
        PangkatGuru.objects.filter(guru=row.guru).update(tmt=date(2026, 7, 14))
    refused(lambda: assign(contoh, plan, row), "baris[0].guru", "belum dicatat")
    with ledger.record("uji", by=ledger.SYSTEM):
        PangkatGuru.objects.filter(guru=row.guru).update(tmt=date(2026, 7, 13))
        contoh.akun["guru"].peran.update(sampai=date(2021, 1, 1))
    refused(lambda: assign(contoh, plan, row), "baris[0].guru", "sudah tidak bertugas")
    with ledger.record("uji", by=ledger.SYSTEM):
        Guru.objects.filter(pk=row.guru).update(akun=None)
    refused(lambda: assign(contoh, plan, row), "baris[0].guru", "belum mempunyai akun")
    other = sekolah_kecil("69900102", prefix="lain-")
    foreign = Baris(guru(other), head, "guru-mapel", 24)
    refused(lambda: assign(contoh, plan, foreign), "baris[0].guru", "tidak bertugas di sekolah ini")


def test_two_assessors_for_one_teacher_are_refused_in_one_screen_and_in_two(contoh: Contoh) -> None:
    plan, one = plan_of(contoh), guru(contoh)
    appoint(contoh)
    first = Baris(one, contoh.akun["guru_lain"].pk, "guru-mapel", 24)
    second = Baris(one, contoh.akun["kepala"].pk, "guru-mapel", 24)
    refused(lambda: assign(contoh, plan, first, second), "baris[1].penilai", "sudah mempunyai penilai")
    assign(contoh, plan, first)
    refused(lambda: assign(contoh, plan, second), "baris[0].penilai", "sudah mempunyai penilai")
    assign(contoh, plan, Baris(one, contoh.akun["kepala"].pk, "kepala-perpustakaan", None))
    assert PenilaianKinerja.objects.count() == 2, "an additional task has its own assessment"


def test_all_rows_of_a_screen_are_stored_or_none_and_every_fault_comes_back(contoh: Contoh) -> None:
    plan, head = plan_of(contoh), contoh.akun["kepala"].pk
    rows = [
        Baris(guru(contoh), head, "guru-mapel", 24),
        Baris(guru(contoh, "guru_lain"), head, "guru-mapel", 0),
        Baris(guru(contoh, "wali"), contoh.akun["wali"].pk, "guru-mapel", 41),
    ]
    with pytest.raises(InputError) as found:
        assign(contoh, plan, *rows)
    assert {one["jalur"] for one in found.value.galat} == {"baris[1].jam", "baris[2].jam", "baris[2].penilai"}
    assert not PenilaianKinerja.objects.exists()
    done = assign(contoh, plan, rows[0], Baris(rows[1].guru, head, "guru-mapel", 20))
    assert done.baru == 2


def test_a_planned_row_changes_by_its_version_and_an_announced_one_no_longer(contoh: Contoh) -> None:
    plan, head = plan_of(contoh), contoh.akun["kepala"].pk
    assign(contoh, plan, Baris(guru(contoh), head, "guru-mapel", 24))
    row = fresh()
    more = Baris(row.guru_id, head, "guru-mapel", 30, pk=row.pk, versi=row.versi)
    assert assign(contoh, plan, more).diubah == 1
    refused(lambda: assign(contoh, plan, more), "baris[0].penilai", "orang lain")
    now = Baris(row.guru_id, head, "guru-mapel", 30, pk=row.pk, versi=fresh().versi)
    assert assign(contoh, plan, now) == rencana.Tersimpan(), "the same again changes nothing"
    rencana.umumkan(penilaian=fresh(), by=contoh.akun["kepala"])
    gone = Baris(row.guru_id, None, "guru-mapel", 30, pk=row.pk, versi=fresh().versi)
    refused(lambda: assign(contoh, plan, gone), "baris[0].penilai", "sudah diumumkan")


def test_a_planned_row_can_be_taken_away(contoh: Contoh) -> None:
    plan = plan_of(contoh)
    assign(contoh, plan, Baris(guru(contoh), contoh.akun["kepala"].pk, "guru-mapel", 24))
    row = fresh()
    assert assign(contoh, plan, Baris(row.guru_id, None, "guru-mapel", 24, pk=row.pk, versi=row.versi)).dihapus == 1
    assert not PenilaianKinerja.objects.exists()


# The window


def test_the_teacher_agrees_or_proposes_another_window_within_the_round(contoh: Contoh) -> None:
    row = announced(contoh)
    teacher, assessor = contoh.akun["guru"], contoh.akun["guru_lain"]
    assert (row.status, row.jadwal_mulai, row.jadwal_selesai) == ("diumumkan", row.rencana.mulai, row.rencana.selesai)
    with pytest.raises(InputError) as found:
        rencana.usulkan_jadwal(penilaian=row, mulai=date(2026, 7, 12), selesai=date(2026, 8, 21), by=teacher)
    assert [one["jalur"] for one in found.value.galat] == ["mulai", "selesai"]
    rencana.usulkan_jadwal(penilaian=fresh(), mulai=date(2026, 8, 3), selesai=date(2026, 8, 7), by=teacher)
    assert (fresh().status, fresh().jadwal_mulai) == ("direncanakan", date(2026, 8, 3))
    with pytest.raises(InputError, match="sekarang"):
        rencana.sepakati(penilaian=fresh(), by=teacher)
    assert rencana.umumkan_semua(rencana=row.rencana, by=contoh.akun["kepala"]) == 0, "a proposal is read first"
    rencana.umumkan(penilaian=fresh(), mulai=date(2026, 8, 3), selesai=date(2026, 8, 7), by=assessor)
    rencana.sepakati(penilaian=fresh(), by=teacher)
    assert (fresh().status, fresh().jadwal_selesai) == ("disepakati", date(2026, 8, 7))


def test_an_assessor_whose_appointment_has_ended_does_not_begin(contoh: Contoh) -> None:
    row = announced(contoh)
    rencana.sepakati(penilaian=row, by=contoh.akun["guru"])
    with ledger.record("uji", by=ledger.SYSTEM):
        Penilai.objects.update(sampai=timezone.localdate() - timedelta(days=1), dari=date(2020, 1, 1))
    with pytest.raises(InputError, match="masa tugasnya berakhir"):
        rencana.mulai_pengamatan(penilaian=fresh(), by=contoh.akun["guru_lain"])
    assert fresh().status == "disepakati"
    with ledger.record("uji", by=ledger.SYSTEM):
        Penilai.objects.update(sampai=None)
    rencana.mulai_pengamatan(penilaian=fresh(), by=contoh.akun["guru_lain"])
    assert fresh().status == "berjalan"


# Pages


def signed(akun: Akun) -> Client:
    client = Client()
    client.force_login(akun)
    return client


def test_the_head_plans_a_round_on_the_pages(contoh: Contoh) -> None:
    head = signed(contoh.akun["kepala"])
    year = f"/kinerja/tahun/{contoh.tahun.pk}/"
    assert "Belum ada rencana" in head.get(year).content.decode()
    answer = head.post(year, {"jenis": "formatif", "mulai": "2026-07-13", "selesai": "2026-08-30"}, follow=True)
    page = answer.content.decode()
    assert "sebaiknya antara 13 Juli 2026 dan 23 Agustus 2026" in page
    plan = RencanaKinerja.objects.get()
    assert "Gani Guru, S.Pd." in page
    sent = {"akun": contoh.akun["guru_lain"].pk, "dari": "2026-07-01", "pengawas": ""}
    assert head.post(f"{year}penilai/", sent).status_code == 302
    sent_rows = {
        "baris-TOTAL_FORMS": "1",
        "baris-INITIAL_FORMS": "1",
        "baris-0-guru": guru(contoh),
        "baris-0-penilai": contoh.akun["guru_lain"].pk,
        "baris-0-instrumen": "guru-mapel",
        "baris-0-jam": "41",
    }
    url = f"/kinerja/rencana/{plan.pk}/"
    wrong = head.post(url, sent_rows)
    assert wrong.status_code == 422
    assert "belum mempunyai SK penilai" in wrong.content.decode()
    assert '<a href="#id_baris-0-jam">Gani Guru, S.Pd.: Beban 41 jam di luar 1 sampai 40' in wrong.content.decode()
    letter = {"sk_nomor": "7/SK", "sk_tanggal": "2026-07-01", "pelatihan": "2026-06-01", "dari": "2026-07-01"}
    assert head.post(f"/kinerja/penilai/{Penilai.objects.get().pk}/", letter | {"versi": 1}).status_code == 302
    assert head.post(url, sent_rows | {"baris-0-jam": "24"}).status_code == 302
    assert "1 guru diberi tahu" in head.post(url, {"aksi": "umumkan"}, follow=True).content.decode()
    assert fresh().status == "diumumkan"


def test_a_supervisor_is_named_by_the_account_and_sees_the_work(contoh: Contoh) -> None:
    with ledger.record("uji", by=ledger.SYSTEM):
        supervisor = Akun.objects.create(username="pengawas-1", nama="Pak Pengawas")
    head = signed(contoh.akun["kepala"])
    url = f"/kinerja/tahun/{contoh.tahun.pk}/penilai/"
    assert "Tidak ada akun aktif" in head.post(url, {"pengawas": "entah", "dari": "2026-07-01"}).content.decode()
    assert head.post(url, {"pengawas": "pengawas-1", "dari": "2026-07-01"}).status_code == 302
    plan = plan_of(contoh)
    assign(contoh, plan, Baris(guru(contoh), supervisor.pk, "guru-mapel", 24))
    visitor = signed(supervisor)
    assert "/kinerja/" in visitor.get("/").content.decode(), "the menu, without a role"
    assert "Gani Guru, S.Pd." in visitor.get("/kinerja/").content.decode()
    assert visitor.get(f"/kinerja/penilaian/{fresh().pk}/").status_code == 200
    assert visitor.get(f"/kinerja/rencana/{plan.pk}/").status_code == 404


def test_a_teacher_agrees_on_the_page_and_a_stranger_finds_nothing(contoh: Contoh) -> None:
    row = announced(contoh)
    url = f"/kinerja/penilaian/{row.pk}/"
    teacher = signed(contoh.akun["guru"])
    assert "Sepakati jadwal ini" in teacher.get(url).content.decode()
    late = teacher.post(url, {"aksi": "usulkan", "mulai": "2026-08-01", "selesai": "2026-09-30"})
    assert late.status_code == 422
    assert "Jadwal harus di antara" in late.content.decode()
    for stranger in ("wali", "admin", "operator", "orang_tua"):
        before = EntriLedger.objects.count()
        assert signed(contoh.akun[stranger]).get(url).status_code == 404
        assert signed(contoh.akun[stranger]).post(url, {"aksi": "sepakati"}).status_code == 404
        assert EntriLedger.objects.filter(perbuatan__startswith="kinerja").count() <= before
    assert (
        "bukan wewenang"
        in signed(contoh.akun["guru_lain"]).post(url, {"aksi": "sepakati"}, follow=True).content.decode()
    )
    assert fresh().status == "diumumkan"
    assert teacher.post(url, {"aksi": "sepakati"}).status_code == 302
    assert fresh().status == "disepakati"


def test_home_says_what_waits_with_its_day(contoh: Contoh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *rest: date(2026, 7, 20))

    def lines(akun: str) -> dict[str, date | None]:
        account = Akun.objects.get(pk=contoh.akun[akun].pk)
        return {
            line.text: line.due for _role, found in menunggu.waiting(account) for line in found if "enilai" in line.text
        }

    assert list(lines("kepala")) == ["Buat rencana penilaian kinerja 2026/2027"]
    row = announced(contoh)
    assert lines("guru") == {"Sepakati jadwal penilaian formatif Anda": row.jadwal_mulai}
    assert lines("guru_lain") == {}
    assert lines("kepala") == {"guru belum mempunyai penilai untuk penilaian formatif": row.rencana.mulai}
    rencana.sepakati(penilaian=row, by=contoh.akun["guru"])
    assert lines("guru_lain") == {"Mulai penilaian formatif Gani Guru, S.Pd.": row.jadwal_mulai}
    assert lines("guru") == {}


def test_the_screen_of_assignments_asks_no_query_per_teacher(
    contoh: Contoh, django_assert_max_num_queries: Any
) -> None:
    plan, head = plan_of(contoh), signed(contoh.akun["kepala"])
    with ledger.record("uji", by=ledger.SYSTEM):
        for number in range(30):
            akun = akun_baru(f"banyak-{number}", f"Guru {number}", "guru", contoh.sekolah)
            Guru.objects.create(sekolah=contoh.sekolah, nama=f"Guru {number}", akun=akun)
    with django_assert_max_num_queries(16):
        assert head.get(f"/kinerja/rencana/{plan.pk}/").status_code == 200

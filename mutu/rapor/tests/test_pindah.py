"""Transfers and next year's classes: who sits where, what never changes, what the paper says. On both databases."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.utils import timezone

from mutu.rapor.documents.pindah import print_transfer
from mutu.rapor.models import Kenaikan, Mutasi, NilaiRapor, Rapor, RaporFinal
from mutu.rapor.services import pindah, susun
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import AnggotaKelas, Guru, Kelas, PesertaDidik, TahunPelajaran
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db

HARI = date(2027, 2, 12)


def keluar(contoh: Contoh, anggota: int = 0, **more: Any) -> Mutasi:
    facts = {"tanggal": HARI, "alasan": "Mengikuti orang tua pindah tugas", "kepala_nama": "Kus Kepala"} | more
    return pindah.leave(anggota=contoh.anggota[anggota], by=contoh.akun["admin"], **facts)


def masuk(contoh: Contoh, **more: Any) -> Mutasi:
    facts: dict[str, Any] = {
        "kelas": contoh.kelas,
        "tanggal": HARI,
        "pupil": {"nama": "Tirta Baru", "nis": "7900", "jenis_kelamin": "L", "tempat_lahir": "Klaten"},
        "sekolah_lain": "SMP Lain",
        "kepala_nama": "Kus Kepala",
    } | more
    return pindah.enter(by=contoh.akun["admin"], **facts)


def teks(content: bytes) -> str:
    found = pypdfium2.PdfDocument(BytesIO(content))
    return "\n".join(page.get_textpage().get_text_range() for page in found)


def test_a_pupil_leaves_and_the_seat_ends(contoh: Contoh) -> None:
    row = keluar(contoh, sekolah_lain="SMP Tujuan", wali_nama="Oma Tua")
    contoh.anggota[0].refresh_from_db()
    assert contoh.anggota[0].keluar == HARI
    assert (row.arah, row.kelas, row.peserta, row.versi) == ("keluar", contoh.kelas, contoh.anggota[0].peserta, 1)
    with pytest.raises(InputError) as caught:
        keluar(contoh, tanggal=date(2027, 3, 1))
    assert caught.value.galat[0]["jalur"] == "anggota"
    assert Mutasi.objects.count() == 1


@pytest.mark.parametrize(
    ("ubah", "jalur"),
    [
        ({"tanggal": date(2026, 7, 12)}, "tanggal"),
        ({"tanggal": date(2027, 7, 15)}, "tanggal"),
        ({"alasan": "   "}, "alasan"),
        ({"kepala_nip": "1980"}, "kepala_nip"),
        ({"sekolah_lain": "S" * 161}, "sekolah_lain"),
    ],
)
def test_a_leaving_that_cannot_be_is_refused_and_changes_nothing(
    contoh: Contoh, ubah: dict[str, Any], jalur: str
) -> None:
    with pytest.raises(InputError) as caught:
        keluar(contoh, **ubah)
    assert caught.value.galat[0]["jalur"] == jalur
    contoh.anggota[0].refresh_from_db()
    assert contoh.anggota[0].keluar is None
    assert not Mutasi.objects.exists()


def test_a_leaving_before_the_pupil_came_is_refused(contoh: Contoh) -> None:
    row = masuk(contoh)
    seat = AnggotaKelas.objects.get(peserta=row.peserta)
    with pytest.raises(InputError) as caught:
        pindah.leave(anggota=seat, tanggal=date(2027, 2, 11), alasan="Pindah", by=contoh.akun["admin"])
    assert caught.value.galat[0]["jalur"] == "tanggal"


def test_the_final_rapor_of_a_pupil_who_leaves_stays_byte_for_byte(contoh: Contoh) -> None:
    with ledger.record("uji.final", by=ledger.SYSTEM):
        state = Rapor.objects.create(
            anggota=contoh.anggota[0], semester=contoh.semester, status="final", pada=timezone.now()
        )
        RaporFinal.objects.create(
            id="69900101-ujicoba",
            rapor=state,
            revisi=0,
            isi='{"peserta":"Adi Uji 1"}',
            sidik="a" * 64,
            tanda_tangan="b" * 88,
            kunci="c" * 44,
            pada=timezone.now(),
        )
        NilaiRapor.objects.create(
            pembelajaran=contoh.matematika,
            semester=contoh.semester,
            anggota=contoh.anggota[0],
            nilai=80,
            aturan="ktsp-2007",
            pada=timezone.now(),
        )
    before = [list(model.objects.order_by("pk").values_list()) for model in (Rapor, RaporFinal, NilaiRapor)]
    keluar(contoh)
    assert [list(model.objects.order_by("pk").values_list()) for model in (Rapor, RaporFinal, NilaiRapor)] == before
    assert RaporFinal.objects.get().status == "berlaku"


def test_a_pupil_comes_and_sits_in_the_class_from_that_day(contoh: Contoh) -> None:
    row = masuk(contoh, wali_nama="Bapak Baru")
    seat = AnggotaKelas.objects.get(peserta=row.peserta)
    assert (seat.kelas, seat.masuk, seat.keluar) == (contoh.kelas, HARI, None)
    assert (row.peserta.nama, row.peserta.nis, row.arah) == ("Tirta Baru", "7900", "masuk")
    assert pindah.guardian_of(row.peserta) == "Bapak Baru"


def test_a_pupil_who_left_comes_back_and_is_not_made_twice(contoh: Contoh) -> None:
    keluar(contoh)
    pupil = contoh.anggota[0].peserta
    count = PesertaDidik.objects.count()
    row = masuk(contoh, tanggal=date(2027, 4, 1), pupil={"nama": "adi  uji 1", "nis": pupil.nis})
    assert (row.peserta, PesertaDidik.objects.count()) == (pupil, count)
    seat = AnggotaKelas.objects.get(peserta=pupil)
    assert (seat.masuk, seat.keluar) == (date(2027, 4, 1), None)


@pytest.mark.parametrize(
    ("pupil", "jalur"),
    [
        ({"nama": "Orang Lain", "nis": "7000"}, "nis"),
        ({"nama": "Adi Uji 1", "nis": "7000"}, "nis"),
        ({"nama": "Tirta Baru", "nis": "7900", "nisn": "12"}, "nisn"),
        ({"nama": "Tirta Baru", "nis": "7900", "tanggal_lahir": date(2040, 1, 1)}, "tanggal_lahir"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_and_makes_nobody(contoh: Contoh, pupil: dict[str, Any], jalur: str) -> None:
    count = PesertaDidik.objects.count()
    with pytest.raises(InputError) as caught:
        masuk(contoh, pupil=pupil)
    assert caught.value.galat[0]["jalur"] == jalur
    assert (PesertaDidik.objects.count(), Mutasi.objects.count()) == (count, 0)


def test_an_entry_outside_the_year_is_refused(contoh: Contoh) -> None:
    with pytest.raises(InputError) as caught:
        masuk(contoh, tanggal=date(2026, 7, 12))
    assert caught.value.galat[0]["jalur"] == "tanggal"
    assert not PesertaDidik.objects.filter(nis="7900").exists()


def test_the_head_is_the_teacher_whose_account_holds_the_role(contoh: Contoh) -> None:
    assert pindah.head_of(contoh.sekolah) == ("Kus Kepala", "")
    with ledger.record("uji.kepala", by=ledger.SYSTEM):
        Guru.objects.create(
            sekolah=contoh.sekolah, nama="Kus Kepala, M.Pd.", nip="197001011995031001", akun=contoh.akun["kepala"]
        )
    assert pindah.head_of(contoh.sekolah) == ("Kus Kepala, M.Pd.", "197001011995031001")
    with ledger.record("uji.akhir", by=ledger.SYSTEM):
        contoh.akun["kepala"].peran.update(sampai=date(2021, 1, 1))
    assert pindah.head_of(contoh.sekolah) == ("", "")


def test_the_pages_say_what_was_signed_and_print_alike(contoh: Contoh) -> None:
    out = keluar(contoh, sekolah_lain="SMP Tujuan", wali_nama="Oma Tua", kepala_nip="197001011995031001")
    printed = print_transfer(out)
    words = teks(printed)
    for part in ("PINDAH KELUAR", "12 Februari 2027", "VII-A", "Mengikuti orang tua", "Oma Tua", "Klaten, 12 Februari"):
        assert part in words
    assert "NIP 197001011995031001" in words
    with ledger.record("uji.kepala", by=ledger.SYSTEM):
        contoh.akun["kepala"].nama = "Kepala Baru"
        contoh.akun["kepala"].save()
    assert print_transfer(Mutasi.objects.get()) == printed, "a new head does not change what was signed"
    into = masuk(contoh)
    words = teks(print_transfer(into))
    for part in ("PINDAH MASUK", "Tirta Baru", "7900", "SMP Lain", "Laki-laki", "Kepala Sekolah"):
        assert part in words
    assert "NIP" not in words.replace("NPSN", ""), "no empty NIP line"


def test_a_leaving_noted_by_mistake_is_taken_back(contoh: Contoh) -> None:
    row = keluar(contoh)
    pindah.take_back(mutasi=row, by=contoh.akun["admin"])
    contoh.anggota[0].refresh_from_db()
    assert contoh.anggota[0].keluar is None
    assert not Mutasi.objects.exists()
    into = masuk(contoh)
    with pytest.raises(InputError):
        pindah.take_back(mutasi=into, by=contoh.akun["admin"])


def test_the_words_of_a_page_are_corrected_by_the_version_seen(contoh: Contoh) -> None:
    row = keluar(contoh)
    words = {"alasan": "Pindah rumah", "sekolah_lain": "", "kepala_nama": "", "kepala_nip": "", "wali_nama": ""}
    pindah.correct(mutasi=row, versi=1, by=contoh.akun["kepala"], **words)
    with pytest.raises(InputError) as caught:
        pindah.correct(mutasi=row, versi=1, by=contoh.akun["admin"], **words)
    assert caught.value.galat[0]["jalur"] == "versi"
    assert Mutasi.objects.get().alasan == "Pindah rumah"


def test_the_pages_of_a_transfer_as_forms(contoh: Contoh, client: Client) -> None:
    client.force_login(contoh.akun["admin"])
    url = f"/rapor/anggota/{contoh.anggota[0].pk}/pindah/"
    page = client.get(url).content.decode()
    assert 'value="Kus Kepala"' in page, "the head's name is proposed"
    assert 'value="Oma Tua"' in page
    wrong = client.post(url, {"tanggal": "2020-01-01", "alasan": "Pindah"})
    assert (wrong.status_code, Mutasi.objects.count()) == (422, 0)
    assert "di luar tahun pelajaran 2026/2027" in wrong.content.decode()
    good = client.post(url, {"tanggal": "2027-02-12", "alasan": "Pindah tugas", "kepala_nama": "Kus Kepala"})
    row = Mutasi.objects.get()
    assert good["Location"] == f"/rapor/pindah/{row.pk}/"
    printed = client.get(f"/rapor/pindah/{row.pk}/pindah.pdf")
    assert printed.content.startswith(b"%PDF")
    assert "Adi" not in printed["Content-Disposition"]
    listing = client.get(f"/rapor/tahun/{contoh.tahun.pk}/pindah/").content.decode()
    assert "Adi Uji 1" in listing
    coming = client.post(
        f"/rapor/tahun/{contoh.tahun.pk}/pindah/masuk/",
        {"nama": "Tirta Baru", "nis": "7900", "tanggal": "2027-03-01", "kelas": contoh.kelas.pk},
    )
    assert coming.status_code == 302
    assert AnggotaKelas.objects.get(peserta__nis="7900").masuk == date(2027, 3, 1)
    assert client.post(f"/rapor/pindah/{row.pk}/", {"batal": "1"}).status_code == 302
    assert AnggotaKelas.objects.get(pk=contoh.anggota[0].pk).keluar is None


# Classes of the next year


@pytest.fixture
def berikut(contoh: Contoh) -> dict[str, Kelas]:
    """Next year's classes, and three decisions: promoted, kept back, none."""
    with ledger.record("uji.berikut", by=ledger.SYSTEM):
        tahun = TahunPelajaran.objects.create(sekolah=contoh.sekolah, mulai=2027)
        classes = {
            nama: Kelas.objects.create(tahun=tahun, tingkat=tingkat, nama=nama)
            for tingkat, nama in ((7, "VII-A"), (7, "VII-B"), (8, "VIII-A"), (8, "VIII-B"))
        }
        for at, decision in enumerate(("naik", "tinggal")):
            Kenaikan.objects.create(
                anggota=contoh.anggota[at],
                keputusan=decision,
                kalimat=f"{decision} ...",
                belum_tuntas=0,
                aturan="ktsp-2007",
                pada=timezone.now(),
            )
    return classes


def test_the_plan_proposes_a_class_by_decision_and_name(contoh: Contoh, berikut: dict[str, Kelas]) -> None:
    up, back, none = susun.plan(contoh.tahun)
    assert ([one.nama for one in up.pilihan], up.usul) == (["VIII-A", "VIII-B"], berikut["VIII-A"].pk)
    assert ([one.nama for one in back.pilihan], back.usul) == (["VII-A", "VII-B"], berikut["VII-A"].pk)
    assert none.pilihan == []
    assert "belum ada keputusan" in none.sebab


def test_whoever_repeats_points_to_last_years_seat(contoh: Contoh, berikut: dict[str, Kelas]) -> None:
    chosen = {contoh.anggota[0].pk: berikut["VIII-B"].pk, contoh.anggota[1].pk: berikut["VII-A"].pk}
    mark = susun.fingerprint(susun.plan(contoh.tahun), chosen)
    assert susun.arrange(tahun=contoh.tahun, chosen=chosen, sidik=mark, by=contoh.akun["admin"]) == 2
    up = AnggotaKelas.objects.get(kelas=berikut["VIII-B"])
    back = AnggotaKelas.objects.get(kelas=berikut["VII-A"])
    assert (up.peserta, up.mengulang) == (contoh.anggota[0].peserta, None)
    assert (back.peserta, back.mengulang) == (contoh.anggota[1].peserta, contoh.anggota[1])
    assert [move.selesai for move in susun.plan(contoh.tahun)] == [True, True, False]


def test_a_class_of_the_wrong_grade_seats_nobody(contoh: Contoh, berikut: dict[str, Kelas]) -> None:
    chosen = {contoh.anggota[0].pk: berikut["VIII-A"].pk, contoh.anggota[1].pk: berikut["VIII-A"].pk}
    mark = susun.fingerprint(susun.plan(contoh.tahun), chosen)
    with pytest.raises(InputError) as caught:
        susun.arrange(tahun=contoh.tahun, chosen=chosen, sidik=mark, by=contoh.akun["admin"])
    assert [one["jalur"] for one in caught.value.galat] == [str(contoh.anggota[1].pk)]
    assert not AnggotaKelas.objects.filter(kelas__tahun__mulai=2027).exists()


def test_a_decision_that_changed_since_the_preview_seats_nobody(contoh: Contoh, berikut: dict[str, Kelas]) -> None:
    chosen = {contoh.anggota[0].pk: berikut["VIII-A"].pk}
    mark = susun.fingerprint(susun.plan(contoh.tahun), chosen)
    with ledger.record("uji.ubah", by=ledger.SYSTEM):
        Kenaikan.objects.filter(anggota=contoh.anggota[0]).update(versi=2)
    with pytest.raises(InputError) as caught:
        susun.arrange(tahun=contoh.tahun, chosen=chosen, sidik=mark, by=contoh.akun["admin"])
    assert "berubah sejak pratinjau" in caught.value.galat[0]["pesan"]
    assert not AnggotaKelas.objects.filter(kelas__tahun__mulai=2027).exists()


def test_a_seat_made_by_an_import_gets_its_link_and_a_wrong_one_is_named(
    contoh: Contoh, berikut: dict[str, Kelas]
) -> None:
    with ledger.record("uji.impor", by=ledger.SYSTEM):
        AnggotaKelas.objects.create(kelas=berikut["VII-B"], peserta=contoh.anggota[1].peserta)
        AnggotaKelas.objects.create(kelas=berikut["VII-B"], peserta=contoh.anggota[0].peserta)
    wrong, back, _none = susun.plan(contoh.tahun)
    assert "sudah duduk di VII-B" in wrong.sebab
    assert (back.usul, back.selesai) == (berikut["VII-B"].pk, False)
    chosen = {contoh.anggota[1].pk: berikut["VII-B"].pk}
    mark = susun.fingerprint(susun.plan(contoh.tahun), chosen)
    susun.arrange(tahun=contoh.tahun, chosen=chosen, sidik=mark, by=contoh.akun["admin"])
    assert AnggotaKelas.objects.get(kelas=berikut["VII-B"], peserta=contoh.anggota[1].peserta).mengulang is not None


def test_whoever_left_or_graduated_is_not_arranged(contoh: Contoh, berikut: dict[str, Kelas]) -> None:
    keluar(contoh, 0)
    with ledger.record("uji.lulus", by=ledger.SYSTEM):
        Kenaikan.objects.filter(anggota=contoh.anggota[1]).update(keputusan="lulus")
    moves = susun.plan(contoh.tahun)
    assert contoh.anggota[0].pk not in {move.anggota.pk for move in moves}
    assert next(move for move in moves if move.anggota == contoh.anggota[1]).sebab.startswith("lulus")


def test_the_page_previews_before_it_seats(contoh: Contoh, berikut: dict[str, Kelas], client: Client) -> None:
    client.force_login(contoh.akun["admin"])
    url = f"/rapor/tahun/{contoh.tahun.pk}/susun/"
    choice = {f"k-{contoh.anggota[0].pk}": berikut["VIII-A"].pk, f"k-{contoh.anggota[1].pk}": ""}
    shown = client.post(url, choice)
    assert shown.status_code == 200
    assert not AnggotaKelas.objects.filter(kelas__tahun__mulai=2027).exists()
    sidik = shown.context["sidik"]
    assert sidik in shown.content.decode()
    assert client.post(url, choice | {"terapkan": "1", "sidik": "x"}).status_code == 422
    assert client.post(url, choice | {"terapkan": "1", "sidik": sidik}).status_code == 302
    assert [seat.kelas.nama for seat in AnggotaKelas.objects.filter(kelas__tahun__mulai=2027)] == ["VIII-A"]
    assert client.post(url, {}).status_code == 422

"""Setting a school up through its pages: what is stored, and what each wrong entry is answered."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mutu.satuan import ledger
from mutu.satuan.models import (
    AnggotaKelas,
    Guru,
    Kelas,
    MataPelajaran,
    Pembelajaran,
    Perwalian,
    PesertaDidik,
    Sekolah,
    TahunPelajaran,
)
from mutu.satuan.services import people, years

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]

DATES = {
    "mulai_1": "2028-07-10", "selesai_1": "2028-12-22", "tanggal_rapor_1": "2028-12-22",
    "mulai_2": "2029-01-08", "selesai_2": "2029-06-22", "tanggal_rapor_2": "",
}  # fmt: skip


@pytest.fixture
def keeper(school: Sekolah, sign_in: SignIn) -> Client:
    return sign_in("demo-admin-sekolah")


def refused(response: Any, *words: str) -> None:
    """The form came back and says these words."""
    assert response.status_code == 422
    page = response.content.decode()
    for word in words:
        assert word in page


def test_a_year_is_made_with_two_semesters_and_its_dates_can_be_changed(keeper: Client, school: Sekolah) -> None:
    keeper.post(reverse("tahun-baru", args=[school.npsn]), {"tahun": "2028/2029"})
    tahun = TahunPelajaran.objects.get(sekolah=school, mulai=2028)
    assert [(row.nomor, row.mulai) for row in tahun.semester.all()] == [
        (1, date(2028, 7, 1)),
        (2, date(2029, 1, 1)),
    ]
    keeper.post(reverse("tahun-semester", args=[tahun.pk]), DATES)
    first, second = tahun.semester.all()
    assert (first.mulai, first.tanggal_rapor) == (date(2028, 7, 10), date(2028, 12, 22))
    assert (second.selesai, second.tanggal_rapor) == (date(2029, 6, 22), None)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("2028/2030", "berurutan"),
        ("2028", "berurutan"),
        ("", "perlu"),
        ("2026/2027", "sudah ada"),
        ("1900/1901", "1990"),
    ],
)
def test_a_wrong_year_is_refused(keeper: Client, school: Sekolah, label: str, words: str) -> None:
    before = TahunPelajaran.objects.count()
    response = keeper.post(reverse("tahun-baru", args=[school.npsn]), {"tahun": label})
    assert response.status_code == 422
    if label:
        refused(response, words)
    assert TahunPelajaran.objects.count() == before


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"selesai_1": "2028-07-01"}, "sesudah tanggal mulai"),
        ({"mulai_2": "2028-12-01"}, "sesudah semester 1 selesai"),
        ({"mulai_1": "2018-07-10"}, "di luar tahun pelajaran 2028/2029"),
        ({"tanggal_rapor_1": "2028-07-01"}, "sesudah semester mulai"),
    ],
)
def test_wrong_semester_dates_change_nothing(
    keeper: Client, school: Sekolah, wrong: dict[str, str], words: str
) -> None:
    tahun = years.create_school_year(sekolah=school, mulai=2028, by=ledger.SYSTEM)
    before = list(tahun.semester.values())
    refused(keeper.post(reverse("tahun-semester", args=[tahun.pk]), DATES | wrong), words)
    assert list(tahun.semester.values()) == before


def test_a_class_is_formed_changed_and_taken_back(keeper: Client, year: TahunPelajaran) -> None:
    guru = Guru.objects.get(nip="198504122010011003")
    address = reverse("kelas-baru", args=[year.pk])
    keeper.post(address, {"nama": "  IX-A ", "tingkat": "9", "wali_kelas": str(guru.pk)})
    kelas = Kelas.objects.get(tahun=year, nama="IX-A")
    assert (kelas.tingkat, kelas.wali_kelas) == (9, guru)
    refused(keeper.post(address, {"nama": "ix-a", "tingkat": "9"}), "sudah ada pada tahun pelajaran ini")
    refused(keeper.post(address, {"nama": "XIII", "tingkat": "13"}), "12")
    edit = reverse("kelas-ubah", args=[kelas.pk])
    keeper.post(edit, {"nama": "IX-B", "tingkat": "9", "wali_kelas": ""})
    kelas.refresh_from_db()
    assert (kelas.nama, kelas.wali_kelas) == ("IX-B", None)
    keeper.post(reverse("kelas-hapus", args=[kelas.pk]))
    assert not Kelas.objects.filter(pk=kelas.pk).exists()


def test_a_class_with_pupils_stays(keeper: Client, year: TahunPelajaran) -> None:
    kelas = Kelas.objects.get(tahun=year, nama="VII-A")
    response = keeper.post(reverse("kelas-hapus", args=[kelas.pk]), follow=True)
    assert "tidak dapat dihapus" in response.content.decode()
    assert Kelas.objects.filter(pk=kelas.pk).exists()


def test_a_teacher_of_another_school_cannot_be_chosen(
    keeper: Client, year: TahunPelajaran, other_school: Sekolah
) -> None:
    stranger = people.create_teacher(sekolah=other_school, nama="Guru Asing", by=ledger.SYSTEM)
    response = keeper.post(
        reverse("kelas-baru", args=[year.pk]), {"nama": "IX-A", "tingkat": "9", "wali_kelas": str(stranger.pk)}
    )
    assert response.status_code == 422
    assert not Kelas.objects.filter(nama="IX-A").exists()
    with pytest.raises(people.ValidationError, match="sekolah lain"):
        years.create_class(tahun=year, tingkat=9, nama="IX-A", wali_kelas=stranger, by=ledger.SYSTEM)


def test_subjects_and_who_teaches_them(keeper: Client, school: Sekolah, year: TahunPelajaran) -> None:
    address = reverse("mapel-daftar", args=[school.npsn])
    keeper.post(address, {"nama": "Elektronika", "kelompok": "mulok_pilihan", "urutan": ""})
    mapel = MataPelajaran.objects.get(sekolah=school, nama="Elektronika")
    assert mapel.urutan == 13
    refused(keeper.post(address, {"nama": "elektronika", "kelompok": "mapel"}), "sudah ada di sekolah ini")
    kelas = Kelas.objects.get(tahun=year, nama="VII-B")
    form = {f"mapel_{row.mapel_id}": str(row.guru_id) for row in kelas.pembelajaran.all()}
    dropped = MataPelajaran.objects.get(sekolah=school, nama="Membatik")
    guru = Guru.objects.get(nip="198504122010011003")
    form |= {f"mapel_{dropped.pk}": "", f"mapel_{mapel.pk}": str(guru.pk)}
    keeper.post(reverse("kelas-pembelajaran", args=[kelas.pk]), form)
    assert Pembelajaran.objects.get(kelas=kelas, mapel=mapel).guru == guru
    assert not Pembelajaran.objects.filter(kelas=kelas, mapel=dropped).exists()
    assert kelas.pembelajaran.count() == 12


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"nama": "Guru Uji", "nip": "123"}, "NIP harus tepat 18 angka"),
        ({"nama": "Guru Uji", "nuptk": "12345678901234567"}, "NUPTK harus tepat 16 angka"),
        ({"nama": "Guru Uji", "nip": "198504122010011003"}, "NIP ini sudah dipakai guru lain"),
        ({"nama": "Guru\u200bUji"}, "tidak terlihat"),
    ],
)
def test_a_wrong_teacher_is_refused(keeper: Client, school: Sekolah, facts: dict[str, str], words: str) -> None:
    refused(keeper.post(reverse("guru-daftar", args=[school.npsn]), facts), words)
    assert Guru.objects.filter(sekolah=school).count() == 10


def test_two_teachers_without_numbers_are_no_conflict(keeper: Client, school: Sekolah) -> None:
    for nama in ("Guru Uji Satu", "Guru Uji Dua"):
        keeper.post(reverse("guru-daftar", args=[school.npsn]), {"nama": nama, "nip": "", "nuptk": ""})
    assert Guru.objects.filter(nama__startswith="Guru Uji").count() == 2


def test_a_pupil_is_added_seated_moved_and_gets_a_guardian(
    keeper: Client, school: Sekolah, year: TahunPelajaran
) -> None:
    keeper.post(reverse("peserta-baru", args=[year.pk]), {"nama": "Sari Uji", "nis": "9001", "nisn": ""})
    pupil = PesertaDidik.objects.get(sekolah=school, nis="9001")
    first, second = Kelas.objects.filter(tahun=year, tingkat=7).order_by("nama")
    seat = reverse("peserta-kelas", args=[pupil.pk, year.pk])
    for kelas in (first, second):
        keeper.post(seat, {"kelas": str(kelas.pk)})
        assert [row.kelas for row in AnggotaKelas.objects.filter(peserta=pupil)] == [kelas]
    keeper.post(reverse("wali-baru", args=[pupil.pk]), {"nama": "Budi Uji", "hubungan": "ayah", "utama": "on"})
    keeper.post(reverse("wali-baru", args=[pupil.pk]), {"nama": "Ani Uji", "hubungan": "ibu", "utama": "on"})
    ties = {tie.wali.nama: tie.utama for tie in Perwalian.objects.filter(peserta=pupil)}
    assert ties == {"Budi Uji": False, "Ani Uji": True}, "one guardian signs the rapor"
    keeper.post(reverse("wali-lepas", args=[pupil.pk, Perwalian.objects.get(wali__nama="Budi Uji").pk]))
    assert pupil.perwalian.count() == 1
    keeper.post(seat, {"kelas": ""})
    assert not AnggotaKelas.objects.filter(peserta=pupil).exists()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"nis": "2601"}, "NIS ini sudah dipakai"),
        ({"nisn": "9900002601"}, "NISN ini sudah dipakai"),
        ({"nisn": "123456789"}, "NISN harus tepat 10 angka"),
        ({"tanggal_lahir": "2090-01-01"}, "belum terjadi"),
        ({"jenis_kelamin": "X"}, "X"),
    ],
)
def test_a_wrong_pupil_is_refused(keeper: Client, year: TahunPelajaran, facts: dict[str, str], words: str) -> None:
    good = {"nama": "Sari Uji", "nis": "9001", "nisn": "9900009001"}
    refused(keeper.post(reverse("peserta-baru", args=[year.pk]), good | facts), words)
    assert not PesertaDidik.objects.filter(nama="Sari Uji").exists()


def test_a_seat_in_a_class_of_another_year_is_refused(keeper: Client, school: Sekolah, year: TahunPelajaran) -> None:
    pupil = PesertaDidik.objects.get(sekolah=school, nis="2601")
    old = Kelas.objects.get(tahun__mulai=2025, tahun__sekolah=school)
    keeper.post(reverse("peserta-kelas", args=[pupil.pk, year.pk]), {"kelas": str(old.pk)})
    assert people.current_membership(pupil, year).kelas.nama == "VII-A"


def test_the_school_changes_its_address_but_never_its_number(keeper: Client, school: Sekolah) -> None:
    facts = {"nama": "SMP Ganti Nama", "alamat_jalan": "Jl. Lain", "desa_kelurahan": "", "npsn": "12345678"}
    keeper.post(reverse("sekolah-ubah", args=[school.npsn]), facts)
    school.refresh_from_db()
    assert (school.nama, school.alamat_jalan, school.npsn) == ("SMP Ganti Nama", "Jl. Lain", "69900001")
    refused(keeper.post(reverse("sekolah-ubah", args=[school.npsn]), facts | {"nama": "S" * 161}), "160")

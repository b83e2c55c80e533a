"""Every page of `satuan` for whoever may see it, and nothing for whoever may not."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from mutu.satuan.models import (
    Akun,
    Guru,
    Kelas,
    MataPelajaran,
    PesertaDidik,
    Sekolah,
    TahunPelajaran,
    Wali,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


def pages_of(school: Sekolah, year: TahunPelajaran) -> list[str]:
    """The addresses of every set-up page of one school."""
    kelas = Kelas.objects.get(tahun=year, nama="VII-A")
    pupil = PesertaDidik.objects.get(sekolah=school, nis="2602")
    by_school = ["sekolah", "sekolah-ubah", "tahun-baru", "mapel-daftar", "guru-daftar", "akun-sekolah"]
    by_year = ["tahun", "tahun-semester", "kelas-baru", "peserta-daftar", "peserta-baru", "peserta-impor"]
    return [
        *(reverse(name, args=[school.npsn]) for name in by_school),
        *(reverse(name, args=[year.pk]) for name in [*by_year, "peserta-templat"]),
        *(reverse(name, args=[kelas.pk]) for name in ["kelas", "kelas-ubah", "kelas-pembelajaran"]),
        *(reverse(name, args=[pupil.pk]) for name in ["peserta", "peserta-ubah", "wali-baru"]),
        reverse("mapel-ubah", args=[MataPelajaran.objects.filter(sekolah=school)[0].pk]),
        reverse("guru-ubah", args=[Guru.objects.filter(sekolah=school)[0].pk]),
        reverse("guru-akun", args=[Guru.objects.filter(sekolah=school, akun=None)[0].pk]),
        reverse("wali-akun", args=[Wali.objects.get(perwalian__peserta=pupil).pk]),
    ]


def test_keeper_of_the_school_sees_every_page(school: Sekolah, year: TahunPelajaran, sign_in: SignIn) -> None:
    client = sign_in("demo-admin-sekolah")
    for address in pages_of(school, year):
        assert client.get(address).status_code == 200, address


def test_keeper_of_another_school_finds_nothing(
    school: Sekolah, year: TahunPelajaran, other_keeper: Akun, sign_in: SignIn
) -> None:
    client = sign_in(other_keeper.username)
    for address in pages_of(school, year):
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize("username", ["demo-guru-matematika", "demo-orang-tua", "demo-operator", "demo-kepala"])
def test_pupils_are_seen_by_the_keeper_of_the_school_alone(
    school: Sekolah, year: TahunPelajaran, sign_in: SignIn, username: str
) -> None:
    client = sign_in(username)
    pupil = PesertaDidik.objects.get(sekolah=school, nis="2501")
    for name, key in (("peserta-daftar", year.pk), ("peserta-templat", year.pk), ("peserta", pupil.pk)):
        assert client.get(reverse(name, args=[key])).status_code == 404, name


def test_visitors_are_asked_to_sign_in(school: Sekolah, client: Client) -> None:
    response = client.get(reverse("sekolah", args=[school.npsn]))
    assert response.status_code in (302, 404)
    assert client.post(reverse("sekolah-ubah", args=[school.npsn]), {"nama": "Diam-diam"}).status_code == 404
    school.refresh_from_db()
    assert school.nama == "SMP Negeri 1 Kembang Setaman"

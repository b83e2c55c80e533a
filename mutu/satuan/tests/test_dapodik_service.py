"""Dapodik's web service, asked over a real connection: what it gives is compared, shown, stored; what it gets wrong
is told."""

import logging
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from mutu.satuan import ledger
from mutu.satuan.jobs import work_once
from mutu.satuan.models import (
    AnggotaKelas,
    EntriLedger,
    Guru,
    Impor,
    Kelas,
    MataPelajaran,
    Pekerjaan,
    Pembelajaran,
    Peran,
    PesertaDidik,
    Sekolah,
    TahunPelajaran,
)
from mutu.satuan.services import accounts, dapodik_service, imports, people, years
from mutu.satuan.services.dapodik_sync import curriculum_of
from mutu.satuan.tests.dapodik_server import TOKEN, Dapodik, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def term(other_school: Sekolah) -> TahunPelajaran:
    return years.create_school_year(sekolah=other_school, mulai=2026, by=ledger.SYSTEM)


@pytest.fixture
def service(settings: Any) -> Iterator[Dapodik]:
    with serving() as state:
        settings.DAPODIK_PORT = state.port
        yield state


@pytest.fixture
def client(other_school: Sekolah) -> Client:
    akun, _ = accounts.create_account(username="admin-dua", nama="Admin Dua", by=ledger.SYSTEM)
    accounts.grant_role(
        akun=akun, jenis=Peran.Jenis.OPERATOR_SEKOLAH, sekolah=other_school, dari=date(2020, 1, 1), by=ledger.SYSTEM
    )
    browser = Client()
    browser.force_login(akun, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def ask(client: Client, term: TahunPelajaran, service: Dapodik, token: str = TOKEN) -> Any:
    return client.post(reverse("dapodik-layanan", args=[term.pk]), {"alamat": service.address, "token": token})


def fetched(client: Client, term: TahunPelajaran, service: Dapodik) -> Impor:
    response = ask(client, term, service)
    assert response.status_code == 302, response.content.decode()
    assert work_once()
    return Impor.objects.latest("dibuat")


def confirm(client: Client, impor: Impor) -> Impor:
    client.post(reverse("impor-terapkan", args=[impor.pk]))
    assert work_once()
    impor.refresh_from_db()
    assert impor.status == Impor.Status.DITERAPKAN, Pekerjaan.objects.latest("dibuat").pesan
    return impor


def texts(impor: Impor, part: str) -> str:
    return " ".join(one["pesan"] for one in imports.preview_of(impor)[part])


def test_a_whole_year_from_dapodik(term: TahunPelajaran, client: Client, service: Dapodik) -> None:
    impor = fetched(client, term, service)
    # 2 teachers, 2 classes, 2 subjects, 3 pupils, 4 lessons; the clerk is no teacher.
    assert impor.hasil == {"baru": 13, "berubah": 0, "sama": 0, "ditolak": 1, "peringatan": 0}
    assert [model.objects.count() for model in (Guru, Kelas, PesertaDidik)] == [0, 0, 0]
    confirm(client, impor)
    assert sorted(Guru.objects.values_list("nama", "nip", "nuptk")) == [
        ("Gita Uji", "", "1234567890123456"), ("Hadi Uji", "198001012005012001", ""),
    ]  # fmt: skip
    assert sorted(Kelas.objects.values_list("nama", "tingkat", "kurikulum", "wali_kelas__nama")) == [
        ("VII A", 7, "merdeka", "Gita Uji"), ("VII B", 7, "k13", "Hadi Uji"),
    ]  # fmt: skip
    assert sorted(AnggotaKelas.objects.values_list("peserta__nis", "kelas__nama")) == [
        ("0231", "VII A"), ("0232", "VII A"), ("0233", "VII B"),
    ]  # fmt: skip
    assert sorted(Pembelajaran.objects.values_list("kelas__nama", "mapel__nama", "guru__nama")) == [
        ("VII A", "Ilmu Pengetahuan Alam", "Hadi Uji"), ("VII A", "Matematika", "Gita Uji"),
        ("VII B", "Ilmu Pengetahuan Alam", "Hadi Uji"), ("VII B", "Matematika", "Gita Uji"),
    ]  # fmt: skip
    again = fetched(client, term, service)
    assert again.hasil == {"baru": 0, "berubah": 0, "sama": 13, "ditolak": 1, "peringatan": 0}


def test_the_diff_before_applying(term: TahunPelajaran, client: Client, service: Dapodik) -> None:
    confirm(client, fetched(client, term, service))
    service.data["getPesertaDidik"][0]["nama"] = "Ayu Lestari"
    service.data["getPesertaDidik"][1]["tempat_lahir"] = ""
    service.data["getRombonganBelajar"][0] |= {"ptk_id": "g2", "ptk_id_str": "Hadi Uji"}
    service.data["getRombonganBelajar"][1]["pembelajaran"][0]["ptk_id"] = "g2"
    service.data["getGtk"][1]["nama"] = "Hadi Uji, M.Pd."
    del service.data["getPesertaDidik"][2]
    impor = fetched(client, term, service)
    changes = {(one["kunci"], *map(tuple, one["ubahan"])) for one in imports.preview_of(impor)["berubah"]}
    assert changes == {
        ("Ayu Uji", ("Nama", "Ayu Uji", "Ayu Lestari")),
        ("Hadi Uji", ("Nama", "Hadi Uji", "Hadi Uji, M.Pd.")),
        ("VII A", ("Guru atau wali kelas", "Gita Uji", "Hadi Uji, M.Pd.")),
        ("Matematika VII B", ("Guru atau wali kelas", "Gita Uji", "Hadi Uji, M.Pd.")),
    }
    confirm(client, impor)
    assert set(PesertaDidik.objects.values_list("nama", "tempat_lahir")) == {
        ("Ayu Lestari", "Klaten"), ("Bima Uji", "Klaten"), ("Cici Uji", "Klaten"),
    }, "a blank deletes nothing, and who is no longer listed stays"  # fmt: skip
    assert Kelas.objects.get(nama="VII A").wali_kelas == Guru.objects.get(nama="Hadi Uji, M.Pd.")
    assert Pembelajaran.objects.get(kelas__nama="VII B", mapel__nama="Matematika").guru == Guru.objects.get(
        nama="Hadi Uji, M.Pd."
    )


def test_classes_made_by_hand_are_found_and_keep_their_curriculum_once_they_have_lessons(
    term: TahunPelajaran, client: Client, service: Dapodik
) -> None:
    with_lessons = years.create_class(tahun=term, tingkat=7, nama="VII-A", by=ledger.SYSTEM)
    years.create_class(tahun=term, tingkat=7, nama="VII-B", by=ledger.SYSTEM)
    mapel = years.create_subject(sekolah=term.sekolah, nama="MATEMATIKA", by=ledger.SYSTEM)
    years.assign_teacher(kelas=with_lessons, mapel=mapel, guru=None, by=ledger.SYSTEM)
    impor = fetched(client, term, service)
    assert "Kurikulum kelas ini tetap KTSP" in texts(impor, "peringatan")
    confirm(client, impor)
    assert sorted(Kelas.objects.values_list("nama", "kurikulum")) == [("VII-A", "ktsp"), ("VII-B", "k13")]
    assert sorted(MataPelajaran.objects.values_list("nama", flat=True)) == ["Ilmu Pengetahuan Alam", "MATEMATIKA"]
    assert Pembelajaran.objects.get(kelas=with_lessons, mapel=mapel).guru.nama == "Gita Uji"  # type: ignore[union-attr]


def test_one_bad_row_does_not_cost_the_others(term: TahunPelajaran, client: Client, service: Dapodik) -> None:
    service.data["getRombonganBelajar"][1]["kurikulum_id_str"] = "Kurikulum Baru"
    service.data["getPesertaDidik"][1]["nipd"] = ""
    impor = fetched(client, term, service)
    # The clerk, class VII B, its two lessons and its pupil, and the pupil without NIPD.
    assert (impor.hasil["baru"], impor.hasil["ditolak"]) == (8, 6)
    words = texts(impor, "ditolak")
    for part in (
        "Kurikulum atau tingkat",
        "Kelas ini sendiri ditolak",
        "sendiri ditolak. Lihat",
        "Isi NIPD di Dapodik",
    ):
        assert part in words, part
    confirm(client, impor)
    assert list(PesertaDidik.objects.values_list("nama", flat=True)) == ["Ayu Uji"]
    assert list(Kelas.objects.values_list("nama", flat=True)) == ["VII A"]


def test_a_change_meanwhile_stops_the_whole_import(term: TahunPelajaran, client: Client, service: Dapodik) -> None:
    impor = fetched(client, term, service)
    years.create_class(tahun=term, tingkat=7, nama="VII A", by=ledger.SYSTEM)
    client.post(reverse("impor-terapkan", args=[impor.pk]))
    assert work_once()
    impor.refresh_from_db()
    assert impor.status == Impor.Status.BATAL
    assert not Guru.objects.exists()


@pytest.mark.parametrize(
    ("endpoint", "fault", "words"),
    [
        ("getSekolah", "html", "bukan jawaban Dapodik"),
        ("getGtk", "bentuk", "bukan jawaban Dapodik"),
        ("getGtk", "dalam", "bukan jawaban Dapodik"),
        ("getPesertaDidik", "separuh", "gagal atau terputus"),
        ("getPesertaDidik", "kurang", "tidak lengkap: 3 dari 4"),
        ("getRombonganBelajar", "alih", "mengalihkan ke tempat lain"),
        ("getRombonganBelajar", "galat", "galat 500"),
        ("getPesertaDidik", "lambat", "tidak selesai menjawab"),
        ("getPesertaDidik", "menetes", "tidak selesai menjawab"),
    ],
)
def test_a_bad_answer_is_told_and_nothing_is_kept(
    term: TahunPelajaran, client: Client, service: Dapodik, monkeypatch: Any, endpoint: str, fault: str, words: str
) -> None:
    monkeypatch.setattr(dapodik_service, "CALL_SECONDS", 0.6)
    service.fault[endpoint] = fault
    response = ask(client, term, service)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert "RAHASIA SERVER" not in page, "another program's answer is not shown"
    assert TOKEN not in page
    assert not Impor.objects.exists()


def test_a_wrong_token_another_school_another_year(term: TahunPelajaran, client: Client, service: Dapodik) -> None:
    page = ask(client, term, service, "salah").content.decode()
    assert "menolak token ini" in page
    assert "RAHASIA SERVER" not in page
    assert "Token ini tidak dikenali" in ask(client, term, service, "dua kata").content.decode()
    service.data["getSekolah"]["npsn"] = "69900009"
    assert "milik sekolah lain (NPSN 69900009)" in ask(client, term, service).content.decode()
    service.data["getSekolah"]["npsn"] = "69900002"
    for row in service.data["getRombonganBelajar"]:
        row["semester_id"] = "20251"
    assert "sedang membuka semester 20251" in ask(client, term, service).content.decode()
    assert not Impor.objects.exists()


def test_nobody_answers(term: TahunPelajaran, client: Client, service: Dapodik, settings: Any) -> None:
    settings.DAPODIK_PORT = 1
    response = client.post(reverse("dapodik-layanan", args=[term.pk]), {"alamat": "http://127.0.0.1:1", "token": TOKEN})
    assert "Pastikan Dapodik berjalan" in response.content.decode()


def test_one_question_after_another(term: TahunPelajaran, client: Client, service: Dapodik) -> None:
    fetched(client, term, service)
    assert [endpoint for endpoint, _path in service.asked] == [
        "getSekolah", "getPesertaDidik", "getGtk", "getRombonganBelajar",
    ]  # fmt: skip
    assert service.most == 1
    assert all(path == f"/WebService/{endpoint}?npsn=69900002" for endpoint, path in service.asked)


def test_the_token_and_what_is_not_needed_are_kept_nowhere(
    term: TahunPelajaran, client: Client, service: Dapodik, caplog: Any, tmp_path: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    impor = fetched(client, term, service)
    confirm_page = client.get(reverse("impor", args=[impor.pk])).content.decode()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Ayu Uji" in kept
    rows = [str(one) for model in (Impor, Pekerjaan, EntriLedger) for one in model.objects.values()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        rows += [str(row) for row in cursor.fetchall()]
    for secret in (TOKEN, "RAHASIA"):
        assert secret.encode() not in kept
        assert secret not in "".join(rows) + caplog.text + confirm_page


@pytest.mark.parametrize(
    "address",
    [
        "http://8.8.8.8:5774", "http://169.254.169.254:5774", "http://0.0.0.0:5774", "http://[::]:5774",
        "http://[fe80::1]:5774", "http://100.64.0.1:5774", "http://224.0.0.1:5774", "http://[::ffff:8.8.8.8]:5774",
        "http://[2001:db8::1]:5774", "http://172.32.0.1:5774", "http://127.0.0.1:22", "http://127.0.0.1:5774/lain",
        "https://127.0.0.1:5774", "file:///etc/passwd", "http://admin@127.0.0.1:5774", "http://127.0.0.1:5774?a=b",
        "http://127.0.0.1:99999", "", "http://", "ftp://127.0.0.1:5774",
    ],
)  # fmt: skip
def test_only_this_computer_and_private_networks(address: str) -> None:
    with pytest.raises(ValidationError):
        dapodik_service.place_of(address)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "http://127.0.0.1:5774/", "10.1.2.3:5774", "http://192.168.1.10", "172.31.0.1", "[::1]"]
)
def test_the_schools_own_network(address: str) -> None:
    assert dapodik_service.place_of(address).port == 5774


def test_a_name_that_leads_outside_is_refused(monkeypatch: Any) -> None:
    def resolve(*_args: Any, **_more: Any) -> list[Any]:
        return [(2, 1, 6, "", ("127.0.0.1", 5774)), (2, 1, 6, "", ("8.8.8.8", 5774))]

    monkeypatch.setattr(dapodik_service.socket, "getaddrinfo", resolve)
    with pytest.raises(ValidationError, match="di luar jaringan sekolah"):
        dapodik_service.place_of("http://dapodik.sekolah:5774")


@pytest.mark.parametrize(
    ("words", "kurikulum"),
    [
        ("Kurikulum Merdeka", "merdeka"), ("Kurikulum SMP 2013", "k13"), ("SMP KTSP", "ktsp"),
        ("Kurikulum 2006", "ktsp"), ("Kurikulum Baru", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_curricula(words: str | None, kurikulum: str | None) -> None:
    assert curriculum_of(words) == kurikulum


def test_a_pupil_who_sits_elsewhere_is_not_moved(term: TahunPelajaran, client: Client, service: Dapodik) -> None:
    confirm(client, fetched(client, term, service))
    people.place_pupil(
        peserta=PesertaDidik.objects.get(nis="0231"), kelas=Kelas.objects.get(nama="VII B"), by=ledger.SYSTEM
    )
    impor = fetched(client, term, service)
    assert "sudah duduk di kelas VII B" in texts(impor, "ditolak")

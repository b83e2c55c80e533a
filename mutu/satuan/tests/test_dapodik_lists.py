"""Dapodik's lists of pupils and teachers: read as they come, compared, stored exactly as shown."""

import random
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mutu.imports.messages import FileRefused
from mutu.imports.parsing import parse
from mutu.satuan import ledger
from mutu.satuan.jobs import work_once
from mutu.satuan.models import (
    AnggotaKelas,
    EntriLedger,
    Guru,
    Impor,
    Pekerjaan,
    Peran,
    PesertaDidik,
    Sekolah,
    TahunPelajaran,
)
from mutu.satuan.services import accounts, imports, people, years
from mutu.satuan.sheets import DAPODIK_PESERTA
from mutu.satuan.tests.dapodik_files import (
    DAMAGES,
    FAMILY,
    SECRET,
    TITLES,
    pupil,
    pupil_list,
    teacher_list,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def term(other_school: Sekolah) -> TahunPelajaran:
    """A year with the classes VII-A and VII-B and nobody in them."""
    tahun = years.create_school_year(sekolah=other_school, mulai=2026, by=ledger.SYSTEM)
    for nama in ("VII-A", "VII-B"):
        years.create_class(tahun=tahun, tingkat=7, nama=nama, by=ledger.SYSTEM)
    return tahun


@pytest.fixture
def client(other_school: Sekolah) -> Client:
    akun, _ = accounts.create_account(username="admin-dua", nama="Admin Dua", by=ledger.SYSTEM)
    accounts.grant_role(
        akun=akun, jenis=Peran.Jenis.OPERATOR_SEKOLAH, sekolah=other_school, dari=date(2020, 1, 1), by=ledger.SYSTEM
    )
    browser = Client()
    browser.force_login(akun, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def upload(client: Client, address: str, content: bytes, name: str = "dapodik.xlsx") -> Impor:
    response = client.post(address, {"berkas": SimpleUploadedFile(name, content)})
    assert response.status_code == 302, response.content.decode()
    assert work_once()
    return Impor.objects.latest("dibuat")


def pupils(client: Client, term: TahunPelajaran, *rows: dict[str, Any], **options: Any) -> Impor:
    return upload(client, reverse("peserta-dapodik", args=[term.pk]), pupil_list(rows, **options))


def confirm(client: Client, impor: Impor) -> Impor:
    client.post(reverse("impor-terapkan", args=[impor.pk]))
    assert work_once()
    impor.refresh_from_db()
    return impor


def page(client: Client, impor: Impor) -> str:
    return client.get(reverse("impor", args=[impor.pk])).content.decode()


def seat(term: TahunPelajaran, nis: str, nama: str, nisn: str = "", kelas: str = "VII-A") -> PesertaDidik:
    return people.create_pupil(
        sekolah=term.sekolah, kelas=term.kelas.get(nama=kelas), nama=nama, nis=nis, nisn=nisn, jenis_kelamin="P",
        by=ledger.SYSTEM,
    )  # fmt: skip


def test_the_list_as_dapodik_writes_it(term: TahunPelajaran, client: Client) -> None:
    impor = pupils(client, term, pupil("Ayu Uji", "0231", "0131234567"), pupil("Bima Uji", "232", "0131234568"))
    assert impor.hasil == {"baru": 2, "berubah": 0, "sama": 0, "ditolak": 0, "peringatan": 0}
    assert not PesertaDidik.objects.exists()
    confirm(client, impor)
    ayu = PesertaDidik.objects.get(nis="0231")
    assert (ayu.nama, ayu.nisn, ayu.jenis_kelamin, ayu.tanggal_lahir) == (
        "Ayu Uji",
        "0131234567",
        "P",
        date(2013, 5, 17),
    )
    assert (ayu.perwalian.get().wali.nama, ayu.perwalian.get().hubungan) == ("Ayah Ayu Uji", "ayah")
    assert set(AnggotaKelas.objects.values_list("kelas__nama", flat=True)) == {"VII-A"}, "VII A means VII-A"


def test_columns_move_and_are_found_by_title(term: TahunPelajaran, client: Client) -> None:
    chance = random.Random(20260720)
    for turn in range(8):
        order = list(TITLES)
        chance.shuffle(order)
        impor = pupils(client, term, pupil("Ayu Uji", "0231", "0131234567"), order=order, top=chance.randint(1, 9))
        assert impor.hasil["baru"] == 1, (turn, page(client, impor))
        shown = imports.preview_of(impor)["baru"][0]
        assert shown == {"baris": shown["baris"], "isi": ["0231", "0131234567", "Ayu Uji", "P", "VII-A", "Klaten"]}


def test_what_is_not_needed_is_not_kept_and_is_named(term: TahunPelajaran, client: Client) -> None:
    # One row is refused while it is read, one when it is compared: both are handed back.
    spoiled = pupil("Cici Uji", "0233", "0131234569", JK="X"), pupil("Bima Uji", None, "0131234568")
    impor = pupils(client, term, pupil("Ayu Uji", "0231", "0131234567"), *spoiled)
    assert impor.hasil["ditolak"] == 2
    shown = page(client, impor)
    for title in ("NIK", "Agama", "Alamat", "Data Ayah Penghasilan", "Bank", "Layak PIP (usulan dari sekolah)"):
        assert title in shown, title
    kept = [path for path in imports.folder_of(impor).iterdir() if path.name != imports.UPLOADED]
    assert len(kept) == 3
    for path in kept:
        content = path.read_bytes()
        if path.suffix == ".xlsx":
            from python_calamine import CalamineWorkbook

            content = repr(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()).encode()
            assert b"Bima Uji" in content
            assert b"Cici Uji" in content
        assert SECRET.encode() not in content, path.name
    confirm(client, impor)
    assert not (imports.folder_of(impor) / imports.UPLOADED).exists()
    assert SECRET not in "".join(str((e.sebelum, e.sesudah)) for e in EntriLedger.objects.all())


def test_lost_zeros_come_back_with_a_warning(term: TahunPelajaran, client: Client) -> None:
    seat(term, "0231", "Ayu Uji", "0031234567")
    impor = pupils(client, term, pupil("Ayu Uji", 231, 31234567), pupil("Bima Uji", "232", 131234568))
    assert impor.hasil == {"baru": 1, "berubah": 1, "sama": 0, "ditolak": 0, "peringatan": 3}
    texts = [one["pesan"] for one in imports.preview_of(impor)["peringatan"]]
    assert any("dibaca 0131234568" in text for text in texts)
    assert any("dibaca 0231" in text for text in texts)
    confirm(client, impor)
    assert sorted(PesertaDidik.objects.values_list("nis", "nisn")) == [("0231", "0031234567"), ("232", "0131234568")]


def test_zeros_are_never_put_back_into_text(term: TahunPelajaran, client: Client) -> None:
    impor = pupils(client, term, pupil("Ayu Uji", "0231", "31234567"), pupil("Bima Uji", "232", "0131234568"))
    assert (impor.hasil["baru"], impor.hasil["ditolak"]) == (1, 1)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_read_anyway(term: TahunPelajaran, client: Client, damage: str) -> None:
    rows = [pupil("Ayu Uji", "0231", "0131234567"), pupil("Bima Uji", "0232", "0131234568")]
    content = DAMAGES[damage](pupil_list(rows))
    impor = upload(client, reverse("peserta-dapodik", args=[term.pk]), content)
    assert impor.hasil.get("baru") == 2, page(client, impor)
    confirm(client, impor)
    assert sorted(PesertaDidik.objects.values_list("nis", flat=True)) == ["0231", "0232"]


def test_damage_to_the_table_itself_is_refused() -> None:
    from mutu.imports.tests.files import rezipped
    from mutu.satuan.tests.dapodik_files import SHEET, TEXTS, cut

    content = pupil_list([pupil("Ayu Uji", "0231", "0131234567")])
    for part in (SHEET, TEXTS, "xl/workbook.xml"):
        with pytest.raises(FileRefused):
            parse(rezipped(content, {part: cut}), DAPODIK_PESERTA, name="a.xlsx")
    bomb = rezipped(content, {TEXTS: lambda data: data.replace(b"?>", b"?><!DOCTYPE a []>", 1)})
    with pytest.raises(FileRefused, match="DTD"):
        parse(b"\n" + bomb, DAPODIK_PESERTA, name="a.xlsx")
    with pytest.raises(FileRefused):
        parse(b"\n" + rezipped(content, **{"xl/vbaProject.bin": b"\xd0\xcf"}), DAPODIK_PESERTA, name="a.xlsx")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (pupil("Baru Uji", None, "0139999999"), "Isi NIPD di Dapodik"),
        (pupil("Baru Uji", None, None), "Isi NIPD di Dapodik"),
        (pupil("Ayu Uji", "0232", "0131234567"), "milik NIS 0232"),
        (pupil("Orang Lain", "9999", "0131234567"), "tersimpan atas nama Ayu Uji"),
        (pupil("Orang Lain", "0231", "0139999999"), "tersimpan atas nama Ayu Uji"),
        (pupil("Ayu Uji", "0231", "0131234567", **{"Rombel Saat Ini": "VII B"}), "sudah duduk di kelas VII-A"),
        (pupil("Ayu Uji", "0231", "0131234567", **{"Rombel Saat Ini": "IX Z"}), "belum ada pada tahun 2026/2027"),
        (pupil("Ayu Uji", "0231", "0131234567", JK="X"), "salah satu"),
        (pupil("Ayu Uji", "0231", "0131234567", **{"Tanggal Lahir": "17/13/2013"}), "tidak ada"),
    ],
)
def test_what_needs_a_person_is_refused(term: TahunPelajaran, client: Client, row: dict[str, Any], words: str) -> None:
    seat(term, "0231", "Ayu Uji", "0131234567")
    seat(term, "0232", "Bima Uji")
    impor = pupils(client, term, row)
    assert impor.hasil["ditolak"] == 1
    assert words in page(client, impor)
    before = list(PesertaDidik.objects.order_by("pk").values())
    confirm(client, impor)
    assert list(PesertaDidik.objects.order_by("pk").values()) == before


def test_a_known_pupil_without_nipd_is_found_by_nisn(term: TahunPelajaran, client: Client) -> None:
    seat(term, "0231", "Ayu Uji", "0131234567")
    impor = pupils(client, term, pupil("Ayu Uji", None, "0131234567"))
    assert (impor.hasil["berubah"], impor.hasil["ditolak"]) == (1, 0)
    confirm(client, impor)
    assert PesertaDidik.objects.get().tempat_lahir == "Klaten"


def test_changes_are_shown_and_blanks_delete_nothing(term: TahunPelajaran, client: Client) -> None:
    confirm(client, pupils(client, term, pupil("Ayu Uji", "0231", "0131234567")))
    changed = pupil("Ayu Lestari", "0231", None, **{"Tempat Lahir": None, "Data Ayah Nama": "Ayah Lain"})
    impor = pupils(client, term, changed)
    shown = imports.preview_of(impor)
    assert [one["ubahan"] for one in shown["berubah"]] == [[["Nama", "Ayu Uji", "Ayu Lestari"]]]
    assert any("tidak diubah" in one["pesan"] for one in shown["peringatan"]), "the guardian is kept and named"
    confirm(client, impor)
    ayu = PesertaDidik.objects.get()
    assert (ayu.nama, ayu.nisn, ayu.tempat_lahir) == ("Ayu Lestari", "0131234567", "Klaten")
    assert ayu.perwalian.get().wali.nama == "Ayah Ayu Uji"


def test_a_pupil_listed_twice_is_refused_both_times(term: TahunPelajaran, client: Client) -> None:
    seat(term, "0231", "Ayu Uji", "0131234567")
    twice = [pupil("Ayu Uji", None, "0131234567"), pupil("Ayu Uji", "231", None)]
    assert pupils(client, term, *twice).hasil["ditolak"] == 2
    again = [pupil("Bima Uji", "0232", "0131234568"), pupil("Bima Uji", "0233", "0131234568")]
    assert pupils(client, term, *again).hasil["ditolak"] == 2


def test_a_change_meanwhile_stops_the_whole_import(term: TahunPelajaran, client: Client) -> None:
    ayu = seat(term, "0231", "Ayu Uji", "0131234567")
    impor = pupils(client, term, pupil("Ayu Uji", "0231", "0131234567"), pupil("Bima Uji", "0232"))
    with ledger.record("uji", by=ledger.SYSTEM):
        PesertaDidik.objects.filter(pk=ayu.pk).update(nama="Ayu Baru")
    assert confirm(client, impor).status == Impor.Status.BATAL
    assert PesertaDidik.objects.count() == 1


def test_a_template_is_no_dapodik_list(term: TahunPelajaran, client: Client) -> None:
    from mutu.satuan.services.pupil_list import pupil_template

    impor = upload(client, reverse("peserta-dapodik", args=[term.pk]), pupil_template(term))
    assert impor.status == Impor.Status.DITOLAK
    assert "Rombel Saat Ini" in page(client, impor)


def test_a_hidden_row_and_a_hidden_column(term: TahunPelajaran) -> None:
    import re

    from mutu.imports.tests.files import rezipped
    from mutu.satuan.tests.dapodik_files import SHEET

    content = pupil_list([pupil("Ayu Uji", "0231"), pupil("Bima Uji", "0232")])
    hidden = rezipped(content, {SHEET: lambda data: data.replace(b'<row r="7"', b'<row r="7" hidden="1"', 1)})
    assert "tersembunyi" in parse(hidden, DAPODIK_PESERTA).refused[0].text

    def columns(first: int) -> bytes:
        hide = f'<cols><col min="{first}" max="{first}" width="9" hidden="1"/></cols><sheetData>'.encode()
        return rezipped(content, {SHEET: lambda data: re.sub(rb"<sheetData>", hide, data, count=1)})

    assert parse(columns(9), DAPODIK_PESERTA).total == 2, "a hidden column that is not read does no harm"
    with pytest.raises(FileRefused, match="NIPD"):
        parse(columns(3), DAPODIK_PESERTA)


TEACHER = {
    "Nama": "Gita Uji, S.Pd.",
    "NUPTK": "1234567890123456",
    "NIP": "198001012005012001",
    "Jenis PTK": "Guru Mapel",
}


def teachers(client: Client, school: Sekolah, *rows: dict[str, Any]) -> Impor:
    return upload(client, reverse("guru-dapodik", args=[school.npsn]), teacher_list(rows))


def test_teachers_new_changed_and_staff_left_out(other_school: Sekolah, client: Client) -> None:
    people.create_teacher(sekolah=other_school, nama="Hadi Uji", nuptk="2222222222222222", by=ledger.SYSTEM)
    people.create_teacher(sekolah=other_school, nama="Ira Uji", by=ledger.SYSTEM)
    impor = teachers(
        client,
        other_school,
        TEACHER | {"Tugas Tambahan": "Kepala Sekolah"},
        {"Nama": "Hadi Uji, M.Pd.", "NUPTK": "2222222222222222", "Jenis PTK": "Guru BK"},
        {"Nama": "IRA UJI", "NIP": "198502022010012002", "Jenis PTK": "Guru Mapel"},
        {"Nama": "Joni Uji", "Jenis PTK": "Tenaga Administrasi Sekolah"},
    )
    assert impor.hasil == {"baru": 1, "berubah": 2, "sama": 0, "ditolak": 1, "peringatan": 0}
    shown = page(client, impor)
    assert "Bukan guru" in shown
    assert "bertugas sebagai Kepala Sekolah" in shown
    assert SECRET not in shown
    confirm(client, impor)
    assert sorted(Guru.objects.filter(sekolah=other_school).values_list("nama", "nip", "nuptk")) == [
        ("Gita Uji, S.Pd.", "198001012005012001", "1234567890123456"),
        ("Hadi Uji, M.Pd.", "", "2222222222222222"),
        ("IRA UJI", "198502022010012002", ""),
    ]
    assert teachers(client, other_school, TEACHER).hasil["sama"] == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"Nama": "Gita Uji", "NUPTK": "1111111111111111", "NIP": "198502022010012002"}, "Betulkan salah satu"),
        ({"Nama": "Ana Uji", "NUPTK": "3333333333333333"}, "dengan nomor lain"),
        ({"Nama": "Gita Uji", "NUPTK": 1234567890123456}, "angka-angka terakhirnya sudah berubah"),
        ({"Nama": "Kembar Uji"}, "guru bernama sama"),
    ],
)
def test_teachers_that_need_a_person(other_school: Sekolah, client: Client, row: dict[str, Any], words: str) -> None:
    for nama, nuptk, nip in (
        ("Ana Uji", "1111111111111111", ""), ("Budi Uji", "", "198502022010012002"),
        ("Kembar Uji", "", ""), ("Kembar Uji", "4444444444444444", ""),
    ):  # fmt: skip
        people.create_teacher(sekolah=other_school, nama=nama, nuptk=nuptk, nip=nip, by=ledger.SYSTEM)
    before = list(Guru.objects.order_by("pk").values())
    impor = teachers(client, other_school, row | {"Jenis PTK": "Guru Mapel"})
    assert impor.hasil["ditolak"] == 1
    assert words in page(client, impor)
    confirm(client, impor)
    assert list(Guru.objects.order_by("pk").values()) == before


def test_one_teacher_on_two_rows(other_school: Sekolah, client: Client) -> None:
    assert teachers(client, other_school, {"Nama": "Gita Uji"}, {"Nama": "gita uji"}).hasil["ditolak"] == 2


def test_the_other_school_never_sees_it(
    other_school: Sekolah, term: TahunPelajaran, client: Client, school: Any
) -> None:
    impor = pupils(client, term, pupil("Ayu Uji", "0231"))
    from mutu.satuan.models import Akun

    other = Client()
    other.force_login(
        Akun.objects.get(username="demo-admin-sekolah"), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert other.get(reverse("impor", args=[impor.pk])).status_code == 404
    assert other.post(reverse("peserta-dapodik", args=[term.pk])).status_code == 404
    assert Pekerjaan.objects.filter(jenis="impor.terapkan").count() == 0


def test_the_groups_are_told_apart() -> None:
    parsed = parse(pupil_list([pupil("Ayu Uji", "0231", **{"Data Ibu Nama": "Ibu Ayu"})]), DAPODIK_PESERTA)
    assert parsed.layout.header_rows == 2
    assert [f"{group} Nama" for group in FAMILY] == [one for one in parsed.layout.headings if one.startswith("Data")]
    assert parsed.records[0][7:9] == ("Ayah Ayu Uji", "Ibu Ayu")

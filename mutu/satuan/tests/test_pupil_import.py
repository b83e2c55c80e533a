"""Pupils from a workbook: into their classes, with guardians; what needs a person's judgement is refused."""

from datetime import date

import pytest

from mutu.imports.template import write_template
from mutu.satuan import ledger
from mutu.satuan.models import (
    AnggotaKelas,
    EntriLedger,
    Kelas,
    Perwalian,
    PesertaDidik,
    Sekolah,
    TahunPelajaran,
    Wali,
)
from mutu.satuan.services import people, pupil_list, years
from mutu.satuan.services.school_list import PlanChanged
from mutu.satuan.sheets import PESERTA_DIDIK

pytestmark = pytest.mark.django_db


@pytest.fixture
def term(other_school: Sekolah) -> TahunPelajaran:
    """A year with the classes VII-A and VII-B and nobody in them."""
    tahun = years.create_school_year(sekolah=other_school, mulai=2026, by=ledger.SYSTEM)
    for nama in ("VII-A", "VII-B"):
        years.create_class(tahun=tahun, tingkat=7, nama=nama, by=ledger.SYSTEM)
    return tahun


def row(nis: str, **other: object) -> tuple[object, ...]:
    """One pupil, good unless told otherwise."""
    facts: dict[str, object] = {
        "nis": nis, "nisn": f"99{nis:0>8}", "nama": f"Pupil {nis}", "jenis_kelamin": "P", "kelas": "VII-A",
        "tempat_lahir": "Klaten", "tanggal_lahir": date(2013, 5, 17), "nama_wali": None, "hubungan_wali": None,
    }  # fmt: skip
    facts |= other
    return tuple(facts[column.name] for column in PESERTA_DIDIK.columns)


def read(*rows: tuple[object, ...]) -> pupil_list.Parsed:
    return pupil_list.read_pupils(write_template(PESERTA_DIDIK, list(rows)), name="isi.xlsx")


def run(tahun: TahunPelajaran, *rows: tuple[object, ...]) -> dict[str, int]:
    """Import the rows and return the counts."""
    return pupil_list.import_pupils(read(*rows), tahun=tahun, by=ledger.SYSTEM)[1].counts


def counts(**found: int) -> dict[str, int]:
    return {"baru": 0, "berubah": 0, "sama": 0, "ditolak": 0, "peringatan": 0} | found


def test_new_pupils_sit_in_their_class_with_their_guardian(term: TahunPelajaran) -> None:
    rows = [row("1", nama_wali="Budi Uji", hubungan_wali="ayah"), row("2", kelas="vii-b"), row("3", nisn=None)]
    assert run(term, *rows) == counts(baru=3)
    first = PesertaDidik.objects.get(nis="1")
    assert (first.nisn, first.tanggal_lahir, first.jenis_kelamin) == ("9900000001", date(2013, 5, 17), "P")
    tie = first.perwalian.get()
    assert (tie.wali.nama, tie.hubungan, tie.utama) == ("Budi Uji", "ayah", True)
    assert sorted(AnggotaKelas.objects.values_list("peserta__nis", "kelas__nama")) == [
        ("1", "VII-A"), ("2", "VII-B"), ("3", "VII-A"),
    ]  # fmt: skip
    assert PesertaDidik.objects.get(nis="3").nisn == ""
    assert run(term, *rows) == counts(sama=3)
    assert Wali.objects.count() == 1


def test_changes_reach_pupil_and_guardian_and_a_blank_deletes_nothing(term: TahunPelajaran) -> None:
    run(term, row("1", nama_wali="Budi Uji", hubungan_wali="ayah"), row("2"))
    changed = row("1", nama="Sari Uji", nisn=None, nama_wali="Tono Uji", hubungan_wali="ayah")
    assert run(term, changed, row("2")) == counts(berubah=1, sama=1)
    pupil = PesertaDidik.objects.get(nis="1")
    assert (pupil.nama, pupil.nisn) == ("Sari Uji", "9900000001")
    assert pupil.perwalian.get().wali.nama == "Tono Uji"
    assert Wali.objects.count() == 1


def test_a_guardian_of_siblings_keeps_the_name_for_the_other_child(term: TahunPelajaran) -> None:
    run(term, row("1", nama_wali="Budi Uji"), row("2"))
    shared = Wali.objects.get()
    people.add_guardian(peserta=PesertaDidik.objects.get(nis="2"), wali=shared, by=ledger.SYSTEM)
    run(term, row("1", nama_wali="Tono Uji"))
    assert Perwalian.objects.get(peserta__nis="2").wali.nama == "Budi Uji"
    assert Perwalian.objects.get(peserta__nis="1").wali.nama == "Tono Uji"


def test_a_new_year_seats_known_pupils(term: TahunPelajaran) -> None:
    run(term, row("1"))
    after = years.create_school_year(sekolah=term.sekolah, mulai=2027, by=ledger.SYSTEM)
    years.create_class(tahun=after, tingkat=8, nama="VIII-A", by=ledger.SYSTEM)
    assert run(after, row("1", kelas="VIII-A")) == counts(berubah=1)
    assert PesertaDidik.objects.get().keanggotaan.count() == 2


@pytest.mark.parametrize(
    ("changed", "column", "words"),
    [
        ({"kelas": "IX-Z"}, "Kelas", "belum ada pada tahun 2026/2027"),
        ({"kelas": "VII-B"}, "Kelas", "sudah duduk di kelas VII-A"),
        ({"nisn": "9900000002"}, "NISN", "NIS 2"),
        ({"nisn": "123456789"}, "NISN", "0123456789"),
        ({"tanggal_lahir": date(2090, 1, 1)}, "Tanggal Lahir", "belum terjadi"),
        ({"hubungan_wali": "ibu"}, "Nama Wali", "Isi nama wali"),
        ({"jenis_kelamin": "X"}, "Jenis Kelamin", "salah satu"),
        ({"nama": None}, "Nama", "kosong"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_cell(
    term: TahunPelajaran, changed: dict[str, object], column: str, words: str
) -> None:
    run(term, row("1"), row("2"))
    settled, plan = pupil_list.plan_pupils(read(row("1", **changed)), term)
    assert plan.counts == counts(ditolak=1)
    notice = settled.refused[0]
    assert (notice.row, notice.column) == (2, column)
    assert words in notice.text
    assert list(settled.refused_rows) == [2]


def test_the_same_pupil_twice_is_refused_on_both_rows(term: TahunPelajaran) -> None:
    assert run(term, row("1"), row("1", nisn=None), row("2")) == counts(baru=1, ditolak=2)


def test_two_pupils_may_exchange_their_nisn(term: TahunPelajaran) -> None:
    run(term, row("1"), row("2"))
    assert run(term, row("1", nisn="9900000002"), row("2", nisn="9900000001")) == counts(berubah=2)
    assert PesertaDidik.objects.get(nis="1").nisn == "9900000002"


def test_a_refused_row_keeps_its_nisn_from_the_others(term: TahunPelajaran) -> None:
    run(term, row("1"), row("2"))
    made = run(term, row("1", nisn="9900000002"), row("2", nisn="9900000001", kelas="IX-Z"))
    assert made == counts(ditolak=2)


def test_commit_is_refused_when_the_classes_changed_since_the_preview(term: TahunPelajaran) -> None:
    parsed = read(row("1"), row("2", kelas="VII-B"))
    _, plan = pupil_list.plan_pupils(parsed, term)
    years.delete_class(kelas=Kelas.objects.get(nama="VII-B"), by=ledger.SYSTEM)
    with pytest.raises(PlanChanged):
        pupil_list.import_pupils(parsed, tahun=term, by=ledger.SYSTEM, digest=plan.digest)
    assert not PesertaDidik.objects.exists()


def test_pupils_of_another_school_are_never_touched(school: Sekolah, term: TahunPelajaran) -> None:
    before = list(PesertaDidik.objects.filter(sekolah=school).order_by("pk").values())
    assert run(term, row("2601", nama="Orang Lain")) == counts(baru=1)
    assert list(PesertaDidik.objects.filter(sekolah=school).order_by("pk").values()) == before


def test_the_ledger_holds_no_name(term: TahunPelajaran) -> None:
    run(term, row("1", nama="Nama Rahasia", nama_wali="Wali Rahasia"))
    assert "Rahasia" not in "".join(str((e.sebelum, e.sesudah)) for e in EntriLedger.objects.all())


def test_the_template_comes_back_as_it_went_out(school: Sekolah, year: TahunPelajaran) -> None:
    parsed = pupil_list.read_pupils(pupil_list.pupil_template(year), name="templat.xlsx")
    assert pupil_list.plan_pupils(parsed, year)[1].counts == counts(sama=102)

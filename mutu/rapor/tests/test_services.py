"""The one write path of marks, and what a mark leads to. On both databases."""

from decimal import Decimal

import pytest

from mutu.rapor import rules
from mutu.rapor.models import Ketidakhadiran, MapelTingkat, Nilai, NilaiRapor
from mutu.rapor.services import cards, marks, terms
from mutu.rapor.services.marks import Cell
from mutu.regulation.explain import InputError
from mutu.satuan.models import EntriLedger
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db

EXAMPLE_1 = ("60", "75", "65", "55", "65")  # guideline 2007, Bab II.B.2, Contoh 1


def isi(
    contoh: Contoh, values: tuple[str, ...], versi: int = 0, anggota: int = 0, **kwargs: object
) -> marks.SaveResult:
    columns = [*contoh.uh, contoh.uts, contoh.uas]
    cells = [
        Cell(column.pk, contoh.anggota[anggota].pk, value, versi)
        for column, value in zip(columns, values, strict=False)
    ]
    return marks.save_marks(
        pembelajaran=contoh.matematika, semester=contoh.semester, cells=cells, by=contoh.akun["guru"], **kwargs
    )


def rapor(contoh: Contoh, anggota: int = 0) -> NilaiRapor:
    return NilaiRapor.objects.get(pembelajaran=contoh.matematika, anggota=contoh.anggota[anggota])


def test_the_guidelines_first_example_reaches_the_rapor(contoh: Contoh) -> None:
    result = isi(contoh, EXAMPLE_1)
    assert [cell.status for cell in result.sel] == ["tersimpan"] * 5
    row = rapor(contoh)
    assert (row.nilai, row.huruf, row.kkm, row.status) == (63, "enam puluh tiga", 65, "belum tercapai")
    assert row.kurang == []
    assert row.deskripsi == "SK 2 terlampaui, SK 3 tercapai, dan SK 1 belum tercapai"
    assert any(step["hasil"] == 66 for step in row.langkah), "the daily mean is truncated and shown"
    assert all(step["sumber"] for step in row.langkah)
    assert result.hasil[0]["nilai"] == 63


def test_a_missing_mark_is_named_and_never_zero(contoh: Contoh) -> None:
    isi(contoh, ("60", "75", "65", "", "65"))
    row = rapor(contoh)
    assert row.nilai is None
    assert row.kurang == ["UTS"]
    assert not row.lengkap


def test_a_school_may_share_the_weights_among_what_exists(contoh: Contoh) -> None:
    terms.set_terms(
        semester=contoh.semester,
        cara="rasio",
        bobot_uh=Decimal(2),
        bobot_uts=Decimal(1),
        bobot_uas=Decimal(1),
        kosong="normalisasi",
        by=contoh.akun["admin"],
    )
    isi(contoh, ("60", "75", "65", "", "65"))
    row = rapor(contoh)
    assert row.nilai == 66  # (2 x 66 + 65) : 3 = 65,67
    assert row.lengkap


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("101", "di luar 0 sampai 100"),
        ("-1", "di luar 0 sampai 100"),
        ("100,01", "di luar 0 sampai 100"),
        ("delapan", "bukan angka"),
        ("NaN", "bukan angka"),
        ("1e400", "bukan angka"),
        ("７５", "angka bentuk lain"),
        ("7 5", "bukan angka"),
        ("75,555", "terlalu rinci"),
        ("=75", "bukan angka"),
        ("0x10", "bukan angka"),
        ("75.5.5", "bukan angka"),
    ],
)
def test_a_bad_mark_is_refused_with_a_cure_and_saves_nothing(contoh: Contoh, typed: str, part: str) -> None:
    result = isi(contoh, (typed, "75"))
    assert result.sel[0].status == "ditolak"
    assert part in (result.sel[0].pesan or "")
    assert result.sel[1].status == "tersimpan"
    assert list(Nilai.objects.values_list("nilai", flat=True)) == [Decimal(75)]


@pytest.mark.parametrize(("typed", "value"), [("0", "0"), ("100", "100"), ("72,5", "72.5"), (" 72.25 ", "72.25")])
def test_good_marks(typed: str, value: str) -> None:
    assert marks.parse_mark(typed, rules.aturan_terbaru()) == Decimal(value)


def test_a_batch_that_must_be_whole_saves_nothing_when_one_cell_is_bad(contoh: Contoh) -> None:
    with pytest.raises(marks.NotSaved) as caught:
        isi(contoh, ("60", "101"), all_or_nothing=True)
    assert [cell.status for cell in caught.value.result.sel] == ["tersimpan", "ditolak"]
    assert not Nilai.objects.exists()
    assert not NilaiRapor.objects.exists()


def test_a_stale_write_is_refused_with_both_values_and_the_other_author(contoh: Contoh) -> None:
    isi(contoh, ("60",))
    isi(contoh, ("70",), versi=1)
    late = isi(contoh, ("80",), versi=1).sel[0]
    assert (late.status, late.nilai) == ("bentrok", "80")
    assert late.server is not None
    assert (late.server["nilai"], late.server["versi"], late.server["oleh"]) == ("70", 2, "Gani Guru")
    assert Nilai.objects.get().nilai == 70


def test_the_first_write_of_a_cell_that_somebody_else_has_filled_is_a_conflict(contoh: Contoh) -> None:
    isi(contoh, ("60",))
    assert isi(contoh, ("61",), versi=0).sel[0].status == "bentrok"
    assert isi(contoh, ("60",), versi=0).sel[0].status == "tersimpan", "the same value twice is no conflict"


def test_a_retry_with_the_same_key_has_no_second_effect(contoh: Contoh) -> None:
    first = isi(contoh, ("60", "75"), key="k-1")
    entries = EntriLedger.objects.count()
    second = isi(contoh, ("60", "75"), key="k-1")
    assert second.as_dict() == first.as_dict()
    assert Nilai.objects.get(penilaian=contoh.uh[0]).versi == 1
    assert EntriLedger.objects.count() == entries + 1, "only the line of the request itself"
    with pytest.raises(InputError, match="kunci"):
        isi(contoh, ("99",), key="k-1")


def test_a_mark_taken_back_leaves_its_history(contoh: Contoh) -> None:
    isi(contoh, ("60",))
    isi(contoh, ("75,5",), versi=1)
    isi(contoh, ("",), versi=2)
    history = marks.mark_history(contoh.uh[0], contoh.anggota[0])
    assert [line["nilai"] for line in history] == ["", "75,5", "60"]
    assert {line["oleh"] for line in history} == {"Gani Guru"}


def test_cells_of_another_class_or_column_are_refused(contoh: Contoh) -> None:
    result = marks.save_marks(
        pembelajaran=contoh.bahasa,
        semester=contoh.semester,
        cells=[Cell(contoh.uh[0].pk, contoh.anggota[0].pk, "80", 0)],
        by=contoh.akun["guru_lain"],
    )
    assert result.sel[0].status == "ditolak"
    assert not Nilai.objects.exists()


def test_a_cell_sent_twice_is_not_last_wins(contoh: Contoh) -> None:
    cell = Cell(contoh.uh[0].pk, contoh.anggota[0].pk, "80", 0)
    twice = Cell(contoh.uh[0].pk, contoh.anggota[0].pk, "90", 0)
    result = marks.save_marks(
        pembelajaran=contoh.matematika, semester=contoh.semester, cells=[cell, twice], by=contoh.akun["guru"]
    )
    assert [one.status for one in result.sel] == ["tersimpan", "ditolak"]
    assert Nilai.objects.get().nilai == 80


def test_a_new_kkm_renews_the_marks_it_touches(contoh: Contoh) -> None:
    isi(contoh, EXAMPLE_1)
    terms.set_kkm(
        tahun=contoh.tahun,
        mapel=contoh.matematika.mapel,
        tingkat=7,
        kkm=60,
        alasan="keputusan rapat dewan pendidik",
        by=contoh.akun["admin"],
    )
    row = rapor(contoh)
    assert (row.kkm, row.status) == (60, "terlampaui")
    assert row.deskripsi == "SK 2 dan 3 terlampaui dan SK 1 tercapai"
    assert row.versi == 2


@pytest.mark.parametrize("kkm", [120, -1, 101])
def test_a_kkm_off_the_scale_is_refused(contoh: Contoh, kkm: int) -> None:
    with pytest.raises(InputError, match="kkm"):
        terms.set_kkm(tahun=contoh.tahun, mapel=contoh.matematika.mapel, tingkat=7, kkm=kkm, by=contoh.akun["admin"])
    assert MapelTingkat.objects.get(mapel=contoh.matematika.mapel).kkm == 65


def test_percentages_must_total_100(contoh: Contoh) -> None:
    with pytest.raises(InputError, match="99"):
        terms.set_terms(
            semester=contoh.semester,
            cara="persen",
            bobot_uh=Decimal(59),
            bobot_uts=Decimal(20),
            bobot_uas=Decimal(20),
            by=contoh.akun["admin"],
        )


def test_light_daily_tests_bring_advice_but_are_saved(contoh: Contoh) -> None:
    row, advice = terms.set_terms(
        semester=contoh.semester,
        cara="rasio",
        bobot_uh=Decimal(1),
        bobot_uts=Decimal(1),
        bobot_uas=Decimal(1),
        by=contoh.akun["admin"],
    )
    assert row.pk
    assert len(advice) == 1


def test_a_column_with_marks_cannot_be_removed(contoh: Contoh) -> None:
    isi(contoh, ("60",))
    with pytest.raises(InputError, match="sudah berisi nilai"):
        marks.remove_assessment(penilaian=contoh.uh[0], by=contoh.akun["guru"])
    marks.remove_assessment(penilaian=contoh.uh[2], by=contoh.akun["guru"])
    assert "UH 3" not in str(rapor(contoh).kurang)


def test_an_sk_of_another_subject_is_refused(contoh: Contoh) -> None:
    with pytest.raises(InputError, match="SK"):
        marks.add_assessment(
            pembelajaran=contoh.bahasa,
            semester=contoh.semester,
            jenis="uh",
            sk=contoh.sk[0],
            by=contoh.akun["guru_lain"],
        )
    with pytest.raises(InputError, match="pilih SK"):
        marks.add_assessment(
            pembelajaran=contoh.matematika, semester=contoh.semester, jenis="uh", by=contoh.akun["guru"]
        )


def test_absence_not_recorded_differs_from_zero(contoh: Contoh) -> None:
    rows = [
        cards.Absence(contoh.anggota[0].pk, 0, 4, None, 0),
        cards.Absence(contoh.anggota[1].pk, None, None, None, 0),
    ]
    assert cards.save_absences(kelas=contoh.kelas, semester=contoh.semester, rows=rows, by=contoh.akun["wali"]) == []
    row = Ketidakhadiran.objects.get()
    assert (row.sakit, row.izin, row.tanpa_keterangan) == (0, 4, None)
    conflicts = cards.save_absences(
        kelas=contoh.kelas,
        semester=contoh.semester,
        rows=[cards.Absence(contoh.anggota[0].pk, 9, 9, 9, 0)],
        by=contoh.akun["wali"],
    )
    assert "0 / 4 / " in conflicts[0]["pesan"]
    row.refresh_from_db()
    assert row.sakit == 0


@pytest.mark.parametrize("typed", ["-1", "dua", "1,5", "201", "９"])
def test_bad_days_are_refused(typed: str) -> None:
    with pytest.raises(InputError, match="jumlah hari"):
        cards.parse_days(typed)


def test_own_words_stand_until_they_are_taken_back(contoh: Contoh) -> None:
    isi(contoh, EXAMPLE_1)
    row = rapor(contoh)
    cards.write_description(row=row, text="  Terus   bersemangat! ", versi=row.versi, by=contoh.akun["guru"])
    row.refresh_from_db()
    assert row.deskripsi_cetak == "Terus bersemangat!"
    with pytest.raises(InputError, match="berubah"):
        cards.write_description(row=row, text="Lain", versi=1, by=contoh.akun["guru"])
    cards.write_description(row=row, text="", versi=row.versi, by=contoh.akun["guru"])
    row.refresh_from_db()
    assert row.deskripsi_cetak.startswith("SK 2")

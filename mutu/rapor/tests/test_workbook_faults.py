"""A lesson's own workbook out and in: what it carries, and what becomes of each way to spoil it."""

import re
import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from mutu.imports.tests.files import rezipped
from mutu.rapor import sheets
from mutu.rapor.models import Nilai, Rapor
from mutu.rapor.services.marks import Cell, save_marks
from mutu.rapor.tests.test_services import isi
from mutu.rapor.tests.test_sheets import confirm, upload
from mutu.rapor.tests.workbook_edits import SHEET, edited, hide_row
from mutu.satuan import ledger
from mutu.satuan.models import Kelas, Pembelajaran, Semester, TahunPelajaran
from mutu.satuan.services import imports
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db


def out(contoh: Contoh) -> bytes:
    return sheets.workbook(contoh.matematika, contoh.semester)


def mark_of(contoh: Contoh, column: int = 0, pupil: int = 0) -> Decimal | None:
    found = Nilai.objects.filter(penilaian=contoh.uh[column], anggota=contoh.anggota[pupil]).first()
    return found.nilai if found else None


def change_meanwhile(contoh: Contoh, value: str, column: int = 0, pupil: int = 0) -> None:
    place = contoh.uh[column].pk, contoh.anggota[pupil].pk
    stored = Nilai.objects.filter(penilaian=place[0], anggota=place[1]).first()
    save_marks(
        pembelajaran=contoh.matematika, semester=contoh.semester, by=contoh.akun["guru"],
        cells=[Cell(*place, value, stored.versi if stored else 0)],
    )  # fmt: skip


def test_what_the_workbook_locks_checks_and_carries(contoh: Contoh) -> None:
    content = out(contoh)
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    seen = {part.name: part.visible for part in book.sheets_metadata}
    assert seen["Mutu-keadaan"] == SheetVisibleEnum.VeryHidden
    told = book.get_sheet_by_name("Mutu-keadaan").to_python()
    assert told[0][:3] == ["sasaran", str(contoh.matematika.pk), str(contoh.semester.pk)]
    with zipfile.ZipFile(BytesIO(content)) as archive:
        sheet, styles = archive.read(SHEET).decode(), archive.read("xl/styles.xml").decode()
    assert "<sheetProtection" in sheet
    free = [
        at
        for at, one in enumerate(re.findall(r"<xf .*?(?:/>|</xf>)", styles.split("<cellXfs")[1]))
        if 'locked="0"' in one
    ]
    columns = re.findall(r'<col min="(\d+)" max="(\d+)" width="[^"]*" style="(\d+)"', sheet)
    open_ones = [at for first, last, style in columns if int(style) in free for at in range(int(first), int(last) + 1)]
    assert open_ones == [3, 4, 5, 6, 7], "marks alone are open"
    checked = re.findall(r'<dataValidation type="decimal".*?sqref="([A-Z]+)2:', sheet)
    assert checked == ["C", "D", "E", "F", "G"]


def test_out_and_in_again_changes_nothing(contoh: Contoh) -> None:
    isi(contoh, ("60", "72,5", "80"), 0)
    isi(contoh, ("0", "100"), 1)
    before = list(Nilai.objects.order_by("pk").values())
    client, impor = upload(contoh, out(contoh))
    assert impor.hasil == {"baru": 0, "berubah": 0, "sama": 3, "ditolak": 0, "peringatan": 0}
    confirm(client, impor)
    assert list(Nilai.objects.order_by("pk").values()) == before


def test_a_colleague_changed_what_the_workbook_left_alone(contoh: Contoh) -> None:
    isi(contoh, ("60",))
    content = edited(out(contoh), {"D2": 75})
    change_meanwhile(contoh, "61")
    client, impor = upload(contoh, content)
    assert (impor.hasil["berubah"], impor.hasil["peringatan"]) == (1, 1)
    [change] = imports.preview_of(impor)["berubah"]
    assert [one[0] for one in change["ubahan"]] == ["UH 2"]
    assert "diubah menjadi 61 sesudah lembar diunduh" in client.get(f"/impor/{impor.pk}/").content.decode()
    confirm(client, impor)
    assert (mark_of(contoh), mark_of(contoh, 1)) == (61, 75), "the colleague's mark is not undone"


def test_two_people_changed_the_same_mark(contoh: Contoh) -> None:
    isi(contoh, ("60",))
    content = edited(out(contoh), {"C2": 75, "C3": 70})
    change_meanwhile(contoh, "61")
    client, impor = upload(contoh, content)
    assert (impor.hasil["berubah"], impor.hasil["ditolak"]) == (1, 1)
    assert "diubah orang lain menjadi 61" in client.get(f"/impor/{impor.pk}/").content.decode()
    confirm(client, impor)
    assert (mark_of(contoh), mark_of(contoh, 0, 1)) == (61, 70)


def test_two_people_came_to_the_same_mark(contoh: Contoh) -> None:
    isi(contoh, ("60",))
    content = edited(out(contoh), {"C2": 75})
    change_meanwhile(contoh, "75")
    _client, impor = upload(contoh, content)
    assert impor.hasil == {"baru": 0, "berubah": 0, "sama": 3, "ditolak": 0, "peringatan": 0}


@pytest.mark.parametrize("typed", ["72,5", "72.5", 72.5])
def test_decimals_with_comma_or_point(contoh: Contoh, typed: Any) -> None:
    client, impor = upload(contoh, edited(out(contoh), {"C2": typed}))
    confirm(client, impor)
    assert mark_of(contoh) == Decimal("72.5")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"C2": "tuntas"}, "bukan bilangan"),
        ({"C2": "1.000"}, "paling banyak 2 angka"),
        ({"C2": "=SUM(D2:E2)"}, "rumus tanpa nilai tersimpan"),
        ({"C2": 100.5}, "antara 0 dan 100"),
        ({"C2": -1}, "antara 0 dan 100"),
        ({"C2": "72,555"}, "paling banyak 2 angka"),
        ({"A2": "7001"}, "juga terdapat di baris"),
        ({"A2": "9999"}, "tidak ada di kelas ini"),
        ({"B2": "Bunga Uji 2"}, "bukan pemilik NIS"),
        ({"A2": None, "C2": 70}, "kosong, padahal wajib"),
    ],
)
def test_a_spoiled_cell_is_named_and_nothing_becomes_zero(contoh: Contoh, cells: dict[str, Any], words: str) -> None:
    isi(contoh, ("60",))
    client, impor = upload(contoh, edited(out(contoh), cells | {"C4": 80}))
    assert impor.hasil["ditolak"] >= 1
    assert words in client.get(f"/impor/{impor.pk}/").content.decode()
    confirm(client, impor)
    assert mark_of(contoh) == 60
    assert mark_of(contoh, 0, 2) == 80
    assert not Nilai.objects.filter(nilai=0).exists()


def test_an_emptied_cell_takes_no_mark_back(contoh: Contoh) -> None:
    isi(contoh, ("60", "70"))
    client, impor = upload(contoh, edited(out(contoh), {"C2": None, "D2": "  "}))
    assert impor.hasil["sama"] == 3
    confirm(client, impor)
    assert (mark_of(contoh), mark_of(contoh, 1)) == (60, 70)


def test_a_filtered_row_is_refused_and_named(contoh: Contoh) -> None:
    client, impor = upload(contoh, edited(out(contoh), {"C2": 70, "C3": 71}, hide_row(2)))
    assert (impor.hasil["berubah"], impor.hasil["ditolak"]) == (1, 1)
    assert "tersembunyi" in client.get(f"/impor/{impor.pk}/").content.decode()


def other_lessons(contoh: Contoh) -> list[tuple[Pembelajaran, Semester]]:
    """Another subject of the class, another semester, another class, another year: all with the same columns."""
    with ledger.record("uji.lain", by=ledger.SYSTEM):
        from mutu.rapor.models import Penilaian

        kelas = Kelas.objects.create(tahun=contoh.tahun, tingkat=7, nama="VII-B")
        tahun = TahunPelajaran.objects.create(sekolah=contoh.sekolah, mulai=2027)
        term = Semester.objects.create(tahun=tahun, nomor=1, mulai=date(2027, 7, 12), selesai=date(2027, 12, 17))
        later = Kelas.objects.create(tahun=tahun, tingkat=7, nama="VII-A")
        lessons = [
            (contoh.bahasa, contoh.semester), (contoh.matematika, contoh.semester_2),
            (Pembelajaran.objects.create(kelas=kelas, mapel=contoh.matematika.mapel), contoh.semester),
            (Pembelajaran.objects.create(kelas=later, mapel=contoh.matematika.mapel), term),
        ]  # fmt: skip
        for lesson, semester in lessons:
            Penilaian.objects.create(pembelajaran=lesson, semester=semester, jenis="uts")
    return lessons


def test_a_workbook_of_another_lesson_class_or_year_is_refused(contoh: Contoh) -> None:
    for lesson, semester in other_lessons(contoh):
        client, impor = upload(contoh, sheets.workbook(lesson, semester))
        assert impor.status == "ditolak"
        shown = client.get(f"/impor/{impor.pk}/").content.decode()
        assert "Lembar ini dibuat untuk" in shown
        assert semester.tahun.label in shown
        impor.delete()


def test_a_workbook_of_something_else_is_refused(contoh: Contoh) -> None:
    from mutu.imports.template import write_template
    from mutu.satuan.sheets import PESERTA_DIDIK

    client, impor = upload(contoh, write_template(PESERTA_DIDIK))
    assert impor.status == "ditolak"
    assert "tidak dikenal" in client.get(f"/impor/{impor.pk}/").content.decode()


def test_the_table_on_two_sheets_is_not_chosen_between(contoh: Contoh) -> None:
    import xlsxwriter

    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        for name in ("Lama", "Baru"):
            page = book.add_worksheet(name)
            page.write_row(0, 0, ("NIS", "Nama", "UH 1"))
            page.write_row(1, 0, ("7000", "Adi Uji 1", 70))
    client, impor = upload(contoh, made.getvalue())
    assert impor.status == "ditolak"
    assert "Beberapa lembar" in client.get(f"/impor/{impor.pk}/").content.decode()


def test_a_spoiled_state_is_no_harm(contoh: Contoh) -> None:
    content = rezipped(
        edited(out(contoh), {"C2": 70}), {"xl/sharedStrings.xml": lambda data: data.replace(b">kolom<", b">rusak<")}
    )
    client, impor = upload(contoh, content)
    assert confirm(client, impor).hasil["berubah"] == 1
    assert mark_of(contoh) == 70


def test_a_locked_pupil_is_refused_before_the_commit(contoh: Contoh) -> None:
    from django.utils import timezone

    with ledger.record("uji.kunci", by=ledger.SYSTEM):
        Rapor.objects.create(anggota=contoh.anggota[0], semester=contoh.semester, status="final", pada=timezone.now())
    client, impor = upload(contoh, edited(out(contoh), {"C2": 70, "C3": 71}))
    assert (impor.hasil["berubah"], impor.hasil["ditolak"]) == (1, 1)
    assert confirm(client, impor).status == "diterapkan"
    assert (mark_of(contoh), mark_of(contoh, 0, 1)) == (None, 71)


def test_a_lock_between_preview_and_commit_stops_everything(contoh: Contoh) -> None:
    from django.utils import timezone

    client, impor = upload(contoh, edited(out(contoh), {"C2": 70, "C3": 71}))
    with ledger.record("uji.kunci", by=ledger.SYSTEM):
        Rapor.objects.create(anggota=contoh.anggota[0], semester=contoh.semester, status="final", pada=timezone.now())
    assert confirm(client, impor).status == "batal"
    assert not Nilai.objects.exists()

"""The ledger of a class: every pupil's marks side by side, on screen, as a workbook and on wide paper.

It is made of the cards that are printed (`current_cards`), so it says what the rapor say, final ones included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, BinaryIO

from mutu.rapor import rules
from mutu.rapor.documents.cards import Card
from mutu.rapor.documents.finals import current_cards
from mutu.rapor.models import Ketentuan
from mutu.rapor.services.cards import ABSENCE
from mutu.reports import pdf, xlsx
from mutu.reports.pdf import Paper
from mutu.satuan.models import Kelas, Semester

TEMPLATE = Path(__file__).resolve().parents[1] / "leger.typ"
UNDER = "▼"
"""Stands beside a mark under its KKM, on screen and on paper, so that no colour has to say it."""

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Figure:
    """One mark of the ledger; `bawah` when it lies under the KKM of its own rapor. None is no mark, never 0."""

    nilai: int | None
    bawah: bool = False


@dataclass(frozen=True)
class Row:
    """One pupil: marks in the order of the columns, sum and mean of a complete row, days absent as printed, rank."""

    anggota: int
    nama: str
    nis: str
    nilai: tuple[Figure, ...]
    jumlah: int | None
    rata: Decimal | None
    absen: tuple[str | None, ...]
    draf: bool
    peringkat: int | None = None

    @property
    def bawah(self) -> int:
        """How many marks lie under the KKM."""
        return sum(figure.bawah for figure in self.nilai)


@dataclass(frozen=True)
class Column:
    """One mark of a subject: a curriculum with two marks a subject has two columns, `ranah` says which.

    `kkm` are all limits that stand on the rapor of the class; final ones may carry an older limit than the others.
    """

    mapel: str
    ranah: str
    kkm: tuple[int, ...]
    rata: Decimal | None


@dataclass(frozen=True)
class Ledger:
    """The ledger of a class and semester, ready to be shown."""

    sekolah: str
    kelas: str
    semester: int
    tahun_pelajaran: str
    sebutan_kkm: str
    aturan: str
    kolom: tuple[Column, ...]
    baris: tuple[Row, ...]
    berperingkat: bool

    @property
    def draf(self) -> int:
        """How many pupils' rapor are not final."""
        return sum(row.draf for row in self.baris)

    @property
    def mapel(self) -> list[tuple[str, int]]:
        """The subjects with the number of their columns, in order."""
        found: dict[str, int] = {}
        for column in self.kolom:
            found[column.mapel] = found.get(column.mapel, 0) + 1
        return list(found.items())

    @property
    def dua_nilai(self) -> bool:
        return any(column.ranah for column in self.kolom)


def mean(values: Sequence[int]) -> Decimal | None:
    """The mean with two decimals, halves up; None of nothing."""
    return (Decimal(sum(values)) / len(values)).quantize(_CENT, ROUND_HALF_UP) if values else None


def ranks(sums: Sequence[int | None]) -> list[int | None]:
    """The rank of each sum, highest first; equal sums share a rank and the next one is skipped (1, 2, 2, 4).

    Who has no sum has no rank. This is a habit of schools: no rapor prints it.
    """
    return [None if own is None else 1 + sum(1 for one in sums if one is not None and one > own) for own in sums]


def ledger_of(kelas: Kelas, semester: Semester) -> Ledger:
    """The ledger of a class. Raises final.Tercemar for a stored final rapor that no longer fits its signature."""
    aturan = rules.aturan_untuk(kelas.kurikulum, semester.selesai)
    terms = Ketentuan.objects.filter(semester=semester).only("peringkat").first()
    bentuk = rules.bentuk_rapor(aturan)
    names = list(bentuk.ranah.values()) if bentuk.ranah else [""]
    others = list(bentuk.ranah)[1:]
    cards = current_cards(kelas, semester)
    places = _places(cards, others)
    marks = [[_figure(card, mapel, ranah) for mapel, ranah in places] for card in cards]
    sums = [_sum(own) for own in marks]
    ranked = bool(terms and terms.peringkat)
    rank = ranks(sums) if ranked else [None] * len(sums)
    rows = tuple(
        Row(
            anggota=card["anggota"],
            nama=card["peserta"]["nama"],
            nis=card["peserta"]["nomor_induk"],
            nilai=tuple(own),
            jumlah=total,
            rata=None if total is None else mean([figure.nilai or 0 for figure in own]),
            absen=tuple(card["ketidakhadiran"].get(name) for name in ABSENCE),
            draf=card["draf"],
            peringkat=place,
        )
        for card, own, total, place in zip(cards, marks, sums, rank, strict=True)
    )
    columns = tuple(
        Column(
            mapel=mapel,
            ranah=names[0] if not ranah else str(bentuk.ranah[ranah]),
            kkm=_limits(cards, mapel),
            rata=mean([row.nilai[at].nilai for row in rows if row.nilai[at].nilai is not None]),  # type: ignore[misc]
        )
        for at, (mapel, ranah) in enumerate(places)
    )
    return Ledger(
        sekolah=kelas.tahun.sekolah.nama,
        kelas=kelas.nama,
        semester=semester.nomor,
        tahun_pelajaran=kelas.tahun.label,
        sebutan_kkm=bentuk.sebutan_kkm,
        aturan=aturan.id,
        kolom=columns,
        baris=rows,
        berperingkat=ranked,
    )


def _places(cards: Sequence[Card], others: Sequence[str]) -> list[tuple[str, str]]:
    """Subject and mark of each column; a subject that only some rapor carry has one too."""
    subjects = dict.fromkeys(mark["nama"] for card in cards for mark in card["mapel"])
    return [(mapel, ranah) for mapel in subjects for ranah in ("", *others)]


def _of(card: Card, mapel: str) -> Mapping[str, Any] | None:
    return next((mark for mark in card["mapel"] if mark["nama"] == mapel), None)


def _figure(card: Card, mapel: str, ranah: str) -> Figure:
    mark = _of(card, mapel)
    if mark is None:
        return Figure(None)
    value = mark["ranah"].get(ranah, {}).get("nilai") if ranah else mark["nilai"]
    return Figure(value, value is not None and mark["kkm"] is not None and value < mark["kkm"])


def _limits(cards: Sequence[Card], mapel: str) -> tuple[int, ...]:
    found = {mark["kkm"] for card in cards if (mark := _of(card, mapel)) and mark["kkm"] is not None}
    return tuple(sorted(found))


def _sum(figures: Sequence[Figure]) -> int | None:
    values = [figure.nilai for figure in figures]
    return sum(value for value in values if value is not None) if values and None not in values else None


# As a workbook


def write_workbook(target: BinaryIO, ledger: Ledger, *, timestamp: datetime) -> None:
    """Write the ledger as xlsx: marks are numbers, one under its KKM shows the sign beside the figure."""
    titles = [f"{one.mapel} ({one.ranah})" if one.ranah else one.mapel for one in ledger.kolom]
    columns = [
        xlsx.Column("No", 5),
        xlsx.Column("NIS", 12),
        xlsx.Column("Nama", 30),
        *(xlsx.Column(title, 12) for title in titles),
        *(xlsx.Column(title, 10) for title in ("Jumlah", "Rata-rata", f"Di bawah {ledger.sebutan_kkm}")),
        *(xlsx.Column(title, 8) for title in ("Sakit", "Izin", "Tanpa keterangan")),
        *([xlsx.Column("Peringkat", 10)] if ledger.berperingkat else []),
        xlsx.Column("Keadaan", 10),
    ]
    about = [
        ("Sekolah", ledger.sekolah),
        ("Kelas", ledger.kelas),
        ("Semester", str(ledger.semester)),
        ("Tahun pelajaran", ledger.tahun_pelajaran),
        ("Aturan", ledger.aturan),
        (UNDER, f"nilai di bawah {ledger.sebutan_kkm}"),
        ("–", "belum ada; tidak dihitung dalam rata-rata"),
    ]
    sheets = [
        xlsx.Sheet(f"Leger {ledger.kelas}", columns, _lines(ledger)),
        xlsx.Sheet("Keterangan", [xlsx.Column("Hal", 20), xlsx.Column("Isi", 40)], about),
    ]
    xlsx.write(target, sheets, timestamp=timestamp)


def _lines(ledger: Ledger) -> Iterator[list[xlsx.Value]]:
    tail: list[xlsx.Value] = [None] * (7 + ledger.berperingkat)
    limits: list[xlsx.Value] = [
        None if not one.kkm else one.kkm[0] if len(one.kkm) == 1 else shown_limits(one) for one in ledger.kolom
    ]
    yield [None, None, ledger.sebutan_kkm, *limits, *tail]
    for number, row in enumerate(ledger.baris, start=1):
        yield [
            number,
            row.nis,
            row.nama,
            *(
                "–" if figure.nilai is None else xlsx.Marked(figure.nilai, UNDER) if figure.bawah else figure.nilai
                for figure in row.nilai
            ),
            "–" if row.jumlah is None else row.jumlah,
            "–" if row.rata is None else row.rata,
            row.bawah,
            *(int(days) if days and days.isdecimal() else days for days in row.absen),
            *([row.peringkat] if ledger.berperingkat else []),
            "draf" if row.draf else "final",
        ]
    yield [None, None, "Rata-rata", *(one.rata for one in ledger.kolom), *tail]


# On paper


def shown(value: Decimal | None) -> str | None:
    """A mean as people read it, with a decimal comma."""
    return None if value is None else str(value).replace(".", ",")


def shown_limits(column: Column) -> str:
    """The KKM of a column: one figure, or all that stand on the rapor of the class."""
    return "/".join(str(one) for one in column.kkm)


def print_data(ledger: Ledger) -> dict[str, Any]:
    """The ledger as plain data for the template."""
    return {
        "sekolah": ledger.sekolah,
        "kelas": ledger.kelas,
        "semester": ledger.semester,
        "tahun_pelajaran": ledger.tahun_pelajaran,
        "sebutan_kkm": ledger.sebutan_kkm,
        "draf": ledger.draf,
        "dua_nilai": ledger.dua_nilai,
        "berperingkat": ledger.berperingkat,
        "tanda": UNDER,
        "mapel": [{"nama": name, "kolom": count} for name, count in ledger.mapel],
        "kolom": [
            {"ranah": one.ranah, "kkm": shown_limits(one) or None, "rata": shown(one.rata)} for one in ledger.kolom
        ],
        "baris": [
            {
                "nama": row.nama,
                "nis": row.nis,
                "nilai": [[figure.nilai, figure.bawah] for figure in row.nilai],
                "jumlah": row.jumlah,
                "rata": shown(row.rata),
                "absen": list(row.absen),
                "draf": row.draf,
                "peringkat": row.peringkat,
            }
            for row in ledger.baris
        ],
    }


def print_ledger(ledger: Ledger, *, timestamp: datetime, paper: Paper = "a4") -> bytes:
    """The ledger as PDF on wide paper. Raises RenderError as `pdf.render`."""
    title = f"Leger {ledger.kelas} {ledger.tahun_pelajaran} semester {ledger.semester}"
    return pdf.render(TEMPLATE, {"leger": print_data(ledger)}, title=title, timestamp=timestamp, paper=paper)


def ledger_name(ledger: Ledger, extension: str) -> str:
    """A download name: class, year and semester."""
    year = ledger.tahun_pelajaran.replace("/", "-")
    return f"leger-{ledger.kelas}-{year}-semester-{ledger.semester}.{extension}"

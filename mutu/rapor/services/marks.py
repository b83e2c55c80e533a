"""Writing marks: the one path that the grid, the plain form, the workbook and the API all take.

A write names the version it saw. A stale write is refused with both values, who wrote the other one and when; a key
makes a retry harmless; the answer is given after the commit. What a mark leads to is computed in the same transaction.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import Nilai, NilaiRapor, Penilaian, StandarKompetensi
from mutu.rapor.services.results import Column, columns_of, recompute
from mutu.regulation.exact import BULAN
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, AnggotaKelas, KunciIdempoten, Pembelajaran, Semester

SAVED, REFUSED, CONFLICT = "tersimpan", "ditolak", "bentrok"
DECIMALS = 2
_MARK = re.compile(rf"([0-9]{{1,3}})(?:[.,]([0-9]{{1,{DECIMALS}}}))?")


@dataclass(frozen=True)
class Cell:
    """A change that somebody asks for: the text as typed (empty takes the mark back) and the version they saw."""

    penilaian: int
    anggota: int
    nilai: str
    versi: int


@dataclass
class CellResult:
    """What became of one cell. `server` holds the other value, its author and time when two writes met."""

    penilaian: int
    anggota: int
    status: str
    nilai: str
    versi: int
    pesan: str | None = None
    server: dict[str, Any] | None = None


@dataclass
class SaveResult:
    """The answer to one save: each cell's fate, and the rapor marks of the pupils whose cells were saved."""

    sel: list[CellResult] = field(default_factory=list)
    hasil: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {"sel": [asdict(cell) for cell in self.sel], "hasil": self.hasil}

    @property
    def all_saved(self) -> bool:
        return all(cell.status == SAVED for cell in self.sel)


class NotSaved(Exception):
    """A batch that had to be saved whole was not; `result` says which cells stood in the way. Nothing changed."""

    def __init__(self, result: SaveResult) -> None:
        super().__init__("batch refused")
        self.result = result


def parse_mark(typed: str, aturan: rules.AturanRapor) -> Decimal | None:
    """The mark that a person typed: 0..100 with at most two decimals, comma or point; None for an empty cell.

    Raises InputError with an Indonesian sentence for anything else. Nothing is ever turned into 0 (R7).
    """
    text = typed.strip()
    if not text:
        return None
    lowest, highest = aturan.skala
    shown = text if len(text) <= 20 else f"{text[:20]}…"
    if not text.isascii() and any(character.isdigit() for character in text):
        raise InputError.at(
            "nilai", _("“{nilai}” memakai angka bentuk lain; ketik ulang dengan angka 0–9.").format(nilai=shown)
        )
    found = _MARK.fullmatch(text)
    if found:
        mark = Decimal(f"{found[1]}.{found[2] or 0}")
        if lowest <= mark <= highest:
            return mark
    elif re.fullmatch(r"[0-9]+[.,][0-9]+", text):
        raise InputError.at(
            "nilai",
            _("“{nilai}” terlalu rinci; paling banyak {n} angka di belakang koma.").format(nilai=shown, n=DECIMALS),
        )
    if found or re.fullmatch(r"-?[0-9]+([.,][0-9]+)?", text):
        raise InputError.at(
            "nilai",
            _("Nilai {nilai} di luar {bawah} sampai {atas}; periksa lalu ketik ulang.").format(
                nilai=shown, bawah=lowest, atas=highest
            ),
        )
    raise InputError.at(
        "nilai",
        _("“{nilai}” bukan angka; isi {bawah} sampai {atas}, misalnya 75.").format(
            nilai=shown, bawah=lowest, atas=highest
        ),
    )


def show_mark(mark: Decimal | None) -> str:
    """A mark as a person reads it: `75`, `72,5`, or nothing."""
    if mark is None:
        return ""
    text = f"{mark:f}"
    return text.rstrip("0").rstrip(".").replace(".", ",") if "." in text else text


def show_time(moment: Any) -> str:
    """A moment in local time as the interface shows it: `21 November 2026 22.10`."""
    local = timezone.localtime(moment)
    return f"{local.day} {BULAN[local.month - 1]} {local.year} {local:%H.%M}"


def save_marks(
    *,
    pembelajaran: Pembelajaran,
    semester: Semester,
    cells: Sequence[Cell],
    by: Akun,
    key: str | None = None,
    all_or_nothing: bool = False,
) -> SaveResult:
    """Save cells of one grid and renew the rapor marks they lead to, in one transaction.

    Each cell stands for itself unless `all_or_nothing`; then one refused or conflicting cell saves none and NotSaved
    is raised. `key` identifies the request: the same key with the same cells gets the same answer again without a
    second effect. Raises InputError at `kunci` when a key comes back with other cells.
    """
    fingerprint = _fingerprint(pembelajaran, semester, cells)
    with ledger.record(
        "rapor.simpan_nilai", by=by, details={"pembelajaran": pembelajaran.pk, "semester": semester.pk}
    ) as notes:
        _lock(pembelajaran)
        if key and (answer := _earlier_answer(by, key, fingerprint)):
            return answer
        columns = columns_of(pembelajaran, semester)
        result, changed, marks = _apply(pembelajaran, semester, columns, cells, by)
        if all_or_nothing and not result.all_saved:
            raise NotSaved(result)
        notes["sel"] = len(changed)
        if changed:
            rows = recompute(
                pembelajaran=pembelajaran,
                semester=semester,
                anggota_ids={cell.anggota for cell in changed},
                columns=columns,
                marks=marks,
            )
            result.hasil = [result_row(row) for row in rows]
        if key:
            KunciIdempoten.objects.create(akun=by, kunci=key, sidik=fingerprint, jawaban=result.as_dict())
    return result


def result_row(row: NilaiRapor) -> dict[str, Any]:
    """A rapor mark as the grid and the API show it."""
    return {
        "anggota": row.anggota_id,
        "nilai": row.nilai,
        "huruf": row.huruf,
        "status": row.status,
        "deskripsi": row.deskripsi_cetak,
        "kurang": row.kurang,
        "kenapa": f"/rapor/kenapa/{row.pk}/",
    }


def _fingerprint(pembelajaran: Pembelajaran, semester: Semester, cells: Iterable[Cell]) -> str:
    content = [pembelajaran.pk, semester.pk, [asdict(cell) for cell in cells]]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _earlier_answer(by: Akun, key: str, fingerprint: str) -> SaveResult | None:
    stored = KunciIdempoten.objects.filter(akun=by, kunci=key).first()
    if stored is None:
        return None
    if stored.sidik != fingerprint:
        raise InputError.at("kunci", _("Kunci ini sudah dipakai untuk isian lain; buat kunci baru."))
    return SaveResult([CellResult(**cell) for cell in stored.jawaban["sel"]], stored.jawaban["hasil"])


def _lock(pembelajaran: Pembelajaran) -> None:
    """One writer per lesson at a time: what is computed must see every mark of the pupil.

    SQLite has one writer anyway: the transaction began with BEGIN IMMEDIATE.
    """
    if connection.features.has_select_for_update:
        Pembelajaran.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=pembelajaran.pk)


def _apply(
    pembelajaran: Pembelajaran, semester: Semester, columns: Sequence[Column], cells: Sequence[Cell], by: Akun
) -> tuple[SaveResult, list[Cell], dict[int, dict[int, Decimal | None]]]:
    """Store what can be stored. Returns each cell's fate, the cells that changed something, and all marks that the
    pupils concerned now have: pupil -> column -> mark."""
    members = set(
        AnggotaKelas.objects.filter(
            kelas_id=pembelajaran.kelas_id, keluar__isnull=True, pk__in={cell.anggota for cell in cells}
        )
        .order_by()
        .values_list("pk", flat=True)
    )
    places = {column[0] for column in columns}
    existing = {
        (mark.penilaian_id, mark.anggota_id): mark
        for mark in Nilai.objects.filter(penilaian_id__in=places, anggota_id__in=members)
    }
    aturan = rules.aturan_pada(semester.selesai)
    now = timezone.now()
    result, changed, seen = SaveResult(), [], set[tuple[int, int]]()
    new, renewed = [], []
    for cell in cells:
        place = (cell.penilaian, cell.anggota)
        outcome = CellResult(cell.penilaian, cell.anggota, REFUSED, cell.nilai, cell.versi)
        result.sel.append(outcome)
        if cell.penilaian not in places:
            outcome.pesan = _("Kolom penilaian ini tidak ada lagi; muat ulang halaman.")
            continue
        if cell.anggota not in members:
            outcome.pesan = _("Peserta didik ini tidak ada di kelas; muat ulang halaman.")
            continue
        if place in seen:
            outcome.pesan = _("Sel ini dikirim dua kali; kirim satu saja.")
            continue
        seen.add(place)
        try:
            value = parse_mark(cell.nilai, aturan)
        except InputError as error:
            outcome.pesan = error.galat[0]["pesan"]
            continue
        mark = existing.get(place)
        version = mark.versi if mark else 0
        if mark is not None and version != cell.versi and mark.nilai != value:
            outcome.status, outcome.pesan = CONFLICT, _("Nilai ini sudah diubah orang lain.")
            outcome.server = {
                "nilai": show_mark(mark.nilai),
                "versi": version,
                "oleh": str(mark.oleh or _("akun yang sudah dihapus")),
                "pada": show_time(mark.pada),
            }
            continue
        outcome.status, outcome.nilai = SAVED, show_mark(value)
        if (mark.nilai if mark else None) == value:
            outcome.versi = version
            continue
        outcome.versi = version + 1
        changed.append(cell)
        if mark is None:
            new.append(Nilai(penilaian_id=cell.penilaian, anggota_id=cell.anggota, nilai=value, oleh=by, pada=now))
        else:
            mark.nilai, mark.versi, mark.oleh, mark.pada = value, version + 1, by, now
            renewed.append(mark)
    if new:
        Nilai.objects.bulk_create(new, batch_size=500)
    if len(renewed) == 1:
        renewed[0].save(update_fields=["nilai", "versi", "oleh", "pada"])
    elif renewed:
        Nilai.objects.bulk_update(renewed, ["nilai", "versi", "oleh", "pada"], batch_size=200)
    marks: dict[int, dict[int, Decimal | None]] = defaultdict(dict)
    for mark in [*existing.values(), *new]:
        marks[mark.anggota_id][mark.penilaian_id] = mark.nilai
    return result, changed, marks


def add_assessment(
    *,
    pembelajaran: Pembelajaran,
    semester: Semester,
    jenis: str,
    by: Akun,
    sk: StandarKompetensi | None = None,
    keterangan: str = "",
    tanggal: Any = None,
) -> Penilaian:
    """Add a column to the mark grid. A UH belongs to one SK; a UTS or UAS may cover all of them (no `sk`).

    Raises InputError at `sk` for a UH without SK or an SK of another subject or semester.
    """
    _check_sk(pembelajaran, semester, jenis, sk)
    with ledger.record("rapor.tambah_penilaian", by=by, details={"pembelajaran": pembelajaran.pk}):
        _lock(pembelajaran)
        same = Penilaian.objects.filter(pembelajaran=pembelajaran, semester=semester, jenis=jenis)
        number = (same.aggregate(last=Max("nomor"))["last"] or 0) + 1
        column = Penilaian.objects.create(
            pembelajaran=pembelajaran,
            semester=semester,
            jenis=jenis,
            nomor=number,
            sk=sk,
            keterangan=keterangan,
            tanggal=tanggal,
        )
        if Nilai.objects.filter(penilaian__pembelajaran=pembelajaran, penilaian__semester=semester).exists():
            recompute(pembelajaran=pembelajaran, semester=semester)
    return column


def edit_assessment(
    *, penilaian: Penilaian, sk: StandarKompetensi | None, keterangan: str, tanggal: Any, by: Akun
) -> None:
    """Change what a column is about; its marks stay. Raises InputError at `sk` as `add_assessment` does."""
    _check_sk(penilaian.pembelajaran, penilaian.semester, penilaian.jenis, sk)
    with ledger.record("rapor.ubah_penilaian", by=by, details={"penilaian": penilaian.pk}):
        penilaian.sk, penilaian.keterangan, penilaian.tanggal = sk, keterangan, tanggal
        penilaian.save(update_fields=["sk", "keterangan", "tanggal"])
        recompute(pembelajaran=penilaian.pembelajaran, semester=penilaian.semester)


def remove_assessment(*, penilaian: Penilaian, by: Akun) -> None:
    """Remove an empty column. Raises InputError when a mark stands in it: marks are taken back cell by cell."""
    with ledger.record("rapor.hapus_penilaian", by=by, details={"penilaian": penilaian.pk}):
        if Nilai.objects.filter(penilaian=penilaian, nilai__isnull=False).exists():
            raise InputError.at(
                "penilaian", _("Kolom ini sudah berisi nilai. Kosongkan dulu nilainya, baru hapus kolomnya.")
            )
        if Nilai.objects.filter(penilaian=penilaian).exists():
            raise InputError.at(
                "penilaian", _("Kolom ini pernah berisi nilai; riwayatnya dijaga, jadi kolom tidak dapat dihapus.")
            )
        pembelajaran, semester = penilaian.pembelajaran, penilaian.semester
        penilaian.delete()
        recompute(pembelajaran=pembelajaran, semester=semester)


def _check_sk(pembelajaran: Pembelajaran, semester: Semester, jenis: str, sk: StandarKompetensi | None) -> None:
    if sk is None:
        if jenis == Penilaian.Jenis.UH:
            raise InputError.at("sk", _("Ulangan harian menilai satu SK; pilih SK-nya."))
        return
    terms = sk.mapel_tingkat
    fits = (
        terms.mapel_id == pembelajaran.mapel_id
        and terms.tahun_id == pembelajaran.kelas.tahun_id
        and terms.tingkat == pembelajaran.kelas.tingkat
        and sk.semester == semester.nomor
    )
    if not fits:
        raise InputError.at("sk", _("SK ini milik mata pelajaran, tingkat, atau semester lain; pilih yang sesuai."))


def mark_history(penilaian: Penilaian, anggota: AnggotaKelas) -> list[dict[str, Any]]:
    """Every value a cell has had, newest first: value, who, when. Read from the ledger."""
    with transaction.atomic():
        mark = Nilai.objects.filter(penilaian=penilaian, anggota=anggota).first()
        if mark is None:
            return []
        entries = ledger.history(Nilai, mark.pk)
        numbers = {int(e.pelaku.removeprefix("akun:")) for e in entries if e.pelaku.startswith("akun:")}
        names = {f"akun:{akun.pk}": str(akun) for akun in Akun.objects.filter(pk__in=numbers)}
    lines = []
    for entry in reversed(entries):
        after = entry.sesudah or {}
        raw = after.get("nilai")
        lines.append(
            {
                "nilai": show_mark(None if raw is None else Decimal(str(raw))),
                "versi": after.get("versi"),
                "oleh": names.get(entry.pelaku, entry.pelaku),
                "pada": show_time(entry.waktu),
            }
        )
    return lines

"""Writing marks: the one path that the grid, the plain form, the workbook and the API all take.

A write names the version it saw. A stale write is refused with both values, who wrote the other one and when; a key
makes a retry harmless; the answer is given after the commit. What a mark leads to is computed in the same transaction.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import Nilai, NilaiRapor, Penilaian, StandarKompetensi
from mutu.rapor.services.keadaan import KunciNilai, kunci_nilai, wajib_terbuka_kolom
from mutu.rapor.services.results import Column, recompute
from mutu.regulation.exact import BULAN
from mutu.regulation.explain import InputError
from mutu.satuan import ledger, rows
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
    """What became of one cell. `server` holds the other value, its author and time when two writes met.

    `terkunci`: it was refused because of the state of the rapor, not because of its value.
    """

    penilaian: int
    anggota: int
    status: str
    nilai: str
    versi: int
    pesan: str | None = None
    server: dict[str, Any] | None = None
    terkunci: bool = False


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
        lock_lesson(pembelajaran)
        if key and (answer := _earlier_answer(by, key, fingerprint)):
            return answer
        ground = _read(pembelajaran, semester, {cell.anggota for cell in cells})
        result, changed = _apply(ground, kunci_nilai(pembelajaran, semester), semester, cells, by)
        if all_or_nothing and not result.all_saved:
            raise NotSaved(result)
        notes["sel"] = len(changed)
        if changed:
            renewed = recompute(
                pembelajaran=pembelajaran,
                semester=semester,
                anggota_ids={cell.anggota for cell in changed},
                columns=ground.columns,
                marks=ground.marks,
                remedial=ground.remedial,
                mengulang=ground.mengulang,
            )
            result.hasil = [result_row(row) for row in renewed]
        if key:
            rows.insert(KunciIdempoten(akun=by, kunci=key, sidik=fingerprint, jawaban=result.as_dict()))
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
        "predikat": row.predikat,
        "lain_nilai": row.ranah_lain.get("nilai"),
        "lain_predikat": row.ranah_lain.get("predikat", ""),
        "lain_deskripsi": row.ranah_lain.get("deskripsi", ""),
        "kenapa": f"/rapor/kenapa/{row.pk}/",
    }


def _fingerprint(pembelajaran: Pembelajaran, semester: Semester, cells: Iterable[Cell]) -> str:
    content = [pembelajaran.pk, semester.pk, [asdict(cell) for cell in cells]]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _earlier_answer(by: Akun, key: str, fingerprint: str) -> SaveResult | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sidik, jawaban FROM satuan_kunciidempoten WHERE akun_id = %s AND kunci = %s", [by.pk, key]
        )
        stored = cursor.fetchone()
    if stored is None:
        return None
    if stored[0] != fingerprint:
        raise InputError.at("kunci", _("Kunci ini sudah dipakai untuk isian lain; buat kunci baru."))
    answer = json.loads(stored[1])
    return SaveResult([CellResult(**cell) for cell in answer["sel"]], answer["hasil"])


def lock_lesson(pembelajaran: Pembelajaran) -> None:
    """One writer per lesson at a time: what is computed must see every mark of the pupil.

    SQLite has one writer anyway: the transaction began with BEGIN IMMEDIATE.
    """
    if connection.features.has_select_for_update:
        Pembelajaran.objects.select_for_update(of=("self",)).order_by().values_list("pk").get(pk=pembelajaran.pk)


_READ = """
SELECT p.id, p.jenis, p.sk_id, p.ranah, c.kurikulum, a.id, n.id, n.nilai, n.versi, n.remedial, a.mengulang_id
FROM rapor_penilaian p
JOIN satuan_kelas c ON c.id = %s
LEFT JOIN satuan_anggotakelas a ON a.kelas_id = c.id AND a.keluar IS NULL AND a.id IN ({members})
LEFT JOIN rapor_nilai n ON n.penilaian_id = p.id AND n.anggota_id = a.id
WHERE p.pembelajaran_id = %s AND p.semester_id = %s
ORDER BY p.jenis, p.nomor
"""


@dataclass
class Ground:
    """What a save meets: the columns, the pupils of the class among those asked for, and all their marks.

    `marks` maps pupil -> column -> mark, `remedial` likewise the highest attempt after teaching again, `mengulang` a
    pupil who repeats the year to last year's seat; `stored` maps (column, pupil) to key and version of a mark that
    has a row.
    """

    kurikulum: str = rules.KURIKULUM_UTAMA
    columns: list[Column] = field(default_factory=list)
    marks: dict[int, dict[int, Decimal | None]] = field(default_factory=dict)
    remedial: dict[int, dict[int, Decimal]] = field(default_factory=dict)
    mengulang: dict[int, int] = field(default_factory=dict)
    stored: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)


def _read(pembelajaran: Pembelajaran, semester: Semester, pupils: Collection[int]) -> Ground:
    """Read the ground of a save in one query: every column, beside it each pupil, beside both the mark if there is."""
    # A number that no key can have stands for nobody; SQLite would break off on it instead of finding nothing.
    asked = [pk for pk in pupils if 0 < pk <= BigIntegerField.MAX_BIGINT]
    with connection.cursor() as cursor:
        cursor.execute(
            _READ.format(members=rows.marks_for(asked)),
            [pembelajaran.kelas_id, *asked, pembelajaran.pk, semester.pk],
        )
        found = cursor.fetchall()
    ground = Ground()
    ground.columns = list(dict.fromkeys(one[:4] for one in found))
    ground.kurikulum = found[0][4] if found else ground.kurikulum
    for column, _jenis, _sk, _ranah, _kurikulum, pupil, pk, mark, version, best, repeated in found:
        if pupil is None:
            continue
        marks = ground.marks.setdefault(pupil, {})
        if repeated is not None:
            ground.mengulang[pupil] = repeated
        if best is not None:
            ground.remedial.setdefault(pupil, {})[column] = Decimal(str(best))
        if pk is not None:
            # SQLite gives a DECIMAL back as int or float; as text it is the number that was stored.
            marks[column] = None if mark is None else Decimal(str(mark))
            ground.stored[column, pupil] = pk, version
    return ground


def _apply(
    ground: Ground, locks: KunciNilai, semester: Semester, cells: Sequence[Cell], by: Akun
) -> tuple[SaveResult, list[Cell]]:
    """Store what can be stored, in `ground` too. Returns each cell's fate and the cells that changed something."""
    places = {column[0] for column in ground.columns}
    aturan = rules.aturan_untuk(ground.kurikulum, semester.selesai)
    now = timezone.now()
    result, changed, seen = SaveResult(), [], set[tuple[int, int]]()
    new: list[Nilai] = []
    renewed: list[Nilai] = []
    for cell in cells:
        place = (cell.penilaian, cell.anggota)
        outcome = CellResult(cell.penilaian, cell.anggota, REFUSED, cell.nilai, cell.versi)
        result.sel.append(outcome)
        if cell.penilaian not in places:
            outcome.pesan = _("Kolom penilaian ini tidak ada lagi; muat ulang halaman.")
            continue
        if cell.anggota not in ground.marks:
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
        pk, version = ground.stored.get(place, (None, 0))
        marks = ground.marks[cell.anggota]
        before = marks.get(cell.penilaian)
        if before != value and (reason := locks.pesan(cell.anggota)):
            outcome.pesan, outcome.terkunci = reason, True
            continue
        if pk is not None and version != cell.versi and before != value:
            outcome.status, outcome.pesan = CONFLICT, _("Nilai ini sudah diubah orang lain.")
            outcome.server = _other_value(pk)
            continue
        outcome.status, outcome.nilai = SAVED, show_mark(value)
        if before == value:
            outcome.versi = version
            continue
        outcome.versi = version + 1
        changed.append(cell)
        marks[cell.penilaian] = value
        mark = Nilai(
            pk=pk,
            penilaian_id=cell.penilaian,
            anggota_id=cell.anggota,
            nilai=value,
            versi=version + 1,
            oleh=by,
            pada=now,
        )
        (new if pk is None else renewed).append(mark)
    if len(new) == 1:
        rows.insert(new[0])
    elif new:
        Nilai.objects.bulk_create(new, batch_size=500)
    rows.update(renewed, ["nilai", "versi", "oleh", "pada"])
    return result, changed


def _other_value(pk: int) -> dict[str, Any]:
    """The mark that a stale write met, who wrote it and when."""
    mark = Nilai.objects.select_related("oleh").get(pk=pk)
    return {
        "nilai": show_mark(mark.nilai),
        "versi": mark.versi,
        "oleh": str(mark.oleh or _("akun yang sudah dihapus")),
        "pada": show_time(mark.pada),
    }


def add_assessment(
    *,
    pembelajaran: Pembelajaran,
    semester: Semester,
    jenis: str,
    ranah: str = "",
    by: Akun,
    sk: StandarKompetensi | None = None,
    keterangan: str = "",
    tanggal: Any = None,
) -> Penilaian:
    """Add a column to the mark grid. A UH belongs to one SK; a UTS or UAS may cover all of them (no `sk`).

    `ranah` says which mark of the subject the column counts for, where the class's curriculum has two. Raises
    InputError at `sk` for a UH without SK or an SK of another subject or semester, at `ranah` where it is missing or
    the curriculum knows none, and at `jenis` for a kind that the aspect does not have.
    """
    _check_sk(pembelajaran, semester, jenis, sk)
    aturan = rules.aturan_untuk(pembelajaran.kelas.kurikulum, semester.selesai)
    _check_ranah(aturan, jenis, ranah)
    with ledger.record("rapor.tambah_penilaian", by=by, details={"pembelajaran": pembelajaran.pk}):
        lock_lesson(pembelajaran)
        wajib_terbuka_kolom(pembelajaran, semester, "penilaian")
        same = Penilaian.objects.filter(pembelajaran=pembelajaran, semester=semester, ranah=ranah, jenis=jenis)
        number = (same.aggregate(last=Max("nomor"))["last"] or 0) + 1
        column = Penilaian.objects.create(
            pembelajaran=pembelajaran,
            semester=semester,
            jenis=jenis,
            ranah=ranah,
            nomor=number,
            sk=sk,
            keterangan=keterangan,
            tanggal=tanggal,
        )
        if Nilai.objects.filter(penilaian__pembelajaran=pembelajaran, penilaian__semester=semester).exists():
            recompute(pembelajaran=pembelajaran, semester=semester)
    column.aturan = aturan
    return column


def edit_assessment(
    *, penilaian: Penilaian, sk: StandarKompetensi | None, keterangan: str, tanggal: Any, by: Akun
) -> None:
    """Change what a column is about; its marks stay. Raises InputError at `sk` as `add_assessment` does."""
    _check_sk(penilaian.pembelajaran, penilaian.semester, penilaian.jenis, sk)
    with ledger.record("rapor.ubah_penilaian", by=by, details={"penilaian": penilaian.pk}):
        lock_lesson(penilaian.pembelajaran)
        wajib_terbuka_kolom(penilaian.pembelajaran, penilaian.semester, "penilaian")
        penilaian.sk, penilaian.keterangan, penilaian.tanggal = sk, keterangan, tanggal
        penilaian.save(update_fields=["sk", "keterangan", "tanggal"])
        recompute(pembelajaran=penilaian.pembelajaran, semester=penilaian.semester)


def remove_assessment(*, penilaian: Penilaian, by: Akun) -> None:
    """Remove an empty column. Raises InputError when a mark stands in it: marks are taken back cell by cell."""
    with ledger.record("rapor.hapus_penilaian", by=by, details={"penilaian": penilaian.pk}):
        lock_lesson(penilaian.pembelajaran)
        wajib_terbuka_kolom(penilaian.pembelajaran, penilaian.semester, "penilaian")
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


def _check_ranah(aturan: rules.AturanRapor, jenis: str, ranah: str) -> None:
    titles = rules.bentuk_rapor(aturan).ranah
    if ranah and ranah not in titles:
        raise InputError.at("ranah", _("Kurikulum kelas ini tidak memisahkan ranah; kosongkan."))
    if titles and not ranah:
        raise InputError.at("ranah", _("Pilih ranah kolom ini: {daftar}.").format(daftar=", ".join(titles.values())))
    kinds = rules.jenis_ranah(ranah, aturan)
    if jenis not in kinds:
        known = ", ".join(aturan.istilah(kind)["singkat"] for kind in kinds)
        raise InputError.at("jenis", _("{ranah} dinilai dengan {jenis}.").format(ranah=titles[ranah], jenis=known))


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

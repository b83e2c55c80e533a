"""From marks to the stored rapor mark: gather the inputs, let the rule speak, keep its steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils import timezone

from mutu.rapor import rules
from mutu.rapor.models import Ketentuan, MapelTingkat, Nilai, NilaiRapor, Penilaian
from mutu.satuan.models import AnggotaKelas, Pembelajaran, Semester

# What a renewed result may change; everything else of the row is its identity or the teacher's own text.
COMPUTED = (
    "nilai", "huruf", "kkm", "status", "deskripsi", "kurang", "langkah", "peringatan", "aturan",
)  # fmt: skip


Column = tuple[int, str, int | None]
"""A column of the grid: its id, `jenis`, and the id of its SK where it has one."""


@dataclass(frozen=True)
class Terms:
    """By which terms a lesson is marked in one semester: rule set, weights, rounding, missing marks, KKM, SK."""

    aturan: rules.AturanRapor
    bobot: rules.Bobot
    pembulatan: rules.Pembulatan
    kosong: rules.Kosong
    kkm: int | None
    sk: tuple[tuple[int, int], ...]
    semester: int


def weights_of(ketentuan: Ketentuan | None, aturan: rules.AturanRapor) -> rules.Bobot:
    """The weights a school has set, else the rule set's own. Raises InputError when they make no sense."""
    if ketentuan is None:
        return aturan.bobot_bawaan
    if ketentuan.cara == Ketentuan.Cara.RATA:
        return rules.Bobot("rata")
    return rules.Bobot(
        ketentuan.cara,  # type: ignore[arg-type]
        Fraction(ketentuan.bobot_uh),
        Fraction(ketentuan.bobot_uts),
        Fraction(ketentuan.bobot_uas),
    )


def terms_of(pembelajaran: Pembelajaran, semester: Semester) -> Terms:
    """Read the terms of a lesson: two queries."""
    ketentuan = Ketentuan.objects.filter(semester=semester).first()
    aturan = (
        rules.aturan_dengan_id(ketentuan.aturan, semester.selesai) if ketentuan else rules.aturan_pada(semester.selesai)
    )
    own = aturan.pembulatan
    pembulatan = rules.Pembulatan(
        (ketentuan and ketentuan.bulat_rata_uh) or own.rata_uh,  # type: ignore[arg-type]
        (ketentuan and ketentuan.bulat_akhir) or own.akhir,  # type: ignore[arg-type]
    )
    subject = list(
        MapelTingkat.objects.filter(
            tahun_id=semester.tahun_id, mapel_id=pembelajaran.mapel_id, tingkat=pembelajaran.kelas.tingkat
        )
        .order_by("sk__nomor")
        .values_list("kkm", "sk__pk", "sk__nomor", "sk__semester")
    )
    return Terms(
        aturan=aturan,
        bobot=weights_of(ketentuan, aturan),
        pembulatan=pembulatan,
        kosong=ketentuan.kosong if ketentuan else "tolak",  # type: ignore[arg-type]
        kkm=subject[0][0] if subject else None,
        sk=tuple((pk, number) for _kkm, pk, number, of_semester in subject if of_semester == semester.nomor),
        semester=semester.nomor,
    )


def compute(terms: Terms, columns: Sequence[Column], marks: Mapping[int, Any]) -> dict[str, Any]:
    """The result of one pupil in one subject: the fields of NilaiRapor that the rule decides.

    `columns` stand in the order of the grid; `marks` maps a column's id to the mark. A missing mark
    stays missing and is named in `kurang` (R14, R24). Source: Petunjuk Pengelolaan Rapor SMP 2007, Bab II.B.2, II.C.
    """
    aturan = terms.aturan
    exact = {pk: None if marks.get(pk) is None else Fraction(marks[pk]) for pk, _jenis, _sk in columns}
    parts: dict[str, list[Fraction | None]] = {"uh": [], "uts": [], "uas": []}
    by_sk: dict[int, list[Fraction | None]] = defaultdict(list)
    for pk, jenis, sk in columns:
        parts[jenis].append(exact[pk])
        if sk is not None:
            by_sk[sk].append(exact[pk])
    mark = rules.nilai_rapor(
        uh=parts["uh"],
        uts=parts["uts"][0] if len(parts["uts"]) == 1 else parts["uts"],
        uas=parts["uas"][0] if len(parts["uas"]) == 1 else parts["uas"],
        bobot=terms.bobot,
        kkm=terms.kkm,
        pembulatan=terms.pembulatan,
        aturan=aturan,
        kosong=terms.kosong,
        semester=terms.semester,
    )
    missing = [] if terms.kosong == "normalisasi" and mark.nilai is not None else list(mark.kurang)
    steps = [step.as_dict() for step in mark.langkah]
    warnings = list(mark.peringatan)
    sentence = ""
    if terms.kkm is None:
        missing.append("KKM")
    elif not terms.sk:
        missing.append("SK mata pelajaran")
    else:
        reached = []
        for pk, number in terms.sk:
            values = by_sk.get(pk, [])
            if terms.kosong == "normalisasi":
                values = [value for value in values if value is not None]
            found = rules.nilai_sk(values, aturan)
            if found.nilai is None:
                missing.append(f"nilai SK {number}")
                continue
            reached.append(rules.CapaianSK(number, found.nilai, terms.kkm))
            steps += [{**step.as_dict(), "nama": f"{step.nama} {number}"} for step in found.langkah]
        if reached:
            description = rules.deskripsi(reached, aturan)
            sentence = description.deskripsi
            steps += [step.as_dict() for step in description.langkah]
            warnings += description.peringatan
    return {
        "nilai": mark.nilai,
        "huruf": mark.huruf or "",
        "kkm": terms.kkm,
        "status": mark.status or "",
        "deskripsi": sentence,
        "kurang": missing,
        "langkah": steps,
        "peringatan": warnings,
        "aturan": aturan.id,
    }


def columns_of(pembelajaran: Pembelajaran, semester: Semester) -> list[Column]:
    """The columns of a mark grid in their order."""
    rows = Penilaian.objects.filter(pembelajaran=pembelajaran, semester=semester).order_by("jenis", "nomor")
    return list(rows.values_list("pk", "jenis", "sk_id"))


def recompute(
    *,
    pembelajaran: Pembelajaran,
    semester: Semester,
    anggota_ids: Collection[int] | None = None,
    columns: Sequence[Column] | None = None,
    marks: Mapping[int, Mapping[int, Any]] | None = None,
) -> list[NilaiRapor]:
    """Renew the stored results of these pupils (all of the class without `anggota_ids`) and return them.

    Called by the services inside their own transaction; rows that did not change are not written. A caller that has
    read the columns and all marks of these pupils (pupil -> column -> mark) in this transaction hands them over.
    """
    terms = terms_of(pembelajaran, semester)
    if columns is None:
        columns = columns_of(pembelajaran, semester)
    if anggota_ids is None:
        anggota_ids = set(
            AnggotaKelas.objects.filter(kelas_id=pembelajaran.kelas_id, keluar__isnull=True)
            .order_by()
            .values_list("pk", flat=True)
        )
    if marks is None:
        marks = _marks_of(columns, anggota_ids)
    stored = {
        row.anggota_id: row
        for row in NilaiRapor.objects.filter(pembelajaran=pembelajaran, semester=semester, anggota_id__in=anggota_ids)
    }
    now = timezone.now()
    new, renewed, result = [], [], []
    for anggota in sorted(anggota_ids):
        values = compute(terms, columns, marks.get(anggota, {}))
        row = stored.get(anggota)
        if row is None:
            row = NilaiRapor(pembelajaran=pembelajaran, semester=semester, anggota_id=anggota, pada=now, **values)
            new.append(row)
        elif any(getattr(row, name) != values[name] for name in COMPUTED):
            for name in COMPUTED:
                setattr(row, name, values[name])
            row.versi += 1
            row.pada = now
            renewed.append(row)
        result.append(row)
    if new:
        NilaiRapor.objects.bulk_create(new, batch_size=200)
    if len(renewed) == 1:
        renewed[0].save(update_fields=[*COMPUTED, "versi", "pada"])
    elif renewed:
        NilaiRapor.objects.bulk_update(renewed, [*COMPUTED, "versi", "pada"], batch_size=50)
    return result


def _marks_of(columns: Sequence[Column], anggota_ids: Collection[int]) -> Mapping[int, Mapping[int, Any]]:
    marks: dict[int, dict[int, Any]] = defaultdict(dict)
    rows = Nilai.objects.filter(penilaian_id__in=[column[0] for column in columns], anggota_id__in=anggota_ids)
    for anggota, column, value in rows.values_list("anggota_id", "penilaian_id", "nilai"):
        marks[anggota][column] = value
    return marks

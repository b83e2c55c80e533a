"""From marks to the stored rapor mark: gather the inputs, let the rule speak, keep its steps."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection
from django.utils import timezone

from mutu.rapor import rules
from mutu.rapor.models import Ketentuan, Nilai, NilaiRapor, Penilaian
from mutu.satuan import rows
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


_TERMS = """
SELECT k.aturan, k.cara, k.bobot_uh, k.bobot_uts, k.bobot_uas, k.bulat_rata_uh, k.bulat_akhir, k.kosong,
       m.kkm, sk.id, sk.nomor
FROM satuan_semester s
JOIN satuan_kelas c ON c.id = %s
LEFT JOIN rapor_ketentuan k ON k.semester_id = s.id
LEFT JOIN rapor_mapeltingkat m ON m.tahun_id = s.tahun_id AND m.mapel_id = %s AND m.tingkat = c.tingkat
LEFT JOIN rapor_standarkompetensi sk ON sk.mapel_tingkat_id = m.id AND sk.semester = s.nomor
WHERE s.id = %s
ORDER BY sk.nomor
"""


def terms_of(pembelajaran: Pembelajaran, semester: Semester) -> Terms:
    """Read the terms of a lesson. A school may lack any of them: the row of the semester is there in any case."""
    with connection.cursor() as cursor:
        cursor.execute(_TERMS, [pembelajaran.kelas_id, pembelajaran.mapel_id, semester.pk])
        found = cursor.fetchall()
    aturan_id, cara, *bobot, bulat_rata_uh, bulat_akhir, kosong, kkm, _sk, _nomor = found[0]
    ketentuan = None
    if aturan_id is not None:
        # SQLite gives a DECIMAL back as int or float; as text it is the number that was stored.
        uh, uts, uas = (Decimal(str(weight)) for weight in bobot)
        ketentuan = Ketentuan(aturan=aturan_id, cara=cara, bobot_uh=uh, bobot_uts=uts, bobot_uas=uas)
    aturan = (
        rules.aturan_dengan_id(ketentuan.aturan, semester.selesai) if ketentuan else rules.aturan_pada(semester.selesai)
    )
    own = aturan.pembulatan
    return Terms(
        aturan=aturan,
        bobot=weights_of(ketentuan, aturan),
        pembulatan=rules.Pembulatan(bulat_rata_uh or own.rata_uh, bulat_akhir or own.akhir),
        kosong=kosong or "tolak",
        kkm=kkm,
        sk=tuple((pk, number) for *_others, pk, number in found if pk is not None),
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
    found = Penilaian.objects.filter(pembelajaran=pembelajaran, semester=semester).order_by("jenis", "nomor")
    return list(found.values_list("pk", "jenis", "sk_id"))


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
    stored = _stored_results(pembelajaran, semester, anggota_ids)
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
    for row in new:
        rows.insert(row)
    rows.update(renewed, [*COMPUTED, "versi", "pada"])
    return result


# The time of the last change stays behind: SQLite keeps it as text, and a renewed row gets a new one.
_READ = tuple(field.attname for field in NilaiRapor._meta.concrete_fields if field.attname != "pada")
_STORED = f"""
SELECT {", ".join(_READ)} FROM rapor_nilairapor
WHERE pembelajaran_id = %s AND semester_id = %s AND anggota_id IN ({{members}})
"""  # noqa: S608 - names of the schema alone


def _stored_results(
    pembelajaran: Pembelajaran, semester: Semester, anggota_ids: Collection[int]
) -> dict[int, NilaiRapor]:
    """The results that these pupils have, all but `pada`, which is read when somebody asks for it."""
    members = list(anggota_ids)
    with connection.cursor() as cursor:
        cursor.execute(_STORED.format(members=rows.marks_for(members)), [pembelajaran.pk, semester.pk, *members])
        found = [dict(zip(_READ, values, strict=True)) for values in cursor.fetchall()]
    stored = {}
    for values in found:
        for name in ("kurang", "langkah", "peringatan"):
            values[name] = json.loads(values[name])
        stored[values["anggota_id"]] = NilaiRapor.from_db(connection.alias, _READ, list(values.values()))
    return stored


def _marks_of(columns: Sequence[Column], anggota_ids: Collection[int]) -> Mapping[int, Mapping[int, Any]]:
    marks: dict[int, dict[int, Any]] = defaultdict(dict)
    found = Nilai.objects.filter(penilaian_id__in=[column[0] for column in columns], anggota_id__in=anggota_ids)
    for anggota, column, value in found.values_list("anggota_id", "penilaian_id", "nilai"):
        marks[anggota][column] = value
    return marks

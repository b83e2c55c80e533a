"""From marks to the stored rapor mark: gather the inputs, let the rule speak, keep its steps."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection
from django.utils import timezone

from mutu.rapor import rules
from mutu.rapor.models import Ketentuan, Nilai, NilaiRapor, Penilaian
from mutu.regulation.exact import rounded
from mutu.regulation.explain import Langkah
from mutu.satuan import rows
from mutu.satuan.models import AnggotaKelas, Pembelajaran, Semester

# What a renewed result may change; everything else of the row is its identity or the teacher's own text.
COMPUTED = (
    "nilai", "huruf", "predikat", "ranah_lain", "kkm", "status", "deskripsi", "kurang", "langkah", "peringatan",
    "aturan",
)  # fmt: skip

# What a second mark of the subject carries besides the name of its aspect.
OF_ANOTHER = ("nilai", "huruf", "predikat", "status", "deskripsi", "kurang", "langkah")


Column = tuple[int, str, int | None, str]
"""A column of the grid: its id, `jenis`, the id of its SK where it has one, and `ranah`."""


@dataclass(frozen=True)
class LastYear:
    """What a pupil who repeats the year had reached in this subject and semester: marks and KKM (0..100)."""

    nilai: int | None
    kkm: int | None
    sk: Mapping[int, Fraction]


@dataclass(frozen=True)
class Terms:
    """By which terms a lesson is marked in one semester: rule set, weights, rounding, missing marks, KKM, SK.

    `uraian` says what each SK is about, where the rule set's sentence names it; `predikat` is the school's way to
    letters, empty for the rule set's own.
    """

    aturan: rules.AturanRapor
    bobot: rules.Bobot
    pembulatan: rules.Pembulatan
    kosong: rules.Kosong
    remedial: str | None
    kkm: int | None
    sk: tuple[tuple[int, int], ...]
    semester: int
    uraian: Mapping[int, str] = field(default_factory=dict)
    predikat: str = ""


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
       k.remedial, k.predikat, c.kurikulum, m.kkm, sk.uraian, sk.id, sk.nomor
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
    aturan_id, cara, *bobot, bulat_rata_uh, bulat_akhir, kosong, remedial, predikat, kurikulum, kkm = found[0][:-3]
    ketentuan = None
    if aturan_id is not None:
        # SQLite gives a DECIMAL back as int or float; as text it is the number that was stored.
        uh, uts, uas = (Decimal(str(weight)) for weight in bobot)
        ketentuan = Ketentuan(aturan=aturan_id, cara=cara, bobot_uh=uh, bobot_uts=uts, bobot_uas=uas)
    aturan = rules.aturan_untuk(kurikulum, semester.selesai)
    own = aturan.pembulatan
    names_units = aturan.isi("cara_deskripsi") == "tertinggi_terendah"
    return Terms(
        aturan=aturan,
        bobot=weights_of(ketentuan, aturan),
        pembulatan=rules.Pembulatan(bulat_rata_uh or own.rata_uh, bulat_akhir or own.akhir),
        kosong=kosong or "tolak",
        remedial=remedial,
        kkm=kkm,
        sk=tuple((pk, number) for *_others, pk, number in found if pk is not None),
        semester=semester.nomor,
        uraian={pk: uraian for *_others, uraian, pk, _number in found if pk is not None} if names_units else {},
        predikat=predikat or "",
    )


def compute(
    terms: Terms,
    columns: Sequence[Column],
    marks: Mapping[int, Any],
    *,
    remedial: Mapping[int, Any] | None = None,
    ulang: Any = None,
    lalu: LastYear | None = None,
) -> dict[str, Any]:
    """The result of one pupil in one subject: the fields of NilaiRapor that the rule decides.

    `columns` stand in the order of the grid; `marks` maps a column's id to the mark and `remedial` to the highest
    attempt after teaching again; `ulang` is the highest attempt at the subject as a whole, `lalu` what a repeated year
    keeps. A missing mark stays missing and is named in `kurang` (R14, R24). Where a subject has two marks the first is
    the result and the second its `ranah_lain`; `ulang` and `lalu` count for the first.
    Source: Petunjuk Pengelolaan Rapor SMP 2007, Bab II.B.2, II.C.
    """
    if not terms.aturan.isi("ranah"):
        return _weighted(terms, columns, marks, remedial, ulang, lalu)
    by_ranah: dict[str, list[Column]] = {name: [] for name in terms.aturan.isi("ranah")}
    for column in columns:
        by_ranah[rules.ranah_kolom(column[3], terms.aturan)].append(column)
    assessed = {column[2] for column in columns}
    result: dict[str, Any] = {}
    for name, own in by_ranah.items():
        # An SK that no column assesses yet is missing in the first mark alone.
        wanted = {column[2] for column in own} | (set() if result else {pk for pk, _number in terms.sk} - assessed)
        part = replace(terms, sk=tuple((pk, number) for pk, number in terms.sk if pk in wanted))
        if terms.aturan.isi("ranah")[name]["cara"] == "optimum":
            found = _best_of_each(part, own, marks, remedial, name)
        elif result:
            found = _weighted(part, own, marks, remedial, None, None, name)
        else:
            found = _weighted(part, own, marks, remedial, ulang, lalu, name)
        if not result:
            result = found
        else:
            result["ranah_lain"] = {"ranah": name} | {field: found[field] for field in OF_ANOTHER}
            result["kurang"] = result["kurang"] + [gap for gap in found["kurang"] if gap not in result["kurang"]]
            result["peringatan"] = result["peringatan"] + found["peringatan"]
    return result


def _weighted(
    terms: Terms,
    columns: Sequence[Column],
    marks: Mapping[int, Any],
    remedial: Mapping[int, Any] | None,
    ulang: Any,
    lalu: LastYear | None,
    ranah: str = "",
) -> dict[str, Any]:
    """A mark from the weighted means of its assessments, with the sentence over its SK."""
    aturan = terms.aturan
    exact = _exact(columns, marks)
    first = _after_remedial(terms, columns, exact, remedial) if remedial else []
    parts: dict[str, list[Fraction | None]] = {"uh": [], "uts": [], "uas": []}
    by_sk: dict[int, list[Fraction | None]] = defaultdict(list)
    for pk, jenis, sk, _ranah in columns:
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
    figure, words, status = mark.nilai, mark.huruf or "", mark.status or ""
    steps = first + [step.as_dict() for step in mark.langkah]
    warnings = list(mark.peringatan)
    if figure is not None and (ulang is not None or lalu is not None):
        figure, more = _final_mark(terms, Fraction(figure), ulang, lalu)
        steps += more
        words = rules.huruf(figure, aturan)
        status = rules.banding(figure, terms.kkm, aturan)[0] if terms.kkm is not None else ""
    letter, more = _letter(terms, figure)
    steps += more
    sentence = ""
    if terms.kkm is None:
        missing.append(aturan.sebutan_kkm)
    elif not terms.sk:
        missing.append(f"{aturan.sebutan} mata pelajaran")
    else:
        reached = []
        for pk, number in terms.sk:
            values = by_sk.get(pk, [])
            if terms.kosong == "normalisasi":
                values = [value for value in values if value is not None]
            found = rules.nilai_sk(values, aturan)
            if found.nilai is None:
                missing.append(f"nilai {aturan.sebutan} {number}")
                continue
            sk_mark, sk_steps = Fraction(found.nilai), found.langkah
            if lalu is not None and lalu.kkm is not None and number in lalu.sk:
                kept = rules.nilai_mengulang(kkm=lalu.kkm, lalu=lalu.sk[number], baru=sk_mark, aturan=aturan)
                sk_mark, sk_steps = kept.nilai, (*sk_steps, *kept.langkah)
            reached.append(_reached(terms, pk, number, sk_mark, terms.kkm))
            steps += [{**step.as_dict(), "nama": f"{step.nama} {number}"} for step in sk_steps]
        if reached:
            description = rules.deskripsi(reached, aturan, ranah)
            sentence = description.deskripsi
            steps += [step.as_dict() for step in description.langkah]
            warnings += description.peringatan
    return {
        "nilai": figure,
        "huruf": words,
        "predikat": letter,
        "ranah_lain": {},
        "kkm": terms.kkm,
        "status": status,
        "deskripsi": sentence,
        "kurang": missing,
        "langkah": steps,
        "peringatan": warnings,
        "aturan": aturan.id,
    }


def _best_of_each(
    terms: Terms, columns: Sequence[Column], marks: Mapping[int, Any], remedial: Mapping[int, Any] | None, ranah: str
) -> dict[str, Any]:
    """A mark from the best assessment of each SK, with the sentence over them."""
    aturan = terms.aturan
    exact = _exact(columns, marks)
    steps = _after_remedial(terms, columns, exact, remedial) if remedial else []
    title = str(aturan.isi("ranah")[ranah]["judul"]).lower()
    units = {number: [exact[column] for column, _jenis, sk, _ranah in columns if sk == pk] for pk, number in terms.sk}
    if terms.kosong == "normalisasi":
        units = {number: values for number, values in units.items() if any(value is not None for value in values)}
    mark = rules.nilai_optimum(units, kkm=terms.kkm, aturan=aturan, akhir=terms.pembulatan.akhir, nama=title)
    missing = list(mark.kurang)
    steps += [step.as_dict() for step in mark.langkah]
    letter, more = _letter(terms, mark.nilai)
    steps += more
    warnings = list(mark.peringatan)
    sentence = ""
    if terms.kkm is None:
        missing.append(aturan.sebutan_kkm)
    else:
        best = {number: [value for value in values if value is not None] for number, values in units.items()}
        reached = [
            _reached(terms, pk, number, max(best[number]), terms.kkm) for pk, number in terms.sk if best.get(number)
        ]
        if reached:
            description = rules.deskripsi(reached, aturan, ranah)
            sentence = description.deskripsi
            steps += [step.as_dict() for step in description.langkah]
            warnings += description.peringatan
    return {
        "nilai": mark.nilai,
        "huruf": mark.huruf or "",
        "predikat": letter,
        "status": mark.status or "",
        "deskripsi": sentence,
        "kurang": missing,
        "langkah": steps,
        "peringatan": warnings,
    }


def _exact(columns: Sequence[Column], marks: Mapping[int, Any]) -> dict[int, Fraction | None]:
    return {column[0]: None if marks.get(column[0]) is None else Fraction(marks[column[0]]) for column in columns}


def _letter(terms: Terms, figure: int | Fraction | None) -> tuple[str, list[dict[str, Any]]]:
    """The letter of a mark with its step; nothing where the rule set has none, or no mark or KKM is there."""
    if figure is None or terms.kkm is None or terms.aturan.isi("predikat") is None:
        return "", []
    found = rules.predikat(figure, terms.kkm, terms.aturan, terms.predikat)
    return (found.huruf, [found.langkah.as_dict()]) if found else ("", [])


def _reached(terms: Terms, pk: int, number: int, mark: Fraction, kkm: int) -> rules.CapaianSK:
    if not terms.uraian:
        return rules.CapaianSK(number, mark, kkm)
    return rules.capaian_dengan_kata(number, mark, kkm, terms.uraian[pk], terms.aturan, terms.predikat)


def _after_remedial(
    terms: Terms, columns: Sequence[Column], exact: dict[int, Fraction | None], remedial: Mapping[int, Any]
) -> list[dict[str, Any]]:
    """Put the mark that counts after remedial into `exact`; returns the steps, each with its column's name."""
    steps = []
    numbers: dict[str, int] = defaultdict(int)
    for pk, jenis, *_others in columns:
        numbers[jenis] += 1
        original, best = exact[pk], remedial.get(pk)
        if original is None or best is None:
            continue
        result = rules.nilai_remedial(
            kkm=terms.kkm, percobaan=[original, Fraction(best)], cara=terms.remedial, aturan=terms.aturan
        )
        exact[pk] = result.nilai
        column = f"{terms.aturan.istilah(jenis, terms.semester)['singkat']} {numbers[jenis]}"
        steps += [{**step.as_dict(), "nama": f"{step.nama}, {column}"} for step in result.langkah]
    return steps


def _final_mark(terms: Terms, figure: Fraction, ulang: Any, lalu: LastYear | None) -> tuple[int, list[dict[str, Any]]]:
    """The subject's mark after remedial at the whole subject and after what a repeated year keeps, with the steps."""
    steps = []
    if ulang is not None:
        after = rules.nilai_remedial(
            kkm=terms.kkm, percobaan=[figure, Fraction(ulang)], cara=terms.remedial, aturan=terms.aturan
        )
        figure = after.nilai
        steps += [step.as_dict() for step in after.langkah]
    if lalu is not None and lalu.nilai is not None and lalu.kkm is not None:
        kept = rules.nilai_mengulang(kkm=lalu.kkm, lalu=Fraction(lalu.nilai), baru=figure, aturan=terms.aturan)
        figure = kept.nilai
        steps += [step.as_dict() for step in kept.langkah]
    whole = int(rounded(figure, terms.pembulatan.akhir))
    if terms.kkm is not None:
        word, sign = rules.banding(whole, terms.kkm, terms.aturan)
        steps.append(
            Langkah(
                "Ketuntasan",
                word,
                f"{whole} {sign} {terms.aturan.sebutan_kkm} {terms.kkm}",
                terms.aturan.asal("status"),
            ).as_dict()
        )
    return whole, steps


def columns_of(pembelajaran: Pembelajaran, semester: Semester) -> list[Column]:
    """The columns of a mark grid in their order."""
    found = Penilaian.objects.filter(pembelajaran=pembelajaran, semester=semester).order_by("jenis", "nomor")
    return list(found.values_list("pk", "jenis", "sk_id", "ranah"))


def recompute(
    *,
    pembelajaran: Pembelajaran,
    semester: Semester,
    anggota_ids: Collection[int] | None = None,
    columns: Sequence[Column] | None = None,
    marks: Mapping[int, Mapping[int, Any]] | None = None,
    remedial: Mapping[int, Mapping[int, Any]] | None = None,
    mengulang: Mapping[int, int] | None = None,
) -> list[NilaiRapor]:
    """Renew the stored results of these pupils (all of the class without `anggota_ids`) and return them.

    Called by the services inside their own transaction; rows that did not change are not written. A caller that has
    read the columns and all marks of these pupils (pupil -> column -> mark) in this transaction hands them over, and
    with them the remedial marks and who repeats the year (pupil -> last year's seat).
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
        marks, remedial = _marks_of(columns, anggota_ids)
    if mengulang is None:
        repeating = AnggotaKelas.objects.filter(pk__in=anggota_ids, mengulang__isnull=False).order_by()
        mengulang = dict(repeating.values_list("pk", "mengulang_id"))
    kept = last_year(pembelajaran, semester, mengulang) if mengulang else {}
    stored = _stored_results(pembelajaran, semester, anggota_ids)
    now = timezone.now()
    new, renewed, result = [], [], []
    for anggota in sorted(anggota_ids):
        row = stored.get(anggota)
        values = compute(
            terms,
            columns,
            marks.get(anggota, {}),
            remedial=(remedial or {}).get(anggota),
            ulang=row.remedial if row else None,
            lalu=kept.get(anggota),
        )
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
        for name in ("kurang", "langkah", "peringatan", "ranah_lain"):
            values[name] = json.loads(values[name])
        if values["remedial"] is not None:
            # SQLite gives a DECIMAL back as int or float; as text it is the number that was stored.
            values["remedial"] = Decimal(str(values["remedial"]))
        stored[values["anggota_id"]] = NilaiRapor.from_db(connection.alias, _READ, list(values.values()))
    return stored


def _marks_of(
    columns: Sequence[Column], anggota_ids: Collection[int]
) -> tuple[Mapping[int, Mapping[int, Any]], Mapping[int, Mapping[int, Any]]]:
    """All marks of these pupils, and the highest remedial where there was one: pupil -> column -> mark."""
    marks: dict[int, dict[int, Any]] = defaultdict(dict)
    remedial: dict[int, dict[int, Any]] = defaultdict(dict)
    found = Nilai.objects.filter(penilaian_id__in=[column[0] for column in columns], anggota_id__in=anggota_ids)
    for anggota, column, value, best in found.values_list("anggota_id", "penilaian_id", "nilai", "remedial"):
        marks[anggota][column] = value
        if best is not None:
            remedial[anggota][column] = best
    return marks, remedial


def last_year(pembelajaran: Pembelajaran, semester: Semester, mengulang: Mapping[int, int]) -> dict[int, LastYear]:
    """What pupils who repeat the year had reached in the same subject and half-year: pupil -> LastYear.

    `mengulang` maps a pupil's seat to last year's. Source: Petunjuk Pengelolaan Rapor SMP 2007, Bab II.C.
    """
    before = {
        (row.anggota_id): row
        for row in NilaiRapor.objects.filter(
            anggota_id__in=mengulang.values(), semester__nomor=semester.nomor, pembelajaran__mapel=pembelajaran.mapel_id
        ).select_related("pembelajaran__kelas", "semester")
    }
    kept = {}
    for now, then in mengulang.items():
        row = before.get(then)
        if row is None:
            continue
        terms = terms_of(row.pembelajaran, row.semester)
        columns = columns_of(row.pembelajaran, row.semester)
        marks, remedial = _marks_of(columns, [then])
        exact = _exact(columns, marks[then])
        _after_remedial(terms, columns, exact, remedial.get(then, {}))
        reached = {}
        for pk, number in terms.sk:
            found = rules.nilai_sk([exact[column] for column, _jenis, sk, _ranah in columns if sk == pk], terms.aturan)
            if found.nilai is not None:
                reached[number] = Fraction(found.nilai)
        kept[now] = LastYear(row.nilai, row.kkm, reached)
    return kept

"""The printed rapor: what goes on the paper, and the jobs that print a class.

`cards()` gathers everything for the pupils asked for in a fixed number of queries; the same data feed the preview on
screen, the PDF and the API, so what is previewed is what is printed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import Ketidakhadiran, MapelTingkat, NilaiRapor
from mutu.rapor.services.cards import ABSENCE
from mutu.reports import batches, pdf
from mutu.reports.pdf import Paper, RenderError
from mutu.satuan.access import visible_to
from mutu.satuan.jobs import Handle, JobError, job
from mutu.satuan.models import AnggotaKelas, Kelas, MataPelajaran, Pembelajaran, Perwalian, Semester

TEMPLATE = Path(__file__).with_name("rapor.typ")
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
LONGEST_RESULT = 16
ROMAN = {7: "VII", 8: "VIII", 9: "IX", 10: "X", 11: "XI", 12: "XII"}


def cards(
    kelas: Kelas,
    semester: Semester,
    anggota_ids: Collection[int] | None = None,
    *,
    appendix: bool = False,
    paper: Paper = "a4",
) -> list[dict[str, Any]]:
    """The rapor of these pupils (the whole class without `anggota_ids`) as plain data, in the order of the class list.

    A rapor with anything missing is marked as draft; a missing mark is empty, never 0. Seven queries for any number.
    """
    sekolah = kelas.tahun.sekolah
    aturan = rules.aturan_pada(semester.selesai)
    members = AnggotaKelas.objects.filter(kelas=kelas, keluar__isnull=True)
    if anggota_ids is not None:
        members = members.filter(pk__in=anggota_ids)
    people = list(members.values_list("pk", "peserta_id", "peserta__nama", "peserta__nis", "peserta__nisn"))
    lessons = list(
        Pembelajaran.objects.filter(kelas=kelas).values_list("pk", "mapel_id", "mapel__nama", "mapel__kelompok")
    )
    kkm = dict(
        MapelTingkat.objects.filter(tahun_id=kelas.tahun_id, tingkat=kelas.tingkat)
        .order_by()
        .values_list("mapel_id", "kkm")
    )
    ids = [person[0] for person in people]
    columns = ["anggota_id", "pembelajaran_id", "nilai", "huruf", "deskripsi", "deskripsi_manual", "kurang"]
    if appendix:
        columns.append("langkah")
    marks: dict[int, dict[int, tuple[Any, ...]]] = defaultdict(dict)
    for row in NilaiRapor.objects.filter(semester=semester, anggota_id__in=ids).order_by().values_list(*columns):
        marks[row[0]][row[1]] = row
    absences: dict[int, tuple[int | None, ...]] = {
        row[0]: row[1:]
        for row in Ketidakhadiran.objects.filter(semester=semester, anggota_id__in=ids)
        .order_by()
        .values_list("anggota_id", *ABSENCE)
    }
    guardians: dict[int, str] = {}
    signing = Perwalian.objects.filter(peserta_id__in=[person[1] for person in people], utama=True)
    for pupil, name in signing.order_by("pk").values_list("peserta_id", "wali__nama"):
        guardians.setdefault(pupil, name)

    kabkota = sekolah.kabkota.nama
    handed_over = semester.tanggal_rapor
    shared = {
        "sekolah": {
            "nama": sekolah.nama,
            "npsn": sekolah.npsn,
            "alamat": school_address(sekolah),
            "kabkota": kabkota,
            "kop": [kabkota],
        },
        "kelas": kelas.nama,
        "tingkat": ROMAN.get(kelas.tingkat, str(kelas.tingkat)),
        "semester": semester.nomor,
        "tahun_pelajaran": kelas.tahun.label,
        "aturan": {"id": aturan.id, "sumber": aturan.sumber},
        "kertas": paper,
    }
    place_and_date = (
        rules.tempat_tanggal(kabkota, handed_over)
        if handed_over
        else f"{rules.nama_kabkota(kabkota)}, ........................ {semester.selesai.year}"
    )
    homeroom = kelas.wali_kelas
    signature = {
        "tempat_tanggal": place_and_date,
        "wali_kelas": {"nama": homeroom.nama if homeroom else None, "nip": (homeroom and homeroom.nip) or None},
    }
    # The rapor is an Indonesian document, whatever language the person reads who prints it.
    with translation.override("id"):
        groups = {kind: str(name) for kind, name in MataPelajaran.Kelompok.choices}
    result = []
    for pk, pupil, nama, nis, nisn in people:
        own = marks[pk]
        rows, steps = [], []
        draft = not lessons
        for lesson, subject, title, group in lessons:
            row = own.get(lesson)
            complete = row is not None and row[2] is not None and not row[6]
            draft = draft or not complete
            rows.append(
                {
                    "nama": title,
                    "kelompok": None if group == MataPelajaran.Kelompok.MAPEL else groups[group],
                    "kkm": kkm.get(subject),
                    "nilai": row[2] if row else None,
                    "huruf": (row[3] or None) if row else None,
                    "deskripsi": (row[5] or row[4] or None) if row else None,
                }
            )
            if appendix and row and row[2] is not None:
                steps.append({"mapel": title, "nilai": row[2], "langkah": _printed_steps(row[7], aturan)})
        days: dict[str, str | None] = {}
        for name, value in zip(ABSENCE, absences.get(pk, (None,) * len(ABSENCE)), strict=True):
            draft = draft or value is None
            days[name] = None if value is None else rules.ketidakhadiran_cetak(value, aturan)
        result.append(
            shared
            | {
                "anggota": pk,
                "peserta": {"nama": nama, "nomor_induk": nis, "nisn": nisn or None},
                "mapel": rows,
                "ketidakhadiran": days,
                "tanda_tangan": signature | {"orang_tua": {"nama": guardians.get(pupil)}},
                "lampiran": steps if appendix else None,
                "draf": draft,
            }
        )
    return result


def _printed_steps(steps: list[dict[str, Any]], aturan: rules.AturanRapor) -> list[dict[str, Any]]:
    """The steps as the appendix prints them: decimal comma, sentences beside the sum instead of in the narrow column,

    and the article without the regulation's name, which the head of the appendix already gives.
    """
    printed = []
    for step in steps:
        result, sum_ = str(step["hasil"]), str(step["rumus"])
        if _DECIMAL.fullmatch(result):
            result = result.replace(".", ",")
        if len(result) > LONGEST_RESULT:
            sum_, result = " ".join(filter(None, (sum_, result))), ""
        source = str(step["sumber"]).removeprefix(f"{aturan.judul}, ")
        printed.append({"nama": step["nama"], "rumus": sum_, "hasil": result, "sumber": source})
    return printed


def school_address(sekolah: Any) -> str:
    """The address line in its two shapes (Bab II.C, Identitas): street and city, or village, district and regency.

    Where the village is not known the street stands in its place.
    """
    kabkota = sekolah.kabkota.nama
    if kabkota.casefold().startswith("kota "):
        return rules.alamat_cetak(jalan=sekolah.alamat_jalan, kota=kabkota)
    return rules.alamat_cetak(
        desa=sekolah.desa_kelurahan or sekolah.alamat_jalan, kecamatan=sekolah.kecamatan.nama, kabupaten=kabkota
    )


def timestamp_of(semester: Semester) -> datetime:
    """The fixed time that a PDF carries: the day of handing over, so that the same data give the same bytes."""
    return datetime.combine(semester.tanggal_rapor or semester.selesai, time(0, 0), tzinfo=UTC)


def file_name(data: dict[str, Any], extension: str) -> str:
    """A download name that says whose rapor it is: school, class, semester, never the child's name (URLs and logs)."""
    year = data["tahun_pelajaran"].replace("/", "-")
    return f"rapor-{data['kelas']}-{year}-semester-{data['semester']}.{extension}"


def print_one(
    anggota: AnggotaKelas, semester: Semester, *, appendix: bool, paper: Paper
) -> tuple[bytes, dict[str, Any]]:
    """One pupil's rapor as PDF, with the data it shows."""
    (data,) = cards(anggota.kelas, semester, [anggota.pk], appendix=appendix, paper=paper)
    content = pdf.render(TEMPLATE, {"rapor": [data]}, title=_title(data), timestamp=timestamp_of(semester), paper=paper)
    return content, data


def _title(data: dict[str, Any]) -> str:
    return f"Rapor {data['kelas']} {data['tahun_pelajaran']} semester {data['semester']}"


@job("rapor.cetak_kelas")
def print_class(handle: Handle) -> None:
    """Print a class: one PDF, or a ZIP with one file per pupil. Counts the cards against the pupils asked for."""
    wanted = handle.input
    kelas = (
        visible_to(handle.by, "cetak", Kelas)
        .select_related("tahun__sekolah__kabkota", "tahun__sekolah__kecamatan", "wali_kelas")
        .filter(pk=wanted["kelas"])
        .first()
    )
    semester = Semester.objects.filter(pk=wanted["semester"], tahun_id=kelas.tahun_id).first() if kelas else None
    if kelas is None or semester is None:
        raise JobError(_("Kelas atau semester ini tidak ada lagi, atau Anda tidak lagi mengelolanya."))
    paper: Paper = "f4" if wanted.get("kertas") == "f4" else "a4"
    data = cards(kelas, semester, appendix=bool(wanted.get("lampiran")), paper=paper)
    if not data:
        raise JobError(_("Kelas ini belum mempunyai peserta didik."))
    handle.progress(0, len(data), _("Menyusun halaman"), force=True)
    stamp = timestamp_of(semester)
    try:
        if wanted.get("bentuk") == "zip":
            printed, failed = _print_separately(handle, data, stamp, paper)
        else:
            printed, failed = _print_together(handle, data, stamp, paper), []
    except RenderError as error:
        raise JobError(str(error)) from error
    finally:
        pdf.release_memory()
    handle.row.hasil = {
        "diminta": len(data),
        "dicetak": printed,
        "draf": sum(card["draf"] for card in data),
        "gagal": failed,
    }
    message = _("{dicetak} dari {diminta} rapor dicetak.").format(dicetak=printed, diminta=len(data))
    handle.progress(len(data), len(data), f"{message} {' '.join(failed)}".strip()[:500], force=True)


def _print_together(handle: Handle, data: list[dict[str, Any]], stamp: datetime, paper: Paper) -> int:
    target = handle.output(file_name(data[0], "pdf"))
    content = pdf.render(TEMPLATE, {"rapor": data}, title=_title(data[0]), timestamp=stamp, paper=paper)
    target.write_bytes(content)
    return len(data)


def _print_separately(
    handle: Handle, data: list[dict[str, Any]], stamp: datetime, paper: Paper
) -> tuple[int, list[str]]:
    """One file per pupil. A rapor that cannot be printed holds up no other; it is named by its place in the list."""
    members = batches.zip_members(
        TEMPLATE,
        data,
        key="rapor",
        name=lambda card: f"{card['peserta']['nama']} {card['peserta']['nomor_induk']}",
        title=_title,
        timestamp=stamp,
        paper=paper,
    )
    failed: list[str] = []

    def counted() -> Iterator[batches.Member]:
        for number, member in enumerate(members, start=1):
            if member.error is not None:
                failed.append(f"No. {number}: {member.error}")
            yield member
            handle.progress(number, len(data), _("Mencetak rapor"))

    with handle.output(file_name(data[0], "zip")).open("wb") as target:
        batches.write_zip(target, counted(), timestamp=stamp)
    if len(failed) == len(data):
        raise JobError(failed[0])
    return len(data) - len(failed), failed

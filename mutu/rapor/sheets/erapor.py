"""e-Rapor's mark templates as imports of marks: nilai akhir, sumatif akhir semester, sumatif lingkup materi, PTS.

e-Rapor knows a pupil by its own number, which says nothing here, so NISN and name decide together. Its final mark is
no mark of ours: ours is computed from the columns of the grid and can be asked why. What a file brings is therefore
the mark of one column that the teacher chooses, or for `TP 1`, `TP 2` ... of `UH 1`, `UH 2` ...; the preview says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from django.urls import reverse
from django.utils.translation import gettext as _

from mutu.imports.columns import Column, Sheet, normal_title
from mutu.imports.kinds import Digits, Number, Text
from mutu.imports.messages import FileRefused, Notice, quoted
from mutu.imports.parsing import Parsed, Record, parse, translate
from mutu.imports.plan import Plan
from mutu.rapor import rules
from mutu.rapor.models import Penilaian
from mutu.rapor.services import marks
from mutu.rapor.sheets.lesson import Ground, ground_of, import_marks, plan_marks, target_of
from mutu.satuan.access import can
from mutu.satuan.models import Akun, AnggotaKelas, Impor, Kelas, Semester
from mutu.satuan.services.dapodik_lists import unread
from mutu.satuan.services.imports import Kind, register_kind

KIND = "erapor_nilai"
MOST_GOALS = 40
MAIN = {"nilai_akhir": "NILAI AKHIR", "tes": "NILAI_TES", "pts": "NILAI"}
"""Columns of which a file has one: they go to the column that the teacher chose."""
SIDE = "non_tes"
IDENTITY = (
    Column("nama", "Nama Peserta Didik", Text(120)),
    Column("nisn", "NISN", Digits(10, "NISN", pad=True), required=False),
)
_YEAR = re.compile(r"([0-9]{4}) ?/ ?[0-9]{4}")
_HALVES = {"ganjil": 1, "genap": 2}


def erapor_sheet(aturan: rules.AturanRapor) -> Sheet:
    """All of e-Rapor's mark templates at once; a file has some of the columns."""
    mark = Number(*aturan.skala, marks.DECIMALS)
    return Sheet(
        name=KIND,
        title="e-Rapor",
        columns=(
            *IDENTITY,
            *(Column(name, title, mark, required=False) for name, title in MAIN.items()),
            Column(SIDE, "NILAI_NON_TES", mark, required=False),
            *(Column(f"tp_{number}", f"TP {number}", mark, required=False) for number in range(1, MOST_GOALS + 1)),
        ),
        key=("nama", "nisn"),
        unique=(("nisn",),),
        ignore_unknown=True,
        merged_rows=True,
    )


def told_above(parsed: Parsed) -> dict[str, str]:
    """What the rows above the table tell, by normalised name: `Mata Pelajaran | : IPA` becomes `matapelajaran: IPA`."""
    return {normal_title(row[0]): row[1].lstrip(": ") for row in parsed.layout.above if len(row) > 1}


def check_class(parsed: Parsed, kelas: Kelas, semester: Semester) -> None:
    """Refuse a file that says it is of another class, year or semester. Raises `FileRefused`."""
    told = told_above(parsed)
    named = told.get("kelas", "")
    if named and normal_title(named).removeprefix("kelas") != normal_title(kelas.nama).removeprefix("kelas"):
        text = _("Berkas ini untuk kelas %(lain)s, bukan %(ini)s. Unggah di halaman kelas yang sesuai.")
        raise FileRefused(text % {"lain": named, "ini": kelas.nama})
    term = told.get("tahunpelajaran", "")
    found = _YEAR.search(term)
    half = next((number for word, number in _HALVES.items() if word in term.casefold()), semester.nomor)
    if (found and int(found[1]) != kelas.tahun.mulai) or half != semester.nomor:
        text = _("Berkas ini untuk %(lain)s, bukan %(tahun)s semester %(nomor)d.")
        raise FileRefused(text % {"lain": term, "tahun": kelas.tahun.label, "nomor": semester.nomor})


def match_members(
    parsed: Parsed, kelas: Kelas
) -> tuple[dict[int, AnggotaKelas], dict[int, list[Notice]], list[Notice]]:
    """The member of the class whom each row means, by NISN and name together; reasons and warnings for the others."""
    members = list(AnggotaKelas.objects.filter(kelas=kelas, keluar__isnull=True).select_related("peserta"))
    by_nisn = {one.peserta.nisn: one for one in members if one.peserta.nisn}
    by_name: dict[str, list[AnggotaKelas]] = defaultdict(list)
    for member in members:
        by_name[normal_title(member.peserta.nama)].append(member)
    found: dict[int, AnggotaKelas] = {}
    reasons: dict[int, list[Notice]] = defaultdict(list)
    warnings: list[Notice] = []
    names, numbers = parsed.sheet.places["nama"], parsed.sheet.places["nisn"]
    for at, record in enumerate(parsed.records):
        name, nisn = record[names], record[numbers]

        def say(text: str, at: int = at, name: str = name) -> Notice:
            heading = parsed.layout.headings[parsed.layout.positions["nama"]]
            return Notice(parsed.rows[at], heading, quoted(name), text)

        same = by_name.get(normal_title(name), [])
        one = by_nisn.get(nisn) if nisn else None
        if one is not None and normal_title(one.peserta.nama) != normal_title(name):
            text = _("NISN ini milik %(nama)s di kelas ini. Betulkan NISN atau namanya.")
            reasons[at].append(say(text % {"nama": one.peserta.nama}))
        elif one is not None:
            found[at] = one
        elif len(same) > 1:
            reasons[at].append(say(_("Ada beberapa peserta didik bernama ini. Isi NISN-nya.")))
        elif not same:
            reasons[at].append(say(_("Peserta didik ini tidak ada di kelas ini. Periksa nama dan NISN-nya.")))
        elif same[0].peserta.nisn and nisn:
            text = _("Nama ini ada di kelas, tetapi NISN-nya %(nisn)s. Betulkan NISN-nya.")
            reasons[at].append(say(text % {"nisn": same[0].peserta.nisn}))
        else:
            found[at] = same[0]
            warnings.append(say(_("Dicocokkan menurut nama saja, karena NISN-nya kosong di salah satu pihak.")))
    rows_of: dict[int, list[int]] = defaultdict(list)
    for at, member in found.items():
        rows_of[member.pk].append(at)
    for rows in rows_of.values():
        for at in rows if len(rows) > 1 else ():
            others = ", ".join(str(parsed.rows[other]) for other in rows if other != at)
            text = _("Peserta didik ini juga terdapat di baris %(baris)s. Sisakan satu.") % {"baris": others}
            heading = parsed.layout.headings[parsed.layout.positions["nama"]]
            reasons[at].append(Notice(parsed.rows[at], heading, quoted(parsed.records[at][names]), text))
    return found, reasons, warnings


class EraporMarks(Kind):
    """A mark template of e-Rapor for one lesson and semester; for its teacher.

    `rujukan` names the lesson and semester, the column for the main mark (`kolom`) and for the mark without a test
    (`kolom_non_tes`), and whether the subject may be called otherwise in the file (`mapel_lain`).
    """

    def read(self, impor: Impor, source: Path, *, progress: Callable[[int], None]) -> Parsed:
        lesson, semester = target_of(impor)
        aturan = rules.aturan_untuk(lesson.kelas.kurikulum, semester.selesai)
        parsed = parse(source, erapor_sheet(aturan), name=impor.nama_berkas, progress=progress)
        check_class(parsed, lesson.kelas, semester)
        subject = told_above(parsed).get("matapelajaran", "")
        if subject and normal_title(subject) != normal_title(lesson.mapel.nama) and not impor.rujukan.get("mapel_lain"):
            text = _(
                "Berkas ini untuk mata pelajaran %(lain)s, kisi ini %(ini)s. Bila memang sama, unggah sekali lagi "
                "dengan tanda centang pada “Nama mata pelajaran di e-Rapor memang lain”."
            )
            raise FileRefused(text % {"lain": subject, "ini": lesson.mapel.nama})
        self._targets(impor, parsed, ground_of(lesson, semester))
        return parsed

    def _targets(self, impor: Impor, parsed: Parsed, ground: Ground) -> tuple[dict[str, Penilaian], list[str]]:
        """Which of the file's columns goes where, and sentences about those that go nowhere. Raises `FileRefused`."""
        by_pk = {column.pk: column for column in ground.columns}
        tests = {one.nomor: one for one in ground.columns if one.jenis == "uh" and one.ranah != "keterampilan"}
        targets: dict[str, Penilaian] = {}
        left: list[str] = []
        for name in parsed.layout.positions:
            if name in ("nama", "nisn"):
                continue
            title = parsed.layout.headings[parsed.layout.positions[name]]
            if name.startswith("tp_"):
                wanted = tests.get(int(name.removeprefix("tp_")))
            else:
                wanted = by_pk.get(impor.rujukan.get("kolom_non_tes" if name == SIDE else "kolom", 0))
            if wanted is not None:
                targets[name] = wanted
            elif name.startswith("tp_"):
                left.append(_("%(judul)s tidak diambil: belum ada kolom UH bernomor itu.") % {"judul": title})
            elif name == SIDE:
                left.append(_("%(judul)s tidak diambil: tidak dipilih kolomnya.") % {"judul": title})
            else:
                text = _("Berkas ini berisi %(judul)s. Unggah sekali lagi dan pilih kolom tujuannya.")
                raise FileRefused(text % {"judul": title})
        if not targets:
            text = _("Tidak ada nilai yang dapat diambil dari berkas ini.")
            raise FileRefused(" ".join([text, *left]))
        if len({one.pk for one in targets.values()}) < len(targets):
            raise FileRefused(_("Dua kolom berkas menuju kolom nilai yang sama. Pilih kolom yang berbeda."))
        return targets, left

    def _settled(self, impor: Impor, parsed: Parsed) -> tuple[Parsed, Ground, list[str]]:
        lesson, semester = target_of(impor)
        ground = ground_of(lesson, semester)
        targets, left = self._targets(impor, parsed, ground)
        found, reasons, warnings = match_members(parsed, lesson.kelas)
        source = {column.pk: name for name, column in targets.items()}
        at_name = parsed.sheet.places
        records: list[Record | None] = []
        for at, record in enumerate(parsed.records):
            given = [record[at_name[source[one.pk]]] if one.pk in source else None for one in ground.columns]
            records.append((found[at].peserta.nis, None, *given) if at in found else None)
        names = {"nis": "nisn"} | {f"nilai_{pk}": name for pk, name in source.items()}
        notes = [
            _("%(asal)s dari e-Rapor menjadi nilai kolom %(tujuan)s.")
            % {"asal": parsed.layout.headings[parsed.layout.positions[name]], "tujuan": column.judul}
            for name, column in targets.items()
        ]
        notes.append(_("Nilai rapor tidak diambil dari e-Rapor: Mutu menghitungnya dari kolom-kolom ini."))
        return translate(parsed, ground.sheet, records, reasons, warnings, names), ground, [*notes, *left]

    def plan(self, impor: Impor, parsed: Parsed) -> tuple[Parsed, Plan, list[str]]:
        settled, ground, notes = self._settled(impor, parsed)
        return *plan_marks(settled, ground), [*notes, *unread(parsed)]

    def write(self, impor: Impor, parsed: Parsed, *, by: Akun, finish: Callable[[Plan], None]) -> None:
        lesson, semester = target_of(impor)
        import_marks(
            parsed,
            lesson=lesson,
            semester=semester,
            digest=impor.sidik_rencana,
            sha256=impor.sha256,
            by=by,
            finish=finish,
            prepare=lambda: self._settled(impor, parsed)[0],
        )

    def allowed(self, akun: Akun, impor: Impor) -> bool:
        return can(akun, "isi", target_of(impor)[0])

    def home(self, impor: Impor) -> str:
        lesson, semester = target_of(impor)
        return reverse("rapor-erapor", args=[lesson.pk, semester.nomor])


def default_target(columns: Sequence[Penilaian]) -> int | None:
    """The column that a final or semester mark most likely means: the closing test."""
    return next((column.pk for column in columns if column.jenis == "uas"), None)


register_kind(KIND, EraporMarks())

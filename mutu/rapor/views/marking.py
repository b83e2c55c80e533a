"""Entering marks: the grid, its columns, history and the answer to "kenapa?"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mutu.rapor import rules
from mutu.rapor.forms import AssessmentForm, DescriptionForm, add_errors
from mutu.rapor.models import KegiatanPengembangan, Nilai, NilaiRapor, Penilaian, StandarKompetensi
from mutu.rapor.services import cards, final, marks
from mutu.rapor.services.marks import Cell
from mutu.rapor.services.reading import grid_content, released
from mutu.rapor.views.grid_rows import Figure, GridCell, GridRow, rows_html
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, can, on_object, roles_of, signed_in, visible_to
from mutu.satuan.menunggu import Line, waiting_for
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Pembelajaran, Semester

KIND_ORDER = {"uh": 0, "uts": 1, "uas": 2}


def semester_of(kelas: Kelas, nomor: int) -> Semester:
    """The semester that the address names; 404 when the school has not made it."""
    semester = cards.semester_of(kelas, nomor)
    if semester is None:
        raise Http404
    return semester


@signed_in
def overview(request: HttpRequest) -> HttpResponse:
    """The rapor work of a person: lessons to mark, classes to look after, one's children."""
    akun = request.user
    roles = roles_of(akun)
    lessons: list[dict[str, Any]] = []
    classes: list[dict[str, Any]] = []
    if "guru" in roles:
        own = visible_to(akun, "isi", Pembelajaran).select_related("kelas__tahun", "mapel")
        lessons = list(_with_semesters(own))
    if roles.schools.keys() & {"guru", "kepala_sekolah", "operator_sekolah"}:
        seen = visible_to(akun, "lihat", Kelas).select_related("tahun", "wali_kelas")
        classes = [
            {"kelas": kelas, "semester": semester}
            for kelas in seen.order_by("-tahun__mulai", "tingkat", "nama")
            for semester in kelas.tahun.semester.all()
        ]
    activities = visible_to(akun, "isi", KegiatanPengembangan) if "guru" in roles else []
    children = children_of(akun) if "orang_tua" in roles else []
    context = {"lessons": lessons, "activities": activities, "classes": classes, "children": children}
    return render(request, "rapor/daftar.html", context)


def _with_semesters(lessons: Iterable[Pembelajaran]) -> Iterable[dict[str, Any]]:
    """Each lesson with the semester that runs (or ran last) and how many rapor marks are complete."""
    by_year: dict[int, list[Pembelajaran]] = defaultdict(list)
    for lesson in lessons:
        by_year[lesson.kelas.tahun_id].append(lesson)
    for tahun_id in sorted(by_year, key=lambda pk: -by_year[pk][0].kelas.tahun.mulai):
        semester = cards.open_semester(tahun_id=tahun_id)
        if semester is None:
            continue
        progress = cards.lesson_progress(by_year[tahun_id], semester)
        for lesson in by_year[tahun_id]:
            done, total = progress[lesson.pk]
            yield {"lesson": lesson, "semester": semester, "done": done, "total": total}


def children_of(akun: Any) -> list[dict[str, Any]]:
    """The classes that a guardian's children sat in, newest first, each with its semesters and whether it is open."""
    rows = (
        AnggotaKelas.objects.filter(peserta__perwalian__wali__akun=akun)
        .select_related("peserta", "kelas__tahun")
        .prefetch_related("kelas__tahun__semester")
        .order_by("peserta__nama", "-kelas__tahun__mulai")
    )
    return [
        {"anggota": row, "semester": semester, "open": released(semester)}
        for row in rows
        for semester in sorted(row.kelas.tahun.semester.all(), key=lambda one: -one.nomor)
        if semester.mulai <= timezone.localdate()
    ]


@on_object("lihat", Pembelajaran, related=("kelas__tahun", "mapel", "guru"))
def grid(request: HttpRequest, lesson: Pembelajaran, nomor: int) -> HttpResponse:
    """The mark grid of one lesson and semester. POST is the plain form: it takes the same path as the script."""
    semester = get_object_or_404(Semester, tahun_id=lesson.kelas.tahun_id, nomor=nomor)
    semester.tahun = lesson.kelas.tahun
    editable = bool(lesson.guru and lesson.guru.akun_id == request.user.pk)
    refused: dict[tuple[int, int], marks.CellResult] = {}
    if request.method == "POST":
        if not editable:
            raise Http404
        result = marks.save_marks(
            pembelajaran=lesson, semester=semester, cells=_changed_cells(request, lesson, semester), by=akun_of(request)
        )
        refused = {(c.penilaian, c.anggota): c for c in result.sel if c.status != marks.SAVED}
        saved = len(result.sel) - len(refused)
        if not refused:
            messages.success(request, _("{n} nilai tersimpan.").format(n=saved))
            return redirect("rapor-kisi", pk=lesson.pk, nomor=nomor)
        messages.error(
            request,
            _("{n} nilai tersimpan, {m} belum: lihat sel yang bertanda.").format(n=saved, m=len(refused)),
        )
    context = _grid_context(lesson, semester, refused, editable)
    # The school's operator reads marks here, but neither their history nor how they came about.
    context["may_explain"] = (
        editable or visible_to(request.user, "lihat", Penilaian).filter(pembelajaran=lesson).exists()
    )
    context["rows_html"] = rows_html(
        context["rows"],
        [(column.pk, column.judul) for column in context["columns"]],
        context["figures"],
        editable=editable,
        may_explain=context["may_explain"],
        long_sentences=context["long_sentences"],
    )
    return render(request, "rapor/kisi.html", context, status=422 if refused else 200)


def _changed_cells(request: HttpRequest, lesson: Pembelajaran, semester: Semester) -> list[Cell]:
    """The cells of the plain form whose text differs from what is stored: the others were not touched."""
    stored = {
        f"{mark.penilaian_id}-{mark.anggota_id}": marks.show_mark(mark.nilai)
        for mark in Nilai.objects.filter(penilaian__pembelajaran=lesson, penilaian__semester=semester)
    }
    cells = []
    for name, value in request.POST.items():
        kind, _dash, place = name.partition("-")
        if kind != "n" or str(value).strip() == stored.get(place, ""):
            continue
        try:
            column, member = (int(part) for part in place.split("-"))
            version = int(request.POST.get(f"v-{place}", "0"))
        except ValueError:
            raise Http404 from None
        cells.append(Cell(column, member, str(value), version))
    return cells


def _grid_context(
    lesson: Pembelajaran, semester: Semester, refused: dict[tuple[int, int], marks.CellResult], editable: bool
) -> dict[str, Any]:
    aturan = rules.aturan_untuk(lesson.kelas.kurikulum, semester.selesai)
    aspects = [*rules.bentuk_rapor(aturan).ranah]
    content = grid_content(lesson, semester)
    columns = sorted(
        content.kolom,
        key=lambda one: (
            aspects.index(one.ranah) if one.ranah in aspects else 0,
            one.sk.nomor if one.sk else 999,
            KIND_ORDER[one.jenis],
            one.nomor,
        ),
    )
    for column in columns:
        column.aturan = aturan
    result_groups = _result_groups(aturan)
    rows = []
    for member, name in content.peserta:
        cells = []
        for column in columns:
            value, version = content.nilai.get((column.pk, member), (None, 0))
            problem = refused.get((column.pk, member))
            text = problem.nilai if problem else marks.show_mark(value)
            cells.append(GridCell(text, version, _problem(problem)))
        own = content.hasil.get(member)
        rows.append(GridRow(member, name, cells, marks.result_row(own) if own else None))
    return {
        "lesson": lesson,
        "semester": semester,
        "kkm": content.kkm,
        "columns": columns,
        "groups": _column_groups(columns, aturan),
        "result_groups": result_groups,
        "figures": [figure for _title, found in result_groups for figure in found],
        "long_sentences": aturan.isi("cara_deskripsi") == "tertinggi_terendah",
        "sebutan_kkm": aturan.sebutan_kkm,
        "rows": rows,
        "editable": editable,
        "skala": aturan.skala,
        "desimal": marks.DECIMALS,
        "complete": sum(row.anggota in content.hasil and content.hasil[row.anggota].lengkap for row in rows),
        "save_url": reverse("api-1:simpan_nilai", args=[lesson.pk, semester.nomor]) if editable else "",
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor")), (str(lesson), "")],
    }


def _column_groups(columns: Iterable[Penilaian], aturan: rules.AturanRapor) -> list[dict[str, Any]]:
    """The headings over the columns: the unit that they assess, with its aspect where a subject has two marks."""
    titles = rules.bentuk_rapor(aturan).ranah
    groups = []
    for (ranah, sk), members in groupby(columns, key=lambda one: (rules.ranah_kolom(one.ranah, aturan), one.sk)):
        unit = f"{aturan.sebutan} {sk.nomor}" if sk else _("Semua {sebutan}").format(sebutan=aturan.sebutan)
        groups.append(
            {
                "ranah": titles.get(ranah, ""),
                "judul": unit,
                "uraian": sk.uraian if sk else "",
                "n": len(list(members)),
            }
        )
    return groups


def _result_groups(aturan: rules.AturanRapor) -> list[tuple[str, list[Figure]]]:
    """What the grid shows of the rapor: one group of figures, or one per aspect."""
    form = rules.bentuk_rapor(aturan)
    headings = {"angka": ("nilai", _("Angka"), True), "huruf": ("huruf", _("Huruf"), False)}
    headings["predikat"] = ("predikat", _("Predikat"), False)
    marks_of = [headings[column] for column in form.kolom]
    words = ("deskripsi", _("Deskripsi"), False)
    first: list[Figure] = [*marks_of, ("status", _("Status"), False), words]
    if not form.ranah:
        return [(_("Rapor"), first)]
    main, *others = form.ranah.values()
    second = [(f"lain_{name}", title, numeric) for name, title, numeric in (*marks_of, words)]
    return [(main, first), *((title, second) for title in others)]


def _problem(cell: marks.CellResult | None) -> str:
    if cell is None:
        return ""
    if cell.server:
        return _("Diubah {oleh} pada {pada} menjadi {nilai}. Muat ulang untuk memakai nilai itu.").format(**cell.server)
    return cell.pesan or ""


def _sk_of(lesson: Pembelajaran, semester: Semester) -> Any:
    return StandarKompetensi.objects.filter(
        mapel_tingkat__tahun_id=semester.tahun_id,
        mapel_tingkat__mapel_id=lesson.mapel_id,
        mapel_tingkat__tingkat=lesson.kelas.tingkat,
        semester=semester.nomor,
    ).order_by("nomor")


@on_object("isi", Pembelajaran, related=("kelas__tahun", "mapel", "guru"))
def columns(request: HttpRequest, lesson: Pembelajaran, nomor: int) -> HttpResponse:
    """The assessments of a lesson: which there are, and a form for one more."""
    semester = semester_of(lesson.kelas, nomor)
    sk = _sk_of(lesson, semester)
    aturan = rules.aturan_untuk(lesson.kelas.kurikulum, semester.selesai)
    form = AssessmentForm(request.POST or None, sk=sk, aturan=aturan, semester=nomor)
    if request.method == "POST" and form.is_valid():
        try:
            added = marks.add_assessment(
                pembelajaran=lesson, semester=semester, by=akun_of(request), **form.cleaned_data
            )
        except InputError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Kolom {judul} ditambahkan.").format(judul=added.judul))
            return redirect("rapor-kolom", pk=lesson.pk, nomor=nomor)
    existing = list(Penilaian.objects.filter(pembelajaran=lesson, semester=semester).select_related("sk", "semester"))
    for one in existing:
        one.aturan = aturan
    aspects = [*rules.bentuk_rapor(aturan).ranah]
    existing.sort(
        key=lambda one: (aspects.index(one.ranah) if one.ranah in aspects else 0, KIND_ORDER[one.jenis], one.nomor)
    )
    context = {
        "lesson": lesson,
        "semester": semester,
        "form": form,
        "columns": existing,
        "sebutan": aturan.sebutan,
        "istilah": {kind: aturan.istilah(kind, nomor) for kind in KIND_ORDER},
        "has_sk": sk.exists(),
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (str(lesson), reverse("rapor-kisi", args=[lesson.pk, nomor])),
            (_("Kolom penilaian"), ""),
        ],
    }
    return render(request, "rapor/kolom.html", context, status=422 if form.errors else 200)


@on_object(
    "kelola",
    Penilaian,
    related=("pembelajaran__kelas__tahun", "pembelajaran__mapel", "pembelajaran__guru", "semester", "sk"),
)
def column(request: HttpRequest, penilaian: Penilaian) -> HttpResponse:
    """Change or remove one assessment."""
    lesson, semester = penilaian.pembelajaran, penilaian.semester
    initial = {"sk": penilaian.sk_id, "keterangan": penilaian.keterangan, "tanggal": penilaian.tanggal}
    penilaian.aturan = aturan = rules.aturan_untuk(lesson.kelas.kurikulum, semester.selesai)
    form = AssessmentForm(
        request.POST or None,
        sk=_sk_of(lesson, semester),
        aturan=aturan,
        semester=semester.nomor,
        fixed=True,
        initial=initial,
    )
    if request.method == "POST":
        try:
            if "hapus" in request.POST:
                marks.remove_assessment(penilaian=penilaian, by=akun_of(request))
                messages.success(request, _("Kolom dihapus."))
                return redirect("rapor-kolom", pk=lesson.pk, nomor=semester.nomor)
            if form.is_valid():
                marks.edit_assessment(penilaian=penilaian, by=akun_of(request), **form.cleaned_data)
                messages.success(request, _("Kolom disimpan."))
                return redirect("rapor-kolom", pk=lesson.pk, nomor=semester.nomor)
        except InputError as error:
            form.is_valid()
            add_errors(form, error)
    context = {
        "penilaian": penilaian,
        "form": form,
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (str(lesson), reverse("rapor-kisi", args=[lesson.pk, semester.nomor])),
            (_("Kolom penilaian"), reverse("rapor-kolom", args=[lesson.pk, semester.nomor])),
            (penilaian.judul, ""),
        ],
    }
    return render(request, "rapor/kolom_ubah.html", context, status=422 if form.errors else 200)


@on_object("lihat", Penilaian, related=("pembelajaran__kelas", "pembelajaran__mapel", "semester"))
def history(request: HttpRequest, penilaian: Penilaian, anggota: int) -> HttpResponse:
    """Every value that one cell has had, who wrote it and when."""
    member = get_object_or_404(
        AnggotaKelas.objects.select_related("peserta"), pk=anggota, kelas_id=penilaian.pembelajaran.kelas_id
    )
    lesson, semester = penilaian.pembelajaran, penilaian.semester
    penilaian.aturan = rules.aturan_untuk(lesson.kelas.kurikulum, semester.selesai)
    context = {
        "penilaian": penilaian,
        "anggota": member,
        "lines": marks.mark_history(penilaian, member),
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (str(lesson), reverse("rapor-kisi", args=[lesson.pk, semester.nomor])),
            (_("Riwayat"), ""),
        ],
    }
    return render(request, "rapor/riwayat.html", context)


@on_object(
    "lihat",
    NilaiRapor,
    related=("pembelajaran__kelas__tahun", "pembelajaran__mapel", "pembelajaran__guru", "semester", "anggota__peserta"),
)
def why(request: HttpRequest, row: NilaiRapor) -> HttpResponse:
    """How one rapor mark came about: the marks, who entered them and when, and the steps with their article."""
    lesson = row.pembelajaran
    inside = can(request.user, "lihat", row, field="oleh")
    if not inside:
        _as_final(row)
    inputs = (
        []
        if not inside
        else list(
            Nilai.objects.filter(penilaian__pembelajaran=lesson, penilaian__semester=row.semester, anggota=row.anggota)
            .select_related("penilaian__semester", "penilaian__sk", "oleh")
            .order_by("penilaian__jenis", "penilaian__nomor")
        )
    )
    aturan = rules.aturan_dengan_id(row.aturan, row.semester.selesai)
    for mark in inputs:
        mark.penilaian.aturan = aturan
    aspects = [*rules.bentuk_rapor(aturan).ranah]
    inputs.sort(
        key=lambda mark: (
            aspects.index(mark.penilaian.ranah) if mark.penilaian.ranah in aspects else 0,
            KIND_ORDER[mark.penilaian.jenis],
            mark.penilaian.nomor,
        )
    )
    context = {
        "row": row,
        "inputs": [
            {"mark": mark, "nilai": marks.show_mark(mark.nilai), "pada": marks.show_time(mark.pada)} for mark in inputs
        ],
        "aturan": aturan.as_dict(),
        "sebutan": aturan.sebutan,
        "sebutan_kkm": aturan.sebutan_kkm,
        "judul_nilai": next(iter(rules.bentuk_rapor(aturan).ranah.values()), _("Nilai rapor")),
        "lain": _second_mark(row, aturan),
        "inside": inside,
        "editable": bool(lesson.guru and lesson.guru.akun_id == request.user.pk),
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor")), (_("Kenapa?"), "")],
    }
    return render(request, "rapor/kenapa.html", context)


def _as_final(row: NilaiRapor) -> None:
    """Show a guardian the mark as the final rapor has it, whatever became of it since. Raises Http404 without one."""
    stored = final.untuk_wali(row.semester, row.anggota_id) if released(row.semester) else None
    if stored is None:
        raise Http404
    name = row.pembelajaran.mapel.nama
    content = final.isi(stored)
    line = content.nilai(name)
    if not line:
        raise Http404
    row.nilai, row.huruf, row.kkm = line["nilai"], line["huruf"] or "", line["kkm"]
    row.deskripsi, row.deskripsi_manual = line["deskripsi"] or "", ""
    row.langkah, row.kurang, row.peringatan, row.status, row.ranah_lain = content.langkah(name), [], [], "", {}


def _second_mark(row: NilaiRapor, aturan: rules.AturanRapor) -> dict[str, Any] | None:
    """The second mark of the subject with its title, for curricula that have one."""
    if not row.ranah_lain:
        return None
    return row.ranah_lain | {"judul": rules.bentuk_rapor(aturan).ranah[row.ranah_lain["ranah"]]}


@on_object(
    "ubah",
    NilaiRapor,
    related=("pembelajaran__kelas__tahun", "pembelajaran__mapel", "semester", "anggota__peserta"),
)
def description(request: HttpRequest, row: NilaiRapor) -> HttpResponse:
    """The teacher's own words instead of the computed sentence."""
    back = reverse("rapor-kisi", args=[row.pembelajaran_id, row.semester.nomor])
    form = DescriptionForm(request.POST or None, initial={"teks": row.deskripsi_manual, "versi": row.versi})
    if request.method == "POST" and form.is_valid():
        try:
            advice = cards.write_description(
                row=row, text=form.cleaned_data["teks"], versi=form.cleaned_data["versi"], by=akun_of(request)
            )
        except InputError as error:
            add_errors(form, error, {"versi": "teks"})
        else:
            messages.success(request, _("Deskripsi disimpan."))
            for sentence in advice:
                messages.warning(request, sentence)
            return redirect(back)
    context = {
        "row": row,
        "form": form,
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor")), (str(row.pembelajaran), back), (_("Deskripsi"), "")],
    }
    return render(request, "rapor/deskripsi.html", context, status=422 if form.errors else 200)


@waiting_for("guru")
def unfinished_lessons(akun: Akun) -> list[Line]:
    """Lessons of the running semester whose rapor marks are not complete."""
    semester = cards.running_semester(akun, "guru")
    if semester is None:
        return []
    lessons = list(
        visible_to(akun, "isi", Pembelajaran).filter(kelas__tahun_id=semester.tahun_id).select_related("kelas", "mapel")
    )
    progress = cards.lesson_progress(lessons, semester)
    lines = []
    for lesson in lessons:
        done, total = progress[lesson.pk]
        if done < total:
            lines.append(
                Line(
                    _("Nilai {mapel} {kelas}").format(mapel=lesson.mapel.nama, kelas=lesson.kelas.nama),
                    reverse("rapor-kisi", args=[lesson.pk, semester.nomor]),
                    count=total - done,
                    due=semester.tanggal_rapor,
                    detail=_("{n} dari {total} peserta didik belum lengkap").format(n=total - done, total=total),
                )
            )
    return lines

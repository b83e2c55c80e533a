"""Everything that stands on the rapor of a pupil, gathered as plain data in a fixed number of queries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import DateField, F, FilteredRelation, OuterRef, Q, Subquery, Value
from django.utils import translation

from mutu.rapor import rules
from mutu.rapor.documents.form import Form, form_of
from mutu.rapor.models import MapelTingkat, NilaiPengembangan, NilaiRapor, Prestasi, Rapor, Sikap
from mutu.rapor.services.cards import ABSENCE
from mutu.regulation.exact import long_date
from mutu.reports.pdf import Paper
from mutu.satuan.models import AnggotaKelas, Kelas, MataPelajaran, Pembelajaran, Perwalian, Semester

_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
LONGEST_RESULT = 16
ROMAN = {7: "VII", 8: "VIII", 9: "IX", 10: "X", 11: "XI", 12: "XII"}
MARK_COLUMNS = (
    *("anggota_id", "pembelajaran_id", "nilai", "huruf", "predikat", "deskripsi", "deskripsi_manual"),
    *("ranah_lain", "kurang"),
)

Card = dict[str, Any]


def cards(
    kelas: Kelas,
    semester: Semester,
    anggota_ids: Collection[int] | None = None,
    *,
    appendix: bool = False,
    paper: Paper = "a4",
) -> list[Card]:
    """The rapor of these pupils (the whole class without `anggota_ids`) as plain data, in the order of the class list.

    A card is text, whole numbers, true, false, nothing, lists and dictionaries. `kurang` names what is missing; a card
    with anything missing, or whose rapor is not final, is marked as draft. A missing mark is empty, never 0. Four
    queries for any number of pupils.
    """
    return cards_of([kelas], semester, anggota_ids, appendix=appendix, paper=paper)


def cards_of(
    classes: Sequence[Kelas],
    semester: Semester,
    anggota_ids: Collection[int] | None = None,
    *,
    appendix: bool = False,
    paper: Paper = "a4",
) -> list[Card]:
    """As `cards`, for several classes of one year, class by class. The queries do not grow with the classes either."""
    stored = _Stored(classes, semester, anggota_ids, appendix)
    made = []
    for kelas in classes:
        made += _of_class(kelas, semester, stored, appendix=appendix, paper=paper)
    return made


@dataclass(frozen=True, slots=True)
class _Pupil:
    """A pupil with all of which there is at most one a semester."""

    anggota: int
    nama: str
    nis: str
    nisn: str
    status: str | None
    catatan: str | None
    keputusan: str | None
    wali: str | None
    sakit: int | None
    izin: int | None
    tanpa_keterangan: int | None


class _Stored:
    """What the database holds for the cards of some classes, by pupil; all queries are here."""

    def __init__(
        self, classes: Sequence[Kelas], semester: Semester, anggota_ids: Collection[int] | None, appendix: bool
    ) -> None:
        wanted = [kelas.pk for kelas in classes]
        self.pupils: dict[int, list[_Pupil]] = defaultdict(list)
        for kelas, *facts in _members(wanted, semester, anggota_ids):
            self.pupils[kelas].append(_Pupil(*facts))
        ids = [pupil.anggota for pupils in self.pupils.values() for pupil in pupils]
        self.lessons: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        kkm = MapelTingkat.objects.filter(
            tahun=semester.tahun_id, mapel=OuterRef("mapel"), tingkat=OuterRef("kelas__tingkat")
        )
        taught = Pembelajaran.objects.filter(kelas__in=wanted).annotate(kkm=Subquery(kkm.order_by().values("kkm")))
        for lesson in taught.values_list("kelas_id", "pk", "mapel__nama", "mapel__kelompok", "kkm"):
            self.lessons[lesson[0]].append(lesson[1:])
        self.marks: dict[int, dict[int, tuple[Any, ...]]] = defaultdict(dict)
        columns = (*MARK_COLUMNS, "langkah") if appendix else MARK_COLUMNS
        for mark in NilaiRapor.objects.filter(semester=semester, anggota_id__in=ids).order_by().values_list(*columns):
            self.marks[mark[0]][mark[1]] = mark
        self.activities: dict[int, list[rules.Kegiatan]] = defaultdict(list)
        self.character: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
        self.achievements: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for kind, pupil, order, first, second, words, day in _entries(semester, ids):
            if kind == "kegiatan":
                self.activities[pupil].append(rules.Kegiatan(first, second, order, words))
            elif kind == "sikap":
                self.character[pupil][first] = (second, words)
            else:
                self.achievements[pupil].append((second, first, words, day))


def _members(classes: list[int], semester: Semester, anggota_ids: Collection[int] | None) -> Any:
    """The pupils in the order of the class list, with everything of which there is one a pupil and semester.

    Whoever has left is no longer in the class, and still has the rapor of the time before: ask for it by name.
    """
    members = AnggotaKelas.objects.filter(kelas__in=classes)
    members = members.filter(keluar__isnull=True) if anggota_ids is None else members.filter(pk__in=anggota_ids)
    own = {
        name: FilteredRelation(relation, condition=Q(**{f"{relation}__semester": semester}))
        for name, relation in (("keadaan", "rapor"), ("absen", "ketidakhadiran"), ("catatan", "catatan_wali"))
    }
    signing = Perwalian.objects.filter(peserta=OuterRef("peserta"), utama=True).order_by("pk")
    guardian = Subquery(signing.values("wali__nama")[:1])
    return members.annotate(**own, wali=guardian).values_list(
        *("kelas_id", "pk", "peserta__nama", "peserta__nis", "peserta__nisn", "keadaan__status", "catatan__isi"),
        *("kenaikan__kalimat", "wali", *(f"absen__{name}" for name in ABSENCE)),
    )


def _entries(semester: Semester, ids: list[int]) -> Any:
    """Achievements, activities and character in one query: kind, pupil, order, and three texts and a day by kind.

    Achievements stand first because PostgreSQL takes the type of a column from the first two parts that it joins.
    """
    nothing = Value(None, output_field=DateField())
    shape = ("jenis_entri", "anggota_id", "urut", "satu", "dua", "tiga", "hari")

    def of(model: Any, kind: str, **columns: Any) -> Any:
        rows = model.objects.filter(semester=semester, anggota_id__in=ids).order_by()
        return rows.annotate(jenis_entri=Value(kind), **columns).values_list(*shape)

    achievements = of(
        Prestasi, "prestasi", urut=F("pk"), satu=F("nama"), dua=F("jenis"), tiga=F("peringkat"), hari=F("tanggal")
    )
    activities = of(
        NilaiPengembangan,
        "kegiatan",
        urut=F("kegiatan__urutan"),
        satu=F("kegiatan__nama"),
        dua=F("nilai"),
        tiga=F("keterangan"),
        hari=nothing,
    )
    character = of(Sikap, "sikap", urut=Value(0), satu=F("aspek"), dua=F("kategori"), tiga=F("uraian"), hari=nothing)
    return achievements.union(activities, character, all=True).order_by("hari", "urut", "satu")


def _of_class(kelas: Kelas, semester: Semester, stored: _Stored, *, appendix: bool, paper: Paper) -> list[Card]:
    aturan = rules.aturan_untuk(kelas.kurikulum, semester.selesai)
    form = form_of(aturan, semester.nomor)
    shared = _shared(kelas, semester, aturan, form, paper)
    signature = _signature(kelas, semester)
    lessons = stored.lessons[kelas.pk]
    # The rapor is an Indonesian document, whatever language the person reads who prints it.
    with translation.override("id"):
        groups = {kind: str(name) for kind, name in MataPelajaran.Kelompok.choices}
    groups[MataPelajaran.Kelompok.MAPEL] = ""
    made = []
    for pupil in stored.pupils[kelas.pk]:
        missing: list[str] = [] if lessons else ["mata pelajaran"]
        own = stored.marks[pupil.anggota]
        rows, steps = [], []
        for lesson, title, group, kkm in lessons:
            row = own.get(lesson)
            mark = _mark(row, title, groups[group] or None, kkm, form)
            if row is None or mark["nilai"] is None or row[8] or None in [o["nilai"] for o in mark["ranah"].values()]:
                missing.append(title)
            rows.append(mark)
            if appendix and row and row[2] is not None:
                printed = _printed_steps(row[9], aturan)
                steps.append({"mapel": title, "nilai": row[2], "manual": mark["manual"], "langkah": printed})
        card: Card = shared | {
            "anggota": pupil.anggota,
            "peserta": {"nama": pupil.nama, "nomor_induk": pupil.nis, "nisn": pupil.nisn or None},
            "mapel": rows,
            "tanda_tangan": signature | {"orang_tua": {"nama": pupil.wali}},
            "lampiran": steps if appendix else None,
            "bukti": None,
        }
        card |= _personal(pupil, stored, aturan, form, missing)
        card["kurang"] = missing
        card["draf"] = bool(missing) or pupil.status != Rapor.Status.FINAL
        made.append(card)
    return made


def _shared(kelas: Kelas, semester: Semester, aturan: rules.AturanRapor, form: Form, paper: Paper) -> Card:
    sekolah = kelas.tahun.sekolah
    kabkota = sekolah.kabkota.nama
    return {
        "judul": form.judul,
        "bagian": form.bagian,
        "kolom": form.kolom,
        "sekolah": {
            "nama": sekolah.nama,
            "npsn": sekolah.npsn,
            "alamat": school_address(sekolah),
            "kabkota": kabkota,
            "kop": [kabkota],
        },
        "kelas": kelas.nama,
        "tingkat": ROMAN.get(kelas.tingkat, str(kelas.tingkat)),
        "fase": form.fase,
        "semester": semester.nomor,
        "tahun_pelajaran": kelas.tahun.label,
        "aturan": {"id": aturan.id, "sumber": aturan.sumber},
        "kertas": paper,
    }


def _signature(kelas: Kelas, semester: Semester) -> Card:
    kabkota = kelas.tahun.sekolah.kabkota.nama
    day = semester.tanggal_rapor
    place_and_date = (
        rules.tempat_tanggal(kabkota, day)
        if day
        else f"{rules.nama_kabkota(kabkota)}, ........................ {semester.selesai.year}"
    )
    homeroom = kelas.wali_kelas
    return {
        "tempat_tanggal": place_and_date,
        "wali_kelas": {"nama": homeroom.nama if homeroom else None, "nip": (homeroom and homeroom.nip) or None},
    }


def _mark(row: tuple[Any, ...] | None, title: str, group: str | None, kkm: int | None, form: Form) -> Card:
    """One line of the marks. The teacher's own words stand instead of the computed ones, and are marked (R24)."""
    if row is None:
        empty = {"nilai": None, "huruf": None, "predikat": None, "deskripsi": None}
        others = dict.fromkeys(form.ranah_lain, empty)
        return {"nama": title, "kelompok": group, "kkm": kkm, **empty, "manual": False, "ranah": others}
    return {
        "nama": title,
        "kelompok": group,
        "kkm": kkm,
        "nilai": row[2],
        "huruf": row[3] or None,
        "predikat": row[4] or None,
        "deskripsi": row[6] or row[5] or None,
        "manual": bool(row[6]),
        "ranah": {name: _other(row[7], name) for name in form.ranah_lain},
    }


def _other(stored: Mapping[str, Any], name: str) -> Card:
    """The second mark of a subject as `NilaiRapor.ranah_lain` holds it."""
    own = stored.get(name, stored)
    return {key: own.get(key) or None for key in ("huruf", "predikat", "deskripsi")} | {"nilai": own.get("nilai")}


def _personal(
    pupil: _Pupil, stored: _Stored, aturan: rules.AturanRapor, form: Form, missing: list[str]
) -> dict[str, Any]:
    """What stands beside the marks; adds what is missing to `missing`."""
    parts = form.jenis
    days: dict[str, str | None] = {}
    for name in ABSENCE:
        value = getattr(pupil, name)
        days[name] = None if value is None else rules.ketidakhadiran_cetak(value, aturan)
    if None in days.values():
        missing.append("ketidakhadiran")
    # A rule set without a place of its own for special notes prints them among the achievements.
    apart = {Prestasi.Jenis.KHUSUS} if "catatan_khusus" in parts else set()
    achievements = stored.achievements.get(pupil.anggota, ())
    card: Card = {
        "ketidakhadiran": days,
        "pengembangan": _activities(stored.activities.get(pupil.anggota, []), aturan),
        "sikap": [],
        "prestasi": [_achievement(one) for one in achievements if one[0] not in apart],
        "catatan_khusus": [_achievement(one) for one in achievements if one[0] in apart],
        "catatan_wali": (pupil.catatan or None) if "catatan_wali" in parts else None,
        "keputusan": None,
    }
    if "sikap" in parts:
        own = stored.character.get(pupil.anggota, {})
        for name, aspect in form.aspek.items():
            category, words = own.get(name, ("", ""))
            if not (category if aspect.kategori else words):
                missing.append(aspect.judul)
            card["sikap"].append(
                {
                    "aspek": name,
                    "judul": aspect.judul,
                    "pakai_kategori": bool(aspect.kategori),
                    "kategori": category or None,
                    "uraian": words or None,
                }
            )
    if "keputusan" in parts:
        card["keputusan"] = {"dasar": form.dasar_keputusan, "kalimat": pupil.keputusan or None}
        if not pupil.keputusan:
            missing.append("keputusan")
    return card


def _activities(own: list[rules.Kegiatan], aturan: rules.AturanRapor) -> list[Card]:
    """The activities that are printed, best first (R25). A rule set without letters prints all, in the school's order.

    A letter of another rule set, left from before the class changed its curriculum, says nothing here and is left out.
    """
    letters = rules.nilai_pengembangan(aturan)
    known = [one for one in own if one.nilai in letters]
    shown = rules.kegiatan_terbaik(known, aturan) if letters else own
    return [
        {
            "nama": one.nama,
            "nilai": one.nilai or None,
            "sebutan": letters.get(one.nilai),
            "keterangan": one.keterangan or None,
        }
        for one in shown
    ]


def _achievement(row: tuple[Any, ...]) -> Card:
    return {"nama": row[1], "peringkat": row[2] or None, "tanggal": long_date(row[3])}


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

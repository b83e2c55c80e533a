"""Whom a row of Dapodik means: the pupil, teacher or class stored here, a new one, or nobody that can be decided.

Dapodik knows pupils by NISN and NIPD and teachers by NUPTK and NIP. Where two of these point to two people, or a
number to somebody of another name, the row is refused with both sides shown: nobody's identity changes by import.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from mutu.imports.columns import normal_title
from mutu.imports.messages import Notice, quoted
from mutu.imports.parsing import Parsed, Record
from mutu.satuan.models import Guru, Sekolah
from mutu.satuan.services.pupil_list import AT, Stored
from mutu.satuan.sheets import PESERTA_DIDIK

TEACHERS = re.compile(r"\b(guru|kepala sekolah|kepsek)\b", re.IGNORECASE)
DAPODIK_NAMES = {"nis": "nipd", "kelas": "rombel"}
"""Our name of a column -> Dapodik's."""
PARENTS = (("nama_wali", "wali"), ("nama_ayah", "ayah"), ("nama_ibu", "ibu"))


@dataclass
class Matched:
    """What was decided for each row of a file, by place: its record, its reasons for refusal; and the warnings."""

    records: list[Record | None]
    reasons: dict[int, list[Notice]] = field(default_factory=lambda: defaultdict(list))
    warnings: list[Notice] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One row of Dapodik by the names of its columns."""

    parsed: Parsed
    at: int

    def _name(self, name: str) -> str:
        return name if name in self.parsed.sheet.places else DAPODIK_NAMES[name]

    def __getitem__(self, name: str) -> Any:
        return self.parsed.records[self.at][self.parsed.sheet.places[self._name(name)]]

    def notice(self, name: str, text: str) -> Notice:
        """A notice about one cell of the row."""
        place = self.parsed.layout.positions.get(self._name(name))
        title = self.parsed.layout.headings[place] if place is not None else ""
        return Notice(self.parsed.rows[self.at], title, quoted(self[name]), text)


def same_name(one: str, other: str) -> bool:
    """Whether two spellings mean one name: capitals, blanks and punctuation apart."""
    return normal_title(one) == normal_title(other)


def class_names(names: Sequence[str]) -> dict[str, str]:
    """Each class by its normalised name ("VII A" means VII-A); names that would be one are left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        found[normal_title(name)].append(name)
    return {key: same[0] for key, same in found.items() if len(same) == 1}


def match_pupils(
    parsed: Parsed, places: Sequence[int], stored: Mapping[str, Stored], classes: Mapping[str, str]
) -> Matched:
    """Find the stored pupil of each row at `places` and make the record of `PESERTA_DIDIK` that the row stands for.

    A number of the school (NIS) is never changed, and a guardian who is stored already is kept.
    """
    made = Matched([None] * len(parsed.records))
    by_nisn = {one.record[AT["nisn"]]: nis for nis, one in stored.items() if one.record[AT["nisn"]]}
    plain: dict[str, list[str]] = defaultdict(list)
    for number in stored:
        plain[number.lstrip("0")].append(number)
    taken: dict[str, list[int]] = defaultdict(list)
    for at in places:
        row = Row(parsed, at)
        nis = _pupil_number(row, stored, by_nisn, plain, made)
        if nis is None:
            continue
        taken[nis].append(at)
        known = stored.get(nis)
        guardian, tie = _guardian(row, known, made)
        kelas = classes.get(normal_title(row["kelas"]), row["kelas"])
        values = {name: row[name] for name in ("nama", "nisn", "jenis_kelamin", "tempat_lahir", "tanggal_lahir")}
        values |= {"nis": nis, "kelas": kelas, "nama_wali": guardian, "hubungan_wali": tie}
        made.records[at] = tuple(values[name] for name in PESERTA_DIDIK.names)
    for nis, rows in taken.items():
        for at in rows if len(rows) > 1 else ():
            text = _("Beberapa baris menunjuk peserta didik dengan NIS %(nis)s. Sisakan satu.") % {"nis": nis}
            made.reasons[at].append(Row(parsed, at).notice("nis", text))
    return made


def _pupil_number(
    row: Row,
    stored: Mapping[str, Stored],
    by_nisn: Mapping[Any, str],
    plain: Mapping[str, Sequence[str]],
    made: Matched,
) -> str | None:
    """The NIS that the row means; None when it is refused, with the reason in `made`."""
    nipd: str | None = row["nis"]
    nisn: str | None = row["nisn"]
    by_number = nipd if nipd in stored else None
    if nipd and by_number is None:
        short = [nis for nis in plain.get(nipd.lstrip("0"), ()) if same_name(stored[nis].row.nama, row["nama"])]
        if len(short) == 1:
            by_number = short[0]
            text = _("NIPD ini kehilangan nol di depan; dibaca %(nis)s, milik peserta didik bernama sama.")
            made.warnings.append(row.notice("nis", text % {"nis": by_number}))
    found: str | None = by_nisn.get(nisn) if nisn else None
    if found and by_number and found != by_number:
        text = _(
            "NISN ini milik peserta didik dengan NIS %(satu)s, tetapi NIPD-nya milik NIS %(dua)s. Betulkan salah satu."
        )
        made.reasons[row.at].append(row.notice("nisn", text % {"satu": found, "dua": by_number}))
        return None
    if found:
        if nipd and not by_number:
            text = _("NIPD berbeda dari NIS yang tersimpan (%(nis)s); NIS tidak diubah.")
            made.warnings.append(row.notice("nis", text % {"nis": found}))
        alike = same_name(stored[found].row.nama, row["nama"]) or _same_birth(row, stored[found])
        if not alike and not by_number:
            text = _("NISN ini tersimpan atas nama %(nama)s (NIS %(nis)s). Periksa NISN-nya, atau betulkan namanya.")
            made.reasons[row.at].append(row.notice("nama", text % {"nama": stored[found].row.nama, "nis": found}))
            return None
        return found
    if by_number:
        if not same_name(stored[by_number].row.nama, row["nama"]) and not _same_birth(row, stored[by_number]):
            text = _("NIPD ini tersimpan atas nama %(nama)s. Periksa NIPD-nya, atau betulkan namanya.")
            made.reasons[row.at].append(row.notice("nama", text % {"nama": stored[by_number].row.nama}))
            return None
        return by_number
    if not nipd:
        text = _(
            "NIPD kosong, dan NISN-nya belum dikenal di sini. Isi NIPD di Dapodik lalu unduh lagi, atau isi selnya "
            "dengan nomor induk dari sekolah."
        )
        made.reasons[row.at].append(row.notice("nis", text))
        return None
    return str(nipd)


def _same_birth(row: Row, known: Stored) -> bool:
    return row["tanggal_lahir"] is not None and row["tanggal_lahir"] == known.row.tanggal_lahir


def _guardian(row: Row, known: Stored | None, made: Matched) -> tuple[str | None, str | None]:
    """The guardian to store and the tie; nothing where one is stored already."""
    named = [(row[column], tie) for column, tie in PARENTS if row[column]]
    if known is None or known.tie is None:
        return named[0] if named else (None, None)
    stored = known.tie.wali.nama
    if named and not any(same_name(stored, name) for name, _tie in named):
        text = _("Orang tua/wali yang tersimpan (%(nama)s) tidak ada di baris ini; tidak diubah.")
        made.warnings.append(row.notice("nama_wali", text % {"nama": stored}))
    return None, None


@dataclass
class MatchedTeachers(Matched):
    """As `Matched`; `teachers` holds by place the stored teacher, or None for a new one."""

    teachers: dict[int, Guru | None] = field(default_factory=dict)


def match_teachers(parsed: Parsed, places: Sequence[int], sekolah: Sekolah) -> MatchedTeachers:
    """Find the stored teacher of each row at `places`: by NUPTK, by NIP, then by name. Staff who do not teach are
    refused with that reason. Records are of `GURU`."""
    made = MatchedTeachers([None] * len(parsed.records))
    stored = list(Guru.objects.filter(sekolah=sekolah).order_by("pk"))
    by_nuptk = {guru.nuptk: guru for guru in stored if guru.nuptk}
    by_nip = {guru.nip: guru for guru in stored if guru.nip}
    by_name: dict[str, list[Guru]] = defaultdict(list)
    for guru in stored:
        by_name[normal_title(guru.nama)].append(guru)
    taken: dict[Any, list[int]] = defaultdict(list)
    for at in places:
        row = Row(parsed, at)
        if row["jenis_ptk"] and not TEACHERS.search(row["jenis_ptk"]):
            text = _("Bukan guru, jadi tidak dicatat sebagai guru. Tidak perlu diperbaiki.")
            made.reasons[at].append(row.notice("jenis_ptk", text))
            continue
        found = _teacher(row, by_nuptk, by_nip, by_name, made)
        if at in made.reasons:
            continue
        made.teachers[at] = found
        made.records[at] = (row["nama"], row["nip"], row["nuptk"])
        taken[found.pk if found else normal_title(row["nama"])].append(at)
    for rows in taken.values():
        for at in rows if len(rows) > 1 else ():
            text = _("Guru ini terdapat di beberapa baris. Sisakan satu, atau lengkapi NUPTK dan NIP-nya.")
            made.reasons[at].append(Row(parsed, at).notice("nama", text))
    return made


def _teacher(
    row: Row,
    by_nuptk: Mapping[str, Guru],
    by_nip: Mapping[str, Guru],
    by_name: Mapping[str, Sequence[Guru]],
    made: Matched,
) -> Guru | None:
    """The stored teacher whom the row means; None for a new one, or with a reason in `made` for an undecided one."""
    one, two = by_nuptk.get(row["nuptk"]), by_nip.get(row["nip"])
    if one and two and one.pk != two.pk:
        text = _("NUPTK ini milik %(satu)s, tetapi NIP-nya milik %(dua)s. Betulkan salah satu.")
        made.reasons[row.at].append(row.notice("nuptk", text % {"satu": one.nama, "dua": two.nama}))
        return None
    if found := one or two:
        if _other(found.nuptk, row["nuptk"]) or _other(found.nip, row["nip"]):
            text = _("Satu nomornya sama dengan %(nama)s, yang lain berbeda. Periksa NUPTK dan NIP-nya.")
            made.reasons[row.at].append(row.notice("nama", text % {"nama": found.nama}))
        return found
    same = by_name.get(normal_title(row["nama"]), ())
    if len(same) > 1:
        text = _("Ada %(jumlah)d guru bernama sama. Isi NUPTK atau NIP supaya jelas siapa.") % {"jumlah": len(same)}
        made.reasons[row.at].append(row.notice("nama", text))
    elif same and (_other(same[0].nuptk, row["nuptk"]) or _other(same[0].nip, row["nip"])):
        text = _("Guru bernama sama tersimpan dengan nomor lain (NUPTK %(nuptk)s, NIP %(nip)s). Periksa nomornya.")
        values = {"nuptk": same[0].nuptk or "–", "nip": same[0].nip or "–"}
        made.reasons[row.at].append(row.notice("nama", text % values))
    elif same:
        return same[0]
    return None


def _other(stored: str, given: str | None) -> bool:
    return bool(stored and given and stored != given)

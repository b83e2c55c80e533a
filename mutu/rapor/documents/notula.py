"""The list that the teachers' meeting takes its minutes from: every pupil with what was looked at and decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from io import BytesIO

from mutu.rapor.models import Kenaikan
from mutu.rapor.services.kenaikan import Candidate
from mutu.reports import xlsx
from mutu.satuan.models import Semester

COLUMNS = (
    xlsx.Column("No", 5),
    xlsx.Column("Nama", 30),
    xlsx.Column("NIS", 10),
    xlsx.Column("Kelas", 9),
    xlsx.Column("Mapel belum tuntas", 9),
    xlsx.Column("Mapel", 44),
    xlsx.Column("Kriteria sekolah", 44),
    xlsx.Column("Yang masih kurang", 36),
    xlsx.Column("Keputusan menurut aturan", 30),
    xlsx.Column("Keputusan yang ditetapkan", 30),
    xlsx.Column("Alasan khusus", 36),
    xlsx.Column("Tanggal rapat", 13),
    xlsx.Column("Nomor notula", 18),
)


def minutes(found: Sequence[Candidate], semester: Semester) -> bytes:
    """The list as xlsx, in the order of the meeting: borderline pupils first."""
    target = BytesIO()
    rows = (_row(number, one) for number, one in enumerate(found, start=1))
    stamp = datetime.combine(semester.tanggal_rapor or semester.selesai, time(0, 0), tzinfo=UTC)
    xlsx.write(target, [xlsx.Sheet("Rapat kenaikan kelas", COLUMNS, rows)], timestamp=stamp)
    return target.getvalue()


def _row(number: int, one: Candidate) -> list[xlsx.Value]:
    stored = one.tersimpan or Kenaikan()
    met = {True: "terpenuhi", False: "tidak terpenuhi", None: "belum diketahui"}
    return [
        number,
        one.anggota.peserta.nama,
        one.anggota.peserta.nis,
        one.anggota.kelas.nama,
        None if one.akhir else len(one.belum),
        "; ".join(f"{name} ({how})" for name, how in one.belum),
        "; ".join(f"{satu.nama} {satu.nyata}: {met[satu.terpenuhi]}" for satu in one.kriteria),
        "; ".join(one.kurang),
        one.hasil.kalimat if one.hasil else "",
        stored.kalimat,
        stored.alasan_khusus,
        stored.rapat_tanggal,
        stored.rapat_nomor,
    ]

"""The head's plan: ranks, assessors, rounds of a year, who assesses whom, and the window each teacher agrees.

Refused before anything is stored: an assessor who assesses himself, has no appointment, no SK or no training, or whose
appointment has ended; an instrument that no longer holds; a load outside the limits; a teacher without a rank or who
works here no longer. All faults of a screen come back at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mutu.kinerja import rules
from mutu.kinerja.models import PangkatGuru, Penilai, PenilaianKinerja, RencanaKinerja
from mutu.kinerja.services.alur import kunci, langkah
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, Guru, Peran, Sekolah, Semester, TahunPelajaran

Status = PenilaianKinerja.Status
# An instrument of criteria belongs to an additional task; its holder teaches by the load of a subject teacher.
TEACHING = "guru-mapel"


# Ranks


def catat_pangkat(*, guru: Guru, golongan: str, tmt: date, by: Akun) -> PangkatGuru:
    """Keep a teacher's rank from a day on; the same day again replaces it. Raises InputError at `golongan`, `tmt`."""
    kode = rules.golongan(golongan.strip(), rules.aturan_terbaru()).kode
    if tmt > timezone.localdate():
        raise InputError.at("tmt", _("Pangkat dicatat setelah berlaku; tanggal ini belum tiba."))
    with ledger.record("kinerja.catat_pangkat", by=by, details={"guru": guru.pk}):
        row = PangkatGuru.objects.filter(guru=guru, tmt=tmt).first() or PangkatGuru(guru=guru, tmt=tmt)
        row.golongan = kode
        row.save()
    return row


def pangkat_pada(guru_ids: Iterable[int], tanggal: date) -> dict[int, PangkatGuru]:
    """The rank each teacher holds on a day, by the teacher's id. One query."""
    rows = PangkatGuru.objects.filter(guru__in=list(guru_ids), tmt__lte=tanggal).order_by("tmt")
    return {row.guru_id: row for row in rows}


# Assessors


def simpan_penilai(
    *,
    penilai: Penilai | None = None,
    sekolah: Sekolah,
    akun: Akun,
    dari: date,
    sampai: date | None = None,
    sk_nomor: str = "",
    sk_tanggal: date | None = None,
    pelatihan: date | None = None,
    pengawas: bool = False,
    versi: int | None = None,
    by: Akun,
) -> Penilai:
    """Appoint an assessor, or change an appointment seen in version `versi`.

    SK and training may follow later; until then the assessor gets no teacher. Raises InputError at `akun`, `sampai`,
    `sk_nomor`, `sk_tanggal`, `pelatihan`, and at `versi` when somebody wrote meanwhile.
    """
    galat = []
    if sampai is not None and sampai < dari:
        galat.append({"jalur": "sampai", "pesan": _("Masa tugas berakhir sebelum mulai; periksa kedua tanggalnya.")})
    if bool(sk_nomor.strip()) != bool(sk_tanggal):
        kurang = "sk_tanggal" if sk_nomor.strip() else "sk_nomor"
        galat.append({"jalur": kurang, "pesan": _("Nomor dan tanggal SK diisi bersama.")})
    if pelatihan is not None and pelatihan > timezone.localdate():
        galat.append({"jalur": "pelatihan", "pesan": _("Pelatihan ini belum berlangsung; isi setelah selesai.")})
    if not akun.is_active:
        galat.append({"jalur": "akun", "pesan": _("Akun itu sudah tidak aktif.")})
    if galat:
        raise InputError(galat)
    with ledger.record("kinerja.simpan_penilai", by=by, details={"sekolah": sekolah.pk, "akun": akun.pk}):
        row = Penilai.objects.get(pk=penilai.pk) if penilai else Penilai(sekolah=sekolah, akun=akun, versi=0)
        if penilai and versi is not None and row.versi != versi:
            raise InputError.at("versi", _("Penugasan ini baru saja diubah orang lain; muat ulang halamannya."))
        others = Penilai.objects.filter(sekolah=sekolah, akun=row.akun_id).exclude(pk=row.pk)
        overlap = others.filter(Q(sampai__isnull=True) | Q(sampai__gte=dari))
        if sampai is not None:
            overlap = overlap.filter(dari__lte=sampai)
        if overlap.exists():
            raise InputError.at("akun", _("Orang ini sudah bertugas pada masa itu; ubah penugasan yang ada."))
        row.dari, row.sampai, row.pengawas = dari, sampai, pengawas
        row.sk_nomor, row.sk_tanggal, row.pelatihan = " ".join(sk_nomor.split()), sk_tanggal, pelatihan
        row.versi += 1
        row.save()
    return row


def kurang_penilai(row: Penilai, rencana: RencanaKinerja | None = None) -> list[str]:
    """Why this assessor cannot be given a teacher (in this round, or today); empty when nothing is missing.

    A supervisor's authority comes from the office, so the school keeps no SK or training of theirs.
    """
    kurang = []
    if not row.pengawas and not (row.sk_nomor and row.sk_tanggal):
        kurang.append(_("belum mempunyai SK penilai"))
    if not row.pengawas and row.pelatihan is None:
        kurang.append(_("belum dicatat mengikuti pelatihan penilai"))
    akhir = rencana.selesai if rencana else timezone.localdate()
    if row.sampai is not None and row.sampai < akhir:
        kurang.append(_("masa tugasnya berakhir {tanggal}").format(tanggal=show_day(row.sampai)))
    if row.dari > akhir:
        kurang.append(_("masa tugasnya baru mulai {tanggal}").format(tanggal=show_day(row.dari)))
    if not row.akun.is_active:
        kurang.append(_("akunnya tidak aktif"))
    return kurang


def kepala_dari(sekolah: Sekolah) -> set[int]:
    """Ids of the accounts that head the school today."""
    return _holders(sekolah, Peran.Jenis.KEPALA_SEKOLAH)


def _holders(sekolah: Sekolah, jenis: str) -> set[int]:
    today = timezone.localdate()
    current = Q(sampai__isnull=True) | Q(sampai__gte=today)
    rows = Peran.objects.filter(current, sekolah=sekolah, jenis=jenis, dari__lte=today, akun__is_active=True)
    return set(rows.values_list("akun_id", flat=True))


# Rounds of a year


def batas_tahun(tahun: TahunPelajaran) -> tuple[date, date]:
    """First and last day of a school year, by its semesters."""
    days = list(Semester.objects.filter(tahun=tahun).values_list("mulai", "selesai"))
    if not days:
        return date(tahun.mulai, 7, 1), date(tahun.mulai + 1, 6, 30)
    return min(one for one, _last in days), max(last for _first, last in days)


def simpan_rencana(
    *, tahun: TahunPelajaran, jenis: str, mulai: date, selesai: date, by: Akun
) -> tuple[RencanaKinerja, list[str]]:
    """Plan a round of a year, or move its window; returns the round and the guideline's advice on its dates.

    Raises InputError at `jenis`, `mulai`, `selesai`, for a window outside the year, or one that leaves windows already
    told to teachers outside.
    """
    if jenis not in RencanaKinerja.Jenis.values:
        raise InputError.at("jenis", _("Pilih formatif, sumatif, atau kemajuan."))
    awal, akhir = batas_tahun(tahun)
    galat = []
    for jalur, satu in (("mulai", mulai), ("selesai", selesai)):
        if not awal <= satu <= akhir:
            pesan = _("Tanggal ini di luar tahun pelajaran {tahun} ({awal} sampai {akhir}).").format(
                tahun=tahun.label, awal=show_day(awal), akhir=show_day(akhir)
            )
            galat.append({"jalur": jalur, "pesan": pesan})
    if selesai < mulai:
        galat.append({"jalur": "selesai", "pesan": _("Selesai sebelum mulai; periksa kedua tanggalnya.")})
    if galat:
        raise InputError(galat)
    aturan = rules.aturan_pada(selesai)
    with ledger.record("kinerja.simpan_rencana", by=by, details={"tahun": tahun.pk, "jenis": jenis}):
        row = RencanaKinerja.objects.filter(tahun=tahun, jenis=jenis).first()
        row = row or RencanaKinerja(tahun=tahun, jenis=jenis, versi=0)
        told = row.penilaian.exclude(status=Status.DIRENCANAKAN) if row.pk else PenilaianKinerja.objects.none()
        if outside := told.filter(Q(jadwal_mulai__lt=mulai) | Q(jadwal_selesai__gt=selesai)).count():
            raise InputError.at(
                "mulai",
                _("{n} guru sudah diberi jadwal di luar jendela baru ini; perluas jendelanya.").format(n=outside),
            )
        row.mulai, row.selesai = mulai, selesai
        row.versi += 1
        row.save()
    return row, _saran(jenis, mulai, selesai, rules.jendela(jenis, awal, akhir, aturan))


def saran_rencana(rencana: RencanaKinerja) -> list[str]:
    """The guideline's advice on the dates of a round; empty when they fit."""
    window = rules.jendela(rencana.jenis, *batas_tahun(rencana.tahun), rules.aturan_pada(rencana.selesai))
    return _saran(rencana.jenis, rencana.mulai, rencana.selesai, window)


def _saran(jenis: str, mulai: date, selesai: date, window: tuple[date, date] | None) -> list[str]:
    if window is None or (window[0] <= mulai and selesai <= window[1]):
        return []
    return [
        _("Penilaian {jenis} sebaiknya antara {awal} dan {akhir}; rencana ini di luarnya.").format(
            jenis=jenis, awal=show_day(window[0]), akhir=show_day(window[1])
        )
    ]


# Who assesses whom


@dataclass(frozen=True)
class Baris:
    """One row of the screen: this teacher by this account with this instrument. `versi` is what the screen showed.

    `pk` names the assessment that the row changes; without it the row adds one. Without `penilai` it takes one away.
    """

    guru: int
    penilai: int | None
    instrumen: str
    jam: int | None
    bidang: str = ""
    pk: int | None = None
    versi: int = 0


@dataclass
class Tersimpan:
    """What became of a screen of rows."""

    baru: int = 0
    diubah: int = 0
    dihapus: int = 0


def simpan_penugasan(*, rencana: RencanaKinerja, baris: Sequence[Baris], by: Akun) -> Tersimpan:
    """Store who assesses whom, all rows or none. Raises InputError at `baris[n].field` with every fault of every row.

    Once announced, an assessment is no longer changed here.
    """
    done = Tersimpan()
    with ledger.record("kinerja.simpan_penugasan", by=by, details={"rencana": rencana.pk}) as notes:
        rounds = RencanaKinerja.objects.select_related("tahun__sekolah")
        if connection.features.has_select_for_update:
            # Two screens at once follow one another: the second meets what the first one stored.
            rounds = rounds.select_for_update(of=("self",))
        round_ = rounds.get(pk=rencana.pk)
        check = _Pemeriksa(round_, baris)
        galat: list[dict[str, str]] = []
        ready: list[tuple[Baris, PenilaianKinerja | None]] = []
        for at, one in enumerate(baris):
            found, row = check.row(at, one)
            galat += found
            ready.append((one, row))
        if galat:
            raise InputError(galat)
        for one, row in ready:
            if one.penilai is None:
                if row is not None:
                    row.delete()
                    done.dihapus += 1
                continue
            wanted = (one.penilai, one.instrumen, one.bidang, one.jam, check.pangkat[one.guru].golongan)
            if row is not None and wanted == (row.penilai_id, row.instrumen, row.bidang, row.jam, row.golongan):
                continue
            done.diubah += row is not None
            done.baru += row is None
            row = row or PenilaianKinerja(rencana=round_, guru_id=one.guru, versi=0)
            row.penilai_id, row.instrumen, row.bidang, row.jam, row.golongan = wanted
            row.versi += 1
            row.pada = timezone.now()
            row.save()
        notes.update(baru=done.baru, diubah=done.diubah, dihapus=done.dihapus)
    return done


class _Pemeriksa:
    """Everything that the rows of one screen are checked against, read once."""

    def __init__(self, rencana: RencanaKinerja, baris: Sequence[Baris]) -> None:
        sekolah = rencana.tahun.sekolah
        self.rencana = rencana
        self.aturan = rules.aturan_pada(rencana.selesai)
        self.guru = {row.pk: row for row in Guru.objects.filter(sekolah=sekolah)}
        self.bertugas = _holders(sekolah, Peran.Jenis.GURU)
        self.kepala = kepala_dari(sekolah)
        self.pangkat = pangkat_pada([one.guru for one in baris], rencana.mulai)
        self.ada = {row.pk: row for row in PenilaianKinerja.objects.filter(rencana=rencana).select_related("penilai")}
        self.penilai: dict[int, list[Penilai]] = {}
        for appointed in Penilai.objects.filter(sekolah=sekolah).select_related("akun"):
            self.penilai.setdefault(appointed.akun_id, []).append(appointed)
        kept = {one.pk: one for one in baris if one.pk}
        # What will stand beside a row once the screen is stored: another assessor for the same teacher is no second
        # opinion but a second assessment.
        self.taken: dict[tuple[int, str], int] = {}
        for pk, row in self.ada.items():
            one = kept.get(pk)
            if one is None or one.penilai:
                self.taken[row.guru_id, one.instrumen if one else row.instrumen] = pk
        self.first: dict[tuple[int, str], int] = {}
        for at, one in enumerate(baris):
            if one.pk is None and one.penilai:
                self.first.setdefault((one.guru, one.instrumen), at)

    def row(self, at: int, one: Baris) -> tuple[list[dict[str, str]], PenilaianKinerja | None]:
        """The faults of a row and the assessment it changes."""
        galat: list[dict[str, str]] = []

        def fault(field: str, pesan: str) -> None:
            galat.append({"jalur": f"baris[{at}].{field}", "pesan": pesan})

        row = self.ada.get(one.pk) if one.pk else None
        if one.pk and row is None:
            fault("penilai", _("Penilaian ini sudah dihapus orang lain; muat ulang halamannya."))
            return galat, None
        if row is not None and (row.versi != one.versi or row.guru_id != one.guru):
            fault("penilai", _("Baris ini baru saja diubah orang lain; muat ulang halamannya."))
            return galat, row
        if row is not None and row.status != Status.DIRENCANAKAN:
            if (one.penilai, one.instrumen, one.bidang, one.jam) != (
                row.penilai_id, row.instrumen, row.bidang, row.jam,
            ):  # fmt: skip
                fault("penilai", _("Penilaian ini sudah diumumkan kepada guru; penugasannya tidak diubah lagi."))
            return galat, row
        if one.penilai is None:
            return galat, row
        guru = self.guru.get(one.guru)
        if guru is None:
            fault("guru", _("Guru ini tidak bertugas di sekolah ini."))
            return galat, row
        nama = guru.nama
        if guru.akun_id is None:
            fault("guru", _("{nama} belum mempunyai akun, jadi tidak dapat diberi tahu.").format(nama=nama))
        elif guru.akun_id not in self.bertugas:
            fault("guru", _("{nama} sudah tidak bertugas sebagai guru di sekolah ini.").format(nama=nama))
        if one.guru not in self.pangkat:
            hari = show_day(self.rencana.mulai)
            fault("guru", _("Pangkat {nama} pada {hari} belum dicatat.").format(nama=nama, hari=hari))
        for pesan in self._assessor(one.penilai, guru):
            fault("penilai", pesan)
        for field, pesan in self._instrument(one):
            fault(field, pesan)
        other = self.taken.get((one.guru, one.instrumen))
        if (other is not None and other != one.pk) or self.first.get((one.guru, one.instrumen), at) != at:
            fault("penilai", _("{nama} sudah mempunyai penilai dengan instrumen ini.").format(nama=nama))
        return galat, row

    def _assessor(self, penilai: int, guru: Guru) -> list[str]:
        if penilai == guru.akun_id:
            return [_("{nama} tidak dapat menilai dirinya sendiri.").format(nama=guru.nama)]
        rows = self.penilai.get(penilai, [])
        if guru.akun_id in self.kepala and not any(row.pengawas for row in rows):
            return [_("Kepala sekolah dinilai pengawas sekolah.")]
        if penilai in self.kepala:
            return []
        if not rows:
            return [_("Orang ini belum ditugaskan sebagai penilai di sekolah ini.")]
        gaps = [kurang_penilai(row, self.rencana) for row in rows]
        if not all(gaps):
            return []
        return [_("{nama} {kurang}.").format(nama=rows[-1].akun, kurang=_(", dan ").join(gaps[-1]))]

    def _instrument(self, one: Baris) -> list[tuple[str, str]]:
        """Faults of instrument, field of duty and load."""
        try:
            instrumen = rules.instrumen_pada(one.instrumen, self.rencana.selesai, one.bidang or None)
        except InputError as error:
            return [("bidang" if satu["jalur"] == "bidang" else "instrumen", satu["pesan"]) for satu in error.galat]
        found = [("bidang", _("Pilih bidang tugasnya."))] if instrumen.bidang else []
        tugas = one.instrumen if one.instrumen in self.aturan.isi("tambahan") else None
        if one.jam is None:
            # The load belongs to the teaching; an additional task has none of its own.
            return found if tugas else [*found, ("jam", _("Isi beban seminggu (guru BK: banyak peserta didik)."))]
        try:
            rules.rasio_beban(TEACHING if tugas else one.instrumen, one.jam, self.aturan, tugas)
        except InputError as error:
            found.append(("jam", error.galat[0]["pesan"]))
        return found


# The window that assessor and teacher agree


def umumkan(
    *, penilaian: PenilaianKinerja, mulai: date | None = None, selesai: date | None = None, by: Akun
) -> PenilaianKinerja:
    """Tell the teacher who assesses, with which instrument, and the proposed window; the round's where none is given.

    Raises InputError at `mulai` or `selesai` for a window outside the round, and as `langkah`.
    """
    rencana = penilaian.rencana
    window = mulai or rencana.mulai, selesai or rencana.selesai
    _wajib_di_dalam(rencana, *window)
    with ledger.record("kinerja.umumkan", by=by, details={"penilaian": penilaian.pk}):
        done = langkah(penilaian, "umumkan", by=by)
        return _jadwalkan(done, *window)


def umumkan_semua(*, rencana: RencanaKinerja, by: Akun) -> int:
    """Announce every planned assessment of a round with its own window or the round's; returns how many."""
    with ledger.record("kinerja.umumkan_semua", by=by, details={"rencana": rencana.pk}):
        rows = rencana.penilaian.filter(status=Status.DIRENCANAKAN).select_related("rencana__tahun", "guru")
        waiting = [row for row in rows if row.jadwal_mulai is None]
        for row in waiting:
            umumkan(penilaian=row, by=by)
    return len(waiting)


def sepakati(*, penilaian: PenilaianKinerja, by: Akun) -> PenilaianKinerja:
    """The teacher agrees the proposed window. Raises InputError as `langkah`."""
    return langkah(penilaian, "sepakati", by=by)


def usulkan_jadwal(*, penilaian: PenilaianKinerja, mulai: date, selesai: date, by: Akun) -> PenilaianKinerja:
    """The teacher proposes another window; it waits until the assessor or the head announces it.

    Raises InputError at `mulai` or `selesai` for a window outside the round, and as `langkah`.
    """
    _wajib_di_dalam(penilaian.rencana, mulai, selesai)
    with ledger.record("kinerja.usulkan_jadwal", by=by, details={"penilaian": penilaian.pk}):
        done = langkah(penilaian, "usulkan", by=by)
        return _jadwalkan(done, mulai, selesai)


def mulai_pengamatan(*, penilaian: PenilaianKinerja, by: Akun) -> PenilaianKinerja:
    """The assessor begins. Raises InputError at `oleh` when the appointment has ended meanwhile, and as `langkah`."""
    with ledger.record("kinerja.mulai", by=by, details={"penilaian": penilaian.pk}):
        row = kunci(penilaian)
        wajib_masih_bertugas(row, by)
        return langkah(penilaian, "mulai", by=by)


def wajib_masih_bertugas(penilaian: PenilaianKinerja, by: Akun) -> None:
    """Raises InputError at `oleh` when the assessor's appointment does not cover today (the head needs none)."""
    sekolah = penilaian.rencana.tahun.sekolah
    if by.pk in kepala_dari(sekolah):
        return
    rows = Penilai.objects.filter(sekolah=sekolah, akun=by).select_related("akun")
    gaps = [kurang_penilai(row) for row in rows]
    if not gaps or all(gaps):
        kurang = _(", dan ").join(gaps[-1]) if gaps else _("tidak ada penugasannya")
        raise InputError.at("oleh", _("Anda tidak dapat menilai: {kurang}.").format(kurang=kurang))


def pangkat_berubah(penilaian: PenilaianKinerja) -> PangkatGuru | None:
    """A rank that began after the plan's own: the credit is counted by the rank at its start, so somebody must know."""
    rencana = penilaian.rencana
    rows = PangkatGuru.objects.filter(guru=penilaian.guru_id, tmt__gt=rencana.mulai, tmt__lte=rencana.selesai)
    return rows.exclude(golongan=penilaian.golongan).first()


def _wajib_di_dalam(rencana: RencanaKinerja, mulai: date, selesai: date) -> None:
    galat = []
    for jalur, satu in (("mulai", mulai), ("selesai", selesai)):
        if not rencana.mulai <= satu <= rencana.selesai:
            pesan = _("Jadwal harus di antara {awal} dan {akhir}.").format(
                awal=show_day(rencana.mulai), akhir=show_day(rencana.selesai)
            )
            galat.append({"jalur": jalur, "pesan": pesan})
    if selesai < mulai:
        galat.append({"jalur": "selesai", "pesan": _("Selesai sebelum mulai; periksa kedua tanggalnya.")})
    if galat:
        raise InputError(galat)


def _jadwalkan(penilaian: PenilaianKinerja, mulai: date, selesai: date) -> PenilaianKinerja:
    penilaian.jadwal_mulai, penilaian.jadwal_selesai = mulai, selesai
    penilaian.save(update_fields=["jadwal_mulai", "jadwal_selesai"])
    return penilaian


def show_day(day: date) -> str:
    """A day as people write it."""
    return date_format(day, "j F Y")

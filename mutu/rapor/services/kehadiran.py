"""Daily attendance of a class and the days of absence it adds up to (Bab II.C, Ketidakhadiran; R30, R31).

Whoever has no row on a recorded day was present. The counters of the semester are renewed in the same transaction, for
every pupil who sat in the class on a recorded day; before the first such day nothing is recorded, which is not zero.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mutu.rapor.models import HariKehadiran, KehadiranHarian, Ketidakhadiran
from mutu.rapor.services.keadaan import kunci_pribadi
from mutu.rapor.services.pribadi import lock_class
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, AnggotaKelas, Kelas, Semester

STATUS = tuple(KehadiranHarian.Status.values)
SUNDAY = 6


def pupils_on(kelas: Kelas, tanggal: date) -> list[AnggotaKelas]:
    """Who sat in the class on a day: not before joining it, not from the day of leaving."""
    return list(
        AnggotaKelas.objects.filter(
            Q(masuk__isnull=True) | Q(masuk__lte=tanggal), Q(keluar__isnull=True) | Q(keluar__gt=tanggal), kelas=kelas
        ).select_related("peserta")
    )


def check_day(semester: Semester, tanggal: date, today: date | None = None) -> None:
    """Raises InputError at `tanggal` for a day on which no attendance can be taken, saying why."""
    if tanggal > (today or timezone.localdate()):
        reason = _("Tanggal ini belum terjadi; kehadiran diisi pada harinya atau sesudahnya.")
    elif not semester.mulai <= tanggal <= semester.selesai:
        reason = _("Tanggal ini di luar semester, yang berlangsung {mulai} sampai {selesai}.").format(
            mulai=date_format(semester.mulai, "j F Y"), selesai=date_format(semester.selesai, "j F Y")
        )
    elif tanggal.weekday() == SUNDAY:
        reason = _("Tanggal ini hari Minggu; pilih hari sekolah.")
    else:
        return
    raise InputError.at("tanggal", reason)


def typed_by_hand(kelas: Kelas, semester: Semester) -> int:
    """How many pupils of the class have days of absence that were typed, not added up."""
    return (
        Ketidakhadiran.objects.filter(semester=semester, anggota__kelas=kelas, dari_harian=False)
        .exclude(sakit__isnull=True, izin__isnull=True, tanpa_keterangan__isnull=True)
        .count()
    )


def take_attendance(
    *,
    kelas: Kelas,
    semester: Semester,
    tanggal: date,
    absen: Mapping[int, str],
    versi: int,
    ganti: bool = False,
    by: Akun,
    today: date | None = None,
) -> HariKehadiran:
    """Record who was absent on a day (anggota id -> sakit, izin or tanpa_keterangan) and renew the counters.

    `ganti` says that the days typed by hand may give way to those added up. Raises InputError at `tanggal` (see
    `check_day`), at the pupil's id for an unknown pupil or status or a locked rapor whose figures would change, at
    `versi` when somebody recorded this day meanwhile, and at `ganti` where typed days would be lost unasked.
    Source: Bab II.C, Ketidakhadiran.
    """
    check_day(semester, tanggal, today)
    with ledger.record("rapor.catat_kehadiran", by=by, details={"kelas": kelas.pk, "tanggal": str(tanggal)}) as notes:
        lock_class(kelas)
        members = {member.pk: member for member in pupils_on(kelas, tanggal)}
        galat = [
            {"jalur": str(anggota), "pesan": _("Peserta didik atau pilihan ini tidak dikenal; muat ulang halaman.")}
            for anggota, status in absen.items()
            if anggota not in members or status not in STATUS
        ]
        if galat:
            raise InputError(galat)
        if typed_by_hand(kelas, semester) and not ganti:
            raise InputError.at(
                "ganti", _("Ketidakhadiran yang sudah diisi tangan akan diganti jumlah harian; setujui dahulu.")
            )
        day = HariKehadiran.objects.filter(kelas=kelas, tanggal=tanggal).first()
        if (day.versi if day else 0) != versi:
            raise InputError.at("versi", _stale(day))
        if day is None:
            day = HariKehadiran(kelas=kelas, semester=semester, tanggal=tanggal, versi=0)
        before = {} if day.pk is None else {row.anggota_id: row for row in day.absen.all()}
        day.versi += 1
        day.save()
        for anggota, row in before.items():
            if anggota not in absen:
                row.delete()
            elif row.status != absen[anggota]:
                row.status = absen[anggota]
                row.save()
        KehadiranHarian.objects.bulk_create(
            KehadiranHarian(hari=day, anggota_id=anggota, status=status)
            for anggota, status in absen.items()
            if anggota not in before
        )
        notes["tidak_hadir"] = len(absen)
        _add_up(kelas, semester)
    return day


def remove_day(*, hari: HariKehadiran, versi: int, by: Akun) -> None:
    """Take back a day that was recorded by mistake; without any day left, nothing is recorded.

    Raises InputError at `versi`, or at a pupil's id whose rapor is locked.
    """
    with ledger.record("rapor.hapus_kehadiran", by=by, details={"kelas": hari.kelas_id, "tanggal": str(hari.tanggal)}):
        lock_class(hari.kelas)
        day = HariKehadiran.objects.filter(pk=hari.pk).select_related("kelas", "semester").first()
        if day is None or day.versi != versi:
            raise InputError.at("versi", _stale(day))
        day.delete()
        _add_up(day.kelas, day.semester)


def absences_of(kelas: Kelas, semester: Semester) -> dict[int, list[KehadiranHarian]]:
    """The days behind the counters: anggota id -> that pupil's absences, oldest first. One query."""
    found: dict[int, list[KehadiranHarian]] = defaultdict(list)
    rows = KehadiranHarian.objects.filter(hari__kelas=kelas, hari__semester=semester).select_related("hari")
    for row in rows.order_by("hari__tanggal"):
        found[row.anggota_id].append(row)
    return found


def latest_day(kelas: Kelas, semester: Semester) -> date | None:
    """The last day on which attendance of this class was recorded; None while it is not kept daily."""
    return HariKehadiran.objects.filter(kelas=kelas, semester=semester).aggregate(day=Max("tanggal"))["day"]


def _stale(day: HariKehadiran | None) -> str:
    if day is None:
        return _("Hari ini sudah dihapus orang lain sejak Anda membukanya.")
    absent = ", ".join(
        f"{row.anggota.peserta.nama} ({row.get_status_display().lower()})"
        for row in day.absen.select_related("anggota__peserta").order_by("anggota__peserta__nama")
    )
    return _("Hari ini sudah dicatat orang lain sejak Anda membukanya. Tersimpan sekarang: {isi}.").format(
        isi=absent or _("semua hadir")
    )


def _add_up(kelas: Kelas, semester: Semester) -> None:
    """Renew the counters of a class from its days. Raises InputError at the id of a pupil whose rapor is locked."""
    days = sorted(HariKehadiran.objects.filter(kelas=kelas, semester=semester).values_list("tanggal", flat=True))
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    absences = KehadiranHarian.objects.filter(hari__kelas=kelas, hari__semester=semester)
    for anggota, status in absences.values_list("anggota_id", "status"):
        counted[anggota][status] += 1
    members = list(AnggotaKelas.objects.filter(kelas=kelas).select_related("peserta"))
    stored = {row.anggota_id: row for row in Ketidakhadiran.objects.filter(semester=semester, anggota__in=members)}
    changed = []
    for member in members:
        row = stored.get(member.pk)
        sat = _sat_on_one(member, days)
        if not sat and (row is None or not row.dari_harian):
            continue
        row = row or Ketidakhadiran(anggota=member, semester=semester, versi=0)
        values = {name: counted[member.pk][name] if sat else None for name in STATUS}
        if row.dari_harian == sat and all(getattr(row, name) == value for name, value in values.items()):
            continue
        for name, value in values.items():
            setattr(row, name, value)
        row.dari_harian = sat
        row.versi += 1
        changed.append(row)
    locked = kunci_pribadi(semester, [row.anggota_id for row in changed])
    if locked:
        names = {member.pk: member.peserta.nama for member in members}
        raise InputError([{"jalur": str(pk), "pesan": f"{names[pk]}: {text}"} for pk, text in locked.items()])
    for row in changed:
        row.save()


def _sat_on_one(member: AnggotaKelas, days: Iterable[date]) -> bool:
    return any(
        (member.masuk is None or member.masuk <= day) and (member.keluar is None or member.keluar > day) for day in days
    )

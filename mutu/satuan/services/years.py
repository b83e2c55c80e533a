"""School years with their semesters, classes, subjects, and who teaches what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from mutu.regulation.exact import school_year, semester_dates
from mutu.satuan import ledger
from mutu.satuan.models import (
    Akun,
    Guru,
    Kelas,
    MataPelajaran,
    Pembelajaran,
    Sekolah,
    Semester,
    TahunPelajaran,
)
from mutu.satuan.services.saving import save, tidy


@dataclass(frozen=True)
class Half:
    """The dates of one semester; `tanggal_rapor` is the day its rapor is handed over."""

    mulai: date
    selesai: date
    tanggal_rapor: date | None = None


def usual_halves(mulai: int) -> tuple[Half, Half]:
    """The two semesters as the Indonesian school calendar has them; a school may differ."""
    label = f"{mulai}/{mulai + 1}"
    return Half(*semester_dates(label, 1)), Half(*semester_dates(label, 2))


def parse_year(label: str) -> int:
    """The first year of a label such as `2007/2008`. Raises `ValidationError` for two years that do not follow."""
    try:
        return school_year(tidy(label))
    except ValueError:
        raise ValidationError(
            {"tahun": _("Tahun pelajaran harus dua tahun berurutan, misalnya 2007/2008. Periksa dan ketik ulang.")}
        ) from None


def create_school_year(
    *, sekolah: Sekolah, mulai: int, halves: Sequence[Half] | None = None, by: Akun | str
) -> TahunPelajaran:
    """Open a school year with its two semesters. Raises `ValidationError`."""
    with ledger.record("tahun.buat", by=by, details={"sekolah": sekolah.pk, "mulai": mulai}):
        tahun = TahunPelajaran(sekolah=sekolah, mulai=mulai)
        save(tahun)
        _store_halves(tahun, halves or usual_halves(mulai))
    return tahun


def edit_semesters(*, tahun: TahunPelajaran, halves: Sequence[Half], by: Akun | str) -> None:
    """Change the dates of both semesters of a year. Raises `ValidationError`."""
    with ledger.record("tahun.ubah_semester", by=by, details={"tahun": tahun.pk}):
        _store_halves(tahun, halves)


def _store_halves(tahun: TahunPelajaran, halves: Sequence[Half]) -> None:
    """Store both semesters; errors carry the number of the semester in the field's name (`selesai_1`)."""
    first, second = halves
    errors: dict[str, str] = {}
    earliest, latest = date(tahun.mulai, 1, 1), date(tahun.mulai + 1, 12, 31)
    for nomor, half in ((1, first), (2, second)):
        for name in ("mulai", "selesai", "tanggal_rapor"):
            day = getattr(half, name)
            if day is not None and not earliest <= day <= latest:
                errors[f"{name}_{nomor}"] = _("Tanggal ini di luar tahun pelajaran %(tahun)s. Periksa tahunnya.") % {
                    "tahun": tahun.label
                }
        if half.selesai <= half.mulai:
            errors.setdefault(f"selesai_{nomor}", _("Tanggal selesai harus sesudah tanggal mulai."))
        if half.tanggal_rapor is not None and half.tanggal_rapor < half.mulai:
            errors.setdefault(f"tanggal_rapor_{nomor}", _("Rapor dibagikan sesudah semester mulai."))
    if second.mulai <= first.selesai:
        errors.setdefault("mulai_2", _("Semester 2 harus mulai sesudah semester 1 selesai."))
    if errors:
        raise ValidationError(errors)
    for nomor, half in ((1, first), (2, second)):
        row = Semester.objects.filter(tahun=tahun, nomor=nomor).first() or Semester(tahun=tahun, nomor=nomor)
        row.mulai, row.selesai, row.tanggal_rapor = half.mulai, half.selesai, half.tanggal_rapor
        save(row)


CurriculumCheck = Callable[[Kelas, str], str | None]
_curriculum_checks: list[CurriculumCheck] = []


def curriculum_check(check: CurriculumCheck) -> CurriculumCheck:
    """Register a subject's reason, as a sentence, why a class cannot follow a curriculum; None when it can.

    Subjects keep such checks in `services/kurikulum.py`, where they are found when first needed.
    """
    _curriculum_checks.append(check)
    return check


def create_class(
    *,
    tahun: TahunPelajaran,
    tingkat: int,
    nama: str,
    kurikulum: str = "",
    wali_kelas: Guru | None = None,
    by: Akun | str,
) -> Kelas:
    """Form a class in a year; without a curriculum it follows KTSP. Raises `ValidationError`."""
    kelas = Kelas(tahun=tahun)
    return edit_class(kelas=kelas, tingkat=tingkat, nama=nama, kurikulum=kurikulum, wali_kelas=wali_kelas, by=by)


def edit_class(
    *, kelas: Kelas, tingkat: int, nama: str, kurikulum: str = "", wali_kelas: Guru | None, by: Akun | str
) -> Kelas:
    """Change a class's grade, name, curriculum (empty leaves it) or homeroom teacher. Raises `ValidationError`.

    A curriculum is refused at `kurikulum` when a subject has a reason against it; see `curriculum_check`.
    """
    _same_school("wali_kelas", wali_kelas, kelas.tahun.sekolah_id)
    if kurikulum and (kelas.pk is None or kurikulum != kelas.kurikulum):
        _check_curriculum(kelas, kurikulum)
        kelas.kurikulum = kurikulum
    verb = "kelas.buat" if kelas.pk is None else "kelas.ubah"
    with ledger.record(verb, by=by, details={"tahun": kelas.tahun_id}):
        kelas.tingkat, kelas.nama, kelas.wali_kelas = tingkat, tidy(nama), wali_kelas
        twin = Kelas.objects.filter(tahun=kelas.tahun, nama__iexact=kelas.nama).exclude(pk=kelas.pk)
        if twin.exists():
            raise ValidationError({"nama": _("Kelas dengan nama ini sudah ada pada tahun pelajaran ini.")})
        save(kelas)
    return kelas


def _check_curriculum(kelas: Kelas, kurikulum: str) -> None:
    if kurikulum not in Kelas.Kurikulum.values:
        raise ValidationError({"kurikulum": _("Pilih kurikulum dari daftar.")})
    autodiscover_modules("services.kurikulum")
    for check in _curriculum_checks:
        if reason := check(kelas, kurikulum):
            raise ValidationError({"kurikulum": reason})


def delete_class(*, kelas: Kelas, by: Akun | str) -> None:
    """Take back a class that nothing hangs on yet. Raises `ValidationError` when something does."""
    with ledger.record("kelas.hapus", by=by, details={"kelas": kelas.pk}):
        try:
            kelas.delete()
        except ProtectedError:
            raise ValidationError(
                _("Kelas ini sudah mempunyai anggota atau pembelajaran, jadi tidak dapat dihapus.")
            ) from None


def create_subject(
    *,
    sekolah: Sekolah,
    nama: str,
    kelompok: str = MataPelajaran.Kelompok.MAPEL,
    bidang: str = "",
    urutan: int | None = None,
    by: Akun | str,
) -> MataPelajaran:
    """Add a subject to the school's structure; without `urutan` it stands last. Raises `ValidationError`."""
    if urutan is None:
        last = (
            MataPelajaran.objects.filter(sekolah=sekolah).order_by("-urutan").values_list("urutan", flat=True).first()
        )
        urutan = (last or 0) + 1
    mapel = MataPelajaran(sekolah=sekolah)
    return edit_subject(mapel=mapel, nama=nama, kelompok=kelompok, bidang=bidang, urutan=urutan, by=by)


def edit_subject(
    *, mapel: MataPelajaran, nama: str, kelompok: str, urutan: int, bidang: str | None = None, by: Akun | str
) -> MataPelajaran:
    """Change a subject's name, group, place on the card, or what its teacher sets; None leaves `bidang` as it is.

    Raises `ValidationError`.
    """
    verb = "mapel.buat" if mapel.pk is None else "mapel.ubah"
    with ledger.record(verb, by=by, details={"sekolah": mapel.sekolah_id}):
        mapel.nama, mapel.kelompok, mapel.urutan = tidy(nama), kelompok, urutan
        if bidang is not None:
            mapel.bidang = bidang
        twin = MataPelajaran.objects.filter(sekolah=mapel.sekolah, nama__iexact=mapel.nama).exclude(pk=mapel.pk)
        if twin.exists():
            raise ValidationError({"nama": _("Mata pelajaran dengan nama ini sudah ada di sekolah ini.")})
        save(mapel)
    return mapel


def assign_teacher(*, kelas: Kelas, mapel: MataPelajaran, guru: Guru | None, by: Akun | str) -> Pembelajaran:
    """Have a subject taught to a class by a teacher (None: not known yet); called again it changes the teacher.

    Raises `ValidationError`.
    """
    _same_school("mapel", mapel, kelas.tahun.sekolah_id)
    _same_school("guru", guru, kelas.tahun.sekolah_id)
    with ledger.record("pembelajaran.tetapkan", by=by, details={"kelas": kelas.pk, "mapel": mapel.pk}):
        row = Pembelajaran.objects.filter(kelas=kelas, mapel=mapel).first() or Pembelajaran(kelas=kelas, mapel=mapel)
        row.guru = guru
        save(row)
    return row


def set_lessons(*, kelas: Kelas, chosen: Sequence[tuple[MataPelajaran, bool, Guru | None]], by: Akun | str) -> None:
    """Set for each subject whether the class has it and who teaches it, all at once.

    Raises `ValidationError` (field `mapel_<id>`) where a subject with marks would be taken out; then nothing changes.
    """
    with ledger.record("pembelajaran.atur", by=by, details={"kelas": kelas.pk}):
        stored = {row.mapel_id: row for row in kelas.pembelajaran.all()}
        for mapel, wanted, guru in chosen:
            row = stored.get(mapel.pk)
            if wanted and (row is None or row.guru_id != (guru.pk if guru else None)):
                assign_teacher(kelas=kelas, mapel=mapel, guru=guru, by=by)
            elif not wanted and row is not None:
                try:
                    remove_lesson(pembelajaran=row, by=by)
                except ValidationError as error:
                    raise ValidationError({f"mapel_{mapel.pk}": error.messages}) from None


def remove_lesson(*, pembelajaran: Pembelajaran, by: Akun | str) -> None:
    """Take a subject out of a class while it has no marks. Raises `ValidationError` when it has."""
    with ledger.record("pembelajaran.hapus", by=by, details={"pembelajaran": pembelajaran.pk}):
        try:
            pembelajaran.delete()
        except ProtectedError:
            raise ValidationError(
                _("Mata pelajaran ini sudah bernilai di kelas itu, jadi tidak dapat dikeluarkan.")
            ) from None


def _same_school(field: str, row: Guru | MataPelajaran | None, sekolah_id: int) -> None:
    if row is not None and row.sekolah_id != sekolah_id:
        raise ValidationError({field: _("Pilihan ini milik sekolah lain. Pilih dari daftar.")})

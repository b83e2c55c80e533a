"""How every service of `satuan` stores one row: tidy text, judge it, and say in Indonesian what is wrong.

The database holds the same rules as constraints; here they become a sentence beside the field. A row that slipped past
because two people saved at once is refused by the constraint and reported the same way.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# constraint -> (field to blame, what is wrong and how to mend it)
BROKEN: dict[str, tuple[str, str]] = {
    "sekolah_npsn_8_angka": ("npsn", gettext_noop("NPSN harus tepat 8 angka. Periksa dan ketik ulang.")),
    "sekolah_koordinat_sepasang": (
        "lintang",
        gettext_noop("Lintang dan bujur harus diisi keduanya, atau dikosongkan keduanya."),
    ),
    "tahun_pelajaran_sekali": ("mulai", gettext_noop("Tahun pelajaran ini sudah ada di sekolah ini.")),
    "tahun_pelajaran_wajar": ("mulai", gettext_noop("Tahun pelajaran harus antara 1990/1991 dan 2100/2101.")),
    "semester_sekali": ("nomor", gettext_noop("Semester ini sudah ada pada tahun pelajaran itu.")),
    "semester_1_atau_2": ("nomor", gettext_noop("Semester harus 1 atau 2.")),
    "semester_urut": ("selesai", gettext_noop("Tanggal selesai harus sesudah tanggal mulai. Betulkan salah satunya.")),
    "kelas_nama_sekali": ("nama", gettext_noop("Kelas dengan nama ini sudah ada pada tahun pelajaran ini.")),
    "kelas_tingkat_wajar": ("tingkat", gettext_noop("Tingkat harus antara 1 dan 12.")),
    "mapel_nama_sekali": ("nama", gettext_noop("Mata pelajaran dengan nama ini sudah ada di sekolah ini.")),
    "pembelajaran_sekali": ("mapel", gettext_noop("Mata pelajaran ini sudah ada di kelas itu. Ubah gurunya di sana.")),
    "guru_nip_sekali": ("nip", gettext_noop("NIP ini sudah dipakai guru lain di sekolah ini. Periksa angkanya.")),
    "guru_nuptk_sekali": ("nuptk", gettext_noop("NUPTK ini sudah dipakai guru lain di sekolah ini. Periksa angkanya.")),
    "peserta_nis_sekali": ("nis", gettext_noop("NIS ini sudah dipakai peserta didik lain di sekolah ini.")),
    "peserta_nisn_sekali": (
        "nisn",
        gettext_noop("NISN ini sudah dipakai peserta didik lain di sekolah ini. Periksa angkanya."),
    ),
    "perwalian_sekali": ("wali", gettext_noop("Orang tua/wali ini sudah tercatat untuk peserta didik itu.")),
    "anggota_kelas_sekali": ("peserta", gettext_noop("Peserta didik ini sudah tercatat di kelas itu.")),
    "peran_sekali": ("jenis", gettext_noop("Akun ini sudah memegang peran itu di sekolah itu.")),
    "peran_lingkup": ("sekolah", gettext_noop("Peran operator berlaku tanpa sekolah; peran lain perlu sekolah.")),
}


def tidy(text: object) -> str:
    """Text as people mean it: without outer blanks, inner blanks as one space, in Unicode form NFC."""
    return unicodedata.normalize("NFC", " ".join(str(text or "").split()))


def save(row: models.Model) -> None:
    """Judge a row and store it. Raises `ValidationError` with a sentence per field; then nothing is stored."""
    for field in row._meta.concrete_fields:
        if isinstance(field, models.CharField):
            setattr(row, field.attname, tidy(getattr(row, field.attname)))
    errors: dict[str, list[Any]] = {}
    try:
        row.clean_fields()
    except ValidationError as fault:
        errors = {name: list(found) for name, found in fault.error_dict.items()}
    for field in row._meta.concrete_fields:
        if isinstance(field, models.CharField) and not getattr(row, field.attname).isprintable():
            errors.setdefault(field.name, []).append(
                ValidationError(_("Ada huruf yang tidak terlihat. Hapus isinya, lalu ketik ulang."))
            )
    for constraint in row._meta.constraints:
        try:
            constraint.validate(type(row), row, exclude=set(errors))
        except ValidationError:
            name, text = BROKEN.get(constraint.name, (NON_FIELD_ERRORS, gettext_noop("Data ini tidak konsisten.")))
            errors.setdefault(name, []).append(ValidationError(_(text), code=constraint.name))
    for field in row._meta.concrete_fields:
        if field.unique and not field.primary_key and field.name not in errors:
            value = getattr(row, field.attname)
            if value is not None and type(row)._default_manager.filter(**{field.attname: value}).exclude(pk=row.pk):
                errors.setdefault(field.name, []).append(ValidationError(_("Sudah dipakai. Pilih yang lain.")))
    if errors:
        raise ValidationError(errors)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ValidationError(
            _("Data yang sama baru saja disimpan orang lain. Muat ulang halaman, lalu periksa.")
        ) from None


def digits(value: str, length: int, name: str, field: str) -> str:
    """A code of exactly `length` plain digits, or "" where there is none. Raises `ValidationError` at `field`."""
    text = tidy(value).replace(" ", "")
    if text and not (text.isascii() and text.isdigit() and len(text) == length):
        raise ValidationError({field: _("%(nama)s harus tepat %(jumlah)d angka.") % {"nama": name, "jumlah": length}})
    return text

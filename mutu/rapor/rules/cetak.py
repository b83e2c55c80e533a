"""Bab II.C: how identity, absence, place and date stand on the paper."""

import re
from datetime import date

from mutu.rapor.rules.aturan import AturanRapor, aturan_terbaru
from mutu.regulation.exact import long_date
from mutu.regulation.explain import InputError

# Bab II.C, Identitas


def alamat_cetak(
    *,
    jalan: str | None = None,
    nomor: str | None = None,
    kota: str | None = None,
    desa: str | None = None,
    kecamatan: str | None = None,
    kabupaten: str | None = None,
) -> str:
    """The school's address on the rapor: street, number, city; or village, district, regency outside a city.

    A city (`kota`) decides the shape. Parts that are not known are left out. Source: Bab II.C, Identitas huruf b.
    """
    if kota and kota.strip():
        bagian = [jalan, f"No. {nomor.strip()}" if nomor and nomor.strip() else None, nama_kabkota(kota)]
        return " ".join(satu.strip() for satu in bagian if satu and satu.strip())
    tempat = [desa, _KECAMATAN.sub("", kecamatan.strip()) if kecamatan else None]
    tempat.append(nama_kabkota(kabupaten) if kabupaten else None)
    return ", ".join(satu.strip() for satu in tempat if satu and satu.strip())


def kelas_cetak(kelas: str, aturan: AturanRapor | None = None) -> str:
    """A class with its reading, “VIII (delapan)”. Raises InputError at `kelas` for another one. Source: Bab II.C."""
    kata = (aturan or aturan_terbaru()).isi("kelas_huruf")
    if kelas not in kata:
        raise InputError.at("kelas", f"Kelas ini tidak dikenal; pilih {', '.join(kata)}.")
    return f"{kelas} ({kata[kelas]})"


# Bab II.C, Ketidakhadiran


def ketidakhadiran_cetak(hari: int, aturan: AturanRapor | None = None) -> str:
    """Days absent in one category as printed: “4”, and a dash for none.

    Not recorded is not zero: the caller keeps that apart. Raises InputError at `hari` below 0, TypeError for a
    value that is no int. Source: Bab II.C, Ketidakhadiran.
    """
    if isinstance(hari, bool) or not isinstance(hari, int):
        raise TypeError(f"days are an int, not {type(hari).__name__}")
    if hari < 0:
        raise InputError.at("hari", f"Ketidakhadiran {hari} hari tidak mungkin; isi 0 atau lebih.")
    return str(hari) if hari else str((aturan or aturan_terbaru()).isi("ketidakhadiran_nol"))


# Bab II.C, Keputusan kenaikan kelas: tempat dan tanggal

_JENIS_WILAYAH = re.compile(r"^(?:kabupaten|kab\.?|kota)(?:\s+administrasi|\s+adm\.?)?\s+", re.IGNORECASE)
_KECAMATAN = re.compile(r"^(?:kecamatan|kec\.?)\s+", re.IGNORECASE)


def nama_kabkota(kabkota: str) -> str:
    """The bare name of a regency or city: “Kab. Kota Baru” is “Kota Baru”; only the leading kind is dropped."""
    return _JENIS_WILAYAH.sub("", kabkota.strip())


def tempat_tanggal(kabkota: str, tanggal: date) -> str:
    """Place and day of handing over: “Jayapura, 30 Juni 2007”.

    The place is the school's regency or city. Raises InputError at `kabkota` when blank.
    Source: Bab II.C, Keputusan kenaikan kelas.
    """
    if not kabkota.strip():
        raise InputError.at("kabkota", "Kabupaten/kota sekolah belum diisi.")
    return f"{nama_kabkota(kabkota)}, {long_date(tanggal)}"

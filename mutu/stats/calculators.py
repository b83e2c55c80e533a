"""The open statistics calculators. They follow no regulation, so `tanggal` is accepted and changes nothing."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict

from mutu.regulation import exact, registry
from mutu.regulation.registry import Angka, Bulat, Kalkulator, Masukan
from mutu.stats import counts, methods, proportions, regression

MAX_PERSEN = 200
_CACAH: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": proportions.MAX_N},
        {"type": "string", "pattern": r"^[0-9]{1,7}$"},
    ]
}

Cacah = Annotated[Bulat, WithJsonSchema(_CACAH)]
_SAMPEL: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": proportions.MAX_N},
        {"type": "string", "pattern": r"^[1-9][0-9]{0,6}$"},
    ]
}
Sampel = Annotated[Bulat, WithJsonSchema(_SAMPEL)]
Populasi = Annotated[
    Bulat,
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": r"^[1-9][0-9]{0,19}$"}]}
    ),
]
Keyakinan = Annotated[
    Angka,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
                {"type": "string", "pattern": r"^0\.[0-9]{1,20}$"},
            ]
        }
    ),
]


def _printed(value: object) -> counts.Tercetak:
    nilai = exact.number(value)
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        pangkat = value.as_tuple().exponent
        return counts.Tercetak(nilai, max(0, -pangkat) if isinstance(pangkat, int) else 0)
    return counts.Tercetak(nilai, len(str(value).partition(".")[2]) if isinstance(value, str) else 0)


Persen = Annotated[
    counts.Tercetak,
    PlainValidator(_printed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 100},
                {"type": "string", "pattern": r"^[0-9]{1,2}(\.[0-9]{1,20})?$"},
            ]
        }
    ),
]
_ATURAN = Field(None, title="Aturan", description="Nama metode; ia berlaku pada setiap tanggal.")
_KEYAKINAN = Field(
    proportions.KEYAKINAN, title="Keyakinan", description="Antara 0 dan 1; bawaan 0.95, yaitu 95 persen."
)


_PASANGAN: JsonDict = {"prefixItems": [_CACAH, _SAMPEL]}


def _nama(metode: methods.Metode) -> WithJsonSchema:
    """The method set's own name as the only choice of `aturan`; `Metode.check` refuses every other."""
    return WithJsonSchema({"type": "string", "enum": [metode.id]})


class MasukanProporsi(Masukan):
    aturan: Annotated[str, _nama(methods.PROPORSI)] | None = _ATURAN
    k: Cacah = Field(title="Cacah", description="Berapa yang memenuhi.")
    n: Sampel = Field(title="Jumlah sampel")
    N: Populasi | None = Field(
        None, title="Jumlah populasi", description="Bila diisi, galat baku memakai koreksi populasi terhingga."
    )
    keyakinan: Keyakinan = _KEYAKINAN


class MasukanBanding(Masukan):
    aturan: Annotated[str, _nama(methods.BANDING)] | None = _ATURAN
    a: list[Cacah] = Field(
        title="Kelompok a",
        description="Cacah, lalu jumlah sampelnya: 72; 126.",
        min_length=2,
        max_length=2,
        json_schema_extra=_PASANGAN,
    )
    b: list[Cacah] = Field(
        title="Kelompok b",
        description="Cacah, lalu jumlah sampelnya: 33; 88.",
        min_length=2,
        max_length=2,
        json_schema_extra=_PASANGAN,
    )
    keyakinan: Keyakinan = _KEYAKINAN


class MasukanRegresi(Masukan):
    aturan: Annotated[str, _nama(methods.REGRESI)] | None = _ATURAN
    y: list[Angka] = Field(title="Peubah terikat (y)", min_length=1, max_length=regression.MAX_AMATAN)
    x: dict[str, list[Angka]] = Field(
        title="Peubah penjelas (x)", description='Nama dan nilainya, misalnya {"jam": [2, 3, 5]}, sebanyak y.'
    )


class MasukanCacah(Masukan):
    aturan: Annotated[str, _nama(methods.CACAH)] | None = _ATURAN
    persen: list[Persen] = Field(
        title="Persentase tercetak",
        description="Sebanyak desimal yang tercetak: 58.9 dan 58.90 berbeda.",
        min_length=1,
        max_length=MAX_PERSEN,
    )
    n: Sampel = Field(title="Jumlah sampel")


def hitung_proporsi(masukan: MasukanProporsi, hari_ini: date) -> dict[str, Any]:
    """statistik.proporsi: a proportion with its intervals. Raises InputError."""
    methods.PROPORSI.check(masukan.aturan)
    hasil = proportions.proportion(masukan.k, masukan.n, populasi=masukan.N, keyakinan=masukan.keyakinan)
    return registry.result(
        {
            "p": hasil.p,
            "se": hasil.se,
            "wald" if masukan.N is None else "wald_fpc": _ends(hasil.wald),
            "wilson": _ends(hasil.wilson),
            "clopper_pearson": _ends(hasil.clopper_pearson),
        },
        langkah=hasil.langkah,
        peringatan=hasil.peringatan,
        aturan=methods.PROPORSI.as_dict(),
    )


def hitung_banding(masukan: MasukanBanding, hari_ini: date) -> dict[str, Any]:
    """statistik.banding: two proportions compared. Raises InputError."""
    methods.BANDING.check(masukan.aturan)
    (k1, n1), (k2, n2) = masukan.a, masukan.b
    hasil = proportions.compare((k1, n1), (k2, n2), keyakinan=masukan.keyakinan)
    return registry.result(
        {
            "selisih": hasil.selisih,
            "z": hasil.z,
            "p": hasil.p,
            "chi2": hasil.chi2,
            "chi2_yates": hasil.chi2_yates,
            "fisher_p": hasil.fisher_p,
            "odds_ratio": hasil.odds_ratio,
            "or_ik": _ends(hasil.or_ik),
            "rr": hasil.rr,
            "phi": hasil.phi,
            "selisih_ik": _ends(hasil.selisih_ik),
        },
        langkah=hasil.langkah,
        peringatan=hasil.peringatan,
        aturan=methods.BANDING.as_dict(),
    )


def hitung_regresi(masukan: MasukanRegresi, hari_ini: date) -> dict[str, Any]:
    """statistik.regresi: multiple linear regression. Raises InputError."""
    methods.REGRESI.check(masukan.aturan)
    hasil = regression.fit(masukan.y, masukan.x)
    kolom = ("b", "se", "beta", "t", "p", "vif")
    return registry.result(
        {
            "koefisien": {satu.nama: {nama: getattr(satu, nama) for nama in kolom} for satu in hasil.koefisien},
            "r2": hasil.r2,
            "r2_adj": hasil.r2_adj,
            "f": hasil.f,
            "f_p": hasil.f_p,
            "durbin_watson": hasil.durbin_watson,
        },
        langkah=hasil.langkah,
        peringatan=hasil.peringatan,
        aturan=methods.REGRESI.as_dict(),
    )


def hitung_cacah(masukan: MasukanCacah, hari_ini: date) -> dict[str, Any]:
    """statistik.cacah: whole counts behind printed percentages. Raises InputError."""
    methods.CACAH.check(masukan.aturan)
    hasil = counts.whole_counts(masukan.persen, masukan.n)
    return registry.result(
        {"cacah": list(hasil.cacah), "cocok": list(hasil.cocok)},
        langkah=hasil.langkah,
        peringatan=hasil.peringatan,
        aturan=methods.CACAH.as_dict(),
    )


def _ends(selang: tuple[float, float] | None) -> list[float] | None:
    return None if selang is None else list(selang)


KALKULATOR = (
    Kalkulator(
        nama="statistik.proporsi",
        judul="Proporsi dan selangnya",
        uraian="Proporsi dari sampel acak sederhana dengan galat baku, selang Wald, Wilson, dan Clopper–Pearson.",
        masukan=MasukanProporsi,
        contoh={"k": 126, "n": 214, "N": 3151, "keyakinan": 0.95},
        jalankan=hitung_proporsi,
    ),
    Kalkulator(
        nama="statistik.banding",
        judul="Banding dua proporsi",
        uraian="Selisih, z, khi-kuadrat, Fisher, rasio odds, rasio risiko, dan phi dari dua kelompok.",
        masukan=MasukanBanding,
        contoh={"a": [72, 126], "b": [33, 88]},
        jalankan=hitung_banding,
    ),
    Kalkulator(
        nama="statistik.regresi",
        judul="Regresi linear berganda",
        uraian="Koefisien, beta, t, p, VIF, R², F, dan Durbin–Watson, dengan peringatan bila peubah kolinear.",
        masukan=MasukanRegresi,
        contoh={
            "y": [71, 78, 74, 80, 77, 83, 76, 86, 79, 84, 88, 81, 90, 85, 82, 91, 87, 93, 84, 95],
            "x": {
                "jam_pelatihan": [4, 8, 6, 10, 5, 12, 8, 16, 6, 14, 18, 10, 20, 12, 14, 22, 16, 24, 10, 26],
                "supervisi": [1, 2, 1, 2, 3, 2, 1, 3, 3, 2, 3, 2, 4, 4, 1, 3, 3, 4, 4, 4],
            },
        },
        jalankan=hitung_regresi,
    ),
    Kalkulator(
        nama="statistik.cacah",
        judul="Cacah di balik persentase",
        uraian="Adakah cacah bulat yang tercetak sebagai persentase ini? Untuk memeriksa tabel laporan.",
        masukan=MasukanCacah,
        contoh={"persen": ["58.9", "41.1"], "n": 214},
        jalankan=hitung_cacah,
    ),
)

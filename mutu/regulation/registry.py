"""One door to every calculator: declare, find, describe, run. Knows no subject.

A subject declares its calculators as `KALKULATOR: tuple[Kalkulator, ...]` in a module and names that module in the
entry-point group `mutu.calculators`. The entry-point's name is the first part of each calculator's name: the entry
`rapor` offers `rapor.nilai`. So only the subject that is asked for gets imported.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, WithJsonSchema

from mutu.regulation import exact
from mutu.regulation.explain import InputError, Langkah

GROUP = "mutu.calculators"
_TEXT_PATTERN = r"^-?[0-9]{1,20}(\.[0-9]{1,20})?$"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

# An exact number from a JSON number or a decimal string; a whole number likewise; a date as 2007-06-30.
Angka = Annotated[
    Fraction,
    PlainValidator(exact.number),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": _TEXT_PATTERN}]}),
]
Bulat = Annotated[
    int,
    PlainValidator(exact.whole),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^-?[0-9]{1,20}$"}]}),
]
Tanggal = Annotated[date, PlainValidator(exact.iso_date), WithJsonSchema({"type": "string", "format": "date"})]


class Masukan(BaseModel):
    """Base of each input model: unknown fields are refused, and the rule set is chosen by date or id."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)

    tanggal: Tanggal | None = Field(
        None, title="Tanggal", description="Aturan yang berlaku pada tanggal ini; bawaan: hari ini."
    )
    aturan: str | None = Field(None, title="Aturan", description="Kode aturan, misalnya ktsp-2007.")


class Bagian(BaseModel):
    """Base of a nested part of an input model."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True)
class Kalkulator:
    """A rule that anyone may try.

    `judul` and `uraian` are shown to people (Indonesian), `masukan` is the input model, `contoh` an input that
    works, `jalankan` turns the checked input and today's date into a result made by `result`.
    """

    nama: str
    judul: str
    uraian: str
    masukan: type[Masukan]
    contoh: Mapping[str, Any]
    jalankan: Callable[[Any, date], dict[str, Any]]


def result(
    isi: Mapping[str, Any],
    *,
    langkah: tuple[Langkah, ...],
    peringatan: tuple[str, ...],
    aturan: Mapping[str, str],
) -> dict[str, Any]:
    """The common shape of every result: its own fields, then `langkah`, `peringatan` and `aturan`."""
    return {
        **isi,
        "langkah": [satu.as_dict() for satu in langkah],
        "peringatan": list(peringatan),
        "aturan": dict(aturan),
    }


@lru_cache
def entries() -> dict[str, EntryPoint]:
    """The declared subjects by name, without importing them."""
    return {satu.name: satu for satu in sorted(entry_points(group=GROUP), key=lambda satu: satu.name)}


@lru_cache
def _of_subject(subjek: str) -> dict[str, Kalkulator]:
    found: dict[str, Kalkulator] = {}
    for satu in entries()[subjek].load().KALKULATOR:
        if not satu.nama.startswith(f"{subjek}.") or satu.nama in found:
            raise RuntimeError(f"calculator {satu.nama} is declared twice or outside its subject {subjek}")
        found[satu.nama] = satu
    return found


def names() -> list[str]:
    """The names of all calculators, in order."""
    return [nama for subjek in entries() for nama in sorted(_of_subject(subjek))]


def describe(name: str) -> Kalkulator:
    """The calculator of that name. Raises InputError (at `nama`) with the nearest known names."""
    subjek = name.partition(".")[0]
    if subjek in entries() and name in (milik := _of_subject(subjek)):
        return milik[name]
    ada = names()
    dekat = get_close_matches(name, ada, n=1)
    saran = f"Maksud Anda {dekat[0]}?" if dekat else f"Yang ada: {', '.join(ada)}."
    raise InputError.at("nama", f"Kalkulator “{name[:60]}” tidak ada. {saran}")


@lru_cache
def schema(name: str) -> dict[str, Any]:
    """JSON Schema of a calculator's input, with title, description and example. Raises InputError."""
    kalkulator = describe(name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **kalkulator.masukan.model_json_schema(),
        "title": kalkulator.judul,
        "description": kalkulator.uraian,
        "examples": [dict(kalkulator.contoh)],
    }


def run(name: str, payload: object, hari_ini: date) -> dict[str, Any]:
    """Check the input, run the rule, give the result. `hari_ini` stands in where the input names no date.

    Raises InputError listing every fault of the input with its path, such as `uh[2]`.
    """
    kalkulator = describe(name)
    if not isinstance(payload, dict):
        raise InputError.at("", 'Masukan harus satu objek JSON, misalnya {"nilai": 75}.')
    try:
        masukan = kalkulator.masukan.model_validate(payload)
    except ValidationError as error:
        raise InputError([fault(satu) for satu in error.errors(include_url=False)]) from None
    return kalkulator.jalankan(masukan, hari_ini)


def path(loc: tuple[int | str, ...]) -> str:
    """The place of a fault as a person writes it: ("sk", 0, "nilai") is `sk[0].nilai`."""
    hasil = ""
    for satu in loc:
        hasil += f"[{satu}]" if isinstance(satu, int) else (f".{satu}" if hasil else str(satu))
    return hasil


def fault(error: Any, outermost: int = 0) -> dict[str, str]:
    """A fault of pydantic as a place and an Indonesian sentence; the `outermost` steps of the place are left out."""
    jenis, konteks = error["type"], error.get("ctx", {})
    jalur = path(error["loc"][outermost:] or error["loc"][-1:])
    if jenis == "value_error":
        pesan = str(konteks["error"])
    elif jenis == "literal_error":
        pilihan = str(konteks["expected"]).replace("'", "").replace(" or ", " atau ")
        pesan = f"Pilihan ini tidak dikenal; pilih {pilihan}."
    else:
        pesan = _PESAN.get(jenis, "Isian ini tidak sesuai bentuk yang diminta; lihat skema kalkulator.")
        pesan = pesan.format(
            nama=error["loc"][-1] if error["loc"] else "",
            paling_sedikit=konteks.get("min_length", ""),
            paling_banyak=konteks.get("max_length", ""),
        )
    return {"jalur": jalur, "pesan": pesan}


_PESAN = {
    "missing": "Isian ini wajib ada.",
    "extra_forbidden": "Isian “{nama}” tidak dikenal; hapus atau perbaiki namanya.",
    "list_type": "Isian ini harus daftar, misalnya [60, 75].",
    "too_short": "Isi sedikitnya {paling_sedikit}.",
    "too_long": "Isi paling banyak {paling_banyak}.",
    "string_type": "Isian ini harus teks.",
    "string_too_short": "Isi sedikitnya {paling_sedikit} huruf.",
    "string_too_long": "Isi paling banyak {paling_banyak} huruf.",
    "int_type": "Isian ini harus bilangan bulat.",
    "int_parsing": "Isian ini harus bilangan bulat.",
    "int_from_float": "Isian ini harus bilangan bulat.",
    "greater_than_equal": "Angka ini terlalu kecil.",
    "bool_type": "Isian ini harus true atau false.",
    "model_type": "Isian ini harus objek JSON.",
    "dict_type": "Isian ini harus objek JSON.",
}


def load_json(source: str | bytes) -> Any:
    """Parse JSON exactly: decimals stay decimal, a key given twice, NaN and infinities are refused.

    Takes text or UTF-8 bytes (a leading byte-order mark is allowed). Raises InputError, never another exception.
    """
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        hasil = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError as error:
        raise InputError.at("", f"Masukan bukan teks UTF-8 (bita ke-{error.start + 1}).") from None
    except json.JSONDecodeError as error:
        letak = f"baris {error.lineno} kolom {error.colno}"
        raise InputError.at("", f"Masukan bukan JSON yang utuh; periksa {letak}.") from None
    except RecursionError:
        raise InputError.at("", "Masukan bersarang terlalu dalam.") from None
    # "\ud800" is valid JSON but no character: it could neither be stored nor printed as UTF-8.
    if "\\u" in text and _has_lone_surrogate(hasil):
        raise InputError.at("", "Masukan memuat setengah karakter (\\ud800–\\udfff); ketik ulang teksnya.")
    return hasil


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise InputError.at("", f"Angka {digits[:30]} terlalu panjang.") from None


def _integer(digits: str) -> int | Decimal:
    # Python refuses to read integers of more than 4300 digits; as Decimal they reach the guard in `exact.number`.
    return int(digits) if len(digits) <= 2 * exact.MAX_DIGITS else _decimal(digits)


def _constant(name: str) -> None:
    raise InputError.at("", f"{name} bukan nilai; isi dengan angka, misalnya 75.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    hasil = dict(pairs)
    if len(hasil) != len(pairs):
        kunci = [satu for satu, _ in pairs]
        ganda = next(satu for satu in kunci if kunci.count(satu) > 1)
        raise InputError.at(ganda, f"Isian “{ganda}” ditulis dua kali; tinggalkan satu.")
    return hasil


def _has_lone_surrogate(value: Any) -> bool:
    if isinstance(value, str):
        return _LONE_SURROGATE.search(value) is not None
    if isinstance(value, dict):
        return any(_has_lone_surrogate(satu) for pasangan in value.items() for satu in pasangan)
    return isinstance(value, list) and any(map(_has_lone_surrogate, value))

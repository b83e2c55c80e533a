"""The numbers of the law: one YAML file per regulation, each value with its first day, article and source.

    id: ktsp-2007
    judul: ...                    # the regulation's name, printed beside results
    sumber: ...                   # the document
    dari: 2007-01-01              # first day the rule set holds
    sampai: null                  # last day; null while nothing replaces it
    jalur: k13                    # only where several rule sets hold side by side, such as curricula; see `Kumpulan`
    dasar: ktsp-2007              # only where another rule set gives what this one does not restate; see `collect`
    diverifikasi: false           # only while nobody has compared the file with the regulation's own text
    parameter:
      pembulatan_akhir:
        arti: ...                 # what the value decides, one sentence
        isi:
          - dari: 2007-01-01      # a later entry ends the one before it
            nilai: tengah
            sumber: ..., Bab II.B.2
            tafsir: ...           # only when the text leaves the choice open: why we chose so
            diverifikasi: true    # only where one value differs from its file in this

What is taken over from a `dasar`, and what is not verified, says so wherever its source is named (`Isi.asal`).
Numbers with a decimal point are written as text ("2.5"), because YAML would read them as binary fractions.
"""

import hashlib
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Any

import yaml

DAY = timedelta(days=1)
BELUM = "belum diverifikasi"


class ParamsError(Exception):
    """A params file that cannot be trusted: a gap, an overlap, a missing source. Names file and parameter."""


class DateNotCovered(LookupError):
    """No rule set holds on the date asked for. The message is Indonesian and names the covered ranges."""


@dataclass(frozen=True, slots=True)
class Isi:
    """One dated value. `sampai` is None while nothing replaces it; `tafsir` says why we read the text so.

    `diambil_dari` is the id of the rule set that states the value, where the one it stands in takes it over.
    """

    dari: date
    sampai: date | None
    nilai: Any
    sumber: str
    tafsir: str | None
    diverifikasi: bool = True
    diambil_dari: str | None = None

    def holds(self, day: date) -> bool:
        return self.dari <= day and (self.sampai is None or day <= self.sampai)

    @property
    def asal(self) -> str:
        """The source as it stands beside a result, with what the reader should know about it in brackets."""
        tanda = [
            "tafsir" if self.tafsir else "",
            BELUM if not self.diverifikasi else "",
            f"diambil dari {self.diambil_dari}" if self.diambil_dari else "",
        ]
        if not any(tanda):
            return self.sumber
        return f"{self.sumber} ({', '.join(satu for satu in tanda if satu)})"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One named quantity of a regulation with all its dated values, oldest first."""

    nama: str
    arti: str
    isi: tuple[Isi, ...]

    def on(self, day: date) -> Isi:
        for satu in self.isi:
            if satu.holds(day):
                return satu
        raise DateNotCovered(f"{self.nama} tidak mempunyai nilai pada {day.isoformat()}.")


@dataclass(frozen=True, slots=True)
class Peraturan:
    """One regulation: its validity and its parameters."""

    id: str
    judul: str
    sumber: str
    dari: date
    sampai: date | None
    parameter: Mapping[str, Parameter]
    jalur: str = ""
    dasar: str | None = None
    diverifikasi: bool = True

    def holds(self, day: date) -> bool:
        return self.dari <= day and (self.sampai is None or day <= self.sampai)

    @property
    def berlaku(self) -> str:
        if self.sampai is None:
            return f"sejak {self.dari.isoformat()}"
        return f"{self.dari.isoformat()} s.d. {self.sampai.isoformat()}"

    def on(self, day: date) -> dict[str, Isi]:
        """Every parameter's value on a day. Raises DateNotCovered outside the regulation's validity."""
        if not self.holds(day):
            raise DateNotCovered(f"Aturan {self.id} berlaku {self.berlaku}, tidak pada {day.isoformat()}.")
        return {nama: parameter.on(day) for nama, parameter in self.parameter.items()}

    def latest_day(self) -> date:
        """A day on which the newest values hold: the last of the regulation, or the newest value's first."""
        if self.sampai is not None:
            return self.sampai
        return max([self.dari, *(satu.dari for p in self.parameter.values() for satu in p.isi)])


@dataclass(frozen=True, slots=True)
class Kumpulan:
    """The regulations of one subject, oldest first. Within one `jalur` no two hold on the same day.

    The track without a name is the one that counts where nobody names another.
    """

    peraturan: tuple[Peraturan, ...]

    def __iter__(self) -> Iterator[Peraturan]:
        return iter(self.peraturan)

    def on(self, day: date, jalur: str = "") -> Peraturan:
        """The regulation of a track that holds on a day. Raises DateNotCovered, naming the covered ranges."""
        sejalur = [satu for satu in self.peraturan if satu.jalur == jalur]
        for satu in sejalur:
            if satu.holds(day):
                return satu
        ada = "; ".join(f"{satu.id} {satu.berlaku}" for satu in sejalur or self.peraturan)
        raise DateNotCovered(f"Tidak ada aturan untuk tanggal {day.isoformat()}. Yang ada: {ada}.")

    def with_id(self, kode: str) -> Peraturan:
        """Raises DateNotCovered, naming the known ids, when there is none of that id."""
        for satu in self.peraturan:
            if satu.id == kode:
                return satu
        ada = ", ".join(satu.id for satu in self.peraturan)
        raise DateNotCovered(f"Aturan “{kode}” tidak dikenal. Yang ada: {ada}.")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML that refuses what YAML lets pass: a key given twice, and binary fractions."""


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Hashable, Any]:
    result: dict[Hashable, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in result:
            raise ParamsError(f"key given twice: {key!r}{key_node.start_mark}")
        result[key] = loader.construct_object(value_node, deep=True)
    return result


def _no_float(loader: Any, node: yaml.ScalarNode) -> None:
    raise ParamsError(f'{node.value}: write decimals as text ("{node.value}"){node.start_mark}')


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:float", _no_float)


def read_yaml(text: str) -> Any:
    """Parse YAML without duplicate keys and without floats. Raises ParamsError."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - _Loader is a safe loader
    except yaml.YAMLError as error:
        raise ParamsError(f"not YAML: {error}") from error


def load(text: str, name: str) -> Peraturan:
    """Read one params file. Raises ParamsError naming `name` and the parameter for every fault listed above."""
    try:
        raw = read_yaml(text)
    except ParamsError as error:
        raise ParamsError(f"{name}: {error}") from error
    required = {"id", "judul", "sumber", "dari", "parameter"}
    _check_keys(raw, required, {"sampai", "jalur", "dasar", "diverifikasi"}, name)
    dari, sampai = _day(raw["dari"], name), _day_or_none(raw.get("sampai"), name)
    if sampai is not None and sampai < dari:
        raise ParamsError(f"{name}: ends ({sampai}) before it begins ({dari})")
    if not isinstance(raw["parameter"], dict) or not raw["parameter"]:
        raise ParamsError(f"{name}: no parameter")
    diverifikasi = _flag(raw.get("diverifikasi", True), name)
    parameter = {
        nama: _parameter(nama, isi, dari, sampai, diverifikasi, f"{name}: {nama}")
        for nama, isi in raw["parameter"].items()
    }
    for key in ("id", "judul", "sumber"):
        if not isinstance(raw[key], str) or not raw[key].strip():
            raise ParamsError(f"{name}: {key} is empty")
    return Peraturan(
        id=raw["id"],
        judul=raw["judul"],
        sumber=raw["sumber"],
        dari=dari,
        sampai=sampai,
        parameter=parameter,
        jalur=str(raw.get("jalur", "")),
        dasar=raw.get("dasar"),
        diverifikasi=diverifikasi,
    )


def _parameter(nama: str, raw: Any, dari: date, sampai: date | None, diverifikasi: bool, where: str) -> Parameter:
    _check_keys(raw, {"arti", "isi"}, set(), where)
    if not isinstance(raw["isi"], list) or not raw["isi"]:
        raise ParamsError(f"{where}: no value")
    hasil: list[Isi] = []
    for urutan, satu in enumerate(raw["isi"]):
        _check_keys(satu, {"dari", "nilai", "sumber"}, {"sampai", "tafsir", "diverifikasi"}, where)
        if not isinstance(satu["sumber"], str) or not satu["sumber"].strip():
            raise ParamsError(f"{where}: the value of {satu['dari']} names no source")
        awal, akhir = _day(satu["dari"], where), _day_or_none(satu.get("sampai"), where)
        berikut = _day(raw["isi"][urutan + 1]["dari"], where) if urutan + 1 < len(raw["isi"]) else None
        if akhir is None:
            akhir = berikut - DAY if berikut is not None else sampai
        if akhir is not None and akhir < awal:
            raise ParamsError(f"{where}: overlap at {awal}")
        if berikut is not None and akhir is not None and akhir >= berikut:
            raise ParamsError(f"{where}: overlap from {berikut} to {akhir}")
        if berikut is not None and akhir is not None and akhir + DAY < berikut:
            raise ParamsError(f"{where}: gap from {akhir + DAY} to {berikut - DAY}")
        yakin = _flag(satu.get("diverifikasi", diverifikasi), where)
        hasil.append(Isi(awal, akhir, satu["nilai"], satu["sumber"].strip(), satu.get("tafsir"), yakin))
    if hasil[0].dari != dari:
        raise ParamsError(f"{where}: gap, the rule set begins on {dari} but the first value on {hasil[0].dari}")
    if hasil[-1].sampai != sampai:
        raise ParamsError(f"{where}: gap or overrun, the rule set ends on {sampai}, the value on {hasil[-1].sampai}")
    return Parameter(nama, str(raw["arti"]).strip(), tuple(hasil))


def _check_keys(raw: Any, required: set[str], optional: set[str], where: str) -> None:
    if not isinstance(raw, dict):
        raise ParamsError(f"{where}: expected a mapping")
    if kurang := required - raw.keys():
        raise ParamsError(f"{where}: missing {', '.join(sorted(kurang))}")
    if lebih := raw.keys() - required - optional:
        raise ParamsError(f"{where}: unknown {', '.join(sorted(map(str, lebih)))}")


def _day(value: Any, where: str) -> date:
    if type(value) is not date:
        raise ParamsError(f"{where}: {value!r} is not a date")
    return value


def _day_or_none(value: Any, where: str) -> date | None:
    return None if value is None else _day(value, where)


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise ParamsError(f"{where}: diverifikasi is true or false, not {value!r}")
    return value


def collect(peraturan: list[Peraturan]) -> Kumpulan:
    """Put regulations in order, and give each what it takes over from its `dasar`.

    What a rule set does not restate it takes from its base, on the days on which the base states it; what the base
    stated last goes on. A restated parameter replaces the base's with all its dates. Raises ParamsError when two of
    one track hold on one day or leave a hole, when two share an id, and for a base that is unknown, depends on the
    rule set itself or begins later.
    """
    urut = sorted(peraturan, key=lambda satu: satu.dari)
    if len({satu.id for satu in urut}) != len(urut):
        raise ParamsError("two regulations share an id")
    for lama, baru in pairwise(sorted(urut, key=lambda satu: (satu.jalur, satu.dari))):
        if lama.jalur != baru.jalur:
            continue
        if lama.sampai is None or lama.sampai >= baru.dari:
            raise ParamsError(f"overlap: {lama.id} and {baru.id} both hold on {baru.dari}")
        if lama.sampai + DAY != baru.dari:
            raise ParamsError(f"gap between {lama.id} and {baru.id}: from {lama.sampai + DAY} to {baru.dari - DAY}")
    menurut_id = {satu.id: satu for satu in urut}
    return Kumpulan(tuple(_complete(satu, menurut_id, ()) for satu in urut))


def _complete(peraturan: Peraturan, menurut_id: Mapping[str, Peraturan], rantai: tuple[str, ...]) -> Peraturan:
    """The regulation with its base's parameters behind its own."""
    if peraturan.dasar is None:
        return peraturan
    rantai = (*rantai, peraturan.id)
    if peraturan.dasar in rantai:
        raise ParamsError(f"{peraturan.id}: dasar goes in a circle: {' -> '.join((*rantai, peraturan.dasar))}")
    if peraturan.dasar not in menurut_id:
        raise ParamsError(f"{peraturan.id}: dasar {peraturan.dasar!r} is no regulation here")
    dasar = _complete(menurut_id[peraturan.dasar], menurut_id, rantai)
    diambil = {
        nama: _taken_over(satu, dasar.id, peraturan)
        for nama, satu in dasar.parameter.items()
        if nama not in peraturan.parameter
    }
    return replace(peraturan, parameter={**peraturan.parameter, **diambil})


def _taken_over(parameter: Parameter, asal: str, ke: Peraturan) -> Parameter:
    terpakai = []
    for urutan, satu in enumerate(parameter.isi):
        akhir = satu.sampai if urutan + 1 < len(parameter.isi) else ke.sampai
        if (akhir is not None and akhir < ke.dari) or (ke.sampai is not None and satu.dari > ke.sampai):
            continue
        if akhir is None or (ke.sampai is not None and ke.sampai < akhir):
            akhir = ke.sampai
        terpakai.append(
            replace(satu, dari=max(satu.dari, ke.dari), sampai=akhir, diambil_dari=satu.diambil_dari or asal)
        )
    if not terpakai or terpakai[0].dari != ke.dari:
        raise ParamsError(f"{ke.id}: {parameter.nama} of {asal} does not hold yet on {ke.dari}")
    return replace(parameter, isi=tuple(terpakai))


@lru_cache
def of_package(package: str) -> Kumpulan:
    """All regulations in the `params/` folder of a package such as "mutu.rapor". Read once per process."""
    folder: Traversable = files(package) / "params"
    return collect(
        [
            load(berkas.read_text(encoding="utf-8"), f"{package}/params/{berkas.name}")
            for berkas in sorted(folder.iterdir(), key=lambda satu: satu.name)
            if berkas.name.endswith(".yaml")
        ]
    )


@lru_cache
def digest(package: str, kode: str) -> str:
    """SHA-256 (hex) of the file that holds a rule set, with the files it takes values over from.

    Raises DateNotCovered for an unknown id.
    """
    texts = {}
    for berkas in (files(package) / "params").iterdir():
        if berkas.name.endswith(".yaml"):
            text = berkas.read_text(encoding="utf-8")
            raw = read_yaml(text)
            texts[raw["id"]] = (text, raw.get("dasar"))
    found = hashlib.sha256()
    pending: str | None = kode
    while pending is not None:
        if pending not in texts:
            raise DateNotCovered(f"Aturan “{pending}” tidak dikenal. Yang ada: {', '.join(sorted(texts))}.")
        text, pending = texts[pending]
        found.update(text.encode())
    return found.hexdigest()

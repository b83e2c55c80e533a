"""Worked examples as YAML: they run as tests and, with the params, become the pages of docs/rules.

A cases file belongs either to a calculator (`kalkulator: rapor.nilai`) or to plain functions of a module
(`fungsi: mutu.rapor.rules`, with the function's name in each case). Each case names a sentence, a source, a date,
what is given, and what comes out: `hasil` (fields, or the value of a function), `langkah` (steps that appear in
this order), or `galat` (the paths at which faults are found). A statistic is a float and stated as text, at as many
places as the source prints: "0.5888", "2.94e-5".

    python -m mutu.regulation.cases --write     write docs/rules again
    python -m mutu.regulation.cases --check     exit 1 when docs/rules is stale
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from mutu.regulation import params, registry
from mutu.regulation.explain import InputError


class CaseError(Exception):
    """A cases file that cannot be read as one. Names file and case."""


class CaseFailed(AssertionError):
    """A case whose outcome differs from what it states."""


@dataclass(frozen=True, slots=True)
class Kasus:
    """One worked example. `pintu` is the calculator's name, or "module:function"."""

    pintu: str
    id: str
    kalimat: str
    sumber: str
    tanggal: date
    diberikan: dict[str, Any]
    hasil: Any
    langkah: tuple[dict[str, Any], ...]
    galat: tuple[str, ...] | None

    @property
    def kalkulator(self) -> bool:
        return ":" not in self.pintu


@dataclass(frozen=True, slots=True)
class Berkas:
    """One cases file."""

    nama: str
    judul: str
    kasus: tuple[Kasus, ...]


def load(text: str, name: str) -> Berkas:
    """Read one cases file. Raises CaseError when a case lacks a part, tells nothing, or repeats an id."""
    raw = params.read_yaml(text)
    pintu = raw.get("kalkulator") or raw.get("fungsi")
    if not pintu or not raw.get("kasus"):
        raise CaseError(f"{name}: needs kalkulator or fungsi, and kasus")
    kasus = tuple(_kasus(satu, pintu, "fungsi" in raw, name) for satu in raw["kasus"])
    if len({satu.id for satu in kasus}) != len(kasus):
        raise CaseError(f"{name}: two cases share an id")
    return Berkas(name, raw["judul"], kasus)


def _kasus(raw: dict[str, Any], pintu: str, fungsi: bool, name: str) -> Kasus:
    wajib = {"id", "kalimat", "sumber", "tanggal", "diberikan"} | ({"fungsi"} if fungsi else set())
    where = f"{name}: {raw.get('id')}"
    if kurang := wajib - raw.keys():
        raise CaseError(f"{where}: missing {', '.join(sorted(kurang))}")
    if lebih := raw.keys() - wajib - {"hasil", "langkah", "galat"}:
        raise CaseError(f"{where}: unknown {', '.join(sorted(lebih))}")
    if ("galat" in raw) == ("hasil" in raw):
        raise CaseError(f"{where}: states either hasil or galat")
    return Kasus(
        pintu=f"{pintu}:{raw['fungsi']}" if fungsi else pintu,
        id=raw["id"],
        kalimat=raw["kalimat"],
        sumber=raw["sumber"],
        tanggal=raw["tanggal"],
        diberikan=raw["diberikan"],
        hasil=raw.get("hasil"),
        langkah=tuple(raw.get("langkah", ())),
        galat=tuple(raw["galat"]) if "galat" in raw else None,
    )


def of_package(package: str) -> list[Berkas]:
    """All cases files in the `cases/` folder of a package such as "mutu.rapor"; none when there is no folder."""
    folder: Traversable = files(package) / "cases"
    if not folder.is_dir():
        return []
    return [
        load(berkas.read_text(encoding="utf-8"), f"{package}/cases/{berkas.name}")
        for berkas in sorted(folder.iterdir(), key=lambda satu: satu.name)
        if berkas.name.endswith(".yaml")
    ]


def check(kasus: Kasus) -> None:
    """Run a case. Raises CaseFailed, saying what was stated and what came out."""
    try:
        hasil = _run(kasus)
    except InputError as error:
        jalur = tuple(satu["jalur"] for satu in error.galat)
        if kasus.galat != jalur:
            raise CaseFailed(f"{kasus.id}: stated {kasus.galat or kasus.hasil}, found faults {error.galat}") from error
        return
    if kasus.galat is not None:
        raise CaseFailed(f"{kasus.id}: stated faults at {kasus.galat}, came out as {hasil}")
    if not kasus.kalkulator or not isinstance(kasus.hasil, dict):
        _same(kasus, "hasil", kasus.hasil, hasil)
        return
    for nama, nilai in kasus.hasil.items():
        _same(kasus, nama, nilai, hasil.get(nama, "(missing)"))
    langkah = iter(hasil["langkah"])
    for dicari in kasus.langkah:
        if not any(dicari.items() <= satu.items() for satu in langkah):
            raise CaseFailed(f"{kasus.id}: step {dicari} does not appear in {hasil['langkah']}")


def _run(kasus: Kasus) -> Any:
    if kasus.kalkulator:
        return registry.run(kasus.pintu, kasus.diberikan, kasus.tanggal)
    modul, _, fungsi = kasus.pintu.partition(":")
    hasil = getattr(import_module(modul), fungsi)(**kasus.diberikan)
    # YAML has no tuples: a case states them as the list it can write.
    return list(hasil) if isinstance(hasil, tuple) else hasil


def _same(kasus: Kasus, nama: str, stated: Any, found: Any) -> None:
    if not _agrees(stated, found):
        raise CaseFailed(f"{kasus.id}: {nama} stated {stated!r}, came out as {found!r}")


def _agrees(stated: Any, found: Any) -> bool:
    if isinstance(found, float) and isinstance(stated, str):
        return _rounds_to(found, stated)
    # 1 == True in Python; a mark is not a truth value.
    if type(stated) is not type(found):
        return False
    if isinstance(found, dict):
        return stated.keys() == found.keys() and all(_agrees(stated[satu], found[satu]) for satu in found)
    if isinstance(found, list):
        return len(stated) == len(found) and all(map(_agrees, stated, found))
    return bool(stated == found)


def _rounds_to(found: float, stated: str) -> bool:
    """Whether a statistic, which leaves as a float, is the stated figure at the places that the case states."""
    try:
        harap = Decimal(stated)
        return Decimal(found).quantize(harap, rounding=ROUND_HALF_UP) == harap
    except InvalidOperation:
        return False


def subjects() -> dict[str, str]:
    """The declared subjects and their packages: {"rapor": "mutu.rapor"}."""
    return {nama: satu.module.rpartition(".")[0] for nama, satu in registry.entries().items()}


def pages() -> dict[str, str]:
    """The generated pages by file name: one per subject that has params or cases, and an index."""
    hasil: dict[str, str] = {}
    for subjek, package in subjects().items():
        peraturan = params.of_package(package) if (files(package) / "params").is_dir() else params.Kumpulan(())
        berkas = of_package(package)
        if peraturan.peraturan or berkas:
            hasil[f"{subjek}.md"] = "\n".join([*_page(subjek, package, peraturan, berkas), ""])
    daftar = [f"- [{nama.removesuffix('.md')}]({nama})" for nama in hasil]
    hasil["README.md"] = "\n".join(
        [
            "# Aturan",
            "",
            "Generated by `make docs` from `params/*.yaml` and `cases/*.yaml`; edit those, not these pages.",
            "",
            *daftar,
            "",
        ]
    )
    return hasil


def _page(subjek: str, package: str, peraturan: params.Kumpulan, berkas: list[Berkas]) -> Iterator[str]:
    folder = package.replace(".", "/")
    yield f"# Aturan {subjek}"
    yield ""
    yield f"Generated by `make docs` from `params/` and `cases/` of `{folder}`; edit those, not this page."
    for satu in peraturan:
        yield from (
            "",
            f"## {satu.judul} (`{satu.id}`)",
            "",
            f"Berlaku {satu.berlaku}. Sumber: {satu.sumber}.",
        )
        if not satu.diverifikasi:
            yield from ("", "**Belum diverifikasi:** isi himpunan ini belum dicocokkan dengan naskah peraturannya.")
        for asal, diambil in _taken_over(satu).items():
            yield from ("", f"Diambil dari `{asal}` tanpa perubahan: {', '.join(f'`{one}`' for one in diambil)}.")
        for parameter in satu.parameter.values():
            if parameter.isi[0].diambil_dari:
                continue
            yield from (
                "",
                f"### {parameter.nama}",
                "",
                parameter.arti,
                "",
                "| sejak | nilai | sumber |",
                "|---|---|---|",
            )
            for isi in parameter.isi:
                sumber = isi.sumber + (f"<br>*Tafsir:* {isi.tafsir}" if isi.tafsir else "")
                sumber += "" if isi.diverifikasi else f"<br>*{params.BELUM.capitalize()}.*"
                yield f"| {isi.dari} | {_cell(_inline(isi.nilai))} | {_cell(sumber)} |"
    for satu_berkas in berkas:
        yield from ("", f"## {satu_berkas.judul}")
        for kasus in satu_berkas.kasus:
            nama = f"`{kasus.pintu}`" if kasus.kalkulator else f"`{kasus.pintu.partition(':')[2]}`"
            yield from ("", f"### {kasus.id}", "", kasus.kalimat, "")
            yield f"{nama}, {kasus.tanggal}. Sumber: {kasus.sumber}."
            yield from ("", "```yaml", *_block("diberikan", kasus.diberikan))
            yield from (_block("galat", list(kasus.galat)) if kasus.galat is not None else _block("hasil", kasus.hasil))
            yield "```"
            if kasus.langkah:
                yield from ("", "| langkah | hasil | rumus |", "|---|---|---|")
                for langkah in kasus.langkah:
                    kolom = (str(langkah.get(satu, "")) for satu in ("nama", "hasil", "rumus"))
                    yield f"| {' | '.join(kolom)} |"


def _taken_over(peraturan: params.Peraturan) -> dict[str, list[str]]:
    """The names of what a rule set takes over, by the rule set that states it."""
    hasil: dict[str, list[str]] = {}
    for parameter in peraturan.parameter.values():
        if asal := parameter.isi[0].diambil_dari:
            hasil.setdefault(asal, []).append(parameter.nama)
    return hasil


def _inline(value: Any) -> str:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10**6)
    return "`" + text.removesuffix("\n").removesuffix("\n...") + "`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _block(nama: str, value: Any) -> list[str]:
    text = yaml.safe_dump({nama: value}, allow_unicode=True, default_flow_style=None, sort_keys=False, width=100)
    return text.rstrip("\n").split("\n")


def write(folder: Path) -> list[str]:
    """Write the pages and remove generated ones that no longer exist. Returns the names that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    baru = pages()
    berubah = stale(folder)
    for nama in berubah:
        if nama in baru:
            (folder / nama).write_text(baru[nama], encoding="utf-8", newline="\n")
        else:
            (folder / nama).unlink()
    return berubah


def stale(folder: Path) -> list[str]:
    """The names of pages in the folder that differ from what params and cases say now."""
    baru = pages()
    ada = {satu.name: satu.read_text(encoding="utf-8") for satu in folder.glob("*.md")}
    return sorted(nama for nama in baru.keys() | ada.keys() if baru.get(nama) != ada.get(nama))


def main(argv: list[str] | None = None) -> int:
    """Command line of this module; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m mutu.regulation.cases")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--write", action="store_true", help="write docs/rules again")
    what.add_argument("--check", action="store_true", help="exit 1 when docs/rules is stale")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parents[2] / "docs" / "rules")
    pilihan = parser.parse_args(argv)
    if pilihan.write:
        for nama in write(pilihan.folder):
            sys.stdout.write(f"written: {nama}\n")
        return 0
    if basi := stale(pilihan.folder):
        sys.stderr.write(f"docs/rules is stale ({', '.join(basi)}); run `make docs`.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

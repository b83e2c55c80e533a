"""The `mutu` command line. Each command imports what it needs when it runs, so that none waits for the others.

`mutu hitung` knows no Django; commands that need the database set Django up inside their own function.
"""

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO, Any

import click

WRONG_INPUT = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Mutu: rapor, kinerja guru, kemitraan, program nonformal, dan rapor wilayah."""


@main.command()
@click.argument("nama", required=False)
@click.option(
    "--berkas",
    type=click.Path(path_type=Path),
    help="Baca masukan dari berkas ini, bukan dari masukan standar.",
)
@click.option("--skema", is_flag=True, help="Tampilkan JSON Schema masukan kalkulator ini.")
@click.option("--baris", is_flag=True, help="Satu objek JSON per baris; satu hasil per baris, berurutan.")
def hitung(nama: str | None, berkas: Path | None, skema: bool, baris: bool) -> None:
    """Jalankan satu kalkulator: JSON masuk, JSON keluar. Tanpa NAMA: daftar semua kalkulator."""
    from mutu.regulation import registry
    from mutu.regulation.explain import InputError

    try:
        if nama is None:
            for satu in registry.names():
                click.echo(f"{satu:24} {registry.describe(satu).uraian}")
            return
        registry.describe(nama)
        if skema:
            _print_json(registry.schema(nama), indent=2)
            return
        with _open_input(berkas) as masukan:
            if baris:
                sys.exit(_run_lines(nama, masukan))
            _print_json(registry.run(nama, registry.load_json(masukan.read()), date.today()), indent=2)
    except InputError as error:
        _print_json({"galat": error.galat}, indent=2)
        sys.exit(WRONG_INPUT)


def _open_input(berkas: Path | None) -> IO[bytes]:
    from mutu.regulation.explain import InputError

    if berkas is None:
        return sys.stdin.buffer
    try:
        return berkas.open("rb")
    except OSError as error:
        raise InputError.at("berkas", f"Berkas {berkas} tidak dapat dibaca ({error.strerror}).") from None


def _run_lines(nama: str, masukan: IO[bytes]) -> int:
    """One result per line, in order; a wrong line becomes its `galat` object and the exit code says so."""
    kode = 0
    for hasil in _line_results(nama, masukan):
        if "galat" in hasil:
            kode = WRONG_INPUT
        _print_json(hasil)
    return kode


def _line_results(nama: str, masukan: IO[bytes]) -> Iterator[dict[str, Any]]:
    from mutu.regulation import registry
    from mutu.regulation.explain import InputError

    hari_ini = date.today()
    for satu in masukan:
        try:
            yield registry.run(nama, registry.load_json(satu), hari_ini)
        except InputError as error:
            yield {"galat": error.galat}


def _print_json(isi: object, indent: int | None = None) -> None:
    # Bytes, because a Windows console or a C locale would otherwise choose an encoding that is not UTF-8.
    sys.stdout.buffer.write(json.dumps(isi, ensure_ascii=False, indent=indent).encode("utf-8") + b"\n")


if __name__ == "__main__":
    main()

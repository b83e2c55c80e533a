"""The `mutu` command line. Each command imports what it needs when it runs, so that none waits for the others.

`mutu hitung` knows no Django; commands that need the database set Django up inside their own function.
"""

import json
import os
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
    # What Mutu writes holds children's data: the database, uploads and reports are for their owner alone.
    os.umask(0o077)


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


@main.group()
def impor() -> None:
    """Impor daftar sekolah atau peserta didik dari berkas .csv, .csv.gz, .xlsx atau .ods."""


@impor.command("sekolah")
@click.argument("berkas", type=click.Path(path_type=Path))
@click.option("--laporan", type=click.Path(path_type=Path), help="Tulis baris yang ditolak ke berkas CSV ini.")
@click.option("--json", "as_json", is_flag=True, help="Hanya cetak satu baris JSON berisi jumlah baris.")
def impor_sekolah(berkas: Path, laporan: Path | None, as_json: bool) -> None:
    """Impor daftar sekolah dari BERKAS: baris yang baik disimpan, yang lain ditolak dengan alasannya."""
    from mutu.satuan.commands import run_import

    sys.exit(run_import("sekolah", berkas, report=laporan, as_json=as_json))


@impor.command("peserta")
@click.argument("berkas", type=click.Path(path_type=Path))
@click.option("--sekolah", "npsn", required=True, help="NPSN sekolah.")
@click.option("--tahun", required=True, help="Tahun pelajaran, misalnya 2026/2027.")
@click.option("--laporan", type=click.Path(path_type=Path), help="Tulis baris yang ditolak ke berkas CSV ini.")
@click.option("--json", "as_json", is_flag=True, help="Hanya cetak satu baris JSON berisi jumlah baris.")
def impor_peserta(berkas: Path, npsn: str, tahun: str, laporan: Path | None, as_json: bool) -> None:
    """Impor peserta didik dari BERKAS ke kelas-kelas satu sekolah pada satu tahun pelajaran."""
    from mutu.satuan.commands import run_import

    sys.exit(run_import("peserta", berkas, npsn=npsn, year=tahun, report=laporan, as_json=as_json))


@main.group("rapor")
def rapor_group() -> None:
    """Periksa keaslian berkas rapor final, dan ambil kunci publik sekolah."""


@rapor_group.command("periksa")
@click.argument("berkas", type=click.Path(path_type=Path))
@click.option(
    "--kunci",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Berkas kunci publik (PEM); boleh berulang. Dengan ini basis data tidak dibuka.",
)
@click.option("--json", "as_json", is_flag=True, help="Hanya cetak satu baris JSON.")
def rapor_periksa(berkas: Path, kunci: tuple[Path, ...], as_json: bool) -> None:
    """Periksa BERKAS PDF rapor final tanpa jaringan. Keluar 0 bila sah dan berlaku, 2 bila tidak."""
    from mutu.rapor.services.periksa import run_check

    sys.exit(run_check(berkas, kunci, as_json=as_json))


@rapor_group.command("kunci")
@click.option("--keluar", type=click.Path(path_type=Path), help="Tulis ke berkas ini, bukan ke keluaran standar.")
def rapor_kunci(keluar: Path | None) -> None:
    """Cetak kunci publik sekolah (PEM), untuk siapa pun yang hendak memeriksa rapornya."""
    from mutu.rapor.services.periksa import run_key

    sys.exit(run_key(keluar))


HOST = "127.0.0.1"


@main.command()
@click.option("--host", default=HOST, show_default=True, help="Alamat yang didengarkan.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 32), help="Banyak proses web.")
def run(host: str, port: int, workers: int) -> None:
    """Jalankan Mutu untuk sekolah Anda."""
    from mutu.satuan.setup import ensure_database

    ensure_database()
    from mutu.satuan.models import Peran

    if not Peran.objects.filter(jenis=Peran.Jenis.OPERATOR).exists():
        click.echo("Belum ada operator. Buat dahulu di jendela lain: mutu operator NAMA_PENGGUNA --nama 'Nama Lengkap'")
    click.echo(f"Mutu: http://{host}:{port}/")
    _serve(host, port, workers)


@main.command()
@click.argument("nama_pengguna")
@click.option("--nama", required=True, help="Nama lengkap operator.")
def operator(nama_pengguna: str, nama: str) -> None:
    """Buat akun operator; kata sandi pertamanya tampil satu kali di sini."""
    from mutu.satuan.setup import ensure_database

    ensure_database()
    from django.core.exceptions import ValidationError

    from mutu.satuan import ledger
    from mutu.satuan.models import Peran
    from mutu.satuan.services import accounts

    try:
        with ledger.record("akun.operator_dari_terminal", by=ledger.SYSTEM):
            akun, password = accounts.create_account(username=nama_pengguna, nama=nama, by=ledger.SYSTEM)
            accounts.grant_role(akun=akun, jenis=Peran.Jenis.OPERATOR, by=ledger.SYSTEM)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from None
    click.echo(f"Akun {akun.username} siap. Kata sandi pertama (catat sekarang): {password}")


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 32), help="Banyak proses web.")
@click.option("--isi-saja", is_flag=True, help="Isi sekolah contoh, lalu selesai.")
def demo(port: int, workers: int, isi_saja: bool) -> None:
    """Jalankan sekolah contoh; setiap peran masuk dengan satu ketukan. Hanya dari komputer ini."""
    os.environ["MUTU_DEMO"] = "1"
    # The rapor that are final in the made-up school carry this address in their QR code.
    os.environ.setdefault("MUTU_ALAMAT", f"http://{HOST}:{port}")
    from mutu.satuan.setup import ensure_database

    ensure_database()
    from mutu.kinerja import demo as kinerja_demo
    from mutu.rapor import demo as rapor_demo
    from mutu.satuan import demo as satuan_demo
    from mutu.satuan.models import Akun

    if Akun.objects.exists() and not Akun.objects.filter(username="demo-operator").exists():
        raise click.ClickException(
            "Basis data ini milik sekolah sungguhan. Pilih folder lain untuk sekolah contoh: MUTU_DATA=data-contoh."
        )
    satuan_demo.build()
    rapor_demo.build()
    kinerja_demo.build()
    if isi_saja:
        return
    click.echo(f"\nMutu, sekolah contoh: http://{HOST}:{port}/\nMasuk dengan satu ketukan sebagai:")
    for akun in Akun.objects.filter(username__startswith="demo-").prefetch_related("peran").order_by("pk"):
        roles = ", ".join(str(peran.get_jenis_display()) for peran in akun.peran.all())
        click.echo(f"  {akun.nama:28} {roles}")
    click.echo("Hentikan dengan Ctrl+C.\n")
    _serve(HOST, port, workers)


def _serve(host: str, port: int, workers: int) -> None:
    """Serve pages and do jobs until stopped. The job worker is a process of its own and is started again if it dies."""
    import signal
    import socket
    import subprocess
    import threading

    from django.db import connections
    from granian import Granian
    from granian.constants import Interfaces

    with socket.socket() as probe:
        # The server itself would share the port with whoever has it, and visitors would meet either at random.
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise click.ClickException(
                f"Alamat {host}:{port} tidak dapat dipakai; mungkin Mutu sudah berjalan di sana. "
                f"Hentikan dahulu, atau pilih port lain: --port {port + 1} (make run PORT={port + 1})."
            ) from None
    stop = threading.Event()
    child: list[subprocess.Popen[bytes]] = []

    def keep_worker() -> None:
        while not stop.is_set():
            process = subprocess.Popen([sys.executable, "-m", "mutu.cli", "worker"])
            child[:] = [process]
            while process.poll() is None and not stop.wait(0.5):
                pass
            stop.wait(1)

    connections.close_all()
    keeper = threading.Thread(target=keep_worker, daemon=True)
    keeper.start()
    try:
        Granian(
            "mutu.web.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=4,
            respawn_failed_workers=True,
            log_access=False,
        ).serve()
    finally:
        stop.set()
        keeper.join(timeout=2)
        for process in child:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


@main.command()
def worker() -> None:
    """Kerjakan antrean pekerjaan (cetak, impor). `mutu run` sudah menjalankannya."""
    import signal
    import threading

    from mutu.satuan.setup import start_django

    start_django()
    from mutu.satuan import jobs

    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    parent = os.getppid()

    def follow_parent() -> None:
        # A server that was killed cannot tell its worker to stop; an orphan would go on beside the next one.
        while not stop.wait(1) and os.getppid() == parent:
            pass
        stop.set()

    threading.Thread(target=follow_parent, daemon=True).start()
    jobs.run_worker(stop)


@main.command()
def doctor() -> None:
    """Periksa pemasangan ini: basis data, buku perubahan, ruang, pekerjaan. Keluar 1 bila ada yang perlu dibenahi."""
    from mutu.satuan.setup import ensure_database

    ensure_database()
    from mutu.satuan.doctor import findings

    sick = 0
    for finding in findings():
        click.echo(f"{'baik ' if finding.well else 'BENAHI'}  {finding.what}")
        if not finding.well:
            sick += 1
            click.echo(f"        {finding.cure}")
    sys.exit(1 if sick else 0)


if __name__ == "__main__":
    main()

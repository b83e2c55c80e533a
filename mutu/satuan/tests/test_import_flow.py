"""An import through the browser: upload, preview, approval, result; and the same on the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mutu.satuan import ledger
from mutu.satuan.jobs import work_once
from mutu.satuan.models import Akun, EntriLedger, Impor, Pekerjaan, Peran, PesertaDidik, Sekolah, TahunPelajaran
from mutu.satuan.services import accounts, imports
from mutu.satuan.tests.test_pupil_import import row
from mutu.satuan.tests.test_school_import import GOOD, line, table

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


def upload(client: Client, content: bytes, name: str = "daftar.csv", address: str = "") -> Impor:
    """Upload a file and do the preview job."""
    response = client.post(address or reverse("sekolah-impor"), {"berkas": SimpleUploadedFile(name, content)})
    assert response.status_code == 302, response.content.decode()
    impor = Impor.objects.latest("dibuat")
    assert response.url == reverse("impor", args=[impor.pk])
    page = client.get(response.url)
    assert "Menunggu giliran" in page.content.decode()
    assert work_once()
    impor.refresh_from_db()
    return impor


def test_nothing_is_stored_before_approval_and_exactly_the_preview_after(school: Sekolah, sign_in: SignIn) -> None:
    client = sign_in("demo-operator")
    impor = upload(client, table([*GOOD, line("123", "SMP BURUK"), line("10000004", lintang="99")]))
    assert impor.status == Impor.Status.PRATINJAU
    assert impor.hasil == {"baru": 4, "berubah": 0, "sama": 0, "ditolak": 1, "peringatan": 1}
    assert Sekolah.objects.count() == 1
    page = client.get(reverse("impor", args=[impor.pk])).content.decode()
    for words in ("SMP TIGA", "NPSN harus 8 angka", "di luar Indonesia", "Terapkan"):
        assert words in page
    refused = client.get(reverse("impor-ditolak", args=[impor.pk]))
    assert refused["Content-Disposition"].startswith("attachment")
    assert refused["X-Content-Type-Options"] == "nosniff"
    assert "NPSN harus 8 angka" in b"".join(refused.streaming_content).decode("utf-8-sig")
    workbook = b"".join(client.get(reverse("impor-perbaikan", args=[impor.pk])).streaming_content)
    assert workbook.startswith(b"PK")

    client.post(reverse("impor-terapkan", args=[impor.pk]))
    assert Sekolah.objects.count() == 1, "the job writes, not the request"
    assert work_once()
    impor.refresh_from_db()
    assert impor.status == Impor.Status.DITERAPKAN
    assert Sekolah.objects.count() == 5
    entry = EntriLedger.objects.get(perbuatan="sekolah.impor", aksi="kerja")
    assert entry.sesudah["sha256"] == impor.sha256
    assert entry.pelaku == f"akun:{Akun.objects.get(username='demo-operator').pk}"
    assert not (imports.folder_of(impor) / imports.UPLOADED).exists()
    assert "Sudah diterapkan" in client.get(reverse("impor", args=[impor.pk])).content.decode()
    client.post(reverse("impor-terapkan", args=[impor.pk]))
    assert not work_once(), "an applied import cannot be applied again"


def test_data_changed_between_preview_and_approval_refuses_everything(school: Sekolah, sign_in: SignIn) -> None:
    client = sign_in("demo-operator")
    impor = upload(client, table(GOOD))
    with ledger.record("uji.ubah", by=ledger.SYSTEM):
        Sekolah.objects.create(
            npsn="10000001", nama="MENDAHULUI", bentuk="SMP", status="N",
            kabkota=school.kabkota, kecamatan=school.kecamatan,
        )  # fmt: skip
    client.post(reverse("impor-terapkan", args=[impor.pk]))
    assert work_once()
    assert Sekolah.objects.count() == 2
    impor.refresh_from_db()
    assert impor.status == Impor.Status.BATAL
    assert "Data berubah sejak pratinjau" in client.get(reverse("impor", args=[impor.pk])).content.decode()


def test_a_second_run_of_the_commit_job_changes_nothing(school: Sekolah, sign_in: SignIn) -> None:
    client = sign_in("demo-operator")
    impor = upload(client, table(GOOD))
    client.post(reverse("impor-terapkan", args=[impor.pk]))
    assert work_once()
    lines = EntriLedger.objects.count()
    # As after a crash between the commit and the job's own last line.
    Pekerjaan.objects.filter(jenis="impor.terapkan").update(status=Pekerjaan.Status.ANTRE)
    assert work_once()
    row = Pekerjaan.objects.get(jenis="impor.terapkan")
    assert row.status == Pekerjaan.Status.SELESAI
    assert EntriLedger.objects.count() == lines


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("daftar.xlsx", table(GOOD), "berakhiran .xlsx"),
        ("daftar.csv", b"nama,umur\nSari,7\n", "Baris judul kolom tidak ditemukan"),
        ("daftar.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "Excel lama"),
        ("daftar.csv", table(GOOD).replace(b"status", b"statua"), "tidak dikenal"),
    ],
)
def test_an_unusable_file_says_why(school: Sekolah, sign_in: SignIn, name: str, content: bytes, words: str) -> None:
    client = sign_in("demo-operator")
    impor = upload(client, content, name)
    assert impor.status == Impor.Status.DITOLAK
    page = client.get(reverse("impor", args=[impor.pk])).content.decode()
    assert words in page
    assert "Terapkan" not in page
    assert Sekolah.objects.count() == 1


def test_an_empty_upload_is_refused_on_the_form(school: Sekolah, sign_in: SignIn) -> None:
    response = sign_in("demo-operator").post(
        reverse("sekolah-impor"), {"berkas": SimpleUploadedFile("kosong.csv", b"")}
    )
    assert response.status_code == 422
    assert not Impor.objects.exists()


def test_pupils_through_the_page(school: Sekolah, year: TahunPelajaran, sign_in: SignIn) -> None:
    from mutu.imports.template import write_template
    from mutu.satuan.sheets import PESERTA_DIDIK

    client = sign_in("demo-admin-sekolah")
    content = write_template(PESERTA_DIDIK, [row("9001"), row("9002", kelas="IX-Z")])
    address = reverse("peserta-impor", args=[year.pk])
    impor = upload(client, content, "peserta.xlsx", address)
    assert (impor.hasil["baru"], impor.hasil["ditolak"]) == (1, 1)
    client.post(reverse("impor-terapkan", args=[impor.pk]))
    assert work_once()
    assert PesertaDidik.objects.filter(sekolah=school, nis="9001").exists()
    assert sign_in("demo-operator").get(reverse("impor", args=[impor.pk])).status_code == 404


def test_whoever_lost_the_role_can_neither_see_nor_apply(
    school: Sekolah, year: TahunPelajaran, sign_in: SignIn
) -> None:
    from mutu.imports.template import write_template
    from mutu.satuan.sheets import PESERTA_DIDIK

    client = sign_in("demo-admin-sekolah")
    content = write_template(PESERTA_DIDIK, [row("9001")])
    impor = upload(client, content, "peserta.xlsx", reverse("peserta-impor", args=[year.pk]))
    client.post(reverse("impor-terapkan", args=[impor.pk]))
    held = Peran.objects.get(akun__username="demo-admin-sekolah")
    accounts.end_role(peran=held, by=ledger.SYSTEM)
    assert client.get(reverse("impor", args=[impor.pk])).status_code == 404
    assert work_once()
    assert Pekerjaan.objects.get(jenis="impor.terapkan").status == Pekerjaan.Status.GAGAL
    assert not PesertaDidik.objects.filter(nis="9001").exists()


def test_giving_up_deletes_the_file(school: Sekolah, sign_in: SignIn) -> None:
    client = sign_in("demo-operator")
    impor = upload(client, table(GOOD))
    client.post(reverse("impor-batal", args=[impor.pk]))
    impor.refresh_from_db()
    assert impor.status == Impor.Status.BATAL
    assert not imports.folder_of(impor).exists()


def mutu(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real command on a database of its own."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{folder}/sekolah.sqlite3",
        "MUTU_DATA": str(folder / "data"),
        "PYTHONUTF8": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "mutu.cli", *arguments],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.lambat
def test_the_command_on_an_empty_database(tmp_path: Path) -> None:
    source, report = tmp_path / "daftar.csv", tmp_path / "ditolak.csv"
    source.write_bytes(table([*GOOD, line("123"), line("10000004", lintang="99")]))
    command = ["impor", "sekolah", str(source), "--laporan", str(report), "--json"]
    first = mutu(tmp_path, *command)
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout) == {"baru": 4, "berubah": 0, "sama": 0, "ditolak": 1, "peringatan": 1}
    assert first.stdout.count("\n") == 1
    assert "1 baris ditolak" in first.stderr
    lines = report.read_text("utf-8-sig").splitlines()
    assert lines[0] == "baris,kolom,nilai,pesan"
    assert lines[1].startswith("5,npsn,123,")
    again = mutu(tmp_path, *command)
    assert json.loads(again.stdout) == {"baru": 0, "berubah": 0, "sama": 4, "ditolak": 1, "peringatan": 1}

    words = mutu(tmp_path, "impor", "sekolah", str(source))
    assert words.stdout == "5 baris: 0 baru, 0 berubah, 4 sama, 1 ditolak, 1 peringatan\n"
    bad = tmp_path / "buruk.csv"
    bad.write_bytes(b"nama,umur\nSari,7\n")
    refused = mutu(tmp_path, "impor", "sekolah", str(bad), "--json")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "tidak ada yang berubah" in refused.stderr
    assert mutu(tmp_path, "impor", "sekolah", str(tmp_path / "tiada.csv")).returncode == 2
    nowhere = mutu(tmp_path, "impor", "sekolah", str(source), "--laporan", "/tiada/ditolak.csv")
    assert nowhere.returncode == 2
    assert "Traceback" not in first.stderr + again.stderr + refused.stderr + nowhere.stderr

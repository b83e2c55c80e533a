"""The proof of a final rapor: what is signed, what a changed byte does, what a stored one prints. On both databases."""

import io
import json
import os
import random
import subprocess
import sys
import threading
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from django.test import Client

from mutu.rapor import documents
from mutu.rapor.models import RaporFinal
from mutu.rapor.services import bukti, final, pindah
from mutu.rapor.tests.test_documents import member, words
from mutu.rapor.tests.test_keadaan import ajukan, lengkapi, periksa, rapor, sahkan, sampai_final
from mutu.rapor.tests.test_services import isi
from mutu.regulation.canonical import canonical, digest
from mutu.satuan import jobs, ledger
from tests.contoh import Contoh, sekolah_kecil
from tests.crash.victims import database_url

NUMBER = "69900101-ABCDE-FGHJK-MNPQR-STWXY"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<</Size 1>>\nstartxref\n9\n%%EOF"


def key(folder: Path) -> tuple[bukti.Key, dict[str, object]]:
    made = bukti.own_key(folder)
    return made, bukti.read_keys([folder / bukti.PUBLIC_NAME])  # type: ignore[return-value]


# The text, the key, the number


def test_one_content_has_one_spelling() -> None:
    assert canonical({"b": [1, None, True], "a": "é"}) == '{"a":"é","b":[1,null,true]}'
    for wrong in (1.5, Decimal(1), {1: "a"}, {"a": {1}}, [b"x"]):
        with pytest.raises(TypeError):
            canonical(wrong)


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(bukti.own_key(tmp_path).fingerprint)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert (tmp_path / bukti.KEY_NAME).stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kunci-rapor", "kunci-rapor.pub"]


def test_a_lost_key_leaves_its_public_half(tmp_path: Path) -> None:
    old, _keys = key(tmp_path)
    signed = old.sign_file(PDF, NUMBER)
    (tmp_path / bukti.KEY_NAME).unlink()
    new, keys = key(tmp_path)
    assert old.fingerprint != new.fingerprint
    assert bukti.verify_file(signed, keys).hasil == "sah"  # type: ignore[arg-type]


def test_a_broken_key_is_never_replaced_silently(tmp_path: Path) -> None:
    (tmp_path / bukti.KEY_NAME).write_bytes(b"bukan kunci")
    with pytest.raises(bukti.KeyFault, match="cadangan"):
        bukti.own_key(tmp_path)
    assert (tmp_path / bukti.KEY_NAME).read_bytes() == b"bukan kunci"


def test_a_number_is_read_as_people_type_it() -> None:
    number = bukti.new_number("69900101")
    assert bukti.parse_number(number) == number
    assert bukti.parse_number(f"  {number.lower().replace('-', ' ')} ") == number
    assert bukti.parse_number(number.replace("-", "")) == number
    for wrong in ("", "abc", number[:-1], number + "2", number[:9] + "0OIL1" + number[14:], "٦٩٩٠٠١٠١" + number[8:]):
        assert bukti.parse_number(wrong) is None, wrong
    assert len({bukti.new_number("69900101") for _ in range(500)}) == 500


def test_a_signature_of_a_text_is_none_of_a_file(tmp_path: Path) -> None:
    own, keys = key(tmp_path)
    public = keys[own.fingerprint]
    assert bukti.text_is_signed("isi", own.sign_text("isi"), public)  # type: ignore[arg-type]
    assert not bukti.text_is_signed("isj", own.sign_text("isi"), public)  # type: ignore[arg-type]
    line = own.sign_file(PDF, NUMBER).rsplit(b" ", 1)
    assert not bukti.text_is_signed((line[0] + b" ").decode(), line[1].strip().decode(), public)  # type: ignore[arg-type]


# The file


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content + b"\n",
        lambda content: content[:-1],
        lambda content: content + content[content.rindex(b"%MUTU") :],
        lambda content: content.replace(b"\n%MUTU", b"\r\n%MUTU"),
        lambda content: content[: content.rindex(b"%MUTU")] + content[content.rindex(b"%MUTU") :].upper(),
        lambda content: b"x" + content,
        lambda content: content[: content.rindex(b"%MUTU")],
    ],
)
def test_another_spelling_of_the_line_is_no_signature(tmp_path: Path, change: object) -> None:
    own, keys = key(tmp_path)
    signed = own.sign_file(PDF, NUMBER)
    assert bukti.verify_file(signed, keys).hasil == "sah"  # type: ignore[arg-type]
    assert bukti.verify_file(change(signed), keys).hasil in ("rusak", "tanpa_tanda")  # type: ignore[operator, arg-type]


def test_a_file_of_an_unknown_key_says_so(tmp_path: Path) -> None:
    own, _keys = key(tmp_path / "satu")
    _other, keys = key(tmp_path / "lain")
    verdict = bukti.verify_file(own.sign_file(PDF, NUMBER), keys)  # type: ignore[arg-type]
    assert (verdict.hasil, verdict.id, verdict.kunci) == ("kunci_tidak_dikenal", NUMBER, own.fingerprint)


@pytest.fixture
def selesai(contoh: Contoh) -> Contoh:
    sampai_final(contoh)
    return contoh


def final_of(contoh: Contoh, number: int = 0) -> RaporFinal:
    return RaporFinal.objects.get(rapor=rapor(contoh, number), status="berlaku")


@pytest.mark.django_db
def test_a_thousand_changed_bytes_are_all_found(selesai: Contoh) -> None:
    content, _card = documents.print_final(final_of(selesai))
    keys = bukti.read_keys([final.settings.DATA_DIR / bukti.PUBLIC_NAME])
    assert bukti.verify_file(content, keys).hasil == "sah"
    chance = random.Random(20070630)
    line = content.rindex(b"%MUTU")
    # Half of them anywhere, half in the line of the signature itself, where spelling could hide a change.
    places = [chance.randrange(len(content)) for _ in range(500)]
    places += [chance.randrange(line - 8, len(content)) for _ in range(500)]
    missed = []
    for number, place in enumerate(places):
        changed = bytearray(content)
        changed[place] ^= 1 << chance.randrange(8) if number % 2 else chance.randrange(1, 256)
        if bukti.verify_file(bytes(changed), keys).hasil == "sah":
            missed.append(place)
    assert missed == []


@pytest.mark.django_db
def test_a_signed_file_opens_everywhere_and_promises_what_it_keeps(selesai: Contoh) -> None:
    content, card = documents.print_final(final_of(selesai))
    assert len(pypdfium2.PdfDocument(content)) >= 1
    text = words(content)
    assert "Adi Uji 1" in text
    assert card["bukti"]["id"] in text
    assert "DRAF" not in text
    with pikepdf.open(io.BytesIO(content)) as pdf:
        meta = str(pdf.open_metadata())
    assert "pdfuaid" in meta
    assert "pdfaid" not in meta, "PDF/A lets nothing follow the end mark"


@pytest.mark.django_db
def test_the_snapshot_is_canonical_signed_and_whole(selesai: Contoh) -> None:
    row = final_of(selesai)
    data = json.loads(row.isi)
    assert canonical(data) == row.isi
    assert digest(row.isi) == row.sidik
    assert data["id"] == row.pk
    assert (data["npsn"], data["revisi"], data["keadaan"]) == ("69900101", 0, "final")
    assert (data["kelas"], data["semester"]) == (selesai.kelas.pk, selesai.semester.pk)
    assert data["aturan"]["id"] == "ktsp-2007"
    assert len(data["aturan"]["sidik"]) == 64
    live, *_ = documents.cards(selesai.kelas, selesai.semester, [selesai.anggota[0].pk], appendix=True)
    ignored = {"bukti", "kertas"}
    shown = final.isi(row).kartu(appendix=True)
    assert {k: v for k, v in live.items() if k not in ignored} == {k: v for k, v in shown.items() if k not in ignored}


@pytest.mark.django_db
def test_a_changed_row_is_noticed_before_it_is_printed(selesai: Contoh) -> None:
    row = final_of(selesai)
    forged = row.isi.replace('"nilai":63', '"nilai":93')
    assert forged != row.isi
    for changes in (
        {"isi": forged},
        {"isi": forged, "sidik": digest(forged)},
        {"isi": forged, "sidik": digest(forged), "kunci": "0" * 64},
    ):
        with ledger.record("uji.palsu", by=ledger.SYSTEM):
            RaporFinal.objects.filter(pk=row.pk).update(**changes)
        row.refresh_from_db()
        with pytest.raises(final.Tercemar):
            final.isi(row)


@pytest.mark.django_db
def test_an_old_rapor_prints_the_same_bytes_after_everything_changed(selesai: Contoh) -> None:
    row = final_of(selesai)
    before = [
        documents.print_final(row, appendix=more, paper=paper)[0] for more in (False, True) for paper in ("a4", "f4")
    ]  # type: ignore[arg-type]
    final.buka_revisi(rapor=rapor(selesai), alasan="UH 1 salah ketik", by=selesai.akun["kepala"])
    assert isi(selesai, ("100",), versi=1).all_saved
    with ledger.record("uji.ubah", by=ledger.SYSTEM):
        pupil = selesai.anggota[0].peserta
        pupil.nama = "Nama Baru"
        pupil.save()
        selesai.sekolah.nama = "SMP Ganti Nama"
        selesai.sekolah.save()
        selesai.kelas.nama = "VII-Z"
        selesai.kelas.wali_kelas = None
        selesai.kelas.save()
        selesai.semester.tanggal_rapor = None
        selesai.semester.save()
        for subject in selesai.tahun.mapel_tingkat.all():
            subject.kkm = 90
            subject.save()
        selesai.matematika.mapel.nama = "Berhitung"
        selesai.matematika.mapel.save()
    again = RaporFinal.objects.get(pk=row.pk)
    after = [
        documents.print_final(again, appendix=more, paper=paper)[0] for more in (False, True) for paper in ("a4", "f4")
    ]  # type: ignore[arg-type]
    assert after == before
    assert "Nama Baru" not in words(after[0])


@pytest.mark.django_db
def test_the_final_rapor_of_a_pupil_who_left_still_opens_prints_and_holds(selesai: Contoh, client: Client) -> None:
    row = final_of(selesai)
    client.force_login(selesai.akun["wali"])
    pages = [f"/rapor/anggota/{selesai.anggota[0].pk}/1/{part}" for part in ("", "rapor.pdf")]
    before = client.get(pages[1]).content
    pindah.leave(
        anggota=selesai.anggota[0],
        tanggal=date(2026, 11, 20),
        alasan="mengikuti orang tua yang pindah tugas",
        by=selesai.akun["admin"],
    )
    assert [client.get(page).status_code for page in pages] == [200, 200]
    assert client.get(pages[1]).content == before, "R46"
    assert "berlaku" in client.get(f"/cek/{row.pk}").content.decode().lower()


@pytest.mark.django_db
def test_single_download_and_zip_give_the_signed_file(selesai: Contoh) -> None:
    keys = bukti.read_keys([final.settings.DATA_DIR / bukti.PUBLIC_NAME])
    single, _card = documents.print_one(member(selesai), selesai.semester, appendix=False, paper="a4")
    assert bukti.verify_file(single, keys).id == final_of(selesai).pk
    data = {"kelas": selesai.kelas.pk, "semester": selesai.semester.pk, "bentuk": "zip"}
    row = jobs.submit("rapor.cetak_kelas", title="Cetak", by=selesai.akun["wali"], data=data)
    assert jobs.work_once()
    row.refresh_from_db()
    path = jobs.result_path(row)
    assert path is not None
    archive = zipfile.ZipFile(path)
    files = {name: archive.read(name) for name in archive.namelist()}
    assert [bukti.verify_file(content, keys).hasil for content in files.values()] == ["sah"] * 3
    (own,) = [content for name, content in files.items() if name.startswith("Adi")]
    assert own == single


@pytest.mark.django_db
def test_a_class_in_one_file_shows_each_number(selesai: Contoh) -> None:
    final.tarik(rapor=rapor(selesai), alasan="Tertukar", by=selesai.akun["kepala"])
    data = {"kelas": selesai.kelas.pk, "semester": selesai.semester.pk, "bentuk": "pdf"}
    row = jobs.submit("rapor.cetak_kelas", title="Cetak", by=selesai.akun["wali"], data=data)
    assert jobs.work_once()
    row.refresh_from_db()
    assert row.hasil["draf"] == 1, "the withdrawn one is a draft again"
    path = jobs.result_path(row)
    assert path is not None
    text = words(path.read_bytes())
    assert final_of(selesai, 1).pk in text
    assert RaporFinal.objects.get(status="ditarik").pk not in text


@pytest.mark.django_db
def test_the_qr_code_holds_address_number_and_hash(contoh: Contoh, settings: object) -> None:
    settings.PUBLIC_ADDRESS = "https://mutu.contoh.sch.id/"  # type: ignore[attr-defined]
    lengkapi(contoh)
    ajukan(contoh)
    periksa(contoh)
    sahkan(contoh)
    row = final_of(contoh)
    proof = final.isi(row).kartu()["bukti"]
    assert proof["alamat"] == f"https://mutu.contoh.sch.id/cek/{row.pk}"
    assert proof["qr"] == list(bukti.qr_rows(f"{proof['alamat']}?s={row.sidik[:12]}"))
    assert len(proof["qr"]) == len(proof["qr"][0]) > 20
    assert set("".join(proof["qr"])) == {"0", "1"}


# The command line


def command(*arguments: str | Path, data: Path | None = None, **more: str) -> tuple[int, dict[str, object]]:
    """Run `mutu rapor periksa ... --json` in a process of its own."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "mutu.web.settings"} | more
    if data is not None:
        environment |= {"MUTU_DATA": str(data), "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-m", "mutu.cli", "rapor", "periksa", *map(str, arguments), "--json"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    return done.returncode, json.loads(done.stdout)


def test_a_file_is_verified_without_a_database(tmp_path: Path) -> None:
    own, _keys = key(tmp_path / "sekolah")
    pem, empty = tmp_path / "sekolah" / bukti.PUBLIC_NAME, tmp_path / "kosong"
    empty.mkdir()
    good, bad, plain = (tmp_path / name for name in ("baik.pdf", "rusak.pdf", "biasa.pdf"))
    good.write_bytes(own.sign_file(PDF, NUMBER))
    bad.write_bytes(good.read_bytes().replace(b"endobj", b"endobk"))
    plain.write_bytes(PDF)
    code, found = command(good, "--kunci", pem, data=empty)
    assert (code, found["hasil"], found["id"], found["basis_data"]) == (0, "sah", NUMBER, False)
    assert command(bad, "--kunci", pem, data=empty)[1]["hasil"] == "rusak"
    code, found = command(plain, "--kunci", pem, data=empty)
    assert (code, found["hasil"]) == (2, "tanpa_tanda")
    assert command(tmp_path / "tiada.pdf", "--kunci", pem, data=empty)[0] == 2
    assert command(good, "--kunci", good, data=empty)[1]["hasil"] == "tidak_terbaca"
    assert list(empty.iterdir()) == [], "verifying leaves nothing behind"
    key(tmp_path / "lain")
    code, found = command(good, "--kunci", tmp_path / "lain" / bukti.PUBLIC_NAME, data=empty)
    assert (code, found["hasil"]) == (2, "kunci_tidak_dikenal")
    code, found = command(good, data=tmp_path / "sekolah")
    assert (code, found["hasil"], found["basis_data"]) == (0, "sah", False)


@pytest.mark.django_db(transaction=True)
def test_a_file_is_compared_with_the_database_where_there_is_one(tmp_path: Path) -> None:
    contoh = sekolah_kecil()
    sampai_final(contoh)
    row, other = final_of(contoh), final_of(contoh, 1)
    paper = tmp_path / "rapor.pdf"
    paper.write_bytes(documents.print_final(row)[0])
    own = {"DATABASE_URL": database_url()}
    assert command(paper, **own) == (
        0,
        {
            "hasil": "sah",
            "pesan": "Sah: berkas ini utuh dan ditandatangani kunci yang dikenal.",
            "id": row.pk,
            "kunci": row.kunci,
            "basis_data": True,
        },
    )
    final.buka_revisi(rapor=rapor(contoh), alasan="Salah", by=contoh.akun["kepala"])
    periksa(contoh)
    sahkan(contoh)
    code, found = command(paper, **own)
    assert (code, found["hasil"]) == (2, "diganti")
    final.tarik(rapor=rapor(contoh, 1), alasan="Tertukar", by=contoh.akun["kepala"])
    paper.write_bytes(documents.print_final(other)[0])
    assert command(paper, **own)[1]["hasil"] == "ditarik"
    paper.write_bytes(final.kunci().sign_file(PDF, NUMBER))
    code, found = command(paper, **own)
    assert (code, found["hasil"]) == (2, "tidak_dikenal"), "a genuine key, a number nobody made final"


def test_the_public_key_is_handed_out(tmp_path: Path) -> None:
    environment = os.environ | {"MUTU_DATA": str(tmp_path), "DATABASE_URL": ""}
    run = [sys.executable, "-m", "mutu.cli", "rapor", "kunci"]
    first = subprocess.run(run, capture_output=True, env=environment, timeout=60)
    target = tmp_path / "sekolah.pem"
    second = subprocess.run([*run, "--keluar", str(target)], capture_output=True, env=environment, timeout=60)
    assert (first.returncode, second.returncode) == (0, 0)
    assert target.read_bytes() == first.stdout
    (mark,) = bukti.read_keys([target])
    assert mark in first.stderr.decode()
    assert b"PRIVATE" not in first.stdout

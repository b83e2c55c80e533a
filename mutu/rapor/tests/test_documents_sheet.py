"""A card as HTML: nothing typed becomes markup, gaps are named, and a class is one page with few queries."""

import copy
import zipfile
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from mutu.rapor import documents
from mutu.rapor.documents.cards import Card
from mutu.satuan import jobs, ledger
from mutu.satuan.models import AnggotaKelas, Pekerjaan
from tests.contoh import Contoh, sekolah_kecil

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert("x")</script>&\'"'
QUERIES = 10
"""Of the whole page, signing in included."""


@pytest.fixture
def card(contoh: Contoh) -> Card:
    kelas = type(contoh.kelas).objects.select_related("tahun__sekolah__kabkota", "wali_kelas").get(pk=contoh.kelas.pk)
    return documents.cards(kelas, contoh.semester_2, [contoh.anggota[0].pk])[0]


def poisoned(value: Any) -> Any:
    """The same card with every text hostile."""
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, list):
        return [poisoned(one) for one in value]
    if isinstance(value, dict):
        return {name: poisoned(one) for name, one in value.items()}
    return value


def test_no_text_of_a_card_becomes_markup(card: Card) -> None:
    full = copy.deepcopy(card)
    full["mapel"][0] |= {"nilai": 80, "huruf": "x", "deskripsi": "x", "kelompok": "x", "manual": True}
    full["pengembangan"] = [{"nama": "x", "nilai": "A", "sebutan": "x", "keterangan": "x"}]
    full["sikap"] = [{"aspek": "x", "judul": "x", "pakai_kategori": True, "kategori": "x", "uraian": "x"}]
    full["prestasi"] = full["catatan_khusus"] = [{"nama": "x", "peringkat": "x", "tanggal": "x"}]
    full["catatan_wali"] = "x"
    full["keputusan"] = {"dasar": "x", "kalimat": "x"}
    full["bukti"] = {"id": "x", "alamat": "x", "sidik": "x", "qr": []}
    full["fase"] = "x"
    hostile = poisoned(full)
    kinds = [part["jenis"] for part in full["bagian"]]
    hostile["bagian"] = [
        {"jenis": kind, "judul": HOSTILE, "ranah": ""} for kind in (*kinds, "catatan_wali", "keputusan")
    ]
    hostile["kolom"] = [{"isi": one["isi"], "judul": HOSTILE} for one in full["kolom"]]
    page = documents.html(hostile, why={HOSTILE: HOSTILE})
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 40
    assert HOSTILE[-3:] not in page.replace('="', "").replace('">', "")


def test_a_gap_is_named_and_never_zero(card: Card) -> None:
    page = documents.html(card)
    assert page.count("belum diisi") >= 5
    assert ">0<" not in page
    assert "DRAF: belum disahkan" in page


def test_the_page_of_a_class_holds_every_card_and_few_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for pupils in (2, 30):
        contoh = sekolah_kecil(npsn=f"699001{pupils:02}", pupils=pupils, prefix=f"s{pupils}-")
        client.force_login(contoh.akun["wali"], backend="django.contrib.auth.backends.ModelBackend")
        address = reverse("rapor-lembar", args=[contoh.kelas.pk, 1])
        # The first page of a process also asks for the school's name, which the head of every page then keeps.
        client.get(address)
        with django_assert_max_num_queries(QUERIES):
            page = client.get(address).content.decode()
        assert page.count('<article class="sheet"') == pupils
        assert all(anggota.peserta.nama in page for anggota in contoh.anggota)


def test_the_page_of_an_empty_class_says_so(client: Client, contoh: Contoh) -> None:
    with ledger.record("uji.kosong", by=ledger.SYSTEM):
        AnggotaKelas.objects.filter(kelas=contoh.kelas).delete()
    client.force_login(contoh.akun["wali"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("rapor-lembar", args=[contoh.kelas.pk, 1])).content.decode()
    assert "Kelas ini belum berisi peserta didik" in page


def test_the_board_leads_to_the_sheets(client: Client, contoh: Contoh) -> None:
    client.force_login(contoh.akun["wali"], backend="django.contrib.auth.backends.ModelBackend")
    board = client.get(reverse("rapor-kelas", args=[contoh.kelas.pk, 1])).content.decode()
    assert reverse("rapor-lembar", args=[contoh.kelas.pk, 1]) in board


def test_the_head_prints_every_class_and_nobody_else(client: Client, contoh: Contoh) -> None:
    address = reverse("rapor-cetak-tahun", args=[contoh.semester.pk])
    for who, status in (("wali", 404), ("admin", 404), ("orang_tua", 404), ("kepala", 302)):
        client.force_login(contoh.akun[who], backend="django.contrib.auth.backends.ModelBackend")
        assert client.post(address, {"kertas": "f4"}).status_code == status, who
    board = client.get(reverse("rapor-kesiapan", args=[contoh.semester.pk])).content.decode()
    assert address in board
    assert jobs.work_once()
    row = Pekerjaan.objects.get(jenis="rapor.cetak_tahun")
    assert (row.status, row.hasil["diminta"], row.hasil["dicetak"]) == ("selesai", 3, 3)
    path = jobs.result_path(row)
    assert path
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        document = pypdfium2.PdfDocument(archive.read(name))
    assert name == "rapor VII-A.pdf"
    assert [entry.get_title() for entry in document.get_toc(max_depth=1)] == [
        f"Rapor {one.peserta.nama}" for one in contoh.anggota
    ]


def test_a_year_without_pupils_is_not_printed(contoh: Contoh) -> None:
    with ledger.record("uji.kosong", by=ledger.SYSTEM):
        AnggotaKelas.objects.all().delete()
    row = jobs.submit("rapor.cetak_tahun", title="x", by=contoh.akun["kepala"], data={"semester": contoh.semester.pk})
    assert jobs.work_once()
    row.refresh_from_db()
    assert (row.status, jobs.result_path(row)) == ("gagal", None)
    assert "Tidak ada kelas berisi peserta didik" in row.pesan

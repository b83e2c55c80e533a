"""The rapor pages as forms without script: what is typed, what is refused, what is shown afterwards."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mutu.rapor.models import Ketentuan, Ketidakhadiran, MapelTingkat, Nilai, NilaiRapor, Penilaian, StandarKompetensi
from mutu.rapor.tests.test_services import EXAMPLE_1, isi
from mutu.satuan import jobs
from mutu.satuan.models import Pekerjaan
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client: Client, contoh: Contoh) -> Any:
    def enter(role: str) -> Client:
        client.force_login(contoh.akun[role])
        return client

    return enter


def cell(contoh: Contoh, column: int = 0, member: int = 0) -> str:
    return f"{contoh.uh[column].pk}-{contoh.anggota[member].pk}"


def test_the_grid_saves_as_a_plain_form(contoh: Contoh, sign_in: Any) -> None:
    url = f"/rapor/pembelajaran/{contoh.matematika.pk}/1/"
    client = sign_in("guru")
    answer = client.post(url, {f"n-{cell(contoh)}": "72,5", f"v-{cell(contoh)}": "0"}, follow=True)
    assert "1 nilai tersimpan." in answer.content.decode()
    assert str(Nilai.objects.get().nilai) == "72.50"
    assert 'value="72,5"' in answer.content.decode()


def test_the_grid_keeps_what_was_typed_beside_its_message_and_saves_the_rest(contoh: Contoh, sign_in: Any) -> None:
    url = f"/rapor/pembelajaran/{contoh.matematika.pk}/1/"
    answer = sign_in("guru").post(
        url,
        {
            f"n-{cell(contoh)}": "delapan",
            f"v-{cell(contoh)}": "0",
            f"n-{cell(contoh, 1)}": "80",
            f"v-{cell(contoh, 1)}": "0",
        },
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="delapan"' in page
    assert "bukan angka" in page
    assert [int(mark.nilai or 0) for mark in Nilai.objects.all()] == [80]


def test_a_stale_plain_form_shows_who_and_what(contoh: Contoh, sign_in: Any) -> None:
    isi(contoh, ("60",))
    isi(contoh, ("70",), versi=1)
    url = f"/rapor/pembelajaran/{contoh.matematika.pk}/1/"
    answer = sign_in("guru").post(url, {f"n-{cell(contoh)}": "90", f"v-{cell(contoh)}": "1"})
    page = answer.content.decode()
    assert "Diubah Gani Guru pada" in page
    assert "menjadi 70" in page
    assert Nilai.objects.get().nilai == 70


def test_a_head_reads_the_grid_and_cannot_write(contoh: Contoh, sign_in: Any) -> None:
    isi(contoh, ("60",))
    url = f"/rapor/pembelajaran/{contoh.matematika.pk}/1/"
    client = sign_in("kepala")
    assert '<input type="text"' not in client.get(url).content.decode()
    assert client.post(url, {f"n-{cell(contoh)}": "99", f"v-{cell(contoh)}": "1"}).status_code == 404
    assert Nilai.objects.get().nilai == 60


def test_columns_are_added_changed_and_removed(contoh: Contoh, sign_in: Any) -> None:
    client = sign_in("guru")
    url = f"/rapor/pembelajaran/{contoh.matematika.pk}/1/kolom/"
    assert client.post(url, {"jenis": "uh", "sk": ""}).status_code == 422
    assert client.post(url, {"jenis": "uh", "sk": contoh.sk[0].pk, "keterangan": "KD 1.2"}).status_code == 302
    added = Penilaian.objects.get(keterangan="KD 1.2")
    assert added.nomor == 4
    assert client.post(f"/rapor/kolom/{added.pk}/", {"sk": contoh.sk[1].pk, "keterangan": "KD 2.1"}).status_code == 302
    added.refresh_from_db()
    assert (added.sk_id, added.keterangan) == (contoh.sk[1].pk, "KD 2.1")
    assert client.post(f"/rapor/kolom/{added.pk}/", {"hapus": "1"}).status_code == 302
    assert not Penilaian.objects.filter(pk=added.pk).exists()


def test_kenapa_shows_steps_article_inputs_and_authors(contoh: Contoh, sign_in: Any) -> None:
    isi(contoh, EXAMPLE_1)
    page = sign_in("guru").get(f"/rapor/kenapa/{NilaiRapor.objects.get().pk}/").content.decode()
    for part in ("66", "252", "252 : 4", "63", "enam puluh tiga", "Bab II.B.2", "ktsp-2007", "Gani Guru", "UH 3"):
        assert part in page, part


def test_own_words_are_marked_as_such(contoh: Contoh, sign_in: Any) -> None:
    isi(contoh, EXAMPLE_1)
    row = NilaiRapor.objects.get()
    client = sign_in("guru")
    assert client.post(f"/rapor/deskripsi/{row.pk}/", {"teks": "Rajin sekali.", "versi": row.versi}).status_code == 302
    assert "tulisan guru" in client.get(f"/rapor/kenapa/{row.pk}/").content.decode()
    stale = client.post(f"/rapor/deskripsi/{row.pk}/", {"teks": "Lagi.", "versi": row.versi})
    assert stale.status_code == 422
    assert "sudah berubah" in stale.content.decode()


def test_weights_that_total_99_are_refused_at_their_field(contoh: Contoh, sign_in: Any) -> None:
    url = f"/rapor/semester/{contoh.semester.pk}/ketentuan/"
    form = {
        "cara": "persen",
        "bobot_uh": "59",
        "bobot_uts": "20",
        "bobot_uas": "20",
        "kosong": "tolak",
        "remedial": "tertinggi",
    }
    client = sign_in("admin")
    answer = client.post(url, form)
    assert answer.status_code == 422
    assert "99" in str(answer.context["form"].errors["bobot_uh"])
    assert not Ketentuan.objects.exists()
    assert client.post(url, form | {"bobot_uh": "60"}).status_code == 302
    assert Ketentuan.objects.get().bobot_uh == 60
    early = client.post(url, form | {"bobot_uh": "60", "tanggal_rapor": "2026-01-01"})
    assert "tanggal_rapor" in early.context["form"].errors


@pytest.mark.parametrize(("typed", "status"), [("120", 422), ("-1", 422), ("abc", 422), ("", 422), ("70", 302)])
def test_kkm(contoh: Contoh, sign_in: Any, typed: str, status: int) -> None:
    url = f"/rapor/tahun/{contoh.tahun.pk}/kkm/{contoh.matematika.mapel_id}/7/"
    assert sign_in("admin").post(url, {"kkm": typed}).status_code == status
    assert MapelTingkat.objects.get(mapel=contoh.matematika.mapel).kkm == (70 if status == 302 else 65)


def test_a_subject_of_another_school_has_no_kkm_here(contoh: Contoh, sign_in: Any) -> None:
    from tests.contoh import sekolah_kecil

    other = sekolah_kecil("69900109", prefix="x-")
    url = f"/rapor/tahun/{contoh.tahun.pk}/kkm/{other.matematika.mapel_id}/7/"
    assert sign_in("admin").post(url, {"kkm": "70"}).status_code == 404


def test_sk_numbers_are_unique_and_used_ones_stay(contoh: Contoh, sign_in: Any) -> None:
    client = sign_in("admin")
    url = f"/rapor/mapel/{contoh.sk[0].mapel_tingkat_id}/sk/?semester=1"
    taken = client.post(url, {"nomor": "1", "uraian": "Lagi"})
    assert taken.status_code == 422
    assert "sudah ada" in str(taken.context["form"].errors["nomor"])
    assert client.post(url, {"nomor": "4", "uraian": "Peluang"}).status_code == 302
    used = client.post(f"/rapor/sk/{contoh.sk[0].pk}/", {"hapus": "1"})
    assert used.status_code == 422
    free = StandarKompetensi.objects.get(uraian="Peluang")
    assert client.post(f"/rapor/sk/{free.pk}/", {"hapus": "1"}).status_code == 302


def test_absences(contoh: Contoh, sign_in: Any) -> None:
    url = f"/rapor/kelas/{contoh.kelas.pk}/1/ketidakhadiran/"
    client = sign_in("wali")
    first, second = contoh.anggota[0].pk, contoh.anggota[1].pk
    typed = {f"sakit-{first}": "2", f"izin-{first}": "-", f"tanpa_keterangan-{first}": "0", f"versi-{first}": "0"}
    wrong = client.post(url, typed | {f"sakit-{second}": "dua"})
    assert wrong.status_code == 422
    assert "jumlah hari" in wrong.content.decode()
    assert not Ketidakhadiran.objects.exists(), "nothing is half saved"
    assert client.post(url, typed).status_code == 302
    row = Ketidakhadiran.objects.get()
    assert (row.sakit, row.izin, row.tanpa_keterangan) == (2, 0, 0)


def test_a_class_is_printed_as_a_job_once(contoh: Contoh, sign_in: Any) -> None:
    client = sign_in("wali")
    url = f"/rapor/kelas/{contoh.kelas.pk}/1/cetak/"
    first = client.post(url, {"bentuk": "zip", "kertas": "f4"})
    second = client.post(url, {"bentuk": "zip", "kertas": "f4"})
    assert first["Location"] == second["Location"]
    assert jobs.work_once()
    row = Pekerjaan.objects.get()
    assert row.status == "selesai"
    assert row.hasil == {"diminta": 3, "dicetak": 3, "draf": 3, "gagal": []}
    assert client.get(first["Location"]).status_code == 200


def test_the_lists_need_few_queries(contoh: Contoh, sign_in: Any) -> None:
    isi(contoh, EXAMPLE_1)
    client = sign_in("wali")
    for url, most in (
        ("/", 22),  # two subjects say what waits
        ("/rapor/", 16),
        (f"/rapor/kelas/{contoh.kelas.pk}/1/", 14),
        (f"/rapor/anggota/{contoh.anggota[0].pk}/1/", 16),
    ):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= most, f"{url}: {len(queries)}"


def test_the_schools_operator_is_offered_no_door_that_is_closed(contoh: Contoh, sign_in: Any) -> None:
    isi(contoh, EXAMPLE_1)
    client = sign_in("admin")
    for url in (f"/rapor/pembelajaran/{contoh.matematika.pk}/1/", f"/rapor/kelas/{contoh.kelas.pk}/1/"):
        page = client.get(url).content.decode()
        assert "63" in page
        for closed in ("/rapor/kenapa/", "/rapor/riwayat/", "/rapor/anggota/"):
            assert closed not in page, f"{url} offers {closed}"
    for role in ("kepala", "wali"):
        page = sign_in(role).get(f"/rapor/kelas/{contoh.kelas.pk}/1/").content.decode()
        assert "/rapor/kenapa/" in page
        assert "/rapor/anggota/" in page

"""The pages beside the marks as forms without script."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mutu.rapor import rules
from mutu.rapor.models import (
    HariKehadiran,
    KegiatanPengembangan,
    Ketidakhadiran,
    NilaiPengembangan,
    Pengamatan,
    Prestasi,
    Rapor,
    Sikap,
)
from mutu.rapor.views.kehadiran import today_not_taken
from mutu.rapor.views.sikap import unset_character
from mutu.satuan import ledger
from mutu.satuan.models import Kelas, MataPelajaran
from tests.contoh import Contoh, sekolah_kecil

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def a_fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dates are checked against today; the clock of the machine must not decide a test."""
    monkeypatch.setattr(timezone, "localdate", lambda *args, **kwargs: TODAY)


@pytest.fixture
def sign_in(client: Client, contoh: Contoh) -> Any:
    def enter(role: str) -> Client:
        client.force_login(contoh.akun[role])
        return client

    return enter


@pytest.fixture
def pramuka(contoh: Contoh) -> KegiatanPengembangan:
    with ledger.record("uji.kegiatan", by=ledger.SYSTEM):
        return KegiatanPengembangan.objects.create(
            sekolah=contoh.sekolah, nama="Pramuka", pembina=contoh.bahasa.guru, urutan=1
        )


@pytest.fixture
def fields(contoh: Contoh) -> Contoh:
    with ledger.record("uji.bidang", by=ledger.SYSTEM):
        for lesson, bidang in ((contoh.matematika, "agama"), (contoh.bahasa, "pkn")):
            lesson.mapel.bidang = bidang
            lesson.mapel.save()
    return contoh


def test_the_operator_keeps_the_activities(contoh: Contoh, sign_in: Any) -> None:
    client = sign_in("admin")
    url = f"/rapor/sekolah/{contoh.sekolah.npsn}/kegiatan/"
    assert url in client.get(f"/sekolah/{contoh.sekolah.npsn}/").content.decode()
    assert client.post(url, {"nama": "Pramuka", "pembina": contoh.bahasa.guru_id}).status_code == 302
    again = client.post(url, {"nama": "PRAMUKA"})
    assert again.status_code == 422
    assert "sudah ada" in again.content.decode()
    row = KegiatanPengembangan.objects.get()
    assert client.post(f"/rapor/kegiatan/{row.pk}/", {"nama": "Pramuka Inti", "urutan": "3"}).status_code == 302
    row.refresh_from_db()
    assert (row.nama, row.urutan, row.pembina) == ("Pramuka Inti", 3, None)
    assert client.post(f"/rapor/kegiatan/{row.pk}/", {"hapus": "1"}).status_code == 302
    assert not KegiatanPengembangan.objects.exists()


def test_a_teacher_of_another_school_cannot_be_chosen(contoh: Contoh, sign_in: Any) -> None:
    other = sekolah_kecil("69900109", prefix="lain-")
    url = f"/rapor/sekolah/{contoh.sekolah.npsn}/kegiatan/"
    answer = sign_in("admin").post(url, {"nama": "Pramuka", "pembina": other.matematika.guru_id})
    assert answer.status_code == 422
    assert not KegiatanPengembangan.objects.exists()


def test_the_operator_marks_the_field_of_a_subject(contoh: Contoh, sign_in: Any) -> None:
    client = sign_in("admin")
    url = f"/mapel/{contoh.matematika.mapel_id}/"
    form = {"nama": "Pendidikan Agama", "kelompok": "mapel", "bidang": "agama", "urutan": "1"}
    assert client.post(url, form).status_code == 302
    assert MataPelajaran.objects.get(pk=contoh.matematika.mapel_id).bidang == "agama"
    assert '<option value="agama" selected>' in client.get(url).content.decode()
    assert client.post(url, form | {"bidang": "lain"}).status_code == 422


def test_letters_of_a_class_in_one_screen(contoh: Contoh, pramuka: KegiatanPengembangan, sign_in: Any) -> None:
    client = sign_in("guru_lain")
    first, second = contoh.anggota[0].pk, contoh.anggota[1].pk
    url = f"/rapor/kegiatan/{pramuka.pk}/kelas/{contoh.kelas.pk}/1/"
    assert f"/rapor/kegiatan/{pramuka.pk}/kelas/" in client.get("/rapor/").content.decode()
    assert url in client.get(f"/rapor/kegiatan/{pramuka.pk}/kelas/").content.decode()
    form = {
        f"nilai-{first}": "A",
        f"keterangan-{first}": "belum pernah absen",
        f"versi-{first}": "0",
        f"nilai-{second}": "B",
        f"keterangan-{second}": "menguasai simpul",
        f"versi-{second}": "0",
    }
    page = client.post(url, form, follow=True).content.decode()
    assert "2 baris tersimpan." in page
    assert "Keterangan memuat kata “belum”" in page
    assert 'value="menguasai simpul"' in page
    assert "“menguasai simpul”" not in page


def test_a_conflict_shows_both_values_and_a_person_chooses(
    contoh: Contoh, pramuka: KegiatanPengembangan, sign_in: Any
) -> None:
    client = sign_in("guru_lain")
    pk = contoh.anggota[0].pk
    url = f"/rapor/kegiatan/{pramuka.pk}/kelas/{contoh.kelas.pk}/1/"
    client.post(url, {f"nilai-{pk}": "B", f"keterangan-{pk}": "aktif", f"versi-{pk}": "0"})
    mine = {f"nilai-{pk}": "A", f"keterangan-{pk}": "memimpin", f"versi-{pk}": "0"}
    answer = client.post(url, mine)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "menjadi: B, aktif" in page
    assert 'value="memimpin"' in page
    assert f'name="pilih-{pk}" id="pilih-s-{pk}" value="1"' in page
    assert client.post(url, mine).status_code == 422, "without a choice the conflict stays"
    assert client.post(url, mine | {f"pilih-{pk}": "tersimpan"}).status_code == 302
    assert NilaiPengembangan.objects.get().nilai == "B"
    client.post(url, {f"nilai-{pk}": "C", f"keterangan-{pk}": "aktif", f"versi-{pk}": "1"})
    assert client.post(url, mine | {f"pilih-{pk}": "1"}).status_code == 422, "chosen over a value that was not shown"
    assert client.post(url, mine | {f"pilih-{pk}": "2"}).status_code == 302
    assert NilaiPengembangan.objects.get().nilai == "A"


def test_letters_of_another_school_s_class_are_not_there(
    contoh: Contoh, pramuka: KegiatanPengembangan, sign_in: Any
) -> None:
    other = sekolah_kecil("69900109", prefix="lain-")
    client = sign_in("guru_lain")
    assert client.get(f"/rapor/kegiatan/{pramuka.pk}/kelas/{other.kelas.pk}/1/").status_code == 404
    assert client.get(f"/rapor/kegiatan/{pramuka.pk}/kelas/{contoh.kelas.pk}/3/").status_code == 404
    bad = {f"nilai-{contoh.anggota[0].pk}": "A", f"versi-{contoh.anggota[0].pk}": "-1"}
    assert client.post(f"/rapor/kegiatan/{pramuka.pk}/kelas/{contoh.kelas.pk}/1/", bad).status_code == 404


def test_each_teacher_finds_the_own_part_of_the_character_page(fields: Contoh, sign_in: Any) -> None:
    url = f"/rapor/kelas/{fields.kelas.pk}/1/sikap/"
    pk = fields.anggota[0].pk
    client = sign_in("guru")
    page = client.get(url).content.decode()
    assert f'name="akhlak-{pk}"' in page
    assert f'name="kepribadian-{pk}"' not in page
    form = {"aksi": "kategori", f"akhlak-{pk}": "sangat baik", f"versi-akhlak-{pk}": "0"}
    assert client.post(url, form).status_code == 302
    assert client.post(url, form | {f"kepribadian-{pk}": "baik", f"versi-kepribadian-{pk}": "0"}).status_code == 404
    client = sign_in("guru_lain")
    page = client.get(url).content.decode()
    assert f'name="akhlak-{pk}"' not in page
    assert "sangat baik</td>" not in page, "who sets kepribadian does not read akhlak"
    assert client.post(url, form | {f"akhlak-{pk}": "baik"}).status_code == 404
    client = sign_in("wali")
    page = client.get(url).content.decode()
    assert f'name="akhlak-{pk}"' not in page
    assert "<td>sangat baik</td>" in page
    assert client.post(url, form).status_code == 404
    assert Sikap.objects.get().kategori == "sangat baik"


def test_an_observation_reaches_the_one_who_judges(fields: Contoh, sign_in: Any) -> None:
    url = f"/rapor/kelas/{fields.kelas.pk}/1/sikap/"
    form = {"aksi": "amati", "anggota": fields.anggota[0].pk, "aspek": "akhlak", "isi": "menolong teman"}
    client = sign_in("guru_lain")
    assert client.post(url, form | {"tanggal": "2026-08-03"}).status_code == 302
    assert client.post(url, form | {"tanggal": "2026-12-01"}).status_code == 422
    mine = Pengamatan.objects.get()
    client = sign_in("guru")
    page = client.get(url).content.decode()
    assert "menolong teman" in page
    assert "Lia Lain" in page
    assert 'name="pengamatan"' not in page, "only its author takes it back"
    assert client.post(url, {"aksi": "hapus", "pengamatan": mine.pk}).status_code == 404
    client = sign_in("guru_lain")
    assert client.post(url, {"aksi": "hapus", "pengamatan": mine.pk}).status_code == 302
    assert not Pengamatan.objects.exists()
    assert client.post(url, {"aksi": "lain"}).status_code == 404


def test_home_tells_who_owes_which_category(fields: Contoh, sign_in: Any) -> None:
    (line,) = unset_character(fields.akun["guru"])
    assert (line.text, line.count) == ("Akhlak kelas VII-A", 3)
    sign_in("guru").post(
        line.url,
        {"aksi": "kategori"}
        | {f"akhlak-{member.pk}": "baik" for member in fields.anggota}
        | {f"versi-akhlak-{member.pk}": "0" for member in fields.anggota},
    )
    assert unset_character(fields.akun["guru"]) == []
    assert len(list(unset_character(fields.akun["guru_lain"]))) == 1
    assert unset_character(fields.akun["wali"]) == []


def test_a_curriculum_without_character_says_so(fields: Contoh, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with ledger.record("uji.kurikulum", by=ledger.SYSTEM):
        Kelas.objects.filter(pk=fields.kelas.pk).update(kurikulum="merdeka")
    monkeypatch.setattr(rules, "aspek_sikap", lambda aturan=None: {})
    page = sign_in("guru").get(f"/rapor/kelas/{fields.kelas.pk}/1/sikap/").content.decode()
    assert "tidak memuat sikap" in page
    assert "<select" not in page
    notes = sign_in("wali").get(f"/rapor/kelas/{fields.kelas.pk}/1/catatan/").content.decode()
    assert f'name="isi-{fields.anggota[0].pk}"' in notes


def test_achievements_are_entered_changed_and_removed(contoh: Contoh, sign_in: Any) -> None:
    client = sign_in("wali")
    url = f"/rapor/kelas/{contoh.kelas.pk}/1/prestasi/"
    form = {"anggota": contoh.anggota[0].pk, "jenis": "khusus", "nama": "Duta seni", "tanggal": "2026-09-01"}
    assert client.post(url, form).status_code == 302
    row = Prestasi.objects.get()
    assert "Duta seni" in client.get(url).content.decode()
    change = form | {"peringkat": "Terpilih", "versi": "1"}
    assert client.post(f"/rapor/prestasi/{row.pk}/", change).status_code == 302
    stale = client.post(f"/rapor/prestasi/{row.pk}/", change | {"peringkat": "Lain"})
    assert stale.status_code == 422
    assert "sudah diubah" in stale.content.decode()
    late = client.post(url, form | {"tanggal": "2026-12-24"})
    assert late.status_code == 422
    assert "belum terjadi" in late.content.decode()
    assert client.post(f"/rapor/prestasi/{row.pk}/", {"hapus": "1", "versi": "2"}).status_code == 302
    assert not Prestasi.objects.exists()


def test_attendance_of_a_day_and_its_month(contoh: Contoh, sign_in: Any) -> None:
    client = sign_in("wali")
    url = f"/rapor/kelas/{contoh.kelas.pk}/1/kehadiran/hari/"
    pk = contoh.anggota[0].pk
    page = client.get(url + "?tanggal=2026-08-03").content.decode()
    assert f'id="hadir-{pk}-" value="" checked' in page
    answer = client.post(url, {"tanggal": "2026-08-03", "versi": "0", f"hadir-{pk}": "sakit"}, follow=True)
    page = answer.content.decode()
    assert "Kehadiran tersimpan; 1 tidak hadir." in page
    assert "Agustus 2026" in page
    assert '<span aria-hidden="true">S</span><span class="visually-hidden">Sakit</span>' in page
    assert f'id="hadir-{pk}-sakit" value="sakit" checked' in client.get(url + "?tanggal=2026-08-03").content.decode()
    stale = client.post(url, {"tanggal": "2026-08-03", "versi": "0", f"hadir-{pk}": "izin"})
    assert stale.status_code == 422
    assert "Adi Uji 1 (sakit)" in stale.content.decode()
    assert f'id="hadir-{pk}-izin" value="izin" checked' in stale.content.decode(), "what was typed stays"
    absences = client.get(f"/rapor/kelas/{contoh.kelas.pk}/1/ketidakhadiran/").content.decode()
    assert f'name="sakit-{pk}"' not in absences
    assert "?tanggal=2026-08-03" in absences
    month = sign_in("kepala").get(f"/rapor/kelas/{contoh.kelas.pk}/1/kehadiran/?bulan=2026-08").content.decode()
    assert "Agustus 2026" in month
    assert "Catat kehadiran" not in month
    client = sign_in("wali")
    assert client.post(url, {"tanggal": "2026-08-03", "versi": "1", "hapus": "1"}).status_code == 302
    assert not HariKehadiran.objects.exists()
    assert Ketidakhadiran.objects.get(anggota=contoh.anggota[0]).sakit is None


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("2026-11-25", "belum terjadi"),
        ("2026-08-02", "Minggu"),
        ("2026-01-05", "luar semester"),
        ("x", "tidak dikenal"),
    ],
)
def test_a_day_without_school_is_refused_on_the_page(contoh: Contoh, sign_in: Any, asked: str, word: str) -> None:
    client = sign_in("wali")
    url = f"/rapor/kelas/{contoh.kelas.pk}/1/kehadiran/hari/"
    page = client.get(f"{url}?tanggal={asked}").content.decode()
    assert word in page
    assert "Simpan kehadiran" not in page
    assert client.post(url, {"tanggal": asked, "versi": "0"}).status_code == 422
    assert not HariKehadiran.objects.exists()


def test_typed_days_give_way_only_with_a_tick(contoh: Contoh, sign_in: Any) -> None:
    with ledger.record("uji.tangan", by=ledger.SYSTEM):
        Ketidakhadiran.objects.create(anggota=contoh.anggota[0], semester=contoh.semester, sakit=4)
    client = sign_in("wali")
    url = f"/rapor/kelas/{contoh.kelas.pk}/1/kehadiran/hari/"
    assert 'name="ganti"' in client.get(url + "?tanggal=2026-08-03").content.decode()
    assert client.post(url, {"tanggal": "2026-08-03", "versi": "0"}).status_code == 422
    assert Ketidakhadiran.objects.get().sakit == 4
    assert client.post(url, {"tanggal": "2026-08-03", "versi": "0", "ganti": "1"}).status_code == 302
    assert Ketidakhadiran.objects.get(anggota=contoh.anggota[0]).sakit == 0


def test_a_manual_entry_that_comes_too_late_is_told(contoh: Contoh, sign_in: Any) -> None:
    client = sign_in("wali")
    pk = contoh.anggota[0].pk
    client.post(f"/rapor/kelas/{contoh.kelas.pk}/1/kehadiran/hari/", {"tanggal": "2026-08-03", "versi": "0"})
    typed = {f"{name}-{pk}": "1" for name in ("sakit", "izin", "tanpa_keterangan")} | {f"versi-{pk}": "0"}
    answer = client.post(f"/rapor/kelas/{contoh.kelas.pk}/1/ketidakhadiran/", typed)
    assert answer.status_code == 422
    assert "dijumlahkan dari kehadiran harian" in answer.content.decode()
    assert Ketidakhadiran.objects.get(anggota=contoh.anggota[0]).sakit == 0


def test_home_asks_for_today_only_where_attendance_is_kept_daily(contoh: Contoh, sign_in: Any) -> None:
    wali = contoh.akun["wali"]
    assert today_not_taken(wali) == []
    client = sign_in("wali")
    url = f"/rapor/kelas/{contoh.kelas.pk}/1/kehadiran/hari/"
    client.post(url, {"tanggal": "2026-08-03", "versi": "0"})
    assert [line.url for line in today_not_taken(wali)] == [url]
    client.post(url, {"tanggal": TODAY.isoformat(), "versi": "0"})
    assert today_not_taken(wali) == []


def test_the_overview_prints_the_three_best_and_what_is_missing(
    fields: Contoh, pramuka: KegiatanPengembangan, sign_in: Any
) -> None:
    with ledger.record("uji.isi", by=ledger.SYSTEM):
        for order, (nama, nilai) in enumerate((("Voli", "C"), ("Catur", "A"), ("Tari", "B"), ("Silat", "A")), start=2):
            activity = KegiatanPengembangan.objects.create(sekolah=fields.sekolah, nama=nama, urutan=order)
            NilaiPengembangan.objects.create(
                kegiatan=activity,
                semester=fields.semester,
                anggota=fields.anggota[0],
                nilai=nilai,
                pada=timezone.now(),
            )
    page = sign_in("wali").get(f"/rapor/kelas/{fields.kelas.pk}/1/ringkasan/").content.decode()
    assert page.index("Catur") < page.index("Silat") < page.index("Tari")
    assert "Voli" not in page
    assert "belum" in page


def test_a_final_rapor_shows_values_without_fields(fields: Contoh, pramuka: KegiatanPengembangan, sign_in: Any) -> None:
    with ledger.record("uji.kunci", by=ledger.SYSTEM):
        Rapor.objects.create(
            anggota=fields.anggota[0], semester=fields.semester, status=Rapor.Status.FINAL, pada=timezone.now()
        )
    pk, other = fields.anggota[0].pk, fields.anggota[1].pk
    page = sign_in("guru_lain").get(f"/rapor/kegiatan/{pramuka.pk}/kelas/{fields.kelas.pk}/1/").content.decode()
    assert f'name="nilai-{pk}"' not in page
    assert f'name="nilai-{other}"' in page
    assert "sudah final" in page
    page = sign_in("guru").get(f"/rapor/kelas/{fields.kelas.pk}/1/sikap/").content.decode()
    assert f'name="akhlak-{pk}"' not in page
    assert f'name="akhlak-{other}"' in page


def test_a_category_changed_meanwhile_is_chosen_by_a_person(fields: Contoh, sign_in: Any) -> None:
    client = sign_in("guru")
    url = f"/rapor/kelas/{fields.kelas.pk}/1/sikap/"
    name = f"akhlak-{fields.anggota[0].pk}"
    client.post(url, {"aksi": "kategori", name: "baik", f"versi-{name}": "0"})
    mine = {"aksi": "kategori", name: "sangat baik", f"versi-{name}": "0"}
    answer = client.post(url, mine)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "menjadi: baik" in page
    assert "<option selected>sangat baik</option>" in page
    assert f'href="#{name}"' in page
    assert f'name="pilih-{name}" id="pilih-s-{name}" value="1" required form="kategori"' in page
    assert client.post(url, mine | {f"pilih-{name}": "1"}).status_code == 302
    assert Sikap.objects.get().kategori == "sangat baik"

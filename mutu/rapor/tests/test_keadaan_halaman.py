"""Pages of the way of a rapor and of its proof: buttons, refusals, the public check, and what guardians see."""

import re
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from mutu.rapor.models import NilaiRapor, Rapor, RaporFinal, SudahDibaca
from mutu.rapor.services import bukti, final, langkah
from mutu.rapor.tests.test_bukti import final_of
from mutu.rapor.tests.test_documents import words
from mutu.rapor.tests.test_keadaan import ajukan, keadaan, lengkapi, periksa, rapor, sahkan, sampai_final
from mutu.rapor.tests.test_services import isi
from mutu.rapor.views.bukti import initials
from mutu.satuan import ledger
from mutu.satuan.models import Sekolah
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limit() -> None:
    cache.clear()


def enter(contoh: Contoh, role: str) -> Client:
    client = Client()
    client.force_login(contoh.akun[role])
    return client


def said(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def bagikan(contoh: Contoh) -> None:
    with ledger.record("uji.tanggal", by=ledger.SYSTEM):
        contoh.semester.tanggal_rapor = date(2020, 1, 1)
        contoh.semester.save()


def test_a_class_walks_through_the_pages(contoh: Contoh) -> None:
    lengkapi(contoh)
    lesson = f"/rapor/pembelajaran/{contoh.matematika.pk}/1/ajuan/"
    kelas = f"/rapor/kelas/{contoh.kelas.pk}/1/keadaan/"
    teacher, homeroom, head = (enter(contoh, role) for role in ("guru", "wali", "kepala"))
    assert "Ajukan kepada wali kelas" in said(teacher.get(lesson))
    assert "sudah diajukan" in said(teacher.post(lesson, {"aksi": "ajukan"}, follow=True))
    assert "menunggu pemeriksaan" in said(homeroom.get("/"))
    assert "2 rapor" not in said(
        homeroom.post(kelas, {"aksi": "periksa", "anggota": contoh.anggota[0].pk}, follow=True)
    )
    assert "2 rapor diperiksa" in said(homeroom.post(kelas, {"aksi": "periksa"}, follow=True))
    assert "menunggu pengesahan" in said(head.get("/"))
    assert "3 rapor disahkan" in said(head.post(kelas, {"aksi": "sahkan"}, follow=True))
    assert keadaan(contoh) == ["final"] * 3
    again = said(head.post(kelas, {"aksi": "sahkan", "anggota": contoh.anggota[0].pk}, follow=True))
    assert "sudah final oleh Kus Kepala" in again
    assert RaporFinal.objects.count() == 3


def test_a_refusal_is_a_sentence(contoh: Contoh) -> None:
    kelas = f"/rapor/kelas/{contoh.kelas.pk}/1/keadaan/"
    lesson = f"/rapor/pembelajaran/{contoh.matematika.pk}/1/ajuan/"
    assert "Adi Uji 1: belum ada nilai" in said(enter(contoh, "guru").post(lesson, {"aksi": "ajukan"}, follow=True))
    page = said(enter(contoh, "wali").post(kelas, {"aksi": "periksa"}, follow=True))
    assert "Matematika belum diajukan (Gani Guru, S.Pd.)" in page
    page = said(enter(contoh, "wali").post(kelas, {"aksi": "sahkan"}, follow=True))
    assert "bukan wewenang Anda" in page
    for broken in ({"aksi": "apa"}, {"aksi": "periksa", "anggota": "x"}, {"aksi": "kembalikan", "pembelajaran": "٣"}):
        assert enter(contoh, "wali").post(kelas, broken).status_code == 404
    assert enter(contoh, "admin").post(kelas, {"aksi": "periksa"}).status_code == 404


def test_a_lesson_is_given_back_on_the_page(contoh: Contoh) -> None:
    lengkapi(contoh)
    ajukan(contoh)
    kelas = f"/rapor/kelas/{contoh.kelas.pk}/1/keadaan/"
    form = {"aksi": "kembalikan", "pembelajaran": contoh.matematika.pk, "alasan": "UTS tertukar"}
    assert "dikembalikan" in said(enter(contoh, "wali").post(kelas, form, follow=True))
    page = said(enter(contoh, "guru").get(f"/rapor/pembelajaran/{contoh.matematika.pk}/1/ajuan/"))
    assert "UTS tertukar" in page


def test_a_check_is_opened_again_on_the_page(contoh: Contoh) -> None:
    lengkapi(contoh)
    ajukan(contoh)
    periksa(contoh)
    kelas = f"/rapor/kelas/{contoh.kelas.pk}/1/keadaan/"
    form = {"aksi": "buka", "anggota": contoh.anggota[1].pk, "alasan": ""}
    assert "Tulis alasannya" in said(enter(contoh, "wali").post(kelas, form, follow=True))
    enter(contoh, "wali").post(kelas, form | {"alasan": "Absen salah"})
    assert keadaan(contoh) == ["diperiksa", "diajukan", "diperiksa"]


def test_the_head_opens_a_revision_and_prints_its_minutes(contoh: Contoh) -> None:
    sampai_final(contoh)
    url = f"/rapor/anggota/{contoh.anggota[0].pk}/1/final/"
    head = enter(contoh, "kepala")
    assert head.get(url).status_code == 200
    assert enter(contoh, "wali").post(url, {"aksi": "revisi", "alasan": "Salah"}).status_code == 404
    assert "Revisi dibuka" in said(head.post(url, {"aksi": "revisi", "alasan": "UH 1 salah ketik"}, follow=True))
    note = rapor(contoh).berita_acara.get()
    before = words(head.get(f"/rapor/berita-acara/{note.pk}/berita-acara.pdf").content)
    assert "belum disahkan" in before
    isi(contoh, ("100",), versi=1)
    periksa(contoh)
    sahkan(contoh)
    paper = words(head.get(f"/rapor/berita-acara/{note.pk}/berita-acara.pdf").content)
    for part in ("UH 1 salah ketik", "Adi Uji 1", "63", "70", "Kus Kepala", "Wati Wali, M.Pd.", note.final_id):
        assert part in paper, part
    assert final_of(contoh).pk in paper
    assert enter(contoh, "orang_tua").get(f"/rapor/berita-acara/{note.pk}/berita-acara.pdf").status_code == 404


# The public check


def check(number: str, **query: str) -> Any:
    return Client().get(f"/cek/{number}", query)


def test_anyone_sees_that_a_rapor_is_valid_and_no_more_than_the_paper(contoh: Contoh) -> None:
    sampai_final(contoh)
    row = final_of(contoh)
    answer = check(row.pk, s=row.sidik[:12])
    page = said(answer)
    assert answer.status_code == 200
    for part in ("Sah dan berlaku", "A. U.", "VII-A", "2026/2027", "SMP Tunas Harapan", row.sidik[:8], "cocok"):
        assert part in page, part
    # Number and hash are random letters and digits, which may spell a mark by chance.
    rest = page.replace(row.pk, "").replace(row.sidik, "").replace(" ".join(re.findall(".{8}", row.sidik)), "")
    for secret in ("Adi", "7000", " 63 ", ">63<", "enam puluh", "Oma Tua", "Wati"):
        assert secret not in rest, secret
    assert answer["Cache-Control"] == "no-store"


def test_a_hash_that_does_not_fit_is_said(contoh: Contoh) -> None:
    sampai_final(contoh)
    for wrong in ("0" * 12, final_of(contoh).sidik[:4], "zz"):
        page = said(check(final_of(contoh).pk, s=wrong))
        assert "tidak cocok" in page
        assert "Sah dan berlaku" not in page


def test_replaced_and_withdrawn_are_told_apart(contoh: Contoh) -> None:
    sampai_final(contoh)
    first, second = final_of(contoh, 0), final_of(contoh, 1)
    final.buka_revisi(rapor=rapor(contoh), alasan="Salah", by=contoh.akun["kepala"])
    assert "sedang merevisi" in said(check(first.pk))
    periksa(contoh)
    sahkan(contoh)
    assert "Sudah diganti oleh revisi ke-1" in said(check(first.pk))
    final.tarik(rapor=rapor(contoh, 1), alasan="Rahasia sekolah", by=contoh.akun["kepala"])
    page = said(check(second.pk))
    assert "Ditarik oleh sekolah" in page
    assert "Rahasia" not in page


def test_unknown_numbers_and_numbers_of_other_schools(contoh: Contoh) -> None:
    own, other = bukti.new_number(contoh.sekolah.npsn), bukti.new_number("60000001")
    answer = check(own)
    assert answer.status_code == 404
    assert "Tidak dikenal" in said(answer)
    assert "NPSN 60000001" in said(check(other))
    with ledger.record("uji.sekolah", by=ledger.SYSTEM):
        Sekolah.objects.create(
            npsn="60000001", nama="SMP Lain Sekali", bentuk="SMP", status="N",
            kabkota=contoh.sekolah.kabkota, kecamatan=contoh.sekolah.kecamatan,
        )  # fmt: skip
    page = said(check(other))
    assert "SMP Lain Sekali" in page
    assert "tidak disimpan di sini" in page
    for wrong in ("abc", "1", "<script>", "69900101-AAAAA"):
        assert check(wrong).status_code == 422


def test_a_number_can_be_typed(contoh: Contoh) -> None:
    sampai_final(contoh)
    number = final_of(contoh).pk
    answer = Client().get("/cek/", {"nomor": number.lower().replace("-", " ")}, follow=True)
    assert "Sah dan berlaku" in said(answer)
    assert Client().get("/cek/").status_code == 200
    assert "bukan nomor rapor" in said(Client().get("/cek/", {"nomor": "x"}))


def test_checks_are_limited_per_address(contoh: Contoh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mutu.rapor.views.bukti.limit.num_requests", 2)
    number = bukti.new_number(contoh.sekolah.npsn)
    assert [check(number).status_code for _ in range(3)] == [404, 404, 429]


def test_a_stored_text_that_was_changed_is_not_called_valid(contoh: Contoh) -> None:
    sampai_final(contoh)
    row = final_of(contoh)
    with ledger.record("uji.palsu", by=ledger.SYSTEM):
        RaporFinal.objects.filter(pk=row.pk).update(isi=row.isi.replace("VII-A", "VII-B"))
    page = said(check(row.pk))
    assert "Tidak dapat dipastikan" in page
    assert "Sah dan berlaku" not in page


def test_initials() -> None:
    assert initials("Adi Budi  Citra") == "A. B. C."
    assert initials("I Gusti 2 ñandú") == "I. G. Ñ."
    assert initials("") == ""


# Guardians


def test_a_guardian_sees_the_final_rapor_from_its_day_on(contoh: Contoh) -> None:
    sampai_final(contoh)
    guardian = enter(contoh, "orang_tua")
    member, row = contoh.anggota[0].pk, final_of(contoh)
    pages = (f"/rapor/anggota/{member}/1/final/", f"/rapor/anggota/{member}/1/", f"/rapor/final/{row.pk}/rapor.pdf")
    assert [guardian.get(page).status_code for page in pages] == [404] * 3
    bagikan(contoh)
    assert [guardian.get(page).status_code for page in pages] == [200] * 3
    assert "Sudah dibaca" in said(guardian.get(pages[0]))
    other = final_of(contoh, 1)
    assert guardian.get(f"/rapor/final/{other.pk}/rapor.pdf").status_code == 404
    assert guardian.get(f"/rapor/anggota/{contoh.anggota[1].pk}/1/final/").status_code == 404


def test_a_guardian_never_sees_the_live_draft(contoh: Contoh) -> None:
    lengkapi(contoh)
    bagikan(contoh)
    guardian, member = enter(contoh, "orang_tua"), contoh.anggota[0].pk
    mark = NilaiRapor.objects.get(anggota=contoh.anggota[0]).pk
    assert "belum" in said(guardian.get(f"/rapor/anggota/{member}/1/"))
    assert guardian.get(f"/rapor/anggota/{member}/1/rapor.pdf").status_code == 404
    assert guardian.get(f"/rapor/kenapa/{mark}/").status_code == 404
    ajukan(contoh)
    periksa(contoh)
    sahkan(contoh)
    before = guardian.get(f"/rapor/anggota/{member}/1/rapor.pdf").content
    final.buka_revisi(rapor=rapor(contoh), alasan="Salah", by=contoh.akun["kepala"])
    isi(contoh, ("100",), versi=1)
    assert guardian.get(f"/rapor/anggota/{member}/1/rapor.pdf").content == before
    page = said(guardian.get(f"/rapor/anggota/{member}/1/"))
    assert "enam puluh tiga" in page
    assert "tujuh puluh" not in page
    why = said(guardian.get(f"/rapor/kenapa/{mark}/"))
    assert "63" in why
    assert "252 : 4" in why
    assert "70" not in why.partition("<main")[2]
    final.tarik(rapor=rapor(contoh), alasan="Tertukar", by=contoh.akun["kepala"])
    assert guardian.get(f"/rapor/anggota/{member}/1/rapor.pdf").status_code == 404
    assert "enam puluh tiga" not in said(guardian.get(f"/rapor/anggota/{member}/1/"))


def test_a_guardian_acknowledges_once_and_the_homeroom_teacher_sees_it(contoh: Contoh) -> None:
    sampai_final(contoh)
    bagikan(contoh)
    row = final_of(contoh)
    url = f"/rapor/final/{row.pk}/dibaca/"
    guardian = enter(contoh, "orang_tua")
    assert guardian.get(url).status_code == 404
    for _ in range(2):
        assert "Anda sudah membacanya" in said(guardian.post(url, follow=True))
    assert SudahDibaca.objects.count() == 1
    assert "Oma Tua," in said(enter(contoh, "wali").get(f"/rapor/kelas/{contoh.kelas.pk}/1/keadaan/"))
    assert enter(contoh, "wali").post(url).status_code == 404, "nobody reads for a guardian"
    assert SudahDibaca.objects.count() == 1


def test_a_guardian_sees_the_history_without_the_schools_reasons(contoh: Contoh) -> None:
    sampai_final(contoh)
    bagikan(contoh)
    final.tarik(rapor=rapor(contoh), alasan="Rahasia sekolah", by=contoh.akun["kepala"])
    periksa(contoh)
    sahkan(contoh)
    page = said(enter(contoh, "orang_tua").get(f"/rapor/anggota/{contoh.anggota[0].pk}/1/final/"))
    assert page.count("/rapor.pdf") == 2
    for part in ("Naskah pertama", "Revisi ke-1", "Ditarik", "Berlaku"):
        assert part in page, part
    for part in ("Rahasia", "Kus Kepala", "berita-acara"):
        assert part not in page, part


def test_the_states_page_asks_few_queries(contoh: Contoh, django_assert_max_num_queries: Any) -> None:
    sampai_final(contoh)
    client = enter(contoh, "kepala")
    with django_assert_max_num_queries(24):
        assert client.get(f"/rapor/kelas/{contoh.kelas.pk}/1/keadaan/").status_code == 200
    assert Rapor.objects.count() == 3
    assert langkah.belum_diajukan(contoh.kelas, contoh.semester) == []

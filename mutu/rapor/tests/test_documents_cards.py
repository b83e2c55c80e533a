"""The whole card as data: every section of the rule set, and what is named when it is missing."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from mutu.rapor import documents
from mutu.rapor.models import (
    CatatanWali,
    KegiatanPengembangan,
    Kenaikan,
    NilaiPengembangan,
    NilaiRapor,
    Prestasi,
    Rapor,
    Sikap,
)
from mutu.rapor.tests.test_documents import complete, member, words
from mutu.satuan import ledger
from mutu.satuan.models import Guru, Kelas, Perwalian, Semester
from tests.contoh import Contoh, sekolah_kecil

pytestmark = pytest.mark.django_db


@pytest.fixture
def lengkap(contoh: Contoh) -> Iterator[Contoh]:
    """The small school with the first card complete; what the tests add is noted in the ledger too."""
    with ledger.record("uji.kartu", by=ledger.SYSTEM):
        complete(contoh)
        yield contoh


def card_of(contoh: Contoh, semester: Semester | None = None, number: int = 0) -> dict[str, Any]:
    (card,) = documents.cards(member(contoh).kelas, semester or contoh.semester, [contoh.anggota[number].pk])
    return card


def printed(*cards: dict[str, Any]) -> str:
    return words(documents.render_cards(cards, timestamp=documents.timestamp_of(Semester(selesai=date(2026, 12, 18)))))


def own(contoh: Contoh, semester: Semester | None = None) -> dict[str, Any]:
    return {"semester": semester or contoh.semester, "anggota": contoh.anggota[0]}


def decide(contoh: Contoh, sentence: str = "naik ke kelas VIII (delapan)") -> None:
    Kenaikan.objects.create(
        anggota=contoh.anggota[0],
        keputusan="naik",
        kalimat=sentence,
        belum_tuntas=0,
        aturan="ktsp-2007",
        pada=timezone.now(),
    )


def test_a_card_is_plain_json_and_holds_the_sections_of_the_guideline(lengkap: Contoh) -> None:
    card = card_of(lengkap)
    assert json.loads(json.dumps(card, allow_nan=False)) == card
    assert [part["jenis"] for part in card["bagian"]] == [
        "nilai",
        "pengembangan",
        "sikap",
        "ketidakhadiran",
        "prestasi",
        "catatan_khusus",
    ]
    assert (card["kurang"], card["draf"], card["bukti"]) == ([], False, None)


@pytest.mark.parametrize("status", [None, "draf", "diajukan", "diperiksa", "revisi"])
def test_only_a_final_rapor_is_no_draft(contoh: Contoh, status: str | None) -> None:
    with ledger.record("uji.kartu", by=ledger.SYSTEM):
        complete(contoh, status=status or "draf")
        if status is None:
            Rapor.objects.all().delete()
    card = card_of(contoh)
    assert (card["kurang"], card["draf"]) == ([], True)
    assert "DRAF" in printed(card)


def test_the_three_best_activities_are_printed_with_their_words(lengkap: Contoh) -> None:
    letters = {"Pramuka": "C", "PMR": "A", "KIR": "B", "Catur": "A"}
    for order, (name, letter) in enumerate(letters.items(), start=1):
        kind = KegiatanPengembangan.objects.create(sekolah=lengkap.sekolah, nama=name, urutan=order)
        NilaiPengembangan.objects.create(
            **own(lengkap), kegiatan=kind, nilai=letter, keterangan=f"tekun di {name}", pada=timezone.now()
        )
    card = card_of(lengkap)
    assert [one["nama"] for one in card["pengembangan"]] == ["PMR", "Catur", "KIR"]
    text = printed(card)
    assert "PMR A (sangat baik) tekun di PMR Catur A (sangat baik) tekun di Catur KIR B (baik) tekun di KIR" in text
    assert "Pramuka" not in text
    assert card_of(lengkap, number=1)["pengembangan"] == []


def test_character_is_printed_and_named_when_it_is_missing(lengkap: Contoh) -> None:
    assert "Akhlak baik Kepribadian baik" in printed(card_of(lengkap))
    Sikap.objects.filter(aspek="akhlak").delete()
    card = card_of(lengkap)
    assert (card["kurang"], card["draf"]) == (["Akhlak"], True)
    assert "Akhlak belum diisi Kepribadian baik" in printed(card)


def test_achievements_and_special_notes_stand_apart_and_a_dash_fills_an_empty_section(lengkap: Contoh) -> None:
    text = printed(card_of(lengkap))
    assert "Catatan Prestasi Lomba atau kegiatan Peringkat Tanggal – – – Catatan Khusus" in text
    facts = {"tanggal": date(2026, 10, 3)}
    Prestasi.objects.create(**own(lengkap), jenis="kurikuler", nama="Lomba pidato", peringkat="Juara I", **facts)
    Prestasi.objects.create(**own(lengkap), jenis="khusus", nama="Duta seni", **facts)
    text = printed(card_of(lengkap))
    assert "Tanggal Lomba pidato Juara I 3 Oktober 2026 Catatan Khusus" in text
    assert "Duta seni – 3 Oktober 2026" in text


def test_the_decision_belongs_to_semester_2_and_is_one_sentence(lengkap: Contoh) -> None:
    decide(lengkap)
    assert card_of(lengkap)["keputusan"] is None
    assert "naik ke kelas" not in printed(card_of(lengkap))
    card = card_of(lengkap, lengkap.semester_2)
    text = printed(card)
    assert "ditetapkan naik ke kelas VIII (delapan)." in text
    assert "tinggal di kelas" not in text
    Kenaikan.objects.all().delete()
    card = card_of(lengkap, lengkap.semester_2)
    assert "keputusan" in card["kurang"]
    assert "Keputusan belum diisi" in printed(card)


def test_kept_back_reads_as_the_guideline_has_it(lengkap: Contoh) -> None:
    decide(lengkap, "tinggal di kelas VII (tujuh)")
    text = printed(card_of(lengkap, lengkap.semester_2))
    assert "ditetapkan tinggal di kelas VII (tujuh)." in text
    assert "naik ke kelas" not in text


def test_no_head_signs_and_no_empty_nip_stands_under_the_homeroom_teacher(lengkap: Contoh) -> None:
    assert "NIP 198001012005012001" in printed(card_of(lengkap))
    Guru.objects.filter(nip="198001012005012001").update(nip="")
    text = printed(card_of(lengkap))
    assert "NIP" not in text
    assert "Kepala Sekolah" not in text
    assert text.count("Wali Kelas") == 1


def test_the_guardian_who_signs_is_the_first_marked_so(lengkap: Contoh) -> None:
    assert card_of(lengkap)["tanda_tangan"]["orang_tua"]["nama"] == "Oma Tua"
    Perwalian.objects.update(utama=False)
    assert card_of(lengkap)["tanda_tangan"]["orang_tua"]["nama"] is None


def test_own_words_of_the_teacher_are_marked_beside_the_paper_only(lengkap: Contoh) -> None:
    NilaiRapor.objects.filter(anggota=lengkap.anggota[0]).update(deskripsi_manual="Tekun dan jujur.")
    content, card = documents.print_one(member(lengkap), lengkap.semester, appendix=True, paper="a4")
    assert card["mapel"][0]["manual"]
    pages = words(content).partition("Bagaimana nilai ini terjadi")
    assert "Tekun dan jujur." in pages[0]
    assert "ditulis sendiri oleh guru" not in pages[0]
    assert "ditulis sendiri oleh guru" in pages[2]
    assert "(ditulis guru)" in documents.html(card)


def second_mark(contoh: Contoh) -> None:
    NilaiRapor.objects.filter(anggota=contoh.anggota[0]).update(
        predikat="B",
        deskripsi="Menunjukkan penguasaan baik dalam aljabar.",
        ranah_lain={
            "keterampilan": {"nilai": 81, "predikat": "A", "deskripsi": "Menunjukkan keterampilan baik dalam aljabar."}
        },
    )


def test_k13_prints_two_marks_with_predikat_and_the_note_of_the_homeroom_teacher(lengkap: Contoh) -> None:
    Kelas.objects.filter(pk=lengkap.kelas.pk).update(kurikulum="k13")
    second_mark(lengkap)
    for aspek, said in (("spiritual", "Taat beribadah."), ("sosial", "Suka menolong.")):
        Sikap.objects.create(**own(lengkap), aspek=aspek, uraian=said, pada=timezone.now())
    CatatanWali.objects.create(**own(lengkap), isi="Teruslah membaca.")
    Prestasi.objects.create(**own(lengkap), jenis="khusus", nama="Duta seni", tanggal=date(2026, 10, 3))
    card = card_of(lengkap)
    assert card["kurang"] == []
    text = printed(card)
    mark = card["mapel"][0]["nilai"]
    assert f"Matematika 65 {mark} B Menunjukkan penguasaan baik dalam aljabar." in text
    assert "Matematika 65 81 A Menunjukkan keterampilan baik dalam aljabar." in text
    assert text.index("Suka menolong.") < text.index("Pengetahuan No") < text.index("Keterampilan No")
    assert "Catatan Wali Kelas Teruslah membaca." in text
    assert "Duta seni – 3 Oktober 2026" in text, "a rule set without special notes has them among the achievements"
    assert "Huruf" not in text
    assert "Akhlak" not in text
    NilaiRapor.objects.update(ranah_lain={})
    assert card_of(lengkap)["kurang"] == ["Matematika"]


def test_merdeka_prints_one_mark_with_the_competence_and_the_phase(lengkap: Contoh) -> None:
    Kelas.objects.filter(pk=lengkap.kelas.pk).update(kurikulum="merdeka")
    NilaiRapor.objects.filter(anggota=lengkap.anggota[0]).update(deskripsi="Mencapai kompetensi dengan baik.")
    Sikap.objects.create(**own(lengkap), aspek="kokurikuler", uraian="Bernalar kritis.", pada=timezone.now())
    card = card_of(lengkap)
    text = printed(card)
    assert card["kurang"] == []
    assert "Fase : D" in text
    assert "Nilai Akhir Capaian Kompetensi" in text
    assert "KKM" not in text
    assert f"Matematika {card['mapel'][0]['nilai']} Mencapai kompetensi dengan baik." in text
    assert "Kokurikuler Bernalar kritis." in text


def test_the_queries_do_not_grow_with_pupils_or_classes(db: None, django_assert_num_queries: Any) -> None:
    contoh = sekolah_kecil(pupils=12)
    with ledger.record("uji.kelas", by=ledger.SYSTEM):
        second = Kelas.objects.create(tahun=contoh.tahun, tingkat=7, nama="VII-B")
    related = ("tahun__sekolah__kabkota", "tahun__sekolah__kecamatan", "wali_kelas")
    classes = list(Kelas.objects.filter(pk__in=[contoh.kelas.pk, second.pk]).select_related(*related))
    with django_assert_num_queries(4):
        assert len(documents.cards_of(classes, contoh.semester)) == 12
    with django_assert_num_queries(4):
        assert len(documents.cards(classes[0], contoh.semester, [contoh.anggota[0].pk])) == 1

"""Bab II.C beside the marks: which activities are printed, the words beside a letter, the aspects of character."""

from datetime import date
from itertools import permutations

import pytest

from mutu.rapor import rules
from mutu.regulation.explain import InputError

ATURAN = rules.aturan_pada(date(2007, 6, 30))


def test_three_best_of_c_a_b_a() -> None:
    four = [rules.Kegiatan(nama, nilai, di) for di, (nama, nilai) in enumerate(zip("PQRS", "CABA", strict=True))]
    assert [satu.nilai for satu in rules.kegiatan_terbaik(four, ATURAN)] == ["A", "A", "B"]
    assert [satu.nama for satu in rules.kegiatan_terbaik(four, ATURAN)] == ["Q", "S", "R"]


def test_order_of_input_never_matters_and_words_travel_along() -> None:
    five = [
        rules.Kegiatan("Voli", "B", 2, "menjadi pengumpan andal"),
        rules.Kegiatan("catur", "B", 2),
        rules.Kegiatan("Basket", "B", 3),
        rules.Kegiatan("Pramuka", "A", 9),
        rules.Kegiatan("KIR", "E", 1),
    ]
    for some in permutations(five):
        best = rules.kegiatan_terbaik(list(some), ATURAN)
        assert [satu.nama for satu in best] == ["Pramuka", "catur", "Voli"]
    assert best[2].keterangan == "menjadi pengumpan andal"


def test_no_activity_is_no_row_and_an_unknown_letter_is_named() -> None:
    assert rules.kegiatan_terbaik([], ATURAN) == ()
    with pytest.raises(InputError) as error:
        rules.kegiatan_terbaik([rules.Kegiatan("Pramuka", "A"), rules.Kegiatan("Voli", "a")], ATURAN)
    assert [satu["jalur"] for satu in error.value.galat] == ["kegiatan[1].nilai"]


def test_letters_and_words() -> None:
    assert rules.nilai_pengembangan(ATURAN) == {
        "A": "sangat baik",
        "B": "baik",
        "C": "cukup",
        "D": "kurang",
        "E": "sangat kurang",
    }
    with pytest.raises(InputError):
        rules.huruf_pengembangan("F", ATURAN)


@pytest.mark.parametrize("kata", ["tidak", "Belum", "KURANG", "gagal", "malas"])
def test_each_discouraging_word_warns_as_a_whole_word(kata: str) -> None:
    assert len(rules.periksa_keterangan(f"Ia ({kata}) tampil.", "B", ATURAN)) == 1
    assert rules.periksa_keterangan(f"ke{kata}an se{kata} {kata}nya", "B", ATURAN) == ()


def test_words_and_letter_may_contradict_each_other() -> None:
    assert rules.periksa_keterangan("Bermain dengan sangat baik", "A", ATURAN) == ()
    assert rules.periksa_keterangan("Bermain dengan sangat  baik.", "D", ATURAN)
    assert rules.periksa_keterangan("Cukup lancar menari", "A", ATURAN)
    assert rules.periksa_keterangan("Cukup lancar menari", "C", ATURAN) == ()
    assert rules.periksa_keterangan("Cukup lancar menari", "", ATURAN) == ()
    assert rules.periksa_keterangan("", "A", ATURAN) == ()


def test_akhlak_and_kepribadian_have_three_categories_and_their_own_teacher() -> None:
    aspek = rules.aspek_sikap(ATURAN)
    assert list(aspek) == ["akhlak", "kepribadian"]
    assert {nama: satu.bidang for nama, satu in aspek.items()} == {"akhlak": "agama", "kepribadian": "pkn"}
    assert {satu.kategori for satu in aspek.values()} == {("sangat baik", "baik", "kurang baik")}


def test_the_guideline_prints_no_note_of_the_homeroom_teacher() -> None:
    assert not rules.ada_catatan_wali(ATURAN)

"""An objection: once, by the teacher, decided by a moderator who is no party; both values stay to be read."""

from __future__ import annotations

from typing import Any

import pytest

from mutu.kinerja.models import Catatan, HasilKinerja, Keberatan, Skor, TandaTangan
from mutu.kinerja.services import hasil, keberatan
from mutu.kinerja.services.akses import boleh_hasil
from mutu.kinerja.services.lembar import lembar
from mutu.kinerja.services.nilai import SkorBaru, simpan_skor
from mutu.kinerja.tests.penilaian import Kasus, catat, kasus, sampai_dibahas, sampai_final, skor
from mutu.regulation.canonical import digest
from mutu.regulation.explain import InputError
from tests.contoh import Contoh

pytestmark = pytest.mark.django_db


def paths(error: Any) -> list[str]:
    return [one["jalur"] for one in error.value.galat]


@pytest.fixture
def satu(contoh: Contoh) -> Kasus:
    found = kasus(contoh)
    sampai_dibahas(found, nilai=1)
    return found


def ajukan(satu: Kasus, **more: Any) -> Keberatan:
    given: dict[str, Any] = {"alasan": {4: "Dokumen 4 belum dilihat."}, "by": satu.guru} | more
    return keberatan.ajukan(penilaian=satu.segar(), **given)


def tunjuk(satu: Kasus, moderator: Any = None, by: Any = None) -> None:
    keberatan.tunjuk_moderator(penilaian=satu.segar(), moderator=moderator or satu.moderator, by=by or satu.kepala)


def test_the_moderators_value_is_final_and_both_stay(satu: Kasus) -> None:
    told = HasilKinerja.objects.get()
    assert (told.total, told.nilai[3]["nilai"]) == ("28", "2")
    ajukan(satu)
    tunjuk(satu)
    with pytest.raises(InputError) as error:
        skor(satu, 4, 2, by=satu.moderator)
    assert paths(error) == ["catatan"], "the moderator's scores rest on the moderator's own notes"
    catat(satu, 4, by=satu.moderator)
    skor(satu, 4, [2] * 10, by=satu.moderator)
    with pytest.raises(InputError) as error:
        keberatan.putuskan(penilaian=satu.segar(), putusan="Dinaikkan.", by=satu.moderator)
    assert paths(error) == ["skor"]
    rest = [SkorBaru(11, 2, 0)]
    simpan_skor(penilaian=satu.segar(), kompetensi=4, skor=rest, by=satu.moderator)
    told.refresh_from_db()
    assert told.total == "28", "what was told stands until it is decided"
    assert lembar(satu.segar(), satu.guru)[3].nilai_ulang is None
    assert lembar(satu.segar(), satu.moderator)[3].nilai_ulang is not None
    with pytest.raises(InputError) as error:
        keberatan.putuskan(penilaian=satu.segar(), putusan=" ", by=satu.moderator)
    assert paths(error) == ["putusan"]
    keberatan.putuskan(penilaian=satu.segar(), putusan="Bukti baru mendukung.", by=satu.moderator)
    row, case = HasilKinerja.objects.get(), Keberatan.objects.get()
    assert satu.segar().status == "final"
    assert (row.total, row.nilai[3]["nilai"], row.nilai[3]["semula"], row.nilai[3]["moderasi"]) == (
        "30",
        "4",
        "2",
        True,
    )
    assert digest(row.isi) == row.sidik
    assert hasil.utuh(row)
    assert (case.putusan, case.alasan) == ("Bukti baru mendukung.", {"4": "Dokumen 4 belum dilihat."})
    assert case.selesai is not None
    assert Skor.objects.filter(kompetensi=4, moderasi=False).values_list("nilai", flat=True).distinct().get() == 1
    assert Catatan.objects.filter(kompetensi=4, moderasi=True).count() == 4
    assert lembar(satu.segar(), satu.guru)[3].nilai_ulang is not None
    assert not boleh_hasil(satu.segar(), satu.moderator), "the mandate has ended"
    with pytest.raises(InputError) as error:
        skor(satu, 4, 0, by=satu.moderator, versi=1)
    assert paths(error) == ["status"]


def test_it_is_raised_once(satu: Kasus) -> None:
    ajukan(satu)
    with pytest.raises(InputError) as error:
        ajukan(satu)
    assert paths(error) == ["keberatan"]
    tunjuk(satu)
    catat(satu, 4, by=satu.moderator)
    skor(satu, 4, 1, by=satu.moderator)
    keberatan.putuskan(penilaian=satu.segar(), putusan="Tetap.", by=satu.moderator)
    with pytest.raises(InputError) as error:
        ajukan(satu)
    assert paths(error) == ["keberatan"]
    assert Keberatan.objects.count() == 1


def test_only_the_teacher_objects_and_says_why(satu: Kasus) -> None:
    for akun in (satu.penilai, satu.kepala, satu.lain):
        with pytest.raises(InputError) as error:
            ajukan(satu, by=akun)
        assert paths(error) == ["oleh"]
    for faulty, place in (
        ({"alasan": {}}, ["alasan"]),
        ({"alasan": {4: " "}}, ["alasan[4]"]),
        ({"alasan": {15: "Ada"}}, ["kompetensi"]),
    ):
        with pytest.raises(InputError) as error:
            ajukan(satu, **faulty)
        assert paths(error) == place
    assert satu.segar().status == "dibahas"


def test_the_moderator_is_no_party_and_is_asked_once(satu: Kasus) -> None:
    ajukan(satu)
    for akun in (satu.penilai, satu.guru, satu.lain):
        with pytest.raises(InputError) as error:
            tunjuk(satu, akun)
        assert paths(error) == ["moderator"]
        assert satu.segar().moderator is None
    with pytest.raises(InputError) as error:
        tunjuk(satu, by=satu.guru)
    assert paths(error) == ["oleh"]
    assert [akun.nama for akun in keberatan.calon_moderator(satu.segar())] == ["Kus Kepala", "Pak Pengawas"]
    tunjuk(satu)
    with pytest.raises(InputError) as error:
        tunjuk(satu, satu.kepala)
    assert paths(error) == ["status"], "asked twice"
    assert satu.segar().moderator == satu.moderator


def test_the_moderator_looks_at_what_was_contested_alone(satu: Kasus) -> None:
    ajukan(satu)
    tunjuk(satu)
    with pytest.raises(InputError) as error:
        catat(satu, 5, by=satu.moderator)
    assert paths(error) == ["kompetensi"]
    with pytest.raises(InputError) as error:
        catat(satu, 4)
    assert paths(error) == ["status"], "the assessor's own rows stay as they were"


def test_all_competencies_can_be_contested_at_once(satu: Kasus) -> None:
    ajukan(satu, alasan={}, seluruhnya="Pengamatan hanya sepuluh menit.")
    tunjuk(satu)
    for nomor in range(1, 15):
        catat(satu, nomor, by=satu.moderator)
        skor(satu, nomor, 2, by=satu.moderator)
    keberatan.putuskan(penilaian=satu.segar(), putusan="Dinilai ulang seluruhnya.", by=satu.moderator)
    assert HasilKinerja.objects.get().total == "56"


def test_an_objection_takes_signatures_back_and_a_signature_ends_it(satu: Kasus) -> None:
    hasil.tanda_tangan(penilaian=satu.segar(), sebagai="penilai", by=satu.penilai)
    ajukan(satu)
    assert not TandaTangan.objects.exists()


def test_after_signing_or_final_there_is_no_objection(contoh: Contoh) -> None:
    satu = kasus(contoh)
    sampai_dibahas(satu)
    hasil.tanda_tangan(penilaian=satu.segar(), sebagai="guru", by=satu.guru)
    with pytest.raises(InputError) as error:
        ajukan(satu)
    assert paths(error) == ["keberatan"]
    other = kasus(contoh, jenis="formatif")
    sampai_final(other)
    with pytest.raises(InputError):
        ajukan(other)

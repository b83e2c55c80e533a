"""The steps of an assessment: each state × each step × each person, and who may read the result when."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from mutu.kinerja.models import Dilihat, PenilaianKinerja, RencanaKinerja
from mutu.kinerja.services.akses import boleh_hasil, dilihat
from mutu.kinerja.services.alur import langkah
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, EntriLedger, Guru, Peran
from tests.contoh import Contoh, sekolah_kecil

pytestmark = pytest.mark.django_db

# step -> (from, to, who takes it). Written by hand: the oracle of the table in params.
STEPS = {
    "umumkan": ("direncanakan", "diumumkan", "kepala penilai"),
    "usulkan": ("diumumkan", "direncanakan", "guru"),
    "sepakati": ("diumumkan", "disepakati", "guru"),
    "mulai": ("disepakati", "berjalan", "penilai"),
    "tetapkan": ("berjalan", "dinilai", "penilai"),
    "bahas": ("dinilai", "dibahas", "penilai"),
    "setujui": ("dibahas", "final", "guru penilai kepala"),
    "keberatan": ("dibahas", "keberatan", "guru"),
    "tunjuk_moderator": ("keberatan", "moderasi", "kepala"),
    "putuskan": ("moderasi", "final", "moderator"),
}
STATES = PenilaianKinerja.Status.values
# Who reads notes, scores and result in which state.
TOLD = {"dibahas", "keberatan", "moderasi", "final"}
READERS = {"guru": TOLD, "penilai": set(STATES), "kepala": set(STATES), "moderator": {"moderasi"}}


@pytest.fixture
def contoh(db: None) -> Contoh:
    return sekolah_kecil()


@pytest.fixture
def people(contoh: Contoh) -> dict[str, Akun]:
    """The parties, and everybody who is none: also the head and a teacher of another school."""
    other = sekolah_kecil("69900102", prefix="lain-")
    with ledger.record("uji", by=ledger.SYSTEM):
        outside = Akun.objects.create(username="moderator", nama="Mira Moderator")
    return {
        "guru": contoh.akun["guru"],
        "penilai": contoh.akun["guru_lain"],
        "moderator": outside,
        "kepala": contoh.akun["kepala"],
        "rekan": contoh.akun["wali"],
        "admin": contoh.akun["admin"],
        "operator": contoh.akun["operator"],
        "orang_tua": contoh.akun["orang_tua"],
        "kepala_lain": other.akun["kepala"],
        "guru_sekolah_lain": other.akun["guru"],
    }


@pytest.fixture
def row(contoh: Contoh, people: dict[str, Akun]) -> PenilaianKinerja:
    with ledger.record("uji", by=ledger.SYSTEM):
        plan = RencanaKinerja.objects.create(
            tahun=contoh.tahun, jenis="sumatif", mulai=date(2027, 4, 19), selesai=date(2027, 6, 18)
        )
        return PenilaianKinerja.objects.create(
            rencana=plan,
            guru=Guru.objects.get(akun=people["guru"]),
            penilai=people["penilai"],
            moderator=people["moderator"],
            instrumen="guru-mapel",
            golongan="III/a",
            jam=24,
            pada=timezone.now(),
        )


def at(row: PenilaianKinerja, status: str) -> PenilaianKinerja:
    """The assessment put into a state, read anew."""
    with ledger.record("uji", by=ledger.SYSTEM):
        PenilaianKinerja.objects.filter(pk=row.pk).update(status=status)
    return PenilaianKinerja.objects.select_related("rencana__tahun", "guru").get(pk=row.pk)


@pytest.mark.parametrize("nama", STEPS)
def test_a_step_starts_in_one_state_and_is_taken_by_its_people_alone(
    nama: str, row: PenilaianKinerja, people: dict[str, Akun]
) -> None:
    start, end, whom = STEPS[nama]
    given: dict[str, Any] = {"alasan": "Kompetensi 4: catatan tidak sesuai."}
    if nama == "tunjuk_moderator":
        given["moderator"] = people["moderator"]
    wrong = []
    for status in STATES:
        for who, akun in people.items():
            now = at(row, status)
            before = now.versi
            try:
                taken = langkah(now, nama, by=akun, **given)
            except InputError as error:
                path = error.galat[0]["jalur"]
                expected = "oleh" if who not in whom.split() else "status"
                if (status == start and who in whom.split()) or path != expected:
                    wrong.append(f"{who} at {status}: refused at {path}")
                if at(row, status).versi != before:
                    wrong.append(f"{who} at {status}: refused and written")
            else:
                if status != start or who not in whom.split():
                    wrong.append(f"{who} at {status}: taken")
                stored = PenilaianKinerja.objects.get(pk=row.pk)
                if (taken.status, stored.status, stored.versi, taken.versi) != (end, end, before + 1, before + 1):
                    wrong.append(f"{who} at {status}: {stored.status} {stored.versi}")
    assert wrong == []


def test_a_step_leaves_a_line_that_names_no_person(row: PenilaianKinerja, people: dict[str, Akun]) -> None:
    langkah(row, "umumkan", by=people["kepala"])
    line = EntriLedger.objects.filter(perbuatan="kinerja.umumkan", aksi="kerja").get()
    assert line.pelaku == f"akun:{people['kepala'].pk}"
    assert line.sesudah == {"penilaian": row.pk}


def test_the_second_of_two_who_step_at_once_meets_the_new_state(row: PenilaianKinerja, people: dict[str, Akun]) -> None:
    first, second = at(row, "diumumkan"), at(row, "diumumkan")
    langkah(first, "usulkan", by=people["guru"])
    with pytest.raises(InputError, match="Muat ulang"):
        langkah(second, "sepakati", by=people["guru"])


def test_an_objection_needs_its_reason_and_comes_once(row: PenilaianKinerja, people: dict[str, Akun]) -> None:
    with pytest.raises(InputError) as found:
        langkah(at(row, "dibahas"), "keberatan", by=people["guru"], alasan="  ")
    assert found.value.galat[0]["jalur"] == "alasan"
    now = at(row, "dibahas")
    langkah(now, "keberatan", by=people["guru"], alasan="Kompetensi 4.")
    langkah(now, "tunjuk_moderator", by=people["kepala"], moderator=people["moderator"])
    langkah(now, "putuskan", by=people["moderator"])
    with pytest.raises(InputError):
        langkah(now, "keberatan", by=people["guru"], alasan="Sekali lagi.")
    assert PenilaianKinerja.objects.get(pk=row.pk).status == "final"


def test_a_moderator_is_no_party_and_is_asked_once(row: PenilaianKinerja, people: dict[str, Akun]) -> None:
    for who, word in (("penilai", "Penilai tidak dapat"), ("guru", "Guru yang dinilai tidak")):
        with pytest.raises(InputError, match=word):
            langkah(at(row, "keberatan"), "tunjuk_moderator", by=people["kepala"], moderator=people[who])
    with pytest.raises(InputError, match="Pilih moderator"):
        langkah(at(row, "keberatan"), "tunjuk_moderator", by=people["kepala"])
    with ledger.record("uji", by=ledger.SYSTEM):
        Akun.objects.filter(pk=people["rekan"].pk).update(is_active=False)
    gone = Akun.objects.get(pk=people["rekan"].pk)
    with pytest.raises(InputError, match="tidak aktif"):
        langkah(at(row, "keberatan"), "tunjuk_moderator", by=people["kepala"], moderator=gone)
    now = at(row, "keberatan")
    langkah(now, "tunjuk_moderator", by=people["kepala"], moderator=people["moderator"])
    with pytest.raises(InputError) as found:
        langkah(now, "tunjuk_moderator", by=people["kepala"], moderator=people["moderator"])
    assert found.value.galat[0]["jalur"] == "status"


def head_as_teacher(contoh: Contoh, row: PenilaianKinerja, people: dict[str, Akun]) -> Akun:
    """The head of the school becomes the assessed teacher."""
    head = people["kepala"]
    with ledger.record("uji", by=ledger.SYSTEM):
        Peran.objects.create(akun=head, jenis="guru", sekolah=contoh.sekolah, dari=date(2020, 1, 1))
        teacher = Guru.objects.create(sekolah=contoh.sekolah, nama="Kus Kepala, M.Pd.", akun=head)
        PenilaianKinerja.objects.filter(pk=row.pk).update(guru=teacher)
    return Akun.objects.get(pk=head.pk)


def test_a_head_does_not_appoint_the_moderator_of_the_own_objection(
    contoh: Contoh, row: PenilaianKinerja, people: dict[str, Akun]
) -> None:
    head = head_as_teacher(contoh, row, people)
    with pytest.raises(InputError, match="dinas"):
        langkah(at(row, "keberatan"), "tunjuk_moderator", by=head, moderator=people["moderator"])


# Who reads when


@pytest.mark.parametrize("status", STATES)
def test_notes_scores_and_result_are_read_by_the_parties_when_it_is_their_time(
    status: str, row: PenilaianKinerja, people: dict[str, Akun]
) -> None:
    now = at(row, status)
    found = {who for who, akun in people.items() if boleh_hasil(now, akun)}
    assert found == {who for who, states in READERS.items() if status in states}


def test_a_head_who_is_assessed_waits_like_any_teacher(
    contoh: Contoh, row: PenilaianKinerja, people: dict[str, Akun]
) -> None:
    head = head_as_teacher(contoh, row, people)
    assert [status for status in STATES if boleh_hasil(at(row, status), head)] == [s for s in STATES if s in TOLD]


def test_a_teacher_or_head_whose_role_has_ended_reads_nothing(row: PenilaianKinerja, people: dict[str, Akun]) -> None:
    with ledger.record("uji", by=ledger.SYSTEM):
        Peran.objects.filter(akun__in=[people["guru"], people["kepala"]]).update(sampai=date(2021, 1, 1))
    now = at(row, "final")
    for who in ("guru", "kepala"):
        assert not boleh_hasil(now, Akun.objects.get(pk=people[who].pk))


def test_whoever_opens_a_result_is_kept_but_not_the_teacher(row: PenilaianKinerja, people: dict[str, Akun]) -> None:
    for who in ("guru", "kepala", "penilai"):
        dilihat(row, people[who], "hasil")
    assert {one.akun for one in Dilihat.objects.filter(penilaian=row)} == {people["kepala"], people["penilai"]}
    lines = EntriLedger.objects.filter(perbuatan="kinerja.dilihat", aksi="kerja")
    assert {line.pelaku for line in lines} == {f"akun:{people[who].pk}" for who in ("kepala", "penilai")}

"""The rows of the mark grid, written without the template engine: nothing typed becomes markup."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from mutu.rapor.models import KegiatanPengembangan, Nilai, NilaiRapor
from mutu.rapor.services.marks import show_mark
from mutu.rapor.tests.test_services import EXAMPLE_1, isi
from mutu.rapor.views.grid_rows import GridCell, GridRow, rows_html
from mutu.satuan import ledger, rows
from mutu.satuan.models import PesertaDidik
from tests.contoh import Contoh

HOSTILE = """<b>&"'"""
HARMLESS = "&lt;b&gt;&amp;&quot;&#x27;"


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["guru", "kepala", "admin"])
def test_what_people_type_stays_text(contoh: Contoh, client: Client, role: str) -> None:
    isi(contoh, EXAMPLE_1)
    with ledger.record("uji.nama", by=ledger.SYSTEM):
        PesertaDidik.objects.filter(pk=contoh.anggota[0].peserta_id).update(nama=f"Ani {HOSTILE}")
        NilaiRapor.objects.update(deskripsi_manual=f"Rajin {HOSTILE}")
    client.force_login(contoh.akun[role])
    page = client.get(f"/rapor/pembelajaran/{contoh.matematika.pk}/1/").content.decode()
    assert HOSTILE not in page
    assert "<b>&" not in page
    assert f'class="name">Ani {HARMLESS}</th>' in page
    assert f"Rajin {HARMLESS}</td>" in page
    labels = {"guru": f'aria-label="Ani {HARMLESS}, UH 1"', "kepala": f'aria-label="Riwayat Ani {HARMLESS}, UH 1: '}
    if role in labels:
        assert labels[role] in page
        assert f'aria-label="Kenapa? Ani {HARMLESS}"' in page


@pytest.mark.django_db
def test_a_refused_text_stays_text(contoh: Contoh, client: Client) -> None:
    client.force_login(contoh.akun["guru"])
    place = f"{contoh.uh[0].pk}-{contoh.anggota[0].pk}"
    url = f"/rapor/pembelajaran/{contoh.matematika.pk}/1/"
    answer = client.post(url, {f"n-{place}": HOSTILE, f"v-{place}": "0"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{HARMLESS}"' in page
    assert f'aria-describedby="p-{place}"' in page
    assert f'<span class="cell-note" id="p-{place}">' in page
    assert HOSTILE not in page


@pytest.mark.parametrize("pesan", ["", HOSTILE])
def test_a_cell_is_the_one_that_the_script_knows(pesan: str) -> None:
    cell = GridCell("72,5", 3, pesan)
    made = rows_html(
        [GridRow(2, HOSTILE, [cell], None)],
        [(1, "UH 1")],
        [("nilai", "Angka", True)],
        editable=True,
        may_explain=True,
        long_sentences=False,
    )
    context = {"penilaian": 1, "anggota": 2, "nilai": "72,5", "versi": 3, "label": f"{HOSTILE}, UH 1", "pesan": pesan}
    assert f"<td>{render_to_string('web/bagian/kisi_sel.html', context).strip()}</td>" in made
    assert '<td class="number" data-hasil="nilai" data-anggota="2">–</td>' in made
    assert 'data-hasil="kenapa" data-anggota="2" aria-label' in made, "without a result there is nowhere to go"


def _marks_of(pembelajaran: int, semester: int) -> Any:
    return Nilai.objects.filter(penilaian__pembelajaran_id=pembelajaran, penilaian__semester_id=semester).values_list(
        "anggota_id", "nilai", "pada"
    )


def _results_of(pembelajaran: int) -> Any:
    return NilaiRapor.objects.filter(pembelajaran_id=pembelajaran).values_list("kurang", "langkah", "status")


def _ignores_its_key(kegiatan: int) -> Any:
    return KegiatanPengembangan.objects.values_list("pk")


@pytest.mark.django_db
def test_ready_statements_give_what_the_query_gives(contoh: Contoh) -> None:
    isi(contoh, EXAMPLE_1[:2])
    for keys in ((contoh.matematika.pk, contoh.semester.pk), (contoh.matematika.pk, 0), (2**40, contoh.semester.pk)):
        assert rows.read(_marks_of, *keys) == list(_marks_of(*keys))
    found = rows.read(_results_of, contoh.matematika.pk)
    assert found == list(_results_of(contoh.matematika.pk))
    assert found[0][0], "lists come back as lists"
    marks = rows.read(_marks_of, contoh.matematika.pk, contoh.semester.pk)
    assert sorted(show_mark(value) for _pupil, value, _when in marks) == ["60", "75"]


@pytest.mark.django_db
def test_a_ready_statement_needs_each_of_its_keys() -> None:
    with pytest.raises(TypeError, match="_ignores_its_key"):
        rows.read(_ignores_its_key, 1)

"""Finding a school by name or NPSN, by province and kab/kota."""

from collections.abc import Callable

import pytest
from django.test import Client

from mutu.satuan.models import Akun, Sekolah
from mutu.satuan.tests.test_school_import import line, run

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
ELSEWHERE = {
    "kode_prop": "980000", "propinsi": "Prov. Lain", "kode_kab_kota": "980100", "kabupaten_kota": "Kab. Lain",
    "kode_kec": "980101", "kecamatan": "Kec. Lain",
}  # fmt: skip


@pytest.fixture
def operator(school: Sekolah, sign_in: SignIn) -> Client:
    run(
        line("10000001", "SMP NEGERI 1 MAWAR"), line("10000002", "SMP Melati Negeri"),
        line("10000003", "SD NEGERI 1 MAWAR", **ELSEWHERE), line("20000001", "SMP 100% JAYA_RAYA"),
    )  # fmt: skip
    return sign_in("demo-operator")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=mawar", {"10000001", "10000003"}),
        ("q=negeri+smp", {"10000001", "10000002", "69900001"}),
        ("q=10000002", {"10000002"}),
        ("q=1000", {"10000001", "10000002", "10000003"}),
        ("provinsi=980000", {"10000003"}),
        ("provinsi=980000&kabkota=980100&q=mawar", {"10000003"}),
        ("q=mawar&provinsi=990000", {"10000001"}),
        ("q=0%25+jaya_", {"20000001"}),
        ("q=tiada", set()),
        ("q=69900001", {"69900001"}),
    ],
)
def test_what_is_found(operator: Client, query: str, found: set[str]) -> None:
    page = operator.get(f"/sekolah/?{query}")
    assert page.status_code == 200
    assert {row.npsn for row in page.context["rows"]} == found
    if not found:
        assert "Tidak ada sekolah yang cocok" in page.content.decode()


def test_districts_of_the_chosen_province_alone_are_offered(operator: Client) -> None:
    form = operator.get("/sekolah/?provinsi=980000").context["form"]
    assert [place.kode for place in form.fields["kabkota"].queryset] == ["980100"]


def test_pages_keep_the_filter(operator: Client) -> None:
    run(*(line(f"3{n:07d}", f"SMP BERURUT {n:03}") for n in range(60)))
    page = operator.get("/sekolah/?q=berurut&halaman=2")
    assert [row.nama for row in page.context["rows"]] == [f"SMP BERURUT {n:03}" for n in range(25, 50)]
    assert "q=berurut&amp;halaman=3" in page.content.decode()
    assert "60 sekolah cocok" in page.content.decode()


def test_people_of_a_school_find_their_own_alone(operator: Client, sign_in: SignIn) -> None:
    page = sign_in("demo-admin-sekolah").get("/sekolah/?q=smp")
    assert {row.npsn for row in page.context["rows"]} == {"69900001"}


def test_the_search_asks_few_queries(operator: Client, django_assert_max_num_queries: Callable[[int], object]) -> None:
    with django_assert_max_num_queries(9):  # type: ignore[attr-defined]
        operator.get("/sekolah/?q=smp&provinsi=990000")


def test_a_parent_finds_no_search(operator: Client, sign_in: SignIn) -> None:
    assert Akun.objects.filter(username="demo-orang-tua").exists()
    assert sign_in("demo-orang-tua").get("/sekolah/").status_code == 404

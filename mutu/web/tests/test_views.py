"""Home, one-tap sign-in, language, error pages: the answers themselves, without a browser."""

import datetime
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.csrf import csrf_failure
from django.views.defaults import bad_request, permission_denied, server_error

from mutu.satuan import ledger, menunggu
from mutu.satuan.access import policy_of
from mutu.satuan.menunggu import Line, waiting_for
from mutu.satuan.models import Akun, Pekerjaan, Peran, Sekolah, Wilayah


@pytest.fixture
def operator(db: None) -> Akun:
    with ledger.record("uji.siapkan", by=ledger.SYSTEM):
        akun = Akun.objects.create_user("demo-operator", password="sandi-uji-panjang", nama="Ratna Wulandari")
        Peran.objects.create(akun=akun, jenis="operator", dari=datetime.date(2020, 1, 1))
        Akun.objects.create_user("ratna", password="sandi-uji-panjang", nama="Ratna Asli")
    return akun


@pytest.mark.django_db
def test_one_tap_sign_in_is_absent_outside_demo_mode(client: Client, operator: Akun, settings: Any) -> None:
    settings.DEMO = False
    assert client.post("/akun/demo-masuk", {"username": "demo-operator"}).status_code == 404
    assert "_auth_user_id" not in client.session
    assert "Ratna" not in client.get("/akun/login/").content.decode()


@pytest.mark.django_db
def test_one_tap_sign_in_opens_demo_accounts_alone(client: Client, operator: Akun, settings: Any) -> None:
    settings.DEMO = True
    page = client.get("/akun/login/").content.decode()
    assert "Ratna Wulandari" in page
    assert "Ratna Asli" not in page
    for username in ("ratna", "demo-siapa", ""):
        assert client.post("/akun/demo-masuk", {"username": username}).status_code == 404
    assert client.get("/akun/demo-masuk").status_code == 405
    assert "_auth_user_id" not in client.session
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/akun/demo-masuk", {"username": "demo-operator"}).status_code == 403
    assert client.post("/akun/demo-masuk", {"username": "demo-operator"}).status_code == 302
    assert client.session["_auth_user_id"] == str(operator.pk)


@pytest.mark.django_db
def test_home_asks_only_the_subjects_of_ones_own_roles(
    client: Client, operator: Akun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(menunggu, "_providers", {})
    asked = []

    @waiting_for("operator")
    def mine(akun: Akun) -> list[Line]:
        asked.append(akun.pk)
        return [Line("Tanpa tanggal", "/b"), Line("Bertanggal", "/a", 3, datetime.date(2007, 12, 15))]

    @waiting_for("guru")
    def theirs(akun: Akun) -> list[Line]:
        raise AssertionError("a teacher's work was looked up for an operator")

    assert client.get("/").status_code == 302
    client.force_login(operator)
    answer = client.get("/")
    assert [line.text for line in answer.context["menunggu"][0][1]] == ["Bertanggal", "Tanpa tanggal"]
    assert "15 Desember 2007" in answer.content.decode()
    assert asked == [operator.pk]
    with pytest.raises(ValueError, match="gurru"):
        waiting_for("gurru")


@pytest.mark.django_db
def test_the_header_names_the_one_school_of_the_account(client: Client, operator: Akun) -> None:
    cache.clear()
    with ledger.record("uji.siapkan", by=ledger.SYSTEM):
        place = Wilayah.objects.create(kode="010000", nama="Kab. Uji", tingkat=2)
        school = Sekolah.objects.create(
            npsn="12345678", nama="SMP Uji Melati", bentuk="SMP", status="N", kabkota=place, kecamatan=place
        )
        teacher = Akun.objects.create_user("sari", password="sandi-uji-panjang", nama="Sari")
        Peran.objects.create(akun=teacher, jenis="guru", sekolah=school, dari=datetime.date(2020, 1, 1))
    client.force_login(teacher)
    assert "SMP Uji Melati" in client.get("/").content.decode()
    client.force_login(operator)
    assert "SMP Uji Melati" not in client.get("/").content.decode()


def test_indonesian_until_chosen_otherwise(client: Client) -> None:
    assert client.get("/kalkulator/", HTTP_ACCEPT_LANGUAGE="en-US,en").headers["Content-Language"] == "id"
    answer = client.post("/bahasa/setlang/", {"language": "en", "next": "/kalkulator/"})
    assert answer.url == "/kalkulator/"
    page = client.get("/kalkulator/", HTTP_ACCEPT_LANGUAGE="id")
    assert page.headers["Content-Language"] == "en"
    assert '<html lang="en">' in page.content.decode()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "xx"
    assert client.get("/kalkulator/").headers["Content-Language"] == "id"


SECRET = "Citra-rahasia-71"


def test_error_pages_help_and_hold_no_data(rf: RequestFactory) -> None:
    request = rf.get(f"/x?nama={SECRET}")
    answers = {
        "400": bad_request(request, ValueError(SECRET)),
        "403": permission_denied(request, PermissionError(SECRET)),
        "403-CSRF": csrf_failure(request, SECRET),
        "500": server_error(request),
    }
    for code, answer in answers.items():
        page = answer.content.decode()
        assert f"Kode {code}" in " ".join(page.split())
        assert '<html lang="id">' in page
        assert "Ke beranda" in page
        assert SECRET not in page
        assert str(answer.status_code) == code[:3]


def test_a_missing_page_helps(client: Client) -> None:
    answer = client.get(f"/tidak-ada/{SECRET}")
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "Halaman ini tidak ada" in page
    assert SECRET not in page


def _routes(patterns: list[Any], prefix: str = "") -> Any:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback


def test_every_route_has_a_policy() -> None:
    routes = list(_routes(get_resolver().url_patterns))
    assert len(routes) > 20
    assert [path for path, view in routes if policy_of(view) is None] == []


def test_pages_forbid_inline_and_foreign_content(client: Client) -> None:
    policy = client.get("/kalkulator/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    ("status", "shows", "hides"),
    [
        ("jalan", ["40 %: 4 dari 10, tinggal 6", "Batalkan", "hx-get"], ["Unduh"]),
        ("antre", ["Menunggu giliran", "hx-get"], ["Unduh"]),
        ("selesai", ["Unduh rapor.pdf"], ["hx-get", "Batalkan"]),
        ("gagal", ["Lampiran rusak."], ["hx-get", "Unduh"]),
    ],
)
def test_progress_shows_how_much_is_left(rf: RequestFactory, status: str, shows: list[str], hides: list[str]) -> None:
    done = 4 if status != "antre" else 0
    work = Pekerjaan(
        judul="Rapor VII-A",
        status=status,
        selesai_bagian=done,
        jumlah_bagian=10 if done else 0,
        pesan="Lampiran rusak." if status == "gagal" else "",
        berkas="x/rapor.pdf",
        nama_unduhan="rapor.pdf",
    )
    context = {"pekerjaan": work, "url_kemajuan": "/k", "url_batal": "/b", "url_hasil": "/h"}
    part = " ".join(render_to_string("web/bagian/kemajuan.html", context, request=rf.get("/")).split())
    for text in shows:
        assert text in part
    for text in hides:
        assert text not in part

"""Accounts: the first password is shown once, and nobody reaches beyond the own school."""

import re
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from mutu.satuan import demo, ledger
from mutu.satuan.access import roles_of
from mutu.satuan.models import Akun, EntriLedger, Guru, Peran, PesertaDidik, Sekolah, Wali
from mutu.satuan.services import accounts

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


def password_on(page: str) -> str:
    """The password a page shows."""
    found = re.search(r"<code>((?:[a-z2-9]{4}-){3}[a-z2-9]{4})</code>", page)
    assert found is not None
    return found[1]


def test_a_teachers_account_opens_with_the_password_shown_once(school: Sekolah, sign_in: SignIn) -> None:
    guru = Guru.objects.get(nama__startswith="Galih")
    client = sign_in("demo-admin-sekolah")
    response = client.post(reverse("guru-akun", args=[guru.pk]), {"username": " Galih.Adi "})
    assert response["Cache-Control"] == "no-store"
    password = password_on(response.content.decode())
    guru.refresh_from_db()
    assert guru.akun is not None
    assert guru.akun.username == "galih.adi"
    assert guru.akun.check_password(password)
    assert roles_of(guru.akun).schools == {"guru": frozenset({school.pk})}
    assert password not in client.get(reverse("guru-daftar", args=[school.npsn])).content.decode()
    assert password not in str(list(EntriLedger.objects.values()))
    again = client.post(reverse("guru-akun", args=[guru.pk]), {"username": "lain"})
    assert "sudah mempunyai akun" in again.content.decode()


def test_a_guardians_account_holds_the_role_in_the_school(school: Sekolah, sign_in: SignIn) -> None:
    wali = Wali.objects.get(perwalian__peserta=PesertaDidik.objects.get(nis="2602"))
    sign_in("demo-admin-sekolah").post(reverse("wali-akun", args=[wali.pk]), {"username": "wali.2602"})
    wali.refresh_from_db()
    assert wali.akun is not None
    assert roles_of(wali.akun).schools == {"orang_tua": frozenset({school.pk})}


@pytest.mark.parametrize(
    ("username", "words"), [("demo-kepala", "Sudah dipakai"), ("spasi di sini", "valid"), ("", "")]
)
def test_a_wrong_username_makes_no_account(school: Sekolah, sign_in: SignIn, username: str, words: str) -> None:
    guru = Guru.objects.get(nama__startswith="Galih")
    before = Akun.objects.count()
    response = sign_in("demo-admin-sekolah").post(reverse("guru-akun", args=[guru.pk]), {"username": username})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Akun.objects.count() == before


def test_the_operator_gives_a_school_its_keeper(other_school: Sekolah, school: Sekolah, sign_in: SignIn) -> None:
    address = reverse("akun-sekolah", args=[other_school.npsn])
    facts = {"nama": "Penjaga Uji", "username": "penjaga.uji", "jenis": "operator_sekolah"}
    response = sign_in("demo-operator").post(address, facts)
    assert password_on(response.content.decode())
    assert roles_of(Akun.objects.get(username="penjaga.uji")).schools == {
        "operator_sekolah": frozenset({other_school.pk})
    }
    assert sign_in("demo-operator").post(address, facts | {"username": "b", "jenis": "operator"}).status_code == 422


def test_a_forgotten_password_is_replaced_and_an_account_stopped(school: Sekolah, sign_in: SignIn) -> None:
    peran = Peran.objects.get(akun__username="demo-guru-bahasa")
    address = reverse("akun-ubah", args=[school.npsn, peran.pk])
    client = sign_in("demo-admin-sekolah")
    password = password_on(client.post(address, {"aksi": "sandi"}).content.decode())
    assert Akun.objects.get(username="demo-guru-bahasa").check_password(password)
    client.post(address, {"aksi": "nonaktif"})
    assert not Akun.objects.get(username="demo-guru-bahasa").is_active
    client.post(address, {"aksi": "aktif"})
    assert Akun.objects.get(username="demo-guru-bahasa").is_active
    client.post(address, {"aksi": "akhiri"})
    assert "guru" not in roles_of(Akun.objects.get(username="demo-guru-bahasa"))


def test_a_school_cannot_take_over_an_account_that_reaches_further(school: Sekolah, sign_in: SignIn) -> None:
    keeper = Akun.objects.get(username="demo-admin-sekolah")
    operator = Akun.objects.get(username="demo-operator")
    held = accounts.grant_role(akun=operator, jenis=Peran.Jenis.GURU, sekolah=school, by=ledger.SYSTEM)
    before = operator.password
    response = sign_in("demo-admin-sekolah").post(
        reverse("akun-ubah", args=[school.npsn, held.pk]), {"aksi": "sandi"}, follow=True
    )
    assert "di luar sekolah Anda" in response.content.decode()
    assert Akun.objects.get(pk=operator.pk).password == before
    for act in (
        lambda: accounts.set_active(akun=operator, active=False, by=keeper),
        lambda: accounts.edit_account(akun=operator, nama="Lain", by=keeper),
        lambda: accounts.grant_role(akun=keeper, jenis=Peran.Jenis.OPERATOR, by=keeper),
    ):
        with pytest.raises(ValidationError):
            act()
    assert "operator" not in roles_of(Akun.objects.get(pk=keeper.pk))


def test_the_last_operator_stays(school: Sekolah) -> None:
    held = Peran.objects.get(jenis=Peran.Jenis.OPERATOR)
    with pytest.raises(ValidationError, match="operator terakhir"):
        accounts.end_role(peran=held, by=held.akun)
    held.refresh_from_db()
    assert held.sampai is None


def test_the_demo_is_built_once(school: Sekolah) -> None:
    before = EntriLedger.objects.count()
    assert demo.build() == school
    assert EntriLedger.objects.count() == before
    assert (
        PesertaDidik.objects.filter(keanggotaan__kelas__nama="VII-A", keanggotaan__kelas__tahun__mulai=2026).count()
        == 36
    )
    assert not any(akun.has_usable_password() for akun in Akun.objects.all())

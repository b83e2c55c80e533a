"""People and places that the tests of `satuan` share; every name is invented."""

from collections.abc import Callable

import pytest
from django.test import Client

from mutu.satuan import demo, ledger
from mutu.satuan.models import Akun, Peran, Sekolah, TahunPelajaran
from mutu.satuan.services import accounts, people

PLACES = (("990000", "Prov. Uji"), ("990100", "Kab. Uji"), ("990101", "Kec. Uji"))


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):  # type: ignore[no-untyped-def]
    """Uploads and results of each test in a folder of its own."""
    settings.UPLOAD_DIR = tmp_path / "unggahan"
    settings.OUTPUT_DIR = tmp_path / "keluaran"


@pytest.fixture
def school(db: None) -> Sekolah:
    """The demo school with its years, classes, pupils and accounts."""
    return demo.build()


@pytest.fixture
def year(school: Sekolah) -> TahunPelajaran:
    """The demo school's present year."""
    return school.tahun_pelajaran.get(mulai=demo.THIS_YEAR)


@pytest.fixture
def other_school(db: None) -> Sekolah:
    """A second school, which the first one's people must not see."""
    place = people.ensure_places(places=PLACES, by=ledger.SYSTEM)[-1]
    return people.create_school(
        npsn="69900002", nama="SMP Uji Dua", bentuk="SMP", status="S", kecamatan=place, by=ledger.SYSTEM
    )


@pytest.fixture
def other_keeper(other_school: Sekolah) -> Akun:
    """The operator of the second school."""
    akun, _ = accounts.create_account(username="penjaga-dua", nama="Penjaga Dua", by=ledger.SYSTEM)
    accounts.grant_role(
        akun=akun, jenis=Peran.Jenis.OPERATOR_SEKOLAH, sekolah=other_school, dari=demo.ROLES_FROM, by=ledger.SYSTEM
    )
    return akun


@pytest.fixture
def sign_in() -> Callable[[str], Client]:
    """A browser in which the account of that name is signed in."""

    def enter(username: str) -> Client:
        client = Client()
        client.force_login(Akun.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter

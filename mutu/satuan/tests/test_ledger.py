"""The ledger: nothing is written without an author, nothing in it can be changed, and tampering is found."""

import pytest
from django.db import DatabaseError, connection, transaction

from mutu.satuan import ledger
from mutu.satuan.models import Akun, EntriLedger, SegelLedger, Wilayah

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def akun() -> Akun:
    with ledger.record("uji.akun", by=ledger.SYSTEM):
        return Akun.objects.create(username="rina", nama="Rina Uji")


def test_every_tracked_table_has_its_triggers() -> None:
    assert ledger.missing_triggers() == []


def test_a_write_without_an_author_is_refused(akun: Akun) -> None:
    with pytest.raises(DatabaseError, match="ledger: tulis lewat layanan"):
        Akun.objects.filter(pk=akun.pk).update(nama="Diam-diam")
    akun.refresh_from_db()
    assert akun.nama == "Rina Uji"


def test_bulk_and_raw_writes_are_recorded_with_their_author(akun: Akun) -> None:
    with ledger.record("uji.ubah", by=akun), connection.cursor() as cursor:
        cursor.execute("UPDATE satuan_akun SET nama = 'Lain', is_staff = NOT is_staff")
    entry = EntriLedger.objects.get(perbuatan="uji.ubah", tabel="satuan_akun")
    assert entry.pelaku == f"akun:{akun.pk}"
    assert entry.baris == str(akun.pk)
    assert entry.aksi == "ubah"
    assert "nama" in entry.sesudah["_berubah"].split()
    assert bool(entry.sebelum["is_staff"]) != bool(entry.sesudah["is_staff"])


def test_personal_text_never_enters_the_ledger(akun: Akun) -> None:
    with ledger.record("uji.ubah", by=akun):
        Akun.objects.filter(pk=akun.pk).update(nama="Nama Rahasia", email="rahasia@contoh.invalid")
    text = "".join(str((e.sebelum, e.sesudah, e.pelaku)) for e in EntriLedger.objects.all())
    assert "Rahasia" not in text
    assert "Rina" not in text
    assert "rahasia@" not in text


def test_one_work_is_one_transaction_and_one_line(akun: Akun) -> None:
    before = EntriLedger.objects.count()

    def half_way() -> None:
        with ledger.record("uji.gagal", by=akun):
            Akun.objects.filter(pk=akun.pk).update(nama="Separuh")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    assert EntriLedger.objects.count() == before
    akun.refresh_from_db()
    assert akun.nama == "Rina Uji"
    with ledger.record("uji.berhasil", by=akun, details={"jumlah": 1}):
        Akun.objects.filter(pk=akun.pk).update(nama="Utuh")
    work = EntriLedger.objects.get(perbuatan="uji.berhasil", aksi="kerja")
    assert work.sesudah == {"jumlah": 1}
    assert EntriLedger.objects.filter(kerja=work.kerja).count() == 2


@pytest.mark.parametrize("table", ledger.LEDGER_TABLES)
@pytest.mark.parametrize("sql", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_ledger_cannot_be_changed(akun: Akun, table: str, sql: str) -> None:
    ledger.seal()
    column = "pelaku" if table == ledger.LEDGER_TABLES[0] else "sidik"
    with (
        pytest.raises(DatabaseError, match="tidak boleh diubah"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format(table, column, column))


def _tamper(sql: str) -> None:
    ledger.uninstall()
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    finally:
        ledger.install()


def test_tampering_is_found_and_named(akun: Akun) -> None:
    for number in range(5):
        with ledger.record("uji.ubah", by=akun):
            Akun.objects.filter(pk=akun.pk).update(nama=f"Nama {number}")
    assert ledger.seal() > 0
    assert ledger.seal() == 0
    verdict = ledger.verify()
    assert (verdict.first_bad, verdict.unsealed) == (None, 0)
    assert verdict.checked == EntriLedger.objects.count() == SegelLedger.objects.count()
    ids = list(EntriLedger.objects.order_by("pk").values_list("pk", flat=True))
    _tamper(f"UPDATE satuan_entriledger SET pelaku = 'akun:999' WHERE id = {ids[3]}")
    assert ledger.verify().first_bad == ids[3]
    _tamper(f"DELETE FROM satuan_entriledger WHERE id = {ids[1]}")
    assert ledger.verify().first_bad == ids[1]


def test_a_missing_trigger_is_noticed() -> None:
    ledger.uninstall()
    try:
        assert "satuan_akun" in ledger.missing_triggers()
    finally:
        ledger.install()


def test_untracked_tables_need_no_author() -> None:
    assert Wilayah.objects.create(kode="990000", nama="Prov. Uji", tingkat=1).pk

"""What must hold after any kill: the database is sound, the ledger's chain holds, results fit their marks."""

from collections import defaultdict

from django.db import connection
from django.db.models import Count

from mutu.rapor.models import Nilai, NilaiRapor, Penilaian
from mutu.rapor.services.results import COMPUTED, compute, terms_of
from mutu.satuan import ledger
from mutu.satuan.models import EntriLedger, Pembelajaran, Semester


def check_database() -> None:
    """Open the database anew: no damaged page, no broken reference, and the ledger's chain verifies."""
    connection.close()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert cursor.execute("PRAGMA foreign_key_check").fetchall() == []
    while ledger.seal():
        pass
    verdict = ledger.verify()
    assert verdict.first_bad is None, verdict.reason
    assert verdict.unsealed == 0


def check_results(lesson: Pembelajaran, semester: Semester) -> None:
    """Every stored rapor mark is what the rule makes of the stored marks, and no pupil with marks lacks one."""
    terms = terms_of(lesson, semester)
    columns = list(
        Penilaian.objects.filter(pembelajaran=lesson, semester=semester)
        .order_by("jenis", "nomor")
        .values_list("pk", "jenis", "sk_id", "ranah")
    )
    marks: dict[int, dict[int, object]] = defaultdict(dict)
    for pupil, column, value in Nilai.objects.filter(penilaian__pembelajaran=lesson).values_list(
        "anggota_id", "penilaian_id", "nilai"
    ):
        marks[pupil][column] = value
    stored = {row.anggota_id: row for row in NilaiRapor.objects.filter(pembelajaran=lesson, semester=semester)}
    assert stored.keys() == marks.keys()
    for pupil, row in stored.items():
        assert {name: getattr(row, name) for name in COMPUTED} == compute(terms, columns, marks[pupil])


def check_history() -> None:
    """The ledger has one line for each version that a mark has had: no change without a line, no line too many."""
    lines = EntriLedger.objects.filter(tabel=Nilai._meta.db_table).order_by()
    counted = {int(row): number for row, number in lines.values_list("baris").annotate(Count("pk"))}
    assert counted == dict(Nilai.objects.values_list("pk", "versi"))

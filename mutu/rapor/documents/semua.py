"""Everything of a class in one archive: its rapor as one PDF and one by one, and the ledger as workbook and PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _

from mutu.rapor.documents import leger
from mutu.rapor.documents.finals import current_cards, sign_card, stamp_of, standards_of
from mutu.rapor.documents.printing import TEMPLATE, file_name, render_cards, timestamp_of, title_of
from mutu.rapor.services import final
from mutu.reports import batches, pdf
from mutu.reports.pdf import Paper, RenderError
from mutu.satuan.access import visible_to
from mutu.satuan.jobs import Handle, JobError, job
from mutu.satuan.models import Kelas, Semester

FOLDER = "per peserta didik"


@job("rapor.cetak_semua")
def print_everything(handle: Handle) -> None:
    """Make the archive of a class. Each rapor is counted; one that cannot be printed holds up no other."""
    wanted = handle.input
    kelas = (
        visible_to(handle.by, "cetak", Kelas)
        .select_related("tahun__sekolah__kabkota", "tahun__sekolah__kecamatan", "wali_kelas")
        .filter(pk=wanted["kelas"])
        .first()
    )
    semester = Semester.objects.filter(pk=wanted["semester"], tahun_id=kelas.tahun_id).first() if kelas else None
    if kelas is None or semester is None:
        raise JobError(_("Kelas atau semester ini tidak ada lagi, atau Anda tidak lagi mengelolanya."))
    paper: Paper = "f4" if wanted.get("kertas") == "f4" else "a4"
    try:
        data = current_cards(kelas, semester, paper=paper)
        ledger = leger.ledger_of(kelas, semester)
    except final.Tercemar as error:
        raise JobError(str(error)) from error
    if not data:
        raise JobError(_("Kelas ini belum mempunyai peserta didik."))
    stamp = timestamp_of(semester)
    failed: list[str] = []
    printed = 0
    total = len(data) + 3
    handle.progress(0, total, _("Menyusun halaman"), force=True)

    def members() -> Iterator[batches.Member]:
        nonlocal printed
        book = BytesIO()
        leger.write_workbook(book, ledger, timestamp=stamp)
        yield batches.Member(leger.ledger_name(ledger, "xlsx"), book.getvalue(), None)
        handle.progress(1, total, _("Mencetak leger"))
        yield _try(leger.ledger_name(ledger, "pdf"), lambda: leger.print_ledger(ledger, timestamp=stamp, paper=paper))
        handle.progress(2, total, _("Mencetak rapor sekelas"))
        yield _try(file_name(data[0], "pdf"), lambda: render_cards(data, timestamp=stamp, paper=paper))
        handle.progress(3, total, _("Mencetak rapor satu per satu"))
        apart = batches.zip_members(
            TEMPLATE,
            data,
            key="rapor",
            name=lambda card: f"{card['peserta']['nama']} {card['peserta']['nomor_induk']}",
            title=title_of,
            timestamp=lambda card: stamp_of(card, stamp),
            standards=standards_of,
            finish=sign_card,
            paper=paper,
        )
        for number, member in enumerate(apart, start=1):
            printed += member.error is None
            if member.error is not None:
                failed.append(f"No. {number}: {member.error}")
            yield batches.Member(f"{FOLDER}/{member.name}", member.pdf, member.error)
            handle.progress(3 + number, total, _("Mencetak rapor satu per satu"))

    try:
        with handle.output(_name(data[0])).open("wb") as target:
            left_out = batches.write_zip(target, members(), timestamp=stamp)
    finally:
        pdf.release_memory()
    failed += [f"{one.name}: {one.error}" for one in left_out if not one.name.startswith(FOLDER)]
    if not printed:
        raise JobError(failed[0])
    handle.row.hasil = {
        "diminta": len(data),
        "dicetak": printed,
        "draf": sum(card["draf"] for card in data),
        "gagal": failed,
    }
    message = _("{dicetak} dari {diminta} rapor dicetak, beserta leger.").format(dicetak=printed, diminta=len(data))
    handle.progress(total, total, f"{message} {' '.join(failed)}".strip()[:500], force=True)


def _try(name: str, make: Callable[[], bytes]) -> batches.Member:
    try:
        return batches.Member(name, make(), None)
    except RenderError as error:
        return batches.Member(name, None, error)


def _name(card: dict[str, Any]) -> str:
    return file_name(card, "zip").replace("rapor-", "semua-rapor-", 1)

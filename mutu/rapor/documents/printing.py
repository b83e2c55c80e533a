"""The rapor as PDF, and the jobs that print a class: one PDF, or a ZIP with one file a pupil."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from mutu.rapor.documents.cards import Card
from mutu.rapor.documents.finals import current_cards, sign_card, stamp_of, standards_of
from mutu.rapor.models import RaporFinal
from mutu.rapor.services import final
from mutu.reports import batches, pdf
from mutu.reports.pdf import Paper, RenderError
from mutu.satuan.access import visible_to
from mutu.satuan.jobs import Handle, JobError, job
from mutu.satuan.models import AnggotaKelas, Kelas, Semester

TEMPLATE = Path(__file__).resolve().parents[1] / "rapor.typ"


def render_cards(cards: Sequence[Card], *, timestamp: datetime, paper: Paper = "a4") -> bytes:
    """These cards as one PDF. It depends on the arguments alone: the same cards give the same bytes.

    Each card's own `kertas` wins over `paper`. Raises RenderError as `pdf.render`, ValueError without any card.
    """
    if not cards:
        raise ValueError("there is no card to print")
    return pdf.render(TEMPLATE, {"rapor": list(cards)}, title=title_of(cards[0]), timestamp=timestamp, paper=paper)


def timestamp_of(semester: Semester) -> datetime:
    """The fixed time that a PDF carries: the day of handing over, so that the same data give the same bytes."""
    return datetime.combine(semester.tanggal_rapor or semester.selesai, time(0, 0), tzinfo=UTC)


def file_name(data: dict[str, Any], extension: str) -> str:
    """A download name that says whose rapor it is: school, class, semester, never the child's name (URLs and logs)."""
    year = data["tahun_pelajaran"].replace("/", "-")
    return f"rapor-{data['kelas']}-{year}-semester-{data['semester']}.{extension}"


def print_one(
    anggota: AnggotaKelas, semester: Semester, *, appendix: bool, paper: Paper
) -> tuple[bytes, dict[str, Any]]:
    """One pupil's rapor as PDF, with the data it shows; a final one from its stored text, signed.

    Raises RenderError, and Tercemar for a stored text that no longer fits its signature.
    """
    (data,) = current_cards(anggota.kelas, semester, [anggota.pk], appendix=appendix, paper=paper)
    return _own_file(data, timestamp_of(semester), paper), data


def print_final(row: RaporFinal, *, appendix: bool = False, paper: Paper = "a4") -> tuple[bytes, Card]:
    """One final rapor, also one that was replaced, as signed PDF with the card it shows. The same bytes each time."""
    content = final.isi(row)
    card = content.kartu(paper=paper, appendix=appendix)
    return _own_file(card, content.stempel, paper), card


def _own_file(card: Card, stamp: datetime, paper: Paper) -> bytes:
    made = pdf.render(
        TEMPLATE,
        {"rapor": [card]},
        title=title_of(card),
        timestamp=stamp_of(card, stamp),
        standards=standards_of(card),
        paper=paper,
    )
    return sign_card(card, made)


def title_of(data: dict[str, Any]) -> str:
    """What stands in the title of the PDF: class, year, semester, never the child's name."""
    return f"Rapor {data['kelas']} {data['tahun_pelajaran']} semester {data['semester']}"


@job("rapor.cetak_kelas")
def print_class(handle: Handle) -> None:
    """Print a class: one PDF, or a ZIP with one file per pupil. Counts the cards against the pupils asked for."""
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
        data = current_cards(kelas, semester, appendix=bool(wanted.get("lampiran")), paper=paper)
    except final.Tercemar as error:
        raise JobError(str(error)) from error
    if not data:
        raise JobError(_("Kelas ini belum mempunyai peserta didik."))
    handle.progress(0, len(data), _("Menyusun halaman"), force=True)
    stamp = timestamp_of(semester)
    try:
        if wanted.get("bentuk") == "zip":
            printed, failed = _print_separately(handle, data, stamp, paper)
        else:
            printed, failed = _print_together(handle, data, stamp, paper), []
    except RenderError as error:
        raise JobError(str(error)) from error
    finally:
        pdf.release_memory()
    handle.row.hasil = {
        "diminta": len(data),
        "dicetak": printed,
        "draf": sum(card["draf"] for card in data),
        "gagal": failed,
    }
    message = _("{dicetak} dari {diminta} rapor dicetak.").format(dicetak=printed, diminta=len(data))
    handle.progress(len(data), len(data), f"{message} {' '.join(failed)}".strip()[:500], force=True)


def print_classes(
    classes: Sequence[Kelas], semester: Semester, target: Path, *, appendix: bool = False, paper: Paper = "a4"
) -> Iterator[tuple[Kelas, int]]:
    """Print several classes into one ZIP, a PDF each; yields each class with the number of its cards, once written.

    Class by class, so that memory holds one class at a time. Raises RenderError and final.Tercemar.
    """
    stamp = timestamp_of(semester)
    with target.open("wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for kelas in classes:
            data = current_cards(kelas, semester, appendix=appendix, paper=paper)
            if data:
                try:
                    content = render_cards(data, timestamp=stamp, paper=paper)
                finally:
                    pdf.release_memory()
                entry = zipfile.ZipInfo(f"{batches.safe_name(f'rapor {kelas.nama}')}.pdf", stamp.timetuple()[:6])
                archive.writestr(entry, content)
            yield kelas, len(data)


@job("rapor.cetak_tahun")
def print_year(handle: Handle) -> None:
    """Print every class of a year that the person may print: a ZIP, one PDF a class. Counts cards against pupils."""
    wanted = handle.input
    semester = Semester.objects.filter(pk=wanted["semester"]).first()
    related = ("tahun__sekolah__kabkota", "tahun__sekolah__kecamatan", "wali_kelas")
    own = visible_to(handle.by, "cetak", Kelas).filter(tahun=semester.tahun_id) if semester else Kelas.objects.none()
    classes = list(own.select_related(*related).annotate(pupils=Count("anggota", filter=Q(anggota__keluar=None))))
    asked = sum(kelas.pupils for kelas in classes)
    if semester is None or not asked:
        raise JobError(_("Tidak ada kelas berisi peserta didik yang dapat Anda cetak pada semester ini."))
    paper: Paper = "f4" if wanted.get("kertas") == "f4" else "a4"
    printed = 0
    target = handle.output(f"rapor-semua-kelas-semester-{semester.nomor}.zip")
    handle.progress(0, asked, _("Menyusun halaman"), force=True)
    try:
        for kelas, cards in print_classes(classes, semester, target, paper=paper):
            printed += cards
            handle.progress(printed, asked, _("Kelas {nama} dicetak").format(nama=kelas.nama), force=True)
    except (RenderError, final.Tercemar) as error:
        raise JobError(str(error)) from error
    handle.row.hasil = {"diminta": asked, "dicetak": printed, "gagal": []}
    message = _("{dicetak} dari {diminta} rapor dicetak.").format(dicetak=printed, diminta=asked)
    handle.progress(printed, asked, message, force=True)


def _print_together(handle: Handle, data: list[dict[str, Any]], stamp: datetime, paper: Paper) -> int:
    target = handle.output(file_name(data[0], "pdf"))
    target.write_bytes(render_cards(data, timestamp=stamp, paper=paper))
    return len(data)


def separate_files(data: Sequence[Card], stamp: datetime, paper: Paper) -> Iterator[batches.Member]:
    """One file a pupil, named after the pupil; a final one is signed. A file that failed comes with its error."""
    return batches.zip_members(
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


def _print_separately(
    handle: Handle, data: list[dict[str, Any]], stamp: datetime, paper: Paper
) -> tuple[int, list[str]]:
    """One file per pupil. A rapor that cannot be printed holds up no other; it is named by its place in the list."""
    members = separate_files(data, stamp, paper)
    failed: list[str] = []

    def counted() -> Iterator[batches.Member]:
        for number, member in enumerate(members, start=1):
            if member.error is not None:
                failed.append(f"No. {number}: {member.error}")
            yield member
            handle.progress(number, len(data), _("Mencetak rapor"))

    with handle.output(file_name(data[0], "zip")).open("wb") as target:
        batches.write_zip(target, counted(), timestamp=stamp)
    if len(failed) == len(data):
        raise JobError(failed[0])
    return len(data) - len(failed), failed

"""The berita acara of a revision: what the rapor was, what it is, why, and who signs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import timezone

from mutu.rapor import rules
from mutu.rapor.models import BeritaAcara, RaporFinal
from mutu.rapor.services import final
from mutu.regulation.exact import long_date
from mutu.reports import pdf

TEMPLATE = Path(__file__).resolve().parents[1] / "berita_acara.typ"


def minutes(row: BeritaAcara) -> dict[str, Any]:
    """What stands on the paper. `perubahan` is None until the revision itself is final. Raises final.Tercemar."""
    old = final.isi(row.final)
    new = RaporFinal.objects.filter(rapor_id=row.rapor_id, revisi=row.nomor).first()
    card, kelas = old.data["kartu"], row.rapor.anggota.kelas
    day = timezone.localtime(row.pada).date()
    head = row.oleh
    return {
        "sekolah": card["sekolah"],
        "nomor": row.nomor,
        "tanggal": long_date(day),
        "peserta": card["peserta"],
        "kelas": card["kelas"],
        "semester": card["semester"],
        "tahun_pelajaran": card["tahun_pelajaran"],
        "lama": {"id": row.final_id, "sidik": row.final.sidik, "ditarik": row.final.status == "ditarik"},
        "baru": {"id": new.pk, "sidik": new.sidik} if new else None,
        "alasan": row.alasan,
        "perubahan": [list(one) for one in final.beda(card, final.isi(new).data["kartu"])] if new else None,
        "tempat_tanggal": rules.tempat_tanggal(kelas.tahun.sekolah.kabkota.nama, day),
        "kepala": {"nama": str(head) if head else None, "nip": _nip(head)},
        "wali_kelas": {
            "nama": kelas.wali_kelas.nama if kelas.wali_kelas else None,
            "nip": (kelas.wali_kelas and kelas.wali_kelas.nip) or None,
        },
    }


def _nip(akun: Any) -> str | None:
    guru = getattr(akun, "guru", None) if akun else None
    return (guru.nip or None) if guru else None


def print_minutes(row: BeritaAcara) -> bytes:
    """The berita acara as PDF. Raises pdf.RenderError and final.Tercemar."""
    return pdf.render(TEMPLATE, minutes(row), title=f"Berita acara revisi rapor ke-{row.nomor}", timestamp=row.pada)

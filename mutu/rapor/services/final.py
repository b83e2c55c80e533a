"""Final rapor: finalising with its proof, revisions with a berita acara, withdrawal, and what a stored one shows.

A final rapor is a canonical text, hashed and signed (mutu/rapor/services/bukti.py); paper and screen are made from
that text alone, so it prints the same after marks, terms or names have changed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import BeritaAcara, Rapor, RaporFinal, SudahDibaca
from mutu.rapor.services import bukti
from mutu.rapor.services.langkah import (
    LONGEST_LIST,
    Hasil,
    Tertahan,
    kunci_kelas,
    kurang_kelas,
    pindahkan,
    rapor_kelas,
    wajib_berhak,
)
from mutu.regulation.canonical import canonical, digest
from mutu.regulation.explain import InputError
from mutu.satuan import ledger
from mutu.satuan.models import Akun, Kelas, Semester

Status = Rapor.Status
FORMAT = 1
# How the paper is cut and whether the steps are appended is asked for at each print; it is no content.
_AT_PRINT = ("kertas", "kurang", "bukti")


class Kumpulkan(Protocol):
    """What gathers the cards of some pupils, as `documents.cards` does."""

    def __call__(
        self, kelas: Kelas, semester: Semester, anggota_ids: Collection[int], /, *, appendix: bool
    ) -> list[dict[str, Any]]: ...


class Tercemar(Exception):
    """A stored final rapor that no longer fits its hash or signature. The message is Indonesian."""


def kunci() -> bukti.Key:
    """The signing key of this installation, made at the first call. Raises bukti.KeyFault."""
    return bukti.own_key(settings.DATA_DIR)


def sahkan(
    *,
    kelas: Kelas,
    semester: Semester,
    kumpulkan: Kumpulkan,
    by: Akun,
    anggota_ids: Collection[int] | None = None,
) -> Hasil:
    """Make the rapor of these pupils final (all of the class without `anggota_ids`), each with its proof.

    Each stands for itself: whoever was checked and lacks nothing becomes final, whoever was final already stays it,
    the others come back with their reasons. Two heads at once end with one final rapor a pupil.
    """
    key = kunci()
    hasil = Hasil()
    with ledger.record("rapor.sahkan", by=by, details={"kelas": kelas.pk, "semester": semester.pk}) as notes:
        kunci_kelas(kelas)
        wajib_berhak("sahkan", semester, by, kelas=kelas)
        rows = rapor_kelas(kelas, semester, anggota_ids)
        gaps = kurang_kelas(kelas, semester)
        ready: dict[int, Rapor] = {}
        for pk, row in rows.items():
            if row.status == Status.FINAL:
                hasil.sudah.append(pk)
            elif row.status != Status.DIPERIKSA:
                hasil.tertahan.append(
                    Tertahan(pk, row.anggota.peserta.nama, (_("belum diperiksa wali kelas ({keadaan})").format(
                        keadaan=row.get_status_display()),))
                )  # fmt: skip
            elif pk in gaps:
                hasil.tertahan.append(Tertahan(pk, row.anggota.peserta.nama, tuple(gaps[pk][:LONGEST_LIST])))
            else:
                ready[pk] = row
        cards = {card["anggota"]: card for card in kumpulkan(kelas, semester, list(ready), appendix=True)}
        finals = []
        for pk, row in ready.items():
            card = cards[pk]
            if missing := card.get("kurang"):
                hasil.tertahan.append(Tertahan(pk, row.anggota.peserta.nama, tuple(missing[:LONGEST_LIST])))
                continue
            pindahkan(row, "sahkan", by)
            row.save()
            finals.append(naskah(row, card, kelas, semester, key, by))
            hasil.berubah.append(pk)
        RaporFinal.objects.filter(
            rapor__in=[one.rapor_id for one in finals], status=RaporFinal.Status.BERLAKU
        ).update(status=RaporFinal.Status.DIGANTI)  # fmt: skip
        RaporFinal.objects.bulk_create(finals)
        notes["final"] = len(finals)
    return hasil


def naskah(
    row: Rapor, card: Mapping[str, Any], kelas: Kelas, semester: Semester, key: bukti.Key, by: Akun
) -> RaporFinal:
    """The final rapor that a card becomes, not stored yet: number, canonical text, hash and signature."""
    npsn = kelas.tahun.sekolah.npsn
    number = bukti.new_number(npsn)
    aturan = card["aturan"]["id"]
    content = {
        "format": FORMAT,
        "id": number,
        "npsn": npsn,
        "revisi": row.revisi,
        "keadaan": row.status,
        "anggota": row.anggota_id,
        "kelas": kelas.pk,
        "semester": semester.pk,
        "aturan": {"id": aturan, "pada": semester.selesai.isoformat(), "sidik": rules.sidik_aturan(aturan)},
        "alamat": bukti.address(settings.PUBLIC_ADDRESS, number),
        "tanggal_berkas": (semester.tanggal_rapor or semester.selesai).isoformat(),
        "disahkan": row.pada.astimezone(UTC).isoformat(timespec="seconds"),
        "kartu": {name: value for name, value in card.items() if name not in _AT_PRINT} | {"draf": False},
    }
    text = canonical(content)
    return RaporFinal(
        id=number,
        rapor=row,
        revisi=row.revisi,
        isi=text,
        sidik=digest(text),
        tanda_tangan=key.sign_text(text),
        kunci=key.fingerprint,
        oleh=by,
        pada=row.pada,
    )


# Opening a final rapor again


def buka_revisi(*, rapor: Rapor, alasan: str, by: Akun) -> BeritaAcara:
    """Open a final rapor again, with the reason that its berita acara prints.

    The final one stays valid until the revision is final. Raises InputError at `alasan` without a reason, at
    `status` when the rapor is not final, at `oleh` for anyone but the head.
    """
    return _open("revisi", rapor, alasan, by)


def tarik(*, rapor: Rapor, alasan: str, by: Akun) -> BeritaAcara:
    """Withdraw a final rapor: from now on it is not valid, and the rapor is open for revision. Raises as above."""
    return _open("tarik", rapor, alasan, by)


def _open(nama: str, rapor: Rapor, alasan: str, by: Akun) -> BeritaAcara:
    words = " ".join(alasan.split())[:300]
    kelas, semester = rapor.anggota.kelas, rapor.semester
    with ledger.record(f"rapor.{nama}", by=by, details={"rapor": rapor.pk}):
        kunci_kelas(kelas)
        wajib_berhak(nama, semester, by, kelas=kelas)
        row = Rapor.objects.select_related("semester").get(pk=rapor.pk)
        final = row.final.filter(status=RaporFinal.Status.BERLAKU).first()
        if row.status == Status.REVISI and words:
            if nama == "tarik" and final is not None:
                _withdraw(final, words)
            opened = row.berita_acara.order_by("-nomor").first()
            if opened is None:
                raise InputError.at("status", _("Revisi ini tidak mempunyai berita acara; hubungi pengelola aplikasi."))
            return opened
        pindahkan(row, nama, by, words)
        row.revisi += 1
        row.save()
        if final is None:
            raise InputError.at("status", _("Rapor ini belum mempunyai naskah final."))
        if nama == "tarik":
            _withdraw(final, words)
        return BeritaAcara.objects.create(
            rapor=row, final=final, nomor=row.revisi, alasan=words, oleh=by, pada=row.pada
        )


def _withdraw(final: RaporFinal, alasan: str) -> None:
    final.status, final.alasan = RaporFinal.Status.DITARIK, alasan
    final.save(update_fields=["status", "alasan"])


# What a stored final rapor shows


@dataclass(frozen=True)
class Isi:
    """The content of a final rapor, checked against its hash and signature."""

    final: RaporFinal
    data: Mapping[str, Any]

    @property
    def stempel(self) -> datetime:
        """The date that the PDF carries, fixed with the content."""
        return datetime.combine(date.fromisoformat(self.data["tanggal_berkas"]), time(0, 0), tzinfo=UTC)

    def kartu(self, *, paper: str = "a4", appendix: bool = False) -> dict[str, Any]:
        """The card to print or show. `bukti` holds number, address, hash and the rows of the QR code."""
        card = dict(self.data["kartu"])
        alamat = self.data["alamat"]
        card |= {"kertas": paper, "kurang": [], "lampiran": card.get("lampiran") if appendix else None}
        card["bukti"] = {
            "id": self.final.pk,
            "alamat": alamat,
            "sidik": self.final.sidik,
            "tanggal": self.data["tanggal_berkas"],
            "qr": list(bukti.qr_rows(f"{alamat}?s={self.final.sidik[: bukti.SHORT_HASH]}")),
        }
        return card

    def nilai(self, mapel: str) -> Mapping[str, Any]:
        """One subject's line of marks; empty when the rapor has no such subject."""
        return next((one for one in self.data["kartu"]["mapel"] if one["nama"] == mapel), {})

    def langkah(self, mapel: str) -> list[dict[str, Any]]:
        """The steps behind one subject's mark as they were when it became final."""
        return next((one["langkah"] for one in self.data["kartu"].get("lampiran") or [] if one["mapel"] == mapel), [])


def isi(final: RaporFinal) -> Isi:
    """Read a stored final rapor. Raises Tercemar when it fits its hash or its signature no longer."""
    keys = _known(str(settings.DATA_DIR / bukti.PUBLIC_NAME), kunci().fingerprint)
    public = keys.get(final.kunci)
    intact = digest(final.isi) == final.sidik
    # A key that nobody keeps proves nothing: else naming an unknown one would make any text pass.
    if not intact or public is None or not bukti.text_is_signed(final.isi, final.tanda_tangan, public):
        raise Tercemar(
            _("Naskah rapor final {id} di basis data tidak lagi cocok dengan tanda tangannya. Jangan dicetak; hubungi "
              "pengelola aplikasi untuk memulihkannya dari cadangan.").format(id=final.pk)
        )  # fmt: skip
    return Isi(final, json.loads(final.isi))


@lru_cache(maxsize=8)
def _known(path: str, own: str) -> Mapping[str, Any]:
    """The public keys of this installation; read again when the signing key is another one."""
    return bukti.read_keys([Path(path)])


def berlaku(semester: Semester, anggota_ids: Collection[int]) -> dict[int, RaporFinal]:
    """The valid final rapor of these pupils whose rapor is final now: pupil -> final. One query."""
    rows = RaporFinal.objects.filter(
        rapor__semester=semester,
        rapor__anggota_id__in=anggota_ids,
        rapor__status=Status.FINAL,
        status=RaporFinal.Status.BERLAKU,
    ).select_related("rapor")
    return {row.rapor.anggota_id: row for row in rows.order_by()}


def untuk_wali(semester: Semester, anggota: int) -> RaporFinal | None:
    """The final rapor that a guardian sees: the valid one, also while a revision of it is open. One query."""
    rows = RaporFinal.objects.filter(rapor__semester=semester, rapor__anggota_id=anggota)
    return rows.filter(status=RaporFinal.Status.BERLAKU).select_related("rapor").order_by("-revisi").first()


def terakhir(semester: Semester, anggota: int) -> RaporFinal | None:
    """The newest final rapor of a pupil, whatever became of it; None when there never was one."""
    rows = RaporFinal.objects.filter(rapor__semester=semester, rapor__anggota_id=anggota).select_related("rapor")
    return rows.order_by("-revisi").first()


def beda(lama: Mapping[str, Any], baru: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Where two cards differ: place, what it was, what it is; in the order of the card."""
    before, after = dict(_places(_shown(lama))), dict(_places(_shown(baru)))
    return [
        (place, before.get(place, "–"), after.get(place, "–"))
        for place in dict.fromkeys([*before, *after])
        if before.get(place) != after.get(place)
    ]


def _shown(card: Mapping[str, Any]) -> dict[str, Any]:
    hidden = ("anggota", "lampiran", "bukti", "kertas", "draf", "kurang", "bagian", "kolom", "aturan")
    return {name: value for name, value in card.items() if name not in hidden}


def _places(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _places(inner, f"{place} › {name.replace('_', ' ')}" if place else name.replace("_", " "))
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            name = (inner.get("nama") or inner.get("judul") or number) if isinstance(inner, Mapping) else number
            yield from _places(inner, f"{place} › {name}")
    elif value is not None and value != "":
        yield place, {True: "ya", False: "tidak"}.get(value, str(value)) if isinstance(value, bool) else str(value)


# Guardians


def tandai_dibaca(*, final: RaporFinal, by: Akun) -> SudahDibaca:
    """Note that a guardian has read a final rapor. Asked twice the first moment stays."""
    with ledger.record("rapor.sudah_dibaca", by=by, details={"final": final.pk}), transaction.atomic():
        row, _new = SudahDibaca.objects.get_or_create(final=final, akun=by, defaults={"pada": timezone.now()})
    return row

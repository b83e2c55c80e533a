"""The result as its parties read it: each number with its why, the notes and evidence, signatures, an objection."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from mutu.kinerja.models import Catatan, Dilihat, Keberatan, PenilaianKinerja, TandaTangan
from mutu.kinerja.services import hasil, keberatan
from mutu.kinerja.services.akses import aturan_dari, dilihat, wajib_boleh_hasil
from mutu.kinerja.services.lembar import Lembar, lembar, lihat_moderasi
from mutu.kinerja.services.menulis import SEMUA, Bentrok, Status, waktu
from mutu.kinerja.services.nilai import tampil
from mutu.kinerja.views.pengamatan import result_of
from mutu.kinerja.views.rencana import PARTS, crumbs, instrument_name, tell_faults
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, on_object, roles_of
from mutu.satuan.models import Akun

Sebagai = TandaTangan.Sebagai
LIMIT_SEEN = 50


@on_object("lihat", PenilaianKinerja, related=PARTS)
def page(request: HttpRequest, row: PenilaianKinerja) -> HttpResponse:
    """The result. The teacher finds nothing here before it is told."""
    akun = akun_of(request)
    wajib_boleh_hasil(row, akun)
    faults: dict[str, str] = {}
    if request.method == "POST":
        faults = _act(request, row, akun)
        if not faults:
            return redirect("kinerja-hasil", pk=row.pk)
    try:
        sheet = lembar(row, akun)
    except InputError as error:
        tell_faults(request, error)
        return redirect("kinerja-penilaian", pk=row.pk)
    if request.method == "GET":
        dilihat(row, akun, _("hasil"))
    return render(
        request, "kinerja/hasil.html", _context(row, sheet, akun, request, faults), status=422 if faults else 200
    )


def _act(request: HttpRequest, row: PenilaianKinerja, akun: Akun) -> dict[str, str]:
    act = request.POST.get("aksi")
    versi = request.POST.get("versi", "")
    try:
        if act == "refleksi":
            hasil.simpan_refleksi(
                penilaian=row,
                refleksi=request.POST.get("refleksi", ""),
                versi=int(versi) if versi.isascii() and versi.isdigit() else 0,
                by=akun,
            )
            messages.success(request, _("Refleksi bersama tersimpan."))
        elif act == "tanda" and request.POST.get("sebagai") in Sebagai.values:
            hasil.tanda_tangan(penilaian=row, sebagai=request.POST["sebagai"], by=akun)
            messages.success(request, _("Anda sudah menandatangani hasil ini."))
        else:
            raise Http404
    except Bentrok as error:
        return {"refleksi": error.galat[0]["pesan"], "versi": str(error.beda[0].versi)}
    except InputError as error:
        if act == "refleksi" and error.galat[0]["jalur"] == "refleksi":
            return {"refleksi": error.galat[0]["pesan"]}
        tell_faults(request, error)
    return {}


def _context(
    row: PenilaianKinerja, sheet: list[Lembar], akun: Akun, request: HttpRequest, faults: dict[str, str]
) -> dict[str, Any]:
    stored = result_of(row)
    signs = list(stored.tanda_tangan.select_related("akun")) if stored else []
    by_name = {one.sebagai: one for one in signs}
    case = Keberatan.objects.filter(penilaian=row).first()
    own = row.guru.akun_id == akun.pk
    aturan = aturan_dari(row)
    details = {tuple(sorted(satu.items())) for one in (stored.nilai if stored else []) for satu in one["langkah"]}
    return {
        "satu": row,
        "hasil": stored,
        "lengkap": bool(stored and stored.total),
        "sendiri": own,
        "instrumen": instrument_name(row.instrumen, row.rencana),
        "total": tampil(stored.total, row) if stored else "",
        "maksimum": len(sheet) * aturan.skala_kompetensi[1],
        "nilai_100": tampil(stored.nilai_100, row) if stored else "",
        "angka_kredit": tampil(stored.angka_kredit, row) if stored and stored.angka_kredit else "",
        "langkah": [one for one in stored.langkah if tuple(sorted(one.items())) not in details] if stored else [],
        "aturan": aturan.as_dict(),
        "rows": [_row(one, row) for one in sheet],
        "bisa_refleksi": row.status == Status.DIBAHAS and akun.pk == row.penilai_id and not signs,
        "refleksi": request.POST.get("refleksi") if faults else (stored.refleksi if stored else ""),
        "galat": faults,
        "versi": faults.get("versi") or (stored.versi if stored else 0),
        "tanda": [
            {
                "sebagai": one.label,
                "oleh": by_name.get(one.value),
                "pada": waktu(by_name[one.value].pada) if one.value in by_name else "",
            }
            for one in hasil.wajib_tanda(row)
        ],
        "boleh_tanda": [Sebagai(one) for one in hasil.boleh_tanda(row, akun)],
        "keberatan": case,
        "alasan": _reasons(case) if case else [],
        "boleh_keberatan": own and row.status == Status.DIBAHAS and case is None and Sebagai.GURU not in by_name,
        "urus_keberatan": _handles(row, akun),
        "moderasi_terbuka": lihat_moderasi(row, akun),
        "utuh": hasil.utuh(stored) if stored and stored.sidik else None,
        "sidik": [stored.sidik[i : i + 8] for i in range(0, 64, 8)] if stored and stored.sidik else [],
        "dilihat": Dilihat.objects.filter(penilaian=row).select_related("akun")[:LIMIT_SEEN] if own else [],
        "jejak": crumbs((row.guru.nama, reverse("kinerja-penilaian", args=[row.pk])), (_("Hasil"), "")),
    }


def _row(one: Lembar, row: PenilaianKinerja) -> dict[str, Any]:
    """One competency as the page shows it: what counts, and what it was before a moderator."""
    again = one.nilai_ulang if one.nilai_ulang and one.nilai_ulang["nilai"] is not None else None
    counted = again if again and row.status == Status.FINAL else one.nilai
    stages = dict(Catatan.Tahap.choices)
    return {
        "lembar": one,
        "nilai": tampil(counted["nilai"], row),
        "persen": tampil(counted["persen"], row),
        "hitungan": counted,
        "semula": tampil(one.nilai["nilai"], row) if again else "",
        "ulang": tampil(again["nilai"], row) if again else "",
        "catatan": [(stages[note.tahap], note) for note in [*one.catatan, *one.catatan_ulang]],
    }


def _reasons(case: Keberatan) -> list[tuple[str, str]]:
    return [
        (_("Seluruh kompetensi") if nomor == SEMUA else _("Kompetensi {n}").format(n=nomor), text)
        for nomor, text in sorted(case.alasan.items(), key=lambda item: (item[0] == SEMUA, item[0].zfill(2)))
    ]


def _handles(row: PenilaianKinerja, akun: Akun) -> str:
    """What this account has to do about an objection now: `tunjuk`, `putuskan` or nothing."""
    if row.status == Status.MODERASI and akun.pk == row.moderator_id:
        return "putuskan"
    head = row.rencana.tahun.sekolah_id in roles_of(akun).schools.get("kepala_sekolah", frozenset())
    return "tunjuk" if row.status == Status.KEBERATAN and head and row.guru.akun_id != akun.pk else ""


@on_object("lihat", PenilaianKinerja, related=PARTS)
def objection(request: HttpRequest, row: PenilaianKinerja) -> HttpResponse:
    """The teacher objects, the head appoints a moderator, the moderator decides: each at their time."""
    akun = akun_of(request)
    wajib_boleh_hasil(row, akun)
    own = row.guru.akun_id == akun.pk
    part = "ajukan" if own and row.status == Status.DIBAHAS else _handles(row, akun)
    if not part:
        raise Http404
    try:
        sheet = lembar(row, akun)
    except InputError as error:
        tell_faults(request, error)
        return redirect("kinerja-penilaian", pk=row.pk)
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            _decide(request, row, part, sheet, akun)
            return redirect("kinerja-penilaian" if part == "putuskan" else "kinerja-hasil", pk=row.pk)
        except InputError as error:
            faults = {one["jalur"]: one["pesan"] for one in error.galat}
    case = Keberatan.objects.filter(penilaian=row).first()
    stored = result_of(row)
    values = {one["nomor"]: tampil(one["nilai"], row) for one in stored.nilai} if stored else {}
    candidates = keberatan.calon_moderator(row) if part == "tunjuk" else []
    context = {
        "satu": row,
        "bagian": part,
        "galat": faults,
        "alasan": _reasons(case) if case else [],
        "calon": candidates,
        "seluruhnya": request.POST.get("seluruhnya", ""),
        "putusan": request.POST.get("putusan", ""),
        "rows": [
            {
                "lembar": one,
                "nilai": values.get(one.nomor, "–"),
                "teks": request.POST.get(f"alasan-{one.nomor}", ""),
                "pesan": faults.get(f"alasan[{one.nomor}]", ""),
                "ulang": tampil((one.nilai_ulang or {}).get("nilai"), row),
            }
            for one in sheet
            if part == "ajukan" or one.diulang
        ],
        "jejak": crumbs(
            (row.guru.nama, reverse("kinerja-penilaian", args=[row.pk])),
            (_("Hasil"), reverse("kinerja-hasil", args=[row.pk])),
            (_("Keberatan"), ""),
        ),
    }
    return render(request, "kinerja/keberatan.html", context, status=422 if faults else 200)


def _decide(request: HttpRequest, row: PenilaianKinerja, part: str, sheet: list[Lembar], akun: Akun) -> None:
    if part == "ajukan":
        given = {one.nomor: request.POST.get(f"alasan-{one.nomor}", "") for one in sheet}
        keberatan.ajukan(
            penilaian=row,
            alasan={nomor: text for nomor, text in given.items() if text.strip()},
            seluruhnya=request.POST.get("seluruhnya", ""),
            by=akun,
        )
        messages.success(request, _("Keberatan Anda tercatat. Kepala sekolah menunjuk moderator."))
    elif part == "tunjuk":
        chosen = request.POST.get("moderator", "")
        found = next((one for one in keberatan.calon_moderator(row) if str(one.pk) == chosen), None)
        keberatan.tunjuk_moderator(penilaian=row, moderator=found, by=akun)
        messages.success(request, _("Moderator ditunjuk."))
    else:
        keberatan.putuskan(penilaian=row, putusan=request.POST.get("putusan", ""), by=akun)
        messages.success(request, _("Putusan tersimpan; hasilnya final dan tugas Anda sebagai moderator selesai."))

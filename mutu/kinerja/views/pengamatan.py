"""The assessor's screen, made for a phone in a classroom: one competency at a time, notes above scores."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mutu.kinerja.forms import EvidenceForm, NoteForm, add_errors
from mutu.kinerja.models import Bukti, Catatan, HasilKinerja, PenilaianKinerja
from mutu.kinerja.services import berkas, hasil
from mutu.kinerja.services import catatan as notes
from mutu.kinerja.services.akses import aturan_dari, dilihat, wajib_boleh_hasil
from mutu.kinerja.services.lembar import Lembar, bukti_moderator, lembar, lihat_moderasi
from mutu.kinerja.services.menulis import WRITING, Bentrok, Status, instrumen_dari
from mutu.kinerja.services.nilai import SkorBaru, boleh_skor, simpan_skor, tampil
from mutu.kinerja.views.rencana import PARTS, crumbs, tell_faults
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, on_object
from mutu.satuan.models import Akun
from mutu.satuan.views.shared import attachment

INDICATOR_WORDS = {0: gettext_lazy("tidak"), 1: gettext_lazy("sebagian"), 2: gettext_lazy("penuh")}


def _moderating(row: PenilaianKinerja, akun: Akun) -> bool:
    """Whether the account is at work here as moderator; False as assessor. Anybody else finds nothing."""
    if akun.pk == row.moderator_id and row.status == Status.MODERASI:
        return True
    if akun.pk != row.penilai_id:
        raise Http404
    return False


def _writes(row: PenilaianKinerja, moderating: bool) -> bool:
    return moderating or row.status in WRITING


def _state(one: Lembar, moderating: bool) -> tuple[str, str]:
    """The shape and word of how far one competency is."""
    kurang = one.kurang_ulang if moderating else one.kurang
    terisi = one.terisi_ulang if moderating else one.terisi
    if terisi == len(one.butir):
        return "baik", _("selesai")
    if terisi:
        return "jalan", _("{n} dari {semua} skor").format(n=terisi, semua=len(one.butir))
    if kurang:
        some = one.catatan_ulang if moderating else one.catatan
        return "netral", _("catatan kurang: {tahap}").format(tahap=", ".join(kurang)) if some else _(
            "belum ada catatan"
        )
    return "perhatian", _("siap diberi skor")


def _value(one: Lembar, moderating: bool) -> dict[str, Any]:
    return one.nilai_ulang if moderating and one.nilai_ulang is not None else one.nilai


def _mine(row: PenilaianKinerja, akun: Akun, moderating: bool) -> list[Lembar]:
    """The competencies that are this person's to assess."""
    return [one for one in lembar(row, akun) if one.diulang or not moderating]


def _trail(row: PenilaianKinerja, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return crumbs((row.guru.nama, reverse("kinerja-penilaian", args=[row.pk])), *more)


@on_object("lihat", PenilaianKinerja, related=PARTS)
def progress(request: HttpRequest, row: PenilaianKinerja) -> HttpResponse:
    """How far each competency is; closes the scoring, and tells the result."""
    akun = akun_of(request)
    moderating = _moderating(row, akun)
    if request.method == "POST":
        try:
            if request.POST.get("aksi") == "tetapkan":
                hasil.tetapkan(penilaian=row, by=akun)
                messages.success(request, _("Penilaian ditetapkan. Sampaikan hasilnya kepada guru."))
            elif request.POST.get("aksi") == "bahas":
                hasil.bahas(penilaian=row, by=akun)
                messages.success(request, _("Guru sekarang dapat membaca hasil dan buktinya."))
                return redirect("kinerja-hasil", pk=row.pk)
            else:
                raise Http404
        except InputError as error:
            tell_faults(request, error)
        return redirect("kinerja-nilai", pk=row.pk)
    try:
        sheet = _mine(row, akun, moderating)
    except InputError as error:
        tell_faults(request, error)
        return redirect("kinerja-penilaian", pk=row.pk)
    states = [(one, *_state(one, moderating)) for one in sheet]
    context = {
        "satu": row,
        "moderasi": moderating,
        "rows": [
            {
                "lembar": one,
                "jenis": jenis,
                "kata": kata,
                "nilai": tampil(_value(one, moderating)["nilai"], row),
            }
            for one, jenis, kata in states
        ],
        "selesai": sum(jenis == "baik" for _one, jenis, _kata in states),
        "tulis": _writes(row, moderating),
        "tetapkan": row.status == Status.BERJALAN,
        "bahas": row.status == Status.DINILAI,
        "jejak": _trail(row, (_("Catatan dan skor"), "")),
    }
    return render(request, "kinerja/nilai.html", context)


@on_object("lihat", PenilaianKinerja, related=PARTS)
def competency(request: HttpRequest, row: PenilaianKinerja, nomor: int) -> HttpResponse:
    """Notes, evidence and scores of one competency.

    A script may ask for JSON: 200 `{"url"}` once it is kept, 422 when the person has to look at it again.
    """
    akun = akun_of(request)
    moderating = _moderating(row, akun)
    try:
        sheet = _mine(row, akun, moderating)
    except InputError as error:
        tell_faults(request, error)
        return redirect("kinerja-penilaian", pk=row.pk)
    one = next((found for found in sheet if found.nomor == nomor), None)
    if one is None:
        raise Http404
    edited = _edited(request, one, moderating)
    form = NoteForm(request.POST if request.POST.get("aksi") == "catatan" else None, initial=_initial(one, edited))
    evidence = EvidenceForm(
        *((request.POST, request.FILES) if request.POST.get("aksi") == "bukti" else ()),
        banyak=len(one.butir),
        prefix="b",
    )
    faults: dict[str, str] = {}
    newer: dict[str, int] = {}
    if request.method == "POST":
        faults, newer, done = _act(request, row, one, form, evidence, edited, akun)
        if done:
            url = reverse("kinerja-kompetensi", args=[row.pk, nomor])
            return JsonResponse({"url": url}) if _by_script(request) else redirect(url)
        if _by_script(request):
            return JsonResponse({"galat": list(faults.values())}, status=422)
    wrong = bool(faults or form.errors or evidence.errors)
    context = _context(row, one, sheet, moderating) | {
        "form": form,
        "bukti_form": evidence,
        "ubah": edited,
        "ubah_versi": newer.get("isi", edited.versi if edited else 0),
        "skor": _score_rows(row, one, moderating, request, faults, newer),
        "galat": faults,
        "tulis": _writes(row, moderating),
    }
    return render(request, "kinerja/kompetensi.html", context, status=422 if wrong else 200)


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _edited(request: HttpRequest, one: Lembar, moderating: bool) -> Catatan | None:
    """The note that is being changed: named in the address or in what was sent."""
    key = request.POST.get("catatan") or request.GET.get("catatan") or ""
    own = one.catatan_ulang if moderating else one.catatan
    return next((note for note in own if str(note.pk) == key), None)


def _initial(one: Lembar, edited: Catatan | None) -> dict[str, Any]:
    if edited is not None:
        return {name: getattr(edited, name) for name in ("tahap", "tanggal", "isi", "dokumen", "tindak_lanjut")}
    kurang = [tahap for tahap in (one.kurang_ulang if one.nilai_ulang else one.kurang) if tahap in Catatan.Tahap.values]
    return {"tahap": kurang[0] if kurang else Catatan.Tahap.SELAMA, "tanggal": timezone.localdate()}


Done = tuple[dict[str, str], dict[str, int], bool]


def _act(
    request: HttpRequest,
    row: PenilaianKinerja,
    one: Lembar,
    form: NoteForm,
    evidence: EvidenceForm,
    edited: Catatan | None,
    akun: Akun,
) -> Done:
    """Do what was asked for: (faults by place, newer versions by place, whether it is done)."""
    act = request.POST.get("aksi")
    try:
        if act == "catatan":
            if not form.is_valid():
                return {"isi": ""}, {}, False
            notes.simpan_catatan(
                penilaian=row,
                kompetensi=one.nomor,
                isian=notes.Isian(**form.cleaned_data),
                by=akun,
                catatan=_number(request.POST.get("catatan")),
                versi=_number(request.POST.get("versi")) or 0,
            )
            messages.success(request, _("Catatan tersimpan."))
        elif act == "hapus-catatan" and edited is not None:
            notes.hapus_catatan(catatan=edited, versi=_number(request.POST.get("versi")) or 0, by=akun)
            messages.success(request, _("Catatan dihapus."))
        elif act == "bukti":
            if not evidence.is_valid():
                return {"berkas": ""}, {}, False
            _keep_evidence(row, one.nomor, evidence.cleaned_data, akun)
            messages.success(request, _("Bukti tersimpan."))
        elif act == "hapus-bukti":
            found = get_object_or_404(Bukti, pk=_number(request.POST.get("bukti")), penilaian=row, kompetensi=one.nomor)
            notes.hapus_bukti(bukti=found, by=akun)
            messages.success(request, _("Bukti dihapus."))
        elif act == "skor":
            given = [_given(request, satu.nomor) for satu in one.butir]
            simpan_skor(penilaian=row, kompetensi=one.nomor, skor=given, by=akun)
            messages.success(request, _("Skor tersimpan."))
        else:
            raise Http404
    except InputError as error:
        newer = {beda.jalur: beda.versi for beda in error.beda} if isinstance(error, Bentrok) else {}
        if act == "catatan":
            add_errors(form, error)
        elif act == "bukti":
            add_errors(evidence, error)
        return {satu["jalur"]: satu["pesan"] for satu in error.galat}, newer, False
    return {}, {}, True


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _given(request: HttpRequest, indikator: int) -> SkorBaru:
    return SkorBaru(
        indikator, _number(request.POST.get(f"s-{indikator}")), _number(request.POST.get(f"v-{indikator}")) or 0
    )


def _keep_evidence(row: PenilaianKinerja, nomor: int, wanted: dict[str, Any], akun: Akun) -> None:
    sent = wanted.pop("berkas")
    # Before it is read into memory: a video is refused by its size alone.
    if sent is not None and sent.size > berkas.LARGEST:
        raise InputError.at("berkas", _("Berkas lebih besar dari 10 MB; kecilkan fotonya atau bagi dokumennya."))
    notes.simpan_bukti(
        penilaian=row,
        kompetensi=nomor,
        indikator=[int(satu) for satu in wanted["indikator"]],
        jenis=wanted["jenis"],
        keterangan=wanted["keterangan"],
        kiriman=berkas.Berkas(sent.name, sent.read()) if sent is not None else None,
        by=akun,
    )


def _score_rows(
    row: PenilaianKinerja,
    one: Lembar,
    moderating: bool,
    request: HttpRequest,
    faults: dict[str, str],
    newer: dict[str, int],
) -> list[dict[str, Any]]:
    """Each indicator with its choices; what was typed stays chosen when it comes back with a fault."""
    instrumen = instrumen_dari(row)
    choices = boleh_skor(instrumen, aturan_dari(row))
    typed = request.POST.get("aksi") == "skor"
    found = []
    for satu in one.butir:
        stored = satu.ulang if moderating else satu.skor
        chosen = _number(request.POST.get(f"s-{satu.nomor}")) if typed else stored.nilai if stored else None
        place = f"skor[{satu.nomor}]"
        seen = _given(request, satu.nomor).versi if typed else stored.versi if stored else 0
        found.append(
            {
                "butir": satu,
                "versi": newer.get(place, seen),
                "pesan": faults.get(place, ""),
                "semula": satu.skor if moderating else None,
                "pilihan": [
                    (nilai, INDICATOR_WORDS.get(nilai, "") if instrumen.jenis == "indikator" else "", nilai == chosen)
                    for nilai in choices
                ],
            }
        )
    return found


def _context(row: PenilaianKinerja, one: Lembar, sheet: list[Lembar], moderating: bool) -> dict[str, Any]:
    numbers = [found.nomor for found in sheet]
    place = numbers.index(one.nomor)
    value = _value(one, moderating)
    return {
        "satu": row,
        "lembar": one,
        "moderasi": moderating,
        "catatan": one.catatan_ulang if moderating else one.catatan,
        "catatan_penilai": one.catatan if moderating else [],
        "kurang": notes.sebut_tahap(one.kurang_ulang if moderating else one.kurang),
        "nilai": value,
        "nilai_tampil": tampil(value["nilai"], row),
        "persen_tampil": tampil(value["persen"], row),
        "selesai": sum(_state(found, moderating)[0] == "baik" for found in sheet),
        "banyak": len(sheet),
        "sebelum": numbers[place - 1] if place else None,
        "berikut": numbers[place + 1] if place + 1 < len(numbers) else None,
        "jejak": _trail(
            row,
            (_("Catatan dan skor"), reverse("kinerja-nilai", args=[row.pk])),
            (_("Kompetensi {n}").format(n=one.nomor), ""),
        ),
    }


@on_object("lihat", Bukti, related=tuple(f"penilaian__{part}" for part in PARTS))
def evidence_file(request: HttpRequest, row: Bukti) -> HttpResponse:
    """The file of a piece of evidence, to save; only for whoever may read the assessment now."""
    akun = akun_of(request)
    wajib_boleh_hasil(row.penilaian, akun)
    hidden = bukti_moderator(row, row.penilaian) and not lihat_moderasi(row.penilaian, akun)
    if not row.berkas or hidden:
        raise Http404
    response = attachment(berkas.letak(row.berkas), row.nama_berkas, berkas.JENIS[row.berkas.rpartition(".")[2]])
    dilihat(row.penilaian, akun, _("bukti"))
    return response


def result_of(row: PenilaianKinerja) -> HasilKinerja | None:
    """The stored result, if anything was scored."""
    return HasilKinerja.objects.filter(penilaian=row).first()

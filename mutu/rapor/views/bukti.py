"""The proof of a final rapor as pages: the public check, the history that guardians see, and the berita acara."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from ninja.throttling import SimpleRateThrottle

from mutu.rapor import documents
from mutu.rapor.models import BeritaAcara, Rapor, RaporFinal
from mutu.rapor.services import bukti, final, marks
from mutu.rapor.views.keadaan import tell_faults
from mutu.rapor.views.marking import released, semester_of
from mutu.regulation.explain import InputError
from mutu.reports.pdf import Paper, RenderError
from mutu.satuan.access import akun_of, on_object, public, roles_of, visible_to
from mutu.satuan.models import AnggotaKelas, Kelas, Sekolah

CHECKS_PER_MINUTE = 60
MEMBER = ("peserta", "kelas__tahun__sekolah", "kelas__wali_kelas")
FINAL = ("rapor__semester", *(f"rapor__anggota__{path}" for path in MEMBER))


class PerAddress(SimpleRateThrottle):
    """Counts checks per network address. Forwarded addresses are ignored: anyone can write them."""

    scope = "cek"

    def get_cache_key(self, request: HttpRequest) -> str:
        return f"throttle_{self.scope}_{request.META.get('REMOTE_ADDR', '')}"


limit = PerAddress(f"{CHECKS_PER_MINUTE}/m")


@public
def check_form(request: HttpRequest) -> HttpResponse:
    """A field for the number on the paper; leads to the answer."""
    typed = request.GET.get("nomor", "")[:80]
    number = bukti.parse_number(typed) if typed else None
    if number is not None:
        return redirect("cek-nomor", nomor=number)
    return _answer(request, {"ketik": typed, "salah": bool(typed)}, 422 if typed else 200)


@public
def check(request: HttpRequest, nomor: str) -> HttpResponse:
    """What a number on a paper stands for: valid, replaced, withdrawn, unknown, or kept by another school.

    Shows no more than whoever holds the paper can compare: initials, class, semester, year, school, hash.
    """
    if not limit.allow_request(request):
        return _answer(request, {"terlalu_sering": True, "ketik": ""}, 429)
    number = bukti.parse_number(nomor[:80])
    if number is None:
        return _answer(request, {"ketik": nomor[:80], "salah": True}, 422)
    row = RaporFinal.objects.filter(pk=number).select_related("rapor").first()
    if row is None:
        school = Sekolah.objects.filter(npsn=number[:8]).first()
        ours = school is not None and school.tahun_pelajaran.exists()
        nothing = {"hasil": "tidak_dikenal" if ours else "sekolah_lain", "nomor": number, "npsn": number[:8]}
        return _answer(request, nothing | {"sekolah": school.nama if school else "", "ketik": number}, 404)
    try:
        content = final.isi(row)
    except final.Tercemar:
        return _answer(request, {"hasil": "rusak", "nomor": number, "ketik": number}, 500)
    printed = request.GET.get("s", "")[: bukti.SHORT_HASH].lower()
    newer = row.rapor.final.filter(revisi__gt=row.revisi, status=RaporFinal.Status.BERLAKU).first()
    card = content.data["kartu"]
    facts: dict[str, Any] = {
        "hasil": row.status,
        "nomor": number,
        "ketik": number,
        "inisial": initials(card["peserta"]["nama"]),
        "kartu": card,
        "sidik": [row.sidik[i : i + 8] for i in range(0, 64, 8)],
        "sidik_cocok": None if not printed else row.sidik.startswith(printed) and len(printed) == bukti.SHORT_HASH,
        "disahkan": marks.show_time(row.pada),
        "pengganti": newer.revisi if newer else None,
        "direvisi": row.status == RaporFinal.Status.BERLAKU and row.rapor.status != Rapor.Status.FINAL,
    }
    return _answer(request, facts, 200)


def initials(name: str) -> str:
    """The first letters of a name, all of it that a finder of the paper is told: `Adi Budi Citra`, `A. B. C.`"""
    return " ".join(f"{word[0].upper()}." for word in name.split() if word[0].isalpha())


def _answer(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    response = render(request, "rapor/cek.html", context, status=status)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _inside(request: HttpRequest, member: AnggotaKelas) -> bool:
    return visible_to(request.user, "lihat", Kelas).filter(pk=member.kelas_id).exists()


@on_object("cetak", AnggotaKelas, related=MEMBER)
def finals(request: HttpRequest, member: AnggotaKelas, nomor: int) -> HttpResponse:
    """Every final rapor of a pupil and semester, newest first; guardians acknowledge, the head opens a revision."""
    semester = semester_of(member.kelas, nomor)
    inside = _inside(request, member)
    if not inside and not released(semester):
        raise Http404
    head = member.kelas.tahun.sekolah_id in roles_of(request.user).schools.get("kepala_sekolah", frozenset())
    if request.method == "POST":
        if not head:
            raise Http404
        _revise(request, member, nomor)
        return redirect("rapor-final", pk=member.pk, nomor=nomor)
    rows = list(
        RaporFinal.objects.filter(rapor__anggota=member, rapor__semester=semester)
        .select_related("rapor", "oleh")
        .prefetch_related("dibaca__akun")
    )
    notes = {}
    if inside:
        notes = {
            row.final_id: row
            for row in BeritaAcara.objects.filter(rapor__anggota=member, rapor__semester=semester).select_related(
                "oleh"
            )
        }
    context = {
        "anggota": member,
        "semester": semester,
        "inside": inside,
        "kepala": head,
        "rapor": rows[0].rapor if rows else None,
        "rows": [
            {
                "final": row,
                "berlaku": row.status == RaporFinal.Status.BERLAKU,
                "pada": marks.show_time(row.pada),
                "berita": notes.get(row.pk),
                "dibaca": [f"{one.akun}, {marks.show_time(one.pada)}" for one in row.dibaca.all()] if inside else [],
                "sudah": next(
                    (marks.show_time(one.pada) for one in row.dibaca.all() if one.akun_id == request.user.pk), ""
                ),
            }
            for row in rows
        ],
        "jejak": [(pgettext("banyak", "Rapor"), reverse("rapor"))]
        + ([(_("Keadaan rapor"), reverse("rapor-keadaan", args=[member.kelas_id, nomor]))] if inside else [])
        + [(_("Naskah final"), "")],
    }
    return render(request, "rapor/final.html", context)


def _revise(request: HttpRequest, member: AnggotaKelas, nomor: int) -> None:
    row = (
        Rapor.objects.filter(anggota=member, semester__nomor=nomor)
        .select_related("semester", "anggota__kelas__tahun__sekolah", "anggota__kelas__wali_kelas")
        .first()
    )
    if row is None:
        raise Http404
    reason, by = request.POST.get("alasan", ""), akun_of(request)
    try:
        if request.POST.get("aksi") == "tarik":
            final.tarik(rapor=row, alasan=reason, by=by)
            messages.success(request, _("Rapor ini ditarik; halaman pemeriksaan mengatakannya mulai sekarang."))
        else:
            final.buka_revisi(rapor=row, alasan=reason, by=by)
            messages.success(request, _("Revisi dibuka; cetak berita acaranya di bawah."))
    except InputError as error:
        tell_faults(request, error)


@on_object("lihat", RaporFinal, related=FINAL)
def final_pdf(request: HttpRequest, row: RaporFinal) -> HttpResponse:
    """One final rapor as signed PDF, also one that was replaced. `?kertas=f4`, `?lampiran=1` as ever."""
    _wait_for_the_day(request, row)
    paper: Paper = "f4" if request.GET.get("kertas") == "f4" else "a4"
    try:
        content, card = documents.print_final(row, appendix=request.GET.get("lampiran") == "1", paper=paper)
    except (RenderError, final.Tercemar) as error:
        messages.error(request, str(error))
        return redirect("rapor-final", pk=row.rapor.anggota_id, nomor=row.rapor.semester.nomor)
    return _pdf(content, documents.file_name(card, "pdf"))


def _wait_for_the_day(request: HttpRequest, row: RaporFinal) -> None:
    if not released(row.rapor.semester) and not _inside(request, row.rapor.anggota):
        raise Http404


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@on_object("lihat", RaporFinal, related=FINAL)
def acknowledge(request: HttpRequest, row: RaporFinal) -> HttpResponse:
    """A guardian has read it. Whoever works at the school reads for nobody."""
    own = AnggotaKelas.objects.filter(pk=row.rapor.anggota_id, peserta__perwalian__wali__akun=akun_of(request))
    if request.method != "POST" or not own.exists():
        raise Http404
    _wait_for_the_day(request, row)
    final.tandai_dibaca(final=row, by=akun_of(request))
    messages.success(request, _("Terima kasih. Wali kelas melihat bahwa rapor ini sudah dibaca."))
    return redirect("rapor-final", pk=row.rapor.anggota_id, nomor=row.rapor.semester.nomor)


@on_object(
    "lihat",
    BeritaAcara,
    related=(
        "rapor__semester",
        "rapor__anggota__peserta",
        "rapor__anggota__kelas__tahun__sekolah__kabkota",
        "rapor__anggota__kelas__wali_kelas",
        "final",
        "oleh",
    ),
)
def minutes_pdf(request: HttpRequest, row: BeritaAcara) -> HttpResponse:
    """The berita acara of a revision: what it was, what it is, why, and who signs."""
    try:
        content = documents.print_minutes(row)
    except (RenderError, final.Tercemar) as error:
        messages.error(request, str(error))
        return redirect("rapor-final", pk=row.rapor.anggota_id, nomor=row.rapor.semester.nomor)
    return _pdf(content, f"berita-acara-revisi-{row.nomor}.pdf")

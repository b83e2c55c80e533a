"""The way of a rapor as pages: a lesson handed over, a class checked and made final, and who waits for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mutu.rapor import documents
from mutu.rapor.models import AjuanNilai, Rapor, RaporFinal, SudahDibaca
from mutu.rapor.services import cards, final, langkah, marks
from mutu.rapor.services.bukti import KeyFault
from mutu.rapor.views.marking import semester_of
from mutu.regulation.explain import InputError
from mutu.satuan.access import akun_of, can, on_object, roles_of, visible_to
from mutu.satuan.menunggu import Line, waiting_for
from mutu.satuan.models import Akun, Kelas, Pembelajaran, Semester

SCHOOL = ("tahun__sekolah__kabkota", "tahun__sekolah__kecamatan", "wali_kelas")
PILL = {"draf": "netral", "diajukan": "jalan", "diperiksa": "jalan", "final": "baik", "revisi": "perhatian"}
SHOWN = 3


def tell_faults(request: HttpRequest, error: InputError) -> None:
    """Show each fault of a refused step as a message."""
    for one in error.galat[:SHOWN]:
        messages.error(request, one["pesan"])
    if len(error.galat) > SHOWN:
        more = len(error.galat) - SHOWN
        messages.error(request, _("dan {n} hal lagi.").format(n=more))


@on_object("isi", Pembelajaran, related=("kelas__tahun__sekolah", "kelas__wali_kelas", "mapel", "guru"))
def hand_over(request: HttpRequest, lesson: Pembelajaran, nomor: int) -> HttpResponse:
    """The teacher hands the marks of a lesson over, or takes them back."""
    semester = semester_of(lesson.kelas, nomor)
    if request.method == "POST":
        try:
            if request.POST.get("aksi") == "tarik":
                langkah.tarik_ajuan(pembelajaran=lesson, semester=semester, by=akun_of(request))
                messages.success(request, _("Ajuan ditarik; nilai dapat diubah lagi."))
            else:
                langkah.ajukan_nilai(pembelajaran=lesson, semester=semester, by=akun_of(request))
                messages.success(request, _("Nilai diajukan kepada wali kelas."))
        except InputError as error:
            tell_faults(request, error)
        return redirect("rapor-ajuan", pk=lesson.pk, nomor=nomor)
    row = AjuanNilai.objects.filter(pembelajaran=lesson, semester=semester).first()
    handed = row is not None and row.status == AjuanNilai.Status.DIAJUKAN
    context = {
        "lesson": lesson,
        "semester": semester,
        "ajuan": row,
        "diajukan": handed,
        "pada": marks.show_time(row.pada) if row else "",
        "kurang": [] if handed else langkah.kurang_pembelajaran(lesson, semester),
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (str(lesson), reverse("rapor-kisi", args=[lesson.pk, nomor])),
            (_("Ajukan nilai"), ""),
        ],
    }
    return render(request, "rapor/ajuan.html", context)


@on_object("lihat", Kelas, related=SCHOOL)
def states(request: HttpRequest, kelas: Kelas, nomor: int) -> HttpResponse:
    """Where each rapor of a class stands, with the buttons of whoever may take the next step."""
    semester = semester_of(kelas, nomor)
    homeroom = can(request.user, "wali", kelas)
    head = kelas.tahun.sekolah_id in roles_of(request.user).schools.get("kepala_sekolah", frozenset())
    if request.method == "POST":
        if not (homeroom or head):
            raise Http404
        _act(request, kelas, semester)
        return redirect("rapor-keadaan", pk=kelas.pk, nomor=nomor)
    rows = langkah.rapor_kelas(kelas, semester)
    gaps = langkah.kurang_kelas(kelas, semester)
    valid = {
        row.rapor.anggota_id: row
        for row in RaporFinal.objects.filter(
            rapor__semester=semester, rapor__anggota__kelas=kelas, status=RaporFinal.Status.BERLAKU
        ).select_related("rapor")
    }
    read: dict[str, list[str]] = {}
    for one in SudahDibaca.objects.filter(final__in=[row.pk for row in valid.values()]).select_related("akun"):
        read.setdefault(one.final_id, []).append(f"{one.akun}, {marks.show_time(one.pada)}")
    handed = {
        row.pembelajaran_id: row for row in AjuanNilai.objects.filter(semester=semester, pembelajaran__kelas=kelas)
    }
    counts = Counter(row.status for row in rows.values())
    context = {
        "kelas": kelas,
        "semester": semester,
        "wali": homeroom,
        "kepala": head,
        "lessons": [
            {
                "lesson": lesson,
                "ajuan": handed.get(lesson.pk),
                "tanpa_guru": not (lesson.guru and lesson.guru.akun_id),
            }
            for lesson in Pembelajaran.objects.filter(kelas=kelas).select_related("mapel", "guru")
        ],
        "rows": [
            {
                "rapor": row,
                "jenis": PILL[row.status],
                "kurang": gaps.get(pk, []) if row.status not in ("diperiksa", "final") else [],
                "final": valid.get(pk),
                "dibaca": read.get(valid[pk].pk, []) if pk in valid else [],
                "pada": marks.show_time(row.pada) if row.pk else "",
            }
            for pk, row in rows.items()
        ],
        "menunggu_wali": counts["diajukan"] + counts["revisi"],
        "menunggu_kepala": counts["diperiksa"],
        "jumlah_final": counts["final"],
        "jejak": [
            (pgettext("banyak", "Rapor"), reverse("rapor")),
            (_("Kelas {nama}").format(nama=kelas.nama), reverse("rapor-kelas", args=[kelas.pk, nomor])),
            (_("Keadaan rapor"), ""),
        ],
    }
    return render(request, "rapor/keadaan.html", context)


def _act(request: HttpRequest, kelas: Kelas, semester: Semester) -> None:
    """Take the step that was asked for and tell what became of it."""
    by, reason = akun_of(request), request.POST.get("alasan", "")
    members = _chosen(request)
    try:
        match request.POST.get("aksi"):
            case "periksa":
                done = langkah.periksa(kelas=kelas, semester=semester, by=by, anggota_ids=members)
                _tell(request, done, lambda n: ngettext("{n} rapor diperiksa.", "{n} rapor diperiksa.", n))
            case "sahkan":
                done = final.sahkan(
                    kelas=kelas, semester=semester, kumpulkan=documents.cards, by=by, anggota_ids=members
                )
                _tell(request, done, lambda n: ngettext("{n} rapor disahkan.", "{n} rapor disahkan.", n))
            case "buka":
                done = langkah.buka_pemeriksaan(
                    kelas=kelas, semester=semester, alasan=reason, by=by, anggota_ids=members
                )
                _tell(request, done, lambda n: ngettext("{n} rapor dibuka lagi.", "{n} rapor dibuka lagi.", n))
            case "kembalikan" | "ajukan" as step:
                lesson = Pembelajaran.objects.filter(kelas=kelas, pk=_number(request, "pembelajaran")).first()
                if lesson is None:
                    raise Http404
                lesson.kelas = kelas
                if step == "ajukan":
                    langkah.ajukan_nilai(pembelajaran=lesson, semester=semester, by=by)
                    messages.success(request, _("Nilai {mapel} diajukan.").format(mapel=lesson.mapel.nama))
                    return
                langkah.kembalikan_ajuan(pembelajaran=lesson, semester=semester, alasan=reason, by=by)
                messages.success(request, _("Ajuan {mapel} dikembalikan.").format(mapel=lesson.mapel.nama))
            case _:
                raise Http404
    except InputError as error:
        tell_faults(request, error)
    except KeyFault as error:
        messages.error(request, str(error))


def _number(request: HttpRequest, name: str) -> int:
    typed = request.POST.get(name, "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 19):
        raise Http404
    return int(typed)


def _chosen(request: HttpRequest) -> list[int] | None:
    return [_number(request, "anggota")] if request.POST.get("anggota") else None


def _tell(request: HttpRequest, done: langkah.Hasil, changed: Callable[[int], str]) -> None:
    if done.berubah:
        messages.success(request, changed(len(done.berubah)).format(n=len(done.berubah)))
    elif done.sudah and not done.tertahan:
        messages.info(request, _already(done.sudah))
    for held in done.tertahan[:SHOWN]:
        messages.warning(request, f"{held.nama}: {'; '.join(held.sebab)}")
    if len(done.tertahan) > SHOWN:
        messages.warning(
            request, _("dan {n} rapor lagi tertahan; lihat daftarnya.").format(n=len(done.tertahan) - SHOWN)
        )


def _already(members: list[int]) -> str:
    """That somebody was faster: for one pupil who and when, for several how many."""
    row = (
        Rapor.objects.filter(anggota_id=members[0]).select_related("oleh", "anggota__peserta").order_by("-pada").first()
    )
    if len(members) > 1 or row is None:
        return _("Tidak ada yang berubah: {n} rapor sudah melewati langkah ini.").format(n=len(members))
    return _("Tidak ada yang berubah: rapor {nama} sudah {keadaan} oleh {siapa} pada {kapan}.").format(
        nama=row.anggota.peserta.nama,
        keadaan=row.get_status_display().lower(),
        siapa=row.oleh or _("akun yang sudah dihapus"),
        kapan=marks.show_time(row.pada),
    )


@waiting_for("guru")
def to_check(akun: Akun) -> list[Line]:
    """The homeroom teacher's class: rapor that wait for the check."""
    lines = []
    for kelas, semester, n in _waiting(akun, "wali", "guru", (Rapor.Status.DIAJUKAN, Rapor.Status.REVISI)):
        text = _("Rapor kelas {nama} menunggu pemeriksaan Anda").format(nama=kelas.nama)
        url = reverse("rapor-keadaan", args=[kelas.pk, semester.nomor])
        detail = ngettext("{n} rapor menunggu pemeriksaan", "{n} rapor menunggu pemeriksaan", n).format(n=n)
        lines.append(Line(text, url, count=n, due=semester.tanggal_rapor, detail=detail))
    return lines


@waiting_for("kepala_sekolah")
def to_finalise(akun: Akun) -> list[Line]:
    """The head's school: rapor that wait to be made final."""
    lines = []
    for kelas, semester, n in _waiting(akun, "lihat", "kepala_sekolah", (Rapor.Status.DIPERIKSA,)):
        text = _("Rapor kelas {nama} menunggu pengesahan Anda").format(nama=kelas.nama)
        url = reverse("rapor-keadaan", args=[kelas.pk, semester.nomor])
        detail = ngettext("{n} rapor menunggu pengesahan", "{n} rapor menunggu pengesahan", n).format(n=n)
        lines.append(Line(text, url, count=n, due=semester.tanggal_rapor, detail=detail))
    return lines


def _waiting(akun: Akun, action: str, role: str, status: tuple[str, ...]) -> list[tuple[Kelas, Semester, int]]:
    """Classes of the running semester with rapor in these states, and how many. Three queries."""
    semester = cards.running_semester(akun, role)
    if semester is None:
        return []
    classes = {one.pk: one for one in visible_to(akun, action, Kelas).filter(tahun_id=semester.tahun_id)}
    counted = (
        Rapor.objects.filter(
            semester=semester, status__in=status, anggota__kelas__in=classes, anggota__keluar__isnull=True
        )
        .order_by()
        .values_list("anggota__kelas_id")
        .annotate(n=Count("pk"))
    )
    return [(classes[pk], semester, n) for pk, n in sorted(counted, key=lambda one: classes[one[0]].nama)]

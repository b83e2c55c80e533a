"""What waits for the operator of an installation and of a school."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from mutu.satuan.access import roles_of, visible_to
from mutu.satuan.menunggu import Line, waiting_for
from mutu.satuan.models import Akun, Impor, Sekolah


@waiting_for("operator")
def list_of_schools(akun: Akun) -> Iterator[Line]:
    """An installation without schools, and lists that wait for approval."""
    if not Sekolah.objects.exists():
        yield Line(_("Belum ada sekolah. Impor daftar sekolah."), reverse("sekolah-impor"))
    for impor in Impor.objects.filter(jenis="sekolah", akun=akun, status=Impor.Status.PRATINJAU):
        yield _approval(impor)


@waiting_for("operator_sekolah")
def school_setup(akun: Akun) -> Iterator[Line]:
    """The next step of setting a school up, and workbooks that wait for approval."""
    schools = roles_of(akun).schools.get("operator_sekolah", frozenset())
    for school in Sekolah.objects.filter(pk__in=schools):
        year = school.tahun_pelajaran.first()
        if year is None:
            yield Line(_("Buat tahun pelajaran pertama"), reverse("tahun-baru", args=[school.npsn]))
        elif not year.kelas.exists():
            yield Line(_("Tahun %(tahun)s belum mempunyai kelas") % {"tahun": year}, reverse("tahun", args=[year.pk]))
        elif not school.peserta_didik.exists():
            yield Line(_("Belum ada peserta didik. Impor dari buku kerja."), reverse("peserta-impor", args=[year.pk]))
    for impor in visible_to(akun, "lihat", Impor).filter(jenis="peserta", status=Impor.Status.PRATINJAU):
        yield _approval(impor)


def _approval(impor: Impor) -> Line:
    text = _("Impor %(berkas)s menunggu persetujuan") % {"berkas": impor.nama_berkas}
    return Line(text, reverse("impor", args=[impor.pk]))

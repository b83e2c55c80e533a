"""When a class can follow a curriculum: a rule set must cover its year, and no marks may rest on another one yet."""

from __future__ import annotations

from django.utils.translation import gettext as _

from mutu.rapor import rules
from mutu.rapor.models import Penilaian
from mutu.regulation.explain import InputError
from mutu.satuan.models import Kelas, Semester
from mutu.satuan.services.years import curriculum_check, usual_halves


@curriculum_check
def why_not(kelas: Kelas, kurikulum: str) -> str | None:
    """Why this class cannot follow that curriculum, as a sentence; None when it can.

    Columns of marks are cut for the curriculum they were made under: two aspects, other kinds of assessment.
    """
    if kelas.pk and Penilaian.objects.filter(pembelajaran__kelas=kelas).exists():
        return _("Kelas ini sudah mempunyai kolom nilai menurut {kurikulum}; hapus kolomnya dahulu.").format(
            kurikulum=Kelas.objects.get(pk=kelas.pk).get_kurikulum_display()
        )
    ends = [*Semester.objects.filter(tahun_id=kelas.tahun_id).values_list("selesai", flat=True)]
    for day in ends or [half.selesai for half in usual_halves(kelas.tahun.mulai)]:
        try:
            rules.aturan_untuk(kurikulum, day)
        except InputError as error:
            return error.galat[0]["pesan"]
    return None

"""Who may read the notes, scores and result of an assessment in the state it is in.

The tables in the models say who is a party; this says from when. Every page that shows notes, scores or a result
asks `boleh_hasil`, since a head who is assessed is also the head of the school.

| party | reads |
|---|---|
| the assessed teacher, also when head of the school | from the discussion on (`tampak_bagi_guru` of the rule set) |
| assessor, head | in every state |
| moderator | while the case is open |
"""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone

from mutu.kinerja import rules
from mutu.kinerja.models import Dilihat, PenilaianKinerja
from mutu.satuan import ledger
from mutu.satuan.access import can, roles_of
from mutu.satuan.models import Akun

Status = PenilaianKinerja.Status


def aturan_dari(penilaian: PenilaianKinerja) -> rules.AturanKinerja:
    """The rule set of an assessment: the one that holds when its round ends."""
    return rules.aturan_pada(penilaian.rencana.selesai)


def boleh_hasil(penilaian: PenilaianKinerja, akun: Akun) -> bool:
    """Whether this account may read notes, scores and result of the assessment now. At most two queries."""
    if penilaian.guru.akun_id == akun.pk:
        return can(akun, "tanggapi", penilaian) and rules.tampak_bagi_guru(penilaian.status, aturan_dari(penilaian))
    if penilaian.penilai_id == akun.pk:
        return True
    if penilaian.moderator_id == akun.pk and penilaian.status == Status.MODERASI:
        return True
    return penilaian.rencana.tahun.sekolah_id in roles_of(akun).schools.get("kepala_sekolah", frozenset())


def wajib_boleh_hasil(penilaian: PenilaianKinerja, akun: Akun) -> None:
    """Raises Http404 where `boleh_hasil` says no: denied looks like absent."""
    if not boleh_hasil(penilaian, akun):
        raise Http404


def dilihat(penilaian: PenilaianKinerja, akun: Akun, apa: str) -> None:
    """Keep that somebody other than the teacher opened this (`apa`, such as “hasil”); the teacher sees the list."""
    if penilaian.guru.akun_id == akun.pk:
        return
    with ledger.record("kinerja.dilihat", by=akun, details={"penilaian": penilaian.pk}):
        Dilihat.objects.create(penilaian=penilaian, akun=akun, apa=apa[:40], pada=timezone.now())

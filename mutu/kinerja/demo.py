"""The assessments of the made-up demo school: a year's plan with one teacher's window agreed and one announced.

Everything goes through the services. Built once; deterministic.
"""

from __future__ import annotations

from datetime import date, timedelta

from mutu.kinerja import rules
from mutu.kinerja.models import PenilaianKinerja, RencanaKinerja
from mutu.kinerja.services import rencana
from mutu.kinerja.services.rencana import Baris
from mutu.satuan import ledger
from mutu.satuan.demo import NPSN, THIS_YEAR
from mutu.satuan.models import Akun, Guru, Sekolah

# account -> rank and since when
RANKS = {
    "demo-kepala": ("IV/b", date(2022, 4, 1)),
    "demo-guru-matematika": ("III/c", date(2023, 10, 1)),
    "demo-guru-bahasa": ("III/b", date(2024, 4, 1)),
    "demo-wali-7a": ("III/a", date(2021, 4, 1)),
    "demo-guru-agama": ("IV/a", date(2020, 10, 1)),
}
ASSESSOR, HEAD = "demo-guru-agama", "demo-kepala"
# teacher -> (assessor, whether the window is agreed)
PLANNED = {"demo-guru-matematika": (ASSESSOR, True), "demo-guru-bahasa": (HEAD, False)}
LOAD = 24


def build() -> None:
    """Plan the assessments of the demo school. Does nothing when they are planned already."""
    school = Sekolah.objects.get(npsn=NPSN)
    if RencanaKinerja.objects.filter(tahun__sekolah=school).exists():
        return
    year = school.tahun_pelajaran.get(mulai=THIS_YEAR)
    akun = {one.username: one for one in Akun.objects.filter(username__in=RANKS)}
    teachers = {one.akun_id: one for one in Guru.objects.filter(sekolah=school, akun__in=akun.values())}
    head = akun[HEAD]
    with ledger.record("demo.bangun_kinerja", by=ledger.SYSTEM):
        for username, (golongan, tmt) in RANKS.items():
            rencana.catat_pangkat(guru=teachers[akun[username].pk], golongan=golongan, tmt=tmt, by=head)
        first, last = rencana.batas_tahun(year)
        rencana.simpan_penilai(
            sekolah=school,
            akun=akun[ASSESSOR],
            sk_nomor="800/12/SK-PKG/2025",
            sk_tanggal=date(2025, 7, 1),
            pelatihan=date(2025, 6, 12),
            dari=date(2025, 7, 1),
            sampai=date(THIS_YEAR + 2, 6, 30),
            by=head,
        )
        window = rules.jendela("sumatif", first, last, rules.aturan_pada(last))
        assert window is not None
        plan, _advice = rencana.simpan_rencana(
            tahun=year, jenis="sumatif", mulai=window[0], selesai=window[1] - timedelta(weeks=2), by=head
        )
        rows = [
            Baris(teachers[akun[username].pk].pk, akun[assessor].pk, "guru-mapel", LOAD)
            for username, (assessor, _agreed) in PLANNED.items()
        ]
        rencana.simpan_penugasan(rencana=plan, baris=rows, by=head)
        rencana.umumkan_semua(rencana=plan, by=head)
        for username, (_assessor, agreed) in PLANNED.items():
            if agreed:
                row = PenilaianKinerja.objects.select_related("rencana__tahun", "guru").get(
                    rencana=plan, guru__akun=akun[username]
                )
                rencana.sepakati(penilaian=row, by=akun[username])

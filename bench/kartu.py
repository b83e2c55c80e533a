"""Ground for the benchmarks of the printed rapor: every pupil's card of semester 1 complete, on two pages."""

from typing import Any

ACTIVITIES = ("Pramuka", "Palang Merah Remaja", "Karya Ilmiah Remaja", "Bulu Tangkis")
WORDS = (
    "mampu berpidato dalam topik-topik yang ia kenal dengan bahasa yang akurat, lancar, dan penuh percaya diri",
    "terampil menolong teman pada latihan pertolongan pertama dan sigap bekerja sama dalam regunya",
    "rajin mengamati lingkungan sekolah dan menyajikan temuannya dengan runtut di depan kelas",
    "berkembang pesat dalam pukulan dasar dan menghargai lawan tanding",
)


def fill(made: Any) -> None:
    """Marks by the rule from made-up marks of four SK, activities, character and achievements, for the whole year."""
    from mutu.rapor.models import KegiatanPengembangan, NilaiPengembangan, Prestasi, Sikap
    from mutu.satuan import ledger
    from mutu.satuan.models import AnggotaKelas

    results(made)
    members = list(AnggotaKelas.objects.filter(kelas__tahun=made.tahun).values_list("pk", flat=True))
    stamp = made.semester.tanggal_rapor.isoformat() + " 00:00+00:00"
    with ledger.record("ukur.pribadi", by=ledger.SYSTEM):
        kinds = [
            KegiatanPengembangan.objects.create(sekolah=made.sekolah, nama=name, urutan=order)
            for order, name in enumerate(ACTIVITIES, start=1)
        ]
        NilaiPengembangan.objects.bulk_create(
            NilaiPengembangan(
                kegiatan=kinds[(member + at) % 4],
                semester=made.semester,
                anggota_id=member,
                nilai="ABAC"[(member + at) % 4],
                keterangan=WORDS[(member + at) % 4],
                pada=stamp,
            )
            for member in members
            for at in range(3)
        )
        Sikap.objects.bulk_create(
            Sikap(
                semester=made.semester,
                anggota_id=member,
                aspek=aspek,
                kategori=("sangat baik", "baik")[member % 2],
                pada=stamp,
            )
            for member in members
            for aspek in ("akhlak", "kepribadian")
        )
        Prestasi.objects.bulk_create(
            Prestasi(
                semester=made.semester,
                anggota_id=member,
                jenis=(Prestasi.Jenis.KURIKULER, Prestasi.Jenis.KHUSUS)[member % 2],
                nama="Lomba cerdas cermat tingkat kabupaten",
                peringkat="Juara II",
                tanggal=made.semester.mulai,
            )
            for member in members[::3]
        )


def results(made: Any) -> None:
    """Stored rapor marks for every pupil and subject, made by the rule from made-up marks of four SK."""
    from mutu.rapor import rules
    from mutu.rapor.models import NilaiRapor
    from mutu.rapor.services.results import Terms, compute
    from mutu.satuan import ledger
    from mutu.satuan.models import AnggotaKelas, Pembelajaran

    aturan = rules.aturan_dengan_id("ktsp-2007")
    terms = Terms(
        aturan=aturan,
        bobot=aturan.bobot_bawaan,
        pembulatan=aturan.pembulatan,
        kosong="tolak",
        remedial=None,
        kkm=65,
        sk=tuple((n, n) for n in range(1, 5)),
        semester=1,
    )
    columns = [(n, "uh", n) for n in range(1, 5)] + [(5, "uts", None), (6, "uas", None)]
    by_class: dict[int, list[int]] = {}
    for pk, kelas in AnggotaKelas.objects.filter(kelas__tahun=made.tahun).values_list("pk", "kelas_id"):
        by_class.setdefault(kelas, []).append(pk)
    with ledger.record("ukur.nilai", by=ledger.SYSTEM):
        for lesson in Pembelajaran.objects.filter(kelas__tahun=made.tahun):
            NilaiRapor.objects.bulk_create(
                NilaiRapor(
                    pembelajaran=lesson,
                    semester=made.semester,
                    anggota_id=pupil,
                    pada=made.semester.tanggal_rapor.isoformat() + " 00:00+00:00",
                    **compute(
                        terms, columns, {n: 50 + (pupil * 7 + lesson.mapel_id * 5 + n * 13) % 50 for n in range(1, 7)}
                    ),
                )
                for pupil in by_class[lesson.kelas_id]
            )

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
    """Marks with words and sentences, activities, character and achievements, for the whole year."""
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


SENTENCES = (
    "SK 1 dan 2 terlampaui, SK 3 tercapai, dan SK 4 belum tercapai",
    "SK 1, 2, dan 3 terlampaui, sedangkan SK 4 belum tercapai",
    "SK 2 terlampaui, SK 3 tercapai, dan SK 1 dan 4 belum tercapai",
    "SK 1 dan 4 terlampaui dan SK 2 dan 3 tercapai",
    "SK 1, 2, 3, dan 4 terlampaui",
)


def results(made: Any) -> None:
    """Stored rapor marks for every pupil and subject, with the words of the rule and made-up sentences."""
    from mutu.rapor import rules
    from mutu.rapor.models import MapelTingkat, NilaiRapor, StandarKompetensi
    from mutu.satuan import ledger
    from mutu.satuan.models import AnggotaKelas, Pembelajaran

    stamp = made.semester.tanggal_rapor.isoformat() + " 00:00+00:00"
    aturan = rules.aturan_dengan_id("ktsp-2007")
    words = {mark: rules.huruf(mark, aturan) for mark in range(101)}
    by_class: dict[int, list[int]] = {}
    for pk, kelas in AnggotaKelas.objects.filter(kelas__tahun=made.tahun).values_list("pk", "kelas_id"):
        by_class.setdefault(kelas, []).append(pk)
    with ledger.record("ukur.nilai", by=ledger.SYSTEM):
        for subject in MapelTingkat.objects.filter(tahun=made.tahun):
            for number in range(1, 5):
                words_of_sk = {"uraian": f"Memahami bagian {number}"}
                StandarKompetensi.objects.get_or_create(
                    mapel_tingkat=subject, semester=1, nomor=number, defaults=words_of_sk
                )
        for lesson in Pembelajaran.objects.filter(kelas__tahun=made.tahun):
            turns = {pupil: pupil * 7 + lesson.mapel_id * 3 for pupil in by_class[lesson.kelas_id]}
            NilaiRapor.objects.bulk_create(
                NilaiRapor(
                    pembelajaran=lesson,
                    semester=made.semester,
                    anggota_id=pupil,
                    nilai=65 + turn % 31,
                    huruf=words[65 + turn % 31],
                    kkm=65,
                    deskripsi=SENTENCES[turn % len(SENTENCES)],
                    aturan="ktsp-2007",
                    pada=stamp,
                )
                for pupil, turn in turns.items()
            )

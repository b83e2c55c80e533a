"""The made-up demo school: SMP Negeri 1 Kembang Setaman, its years, classes, people and accounts.

Every name and number is invented; the NPSN lies in a range that the ministry does not give out. All of it goes
through the services, so that the demo shows what a school could have entered itself. Built once: a database that has
the school is left as it is.
"""

from __future__ import annotations

import random
from datetime import date

from mutu.imports.template import write_template
from mutu.satuan import ledger
from mutu.satuan.models import Akun, Guru, Kelas, MataPelajaran, Peran, PesertaDidik, Sekolah, TahunPelajaran, Wali
from mutu.satuan.services import accounts, people, pupil_list, years
from mutu.satuan.services.years import Half
from mutu.satuan.sheets import PESERTA_DIDIK

NPSN = "69900001"
LAST_YEAR, THIS_YEAR = 2025, 2026
ROLES_FROM = date(2025, 7, 1)
SEED = 2007
PLACES = (("030000", "Prov. Jawa Tengah"), ("031000", "Kab. Klaten"), ("031025", "Kec. Klaten Tengah"))

SUBJECTS = (
    ("Pendidikan Agama", MataPelajaran.Kelompok.MAPEL),
    ("Pendidikan Kewarganegaraan", MataPelajaran.Kelompok.MAPEL),
    ("Bahasa Indonesia", MataPelajaran.Kelompok.MAPEL),
    ("Bahasa Inggris", MataPelajaran.Kelompok.MAPEL),
    ("Matematika", MataPelajaran.Kelompok.MAPEL),
    ("Ilmu Pengetahuan Alam", MataPelajaran.Kelompok.MAPEL),
    ("Ilmu Pengetahuan Sosial", MataPelajaran.Kelompok.MAPEL),
    ("Seni Budaya", MataPelajaran.Kelompok.MAPEL),
    ("Pendidikan Jasmani, Olahraga, dan Kesehatan", MataPelajaran.Kelompok.MAPEL),
    ("Teknologi Informasi dan Komunikasi", MataPelajaran.Kelompok.MAPEL),
    ("Bahasa Jawa", MataPelajaran.Kelompok.MULOK_WAJIB),
    ("Membatik", MataPelajaran.Kelompok.MULOK_PILIHAN),
)
# Whose teacher sets akhlak and whose sets kepribadian.
FIELDS = {
    "Pendidikan Agama": MataPelajaran.Bidang.AGAMA,
    "Pendidikan Kewarganegaraan": MataPelajaran.Bidang.PKN,
}

# name, NIP, NUPTK, places of the subjects taught (counted from 0), account
TEACHERS: tuple[tuple[str, str, str, tuple[int, ...], str], ...] = (
    ("Wulandari Puspita, M.Pd.", "197203151998022001", "1234750652300012", (), "demo-kepala"),
    ("Bagas Hendrawan, S.Pd.", "198504122010011003", "", (4,), "demo-guru-matematika"),
    ("Ratna Kusumawardani, S.Pd.", "198811232014022002", "2345766667210023", (2,), "demo-guru-bahasa"),
    ("Dimas Prasetyo Nugroho, S.Pd.", "199001072019031005", "", (6,), "demo-wali-7a"),
    ("Siti Mardiyah, S.Ag.", "197909202006042010", "", (0,), "demo-guru-agama"),
    ("Yohana Kartika, S.Pd.", "", "3456770671230031", (1, 11), "demo-guru-pkn"),
    ("Galih Adiputra, S.S.", "", "", (3,), ""),
    ("Nur Aisyah Rahmawati, S.Si.", "199205182020122007", "", (5,), ""),
    ("Teguh Santosa, S.Or.", "", "4567763664110042", (8, 7), ""),
    ("Maya Anggraini, S.Kom.", "", "", (9, 10), ""),
)

GIVEN = {
    "L": (
        "Aditya", "Arif", "Bayu", "Cahyo", "Damar", "Eko", "Fajar", "Gilang", "Hanif", "Ilham", "Joko", "Krisna",
        "Lutfi", "Mahesa", "Naufal", "Pandu", "Raka", "Satria", "Tegar", "Yoga",
    ),
    "P": (
        "Anisa", "Ayu", "Bunga", "Citra", "Dewi", "Elok", "Fitri", "Gita", "Hasna", "Indah", "Kirana", "Laras",
        "Melati", "Nabila", "Putri", "Rahma", "Salma", "Tiara", "Vina", "Zahra",
    ),
}  # fmt: skip
FAMILY = (
    "Pratama", "Wijaya", "Saputra", "Lestari", "Utami", "Permata", "Nugraha", "Kusuma", "Hidayat", "Maharani",
    "Ramadhan", "Setiawan", "Cahyani", "Wibowo", "Anggraeni", "Purnama", "Hapsari", "Kurniawan", "Safitri", "Wardana",
)  # fmt: skip
TOWNS = ("Klaten", "Surakarta", "Boyolali", "Sleman", "Yogyakarta")


def build(by: Akun | str = ledger.SYSTEM) -> Sekolah:
    """Make the demo school, all or nothing; returns it. Where it exists already nothing changes."""
    existing = Sekolah.objects.filter(npsn=NPSN).first()
    if existing is not None:
        return existing
    with ledger.record("demo.bangun", by=by):
        return _build(by)


def _build(by: Akun | str) -> Sekolah:
    kecamatan = people.ensure_places(places=PLACES, by=by)[-1]
    school = people.create_school(
        npsn=NPSN,
        nama="SMP Negeri 1 Kembang Setaman",
        bentuk="SMP",
        status=Sekolah.Status.NEGERI,
        kecamatan=kecamatan,
        alamat_jalan="Jl. Kenanga No. 7",
        desa_kelurahan="Kembang Setaman",
        by=by,
    )
    last_year, this_year = (_year(school, mulai, by) for mulai in (LAST_YEAR, THIS_YEAR))
    subjects = [
        years.create_subject(
            sekolah=school, nama=nama, kelompok=kelompok, bidang=FIELDS.get(nama, ""), urutan=at, by=by
        )
        for at, (nama, kelompok) in enumerate(SUBJECTS, start=1)
    ]
    teachers = [
        people.create_teacher(sekolah=school, nama=nama, nip=nip, nuptk=nuptk, by=by)
        for nama, nip, nuptk, _, _ in TEACHERS
    ]
    homeroom = {teacher[4]: row for teacher, row in zip(TEACHERS, teachers, strict=True)}
    past = [_class(last_year, 7, "VII-A", teachers[4], by)]
    present = [
        _class(this_year, 7, "VII-A", homeroom["demo-wali-7a"], by),
        _class(this_year, 7, "VII-B", teachers[7], by),
        _class(this_year, 8, "VIII-A", teachers[4], by),
    ]
    for kelas in (*past, *present):
        _lessons(kelas, subjects, teachers, by)
    _pupils(last_year, this_year, by)
    _accounts(school, homeroom, by)
    return school


def _year(school: Sekolah, mulai: int, by: Akun | str) -> TahunPelajaran:
    first, second = years.usual_halves(mulai)
    halves = (
        Half(first.mulai, first.selesai, date(mulai, 12, 19)),
        Half(second.mulai, second.selesai, date(mulai + 1, 6, 19)),
    )
    return years.create_school_year(sekolah=school, mulai=mulai, halves=halves, by=by)


def _class(tahun: TahunPelajaran, tingkat: int, nama: str, wali_kelas: Guru, by: Akun | str) -> Kelas:
    return years.create_class(tahun=tahun, tingkat=tingkat, nama=nama, wali_kelas=wali_kelas, by=by)


def _lessons(kelas: Kelas, subjects: list[MataPelajaran], teachers: list[Guru], by: Akun | str) -> None:
    for (_, _, _, taught, _), teacher in zip(TEACHERS, teachers, strict=True):
        for at in taught:
            years.assign_teacher(kelas=kelas, mapel=subjects[at], guru=teacher, by=by)


def _pupils(last_year: TahunPelajaran, this_year: TahunPelajaran, by: Akun | str) -> None:
    """Pupils come from a workbook, as in a real school; those of VIII-A sat in VII-A the year before."""
    chance = random.Random(SEED)
    used: set[str] = set()
    eighth = [_pupil(chance, used, 2500 + at, 2012, "VIII-A") for at in range(1, 33)]
    seventh = [_pupil(chance, used, 2600 + at, 2013, "VII-A") for at in range(1, 37)]
    seventh += [_pupil(chance, used, 2636 + at, 2013, "VII-B") for at in range(1, 35)]
    at_class = PESERTA_DIDIK.places["kelas"]
    _import(last_year, [(*row[:at_class], "VII-A", *row[at_class + 1 :]) for row in eighth], by)
    _import(this_year, eighth + seventh, by)


def _pupil(chance: random.Random, used: set[str], number: int, born: int, kelas: str) -> tuple[object, ...]:
    while True:
        sex = chance.choice("LP")
        family = chance.choice(FAMILY)
        name = f"{chance.choice(GIVEN[sex])} {chance.choice(GIVEN[sex])} {family}"
        words = name.split()
        if name not in used and words[0] != words[1]:
            break
    used.add(name)
    parent = chance.choice(("ayah", "ibu"))
    facts = {
        "nis": str(number),
        "nisn": f"99{number:08d}",
        "nama": name,
        "jenis_kelamin": sex,
        "kelas": kelas,
        "tempat_lahir": chance.choice(TOWNS),
        "tanggal_lahir": date(born, chance.randint(1, 12), chance.randint(1, 28)),
        "nama_wali": f"{chance.choice(GIVEN['L' if parent == 'ayah' else 'P'])} {family}",
        "hubungan_wali": parent,
    }
    return tuple(facts[column.name] for column in PESERTA_DIDIK.columns)


def _import(tahun: TahunPelajaran, rows: list[tuple[object, ...]], by: Akun | str) -> None:
    parsed = pupil_list.read_pupils(write_template(PESERTA_DIDIK, rows), name="peserta-didik.xlsx")
    pupil_list.import_pupils(parsed, tahun=tahun, by=by)


def _accounts(school: Sekolah, teachers: dict[str, Guru], by: Akun | str) -> None:
    """Accounts without a password: in the demo one taps a role, and nobody can sign in from elsewhere."""

    def account(username: str, nama: str, jenis: str, sekolah: Sekolah | None) -> None:
        akun, _ = accounts.create_account(username=username, nama=nama, with_password=False, by=by)
        accounts.grant_role(akun=akun, jenis=jenis, sekolah=sekolah, dari=ROLES_FROM, by=by)

    account("demo-operator", "Operator Contoh", Peran.Jenis.OPERATOR, None)
    account("demo-admin-sekolah", "Rini Tata Usaha", Peran.Jenis.OPERATOR_SEKOLAH, school)
    for username, teacher in teachers.items():
        if not username:
            continue
        akun, _ = accounts.create_teacher_account(
            guru=teacher, username=username, with_password=False, dari=ROLES_FROM, by=by
        )
        if username == "demo-kepala":
            accounts.grant_role(akun=akun, jenis=Peran.Jenis.KEPALA_SEKOLAH, sekolah=school, dari=ROLES_FROM, by=by)
    child = PesertaDidik.objects.get(sekolah=school, nis="2501")
    parent = Wali.objects.get(perwalian__peserta=child)
    accounts.create_guardian_account(
        wali=parent, username="demo-orang-tua", with_password=False, dari=ROLES_FROM, by=by
    )

"""What each column of the workbooks of `satuan` means: the ministry's list of schools, the pupils of a school, and what
Dapodik gives of pupils, teachers and classes.

Dapodik's lists hold far more than a rapor needs. Only the columns named here are read; identity numbers of families,
religion, address, income, bank and aid are not, and the preview names them as not read.
"""

from datetime import date

from mutu.imports.columns import Check, Column, Finding, Sheet
from mutu.imports.kinds import Choice, Day, Digits, Number, Text, Whole

# Degrees. Indonesia reaches from Rote (11° S) to Sabang (6° N), and from Sabang (95° E) to Merauke (141° E).
SOUTH, NORTH = -11.5, 6.5
WEST, EAST = 94.5, 141.5


def judge_coordinate(latitude: float | None, longitude: float | None) -> Finding | None:
    """A coordinate, in degrees, is either missing altogether or lies in Indonesia.

    A wrong one does not cost the school its place in the list: the school is kept without it, with a warning. Zero
    stands for "not measured" in the ministry's list and lies in no school. A half coordinate is wrong as well.
    """
    if latitude is None or longitude is None:
        if latitude is None and longitude is None:
            return None
        missing = "lintang" if latitude is None else "bujur"
        return Finding(
            missing,
            f"koordinat hanya separuh: {missing} kosong. Sekolah disimpan tanpa koordinat; isi keduanya.",
            without=("lintang", "bujur"),
        )
    if SOUTH <= latitude <= NORTH and latitude and WEST <= longitude <= EAST:
        return None
    return Finding(
        "bujur" if SOUTH <= latitude <= NORTH and latitude else "lintang",
        f"koordinat {latitude}; {longitude} di luar Indonesia (lintang {SOUTH}..{NORTH}, bujur {WEST}..{EAST}, "
        "bukan 0). Sekolah disimpan tanpa koordinat; perbaiki koordinatnya.",
        without=("lintang", "bujur"),
    )


def judge_places(province: str, district: str, subdistrict: str) -> Finding | None:
    """The ministry's six-digit codes nest: province ``020000``, district ``020500``, subdistrict ``020529``."""
    if province[2:] != "0000":
        return Finding("kode_prop", f"kode provinsi {province} harus berakhir 0000. Periksa kodenya.", refuse=True)
    if district[:2] != province[:2] or district[4:] != "00" or district == province:
        return Finding(
            "kode_kab_kota",
            f"kode kabupaten/kota {district} bukan bagian dari provinsi {province}. Periksa kedua kodenya.",
            refuse=True,
        )
    if subdistrict[:4] != district[:4] or subdistrict == district:
        return Finding(
            "kode_kec",
            f"kode kecamatan {subdistrict} bukan bagian dari kabupaten/kota {district}. Periksa kedua kodenya.",
            refuse=True,
        )
    return None


def judge_guardian(name: str | None, relation: str | None) -> Finding | None:
    """A guardian's relation without a name names nobody."""
    if relation and not name:
        return Finding(
            "nama_wali",
            "hubungan wali diisi, tetapi nama walinya kosong. Isi nama wali, atau kosongkan hubungannya.",
            refuse=True,
        )
    return None


SEKOLAH = Sheet(
    name="sekolah",
    title="Sekolah",
    columns=(
        Column("npsn", "NPSN", Digits(8, "NPSN"), example="20100001"),
        Column("sekolah", "Sekolah", Text(160), titles=("Nama Sekolah", "Nama Satuan Pendidikan")),
        Column(
            "bentuk",
            "Bentuk",
            Choice(
                {
                    "SD": ("Sekolah Dasar",),
                    "SMP": ("Sekolah Menengah Pertama",),
                    "SMA": ("Sekolah Menengah Atas",),
                    "SMK": ("Sekolah Menengah Kejuruan",),
                    "SLB": ("Sekolah Luar Biasa",),
                    "SDLB": (),
                    "SMPLB": (),
                    "SMLB": ("SMALB",),
                    "TK": ("Taman Kanak-Kanak",),
                    "MI": ("Madrasah Ibtidaiyah",),
                    "MTs": ("Madrasah Tsanawiyah",),
                    "MA": ("Madrasah Aliyah",),
                    "MAK": ("Madrasah Aliyah Kejuruan",),
                    "PKBM": (),
                    "SKB": (),
                }
            ),
            titles=("Bentuk Pendidikan", "Jenjang"),
        ),
        Column("status", "Status", Choice({"N": ("Negeri",), "S": ("Swasta",)}), titles=("Status Sekolah",)),
        Column("alamat_jalan", "Alamat Jalan", Text(160), required=False, titles=("Alamat",)),
        Column("kode_prop", "Kode Prop", Digits(6, "Kode provinsi"), titles=("Kode Provinsi", "Kode Propinsi")),
        Column("propinsi", "Propinsi", Text(100), titles=("Provinsi", "Nama Provinsi")),
        Column(
            "kode_kab_kota",
            "Kode Kab/Kota",
            Digits(6, "Kode kabupaten/kota"),
            titles=("Kode Kabupaten/Kota",),
        ),
        Column("kabupaten_kota", "Kabupaten/Kota", Text(100), titles=("Kab/Kota",)),
        Column("kode_kec", "Kode Kec", Digits(6, "Kode kecamatan"), titles=("Kode Kecamatan",)),
        Column("kecamatan", "Kecamatan", Text(100)),
        Column(
            "lintang",
            "Lintang",
            Number(-999_999_999, 999_999_999, 7, measured=True),
            required=False,
            titles=("Latitude",),
            note="Derajat desimal; selatan negatif.",
        ),
        Column(
            "bujur",
            "Bujur",
            Number(-999_999_999, 999_999_999, 7, measured=True),
            required=False,
            titles=("Longitude",),
            note="Derajat desimal.",
        ),
    ),
    key=("npsn",),
    checks=(
        Check(("kode_prop", "kode_kab_kota", "kode_kec"), judge_places, repeats=True),
        Check(("lintang", "bujur"), judge_coordinate),
    ),
)


PESERTA_DIDIK = Sheet(
    name="peserta_didik",
    title="Peserta Didik",
    columns=(
        Column(
            "nis",
            "NIS",
            Text(20),
            titles=("Nomor Induk Siswa", "No Induk", "NIPD"),
            note="Nomor induk dari sekolah; tidak boleh sama.",
            example="0231",
        ),
        Column(
            "nisn",
            "NISN",
            Digits(10, "NISN"),
            required=False,
            titles=("Nomor Induk Siswa Nasional",),
            example="0071234567",
        ),
        Column(
            "nama",
            "Nama",
            Text(120),
            titles=("Nama Peserta Didik", "Nama Siswa", "Nama Lengkap"),
            example="Sari Melati",
        ),
        Column(
            "jenis_kelamin",
            "Jenis Kelamin",
            Choice({"L": ("Laki-laki", "Laki laki", "Pria"), "P": ("Perempuan", "Wanita")}),
            titles=("JK", "L/P"),
            example="P",
        ),
        Column("kelas", "Kelas", Text(20), titles=("Rombel", "Nama Kelas", "Rombongan Belajar"), example="VII-A"),
        Column("tempat_lahir", "Tempat Lahir", Text(80), required=False, example="Bogor"),
        Column(
            "tanggal_lahir",
            "Tanggal Lahir",
            Day(date(1900, 1, 1), date(2100, 1, 1)),
            required=False,
            titles=("Tgl Lahir",),
            example="17/08/2007",
        ),
        Column(
            "nama_wali",
            "Nama Wali",
            Text(120),
            required=False,
            titles=("Nama Orang Tua", "Orang Tua/Wali"),
            example="Budi Melati",
        ),
        Column(
            "hubungan_wali",
            "Hubungan Wali",
            Choice(
                {"orang tua": (), "ayah": ("Bapak",), "ibu": (), "wali": ("Kakek", "Nenek", "Paman", "Bibi", "Lainnya")}
            ),
            required=False,
            titles=("Hubungan",),
            example="ayah",
        ),
    ),
    key=("nis",),
    unique=(("nisn",),),
    checks=(Check(("nama_wali", "hubungan_wali"), judge_guardian),),
)


SEX = Choice({"L": ("Laki-laki", "Laki laki", "Pria"), "P": ("Perempuan", "Wanita")})
BORN = Day(date(1900, 1, 1), date(2100, 1, 1))

DAPODIK_PESERTA = Sheet(
    name="dapodik_peserta",
    title="Daftar Peserta Didik",
    columns=(
        Column("nama", "Nama", Text(120), titles=("Nama Peserta Didik", "Nama Siswa")),
        Column("nipd", "NIPD", Text(20), required=False),
        Column("jenis_kelamin", "JK", SEX, titles=("Jenis Kelamin", "L/P")),
        Column("nisn", "NISN", Digits(10, "NISN", pad=True), required=False),
        Column("tempat_lahir", "Tempat Lahir", Text(80), required=False),
        Column("tanggal_lahir", "Tanggal Lahir", BORN, required=False),
        Column("rombel", "Rombel Saat Ini", Text(80), titles=("Nama Rombel",)),
        Column("nama_ayah", "Data Ayah Nama", Text(120), required=False, titles=("Nama Ayah",)),
        Column("nama_ibu", "Data Ibu Nama", Text(120), required=False, titles=("Nama Ibu",)),
        Column("nama_wali", "Data Wali Nama", Text(120), required=False),
    ),
    key=("nipd",),
    unique=(("nisn",),),
    ignore_unknown=True,
    groups=("Data Ayah", "Data Ibu", "Data Wali"),
)
"""Dapodik's list of pupils: titles in two rows, the second one under the parents' groups."""


DAPODIK_GURU = Sheet(
    name="dapodik_guru",
    title="Daftar Guru",
    columns=(
        Column("nama", "Nama", Text(120)),
        Column("nuptk", "NUPTK", Digits(16, "NUPTK", pad=True), required=False),
        Column("nip", "NIP", Digits(18, "NIP", pad=True), required=False),
        Column("jenis_ptk", "Jenis PTK", Text(80), required=False),
        Column("tugas_tambahan", "Tugas Tambahan", Text(120), required=False),
    ),
    key=("nama", "nuptk", "nip"),
    unique=(("nuptk",), ("nip",)),
    ignore_unknown=True,
)
"""Dapodik's list of teachers or of other staff."""


GURU = Sheet(
    name="guru",
    title="Guru",
    columns=(
        Column("nama", "Nama", Text(120)),
        Column("nip", "NIP", Digits(18, "NIP"), required=False),
        Column("nuptk", "NUPTK", Digits(16, "NUPTK"), required=False),
    ),
    key=("nama",),
)
"""What is stored of a teacher."""


PARTS = Choice({"guru": (), "kelas": (), "mapel": (), "peserta": (), "pembelajaran": ()})
CHANGES = (
    Column("bagian", "Bagian", PARTS),
    Column("nama", "Nama", Text(120)),
    Column("kelas", "Kelas", Text(80), required=False),
    Column("guru", "Guru atau wali kelas", Text(120), required=False),
    Column("kurikulum", "Kurikulum", Text(80), required=False),
    Column("nis", "NIS", Text(20), required=False),
    Column("nisn", "NISN", Digits(10, "NISN"), required=False),
    Column("jenis_kelamin", "Jenis Kelamin", SEX, required=False),
    Column("tempat_lahir", "Tempat Lahir", Text(80), required=False),
    Column("tanggal_lahir", "Tanggal Lahir", BORN, required=False),
    Column("nip", "NIP", Digits(18, "NIP"), required=False),
    Column("nuptk", "NUPTK", Digits(16, "NUPTK"), required=False),
    Column("tingkat", "Tingkat", Whole(1, 12), required=False),
    Column("nama_wali", "Nama Wali", Text(120), required=False),
    Column("hubungan_wali", "Hubungan Wali", Text(20), required=False),
)
PERUBAHAN = Sheet(name="perubahan", title="Perubahan", columns=CHANGES, key=("bagian", "nama", "kelas"))
"""What a fetch from Dapodik's web service would change here: teachers, classes, subjects, pupils, lessons."""

DAPODIK_LAYANAN = Sheet(
    name="dapodik_layanan",
    title="Layanan Dapodik",
    columns=(
        *CHANGES,
        Column("jenis_ptk", "Jenis PTK", Text(80), required=False),
        Column("nama_ayah", "Nama Ayah", Text(120), required=False),
        Column("nama_ibu", "Nama Ibu", Text(120), required=False),
        Column("kunci", "Kunci", Text(60)),
        Column("kunci_kelas", "Kunci Kelas", Text(60), required=False),
        Column("kunci_guru", "Kunci Guru", Text(60), required=False),
    ),
    key=("bagian", "kunci"),
    unique=(("bagian", "nisn"),),
)
"""What the web service gave, as it is kept between preview and commit; the keys are Dapodik's own."""

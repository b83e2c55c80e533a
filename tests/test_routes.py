"""Every route × every role: who gets in, who finds nothing.

The table is written by hand and is the oracle; the routes come from the URL resolver. A route that is missing here
fails, a route without a policy fails, and whoever is not named must get what a thing that does not exist gives: 404
(signed in) or the way to the sign-in page (anonymous).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from mutu.kinerja.models import Bukti, PangkatGuru, Penilai, PenilaianKinerja, RencanaKinerja
from mutu.kinerja.services import berkas
from mutu.rapor import documents
from mutu.rapor.models import (
    BeritaAcara,
    KegiatanPengembangan,
    Mutasi,
    NilaiRapor,
    PercobaanRemedial,
    Prestasi,
    Rapor,
    RaporFinal,
)
from mutu.rapor.services import final
from mutu.rapor.services.marks import Cell, save_marks
from mutu.satuan import jobs, ledger
from mutu.satuan.access import can, policy_of
from mutu.satuan.models import Akun, EntriLedger, Impor, Kelas
from mutu.web import api
from tests.contoh import Contoh, akun_baru, sekolah_kecil

pytestmark = pytest.mark.django_db

ROLES = (
    "operator", "admin", "kepala", "guru", "guru_lain", "wali", "orang_tua",
    "tanpa_peran", "admin_lain", "kepala_lain", "guru_sekolah_lain", "orang_tua_lain",
)  # fmt: skip
ALL = " ".join(ROLES)
SCHOOL = "admin kepala guru guru_lain wali"

# route name -> (who gets in, by name). Library routes are listed at the end with the library's own rule.
TABLE: dict[str, str] = {
    "beranda": ALL,
    "rapor": ALL,
    "kinerja": ALL,
    "kinerja-tahun": "kepala",
    "kinerja-pangkat": "admin kepala",
    "kinerja-penilai": "kepala",
    "kinerja-penilai-ubah": "kepala",
    "kinerja-rencana": "kepala",
    # Its parties: the teacher (guru), the assessor (guru_lain), the head.
    "kinerja-penilaian": "kepala guru guru_lain",
    "kinerja-nilai": "guru_lain",
    "kinerja-kompetensi": "guru_lain",
    # The result has been told, so the teacher reads it, and may object.
    "kinerja-hasil": "kepala guru guru_lain",
    "kinerja-bukti": "kepala guru guru_lain",
    "kinerja-keberatan": "guru",
    "rapor-ajuan": "guru",
    "rapor-keadaan": "admin kepala wali",
    "rapor-final": "kepala wali",
    "rapor-final-pdf": "kepala wali",
    "rapor-dibaca": "",
    "rapor-berita-acara": "kepala wali",
    "rapor-kisi": "admin kepala guru wali",
    "rapor-kolom": "guru",
    "rapor-kolom-ubah": "guru",
    "rapor-buku-kerja": "guru",
    "rapor-erapor": "guru",
    "rapor-erapor-leger": "wali",
    "rapor-nilai-xlsx": "guru",
    "rapor-remedial": "guru",
    "rapor-remedial-batal": "guru",
    "rapor-riwayat": "kepala guru wali",
    "rapor-kenapa": "kepala guru wali",
    "rapor-deskripsi": "guru",
    "rapor-kelas": "admin kepala wali",
    "rapor-ketidakhadiran": "wali",
    "rapor-kehadiran": "kepala wali",
    "rapor-kehadiran-hari": "wali",
    "rapor-sikap": "guru guru_lain wali",
    "rapor-prestasi": "wali",
    "rapor-catatan": "wali",
    "rapor-pribadi": "kepala wali",
    "rapor-prestasi-ubah": "wali",
    "rapor-kegiatan": "admin",
    "rapor-kegiatan-ubah": "admin",
    "rapor-pembina": "guru_lain",
    "rapor-pengembangan": "guru_lain",
    "rapor-cetak-kelas": "kepala wali",
    "rapor-pratinjau": "kepala wali",
    "rapor-lembar": "kepala wali",
    "rapor-cetak-tahun": "kepala",
    "rapor-cetak-semua": "kepala wali",
    "rapor-leger": "kepala wali",
    "rapor-leger-xlsx": "kepala wali",
    "rapor-leger-pdf": "kepala wali",
    "rapor-kesiapan": "admin kepala",
    "rapor-transkrip": "kepala wali orang_tua",
    "rapor-transkrip-pdf": "kepala wali orang_tua",
    "rapor-induk": "admin kepala wali",
    "rapor-induk-pdf": "admin kepala wali",
    "rapor-ingatkan": "kepala",
    "rapor-pdf": "kepala wali",
    "rapor-ketentuan": "operator admin",
    "rapor-kkm": "operator admin",
    "rapor-kkm-ubah": "operator admin",
    "rapor-sk": "admin",
    "rapor-sk-ubah": "admin",
    "rapor-kenaikan-tahun": "admin kepala",
    "rapor-kenaikan-ketentuan": "admin kepala",
    "rapor-susun": "admin",
    "rapor-kenaikan": "kepala wali",
    "rapor-notula": "kepala wali",
    "rapor-ujian": "kepala wali",
    "rapor-kenaikan-satu": "kepala wali",
    "rapor-pindah": "admin kepala",
    "rapor-pindah-masuk": "admin kepala",
    "rapor-pindah-keluar": "admin kepala",
    "rapor-mutasi": "admin kepala",
    "rapor-mutasi-pdf": "admin kepala",
    "sekolah-cari": "operator admin kepala guru guru_lain wali admin_lain kepala_lain guru_sekolah_lain",
    "sekolah-impor": "operator",
    "sekolah-templat": "operator",
    "sekolah": f"operator {SCHOOL}",
    "sekolah-ubah": "operator admin",
    "tahun-baru": "operator admin",
    "mapel-daftar": "admin",
    "guru-daftar": "operator admin",
    "akun-sekolah": "operator admin",
    "akun-ubah": "operator admin",
    "mapel-ubah": "admin",
    "guru-ubah": "operator admin",
    "guru-akun": "operator admin",
    "wali-akun": "admin",
    "tahun": f"operator {SCHOOL}",
    "tahun-semester": "operator admin",
    "kelas-baru": "admin",
    "peserta-daftar": "admin",
    "peserta-baru": "admin",
    "peserta-impor": "admin",
    "peserta-templat": "admin",
    "peserta-dapodik": "admin",
    "guru-dapodik": "admin",
    "dapodik-layanan": "admin",
    "kelas": "admin",
    "kelas-ubah": "admin",
    "kelas-hapus": "admin",
    "kelas-pembelajaran": "admin",
    "peserta": "admin",
    "peserta-ubah": "admin",
    "peserta-kelas": "admin",
    "wali-baru": "admin",
    "wali-lepas": "admin",
    # An import of pupils of the first school: the installation's operator must not read children's data.
    "impor": "admin",
    "impor-terapkan": "admin",
    "impor-batal": "admin",
    "impor-ditolak": "admin",
    "impor-perbaikan": "admin",
    # A job belongs to whoever asked for it.
    "pekerjaan": "wali",
    "pekerjaan-kemajuan": "wali",
    "pekerjaan-batal": "wali",
    "pekerjaan-hasil": "wali",
}
# These act and show nothing: a GET is no question that could be answered.
POST_ONLY = {
    "rapor-remedial-batal",
    "akun-ubah",
    "kelas-hapus",
    "peserta-kelas",
    "wali-lepas",
    "impor-terapkan",
    "impor-batal",
    "pekerjaan-batal",
    "rapor-dibaca",
}
PUBLIC = {
    "livez",
    "readyz",
    "kalkulator",
    "kalkulator-satu",
    "api-dok",
    "demo-masuk",
    "set_language",
    "cek",
    "cek-nomor",
}
LIBRARY = ("account_", "socialaccount_", "openid_connect", "api-1:")


@dataclass
class Route:
    name: str
    pattern: str
    view: Any


def routes(patterns: Any = None, prefix: str = "", namespace: str = "") -> Iterator[Route]:
    """All routes of the project, flattened."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry.url_patterns, path, inner)
        elif isinstance(entry, URLPattern):
            yield Route(f"{namespace}{entry.name or ''}", path, entry.callback)


def test_every_route_has_a_policy() -> None:
    naked = [f"{route.name} {route.pattern}" for route in routes() if policy_of(route.view) is None]
    assert naked == []


def test_every_route_stands_in_the_table() -> None:
    missing = [
        f"{route.name} {route.pattern}"
        for route in routes()
        if route.name not in TABLE and route.name not in PUBLIC and not route.name.startswith(LIBRARY)
    ]
    assert missing == [], "write down who may see these"


def final_of(contoh: Contoh, number: int) -> RaporFinal:
    """A final rapor with its berita acara, put there without the way that leads to one."""
    member, semester, head = contoh.anggota[number], contoh.semester, contoh.akun["kepala"]
    row = Rapor.objects.create(anggota=member, semester=semester, status="final", oleh=head, pada=timezone.now())
    (card,) = documents.cards(contoh.kelas, semester, [member.pk], appendix=True)
    made = final.naskah(row, card, contoh.kelas, semester, final.kunci(), head)
    made.save()
    BeritaAcara.objects.create(rapor=row, final=made, nomor=1, alasan="Uji", oleh=head, pada=row.pada)
    return made


def assessment_of(contoh: Contoh) -> PenilaianKinerja:
    """A round of the year in which the second teacher assesses the first, being discussed with that teacher."""
    assessor, year = contoh.akun["guru_lain"], contoh.tahun
    PangkatGuru.objects.create(guru=contoh.matematika.guru, golongan="III/a", tmt=contoh.semester.mulai)
    Penilai.objects.create(
        sekolah=contoh.sekolah,
        akun=assessor,
        sk_nomor="1/SK",
        sk_tanggal=contoh.semester.mulai,
        pelatihan=contoh.semester.mulai,
        dari=contoh.semester.mulai,
    )
    plan = RencanaKinerja.objects.create(
        tahun=year, jenis="formatif", mulai=contoh.semester.mulai, selesai=contoh.semester.selesai
    )
    row = PenilaianKinerja.objects.create(
        rencana=plan,
        guru=contoh.matematika.guru,
        penilai=assessor,
        instrumen="guru-mapel",
        golongan="III/a",
        jam=24,
        jadwal_mulai=plan.mulai,
        jadwal_selesai=plan.selesai,
        status="dibahas",
        pada=timezone.now(),
    )
    stored = berkas.simpan(berkas.Berkas("rpp.pdf", b"%PDF-1.7"), "pdf")
    Bukti.objects.create(
        penilaian=row, kompetensi=1, jenis="teramati", keterangan="RPP", berkas=stored, nama_berkas="rpp.pdf",
        pada=timezone.now(),
    )  # fmt: skip
    return row


@pytest.fixture
def world(db: None) -> dict[str, Any]:
    """Two schools, every role, and one of everything that a route can name."""
    own = sekolah_kecil()
    other = sekolah_kecil("69900102", prefix="lain-")
    save_marks(
        pembelajaran=own.matematika,
        semester=own.semester,
        cells=[Cell(own.uh[0].pk, own.anggota[0].pk, "80", 0)],
        by=own.akun["guru"],
    )
    job = jobs.submit(
        "rapor.cetak_kelas",
        title="Cetak",
        by=own.akun["wali"],
        data={"kelas": own.kelas.pk, "semester": own.semester.pk},
    )
    with ledger.record("uji.orang", by=ledger.SYSTEM):
        KegiatanPengembangan.objects.create(sekolah=own.sekolah, nama="Pramuka", pembina=own.bahasa.guru)
        Prestasi.objects.create(
            semester=own.semester, anggota=own.anggota[0], jenis="kurikuler", nama="Lomba", tanggal=own.semester.mulai
        )
        PercobaanRemedial.objects.create(
            pembelajaran=own.matematika,
            semester=own.semester,
            anggota=own.anggota[0],
            penilaian=own.uh[0],
            tanggal=own.semester.mulai,
            nilai=85,
            pada=timezone.now(),
        )
        Kelas.objects.create(tahun=own.tahun, tingkat=9, nama="IX-A", wali_kelas=own.kelas.wali_kelas)
        Mutasi.objects.create(
            sekolah=own.sekolah,
            peserta=own.anggota[2].peserta,
            kelas=own.kelas,
            arah="masuk",
            tanggal=own.semester.mulai,
        )
        final_of(own, 1)
        assessment_of(own)
        nobody = akun_baru("tanpa-peran", "Tanpa Peran", "guru", other.sekolah)
        nobody.peran.all().delete()
    people = own.akun | {
        "tanpa_peran": nobody,
        "admin_lain": other.akun["admin"],
        "kepala_lain": other.akun["kepala"],
        "guru_sekolah_lain": other.akun["guru"],
        "orang_tua_lain": other.akun["orang_tua"],
    }
    assert jobs.work_once(), "the print has a result to fetch"
    client = Client()
    client.force_login(own.akun["admin"])
    rows = b"nama,nis,nisn,jenis_kelamin,kelas\nKirana Uji,8001,123,P,VII-A\n"
    upload = SimpleUploadedFile("peserta.csv", rows, content_type="text/csv")
    assert client.post(f"/tahun/{own.tahun.pk}/peserta/impor/", {"berkas": upload}).status_code == 302
    assert jobs.work_once(), "the import has refused rows to fetch"
    impor = Impor.objects.get()
    return {"own": own, "other": other, "people": people, "job": job, "impor": impor}


def addresses(world: dict[str, Any]) -> dict[str, str]:
    """One address for each route of the table, all of them of the first school."""
    own: Contoh = world["own"]
    lesson, kelas, member = own.matematika.pk, own.kelas.pk, own.anggota[0].pk
    mark = NilaiRapor.objects.get().pk
    subject = own.sk[0].mapel_tingkat
    activity = KegiatanPengembangan.objects.get().pk
    return {
        "beranda": "/",
        "rapor": "/rapor/",
        "kinerja": "/kinerja/",
        "kinerja-tahun": f"/kinerja/tahun/{own.tahun.pk}/",
        "kinerja-pangkat": f"/kinerja/tahun/{own.tahun.pk}/pangkat/",
        "kinerja-penilai": f"/kinerja/tahun/{own.tahun.pk}/penilai/",
        "kinerja-penilai-ubah": f"/kinerja/penilai/{Penilai.objects.get().pk}/",
        "kinerja-rencana": f"/kinerja/rencana/{RencanaKinerja.objects.get().pk}/",
        "kinerja-penilaian": f"/kinerja/penilaian/{PenilaianKinerja.objects.get().pk}/",
        "kinerja-nilai": f"/kinerja/penilaian/{PenilaianKinerja.objects.get().pk}/nilai/",
        "kinerja-kompetensi": f"/kinerja/penilaian/{PenilaianKinerja.objects.get().pk}/nilai/1/",
        "kinerja-hasil": f"/kinerja/penilaian/{PenilaianKinerja.objects.get().pk}/hasil/",
        "kinerja-keberatan": f"/kinerja/penilaian/{PenilaianKinerja.objects.get().pk}/keberatan/",
        "kinerja-bukti": f"/kinerja/bukti/{Bukti.objects.get().pk}/",
        "rapor-ajuan": f"/rapor/pembelajaran/{lesson}/1/ajuan/",
        "rapor-keadaan": f"/rapor/kelas/{kelas}/1/keadaan/",
        "rapor-final": f"/rapor/anggota/{own.anggota[1].pk}/1/final/",
        "rapor-final-pdf": f"/rapor/final/{RaporFinal.objects.get().pk}/rapor.pdf",
        "rapor-dibaca": f"/rapor/final/{RaporFinal.objects.get().pk}/dibaca/",
        "rapor-berita-acara": f"/rapor/berita-acara/{BeritaAcara.objects.get().pk}/berita-acara.pdf",
        "rapor-kisi": f"/rapor/pembelajaran/{lesson}/1/",
        "rapor-kolom": f"/rapor/pembelajaran/{lesson}/1/kolom/",
        "rapor-kolom-ubah": f"/rapor/kolom/{own.uh[0].pk}/",
        "rapor-buku-kerja": f"/rapor/pembelajaran/{lesson}/1/buku-kerja/",
        "rapor-erapor": f"/rapor/pembelajaran/{lesson}/1/e-rapor/",
        "rapor-erapor-leger": f"/rapor/kelas/{kelas}/1/e-rapor/",
        "rapor-nilai-xlsx": f"/rapor/pembelajaran/{lesson}/1/nilai.xlsx",
        "rapor-remedial": f"/rapor/pembelajaran/{lesson}/1/remedial/",
        "rapor-remedial-batal": f"/rapor/remedial/{PercobaanRemedial.objects.get().pk}/batal/",
        "rapor-riwayat": f"/rapor/riwayat/{own.uh[0].pk}/{member}/",
        "rapor-kenapa": f"/rapor/kenapa/{mark}/",
        "rapor-deskripsi": f"/rapor/deskripsi/{mark}/",
        "rapor-kelas": f"/rapor/kelas/{kelas}/1/",
        "rapor-ketidakhadiran": f"/rapor/kelas/{kelas}/1/ketidakhadiran/",
        "rapor-kehadiran": f"/rapor/kelas/{kelas}/1/kehadiran/",
        "rapor-kehadiran-hari": f"/rapor/kelas/{kelas}/1/kehadiran/hari/",
        "rapor-sikap": f"/rapor/kelas/{kelas}/1/sikap/",
        "rapor-prestasi": f"/rapor/kelas/{kelas}/1/prestasi/",
        "rapor-catatan": f"/rapor/kelas/{kelas}/1/catatan/",
        "rapor-pribadi": f"/rapor/kelas/{kelas}/1/ringkasan/",
        "rapor-prestasi-ubah": f"/rapor/prestasi/{Prestasi.objects.get().pk}/",
        "rapor-kegiatan": f"/rapor/sekolah/{own.sekolah.npsn}/kegiatan/",
        "rapor-kegiatan-ubah": f"/rapor/kegiatan/{activity}/",
        "rapor-pembina": f"/rapor/kegiatan/{activity}/kelas/",
        "rapor-pengembangan": f"/rapor/kegiatan/{activity}/kelas/{kelas}/1/",
        "rapor-cetak-kelas": f"/rapor/kelas/{kelas}/1/cetak/",
        "rapor-pratinjau": f"/rapor/anggota/{member}/1/",
        "rapor-cetak-semua": f"/rapor/kelas/{kelas}/1/cetak-semua/",
        "rapor-leger": f"/rapor/kelas/{kelas}/1/leger/",
        "rapor-leger-xlsx": f"/rapor/kelas/{kelas}/1/leger.xlsx",
        "rapor-leger-pdf": f"/rapor/kelas/{kelas}/1/leger.pdf",
        "rapor-kesiapan": f"/rapor/semester/{own.semester.pk}/kesiapan/",
        "rapor-transkrip": f"/rapor/peserta/{own.anggota[0].peserta_id}/transkrip/",
        "rapor-transkrip-pdf": f"/rapor/peserta/{own.anggota[0].peserta_id}/transkrip.pdf",
        "rapor-induk": f"/rapor/peserta/{own.anggota[0].peserta_id}/buku-induk/",
        "rapor-induk-pdf": f"/rapor/peserta/{own.anggota[0].peserta_id}/buku-induk.pdf",
        "rapor-ingatkan": f"/rapor/semester/{own.semester.pk}/ingatkan/",
        "rapor-lembar": f"/rapor/kelas/{kelas}/1/lembar/",
        "rapor-cetak-tahun": f"/rapor/semester/{own.semester.pk}/cetak/",
        "rapor-pdf": f"/rapor/anggota/{member}/1/rapor.pdf",
        "rapor-ketentuan": f"/rapor/semester/{own.semester.pk}/ketentuan/",
        "rapor-kkm": f"/rapor/tahun/{own.tahun.pk}/kkm/",
        "rapor-kkm-ubah": f"/rapor/tahun/{own.tahun.pk}/kkm/{subject.mapel_id}/7/",
        "rapor-sk": f"/rapor/mapel/{subject.pk}/sk/",
        "rapor-sk-ubah": f"/rapor/sk/{own.sk[0].pk}/",
        "rapor-kenaikan-tahun": f"/rapor/tahun/{own.tahun.pk}/kenaikan/",
        "rapor-kenaikan-ketentuan": f"/rapor/tahun/{own.tahun.pk}/kenaikan/ketentuan/",
        "rapor-susun": f"/rapor/tahun/{own.tahun.pk}/susun/",
        "rapor-kenaikan": f"/rapor/kelas/{kelas}/kenaikan/",
        "rapor-notula": f"/rapor/kelas/{kelas}/kenaikan/notula.xlsx",
        "rapor-ujian": f"/rapor/kelas/{Kelas.objects.get(nama='IX-A').pk}/ujian/",
        "rapor-kenaikan-satu": f"/rapor/anggota/{member}/kenaikan/",
        "rapor-pindah": f"/rapor/tahun/{own.tahun.pk}/pindah/",
        "rapor-pindah-masuk": f"/rapor/tahun/{own.tahun.pk}/pindah/masuk/",
        "rapor-pindah-keluar": f"/rapor/anggota/{member}/pindah/",
        "rapor-mutasi": f"/rapor/pindah/{Mutasi.objects.get().pk}/",
        "rapor-mutasi-pdf": f"/rapor/pindah/{Mutasi.objects.get().pk}/pindah.pdf",
        **_satuan_addresses(world),
    }


def _satuan_addresses(world: dict[str, Any]) -> dict[str, str]:
    own: Contoh = world["own"]
    npsn, year, kelas = own.sekolah.npsn, own.tahun.pk, own.kelas.pk
    pupil, guru = own.anggota[0].peserta, own.matematika.guru_id
    tie = pupil.perwalian.get()
    impor, job = world["impor"].pk, world["job"].pk
    return {
        "sekolah-cari": "/sekolah/",
        "sekolah-impor": "/sekolah/impor/",
        "sekolah-templat": "/sekolah/impor/templat.xlsx",
        "sekolah": f"/sekolah/{npsn}/",
        "sekolah-ubah": f"/sekolah/{npsn}/ubah/",
        "tahun-baru": f"/sekolah/{npsn}/tahun/",
        "mapel-daftar": f"/sekolah/{npsn}/mapel/",
        "guru-daftar": f"/sekolah/{npsn}/guru/",
        "akun-sekolah": f"/sekolah/{npsn}/akun/",
        "akun-ubah": f"/sekolah/{npsn}/akun/{own.akun['guru'].pk}/",
        "mapel-ubah": f"/mapel/{own.matematika.mapel_id}/",
        "guru-ubah": f"/guru/{guru}/",
        "guru-akun": f"/guru/{guru}/akun/",
        "wali-akun": f"/wali/{tie.wali_id}/akun/",
        "tahun": f"/tahun/{year}/",
        "tahun-semester": f"/tahun/{year}/semester/",
        "kelas-baru": f"/tahun/{year}/kelas/",
        "peserta-daftar": f"/tahun/{year}/peserta/",
        "peserta-baru": f"/tahun/{year}/peserta/baru/",
        "peserta-impor": f"/tahun/{year}/peserta/impor/",
        "peserta-templat": f"/tahun/{year}/peserta/templat.xlsx",
        "peserta-dapodik": f"/tahun/{year}/peserta/dapodik/",
        "guru-dapodik": f"/sekolah/{npsn}/guru/dapodik/",
        "dapodik-layanan": f"/tahun/{year}/dapodik/",
        "kelas": f"/kelas/{kelas}/",
        "kelas-ubah": f"/kelas/{kelas}/ubah/",
        "kelas-hapus": f"/kelas/{kelas}/hapus/",
        "kelas-pembelajaran": f"/kelas/{kelas}/pembelajaran/",
        "peserta": f"/peserta/{pupil.pk}/",
        "peserta-ubah": f"/peserta/{pupil.pk}/ubah/",
        "peserta-kelas": f"/peserta/{pupil.pk}/tahun/{year}/",
        "wali-baru": f"/peserta/{pupil.pk}/wali/",
        "wali-lepas": f"/peserta/{pupil.pk}/wali/{tie.pk}/lepas/",
        "impor": f"/impor/{impor}/",
        "impor-terapkan": f"/impor/{impor}/terapkan/",
        "impor-batal": f"/impor/{impor}/batal/",
        "impor-ditolak": f"/impor/{impor}/ditolak.csv",
        "impor-perbaikan": f"/impor/{impor}/perbaikan.xlsx",
        "pekerjaan": f"/pekerjaan/{job}/",
        "pekerjaan-kemajuan": f"/pekerjaan/{job}/kemajuan/",
        "pekerjaan-batal": f"/pekerjaan/{job}/batal/",
        "pekerjaan-hasil": f"/pekerjaan/{job}/hasil/",
    }


def test_each_role_gets_in_exactly_where_the_table_says(world: dict[str, Any]) -> None:
    found = addresses(world)
    assert found.keys() == TABLE.keys()
    wrong = []
    for role in ROLES:
        client = Client(raise_request_exception=True)
        client.force_login(world["people"][role])
        for name, url in found.items():
            status = client.get(url).status_code
            if name in POST_ONLY:
                if status not in (404, 405):
                    wrong.append(f"{role} {name}: GET answered {status}")
                continue
            expected = role in TABLE[name].split()
            if (status in (200, 302)) != expected or (not expected and status != 404):
                wrong.append(f"{role} {name}: {status}, expected {'in' if expected else '404'}")
    assert wrong == []


def test_an_anonymous_visitor_is_asked_to_sign_in_and_posts_nothing(world: dict[str, Any]) -> None:
    client = Client()
    before = EntriLedger.objects.count()
    for name, url in addresses(world).items():
        if name not in POST_ONLY:
            answer = client.get(url)
            assert answer.status_code == 302, name
            assert answer["Location"].startswith("/akun/login/"), name
        assert client.post(url, {"hapus": "1"}).status_code in (302, 404, 405), name
    assert EntriLedger.objects.count() == before


def test_a_post_of_the_wrong_role_looks_like_absence_and_changes_nothing(world: dict[str, Any]) -> None:
    before = EntriLedger.objects.count()
    for role in ROLES:
        client = Client()
        client.force_login(world["people"][role])
        for name, url in addresses(world).items():
            if role not in TABLE[name].split():
                status = client.post(url, {"hapus": "1", "kkm": "1"}).status_code
                assert status == 404 or (status == 405 and name not in POST_ONLY), f"{role} {name}: {status}"
    assert EntriLedger.objects.count() == before


# API operation -> (who gets an answer, by name). Written by hand; the operations come from the API itself.
API_TABLE: dict[str, str] = {
    "get /rapor/pembelajaran/{pembelajaran}/{semester}/nilai": "admin kepala guru wali",
    "post /rapor/pembelajaran/{pembelajaran}/{semester}/nilai": "guru",
    "get /rapor/penilaian/{penilaian}/nilai/{anggota}": "kepala guru wali",
    "put /rapor/penilaian/{penilaian}/nilai/{anggota}": "guru",
    "get /rapor/nilai/{nilai_rapor}": "kepala guru wali",
    "get /rapor/nilai/{nilai_rapor}/deskripsi": "kepala guru wali",
    "put /rapor/nilai/{nilai_rapor}/deskripsi": "guru",
    "get /rapor/anggota/{anggota}/{semester}/rapor": "kepala wali",
}
# Open to anyone, also without an account.
API_PUBLIC = {"post /hitung/{nama}"}


def api_operations() -> set[str]:
    return {f"{method.lower()} {path}" for path, one in api.operations(api.api) for method in one.methods}


def test_every_operation_of_the_api_stands_in_the_table() -> None:
    assert api_operations() == API_TABLE.keys() | API_PUBLIC


def test_the_api_refuses_the_wrong_role_like_absence(world: dict[str, Any]) -> None:
    own: Contoh = world["own"]
    mark = NilaiRapor.objects.get()
    places = {
        "pembelajaran": own.matematika.pk,
        "semester": 1,
        "penilaian": own.uh[1].pk,
        "anggota": own.anggota[0].pk,
        "nilai_rapor": mark.pk,
    }
    cell = {"penilaian": own.uh[1].pk, "anggota": own.anggota[0].pk, "nilai": "90", "versi": 0}
    bodies = {"post": {"kunci": "kunci-uji-1", "sel": [cell]}, "put": {"nilai": "91"}}

    def ask(client: Client, operation: str) -> int:
        method, path = operation.split(" ", 1)
        body = {"teks": "Rajin."} if "deskripsi" in path else bodies.get(method)
        known = NilaiRapor.objects.get(pk=mark.pk).versi if "deskripsi" in path else 1
        return int(
            getattr(client, method)(
                f"/api/v1{path.format(**places)}",
                **({"data": body, "content_type": "application/json"} if body else {}),
                headers={"If-Match": f'"{known}"'},
            ).status_code
        )

    wrong = []
    for role in ROLES:
        client = Client()
        client.force_login(world["people"][role])
        for operation, allowed in API_TABLE.items():
            before, status = EntriLedger.objects.count(), ask(client, operation)
            if status != (200 if role in allowed.split() else 404):
                wrong.append(f"{role} {operation}: {status}")
            if status != 200 and EntriLedger.objects.count() != before:
                wrong.append(f"{role} {operation}: wrote something")
    assert wrong == []
    before = EntriLedger.objects.count()
    assert {ask(Client(), operation) for operation in API_TABLE} == {401}
    assert EntriLedger.objects.count() == before


def test_a_guardian_waits_for_the_day_of_handing_over(world: dict[str, Any], settings: Any) -> None:
    own: Contoh = world["own"]
    client = Client()
    client.force_login(own.akun["orang_tua"])
    card = f"/rapor/anggota/{own.anggota[0].pk}/1/"
    assert client.get(card).status_code == 404
    with ledger.record("uji.tanggal", by=ledger.SYSTEM):
        own.semester.tanggal_rapor = own.semester.mulai.replace(year=2020)
        own.semester.save()
    page = client.get(card)
    assert page.status_code == 200
    assert "belum lengkap" in page.content.decode().casefold()
    assert client.get(f"{card}rapor.pdf").status_code == 404, "a draft never leaves the school"
    assert client.get(f"/rapor/anggota/{own.anggota[1].pk}/1/").status_code == 404, "another family's child"


def test_a_guardian_sees_the_mark_and_why_but_not_who_typed_it(world: dict[str, Any]) -> None:
    own: Contoh = world["own"]
    with ledger.record("uji.tanggal", by=ledger.SYSTEM):
        own.semester.tanggal_rapor = own.semester.mulai.replace(year=2020)
        own.semester.save()
    row = NilaiRapor.objects.get()
    guardian = own.akun["orang_tua"]
    assert can(guardian, "lihat", row, field="langkah")
    assert not can(guardian, "lihat", row, field="oleh")
    assert can(own.akun["wali"], "lihat", row, field="oleh")
    assert not can(world["people"]["orang_tua_lain"], "lihat", row, field="langkah")
    client = Client()
    client.force_login(guardian)
    assert client.get(f"/rapor/kenapa/{row.pk}/").status_code == 404, "no final rapor says it yet"
    assert client.get(f"/api/v1/rapor/nilai/{row.pk}").status_code == 404
    with ledger.record("uji.final", by=ledger.SYSTEM):
        final_of(own, 0)
    page = client.get(f"/rapor/kenapa/{row.pk}/").content.decode()
    assert "Matematika" in page
    assert "Gani Guru" not in page
    client.force_login(own.akun["guru"])
    assert "Gani Guru" in client.get(f"/rapor/kenapa/{row.pk}/").content.decode()
    assert client.get(f"/api/v1/rapor/nilai/{row.pk}").status_code == 200


def test_a_role_that_has_ended_opens_nothing(world: dict[str, Any]) -> None:
    own: Contoh = world["own"]
    with ledger.record("uji.akhir", by=ledger.SYSTEM):
        own.akun["kepala"].peran.update(sampai="2021-01-01")
    client = Client()
    client.force_login(Akun.objects.get(pk=own.akun["kepala"].pk))
    assert client.get(f"/rapor/kelas/{own.kelas.pk}/1/").status_code == 404


def test_imports_have_an_owner() -> None:
    assert set(Impor.akses) == {"lihat", "kelola"}

from datetime import date, timedelta

import pytest

from mutu.regulation import cases, params

BAIK = """
id: uji-1
judul: Peraturan uji
sumber: Buku uji
dari: 2007-01-01
sampai: null
parameter:
  batas:
    arti: Batas.
    isi:
      - {dari: 2007-01-01, nilai: 4, sumber: Pasal 1}
      - {dari: 2009-07-01, nilai: 3, sumber: Pasal 2, tafsir: sebab}
"""


def test_value_on_a_date() -> None:
    batas = params.load(BAIK, "uji").parameter["batas"]
    assert (batas.on(date(2007, 1, 1)).nilai, batas.on(date(2009, 6, 30)).nilai) == (4, 4)
    assert (batas.on(date(2009, 7, 1)).nilai, batas.on(date(2030, 1, 1)).nilai) == (3, 3)
    assert batas.on(date(2009, 7, 1)).sumber == "Pasal 2"
    with pytest.raises(params.DateNotCovered, match="2006-12-31"):
        batas.on(date(2006, 12, 31))


@pytest.mark.parametrize(
    ("lama", "baru", "pesan"),
    [
        (
            "nilai: 4, sumber: Pasal 1",
            "nilai: 4, sampai: 2009-06-01, sumber: Pasal 1",
            "gap from 2009-06-02 to 2009-06-30",
        ),
        ("nilai: 4, sumber: Pasal 1", "nilai: 4, sampai: 2009-07-01, sumber: Pasal 1", "overlap from 2009-07-01"),
        ("dari: 2009-07-01", "dari: 2006-07-01", "overlap"),
        ("{dari: 2007-01-01", "{dari: 2007-01-02", "gap"),
        ("sampai: null", "sampai: 2006-01-01", "before it begins"),
        ("sumber: Pasal 2, tafsir: sebab", "sumber: Pasal 2, sampai: 2010-01-01", "gap or overrun"),
        (", sumber: Pasal 1}", "}", "missing sumber"),
        ("sumber: Pasal 1", "sumber: ' '", "names no source"),
        ("nilai: 4,", "nilai: 4.5,", "write decimals as text"),
        ("nilai: 4,", "nilai: 4, nilai: 5,", "given twice"),
        ("tafsir: sebab", "taksir: sebab", "unknown taksir"),
        ("sumber: Buku uji", "sumber: ''", "sumber is empty"),
        ("dari: 2009-07-01", "dari: tadi", "not a date"),
        ("id: uji-1", "id: [", "not YAML"),
    ],
)
def test_a_doubtful_file_is_refused(lama: str, baru: str, pesan: str) -> None:
    assert lama in BAIK
    with pytest.raises(params.ParamsError, match=pesan) as tertangkap:
        params.load(BAIK.replace(lama, baru, 1), "berkas-uji")
    assert "berkas-uji" in str(tertangkap.value)


def _peraturan(kode: str, dari: str, sampai: str) -> params.Peraturan:
    teks = BAIK.replace("id: uji-1", f"id: {kode}").replace("sampai: null", f"sampai: {sampai}")
    teks = "\n".join(baris for baris in teks.splitlines() if "Pasal 2" not in baris)
    return params.load(teks.replace("2007-01-01", dari), kode)


def test_regulations_follow_each_other() -> None:
    dua = [_peraturan("b", "2010-01-01", "null"), _peraturan("a", "2007-01-01", "2009-12-31")]
    kumpulan = params.collect(dua)
    assert [satu.id for satu in kumpulan] == ["a", "b"]
    assert kumpulan.on(date(2009, 12, 31)).id == "a"
    assert kumpulan.on(date(2010, 1, 1)).id == "b"
    with pytest.raises(params.DateNotCovered, match=r"a 2007-01-01 s\.d\. 2009-12-31; b sejak 2010-01-01"):
        kumpulan.on(date(2000, 1, 1))
    with pytest.raises(params.DateNotCovered, match="a, b"):
        kumpulan.with_id("c")


@pytest.mark.parametrize(
    ("sampai", "pesan"), [("2010-01-01", "overlap"), ("null", "overlap"), ("2009-12-30", "gap between a and b")]
)
def test_regulations_that_clash_or_leave_a_hole(sampai: str, pesan: str) -> None:
    with pytest.raises(params.ParamsError, match=pesan):
        params.collect([_peraturan("a", "2007-01-01", sampai), _peraturan("b", "2010-01-01", "null")])


# Statistics follow methods, not a regulation: they hold on every day and have no params (mutu/stats/methods.py).
BERPERATURAN = {subjek: paket for subjek, paket in cases.subjects().items() if subjek != "statistik"}


@pytest.mark.parametrize(("subjek", "paket"), BERPERATURAN.items())
def test_each_date_has_exactly_one_value(subjek: str, paket: str) -> None:
    """From the first value to the end of next year, day by day, over every parameter of every subject.

    Proves that there is no hole and no clash; says nothing about whether an amount is right.
    """
    kumpulan = params.of_package(paket)
    hari = min(satu.dari for satu in kumpulan)
    akhir = date(date.today().year + 1, 12, 31)
    assert hari < akhir
    while hari <= akhir:
        berlaku = [satu for satu in kumpulan if satu.holds(hari)]
        jalur = [satu.jalur for satu in berlaku]
        assert "" in jalur, f"{subjek} {hari}"
        assert len(set(jalur)) == len(jalur), f"{subjek} {hari}"
        for satu in berlaku:
            for parameter in satu.parameter.values():
                assert sum(isi.holds(hari) for isi in parameter.isi) == 1, f"{satu.id} {parameter.nama} {hari}"
        hari += timedelta(days=1)


def _turunan(dasar: str, dari: str, sampai: str = "null", parameter: str = "") -> str:
    isi = parameter or f"  lain:\n    arti: Lain.\n    isi: [{{dari: {dari}, nilai: 1, sumber: Pasal 9}}]"
    return (
        f"id: turunan\njudul: T\nsumber: Buku\ndari: {dari}\nsampai: {sampai}\njalur: lain\ndasar: {dasar}\n"
        f"diverifikasi: false\nparameter:\n{isi}\n"
    )


def _kumpulkan(*teks: str) -> params.Kumpulan:
    return params.collect([params.load(satu, "uji") for satu in teks])


def test_what_is_not_restated_comes_from_the_base_and_says_so() -> None:
    kumpulan = _kumpulkan(BAIK, _turunan("uji-1", "2008-01-01", "2010-06-30"))
    turunan = kumpulan.with_id("turunan")
    batas = turunan.parameter["batas"]
    assert [(isi.dari, isi.sampai, isi.nilai) for isi in batas.isi] == [
        (date(2008, 1, 1), date(2009, 6, 30), 4),
        (date(2009, 7, 1), date(2010, 6, 30), 3),
    ]
    assert batas.isi[0].asal == "Pasal 1 (diambil dari uji-1)"
    assert batas.isi[1].asal == "Pasal 2 (tafsir, diambil dari uji-1)"
    assert turunan.parameter["lain"].isi[0].asal == "Pasal 9 (belum diverifikasi)"
    assert kumpulan.with_id("uji-1").parameter["batas"].isi[0].asal == "Pasal 1"


def test_what_the_base_stated_last_goes_on_after_its_end() -> None:
    tutup = BAIK.replace("sampai: null", "sampai: 2012-06-30")
    turunan = _kumpulkan(tutup, _turunan("uji-1", "2012-07-01")).with_id("turunan")
    (batas,) = turunan.parameter["batas"].isi
    assert (batas.dari, batas.sampai, batas.nilai) == (date(2012, 7, 1), None, 3)


def test_a_restated_parameter_replaces_all_dates_of_the_base() -> None:
    sendiri = "  batas:\n    arti: Batas.\n    isi: [{dari: 2008-01-01, nilai: 2, sumber: Pasal 8, diverifikasi: true}]"
    turunan = _kumpulkan(BAIK, _turunan("uji-1", "2008-01-01", parameter=sendiri)).with_id("turunan")
    assert [(isi.nilai, isi.asal) for isi in turunan.parameter["batas"].isi] == [(2, "Pasal 8")]


@pytest.mark.parametrize(
    ("teks", "pesan"),
    [
        (_turunan("uji-2", "2008-01-01"), "turunan: dasar 'uji-2' is no regulation here"),
        (_turunan("turunan", "2008-01-01"), "circle: turunan -> turunan"),
        (_turunan("uji-1", "2006-01-01"), "batas of uji-1 does not hold yet on 2006-01-01"),
    ],
)
def test_a_doubtful_base_is_refused(teks: str, pesan: str) -> None:
    with pytest.raises(params.ParamsError, match=pesan):
        _kumpulkan(BAIK, teks)


def test_verified_is_yes_or_no() -> None:
    with pytest.raises(params.ParamsError, match="diverifikasi is true or false"):
        params.load(BAIK.replace("sampai: null", "sampai: null\ndiverifikasi: nanti"), "uji")

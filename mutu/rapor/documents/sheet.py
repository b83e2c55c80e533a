"""A card as HTML: the sheet on screen, of one pupil or of a whole class, and the page a browser prints.

It is written here and not in a template because a page may hold five hundred cards with some hundred fields each: the
template engine needs about a microsecond a letter for them, plain text a twentieth of that. The text of a card is
Indonesian whatever the language of the page around it, like the paper itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from mutu.rapor.documents.cards import Card

MISSING = '<em class="gap">belum diisi</em>'
NUMERIC = ("kkm", "nilai")

# Subjects, words and sentences repeat from pupil to pupil.
_safe = lru_cache(maxsize=8192)(escape)


def html(card: Card, *, why: Mapping[str, str] | None = None) -> SafeString:
    """One card as an `<article>`. `why` gives the address of the explanation of a subject's mark, by its name."""
    return mark_safe("".join(_parts(card, why)))  # noqa: S308 - every value goes through `escape`


def html_of(cards: Iterable[Card]) -> SafeString:
    """Many cards after one another."""
    return mark_safe("".join(part for card in cards for part in _parts(card, None)))  # noqa: S308


def _text(value: object) -> str:
    return MISSING if value is None else _safe(str(value))


def _or_dash(value: object) -> str:
    return "–" if value is None else _safe(str(value))


def _parts(card: Card, why: Mapping[str, str] | None) -> list[str]:
    school, pupil = card["sekolah"], card["peserta"]
    title = f"judul-{card['anggota']}"
    facts = [
        ("Nama Sekolah", school["nama"]),
        ("Alamat", school["alamat"]),
        ("Nama", pupil["nama"]),
        ("Nomor Induk", pupil["nomor_induk"]),
        *([("NISN", pupil["nisn"])] if pupil["nisn"] else []),
        ("Kelas", card["kelas"]),
        *([("Fase", card["fase"])] if card["fase"] else []),
        ("Semester", card["semester"]),
        ("Tahun Pelajaran", card["tahun_pelajaran"]),
    ]
    out = [
        f'<article class="sheet" lang="id" aria-labelledby="{title}">',
        f'<h2 id="{title}"><span>{_safe(card["judul"])}</span> <b>{escape(pupil["nama"])}</b></h2>',
    ]
    if card["draf"]:
        out.append('<p class="sheet-draft">DRAF: belum disahkan, bukan rapor resmi</p>')
    out.append(_facts((name, escape(str(value))) for name, value in facts))
    for part in card["bagian"]:
        if part["jenis"] == "nilai":
            out += _marks(card, part, why)
        else:
            out.append(_SECTIONS[part["jenis"]](card, part["judul"]))
    out.append(_signatures(card))
    if card["bukti"]:
        proof = card["bukti"]
        out.append(
            f'<p class="sheet-proof">Periksa keasliannya di {escape(proof["alamat"])}<br>{escape(proof["id"])}</p>'
        )
    out.append("</article>")
    return out


def _facts(pairs: Iterable[tuple[str, str]]) -> str:
    return f'<dl class="facts">{"".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in pairs)}</dl>'


def _marks(card: Card, part: Mapping[str, Any], why: Mapping[str, str] | None) -> list[str]:
    ranah = part.get("ranah") or ""
    columns = [(one["isi"], one["judul"]) for one in card["kolom"]]
    title = part["judul"] or "Nilai mata pelajaran"
    shown = f"<h3>{_safe(part['judul'])}</h3>" if part["judul"] else ""
    heads = "".join(f'<th scope="col"{_NUMBER if name in NUMERIC else ""}>{_safe(head)}</th>' for name, head in columns)
    extra = '<th scope="col" class="no-print">Penjelasan</th>' if why else ""
    out = [
        f'{shown}<div class="table" role="region" aria-label="{_safe(title)}" tabindex="0"><table class="sheet-marks">'
        f"<thead><tr>{heads}{extra}</tr></thead><tbody>"
    ]
    names = [name for name, _ in columns if name not in ("nama", "kkm", "deskripsi")]
    with_kkm = any(name == "kkm" for name, _ in columns)
    for row in card["mapel"]:
        own = row["ranah"][ranah] if ranah else row
        group = f'<br><span class="muted small">{_safe(row["kelompok"])}</span>' if row["kelompok"] else ""
        cells = [f'<tr><th scope="row">{_safe(row["nama"])}{group}</th>']
        if with_kkm:
            cells.append(f"<td{_NUMBER}>{_text(row['kkm'])}</td>")
        for name in names:
            value = _text(own[name])
            cells.append(f"<td{_NUMBER}><b>{value}</b></td>" if name == "nilai" else f'<td class="words">{value}</td>')
        words = _text(own["deskripsi"])
        if row["manual"] and not ranah:
            words += ' <span class="no-print muted small">(ditulis guru)</span>'
        cells.append(f'<td class="told">{words}</td>')
        if why:
            link = why.get(row["nama"])
            inside = f'<a href="{escape(link)}" aria-label="Kenapa? {_safe(row["nama"])}">Kenapa?</a>' if link else ""
            cells.append(f'<td class="no-print">{inside}</td>')
        cells.append("</tr>")
        out.append("".join(cells))
    out.append("</tbody></table></div>")
    return out


_NUMBER = ' class="number"'


def _table(title: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{_safe(title)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _activities(card: Card, title: str) -> str:
    rows = [
        (
            escape(one["nama"]),
            _text(one["nilai"]) + (f" ({_safe(one['sebutan'])})" if one["sebutan"] else ""),
            _or_dash(one["keterangan"]),
        )
        for one in card["pengembangan"]
    ]
    return _table(title, ("Jenis kegiatan", "Nilai", "Keterangan"), rows or [("–", "–", "–")])


def _character(card: Card, title: str) -> str:
    rows = card["sikap"]
    named, told = (any(one[key] for one in rows) for key in ("pakai_kategori", "uraian"))
    told = told or not named
    heads = ("Aspek", *(["Kategori"] if named else []), *(["Deskripsi"] if told else []))
    return _table(
        title,
        heads,
        [
            (
                _safe(one["judul"]),
                *([_text(one["kategori"])] if named else []),
                *([_text(one["uraian"])] if told else []),
            )
            for one in rows
        ],
    )


def _absences(card: Card, title: str) -> str:
    def days(value: str | None) -> str:
        return MISSING if value is None else "–" if value == "-" else f"{_safe(value)} hari"

    own = card["ketidakhadiran"]
    labels = (("Sakit", "sakit"), ("Izin", "izin"), ("Tanpa keterangan", "tanpa_keterangan"))
    return f"<h3>{_safe(title)}</h3>{_facts((label, days(own[name])) for label, name in labels)}"


def _achievements(card: Card, title: str, name: str = "prestasi") -> str:
    rows = [(escape(one["nama"]), _or_dash(one["peringkat"]), _safe(one["tanggal"])) for one in card[name]]
    return _table(title, ("Lomba atau kegiatan", "Peringkat", "Tanggal"), rows or [("–", "–", "–")])


def _special(card: Card, title: str) -> str:
    return _achievements(card, title, "catatan_khusus")


def _note(card: Card, title: str) -> str:
    return f'<div class="sheet-box"><h3>{_safe(title)}</h3><p>{_or_dash(card["catatan_wali"])}</p></div>'


def _decision(card: Card, title: str) -> str:
    made = card["keputusan"]
    return (
        f'<div class="sheet-box"><h3>{_safe(title)}</h3>'
        f"<p>{_safe(made['dasar'])} <b>{_text(made['kalimat'])}</b>.</p></div>"
    )


def _signatures(card: Card) -> str:
    signed = card["tanda_tangan"]
    homeroom = signed["wali_kelas"]
    nip = f"<br>NIP {_safe(homeroom['nip'])}" if homeroom["nip"] else ""
    return (
        '<div class="sheet-sign">'
        f"<p>Mengetahui:<br>Orang Tua/Wali<b>{escape(signed['orang_tua']['nama'] or '')}</b></p>"
        f"<p>{_safe(signed['tempat_tanggal'])}<br>Wali Kelas<b>{_safe(homeroom['nama'] or '')}</b>{nip}</p></div>"
    )


_SECTIONS = {
    "pengembangan": _activities,
    "sikap": _character,
    "ketidakhadiran": _absences,
    "prestasi": _achievements,
    "catatan_khusus": _special,
    "catatan_wali": _note,
    "keputusan": _decision,
}

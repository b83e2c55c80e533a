"""The rows of the mark grid as HTML.

They are written here and not in a template because they are most of the page: a class of 40 with 6 columns has 240
inputs with a dozen values each, for which the template engine needs 25 ms, plain text not even one. A cell to type in
is the same as in `web/bagian/kisi_sel.html`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

Figure = tuple[str, str, bool]
"""A figure of the stored result as `marks.result_row` names it, its heading, and whether it is a number."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """The mark as text, its version (0: there has never been one), and why the text was not saved, if so."""

    nilai: str
    versi: int
    pesan: str = ""


@dataclass(frozen=True, slots=True)
class GridRow:
    """A pupil's cells in the order of the columns, and the stored result as `marks.result_row` gives it."""

    anggota: int
    nama: str
    cells: Sequence[GridCell]
    hasil: dict[str, Any] | None


Draw = Callable[[int, int, str, GridCell], str]
"""Column, pupil, label (escaped) and cell -> what stands in the `<td>`."""


def rows_html(
    rows: Iterable[GridRow],
    columns: Sequence[tuple[int, str]],
    figures: Sequence[Figure],
    *,
    editable: bool,
    may_explain: bool,
    long_sentences: bool,
) -> SafeString:
    """The `<tr>` of all pupils. `columns` gives key and heading of each; `long_sentences` widens descriptions.

    `editable` gives inputs; `may_explain` links from a mark to its history and from a result to its steps.
    """
    draw = _input if editable else _history_links(columns) if may_explain else _plain
    titles = [(number, escape(title)) for number, title in columns]
    opened = [
        (name, _opening(name, numeric, long_sentences), "–" if numeric else "") for name, _title, numeric in figures
    ]
    why = escape(_("Kenapa?"))
    out = []
    for row in rows:
        name, shown = escape(row.nama), row.hasil or {}
        out.append(f'<tr><th scope="row" class="name">{name}</th>\n')
        for (number, title), cell in zip(titles, row.cells, strict=True):
            out.append(f"<td>{draw(number, row.anggota, f'{name}, {title}', cell)}</td>\n")
        for key, opening, nothing in opened:
            value = shown.get(key)
            out.append(f'{opening}{row.anggota}">{nothing if value is None else escape(str(value))}</td>\n')
        door = f' href="{escape(shown["kenapa"])}"' if shown else ""
        link = f'<a data-hasil="kenapa" data-anggota="{row.anggota}"{door} aria-label="{why} {name}">{why}</a>'
        out.append(f'<td class="text">{link if may_explain else ""}</td></tr>\n')
    return mark_safe("".join(out))  # noqa: S308 - every text goes through `escape`


def _opening(name: str, numeric: bool, long_sentences: bool) -> str:
    """The start of a figure's cell up to the key of the pupil."""
    words = "text sentence long" if long_sentences else "text sentence"
    kind = "number" if numeric else words if name.endswith("deskripsi") else "text"
    return f'<td class="{kind}" data-hasil="{name}" data-anggota="'


def _input(column: int, pupil: int, label: str, cell: GridCell) -> str:
    place = f"{column}-{pupil}"
    fault = note = ""
    if cell.pesan:
        fault = f' aria-invalid="true" aria-describedby="p-{place}"'
        note = f'<span class="cell-note" id="p-{place}">{escape(cell.pesan)}</span>'
    return (
        f'<input type="text" inputmode="decimal" autocomplete="off" name="n-{place}" id="n-{place}" '
        f'value="{escape(cell.nilai)}" data-penilaian="{column}" data-anggota="{pupil}" data-versi="{cell.versi}" '
        f'aria-label="{label}"{fault}><input type="hidden" name="v-{place}" value="{cell.versi}">{note}'
    )


def _plain(_column: int, _pupil: int, _label: str, cell: GridCell) -> str:
    return escape(cell.nilai) or "–"


def _history_links(columns: Iterable[tuple[int, str]]) -> Draw:
    doors = {number: reverse("rapor-riwayat", args=[number, 0]).removesuffix("0/") for number, _title in columns}
    word = escape(_("Riwayat"))

    def draw(column: int, pupil: int, label: str, cell: GridCell) -> str:
        if not cell.versi:
            return "–"
        value = escape(cell.nilai)
        return f'<a href="{doors[column]}{pupil}/" aria-label="{word} {label}: {value}">{value or "–"}</a>'

    return draw
